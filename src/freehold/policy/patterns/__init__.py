"""Policy text as patterns: cut into pieces, and made into tests of a text."""

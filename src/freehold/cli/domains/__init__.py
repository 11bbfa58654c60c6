"""``freehold domains`` and ``freehold domain``: domains seen, removed, saved and brought back."""

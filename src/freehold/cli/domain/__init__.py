"""``freehold domain``: the word that takes one domain, whatever is done with it."""

"""The command ``freehold``: a file a word. Prints; everything it knows comes from below."""

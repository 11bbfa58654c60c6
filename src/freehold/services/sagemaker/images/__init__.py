"""Images that people bring: their versions and aliases, and how apps use them."""

"""``freehold quick-setup``: one isolated domain with its people, in one command."""

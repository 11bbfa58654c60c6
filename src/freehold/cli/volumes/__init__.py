"""``freehold volumes``: file systems of domains, also of those that are gone."""

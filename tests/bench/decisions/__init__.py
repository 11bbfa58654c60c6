"""How fast the policy engine decides, and how fast another does: see ``__main__.py``."""

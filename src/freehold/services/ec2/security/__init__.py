"""Security groups: the groups, what a permission says, and the rules made of permissions."""

"""People and what proves who they are: users, groups, access keys, passwords, MFA devices."""

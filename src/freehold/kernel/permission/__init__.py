"""Who may: identities, their credentials and roles, and what policy answers to a call."""

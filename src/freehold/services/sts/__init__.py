"""STS: who am I, and temporary credentials: of a role, of a user, of a federated user.

Nothing is stored: ``kernel/permission/identity.py`` seals everything into the token. Whoever asks
from inside a domain gets a session of the same origin: it cannot be washed off (design decision 5).
"""

from __future__ import annotations

from freehold.services.sts import messages, roles, users, web_identity
from freehold.services.sts.callers import sts

__all__ = ["messages", "roles", "sts", "users", "web_identity"]

"""IAM: users, keys, roles, groups, policies, and who holds which. One noun a file.

``iam`` is the service for the catalogue, ``seed`` what every account has from its first day.
"""

from __future__ import annotations

from freehold.services.iam import (
    access_keys,
    attachments,
    groups,
    inline,
    policies,
    roles,
    simulation,
    tags,
    users,
)
from freehold.services.iam.entities import iam
from freehold.services.iam.managed import seed

__all__ = [
    "access_keys",
    "attachments",
    "groups",
    "iam",
    "inline",
    "policies",
    "roles",
    "seed",
    "simulation",
    "tags",
    "users",
]

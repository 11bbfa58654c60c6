"""IAM: users, keys, roles, groups, policies, and who holds which. One noun a file.

``iam`` is the service for the catalogue, ``seed`` what every account has from its first day.
"""

from __future__ import annotations

from freehold.services.iam import attachments, inline, policies, providers, tags
from freehold.services.iam.account import details, report, summary
from freehold.services.iam.entities import iam
from freehold.services.iam.managed import seed
from freehold.services.iam.people import (
    access_keys,
    groups,
    login_profiles,
    mfa_devices,
    renames,
    sign_in,
    users,
)
from freehold.services.iam.roles import instance_profiles, roles, service_linked
from freehold.services.iam.simulation import context_keys, simulation

__all__ = [
    "access_keys",
    "attachments",
    "context_keys",
    "details",
    "groups",
    "iam",
    "inline",
    "instance_profiles",
    "login_profiles",
    "mfa_devices",
    "policies",
    "providers",
    "renames",
    "report",
    "roles",
    "seed",
    "service_linked",
    "sign_in",
    "simulation",
    "summary",
    "tags",
    "users",
]

"""Which settings govern an app: the domain's, its owner's and its space's, laid over each other.

Input: documents as the API keeps them. Output: one document of UserSettings' or
DefaultSpaceSettings' shape. Asked by CreateApp and by the loop that runs apps. Pure.
Facts: domains.md 1.4.
"""

from __future__ import annotations

import copy
from typing import Any

Document = dict[str, Any]

ADDED = frozenset({"SecurityGroups"})  # lists that are joined, not replaced


def effective_settings(
    domain: Document, profile_or_space: Document, owner: Document | None = None
) -> Document:
    """What holds for the apps of a profile or a space.

    A profile: its UserSettings over the domain's DefaultUserSettings. A private space: the same of
    its owner, and the space's own on top. Any other space: its own over DefaultSpaceSettings.
    Structures are laid over each other member by member, lists are replaced, but security groups
    are added together. Nothing given is changed, and no default is invented.

    Args:
        domain: The domain's document.
        profile_or_space: The document of either; a space has a ``SpaceName``.
        owner: The document of the profile that owns a private space; None if it is gone, in which
            case the domain's DefaultUserSettings hold.
    """
    if "SpaceName" not in profile_or_space:
        return laid_over(
            domain.get("DefaultUserSettings", {}), profile_or_space.get("UserSettings", {})
        )
    own = profile_or_space.get("SpaceSettings", {})
    if not is_private(profile_or_space):
        return laid_over(domain.get("DefaultSpaceSettings", {}), own)
    users = laid_over(domain.get("DefaultUserSettings", {}), (owner or {}).get("UserSettings", {}))
    return laid_over(users, own)


def is_private(space: Document) -> bool:
    """Whether a space is one person's own; one without an owner is shared."""
    return bool(space.get("SpaceSharingSettings", {}).get("SharingType") == "Private")


def laid_over(under: Document, over: Document) -> Document:
    """``over`` on ``under``, as a document of its own."""
    found = copy.deepcopy(under)
    for key, value in over.items():
        known = found.get(key)
        if isinstance(value, dict) and isinstance(known, dict):
            found[key] = laid_over(known, value)
        elif key in ADDED and isinstance(known, list):
            found[key] = list(dict.fromkeys([*known, *value]))
        else:
            found[key] = copy.deepcopy(value)
    return found

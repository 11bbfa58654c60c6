"""What a look at a policy finds, and what must be known of AWS's actions and keys to look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, Protocol

Trap = Literal[
    "absent-is-allowed",
    "beside-broad-grant",
    "deny-is-silent",
    "dead-key",
    "everyone",
    "key-without-value",
    "mfa-unseen",
    "never-confined",
    "not-action",
    "not-principal",
    "not-resource",
    "pass-role",
    "plain-over-list",
    "shared-create-condition",
    "unknown-action",
    "unscoped-tagging",
    "vacuous-set",
    "variables-of-2008",
    "wildcard-in-type",
]


class Finding(NamedTuple):
    """One trap. ``statement``: Sid, or ``#`` and the place from 0; ``instead``: the cure."""

    trap: Trap
    statement: str
    message: str
    instead: str


class ActionFacts(NamedTuple):
    """What AWS says of an action.

    Attributes:
        name: In AWS's spelling, without its service.
        keys: Condition keys that it or its resources know, in lower case; those of tags end
            with ``/``.
        is_confinable: It can be granted on some resources and not on others.
    """

    name: str
    keys: frozenset[str]
    is_confinable: bool


class Facts(Protocol):
    """What AWS says of its services; the command line reads it from maintained data."""

    def actions(self, service: str) -> Mapping[str, ActionFacts] | None:
        """All actions of a service by name in lower case; None if there is no such service."""

    def is_multi_valued(self, key: str) -> bool:
        """Whether a condition key holds a list."""

"""One way over: an actor may do something to a domain's things.

Made by the rest of this room, read by ``report.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from freehold.isolation.asking.actors import Member
from freehold.isolation.asking.field import Answer
from freehold.isolation.asking.forms import Form
from freehold.policy.decision import Decision


@dataclass(frozen=True, slots=True)
class Crossing:
    """An actor may do something to a domain's things.

    Attributes:
        owner: Id of the domain whose things they are.
        example: ARN of one of them, of ``count`` that are alike.
        decision: The engine's, with policy and statement.
        witness: What the caller chose for it.
        is_exact: False where the search was cut off: then it is possible, not proven.
        readers: Domains that read the same by their own settings.
        sources: Owners of what is handed over, where that is how it reaches (own things retagged).
    """

    form: Form
    owner: str
    example: str
    count: int
    decision: Decision
    member: Member
    witness: Mapping[str, Any]
    is_exact: bool = True
    readers: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()


def crossing_of(
    form: Form,
    owner: str,
    example: str,
    count: int,
    answer: Answer,
    readers: frozenset[str] = frozenset(),
) -> Crossing:
    """A crossing by what the engine answered; ``count`` things are alike."""
    decision = answer.decisions[0] if answer.decisions else Decision("implicitDeny")
    return Crossing(
        *(form, owner, example, count, decision, answer.member, answer.witness),
        is_exact=answer.is_exact,
        readers=readers,
    )

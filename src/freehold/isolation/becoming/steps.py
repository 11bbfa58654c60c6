"""One step from one principal to another, with the decision that lets it.

Made by ``reach.py`` and ``escalation.py``; read by ``report.py``, which writes chains of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from freehold.isolation.asking.actors import Actor
from freehold.isolation.asking.field import Answer
from freehold.policy.decision import Decision

ACTIONS = {"assume": "sts:AssumeRole", "pass": "iam:PassRole"}


@dataclass(frozen=True, slots=True)
class Step:
    """How one actor becomes another. ``how``: assume, pass, key, trust, policy, group, unbound."""

    how: str
    text: str
    source: Actor
    decision: Decision
    action: str
    on: str
    is_exact: bool = True


def step_of(how: str, text: str, actor: Actor, answer: Answer, on: str, action: str = "") -> Step:
    """A step that was found to be allowed. ``action``: where ``how`` does not tell it."""
    decision = answer.decisions[0] if answer.decisions else Decision("implicitDeny")
    return Step(how, text, actor, decision, action or ACTIONS[how], on, answer.is_exact)

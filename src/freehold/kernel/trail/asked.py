"""What an entry keeps of how it was decided: the questions that policy was asked, and its answers.

From an entry to plain documents, for ``services/cloudtrail``. The form that is kept is told in
``kernel/audit.py``.
"""

from __future__ import annotations

from typing import Any, Literal

from freehold.policy.decision import Decision, said
from freehold.store.audit import Entry
from freehold.store.records import Document, decode

Outcome = Literal["allowed", "refused", "failed"]


def request(entry: Entry) -> Document | None:
    """What was asked for, without its secrets; None where nobody read it."""
    kept: Document | None = None if entry.request is None else decode(entry.request)
    return kept


def decisions(entry: Entry) -> list[Document]:
    """Each question with its answer, in the order of asking; the last one of a refusal refused."""
    return [_told(row) for row in _kept(entry)[0]]


def context(entry: Entry) -> Document:
    """The condition keys of the question that was refused; empty where none was."""
    kept = _kept(entry)
    found: Document = kept[1] if len(kept) > 1 else {}
    return found


def outcome(entry: Entry) -> Outcome:
    """refused: by policy; failed: for another reason, which the error tells."""
    rows = _kept(entry)[0]
    if rows and rows[-1][2] != "allow":
        return "refused"
    return "failed" if entry.error_code else "allowed"


def _kept(entry: Entry) -> list[Any]:
    return [[]] if entry.decision is None else list(decode(entry.decision))


def _told(row: list[Any]) -> Document:
    action, arn, effect, layer, policy, statement, missing = row[:7]
    decision = Decision(effect, layer, policy, statement, tuple(missing))
    found: Document = {"action": action, "resource": arn, "effect": decision.effect}
    for name in ("layer", "policy", "statement"):
        if getattr(decision, name) is not None:
            found[name] = getattr(decision, name)
    if decision.missing:
        found["missing"] = list(decision.missing)
    return found | {"says": said(decision)}

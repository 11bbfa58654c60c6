"""What an audit entry and today's policies say about why a call went as it did.

From an entry of the log and the database it stands in to a plain document, which ``explain.py``
prints. The decision itself is quoted, never made again; what did not hold is found by today's
policies, under the condition keys that the refused call had.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from freehold.auth.principal import Principal
from freehold.base.clock import iso
from freehold.cli.access import stored
from freehold.cli.access.misses import misses
from freehold.cli.access.stored import Stored
from freehold.kernel.budgets import kept as budgets
from freehold.kernel.permission import identity, things
from freehold.kernel.permission.access import Access
from freehold.policy.context import Clash, Context
from freehold.policy.decision import Decision, said
from freehold.store.audit import Entry
from freehold.store.records import Document, Record, decode
from freehold.store.unit import Unit

STRANGER = "unauthenticated"


def evidence(unit: Unit, entry: Entry) -> Document:
    """All that is known of one call, as a document that JSON can hold."""
    kept = decode(entry.decision) if entry.decision else None
    asked = [] if kept is None else [_decision(one) for one in kept[0]]
    context = _context(kept[1]) if kept is not None and len(kept) > 1 else None
    holder = holder_of(unit, entry.principal)
    refused = bool(asked) and not asked[-1][2].is_allowed
    questions = [
        _question(unit, entry, holder, one, context if one is asked[-1] else None) for one in asked
    ]
    return {
        "RequestId": entry.request_id,
        "At": iso(entry.at, millis=True),
        "Outcome": "refused" if refused else ("failed" if entry.error_code else "allowed"),
        "Principal": entry.principal,
        "Origin": entry.origin,
        "AccessKeyId": entry.access_key or None,
        "SourceIp": entry.source_ip or None,
        "UserAgent": entry.user_agent or None,
        "Service": entry.service,
        "Operation": entry.operation,
        "Resource": entry.resource,
        "Request": decode(entry.request) if entry.request else None,
        "ErrorCode": entry.error_code,
        "Error": entry.error,
        "Summary": _summary(entry, asked, refused=refused),
        "Questions": questions,
    }


_Asked = tuple[str, str, Decision]


def _decision(row: list[Any]) -> _Asked:
    action, arn, effect, layer, policy, statement, missing = row[:7]
    return action, arn, Decision(effect, layer, policy, statement, tuple(missing))


def _context(named: dict[str, Any]) -> dict[str, Any]:
    """As it was asked: JSON has one kind of list, the engine two."""
    return {
        key: (Clash if "tag/" in key else tuple)(value) if isinstance(value, list) else value
        for key, value in named.items()
    }


def holder_of(unit: Unit, principal: str) -> Record | None:
    """The user or role behind the caller, if it is still there."""
    parts = principal.split(":", 5)
    if len(parts) == 6 and parts[5].startswith("assumed-role/"):
        return unit.named(identity.ROLE, parts[5].split("/")[1])
    return unit.find(principal)


def _summary(entry: Entry, asked: list[_Asked], *, refused: bool) -> str:
    if entry.principal == STRANGER:
        return "The caller could not be told by the signature, so no policy was asked."
    if refused:
        return "Policy refused it."
    if asked and entry.error_code:
        return "Policy allowed it. It was refused afterwards, for the reason that the answer gives."
    if asked:
        return "Policy allowed it."
    if entry.principal.endswith(":root"):
        return "The account's root asked: no policy binds it, so none was asked."
    if entry.error_code:
        return "It was refused before any policy was asked, for the reason that the answer gives."
    return "No policy was asked: the call needs no permission, or it is older than this log is."


def _question(
    unit: Unit, entry: Entry, holder: Record | None, asked: _Asked, context: Context | None
) -> Document:
    action, arn, decision = asked
    found: Document = {
        "Action": action,
        "Resource": arn,
        "Effect": decision.effect,
        "Layer": decision.layer,
        "Policy": decision.policy,
        "Statement": decision.statement,
        "Missing": list(decision.missing),
        "Says": said(decision),
        "Notes": [],
    }
    if decision.effect == "implicitDeny":
        _add_missing(found, unit, holder, asked, context)
    else:
        _add_statement(found, unit, entry, holder, decision)
    if decision.effect == "explicitDeny" and decision.policy:
        found["Notes"] += budgets.notes(unit, decision.policy)
    if context is not None:
        found["Context"] = context
        found["Notes"] += _today(unit, entry, holder, asked, context)
    return found


# -- a statement that decided ---------------------------------------------------------------------


def _add_statement(
    found: Document, unit: Unit, entry: Entry, holder: Record | None, decision: Decision
) -> None:
    if decision.layer is None:
        return
    policy = _policy(unit, holder, decision)
    if policy is None:
        reason = "is not kept" if decision.layer == "session" else "no longer exists"
        found["Notes"].append(f"The policy {reason}, so its statement cannot be shown.")
        return
    found["Place"] = policy.place
    if policy.changed > entry.at:
        what = policy.place if policy.arn else "its holder"
        found["Notes"].append(
            f"Changed since: {what}, at {iso(policy.changed)}. What is shown is today's text."
        )
    found["StatementText"] = statement_text(policy.text, decision.statement or "")
    if found["StatementText"] is None:
        found["Notes"].append("The policy has no such statement any more.")


def _policy(unit: Unit, holder: Record | None, decision: Decision) -> Stored | None:
    name = decision.policy or ""
    if decision.layer in ("resource", "trust"):
        record = unit.find(name)
        return None if record is None else stored.on(record)
    if name.startswith("arn:"):
        return stored.managed(unit, name)
    if decision.layer != "identity" or holder is None:
        return None
    policies = stored.of_holder(unit, holder)
    return next((one for one in policies if one.arn is None and one.name == name), None)


def statement_text(text: str, label: str) -> str | None:
    """The JSON of the statement of this Sid, or at this place (``#0``); None if there is none."""
    try:
        statements = json.loads(text)["Statement"]
    except (ValueError, KeyError, TypeError):
        return None
    statements = statements if isinstance(statements, list) else [statements]
    for index, one in enumerate(statements):
        if (one.get("Sid") or f"#{index}") == label:
            return json.dumps(one, indent=2, ensure_ascii=False)
    return None


# -- what did not allow ---------------------------------------------------------------------------


def _add_missing(
    found: Document, unit: Unit, holder: Record | None, asked: _Asked, context: Context | None
) -> None:
    action, arn, decision = asked
    found["Looked"] = []
    found["Nearly"] = []
    for layer in decision.missing:
        if layer == "session":
            found["Notes"].append(
                "The session brought policies of its own, given when it was asked for; they are "
                "not kept, so what they lack cannot be shown."
            )
            continue
        for policy in _of_layer(unit, holder, layer, arn):
            found["Looked"].append(policy.place)
            missed = misses(policy.text, policy.kind, action, arn, context or {})
            if missed is None:
                found["Notes"].append(f"The {policy.place} cannot be read: it denies everything.")
            for miss in missed or () if context is not None else ():
                reasons = list(miss.reasons) or [_else(policy)]
                near = {"Place": policy.place, "Statement": miss.statement, "Reasons": reasons}
                found["Nearly"].append(near)
    if holder is None and "identity" in decision.missing:
        found["Notes"].append("The caller no longer exists, so its policies cannot be shown.")


def _of_layer(unit: Unit, holder: Record | None, layer: str, arn: str) -> Iterator[Stored]:
    one: Stored | None = None
    if layer == "identity" and holder is not None:
        yield from stored.of_holder(unit, holder)
    elif layer == "boundary" and holder is not None:
        one = stored.boundary(unit, holder)
    elif layer in ("resource", "trust"):
        one = stored.guarding(unit, arn)
    if one is not None:
        yield one


def _else(policy: Stored) -> str:
    """Why a statement does not allow whose action, resource and conditions all hold."""
    if policy.kind in ("trust", "resource"):
        return "it does not name this caller"
    return "as it stands today it would allow: it was changed since"


def _today(
    unit: Unit, entry: Entry, holder: Record | None, asked: _Asked, context: Context
) -> list[str]:
    """Whether the refused question would be answered otherwise now."""
    action, arn, decision = asked
    layers_told = {decision.layer, *decision.missing}
    if holder is None or layers_told & {"trust", "session"}:
        return []
    principal = _principal(entry, holder, context)
    access = Access()
    guard = next(
        (record for name in (arn, arn.partition("/")[0]) if (record := unit.find(name))), None
    )
    layers = access.layers(unit, principal)._replace(resource=things.layer(unit, guard))
    if not access.ask(principal, layers, action, arn, dict(context)).is_allowed:
        return []
    return ["Asked now it would be allowed: policies were changed since."]


def _principal(entry: Entry, holder: Record, context: Context) -> Principal:
    is_role = holder.kind == identity.ROLE
    return Principal(
        kind="session" if is_role else "user",
        arn=entry.principal,
        account_id=str(context.get("aws:principalaccount", "")),
        unique_id=holder.uid,
        access_key_id=entry.access_key,
        role_arn=holder.arn if is_role else None,
        role_name=holder.name if is_role else None,
    )

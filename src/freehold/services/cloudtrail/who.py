"""The ``userIdentity`` of a record: who made a call, as far as the log and today's records tell.

Source: CloudTrail User Guide, "CloudTrail userIdentity element".
"""

from __future__ import annotations

from typing import Any

from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import identity
from freehold.kernel.trail import Entry, asked, terms

ISSUED, MFA = "aws:tokenissuetime", "aws:multifactorauthpresent"


def identity_of(call: Call, entry: Entry) -> Document:
    """The element. A unique id is told only of who was there already when the call was made."""
    arn = entry.principal
    if arn.endswith(terms.SERVICE_SUFFIX):
        return {"type": "AWSService", "invokedBy": arn}
    if not arn.startswith("arn:"):
        found: Document = {"type": "Unknown", "accountId": ""}
        return found | ({"accessKeyId": entry.access_key} if entry.access_key else {})
    account, tail = arn.split(":", 5)[4:]
    found = {"type": _type(tail), "principalId": account, "arn": arn, "accountId": account}
    if entry.access_key:
        found["accessKeyId"] = entry.access_key
    kind = tail.partition("/")[0]
    if kind == "user":
        _add_user(found, call, entry)
    elif kind == "assumed-role":
        _add_session(found, call, entry, tail)
    elif kind == "federated-user":
        found["principalId"] = f"{account}:{tail.partition('/')[2]}"
    return found


def _type(tail: str) -> str:
    kinds = {"root": "Root", "user": "IAMUser", "assumed-role": "AssumedRole"}
    kinds["federated-user"] = "FederatedUser"
    return kinds.get(tail.partition("/")[0], "Unknown")


def _add_user(found: Document, call: Call, entry: Entry) -> None:
    record = _then(call.unit.find(entry.principal), entry)
    found["userName"] = terms.username(entry)
    found |= {"principalId": record.uid} if record is not None else {}
    if record is None:
        found.pop("principalId")
    if session := _session(entry):
        found["sessionContext"] = {"attributes": session}


def _add_session(found: Document, call: Call, entry: Entry, tail: str) -> None:
    _, name, session = tail.split("/", 2)
    known = call.unit.named(identity.ROLE, name)
    role = _then(known, entry)
    account = found["accountId"]
    issuer: Document = {"type": "Role"}
    if role is not None:
        issuer |= {"principalId": role.uid, "arn": role.arn}
        found["principalId"] = f"{role.uid}:{session}"
    else:
        found.pop("principalId")
    issuer |= {"accountId": account, "userName": name}
    found["sessionContext"] = {"sessionIssuer": issuer}
    if attributes := _session(entry):
        found["sessionContext"]["attributes"] = attributes


def _then(record: Record | None, entry: Entry) -> Record | None:
    """The record, if it is older than the call: a later one of that name is somebody else."""
    return record if record is not None and record.created <= entry.at else None


def _session(entry: Entry) -> dict[str, Any]:
    """When a session was begun and whether with MFA: the log tells it of refusals only."""
    context = asked.context(entry)
    if ISSUED not in context:
        return {}
    return {
        "creationDate": context[ISSUED],
        "mfaAuthenticated": str(context.get(MFA, "false")).lower(),
    }

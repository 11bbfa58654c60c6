"""One audit entry a call: a write's in its own transaction, others a second later at most.

From a call that ended to a row of ``store/audit.py``, which ``freehold explain`` reads.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from freehold.base import ids
from freehold.base.errors import Fault
from freehold.store.audit import Entry
from freehold.store.records import Document, encode
from freehold.wire import names

if TYPE_CHECKING:
    from freehold.kernel.call import Call

REQUEST_BYTES_MAX = 16 * 1024
WAITING_MAX = 50_000
STRANGERS_MAX = 200  # entries of callers who failed to authenticate, per flush
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"  # CloudTrail's own word


def entry(call: Call, fault: Fault | None) -> Entry:
    """The entry of a call that ended, well or with ``fault``; the code is the one the client saw.

    Its ``decision`` is None where policy was not asked (the account's root), else ``[asked]`` or,
    of a refusal, ``[asked, context]``: each question as ``[action, ARN, effect, layer, policy,
    statement, [missing layers]]`` (see ``Decision``), and the condition keys of the refused one.
    """
    principal = call.principal
    return Entry(
        at=call.now,
        request_id=call.request_id,
        service=call.operation.service.prefix,
        operation=call.operation.name,
        principal=principal.arn,
        access_key=principal.access_key_id,
        origin=None if principal.origin is None else principal.origin.arn,
        source_ip=call.source_ip,
        user_agent=call.user_agent,
        resource=call.resource_arn,
        error_code=None if fault is None else _code(call, fault),
        error=None if fault is None else fault.message[:1024],
        request=_request(call),
        decision=_decision(call) if call.decisions else None,
    )


def stranger(
    at: float,
    fault: Fault,
    *,
    service: str,
    operation: str,
    access_key: str,
    source_ip: str,
    request_id: str,
) -> Entry:
    """The entry of a request whose signature does not hold; what it says is only claimed."""
    return Entry(
        at=at,
        request_id=request_id,
        service=service,
        operation=operation,
        principal="unauthenticated",
        access_key=access_key,
        origin=None,
        source_ip=source_ip,
        user_agent=None,
        resource=None,
        error_code=fault.code or type(fault).__name__,
        error=fault.message[:1024],
        request=None,
    )


def of_service(
    at: float,
    service: str,
    name: str,
    resource: str,
    *,
    request: Document | None = None,
    user_agent: str | None = None,
    fault: Fault | None = None,
) -> Entry:
    """The entry of what a loop did by itself, on somebody's behalf: an ``AwsServiceEvent``.

    Written in the transaction of what was done, by ``store.audit.append``.

    Args:
        at: Epoch seconds.
        service: Prefix of the service that acts, such as ``sagemaker``.
        name: What it did; AWS's name where AWS does it, too.
        resource: ARN of what it did it to.
        request: Why and with what, for people to read.
        user_agent: Which part of the house acted, for people to read.
        fault: Why it could not be done.
    """
    return Entry(
        at=at,
        request_id=ids.request_id(),
        service=service,
        operation=name,
        principal=f"{service}.amazonaws.com",
        access_key="",
        origin=None,
        source_ip=None,
        user_agent=user_agent,
        resource=resource,
        error_code=None if fault is None else fault.code or type(fault).__name__,
        error=None if fault is None else fault.message[:1024],
        request=None if request is None else encode(request),
    )


def _code(call: Call, fault: Fault) -> str:
    service = call.operation.model.service
    return names.code(service, service.protocol, fault)


def _decision(call: Call) -> bytes:
    asked = [(action, arn, *decision) for action, arn, decision in call.decisions]
    if call.refused_context is None:
        return encode([asked])
    return encode([asked, call.refused_context])


def _request(call: Call) -> bytes | None:
    request: Document = call.request
    if call.operation.secrets:
        request = {
            key: HIDDEN if key in call.operation.secrets else value
            for key, value in request.items()
        }
    text = encode(request)
    return text if len(text) <= REQUEST_BYTES_MAX else encode({"_": "request too long to keep"})


class Waiting:
    """Entries that need no transaction of their own: reads, refusals, strangers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._strangers = 0
        self.dropped = 0

    def add(self, entry: Entry, *, is_stranger: bool = False) -> None:
        """Keep an entry until the next flush; beyond the bounds it is counted, not kept."""
        with self._lock:
            is_full = len(self._entries) >= WAITING_MAX
            if is_full or (is_stranger and self._strangers >= STRANGERS_MAX):
                self.dropped += 1
                return
            self._strangers += is_stranger
            self._entries.append(entry)

    def put_back(self, entries: list[Entry]) -> None:
        """Entries that could not be written wait again, ahead of the others, within the bound."""
        with self._lock:
            room = max(0, WAITING_MAX - len(self._entries))
            self.dropped += max(0, len(entries) - room)
            self._entries[:0] = entries[:room]

    def take(self) -> list[Entry]:
        """All that wait, and none of them again."""
        with self._lock:
            taken, self._entries = self._entries, []
            self._strangers = 0
        return taken

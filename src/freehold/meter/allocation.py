"""Cost allocation tags: which tag keys a cost query may see, and since when.

Input: the keys known to the ledger with their activation spans, a request, the time. Output:
answers as AWS spells them, and the keys that changed, for the store. Switching a key rewrites
its spans and never the ledger. Source: reference costs, section 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from freehold.base.clock import iso
from freehold.base.errors import Denied, Invalid
from freehold.meter.query.rows import Activations
from freehold.meter.query.tokens import position, token

Document = dict[str, Any]

# How AWS types the sagemaker: keys is not verified; this constant is the only place that says.
AWS_GENERATED_PREFIXES = ("aws:", "sagemaker:")
KEYS_AT_INSTALL = (
    "sagemaker:domain-arn",
    "sagemaker:user-profile-arn",
    "sagemaker:space-arn",
)
UPDATES_MAX = 20
PAGE_KEYS_MAX = 100  # the answer's list holds no more
NOT_PAYER = "Linked account doesn't have access to cost allocation tags."


@dataclass(frozen=True, slots=True)
class AllocationKey:
    """A tag key that the ledger has seen.

    ``spans``: when it was active, [from, to) in epoch seconds, in order, the last one open
    (None) while it is. ``updated_at``: its last switch. ``last_used_at``: the newest row with it.
    """

    key: str
    spans: tuple[tuple[float, float | None], ...] = ()
    updated_at: float | None = None
    last_used_at: float | None = None

    @property
    def is_active(self) -> bool:
        """True if the key is switched on now."""
        return bool(self.spans) and self.spans[-1][1] is None

    @property
    def type(self) -> str:
        """AWSGenerated or UserDefined."""
        return "AWSGenerated" if self.key.startswith(AWS_GENERATED_PREFIXES) else "UserDefined"

    def switched(self, status: str, now: float) -> AllocationKey:
        """The key with ``status`` (Active, Inactive) from ``now`` on; itself if it has it."""
        if (status == "Active") == self.is_active:
            return self
        if status == "Active":
            return replace(self, spans=(*self.spans, (now, None)), updated_at=now)
        since, _ = self.spans[-1]
        return replace(self, spans=(*self.spans[:-1], (since, now)), updated_at=now)

    def backfilled(self, since: float, now: float) -> AllocationKey:
        """The key with its current status over all of ``[since, now)`` too."""
        spans = [(a, b) for a, b in self.spans if a < since]
        if self.is_active:
            if spans and (spans[-1][1] is None or spans[-1][1] >= since):
                return replace(self, spans=(*spans[:-1], (spans[-1][0], None)))
            return replace(self, spans=(*spans, (since, None)))
        return replace(
            self, spans=tuple((a, since if b is None or b > since else b) for a, b in spans)
        )


def keys_at_install(now: float) -> list[AllocationKey]:
    """The three automatic keys, active from ``now`` on."""
    return [AllocationKey(key, ((now, None),), now) for key in KEYS_AT_INSTALL]


def activations(keys: Iterable[AllocationKey]) -> Activations:
    """What queries want to know of the keys."""
    return {key.key: key.spans for key in keys if key.spans}


def list_cost_allocation_tags(request: Document, keys: Iterable[AllocationKey]) -> Document:
    """Answer ListCostAllocationTags, in order of the key.

    Raises:
        Invalid: InvalidNextTokenException, RequestChangedException.
    """
    wanted = request.get("TagKeys")
    found = sorted(
        (
            key
            for key in keys
            if (not wanted or key.key in wanted)
            and request.get("Type") in (None, key.type)
            and request.get("Status") in (None, _status(key))
        ),
        key=lambda key: key.key,
    )
    if after := position(request, request.get("NextToken")):
        found = [key for key in found if key.key > str(after[0])]
    size = min(request.get("MaxResults") or PAGE_KEYS_MAX, PAGE_KEYS_MAX)
    answer: Document = {"CostAllocationTags": [_entry(key) for key in found[:size]]}
    if len(found) > size:
        answer["NextToken"] = token(request, [found[size - 1].key])
    return answer


def update_cost_allocation_tags_status(
    request: Document, keys: Mapping[str, AllocationKey], now: float, *, is_payer: bool = True
) -> tuple[list[AllocationKey], Document]:
    """Switch keys on or off; a key that has the status already is no error.

    Returns:
        The keys that changed, to be stored, and the answer. Keys that no resource carries are
        told in the answer's ``Errors`` with HTTP 200, and the others are switched all the same.

    Raises:
        Invalid: Too many entries, or a key twice.
        Denied: A member account asks.
    """
    if not is_payer:
        raise Denied(NOT_PAYER)
    entries = request.get("CostAllocationTagsStatus") or []
    if not 1 <= len(entries) <= UPDATES_MAX:
        raise Invalid(f"CostAllocationTagsStatus takes 1 to {UPDATES_MAX} entries.")
    named = [entry["TagKey"] for entry in entries]
    if len(set(named)) < len(named):
        raise Invalid("CostAllocationTagsStatus names a tag key twice.")
    changed, errors = [], []
    for entry in entries:
        name = entry["TagKey"]
        if name not in keys:
            errors.append(
                {
                    "TagKey": name,
                    "Code": "ValidationException",
                    "Message": f"Tag keys not found: {name}",
                }
            )
            continue
        switched = keys[name].switched(entry["Status"], now)
        if switched is not keys[name]:
            changed.append(switched)
    return changed, {"Errors": errors}


def _status(key: AllocationKey) -> str:
    return "Active" if key.is_active else "Inactive"


def _entry(key: AllocationKey) -> Document:
    entry = {"TagKey": key.key, "Type": key.type, "Status": _status(key)}
    if key.updated_at is not None:
        entry["LastUpdatedDate"] = iso(key.updated_at)
    if key.last_used_at is not None:
        month = datetime.fromtimestamp(key.last_used_at, UTC)
        entry["LastUsedDate"] = month.strftime("%Y-%m-01T00:00:00Z")
    return entry

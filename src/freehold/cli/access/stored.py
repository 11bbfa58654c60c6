"""The policies of an install as texts, each with where it stands and since when.

Read from the database of a state directory, whether a server runs or not. Compiled policies know
nothing of their text; what is shown to people comes from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from freehold.kernel.permission import identity, things
from freehold.policy.document import PolicyKind
from freehold.store.records import Page, Record
from freehold.store.unit import Unit

PAGE = 1000
HOLDERS = (identity.USER, identity.GROUP, identity.ROLE)
GUARDED = ("s3:bucket", "sagemaker:model-package-group")  # kinds that bear policies themselves


class Stored(NamedTuple):
    """One policy.

    Attributes:
        kind: What it is read as.
        name: Its own name; ``trust policy`` and the like where it has none.
        arn: Of a managed policy, and of the thing for a policy that stands on one.
        text: As it was put.
        place: For people: ``policy x``, ``inline policy x of role y``.
        changed: Epoch seconds; of an inline policy the last change of its holder.
    """

    kind: PolicyKind
    name: str
    arn: str | None
    text: str
    place: str
    changed: float


def managed(unit: Unit, arn: str, kind: PolicyKind = "identity") -> Stored | None:
    """A managed policy by its default version, or None if there is none."""
    record = unit.find(arn)
    if record is None or record.kind != identity.POLICY:
        return None
    version_id = record.document["DefaultVersionId"]
    version = record.document[identity.VERSIONS][version_id]
    changed = record.document.get("UpdateDate", version["CreateDate"])
    place = f"policy {record.name} ({version_id})"
    return Stored(kind, record.name, arn, version["Document"], place, float(changed))


def of_holder(unit: Unit, holder: Record) -> Iterator[Stored]:
    """The identity policies that bind a user or role, its groups' among them, in their order."""
    yield from inline(holder)
    for arn in holder.document.get(identity.ATTACHED, ()):
        found = managed(unit, arn)
        if found is not None:
            yield found
    for arn in holder.document.get(identity.GROUPS, ()):
        group = unit.find(arn)
        if group is not None:
            yield from of_holder(unit, group)


def inline(holder: Record) -> Iterator[Stored]:
    """The inline policies of a user, group or role."""
    noun = holder.kind.rpartition(":")[2]
    for name, text in holder.document.get(identity.INLINE, {}).items():
        place = f"inline policy {name} of {noun} {holder.name}"
        yield Stored("identity", name, None, text, place, holder.modified)


def boundary(unit: Unit, holder: Record) -> Stored | None:
    """The permissions boundary of a user or role, if it has one that exists."""
    arn = holder.document.get(identity.BOUNDARY)
    return None if arn is None else managed(unit, arn, "boundary")


def on(record: Record) -> Stored | None:
    """The policy on a thing itself: a role's trust policy, a bucket's policy."""
    if record.kind == identity.ROLE:
        place = f"trust policy of role {record.name}"
        text = record.document[identity.TRUST]
        return Stored("trust", "trust policy", record.arn, text, place, record.modified)
    found = things.text(record)
    if found is None:
        return None
    noun = record.kind.rpartition(":")[2].replace("-", " ")
    place = f"policy of {noun} {record.name}"
    return Stored("resource", "resource policy", record.arn, found, place, record.modified)


def guarding(unit: Unit, arn: str) -> Stored | None:
    """The policy of the thing that an ARN names or stands in, if there is one."""
    for name in (arn, arn.partition("/")[0]):
        record = unit.find(name)
        if record is not None and (found := on(record)) is not None:
            return found
    return None


def of_account(unit: Unit) -> Iterator[Stored]:
    """Every policy that somebody here can change: not those that AWS manages."""
    for record in _all(unit, identity.POLICY):
        if record.arn.split(":")[4] != "aws" and (found := managed(unit, record.arn)) is not None:
            yield found
    for kind in HOLDERS:
        for record in _all(unit, kind):
            yield from inline(record)
            if kind == identity.ROLE and (found := on(record)) is not None:
                yield found
    for kind in GUARDED:
        for record in _all(unit, kind):
            if (found := on(record)) is not None:
                yield found


def _all(unit: Unit, kind: str) -> Iterator[Record]:
    after = None
    while True:
        page = unit.records(Page(kind, after=after, limit=PAGE))
        yield from page
        if len(page) < PAGE:
            return
        after = (page[-1].created, page[-1].id)

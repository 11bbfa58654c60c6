"""What the account holds: its domains, whose each thing is, and where each domain keeps its files.

Read once through a reading unit, so while a server runs; goes to ``homes.py`` and ``things.py``.
A thing belongs to the domain that its tag, its place (``DomainId``) or what it hangs on names;
what no domain owns is nobody's, and nobody's things cannot leak.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from freehold.kernel.permission import identity
from freehold.kernel.tagging import DOMAIN_TAG, PROFILE_TAG, SPACE_TAG
from freehold.store import records
from freehold.store.records import Record
from freehold.store.unit import Unit

BATCH = 1000
IN_DOMAIN = frozenset({f"sagemaker:{kind}" for kind in ("user-profile", "space", "app")})
IDENTITIES = frozenset({identity.USER, identity.ROLE, identity.GROUP, identity.POLICY})
INPUTS = ("InputDataConfig", "ProcessingInputs")
FILE_SYSTEM = "elasticfilesystem:file-system"
BUCKET = "s3:bucket"


@dataclass(slots=True)
class Domain:
    """One domain. ``inside``: its profiles and spaces."""

    id: str
    arn: str
    name: str
    record: Record
    inside: list[Record] = field(default_factory=list)


@dataclass(slots=True)
class Ground:
    """The account as it is.

    Attributes:
        domains: By id.
        owned: Records by ARN with the ids of the domains that they belong to.
        identities: Users, roles, groups and policies by ARN.
        uses: (bucket, key) of S3 URIs that a domain's resources name, with whether one of them
            is written; by domain id.
        everything: How many records there are.
    """

    domains: dict[str, Domain] = field(default_factory=dict)
    owned: dict[str, tuple[Record, frozenset[str]]] = field(default_factory=dict)
    identities: dict[str, Record] = field(default_factory=dict)
    buckets: dict[str, Record] = field(default_factory=dict)
    streams: list[Record] = field(default_factory=list)
    groups: dict[str, Record] = field(default_factory=dict)
    uses: dict[str, dict[tuple[str, str], bool]] = field(default_factory=dict)
    everything: int = 0

    def domain_of(self, arn: str) -> str | None:
        """The id of the domain with this ARN, if there is one."""
        domain = self.domains.get(arn.rpartition("/")[2])
        return domain.id if domain is not None and domain.arn == arn else None

    def find(self, named: str) -> Domain | None:
        """A domain by id, ARN or name."""
        for domain in self.domains.values():
            if named in (domain.id, domain.arn, domain.name):
                return domain
        return None


def read(unit: Unit) -> Ground:
    """Everything that isolation looks at, in one pass over the records."""
    ground = Ground()
    rest: list[Record] = []
    for record in _all(unit):
        ground.everything += 1
        if record.kind == "sagemaker:domain":
            found = record.document
            ground.domains[found["DomainId"]] = Domain(
                found["DomainId"], record.arn, str(found.get("DomainName", record.name)), record
            )
        elif record.kind in IDENTITIES:
            ground.identities[record.arn] = record
        elif record.kind == "logs:log-stream":
            ground.streams.append(record)
        else:
            rest.append(record)
    for record in rest:
        _place(ground, record)
    for domain in ground.domains.values():
        ground.owned[domain.arn] = (domain.record, frozenset({domain.id}))
        _note_uses(ground, domain.id, domain.record.document)
    return ground


def _all(unit: Unit) -> Iterator[Record]:
    after = 0
    while True:
        found = list(records.scan(unit.connection, after, BATCH))
        yield from found
        if len(found) < BATCH:
            return
        after = found[-1].id


def _place(ground: Ground, record: Record) -> None:
    if record.kind == BUCKET:
        ground.buckets[record.name] = record
    elif record.kind == "logs:log-group":
        ground.groups[record.name] = record
    owner = owner_of(ground, record)
    if owner is None:
        return
    ground.owned[record.arn] = (record, frozenset({owner}))
    if record.kind in ("sagemaker:user-profile", "sagemaker:space"):
        ground.domains[owner].inside.append(record)
    if record.kind.startswith("sagemaker:"):
        _note_uses(ground, owner, record.document)


def owner_of(ground: Ground, record: Record) -> str | None:
    """The id of the domain that a record belongs to."""
    if record.kind in IN_DOMAIN:
        return record.scope if record.scope in ground.domains else None
    tags = record.tags
    tagged = ground.domain_of(tags.get(DOMAIN_TAG, ""))
    if tagged is not None:
        return tagged
    for key in (PROFILE_TAG, SPACE_TAG):
        parts = tags.get(key, "").split("/")
        if len(parts) == 3 and parts[1] in ground.domains:
            return parts[1]
    placed = record.document.get("_DomainId") if record.kind == FILE_SYSTEM else None
    return placed if placed in ground.domains else None


# -- S3 URIs --------------------------------------------------------------------------------------


def _note_uses(ground: Ground, owner: str, document: dict[str, Any]) -> None:
    uses = ground.uses.setdefault(owner, {})
    for bucket, key, is_written in _uris(document, is_written=True):
        uses[bucket, key] = uses.get((bucket, key), False) or is_written


def _uris(value: Any, *, is_written: bool) -> Iterator[tuple[str, str, bool]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            is_output = is_written and name not in INPUTS and not name.startswith("ModelData")
            yield from _uris(inner, is_written=is_output)
    elif isinstance(value, list):
        for inner in value:
            yield from _uris(inner, is_written=is_written)
    elif isinstance(value, str):
        text = value.strip('"')
        if text.startswith("s3://"):
            bucket, _, key = text[5:].partition("/")
            if bucket:
                yield bucket, key, is_written
        elif text.startswith(("{", "[")) and "s3://" in text:
            try:
                inner = json.loads(text)
            except ValueError:
                return
            yield from _uris(inner, is_written=is_written)

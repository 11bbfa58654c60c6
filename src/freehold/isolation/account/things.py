"""The things of domains as policy sees them: ARNs with tags, each with whose it is.

From the ground to a flat list that ``crossing.py`` asks about. A *region* stands for all keys
below a prefix of S3, or all names that a new space could have: its ARN ends where they begin.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from freehold.base.settings import Settings
from freehold.isolation.account.ground import BUCKET, Ground
from freehold.kernel import logs as kept_logs
from freehold.kernel.studio import app_types
from freehold.store.records import Record

JOB_GROUPS = {
    "/aws/sagemaker/TrainingJobs": "sagemaker:training-job",
    "/aws/sagemaker/ProcessingJobs": "sagemaker:processing-job",
}
LINES = "logs:lines"  # all lines of a group: AWS asks on its ARN with an empty stream
KEYS = "s3:keys"
NEW = "new:"


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """Something that belongs to ``owners`` (domain ids).

    Attributes:
        kind: A record's kind; ``s3:keys`` for a region of a bucket; ``new:...`` for what a
            create would make in a domain by naming it.
        tags: What conditions on resource tags see.
        record: Behind it, where there is one.
        is_region: ``arn`` is the beginning of the ARNs meant.
        readers: Domains that only read what lies there: their own use, too.
        request: Members that name it in a request, for condition keys that the server works out.
    """

    kind: str
    arn: str
    owners: frozenset[str]
    tags: dict[str, str]
    record: Record | None = None
    is_region: bool = False
    readers: frozenset[str] = frozenset()
    request: dict[str, Any] | None = None


def of(ground: Ground, settings: Settings) -> list[Thing]:
    """Everything that belongs to some domain."""
    found = [
        Thing(record.kind, record.arn, owners, record.tags, record, request=_named(record))
        for record, owners in ground.owned.values()
    ]
    found += _logs(ground, settings)
    found += _files(ground, settings)
    found += _new(ground, settings)
    return found


def _named(record: Record) -> dict[str, Any]:
    document = record.document
    members = ("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName")
    return {name: document[name] for name in members if name in document}


# -- logs -----------------------------------------------------------------------------------------


def _logs(ground: Ground, settings: Settings) -> Iterator[Thing]:
    """Streams of a domain's apps and jobs, and the groups that they stand in."""
    jobs = {
        (record.kind, record.name): (record, owners)
        for record, owners in ground.owned.values()
        if record.kind in JOB_GROUPS.values()
    }
    in_group: dict[str, set[str]] = defaultdict(set)
    for stream in ground.streams:
        head = stream.name.partition("/")[0]
        kind = JOB_GROUPS.get(stream.scope)
        job, owners = jobs.get((kind or "", head), (None, frozenset()))
        if head in ground.domains:
            owners = frozenset({head})
        group = ground.groups.get(stream.scope)
        if not owners and group is not None and group.arn in ground.owned:
            owners = ground.owned[group.arn][1]
        if owners:
            in_group[stream.scope] |= owners
            tags = kept_logs.tags_of_stream(group.tags if group is not None else {}, stream, job)
            yield Thing("logs:log-stream", stream.arn, owners, tags, group)
    for name, found in in_group.items():
        group = ground.groups.get(name)
        arn = kept_logs.stream_arn(settings, name, "")
        tags = group.tags if group is not None else {}
        yield Thing(LINES, arn, frozenset(found), tags, group)


# -- files ----------------------------------------------------------------------------------------


def _files(ground: Ground, settings: Settings) -> Iterator[Thing]:
    """Regions of buckets that domains use; a bucket that one domain alone uses is its own."""
    head = f"arn:{settings.partition}:s3:::"
    users: dict[str, set[str]] = defaultdict(set)
    for owner, uses in ground.uses.items():
        for bucket, _ in uses:
            users[bucket].add(owner)
    for arn, (record, owners) in ground.owned.items():
        if record.kind == BUCKET:
            users.setdefault(arn.removeprefix(head), set()).update(owners)
    for bucket, found in users.items():
        place = ground.buckets.get(bucket)
        tagged = ground.owned.get(head + bucket)
        owners = tagged[1] if tagged is not None else frozenset(found)
        tags = place.tags if place is not None else {}
        if tagged is not None or len(found) == 1:
            if tagged is None:
                yield Thing(BUCKET, head + bucket, owners, tags, place)
            yield Thing(KEYS, f"{head}{bucket}/", owners, {}, place, is_region=True)
            found = found - owners
            if not found:
                continue
        yield from _shared(ground, bucket, found, head, place)


def _shared(
    ground: Ground, bucket: str, users: set[str], head: str, record: Record | None
) -> Iterator[Thing]:
    """Of a bucket that several domains use: the widest folders that are one domain's alone."""
    keys: dict[str, dict[str, bool]] = defaultdict(dict)  # key -> domain -> does it write there
    for owner in users:
        for (named, key), is_written in ground.uses.get(owner, {}).items():
            if named == bucket:
                keys[key][owner] = keys[key].get(owner, False) or is_written
    order = sorted(keys)
    regions: dict[tuple[str, frozenset[str]], frozenset[str]] = {}
    for key, found in keys.items():
        for owner, is_written in found.items():
            region = _widest(order, keys, key, owner)
            writers = frozenset({owner}) if is_written else frozenset()
            known = (region, frozenset({owner}))
            regions[known] = regions.get(known, frozenset()) | writers
    for (region, owners), writers in regions.items():
        readers = frozenset(
            other
            for other, does_write in _within(order, keys, region)
            if other not in owners and not does_write
        )
        readers = frozenset() if writers else readers
        yield Thing(
            *(KEYS, f"{head}{bucket}/{region}", owners, {}, record),
            is_region=True,
            readers=readers,
        )


def _widest(order: list[str], keys: dict[str, dict[str, bool]], key: str, owner: str) -> str:
    """The shortest folder above ``key`` that no other domain names anything in."""
    steps = [step for step in key.split("/") if step]
    for depth in range(1, len(steps) + 1):
        folder = "/".join(steps[:depth]) + "/"
        if {other for other, _ in _within(order, keys, folder)} <= {owner}:
            return folder
    return key.rstrip("/") + "/" if key else ""


def _within(
    order: list[str], keys: dict[str, dict[str, bool]], folder: str
) -> Iterator[tuple[str, bool]]:
    """(domain, does it write) of what is used in a folder, or is the folder itself."""
    bare = folder.rstrip("/")
    if bare in keys:
        yield from keys[bare].items()
    for key in order[bisect.bisect_left(order, folder) :]:
        if not key.startswith(folder):
            return
        yield from keys[key].items()


# -- what a create would make in a domain ---------------------------------------------------------


def _new(ground: Ground, settings: Settings) -> Iterator[Thing]:
    """Profiles and spaces that are not there yet, apps of those that are."""
    place = f"arn:{settings.partition}:sagemaker:{settings.region}:{settings.account_id}:"
    for domain in ground.domains.values():
        mine = frozenset({domain.id})
        for kind in ("user-profile", "space"):
            yield Thing(
                *(f"{NEW}sagemaker:{kind}", f"{place}{kind}/{domain.id}/", mine, {}),
                is_region=True,
            )
        for owner in domain.inside:
            is_space = owner.kind == "sagemaker:space"
            named = {"SpaceName" if is_space else "UserProfileName": owner.name}
            for app_type in app_types.APP_TYPES:
                yield Thing(
                    f"{NEW}sagemaker:app",
                    place + app_types.arn_tail(domain.id, owner.name, app_type),
                    mine,
                    {},
                    request={"DomainId": domain.id, **named},
                )
    for record, owners in ground.owned.values():
        if record.kind == "sagemaker:model-package-group":
            yield Thing(
                f"{NEW}sagemaker:model-package",
                f"{place}model-package/{record.name}/*",
                owners,
                {},
                record,
                request={"ModelPackageGroupName": record.name},
            )

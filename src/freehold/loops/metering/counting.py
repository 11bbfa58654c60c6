"""Counts what is stored: homes and the rest of file systems, volumes of spaces, objects of buckets.

Input: the disk, the index of objects, the records. Output: a ``Measured``. Runs on the thread that
``storage.py`` has for it; writes nothing. A tree that cannot be counted to the end says at least,
and takes nobody else's count away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from freehold.base.settings import Settings
from freehold.host import volumes
from freehold.kernel import ledger
from freehold.kernel.call import Page, Record
from freehold.kernel.studio import file_systems, storage
from freehold.kernel.studio.storage import Count, Stored
from freehold.store.unit import Unit

SCAN_SECONDS_MAX = 10.0  # a home; a server that is told to end waits no longer for it
RECORDS_MAX = 100_000
NOTHING = Count(0)


@dataclass(frozen=True, slots=True)
class Measured:
    """One count. ``owners``: ARNs of the profiles and classic spaces whose homes were found."""

    stored: Stored = field(default_factory=Stored)
    buckets: Mapping[str, int] = field(default_factory=dict)
    owners: Mapping[tuple[str, int], str] = field(default_factory=dict)
    seconds: float = 0.0


def count(unit: Unit, settings: Settings, is_closed: Callable[[], bool]) -> Measured:
    """Count everything; what is left when ``is_closed`` says so is told as incomplete."""
    homes: dict[tuple[str, int], Count] = {}
    rest: dict[str, Count] = {}
    owners: dict[tuple[str, int], str] = {}
    state = settings.state
    for name in volumes.volumes(state):
        record = unit.named(storage.FILE_SYSTEM, name)
        domain_id = None if record is None else record.document.get(file_systems.DOMAIN_ID)
        path = volumes.volume_path(state, name)
        if not domain_id:  # nobody's homes: names in it are whoever's who made them
            rest[name] = _counted(volumes.usage(path, seconds_max=_seconds(is_closed)))
            continue
        rest[name] = NOTHING
        numbers = volumes.homes(state, name)
        for number in numbers:
            used = volumes.usage(path / str(number), seconds_max=_seconds(is_closed))
            homes[name, number] = _counted(used)
        known = set(numbers)
        for number, arn in _owners(unit, domain_id):
            if number in known:
                owners[name, number] = arn
    spaces = {}
    for number in volumes.spaces(state):
        found = volumes.space_usage(state, number, seconds_max=_seconds(is_closed))
        if found is not None:
            spaces[number] = _counted(found)
    return Measured(Stored(homes, rest, spaces), ledger.bucket_bytes(unit), owners)


def _seconds(is_closed: Callable[[], bool]) -> float:
    return -1.0 if is_closed() else SCAN_SECONDS_MAX


def _counted(usage: volumes.Usage) -> Count:
    return Count(usage.bytes, usage.is_complete)


def _owners(unit: Unit, domain_id: str) -> Iterator[tuple[int, str]]:
    """Whose homes a domain's file system has, by number."""
    for kind in (storage.PROFILE, storage.SPACE):
        for record in unit.records(Page(kind, scope=domain_id, limit=RECORDS_MAX)):
            if _has_home(record):
                yield int(record.document["HomeEfsFileSystemUid"]), record.arn


def _has_home(record: Record) -> bool:
    if not record.document.get("HomeEfsFileSystemUid"):
        return False
    return record.kind == storage.PROFILE or not storage.has_own_volume(record.document)

"""What is stored: volumes of domains, objects of buckets, volumes of spaces, by the byte.

Input: the disk, the index of objects, the records. Output: changes to be folded like events,
one wherever bytes, tags or existence differ from what is billed. Counting runs on a thread of
its own and takes a hundredth of its time at most; it writes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from freehold.host import volumes
from freehold.kernel import ledger, tagging
from freehold.kernel.call import Page, Record
from freehold.kernel.dispatch import Kernel
from freehold.kernel.permission import identity
from freehold.kernel.records import Writing
from freehold.meter.intervals import Change, Interval
from freehold.store.unit import Unit

FILE_SYSTEM = "elasticfilesystem:file-system"
BUCKET = "s3:bucket"
SPACE = "sagemaker:space"
COMPONENTS = {FILE_SYSTEM: "FileSystem", BUCKET: "ObjectStorage", SPACE: "VolumeUsage.gp3"}

REST_SECONDS_MIN = 20.0
REST_SECONDS_MAX = 900.0
DUTY = 100  # rests this many times as long as the last count took
SCAN_SECONDS_MAX = 10.0  # a volume; a server that is told to end waits no longer for it
RECORDS_MAX = 100_000
GIB = 1 << 30
CHANGE_BYTES_MIN = 1 << 20  # smaller changes of what is known already wait until they add up
CHANGE_PARTS = 100  # and so do changes of less than a hundredth


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes by (kind, name). Volumes that could not be counted to the end say at least."""

    bytes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    partial: frozenset[tuple[str, str]] = frozenset()
    seconds: float = 0.0


class Storage:
    """Counts now and then, and tells what changed."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="storage")
        self._running: Future[Measured] | None = None
        self._due = 0.0
        self._known: Measured | None = None
        self._is_closed = False

    def close(self) -> None:
        """End the thread; the volume that is being counted is waited for."""
        self._is_closed = True
        self._pool.shutdown(cancel_futures=True)

    def look(self) -> bool:
        """Begin a count if one is due, take over one that ended; True if there is news."""
        clock = time.monotonic()
        if self._running is None:
            if clock >= self._due:
                self._running = self._pool.submit(self._count)
            return False
        if not self._running.done():
            return False
        ended, self._running = self._running, None
        self._due = clock + REST_SECONDS_MIN
        found = ended.result()
        rest = min(REST_SECONDS_MAX, max(REST_SECONDS_MIN, found.seconds * DUTY))
        self._due = clock + rest
        self._known = found
        return True

    def wait(self) -> None:
        """Count now and wait for it. For tests and for the end of a demonstration."""
        if self._running is None:
            self._running = self._pool.submit(self._count)
        self._running.exception()

    def changes(
        self,
        unit: Unit,
        billed: Mapping[str, tuple[Interval, ...]],
        gone: Mapping[str, float],
        now: float,
        seq: int,
    ) -> list[Change]:
        """What differs from what is ``billed``: open intervals by ARN.

        Args:
            unit: Reads the records.
            billed: Open storage intervals.
            gone: When records were deleted, by ARN, where an event has told it.
            now: Epoch seconds UTC: the time of every other change.
            seq: What the changes are numbered with; higher than any before.
        """
        found: list[Change] = []
        alive: set[str] = set()
        for record in _records(unit):
            alive.add(record.arn)
            is_open = billed.get(record.arn, ())
            stored = self._bytes(record, is_open)
            if stored is None:
                continue
            if not stored and not is_open:
                continue
            rate = is_open[0].rate if is_open else Decimal(0)
            tags = _tags(unit, record)
            if is_open and is_open[0].tags != tags:
                stored = stored if is_noticeable(rate, stored) else int(rate)
            elif not is_noticeable(rate, stored):
                continue
            facts = {"runs": stored > 0, "component": COMPONENTS[record.kind], "bytes": stored}
            found.append(Change(seq, now, record.arn, record.kind, "stored", facts, tags))
        for arn, intervals in billed.items():
            if arn not in alive:
                at = min(now, gone.get(arn, now))
                found.append(Change(seq, at, arn, intervals[0].kind, None, {}, {}))
        return found

    def write_sizes(self, unit: Unit) -> None:
        """Keep the size of file systems in their records, where it changed noticeably."""
        if self._known is None:
            return
        for record in unit.records(Page(FILE_SYSTEM, limit=RECORDS_MAX)):
            key = (FILE_SYSTEM, record.name)
            size = record.document.get("SizeInBytes") or {}
            if key not in self._known.bytes or key in self._known.partial:
                continue
            found = self._known.bytes[key]
            if not is_noticeable(Decimal(size.get("Value", 0)), found):
                continue

            def change(writing: Writing, found: int = found) -> None:
                writing.record.document["SizeInBytes"] = {
                    "Value": found,
                    "Timestamp": writing.now,
                    "ValueInIA": 0,
                    "ValueInStandard": found,
                    "ValueInArchive": 0,
                }
                writing.update()

            Writing.run(self._kernel, record, lambda _record: True, change)

    def _bytes(self, record: Record, is_open: tuple[Interval, ...]) -> int | None:
        """What a record stores now; None where that is not known."""
        if record.kind == SPACE:
            return provisioned(record)
        if self._known is None:
            return None
        key = (record.kind, record.arn.rpartition(":")[2].rpartition("/")[2])
        found = self._known.bytes.get(key, 0)
        if key in self._known.partial and is_open:
            return max(found, int(is_open[0].rate))
        return found

    def _count(self) -> Measured:
        began = time.monotonic()
        unit = self._kernel.own_unit()
        found = {(BUCKET, name): size for name, size in ledger.bucket_bytes(unit).items()}
        partial = set()
        apart = _homes_apart(unit)
        state = self._kernel.settings.state
        for name in volumes.volumes(state):
            key = (FILE_SYSTEM, name)
            try:
                total, is_complete = _used(volumes.volume_path(state, name), apart.get(name, ()))
            except OSError:
                total, is_complete = 0, False
            found[key] = total
            if not is_complete or self._is_closed:
                partial.add(key)
            if self._is_closed:
                break
        return Measured(found, frozenset(partial), time.monotonic() - began)


def _used(volume: Path, apart: Iterable[str]) -> tuple[int, bool]:
    """Bytes of a volume without the homes ``apart``, and whether all was counted."""
    used = volumes.usage(volume, seconds_max=SCAN_SECONDS_MAX)
    total, is_complete = used.bytes, used.is_complete
    for home in apart:
        inside = volumes.usage(volume / home, seconds_max=SCAN_SECONDS_MAX)
        total -= inside.bytes
        is_complete &= inside.is_complete
    return max(0, total), is_complete


def is_noticeable(billed: Decimal, stored: int) -> bool:
    """Whether ``stored`` bytes differ so much from those ``billed`` that a new rate is due."""
    if not billed or not stored:
        return billed != stored
    return abs(stored - billed) >= max(Decimal(CHANGE_BYTES_MIN), billed / CHANGE_PARTS)


def provisioned(space: Record) -> int:
    """Bytes of the volume that a space was given; 0 for one without storage settings."""
    settings = space.document.get("SpaceSettings", {}).get("SpaceStorageSettings", {})
    return int(settings.get("EbsStorageSettings", {}).get("EbsVolumeSizeInGb", 0)) * GIB


def _records(unit: Unit) -> Iterable[Record]:
    for kind in COMPONENTS:
        yield from unit.records(Page(kind, limit=RECORDS_MAX))


def _tags(unit: Unit, record: Record) -> dict[str, str]:
    """What bytes are billed under: a space's volume is its domain's, whoever made the space."""
    if record.kind != SPACE:
        return record.tags
    domain = unit.find(_domain_arn(record))
    if domain is None:
        return record.tags
    return record.tags | tagging.automatic(identity.origin_of(unit, domain, record))


def _domain_arn(space: Record) -> str:
    return ":".join([*space.arn.split(":")[:5], f"domain/{space.scope}"])


def _homes_apart(unit: Unit) -> dict[str, list[str]]:
    """Homes of spaces with a volume of their own, by file system: billed by what was given."""
    homes: dict[str, list[str]] = {}
    domains: dict[str, str | None] = {}
    for space in unit.records(Page(SPACE, limit=RECORDS_MAX)):
        home = space.document.get("HomeEfsFileSystemUid")
        if not home or not provisioned(space):
            continue
        if space.scope not in domains:
            domain = unit.find(_domain_arn(space))
            known = {} if domain is None else domain.document
            domains[space.scope] = known.get("HomeEfsFileSystemId")
        if file_system := domains[space.scope]:
            homes.setdefault(file_system, []).append(str(home))
    return homes

"""What is stored: homes of profiles and spaces, volumes of spaces, objects of buckets, by the byte.

Input: what ``counting.py`` found, and the records. Output: changes to be folded like events, one
wherever bytes, tags or existence differ from what is billed. A home is billed under its owner, a
space's volume by the size that it was given, the rest of a file system under itself. Counting runs
on a thread of its own and takes a hundredth of its time at most; it writes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

from freehold.kernel import tagging
from freehold.kernel.call import Page, Record
from freehold.kernel.dispatch import Kernel
from freehold.kernel.permission import identity
from freehold.kernel.records import Writing
from freehold.kernel.studio import storage
from freehold.kernel.studio.storage import FILE_SYSTEM, PROFILE, SPACE, Count
from freehold.loops.metering import counting
from freehold.loops.metering.counting import RECORDS_MAX, Measured
from freehold.meter.intervals import Change, Interval
from freehold.store.unit import Unit

BUCKET = "s3:bucket"
KINDS = frozenset({FILE_SYSTEM, BUCKET, SPACE, PROFILE})
HOME, VOLUME, OBJECTS = "FileSystem", "VolumeUsage.gp3", "ObjectStorage"

REST_SECONDS_MIN = 20.0
REST_SECONDS_MAX = 900.0
DUTY = 100  # rests this many times as long as the last count took
CHANGE_BYTES_MIN = 1 << 20  # smaller changes of what is known already wait until they add up
CHANGE_PARTS = 100  # and so do changes of less than a hundredth


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
        self._kernel.stored = found.stored
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
        for record, component, count in self._all(unit):
            alive.add(record.arn)
            is_open = billed.get(record.arn, ())
            if count is None:
                continue
            stored = count.bytes
            if is_open and not count.is_complete:
                stored = max(stored, int(is_open[0].rate))
            if not stored and not is_open:
                continue
            rate = is_open[0].rate if is_open else Decimal(0)
            tags = _tags(unit, record)
            if is_open and is_open[0].tags != tags:
                stored = stored if is_noticeable(rate, stored) else int(rate)
            elif not is_noticeable(rate, stored) and _is_of(is_open, component):
                continue
            facts = {"runs": stored > 0, "component": component, "bytes": stored}
            found.append(Change(seq, now, record.arn, record.kind, "stored", facts, tags))
        for arn, intervals in billed.items():
            if arn not in alive:
                if self._known is None and unit.find(arn) is not None:
                    continue  # nothing is counted yet: what was stored is taken to be so still
                at = min(now, gone.get(arn, now))
                found.append(Change(seq, at, arn, intervals[0].kind, None, {}, {}))
        return found

    def _all(self, unit: Unit) -> Iterator[tuple[Record, str, Count | None]]:
        """All that may be billed, once: the record, as what, and how much; None: not known now.

        What is counted of somebody who is gone since is the file system's own.
        """
        known = self._known
        left: dict[str, int] = {}
        if known is not None:
            for key, count in known.stored.homes.items():
                owner = known.owners.get(key)
                record = None if owner is None else unit.find(owner)
                if record is None:
                    left[key[0]] = left.get(key[0], 0) + count.bytes
                else:
                    yield record, HOME, count
        for record in unit.records(Page(FILE_SYSTEM, limit=RECORDS_MAX)):
            yield record, HOME, self._rest(record.name, left)
        for record in unit.records(Page(BUCKET, limit=RECORDS_MAX)):
            yield record, OBJECTS, self._objects(record)
        for record in unit.records(Page(SPACE, limit=RECORDS_MAX)):
            if storage.has_own_volume(record.document):
                size = storage.provisioned_gigabytes(record.document) * storage.GIB
                yield record, VOLUME, Count(size)

    def _rest(self, name: str, left: Mapping[str, int]) -> Count | None:
        if self._known is None:
            return None
        count = self._known.stored.rest.get(name, counting.NOTHING)
        return replace(count, bytes=count.bytes + left.get(name, 0))

    def _objects(self, bucket: Record) -> Count | None:
        if self._known is None:
            return None
        return Count(self._known.buckets.get(bucket.arn.rpartition(":")[2], 0))

    def write_sizes(self, unit: Unit) -> None:
        """Keep the size of file systems in their records, where it changed noticeably."""
        if self._known is None:
            return
        for record in unit.records(Page(FILE_SYSTEM, limit=RECORDS_MAX)):
            size = record.document.get("SizeInBytes") or {}
            whole = self._known.stored.file_system(record.name)
            if whole is None or not whole.is_complete:
                continue
            found = whole.bytes
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

    def _count(self) -> Measured:
        began = time.monotonic()
        kernel = self._kernel
        found = counting.count(kernel.own_unit(), kernel.settings, lambda: self._is_closed)
        return replace(found, seconds=time.monotonic() - began)


def _is_of(is_open: tuple[Interval, ...], component: str) -> bool:
    return not is_open or all(one.dimension == component for one in is_open)


def is_noticeable(billed: Decimal, stored: int) -> bool:
    """Whether ``stored`` bytes differ so much from those ``billed`` that a new rate is due."""
    if not billed or not stored:
        return billed != stored
    return abs(stored - billed) >= max(Decimal(CHANGE_BYTES_MIN), billed / CHANGE_PARTS)


def _tags(unit: Unit, record: Record) -> dict[str, str]:
    """What bytes are billed under: a home or volume is its domain's, whoever made its owner."""
    if record.kind not in (SPACE, PROFILE):
        return record.tags
    domain = unit.find(":".join([*record.arn.split(":")[:5], f"domain/{record.scope}"]))
    if domain is None:
        return record.tags
    return record.tags | tagging.automatic(identity.origin_of(unit, domain, record))

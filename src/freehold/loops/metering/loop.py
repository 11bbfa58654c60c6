"""The loop that keeps the ledger: change events in, usage intervals and line items out.

Reads the event log behind its cursor, folds it, prices what is open, and writes intervals,
lines and cursor in one transaction: a pass that is killed has not happened, and is made again.
What it knows between passes is only what it has written. Protocol: ``meter/lines.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from freehold.base.errors import Conflict
from freehold.kernel import ledger
from freehold.kernel.dispatch import Kernel
from freehold.loops.metering.events import Batch, sort
from freehold.loops.metering.storage import Storage
from freehold.meter.allocation import AllocationKey
from freehold.meter.dimensions import component
from freehold.meter.intervals import Interval, Usage, fold
from freehold.meter.lines import (
    HOUR_SECONDS,
    LineItem,
    Place,
    first_open_hour,
    line_items,
    reconcile,
)
from freehold.store import events, usage
from freehold.store.unit import Unit

PACE_SECONDS = 4.0  # what runs shows in Cost Explorer this much later at most, and a commit
STORAGE_SECONDS = 60.0  # storage is priced no oftener: an idle server hardly writes
EVENTS_MAX = 2000  # of one pass
CURSOR_LAG_MAX = 5000  # events without a bill that may be read again after a restart
GAP_SECONDS = 60.0  # after a longer silence, the loops that look at what runs go first
SETTLE_SECONDS = 3.0
RUNS_PRICED = "metering/runs"  # cursors that hold the second of the last complete pricing
STORED_PRICED = "metering/storage"

Open = Mapping[str, tuple[Interval, ...]]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the store holds of our work. ``seq``: folded; ``kept``: the cursor as written."""

    seq: int
    kept: int
    runs: Open
    stored: Open
    runs_priced_at: float | None
    stored_priced_at: float | None
    sample: int


class Metering:
    """The loop. Nobody wakes it: a look every few seconds costs one read."""

    name = "metering"
    kinds: frozenset[str] = frozenset()

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._place = Place(kernel.settings.account_id, kernel.settings.region)
        self._prices = kernel.prices
        self.storage = Storage(kernel)
        self._standing: Standing | None = None
        self._settles_at = 0.0
        self._keys_seen: set[tuple[str, str]] = set()

    def close(self) -> None:
        """End the thread that counts bytes."""
        self.storage.close()

    def turn(self) -> float:
        """One pass; seconds until the next."""
        standing, self._standing = self._standing, None  # a pass that fails begins from the store
        unit, now = self._kernel.own_unit(), self._kernel.clock.now()
        if standing is None:
            standing = self._recall(unit, now)
        self._standing, is_behind = self._pass(unit, standing, now)
        if is_behind:
            return 0.0
        return self._settles_at - now if self._settles_at > now else PACE_SECONDS

    def _recall(self, unit: Unit, now: float) -> Standing:
        """The standing as it was written. A cursor set back to 0 has the whole log folded anew."""
        connection = unit.connection
        cursor = events.cursor(connection, self.name)
        runs: dict[str, tuple[Interval, ...]] = {}
        stored: dict[str, tuple[Interval, ...]] = {}
        for document in usage.open_intervals(connection):
            interval = Interval.from_document(document)
            is_storage = component(interval.dimension).is_storage
            if is_storage or cursor:
                where = stored if is_storage else runs
                where[interval.arn] = (*where.get(interval.arn, ()), interval)
        runs_at = events.cursor(connection, RUNS_PRICED) or None
        if runs and runs_at is not None and now - runs_at > GAP_SECONDS:
            self._settles_at = now + SETTLE_SECONDS
        self._keys_seen.clear()
        return Standing(
            cursor,
            cursor,
            runs,
            stored,
            runs_at,
            events.cursor(connection, STORED_PRICED) or None,
            int(now * 1e6),
        )

    def _pass(self, unit: Unit, before: Standing, now: float) -> tuple[Standing, bool]:
        found = events.read(unit.connection, before.seq, EVENTS_MAX)
        batch = sort(unit, found, before.runs, before.seq, now)
        has_news = self.storage.look()
        folded, touched = fold(Usage(before.runs, batch.marks, before.seq), batch.changes)
        sample = max(before.sample + 1, int(now * 1e6))
        stored, stored_touched = self._stored(unit, before, batch, has_news, sample, now)
        is_pricing_runs = bool(folded.open) and now >= self._settles_at
        is_pricing_stored = bool(stored) and (
            before.stored_priced_at is None or now - before.stored_priced_at >= STORAGE_SECONDS
        )
        lines = [
            *self._lines(
                unit,
                before.runs,
                touched,
                folded.open if is_pricing_runs else {},
                before.runs_priced_at,
                now,
            ),
            *self._lines(
                unit,
                before.stored,
                stored_touched,
                stored if is_pricing_stored else {},
                before.stored_priced_at,
                now,
            ),
        ]
        after = Standing(
            found[-1].seq if found else before.seq,
            before.kept,
            folded.open,
            stored,
            now if is_pricing_runs else before.runs_priced_at,
            now if is_pricing_stored else before.stored_priced_at,
            sample,
        )
        intervals = [*touched, *stored_touched]
        if intervals or lines or after.seq - before.kept >= CURSOR_LAG_MAX:
            self._write(before, after, intervals, lines, now)
            after = replace(after, kept=after.seq)
        if has_news:
            self.storage.write_sizes(unit)
        return after, len(found) >= EVENTS_MAX

    def _stored(
        self, unit: Unit, before: Standing, batch: Batch, has_news: bool, sample: int, now: float
    ) -> tuple[Open, list[Interval]]:
        """Storage as it is now, where there is reason to look."""
        if not has_news and not batch.is_about_storage:
            return before.stored, []
        changes = self.storage.changes(unit, before.stored, batch.gone, now, sample)
        folded, touched = fold(Usage(before.stored, {}, before.sample), changes)
        return folded.open, touched

    # -- money --------------------------------------------------------------------------------

    def _lines(
        self,
        unit: Unit,
        before: Open,
        touched: Sequence[Interval],
        open_now: Open,
        priced_at: float | None,
        now: float,
    ) -> Iterable[tuple[LineItem, float]]:
        """Rows to write for what was touched and what is open, each with the end of its use."""
        known = {interval.id for intervals in before.values() for interval in intervals}
        book = self._prices.book()
        first = None if priced_at is None else first_open_hour(priced_at)
        due = {interval.id: interval for interval in touched}
        for intervals in open_now.values():
            due.update({interval.id: interval for interval in intervals})
        for interval in due.values():
            since = first if interval.id in known else None
            if since is not None and interval.stop is not None:
                since = min(since, interval.stop // HOUR_SECONDS * HOUR_SECONDS)
            expected = line_items(interval, book, self._place, now, since=since)
            written = [
                line
                for line in ledger.lines_of(unit, interval.arn, since)
                if line.interval_id == interval.id
            ]
            until = now if interval.stop is None else interval.stop
            for line in reconcile(expected, written, now):
                if line.price_is_missing:
                    self._prices.warn(line.usage_type, line.price_list_version)
                yield line, until

    def _write(
        self,
        before: Standing,
        after: Standing,
        intervals: Iterable[Interval],
        lines: Sequence[tuple[LineItem, float]],
        now: float,
    ) -> None:
        """Everything of a pass, or nothing."""
        month = datetime.fromtimestamp(now, UTC).strftime("%Y-%m")
        seen = {(key, month) for line, _ in lines for key in line.tags} - self._keys_seen
        book = self._prices.book()

        def work(unit: Unit) -> None:
            connection = unit.connection
            if events.cursor(connection, self.name) != before.kept:
                raise Conflict("The metering cursor was moved by somebody else.")
            for one in intervals:
                usage.put_interval(connection, one.id, one.arn, one.stop, one.document())
            usage.put_lines(connection, [ledger.kept(line, until) for line, until in lines])
            events.move_cursor(connection, self.name, after.seq)
            for name, at in (
                (RUNS_PRICED, after.runs_priced_at),
                (STORED_PRICED, after.stored_priced_at),
            ):
                if at is not None:
                    events.move_cursor(connection, name, int(at))
            if seen:
                _note_keys(unit, {key for key, _ in seen}, now)
            if lines:
                ledger.note_prices(unit, book.currency, book.notice)

        self._kernel.writer.run(work)
        self._keys_seen |= seen


def _note_keys(unit: Unit, names: Iterable[str], now: float) -> None:
    """Remember that rows of this month carry these tag keys."""
    known = ledger.allocation_keys(unit)
    ledger.put_allocation_keys(
        unit,
        [replace(known.get(name) or AllocationKey(name), last_used_at=now) for name in names],
    )

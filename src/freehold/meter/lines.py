"""Intervals into hourly line items: one row per interval and UTC hour, with its tag snapshot.

Input: intervals from ``intervals.fold``, the price book, where it ran, the time. Output: line
items for the ledger.

Protocol for the loop that keeps the ledger, once every few seconds, in one transaction:

1. ``intervals.resumed`` from the stored intervals of the new events' resources, ``fold``, upsert
   the touched intervals by ``id``, move the cursor.
2. For each touched or open interval compute ``line_items(..., since=S)``. S is the start of the
   oldest hour that may still change: ``first_open_hour(last successful pass)``, and for a
   touched interval the earlier of that and its own ``stop`` (None: all its hours).
3. Load the rows already written for that interval from S on, corrections included, and hand
   both to ``reconcile``. Upsert by ``line_item_id`` what it returns.

A row is *open* until its hour's end plus HOUR_GRACE_SECONDS: it may be rewritten under the same
id, so the hour that runs is visible. After that it is *final*: never rewritten, never deleted;
``reconcile`` answers a late or repeated event with a correction row (``correction_of``) that
carries the difference, at the rate of the row it amends. A pass that is repeated, or killed and
run again, writes the same rows. Rows that no pass wrote in time are written late, as rows.
Source: reference costs, section 2, rules 1, 2, 5, 6, 8.
"""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, NamedTuple, cast

import msgspec

from freehold.meter.dimensions import component, usage_type
from freehold.meter.intervals import Interval
from freehold.meter.prices import Price, PriceBook
from freehold.meter.query.rows import Row

HOUR_SECONDS = 3600
HOUR_GRACE_SECONDS = 600
QUANTUM = Decimal("1E-10")  # the ledger's last digit; an int64 of them holds 922 million
GB = Decimal(2**30)
_MICROS = 1_000_000


class Place(NamedTuple):
    """Whose bill it is, and where it ran."""

    account_id: str
    region: str
    az: str = ""


@dataclass(frozen=True, slots=True)
class LineItem:
    """One row of the ledger. ``quantity`` and ``cost`` have ten decimals, exactly.

    ``usage_start`` and ``usage_end`` are the UTC hour; ``hour`` groups by it. ``tags`` are all
    tags of that time. ``price_is_missing`` asks for a warning and a metric, not for a repair.
    """

    line_item_id: str
    interval_id: str
    revision: int
    usage_start: float
    usage_end: float
    account_id: str
    region: str
    az: str
    service: str
    usage_type: str
    operation: str
    instance_type: str
    resource_arn: str
    resource_type: str
    record_type: str
    quantity: Decimal
    unit: str
    rate: Decimal
    rate_id: str
    cost: Decimal
    currency: str
    tags: Mapping[str, str]
    price_list_version: str
    price_is_missing: bool = False
    correction_of: str | None = None

    def document(self) -> dict[str, Any]:
        """JSON-ready, for the store; decimals are strings."""
        return cast(dict[str, Any], msgspec.to_builtins(self))

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> LineItem:
        """What ``document`` gave."""
        return msgspec.convert(document, cls)


def first_open_hour(now: float) -> float:
    """Start of the oldest hour whose rows may still be rewritten at ``now``."""
    return (now - HOUR_GRACE_SECONDS) // HOUR_SECONDS * HOUR_SECONDS


def is_final(line: LineItem, now: float) -> bool:
    """True once a row may no longer be rewritten."""
    return line.usage_start < first_open_hour(now)


def line_items(
    interval: Interval,
    book: PriceBook,
    place: Place,
    now: float,
    *,
    since: float | None = None,
    heartbeat: float | None = None,
) -> list[LineItem]:
    """What ``interval`` costs, hour by hour, in order of time.

    An open interval is priced up to ``now``, or up to ``heartbeat`` if that is earlier: what
    was not seen to run is not billed. The price list's minimum is made up once, in the hour in
    which the run ended. Hours without usage give no row.

    Args:
        interval: As folded; open or closed.
        book: Prices; the list in force at an hour's start holds for that hour.
        place: Account and region of the bill.
        now: Epoch seconds UTC.
        since: Leave out hours that began before this instant.
        heartbeat: When the resource was last known to run.
    """
    seen = now if heartbeat is None else min(now, heartbeat)
    stop = seen if interval.stop is None else interval.stop
    start_micros, stop_micros = _micros(interval.start), _micros(max(stop, interval.start))
    is_over = interval.stop is not None and not interval.is_cut
    last_hour = _last_hour(start_micros, stop_micros)
    hour = start_micros // (HOUR_SECONDS * _MICROS) * HOUR_SECONDS
    if since is not None:
        hour = max(hour, int(since // HOUR_SECONDS * HOUR_SECONDS))
    lines = []
    while hour <= last_hour:
        price = book.price(interval.dimension, interval.instance_type, place.region, hour)
        begin = max(start_micros, hour * _MICROS)
        end = min(stop_micros, (hour + HOUR_SECONDS) * _MICROS)
        micros = max(0, end - begin)
        if is_over and hour == last_hour:
            run = stop_micros - _micros(interval.run_start)
            micros += max(0, price.minimum_seconds * _MICROS - run)
        if micros:
            lines.append(_line(interval, book.currency, place, hour, micros, price))
        hour += HOUR_SECONDS
    return lines


def reconcile(
    expected: Iterable[LineItem], written: Sequence[LineItem], now: float
) -> list[LineItem]:
    """Rows to upsert so that the ledger says what ``expected`` says.

    Args:
        expected: ``line_items`` of one or more intervals, as they should be.
        written: All rows of the same intervals and hours in the ledger, corrections included.
        now: Epoch seconds UTC; decides which rows are final.

    Returns:
        New and rewritten rows of open hours, rows of hours that nobody wrote, and corrections
        of final ones. Empty if the ledger is right already.
    """
    former: dict[str, list[LineItem]] = {}
    for line in written:
        former.setdefault(line.correction_of or line.line_item_id, []).append(line)
    rows = []
    for line in expected:
        rows += _amended(line, former.pop(line.line_item_id, []), now)
    for lines in former.values():  # what should not be there at all
        first = min(lines, key=lambda line: line.revision)
        nothing = replace(first, quantity=Decimal(0), cost=Decimal(0))
        rows += _amended(nothing, lines, now)
    return rows


def as_row(line: LineItem) -> Row:
    """The row that queries read. Roll-ups drop ``resource_arn`` and add up the rest."""
    return Row(
        hour=int(line.usage_start),
        service=line.service,
        usage_type=line.usage_type,
        operation=line.operation,
        instance_type=line.instance_type,
        region=line.region,
        record_type=line.record_type,
        account=line.account_id,
        tags=line.tags,
        quantity=line.quantity,
        unit=line.unit,
        cost=line.cost,
        resource_arn=line.resource_arn,
        az=line.az,
    )


def _amended(line: LineItem, former: Sequence[LineItem], now: float) -> list[LineItem]:
    if not former:
        return [line]
    first = min(former, key=lambda row: row.revision)
    if len(former) == 1 and not is_final(first, now):
        return [] if line == first else [line]
    missing = line.quantity - sum((row.quantity for row in former), Decimal(0))
    if not missing:
        return []
    revision = max(row.revision for row in former) + 1
    cost = _exact(line.quantity * first.rate) - sum((row.cost for row in former), Decimal(0))
    return [
        replace(
            first,
            line_item_id=_line_id(first.interval_id, int(first.usage_start), revision),
            revision=revision,
            quantity=missing,
            cost=cost,
            correction_of=first.line_item_id,
        )
    ]


def _line(
    interval: Interval, currency: str, place: Place, hour: int, micros: int, price: Price
) -> LineItem:
    what = component(interval.dimension)
    used = Decimal(micros) * interval.rate / (HOUR_SECONDS * _MICROS)
    if what.is_storage:
        used = used / GB / _hours_of_month(hour)
    quantity = _exact(used)
    return LineItem(
        line_item_id=_line_id(interval.id, hour, 0),
        interval_id=interval.id,
        revision=0,
        usage_start=float(hour),
        usage_end=float(hour + HOUR_SECONDS),
        account_id=place.account_id,
        region=place.region,
        az=place.az,
        service=what.service,
        usage_type=usage_type(interval.dimension, interval.instance_type, place.region),
        operation=what.operation,
        instance_type=interval.instance_type,
        resource_arn=interval.arn,
        resource_type=interval.kind,
        record_type="Usage",
        quantity=quantity,
        unit=what.unit,
        rate=price.rate,
        rate_id=price.rate_id,
        cost=_exact(quantity * price.rate),
        currency=currency,
        tags=interval.tags,
        price_list_version=price.version,
        price_is_missing=price.is_missing,
    )


def _line_id(interval_id: str, hour: int, revision: int) -> str:
    return hashlib.sha256(f"{interval_id}/{hour}/{revision}".encode()).hexdigest()[:32]


def _last_hour(start_micros: int, stop_micros: int) -> int:
    """The hour in which an interval's last instant lies; a stop on the hour belongs before."""
    last = max(start_micros, stop_micros - 1)
    return last // (HOUR_SECONDS * _MICROS) * HOUR_SECONDS


def _hours_of_month(hour: int) -> int:
    day = datetime.fromtimestamp(hour, UTC)
    return monthrange(day.year, day.month)[1] * 24


def _micros(at: float) -> int:
    return round(at * _MICROS)


def _exact(value: Decimal) -> Decimal:
    return value.quantize(QUANTUM, rounding=ROUND_HALF_EVEN)

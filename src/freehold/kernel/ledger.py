"""The ledger as calls and loops see it: rows of what things cost, and cost allocation keys.

Written by ``loops/metering``; read by ``services/ce`` and ``services/budgets``, which may not
touch the store themselves. Rows are the documents of ``meter.lines.LineItem``; allocation keys
and the currency are facts about the install.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from freehold.base.settings import Settings
from freehold.kernel.permission.guards.seen import SeenUnit
from freehold.kernel.tagging import AUTOMATIC
from freehold.meter import allocation
from freehold.meter.allocation import AllocationKey
from freehold.meter.lines import LineItem
from freehold.meter.query.rows import Activations, Row
from freehold.store import events, keys, usage
from freehold.store.records import DOMAIN_TAG, decode, encode
from freehold.store.unit import Unit

ALLOCATION_KEYS = "cost_allocation_keys"
CURRENCY = "currency"
PRICE_NOTICE = "price_notice"
CURRENCY_DEFAULT = "USD"
DAY_SECONDS = 86_400
LAST_DIGIT = -10  # ``meter.lines.QUANTUM``
FACTS = (  # members of ``Row`` in the order of ``store.usage.days``
    *("service", "usage_type", "operation", "instance_type", "region", "record_type"),
    *("account", "tags", "unit", "resource_arn", "az"),
)
PRICINGS = ("metering", "metering/runs", "metering/storage")  # cursors of ``loops/metering``
UNTIL = "until"  # of a kept line: when the use ended that it tells of, as far as it is known

Kept = tuple[str, int, str, str | None, dict[str, Any]]  # what ``store.usage.put_lines`` takes


# -- rows -------------------------------------------------------------------------------------


def rows(unit: Unit, start: float, end: float) -> Iterator[Row]:
    """Rows of the hours in [start, end), by hour; decoded as they are asked for.

    A caller whom the guard isolation.lists confines gets those of things that they may describe,
    as the things were tagged in that hour.
    """
    sight = unit.sight if isinstance(unit, SeenUnit) else None
    for line in usage.lines(unit.connection, start, end):
        if sight is not None and not sight.sees_line(line["resource_arn"], line["tags"]):
            continue
        yield Row(
            int(line["usage_start"]),
            line["service"],
            line["usage_type"],
            line["operation"],
            line["instance_type"],
            line["region"],
            line["record_type"],
            line["account_id"],
            line["tags"],
            Decimal(line["quantity"]),
            line["unit"],
            Decimal(line["cost"]),
            line["resource_arn"],
            line["az"],
        )


def day_rows(unit: Unit, start: float, end: float, cuts: Iterable[float] = ()) -> Iterator[Row]:
    """The same added up by UTC day, for questions that do not part days: some 24 times fewer.

    A day in which something changes how rows are read comes hour by hour, and so do the parts of
    days at both ends. Such instants are those at which a tag key was switched on or off, and
    ``cuts``. A day's row bears the day's start as its hour.
    """
    spans = (span for found in activations(unit).values() for span in found)
    inside = {at for span in spans for at in span if at is not None} | {start, end, *cuts}
    parted = {at // DAY_SECONDS * DAY_SECONDS for at in inside if at % DAY_SECONDS}
    for day in sorted(parted):
        yield from rows(unit, max(start, day), min(end, day + DAY_SECONDS))
    sight = unit.sight if isinstance(unit, SeenUnit) else None
    known: dict[str, Row | None] = {}  # one resource has the same facts for many days
    for at, text, quantity, cost in usage.days(unit.connection, start, end):
        if at in parted:
            continue
        if text not in known:
            row = _told(text)
            is_seen = sight is None or sight.sees_line(row.resource_arn, row.tags)
            known[text] = row if is_seen else None
        found = known[text]
        if found is not None:
            yield found._replace(hour=at, quantity=_exact(quantity), cost=_exact(cost))


def _told(facts: str) -> Row:
    """A row of what a day's facts tell: all but when and how much."""
    told = dict(zip(FACTS, decode(facts), strict=True))
    return Row(hour=0, quantity=Decimal(0), cost=Decimal(0), **told)


def _exact(last_digits: int) -> Decimal:
    return Decimal(last_digits).scaleb(LAST_DIGIT)


def kept(line: LineItem, until: float) -> Kept:
    """A line as the store takes it. ``until``: when the use of its interval ended, or now."""
    document = line.document()
    document[UNTIL] = min(until, line.usage_end)
    hour = int(line.usage_start)
    return line.line_item_id, hour, line.resource_arn, line.tags.get(DOMAIN_TAG), document


def lines_of(unit: Unit, arn: str, since: float | None) -> list[LineItem]:
    """Lines of one resource from the hour ``since`` on (None: all), corrections included."""
    found = usage.lines_of(unit.connection, arn, since or 0)
    return [LineItem.from_document(document) for document in found]


def used_until(unit: Unit, arn: str, since: float) -> float | None:
    """The last instant after ``since`` at which a resource is known to have been billed."""
    found = usage.lines_of(unit.connection, arn, since // 3600 * 3600)
    return max((document[UNTIL] for document in found), default=None)


def pricings(unit: Unit) -> tuple[int, ...]:
    """Changes whenever the metering loop has written lines."""
    return tuple(events.cursor(unit.connection, name) for name in PRICINGS)


# -- facts about the install ------------------------------------------------------------------


def primary_view(settings: Settings) -> str:
    """The ARN of the one billing view that there is."""
    return f"arn:{settings.partition}:billing::{settings.account_id}:billingview/primary"


def currency(unit: Unit) -> str:
    """The currency of the ledger; that of the first price list before there is one."""
    known = keys.meta(unit.connection, CURRENCY)
    return CURRENCY_DEFAULT if known is None else known.decode()


def price_notice(unit: Unit) -> str:
    """What the price list says of itself, such as that it is sample data; often nothing."""
    return (keys.meta(unit.connection, PRICE_NOTICE) or b"").decode()


def note_prices(unit: Unit, currency_code: str, notice: str) -> None:
    """Remember the currency of the price list in force, and what it says of itself."""
    if currency(unit) != currency_code:
        keys.set_meta(unit.connection, CURRENCY, currency_code.encode())
    if price_notice(unit) != notice:
        keys.set_meta(unit.connection, PRICE_NOTICE, notice.encode())


def allocation_keys(unit: Unit) -> dict[str, AllocationKey]:
    """Every tag key that the ledger has seen, and the automatic ones, by key."""
    text = keys.meta(unit.connection, ALLOCATION_KEYS)
    known: dict[str, dict[str, Any]] = {} if text is None else decode(text)
    return {
        name: AllocationKey(
            name,
            tuple((since, until) for since, until in entry["spans"]),
            entry["updated_at"],
            entry["last_used_at"],
        )
        for name, entry in known.items()
    }


def keys_seen(unit: Unit, now: float) -> list[AllocationKey]:
    """Allocation keys; of a confined caller the automatic ones and those of rows that they see."""
    known = allocation_keys(unit)
    if not isinstance(unit, SeenUnit):
        return list(known.values())
    seen = {key for row in rows(unit, 0, now) for key in row.tags} | AUTOMATIC
    return [key for name, key in known.items() if name in seen]


def put_allocation_keys(unit: Unit, changed: Iterable[AllocationKey]) -> None:
    """Add or replace keys; the others stay."""
    assert unit.is_writing
    merged = allocation_keys(unit) | {key.key: key for key in changed}
    document = {
        name: {
            "spans": key.spans,
            "updated_at": key.updated_at,
            "last_used_at": key.last_used_at,
        }
        for name, key in merged.items()
    }
    keys.set_meta(unit.connection, ALLOCATION_KEYS, encode(document))


def activations(unit: Unit) -> Activations:
    """When each key was switched on: what queries project tags by."""
    return allocation.activations(allocation_keys(unit).values())


def install(unit: Unit, now: float) -> None:
    """Switch the automatic keys on, at an install's first start."""
    if keys.meta(unit.connection, ALLOCATION_KEYS) is None:
        put_allocation_keys(unit, allocation.keys_at_install(now))


# -- storage ----------------------------------------------------------------------------------


def bucket_bytes(unit: Unit) -> dict[str, int]:
    """Bytes of all objects by bucket; buckets without objects are left out."""
    found = unit.connection.execute("select bucket, sum(size) from object group by bucket")
    return {bucket: int(size) for bucket, size in found}

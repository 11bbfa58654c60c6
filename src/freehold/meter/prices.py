"""The operator's price list: what an instance-hour and a GB-month cost, since when.

Input: the operator's file as a mapping (``sample_prices.json`` shows the form). Output: the
price of a usage type at an instant, and the sizes of instance types. A missing price is zero
and says so; it is never guessed and never drops a row. Source: reference costs, section 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from freehold.base.errors import Invalid
from freehold.meter.dimensions import component, usage_type

MINIMUM_SECONDS_DEFAULT = 60


class InstanceSize(NamedTuple):
    """What an instance type holds; hosts set their limits by it."""

    vcpus: int
    memory_gib: float
    gpus: int


class Price(NamedTuple):
    """What one unit costs. ``is_missing``: nobody set it, so it is zero and a warning is due."""

    rate: Decimal
    rate_id: str
    version: str
    minimum_seconds: int
    is_missing: bool


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices in force from ``effective_from`` (epoch seconds) until the next list's."""

    version: str
    effective_from: float
    minimum_seconds: int
    instances: Mapping[str, Decimal]
    usage_types: Mapping[str, Decimal]
    minimums: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PriceBook:
    """All price lists of an install, in order of their dates, and the table of instances.

    ``notice`` is what the file says about itself, such as that it is sample data.
    """

    currency: str
    notice: str
    lists: tuple[PriceList, ...]
    instances: Mapping[str, InstanceSize]

    @classmethod
    def from_mapping(cls, book: Mapping[str, Any]) -> PriceBook:
        """Read an operator's file.

        Form: ``currency``, ``notice``, ``instances`` (type to vcpus, memory_gib, gpus) and
        ``lists``: each with ``version``, ``effective_from`` (``YYYY-MM-DD``, UTC),
        ``minimum_seconds``, ``instance_hours`` (type to rate), ``usage_types`` (usage type,
        with or without region prefix, to a rate or to ``{"rate", "minimum_seconds"}``).
        Rates are strings or integers, never floats.

        Raises:
            Invalid: A member is missing or is not what it should be; the message names it.
        """
        sizes = {name: _size(name, size) for name, size in book.get("instances", {}).items()}
        lists = [_price_list(entry) for entry in book.get("lists", ())]
        if not lists:
            raise Invalid("The price book has no lists. Give at least one.")
        lists.sort(key=lambda entry: entry.effective_from)
        if len({entry.effective_from for entry in lists}) < len(lists):
            raise Invalid("Two price lists have the same effective_from.")
        return cls(
            str(book.get("currency", "USD")), str(book.get("notice", "")), tuple(lists), sizes
        )

    def price(self, dimension: str, instance_type: str, region: str, at: float) -> Price:
        """The price of a component in force at ``at``, in the book's currency.

        Looked up in this order: the whole usage type, the usage type without its region
        prefix, the component's key, the instance type.
        """
        what = component(dimension)
        full = usage_type(dimension, instance_type, region)
        bare = what.pattern.format(instance_type)
        prices = self._list_at(at)
        if prices is None:
            return Price(Decimal(0), f"none/{full}", "none", 0, True)
        for name in (full, f"{what.service}/{bare}", bare, dimension):
            if name in prices.usage_types:
                rate = prices.usage_types[name]
                break
        else:
            name = instance_type
            known = prices.instances.get(instance_type) if instance_type else None
            rate = Decimal(0) if known is None else known
            if known is None:
                name = ""
        minimum = 0 if what.is_storage else prices.minimums.get(name, prices.minimum_seconds)
        return Price(rate, f"{prices.version}/{name or full}", prices.version, minimum, not name)

    def instance_types(self, at: float) -> list[str]:
        """Instance types that have an hour's price at ``at``, sorted."""
        prices = self._list_at(at)
        return sorted(prices.instances) if prices else []

    def since(self, at: float) -> float:
        """When the list in force at ``at`` came into force, in epoch seconds; 0: none is."""
        prices = self._list_at(at)
        return prices.effective_from if prices else 0.0

    def span(self, at: float) -> tuple[Decimal, Decimal] | None:
        """The cheapest and the dearest instance-hour in force at ``at``; None if none costs."""
        prices = self._list_at(at)
        rates = [rate for rate in prices.instances.values() if rate > 0] if prices else []
        return (min(rates), max(rates)) if rates else None

    def _list_at(self, at: float) -> PriceList | None:
        for entry in reversed(self.lists):
            if entry.effective_from <= at:
                return entry
        return None


def _price_list(entry: Mapping[str, Any]) -> PriceList:
    version = entry.get("version")
    if not version:
        raise Invalid("A price list has no version.")
    try:
        day = datetime.strptime(str(entry.get("effective_from")), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise Invalid(f"Price list {version}: effective_from must be YYYY-MM-DD.") from error
    rates: dict[str, Decimal] = {}
    minimums: dict[str, int] = {}
    for name, value in entry.get("usage_types", {}).items():
        if isinstance(value, Mapping):
            rates[name] = _rate(version, name, value.get("rate"))
            if "minimum_seconds" in value:
                minimums[name] = int(value["minimum_seconds"])
        else:
            rates[name] = _rate(version, name, value)
    return PriceList(
        version=str(version),
        effective_from=day.timestamp(),
        minimum_seconds=int(entry.get("minimum_seconds", MINIMUM_SECONDS_DEFAULT)),
        instances={
            name: _rate(version, name, value)
            for name, value in entry.get("instance_hours", {}).items()
        },
        usage_types=rates,
        minimums=minimums,
    )


def _rate(version: object, name: str, value: object) -> Decimal:
    wrong = f"Price list {version}: the rate of {name} must be a decimal string, 0 or more."
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Invalid(wrong)
    try:
        rate = Decimal(value)
    except InvalidOperation as error:
        raise Invalid(wrong) from error
    if not rate.is_finite() or rate < 0:
        raise Invalid(wrong)
    return rate


def _size(name: str, size: Mapping[str, Any]) -> InstanceSize:
    try:
        return InstanceSize(int(size["vcpus"]), float(size["memory_gib"]), int(size.get("gpus", 0)))
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(f"Instance type {name} needs vcpus, memory_gib and gpus.") from error

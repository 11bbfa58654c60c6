"""Rows that queries run over, and what a query may see of their tags.

Input: line items or roll-ups of them, from the store. Output: dimension and tag values for
filters and groups. A tag key shows only in hours in which it was an active cost allocation
key, so activation is not retroactive and backfill never touches the ledger.
Source: reference costs, sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from freehold.meter.dimensions import SERVICE_CODES, instance_family

HOUR_SECONDS = 3600
BILLER = "Freehold"  # whose prices they are, and who bills

# Key to its spans [active_from, active_to), epoch seconds; None: still active.
Activations = Mapping[str, Sequence[tuple[float, float | None]]]


class Row(NamedTuple):
    """Usage of one hour, or a sum of such rows that differ only in what was left out.

    ``hour`` is its start in epoch seconds UTC. A roll-up may use a day's or month's start for
    ``hour`` where the query's buckets are as wide and no key changed its status within.
    ``tags`` are all tags of that time, active or not. ``resource_arn`` may be empty except for
    queries by resource. ``quantity`` and ``cost`` are exact decimals.
    """

    hour: int
    service: str
    usage_type: str
    operation: str
    instance_type: str
    region: str
    record_type: str
    account: str
    tags: Mapping[str, str]
    quantity: Decimal
    unit: str
    cost: Decimal
    resource_arn: str = ""
    az: str = ""


class Projection:
    """The tags of rows as a query may see them: only keys active in the row's hour."""

    def __init__(self, active_keys: Activations) -> None:
        self._spans = {key: tuple(spans) for key, spans in active_keys.items()}

    def value(self, row: Row, key: str) -> str:
        """The tag's value; empty if the row lacks it or the key was not active."""
        value = row.tags.get(key, "")
        return value if value and self.is_active(key, row.hour) else ""

    def keys(self, row: Row) -> list[str]:
        """Keys that the row shows, unordered; a tag with an empty value counts."""
        return [key for key in row.tags if self.is_active(key, row.hour)]

    def is_active(self, key: str, hour: float) -> bool:
        """True if ``key`` was active at any time of the hour that begins at ``hour``."""
        end = hour + HOUR_SECONDS
        for since, until in self._spans.get(key, ()):
            if since < end and (until is None or until > hour):
                return True
        return False


def _or(value: str, nothing: str) -> str:
    return value or nothing


# What each dimension reads. Where a row has no value AWS says "No" and the dimension's name.
DIMENSIONS: Mapping[str, Callable[[Row], str]] = {
    "AZ": lambda row: _or(row.az, "NoAZ"),
    "BILLING_ENTITY": lambda row: BILLER,
    "CACHE_ENGINE": lambda row: "NoCacheEngine",
    "DATABASE_ENGINE": lambda row: "NoDatabaseEngine",
    "DEPLOYMENT_OPTION": lambda row: "NoDeploymentOption",
    "INSTANCE_TYPE": lambda row: _or(row.instance_type, "NoInstanceType"),
    "INSTANCE_TYPE_FAMILY": lambda row: _or(
        instance_family(row.instance_type), "NoInstanceTypeFamily"
    ),
    "INVOICING_ENTITY": lambda row: BILLER,
    "LEGAL_ENTITY_NAME": lambda row: BILLER,
    "LINKED_ACCOUNT": lambda row: row.account,
    "LINKED_ACCOUNT_NAME": lambda row: row.account,
    "OPERATING_SYSTEM": lambda row: "NoOperatingSystem",
    "OPERATION": lambda row: _or(row.operation, "NoOperation"),
    "PAYER_ACCOUNT": lambda row: row.account,
    "PLATFORM": lambda row: "NoPlatform",
    "PURCHASE_TYPE": lambda row: "On Demand Instances" if row.instance_type else "NoPurchaseType",
    "RECORD_TYPE": lambda row: row.record_type,
    "REGION": lambda row: _or(row.region, "NoRegion"),
    "RESERVATION_ID": lambda row: "NoReservationId",
    "RESOURCE_ID": lambda row: _or(row.resource_arn, "NoResourceId"),
    "SAVINGS_PLANS_TYPE": lambda row: "NoSavingsPlansType",
    "SAVINGS_PLAN_ARN": lambda row: "NoSavingsPlanArn",
    "SERVICE": lambda row: row.service,
    "SERVICE_CODE": lambda row: SERVICE_CODES.get(row.service, row.service),
    "SUBSCRIPTION_ID": lambda row: "NoSubscriptionId",
    "TENANCY": lambda row: "Shared" if row.instance_type else "NoTenancy",
    "USAGE_TYPE": lambda row: row.usage_type,
    "USAGE_TYPE_GROUP": lambda row: "NoUsageTypeGroup",
}

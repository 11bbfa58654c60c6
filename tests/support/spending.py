"""Spend for tests: change events as the store writes them, and one pass of the meter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from freehold.compose import House
from freehold.kernel import ledger
from freehold.loops.metering import Metering
from freehold.meter.allocation import KEYS_AT_INSTALL
from freehold.store import events
from freehold.store.records import Record

STUDIO = {"component": "Studio:JupyterLab", "instance_type": "ml.t3.medium", "count": 1}
DAYS_SECONDS = 3 * 86_400.0
TRAIN = {"component": "Train", "instance_type": "ml.m5.xlarge", "count": 1}


def arn_of(domain: str) -> str:
    """A domain's ARN."""
    return f"arn:aws:sagemaker:us-east-1:111122223333:domain/{domain}"


def spend(
    house: House,
    seconds_ago: float,
    seconds: float,
    *,
    name: str,
    tags: dict[str, str],
    facts: dict[str, Any] = STUDIO,
) -> None:
    """Something that began ``seconds_ago`` and ran for ``seconds``."""
    installed_before(house)
    began = house.kernel.clock.now() - seconds_ago
    record = Record("sagemaker:app", f"arn:aws:sagemaker:us-east-1:111122223333:app/{name}", name)
    record.tags = tags

    def work(unit: Any) -> None:
        record.status = "InService"
        events.append(unit.connection, began, "update", record, {"runs": True, **facts})
        record.status = "Deleted"
        events.append(unit.connection, began + seconds, "update", record, {"runs": False})

    house.kernel.writer.run(work)


def installed_before(house: House) -> None:
    """As if the install were days old: its automatic keys count for hours before this one."""

    def work(unit: Any) -> None:
        known = ledger.allocation_keys(unit)
        older = [
            replace(known[name], spans=((known[name].spans[0][0] - DAYS_SECONDS, None),))
            for name in KEYS_AT_INSTALL
            if name in known and known[name].is_active and len(known[name].spans) == 1
        ]
        ledger.put_allocation_keys(unit, older)

    house.kernel.writer.run(work)


def meter(house: House) -> None:
    """One pass."""
    loop = Metering(house.kernel)
    loop.turn()
    loop.close()

"""Spend for tests: change events as the store writes them, and one pass of the meter."""

from __future__ import annotations

from typing import Any

from freehold.compose import House
from freehold.loops.metering import Metering
from freehold.store import events
from freehold.store.records import Record

STUDIO = {"component": "Studio:JupyterLab", "instance_type": "ml.t3.medium", "count": 1}
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
    began = house.kernel.clock.now() - seconds_ago
    record = Record("sagemaker:app", f"arn:aws:sagemaker:us-east-1:111122223333:app/{name}", name)
    record.tags = tags

    def work(unit: Any) -> None:
        record.status = "InService"
        events.append(unit.connection, began, "update", record, {"runs": True, **facts})
        record.status = "Deleted"
        events.append(unit.connection, began + seconds, "update", record, {"runs": False})

    house.kernel.writer.run(work)


def meter(house: House) -> None:
    """One pass."""
    loop = Metering(house.kernel)
    loop.turn()
    loop.close()

"""A house with a clock that stands still until moved, and what the metering loop makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from freehold.base.clock import FakeClock
from freehold.compose import House
from freehold.kernel import ledger
from freehold.loops.metering import Metering
from freehold.meter.query.rows import Row
from freehold.store import events
from freehold.store.records import Record
from freehold.store.unit import Unit

HOUR = 3600.0
TEN = 1_763_892_000.0  # 2025-11-23T10:00:00Z
A = {"sagemaker:domain-arn": "arn:aws:sagemaker:us-east-1:111122223333:domain/d-a"}
APP_ARN = "arn:aws:sagemaker:us-east-1:111122223333:app/d-a/ann/JupyterLab/default"
JOB_ARN = "arn:aws:sagemaker:us-east-1:111122223333:training-job/fit"
APP = {
    "component": "Studio:JupyterLab",
    "instance_type": "ml.t3.medium",
    "count": 1,
}
JOB = {"component": "Train", "instance_type": "ml.m5.xlarge", "count": 1}


@dataclass
class Stage:
    """A house, its clock, and records of what happened to it."""

    house: House
    clock: FakeClock
    records: dict[str, Record] = field(default_factory=dict)
    loop: Metering | None = None

    def tell(
        self,
        arn: str,
        status: str | None,
        facts: dict[str, Any] | None,
        tags: dict[str, str] | None = None,
        kind: str = "sagemaker:app",
        verb: str = "update",
    ) -> None:
        """Write a change event, as ``store.unit`` does."""
        record = self.records.setdefault(arn, Record(kind, arn, arn.rsplit("/", 1)[-1]))
        record.status = status
        if tags is not None:
            record.tags = tags
        now = self.clock.now()
        self.house.kernel.writer.run(
            lambda unit: events.append(unit.connection, now, verb, record, facts)
        )

    def turn(self) -> float:
        if self.loop is None:
            self.loop = Metering(self.house.kernel)
        return self.loop.turn()

    def restart(self) -> None:
        """The process dies: nothing is kept but the store."""
        if self.loop is not None:
            self.loop.close()
        self.loop = None

    @property
    def unit(self) -> Unit:
        return self.house.kernel.own_unit()

    def rows(self) -> list[Row]:
        return list(ledger.rows(self.unit, 0, 1e11))

    def spent(self, **wanted: str) -> Decimal:
        return sum(
            (
                row.cost
                for row in self.rows()
                if all(getattr(row, key) == value for key, value in wanted.items())
            ),
            Decimal(0),
        )

    def dump(self) -> list[tuple[Any, ...]]:
        return self.unit.connection.execute("select * from line_item order by id").fetchall()

    def intervals(self) -> list[tuple[Any, ...]]:
        return self.unit.connection.execute("select * from usage_interval order by id").fetchall()

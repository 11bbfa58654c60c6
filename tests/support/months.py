"""Months of spend in a store at rest: many domains, each with its home, people and jobs.

Written as the metering loop writes, at the sample's prices, but without having waited for it. By
hand: ``python -m tests.support.months STATE [DOMAINS [DAYS [HOURS]]]``, the server being stopped.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from freehold.base.clock import SystemClock
from freehold.kernel import ledger
from freehold.meter.dimensions import component, usage_type
from freehold.meter.lines import LineItem
from freehold.store import database, usage
from freehold.store.unit import Unit

HOUR, DAY = 3600, 86_400
REGION, ACCOUNT = "us-east-1", "111122223333"
PEOPLE = (("ana", "ml.t3.medium", "0.05"), ("bo", "ml.m5.xlarge", "0.2304"))


def domain_arn(domain: str, account: str = ACCOUNT) -> str:
    """A domain's ARN."""
    return f"arn:aws:sagemaker:{REGION}:{account}:domain/{domain}"


def line(arn: str, key: str, instance: str, rate: str, tags: dict[str, str]) -> LineItem:
    """An hour of something, before its hour is known."""
    what = component(key)
    quantity = Decimal("0.0100000000" if what.is_storage else "1.0000000000")
    return LineItem(
        line_item_id="",
        interval_id=arn,
        revision=0,
        usage_start=0.0,
        usage_end=0.0,
        account_id=arn.split(":")[4],
        region=REGION,
        az="",
        service=what.service,
        usage_type=usage_type(key, instance, REGION),
        operation=what.operation,
        instance_type=instance,
        resource_arn=arn,
        resource_type="sagemaker:app",
        record_type="Usage",
        quantity=quantity,
        unit=what.unit,
        rate=Decimal(rate),
        rate_id=f"sample/{instance}",
        cost=(quantity * Decimal(rate)).quantize(Decimal("1E-10")),
        currency="USD",
        tags=tags,
        price_list_version="sample",
    )


def of_domain(domain: str, account: str = ACCOUNT) -> Iterator[LineItem]:
    """What one domain has running: its files, two notebooks, and every domain a job."""
    arn, base = domain_arn(domain, account), f"arn:aws:sagemaker:{REGION}:{account}"
    tags = {"sagemaker:domain-arn": arn}
    files = f"arn:aws:elasticfilesystem:{REGION}:{account}:file-system/fs-{domain[2:]}"
    yield line(files, "FileSystem", "", "0.30", tags)
    for person, instance, rate in PEOPLE:
        profile = f"{base}:user-profile/{domain}/{person}"
        app = f"{base}:app/{domain}/{person}/jupyterlab/default"
        yield line(
            app, "JupyterLab", instance, rate, tags | {"sagemaker:user-profile-arn": profile}
        )
    job = f"{base}:training-job/fit-{domain}"
    yield line(job, "Train", "ml.m5.large", "0.1152", tags)


def stray(account: str = ACCOUNT, tags: dict[str, str] | None = None) -> LineItem:
    """A job of no domain."""
    name = "stray-tagged" if tags else "stray"
    arn = f"arn:aws:sagemaker:{REGION}:{account}:training-job/{name}"
    return line(arn, "Train", "ml.t3.medium", "0.05", tags or {})


def seed(
    state: Path,
    domains: list[str],
    days: int,
    hours: int = 4,
    account: str = ACCOUNT,
    others: Sequence[LineItem] = (),
) -> int:
    """Write what ran on each of the last ``days`` whole days; how many lines there were.

    ``others``: things that ran besides. The automatic tag keys count from the first day on.
    """
    today = int(SystemClock().now() // DAY * DAY)
    things = [line for domain in domains for line in of_domain(domain, account)] + [*others]
    prototypes = [(thing, thing.document()) for thing in things]
    count = 0
    with closing(database.connect(state / "freehold.db")) as connection:
        connection.execute("begin immediate")
        for day in range(today - days * DAY, today, DAY):
            batch: list[tuple[str, int, str, str | None, dict[str, Any]]] = []
            for hour in range(day, day + hours * HOUR, HOUR):
                for number, (thing, document) in enumerate(prototypes):
                    if not _runs(thing, day // DAY):
                        continue
                    key = f"seed-{number}-{hour}"
                    told = document | {"line_item_id": key, "usage_start": float(hour)}
                    told |= {"usage_end": float(hour + HOUR), "until": float(hour + HOUR)}
                    domain = thing.tags.get("sagemaker:domain-arn")
                    batch.append((key, hour, thing.resource_arn, domain, told))
            usage.put_lines(connection, batch)
            count += len(batch)
        _keys_since(connection, today - days * DAY)
        connection.execute("commit")
    return count


def _runs(thing: LineItem, day: int) -> bool:
    """Jobs ran on some days only, the same on every machine; the rest day by day."""
    return "Train" not in thing.usage_type or "stray" in thing.resource_arn or day * 7 % 11 < 6


def _keys_since(connection: Any, since: float) -> None:
    """The automatic keys were active since then."""
    unit = Unit(connection, is_writing=True)
    known = ledger.allocation_keys(unit).values()
    ledger.put_allocation_keys(
        unit, [replace(key, spans=((float(since), None),)) for key in known if key.is_active]
    )


if __name__ == "__main__":
    place, many, long, dense = (*sys.argv[1:], *("", "50", "90", "24")[len(sys.argv) - 1 :])
    names = [f"d-{number:012d}" for number in range(int(many))]
    sys.stdout.write(f"{seed(Path(place), names, int(long), int(dense), others=[stray()])} lines\n")

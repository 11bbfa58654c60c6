"""What the guard on lists costs: 10,000 jobs in 20 domains, of which the caller sees one.

Run by hand: ``python -m tests.bench.guards``. In process, without the wire: the cost of the call's
own road (permission, store), for the figures of docs/operate/guards.md.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from freehold.auth.principal import Principal
from freehold.base.settings import Settings
from freehold.compose import House, open_house
from freehold.kernel.account import settings as guards
from freehold.kernel.call import Call
from freehold.kernel.permission import identity
from freehold.kernel.tagging import DOMAIN_TAG, PROFILE_TAG
from freehold.store.records import Record
from tests.support.people import allow, policy

JOBS, DOMAINS, PEOPLE, PAGE = 10_000, 20, 5, 100
PLACE = "arn:aws:sagemaker:us-east-1:111122223333:"
MINE = f"{PLACE}domain/d-00"
POLICIES = {
    "by domain": allow(
        "sagemaker:Describe*",
        Condition={"StringEquals": {f"aws:ResourceTag/{DOMAIN_TAG}": MINE}},
    ),
    "by person": allow(
        "sagemaker:Describe*",
        Condition={
            "StringEquals": {f"aws:ResourceTag/{PROFILE_TAG}": f"{PLACE}user-profile/d-00/p0"}
        },
    ),
    "by name": allow("sagemaker:Describe*", f"{PLACE}training-job/job-00*"),
    "everything": allow("sagemaker:Describe*"),
}


def fill(house: House) -> dict[str, Principal]:
    """The jobs, and a user for each policy."""
    resource = house.kernel.registry.resource("sagemaker:training-job")
    assert resource is not None

    def work(unit: Any) -> None:
        for number in range(JOBS):
            domain = f"d-{number % DOMAINS:02}"
            name = f"job-{number % DOMAINS:02}-{number:05}"
            record = Record(
                resource.kind, f"{PLACE}training-job/{name}", name, uid=name, at=1e9 + number
            )
            record.document = {
                "TrainingJobName": name,
                "TrainingJobArn": record.arn,
                "TrainingJobStatus": "Completed",
                "CreationTime": record.created,
                "HyperParameters": {f"parameter-{n}": "value" for n in range(40)},
            }
            record.status, record.summary = "Completed", resource.summary(record.document)
            person = number // DOMAINS % PEOPLE
            record.tags = {
                DOMAIN_TAG: f"{PLACE}domain/{domain}",
                PROFILE_TAG: f"{PLACE}user-profile/{domain}/p{person}",
            }
            unit.create(record)

    house.kernel.writer.run(work)
    return {title: _user(house, title) for title in POLICIES}


def _user(house: House, title: str) -> Principal:
    name = title.replace(" ", "-")
    arn = f"arn:aws:iam::111122223333:user/{name}"
    record = Record(identity.USER, arn, name, uid=f"AIDA{name}", at=1.0)
    lists = allow(["sagemaker:List*", "sagemaker:Search"])
    record.document = {
        "UserName": name,
        identity.INLINE: {"given": policy(lists, POLICIES[title])},
    }
    house.kernel.writer.run(lambda unit: unit.create(record))
    return identity.user(record, "111122223333", f"AKIA{name}")


def ask(house: House, principal: Principal, name: str, **request: Any) -> Any:
    """One read."""
    operation = house.kernel.registry.services["sagemaker"].operations[name]
    return house.kernel.read(Call(house.kernel, operation, principal, request))


def best(work: Callable[[], Any], times: int = 5) -> float:
    """Milliseconds of the best run."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found) * 1000


def all_pages(house: House, principal: Principal) -> int:
    """Pages through all jobs; how many there were."""
    count, more = 0, {}
    while True:
        page = ask(house, principal, "ListTrainingJobs", MaxResults=PAGE, **more)
        count += len(page["TrainingJobSummaries"])
        if "NextToken" not in page:
            return count
        more = {"NextToken": page["NextToken"]}


def main() -> None:
    """Print a table."""
    with tempfile.TemporaryDirectory() as place:
        house = open_house(Settings(state=Path(place) / "state", account_id="111122223333"))
        users = fill(house)
        kernel = house.kernel
        for words in (["isolation=parity"], ["isolation.lists=on"]):
            kernel.writer.run(guards.work(guards.changes(words), 1.0, "root"))
            print(words[0])
            for title, user in users.items():
                page = best(lambda u=user: ask(house, u, "ListTrainingJobs", MaxResults=PAGE))
                whole = best(lambda u=user: all_pages(house, u), 2)
                found = best(
                    lambda u=user: ask(house, u, "Search", Resource="TrainingJob", MaxResults=PAGE)
                )
                count = all_pages(house, user)
                print(
                    f"  {title:12} first page {page:7.2f} ms, all {count:6} jobs {whole:8.1f} ms, "
                    f"Search {found:7.2f} ms"
                )
        kernel.writer.run(guards.work(guards.changes(["isolation=parity"]), 1.0, "root"))
        access, unit = kernel.access, kernel.reader
        off = best(lambda: [access.guards.now(unit, access.version) for _ in range(100_000)]) * 10
        print(f"check when off: {off:.0f} ns")
        house.close()


if __name__ == "__main__":
    main()

"""How long ``freehold isolation`` takes: an account of many domains, principals and resources.

``python -m tests.bench.isolation [DOMAINS [PRINCIPALS [RESOURCES]]]``: principals and resources
are per domain. Three quarters of the principals are profiles with the domain's role, the rest
users of a group; a tenth of the domains leak. Prints seconds, decisions and findings.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from freehold.base import ids
from freehold.base.settings import Settings
from freehold.compose import open_house
from freehold.isolation.examine import Wanted, examine
from freehold.kernel.permission import identity
from freehold.kernel.permission.tight import tight_policy
from freehold.kernel.tagging import DOMAIN_TAG, PROFILE_TAG
from freehold.store.records import Record
from freehold.store.unit import Unit

ACCOUNT, REGION = "111122223333", "us-east-1"
HEAD = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
KINDS = ("experiment", "model", "training-job", "pipeline", "model-package-group")
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def fill(unit: Unit, domains: int, principals: int, resources: int) -> None:
    """Write the account."""
    for number in range(domains):
        _domain(unit, number, principals, resources)


def _keep(unit: Unit, kind: str, arn: str, document: dict[str, object], **more: object) -> None:
    tags = more.pop("tags", {})
    record = Record(kind, arn, arn.rpartition("/")[2], uid=ids.suffix(16), **more)  # type: ignore[arg-type]
    record.document = document
    record.tags = tags  # type: ignore[assignment]
    unit.create(record)


def _domain(unit: Unit, number: int, principals: int, resources: int) -> None:
    id_, name = f"d-line{number:08d}", f"line{number}"
    arn, role = f"{HEAD}:domain/{id_}", f"arn:aws:iam::{ACCOUNT}:role/work-{name}"
    tight = tight_policy("aws", REGION, ACCOUNT, arn, id_, role, f"{name}-files")
    if number % 10 == 9:
        tight["Statement"].append(
            {"Effect": "Allow", "Action": "sagemaker:Describe*", "Resource": "*"}
        )
    group = f"arn:aws:iam::{ACCOUNT}:group/{name}"
    text = json.dumps(tight)
    settings = {"ExecutionRole": role}
    _keep(
        unit,
        "sagemaker:domain",
        arn,
        {"DomainId": id_, "DomainName": name, "DefaultUserSettings": settings},
    )
    _keep(unit, identity.ROLE, role, {identity.INLINE: {"tight": text}, identity.TRUST: TRUST})
    _keep(unit, identity.GROUP, group, {identity.INLINE: {"tight": text}})
    for person in range(principals):
        if person % 4:
            profile = f"{HEAD}:user-profile/{id_}/person{person}"
            document = {"DomainId": id_, "UserProfileName": f"person{person}"}
            _keep(unit, "sagemaker:user-profile", profile, document, scope=id_)
        else:
            user = f"arn:aws:iam::{ACCOUNT}:user/{name}-{person}"
            _keep(unit, identity.USER, user, {identity.GROUPS: [group]}, tags={DOMAIN_TAG: arn})
    for thing in range(resources):
        kind = KINDS[thing % len(KINDS)]
        owner = f"{HEAD}:user-profile/{id_}/person{thing % principals}"
        place = f"s3://shared-files/{name}/{thing}/"
        document = {"OutputDataConfig": {"S3OutputPath": place}, "RoleArn": role}
        tags = {DOMAIN_TAG: arn, PROFILE_TAG: owner}
        _keep(unit, f"sagemaker:{kind}", f"{HEAD}:{kind}/{name}-{thing}", document, tags=tags)


def measure(domains: int, principals: int, resources: int) -> dict[str, float]:
    """One account, made and examined."""
    with tempfile.TemporaryDirectory() as place:
        house = open_house(Settings(state=Path(place) / "state", account_id=ACCOUNT))
        try:
            house.kernel.writer.run(lambda unit: fill(unit, domains, principals, resources))
            began = time.perf_counter()
            report = examine(
                *(house.kernel.own_unit(), house.settings, house.kernel.registry),
                *(Wanted(), time.time()),
            )
            seconds = time.perf_counter() - began
        finally:
            house.close()
    leaking = sum(1 for pair in report.pairs() if report.blocks(*pair, "leak"))
    return {
        "domains": domains,
        "principals": domains * principals,
        "resources": domains * resources,
        "seconds": round(seconds, 2),
        "decisions": report.asked,
        "pairs_that_leak": leaking,
        "memory_mib": resource_mib(),
    }


def resource_mib() -> float:
    """The most memory that this process held."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def main() -> None:
    """Measure what the command line says."""
    given = [int(text) for text in sys.argv[1:]] + [20, 200, 100][len(sys.argv) - 1 :]
    print(json.dumps(measure(*given)))


if __name__ == "__main__":
    main()

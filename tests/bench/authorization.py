"""What permission adds to one call: ``python -m tests.bench.authorization``.

A user with five policies (two inline, one of a group, two managed) asks three questions that the
policies decide by tags. The same call is measured as the account's root, whom nothing is asked of:
the difference is the price. No decision is remembered; policies are compiled, as in life.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path

from freehold.base.settings import Settings
from freehold.compose import House, open_house
from freehold.kernel.call import Call
from freehold.kernel.permission import identity
from freehold.store import keys
from tests.bench import world
from tests.support.inprocess import Aws

CALLS = 3_000
ROUNDS = 7


def main() -> None:
    """Print microseconds a call by operation."""
    world.JOBS = 500
    with tempfile.TemporaryDirectory(prefix="freehold-bench-") as place:
        state = Path(place) / "state"
        key, _ = world.fill(state)
        settings = Settings(state=state, account_id=world.ACCOUNT, region=world.REGION)
        house = open_house(settings)
        try:
            give_policies(house)
            for operation, request in (
                ("DescribeTrainingJob", {"TrainingJobName": world.name_of(1)}),
                ("ListTags", {"ResourceArn": world.arn_of(1)}),
                ("CreateTrainingJob", world.job("new", 1)),
            ):
                print(f"{operation:22s} {price(house, key, operation, request):6.1f} us a call")
        finally:
            house.close()


def give_policies(house: House) -> None:
    """Four more beside the one that the caller has."""
    owner = keys.of_owner(house.kernel.reader.connection, identity.root_arn(house.settings))[0]
    aws = Aws(house.api, world.REGION, (owner.id, owner.secret))
    iam = aws.client("iam")
    text = json.dumps(world.ROLE_POLICY)
    iam.put_user_policy(UserName="bench", PolicyName="data", PolicyDocument=text)
    iam.create_group(GroupName="people")
    iam.put_group_policy(GroupName="people", PolicyName="data", PolicyDocument=text)
    iam.add_user_to_group(GroupName="people", UserName="bench")
    for name in ("AmazonSageMakerReadOnly", "AmazonS3ReadOnlyAccess"):
        iam.attach_user_policy(UserName="bench", PolicyArn=f"arn:aws:iam::aws:policy/{name}")
    aws.close()


def price(house: House, key: str, name: str, request: dict[str, object]) -> float:
    """Microseconds that permission takes of one call: the caller's less the root's, medians."""
    kernel = house.kernel
    operation = kernel.registry.services["sagemaker"].operations[name]
    record = kernel.reader.find(f"arn:aws:iam::{world.ACCOUNT}:user/bench")
    assert record is not None
    who = identity.user(record, world.ACCOUNT, key)
    root = identity.root(house.settings)
    found = {"user": [], "root": []}
    for _ in range(ROUNDS):
        for label, principal in (("user", who), ("root", root)):
            calls = [Call(kernel, operation, principal, dict(request)) for _ in range(CALLS)]
            began = time.perf_counter()
            for call in calls:
                call.unit = kernel.reader
                if operation.is_create:
                    call.request_tags = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
                kernel.access.authorize(call)
            found[label].append((time.perf_counter() - began) / CALLS * 1e6)
    return statistics.median(found["user"]) - statistics.median(found["root"])


if __name__ == "__main__":
    main()

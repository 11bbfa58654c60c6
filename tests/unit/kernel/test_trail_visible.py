"""Which entries of the audit log a member of a domain is shown, and which not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.conftest import root_keys
from tests.support.guards import switch, two_lines
from tests.support.inprocess import Aws
from tests.support.jobs import install_runtime
from tests.support.people import allow, make_user, policy, refused

from freehold.base.clock import SystemClock
from freehold.base.settings import Settings
from freehold.compose import House, open_house
from freehold.kernel.audit import of_service
from freehold.store import audit


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    place: Path = tmp_path_factory.mktemp("trail")
    install_runtime(place / "runtimes")
    settings = Settings(
        state=place / "state", account_id="111122223333", runtimes=place / "runtimes"
    )
    opened = open_house(settings, SystemClock())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def aws(house: House) -> Iterator[Aws]:
    made = Aws(house.api, "us-east-1", root_keys(house))
    yield made
    made.close()


@pytest.fixture(scope="module")
def world(aws: Aws, house: House) -> Iterator[SimpleNamespace]:
    """Finance's member may look up events; everybody has described a model, and tried to."""
    finance, other = two_lines(aws, house)
    aws.client("iam").put_role_policy(
        RoleName="work-finance",
        PolicyName="trail",
        PolicyDocument=policy(allow("cloudtrail:LookupEvents")),
    )
    inside = aws.client("sagemaker", finance.keys)
    inside.describe_model(ModelName="finance-thing")
    with refused("AccessDeniedException"):
        inside.describe_model(ModelName="sustainability-thing")
    aws.client("sagemaker", other.keys).describe_model(ModelName="sustainability-thing")
    aws.client("sagemaker").describe_model(ModelName="finance-thing")
    auditor = make_user(aws, "auditor", allow("*"))
    aws.client("sagemaker", auditor).describe_model(ModelName="finance-thing")
    with refused("InvalidSignatureException"):
        aws.client("sagemaker", (aws.root[0], "wrong")).describe_model(ModelName="x")
    apps = [
        of_service(house.kernel.clock.now(), "sagemaker", "StopIdleApp", f"{one.person}")
        for one in (finance, other)
    ]
    house.kernel.writer.run(lambda unit: audit.append(unit.connection, apps))
    house.kernel.flush_audit()
    house.kernel.writer.run(lambda _: None)
    switch(house, "isolation.lists=on")
    yield SimpleNamespace(finance=finance, other=other, auditor=auditor)
    switch(house, "isolation=parity")


def look_up(aws: Aws, keys: Any, **attributes: str) -> list[dict[str, Any]]:
    pages = (
        aws.client("cloudtrail", keys)
        .get_paginator("lookup_events")
        .paginate(
            LookupAttributes=[
                {"AttributeKey": key, "AttributeValue": value} for key, value in attributes.items()
            ]
        )
    )
    return [event for page in pages for event in page["Events"]]


def record(event: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(event["CloudTrailEvent"]))


def who(event: dict[str, Any]) -> str:
    told = record(event)
    more = told["additionalEventData"].get("origin")
    return str(more or told["userIdentity"].get("arn") or told["userIdentity"]["type"])


def test_without_the_guard_a_lookup_shows_the_account_as_on_aws(
    aws: Aws, house: House, world: SimpleNamespace
) -> None:
    switch(house, "isolation.lists=off")
    found = look_up(aws, world.finance.keys, EventName="DescribeModel")
    switch(house, "isolation.lists=on")
    assert len(found) == 6


def test_a_member_sees_their_own_calls_and_what_was_done_to_their_things(
    aws: Aws, world: SimpleNamespace
) -> None:
    found = look_up(aws, world.finance.keys, EventName="DescribeModel")
    assert sorted(who(one).rpartition(":")[2] for one in found) == sorted(
        ["root", *[world.finance.person.rpartition(":")[2]] * 2]
    )  # the refused one is theirs, too; the auditor may not be described, and is not shown


def test_nothing_of_another_domain_is_shown(aws: Aws, world: SimpleNamespace) -> None:
    seen = look_up(aws, world.finance.keys, EventSource="sagemaker.amazonaws.com")
    assert "CreateTrainingJob" in [one["EventName"] for one in seen]
    text = json.dumps([one for one in seen if "AccessDenied" not in str(one)], default=str)
    assert world.other.domain.id not in text
    assert "sustainability" not in text
    for attributes in (
        {"ResourceName": world.other.domain.id},
        {"ResourceName": world.other.person},
        {"EventName": "CreateUser"},  # the root's, about nobody of theirs
        {"Username": "auditor"},
    ):
        assert look_up(aws, world.finance.keys, **attributes) == []


def test_an_event_id_of_another_domain_finds_nothing(aws: Aws, world: SimpleNamespace) -> None:
    (theirs,) = look_up(
        aws, None, EventName="CreateTrainingJob", ResourceName=world.other.domain.id
    )
    assert look_up(aws, world.finance.keys, EventId=theirs["EventId"]) == []
    assert len(look_up(aws, world.auditor, EventId=theirs["EventId"])) == 1


def test_who_may_describe_everything_sees_everything(aws: Aws, world: SimpleNamespace) -> None:
    for attributes in ({"EventName": "DescribeModel"}, {"EventName": "CreateUser"}):
        by_root = {one["EventId"] for one in look_up(aws, None, **attributes)}
        assert {one["EventId"] for one in look_up(aws, world.auditor, **attributes)} == by_root


def test_what_the_house_did_by_itself_is_an_event_of_the_service(
    aws: Aws, world: SimpleNamespace
) -> None:
    (event,) = look_up(aws, world.finance.keys, EventName="StopIdleApp")
    told = record(event)
    assert told["eventType"] == "AwsServiceEvent"
    assert told["userIdentity"] == {"type": "AWSService", "invokedBy": "sagemaker.amazonaws.com"}
    assert told["sourceIPAddress"] == told["userAgent"] == "sagemaker.amazonaws.com"
    assert len(look_up(aws, None, EventName="StopIdleApp")) == 2

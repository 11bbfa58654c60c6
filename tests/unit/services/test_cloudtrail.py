"""LookupEvents over the audit log: what is found, how it is told, and who may see it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.support.inprocess import Aws
from tests.support.people import (
    allow,
    deny,
    make_role,
    make_user,
    refused,
    session,
    trusting,
)
from tests.support.studio import make_domain, make_profile, session_keys, work_role

from freehold.compose import House
from freehold.kernel.trail import lookup
from freehold.loops.trail import TrailIndex

ROOT = "arn:aws:iam::111122223333:root"
THING = "arn:aws:sagemaker:us-east-1:111122223333:"


def settle(house: House) -> None:
    """What waits is written."""
    house.kernel.flush_audit()
    house.kernel.writer.run(lambda _: None)


@pytest.fixture(params=["as it stands", "indexed"])
def events(aws: Aws, house: House, request: pytest.FixtureRequest) -> Any:
    """All events of a question, by an administrator; with the index, and without."""
    made = TrailIndex(house.kernel)

    def ask(keys: Any = None, **attributes: str) -> list[dict[str, Any]]:
        settle(house)
        if request.param == "indexed":
            made.turn()
        pages = (
            aws.client("cloudtrail", keys)
            .get_paginator("lookup_events")
            .paginate(
                LookupAttributes=[
                    {"AttributeKey": key, "AttributeValue": value}
                    for key, value in attributes.items()
                ]
            )
        )
        return [event for page in pages for event in page["Events"]]

    yield ask
    made.close()


Ask = Callable[..., list[dict[str, Any]]]


def record(event: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(event["CloudTrailEvent"]))


def names(found: list[dict[str, Any]]) -> list[str]:
    return [event["EventName"] for event in found]


def test_each_attribute_finds_its_events_newest_first(aws: Aws, events: Ask) -> None:
    sm = aws.client("sagemaker")
    sm.create_experiment(ExperimentName="one")
    sm.create_experiment(ExperimentName="two")
    sm.describe_experiment(ExperimentName="two")
    ana = make_user(aws, "ana", allow("sagemaker:*"))
    aws.client("sagemaker", ana).delete_experiment(ExperimentName="one")
    assert names(events(EventSource="sagemaker.amazonaws.com")) == [
        "DeleteExperiment",
        "DescribeExperiment",
        "CreateExperiment",
        "CreateExperiment",
    ]
    created = events(EventName="CreateExperiment")
    assert [one["Resources"][0]["ResourceName"] for one in created] == [
        f"{THING}experiment/two",
        f"{THING}experiment/one",
    ]
    assert names(events(Username="ana")) == ["DeleteExperiment"]
    assert names(events(AccessKeyId=ana[0])) == ["DeleteExperiment"]
    for value in ("one", f"{THING}experiment/one"):
        assert names(events(ResourceName=value)) == ["DeleteExperiment", "CreateExperiment"]
    assert len(events(ResourceType="AWS::SageMaker::Experiment")) == 4
    assert names(events(ResourceName="two", ReadOnly="true")) == ["DescribeExperiment"]
    assert names(events(ResourceName="two", ReadOnly="false")) == ["CreateExperiment"]
    assert names(events(EventId=created[0]["EventId"])) == ["CreateExperiment"]
    assert names(events(EventId=created[0]["EventId"], Username="ana")) == []
    assert events(EventId="0b6ddc5c-7ac2-4e55-8cd5-6d2c8c9a7a11") == []
    assert events(Username="nobody") == []


def test_pages_hold_every_event_once(aws: Aws, house: House, events: Ask) -> None:
    sm = aws.client("sagemaker")
    for number in range(7):
        sm.create_experiment(ExperimentName=f"e{number}")
    whole = [one["EventId"] for one in events(EventName="CreateExperiment")]
    assert len(whole) == 7
    client, seen, token = aws.client("cloudtrail"), [], {}
    asked = [{"AttributeKey": "EventName", "AttributeValue": "CreateExperiment"}]
    while True:
        page = client.lookup_events(LookupAttributes=asked, MaxResults=3, **token)
        assert len(page["Events"]) <= 3
        seen += [one["EventId"] for one in page["Events"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
        sm.create_experiment(ExperimentName=f"later{len(seen)}")  # never shifts what follows
    assert seen == whole
    with refused("InvalidNextTokenException"):
        client.lookup_events(**token)
    with refused("InvalidNextTokenException"):
        client.lookup_events(LookupAttributes=asked, NextToken="none-of-ours")


def test_a_page_that_would_read_too_much_ends_early_and_goes_on(
    aws: Aws, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    sm = aws.client("sagemaker")
    sm.create_experiment(ExperimentName="rare")
    for _ in range(9):
        sm.list_experiments()
    settle(house)
    monkeypatch.setattr(lookup, "READ_MAX", 4)
    monkeypatch.setattr(lookup, "STEP", 3)
    client = aws.client("cloudtrail")
    asked = [{"AttributeKey": "ResourceName", "AttributeValue": "rare"}]
    first = client.lookup_events(LookupAttributes=asked)
    assert first["Events"] == []
    assert first["NextToken"]
    pages = client.get_paginator("lookup_events").paginate(LookupAttributes=asked)
    assert names([one for page in pages for one in page["Events"]]) == ["CreateExperiment"]


def test_the_bare_history_shows_management_events_only(aws: Aws, events: Ask) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="a-bucket")
    s3.put_object(Bucket="a-bucket", Key="folder/x", Body=b"1")
    assert names(events()) == ["CreateBucket"]
    assert names(events(ReadOnly="false")) == ["CreateBucket"]
    (put,) = events(EventName="PutObject")
    kept = record(put)
    assert (kept["eventCategory"], kept["managementEvent"]) == ("Data", False)
    assert kept["requestParameters"]["bucketName"] == "a-bucket"
    assert put["Resources"][0]["ResourceType"] == "AWS::S3::Object"


def test_time_bounds_are_included(aws: Aws, house: House, events: Ask) -> None:
    sm = aws.client("sagemaker")
    for name in ("one", "two", "three"):
        sm.create_experiment(ExperimentName=name)
    found = events(EventName="CreateExperiment")
    client, at = aws.client("cloudtrail"), found[1]["EventTime"]
    late = client.lookup_events(StartTime=at, EndTime=at + timedelta(days=1))["Events"]
    early = client.lookup_events(EndTime=at - timedelta(days=1))["Events"]
    assert {found[0]["EventId"], found[1]["EventId"]} <= {one["EventId"] for one in late}
    assert early == []
    with refused("InvalidTimeRangeException"):
        client.lookup_events(StartTime=at, EndTime=at - timedelta(seconds=1))


def test_a_refusal_is_told_with_the_statement_that_refused(aws: Aws, events: Ask) -> None:
    no = deny("sagemaker:DeleteModel") | {"Sid": "Never"}
    keys = make_user(aws, "ana", allow("sagemaker:*"), no)
    with pytest.raises(ClientError) as caught:
        aws.client("sagemaker", keys).delete_model(ModelName="m")
    request_id = caught.value.response["ResponseMetadata"]["RequestId"]
    (event,) = events(EventId=request_id)
    told = record(event)
    assert told["requestID"] == told["eventID"] == request_id
    assert told["errorCode"] == "AccessDeniedException"
    assert "explicit deny" in told["errorMessage"]
    more = told["additionalEventData"]
    assert more["outcome"] == "refused"
    assert more["decisions"] == [
        {
            "action": "sagemaker:DeleteModel",
            "resource": f"{THING}model/m",
            "effect": "explicitDeny",
            "layer": "identity",
            "policy": "given",
            "statement": "Never",
            "says": "refused: explicitly denied by statement Never of the identity-based policy "
            "given",
        }
    ]
    assert more["conditionKeys"]["aws:username"] == "ana"


def test_the_record_tells_who_called(aws: Aws, house: House, events: Ask) -> None:
    keys = make_user(aws, "ana", allow(["sts:*", "sagemaker:*"]))
    role = make_role(aws, "work", trusting("111122223333"), allow("sagemaker:*"))
    aws.client("sagemaker", keys).list_models()
    aws.client("sagemaker", session(aws, keys, role, "nightly")).list_models()
    aws.client("sagemaker").list_models()
    by_root, by_session, by_user = (record(one) for one in events(EventName="ListModels"))
    uid = aws.client("iam").get_user(UserName="ana")["User"]["UserId"]
    role_id = aws.client("iam").get_role(RoleName="work")["Role"]["RoleId"]
    assert by_root["userIdentity"] == {
        "type": "Root",
        "principalId": "111122223333",
        "arn": ROOT,
        "accountId": "111122223333",
        "accessKeyId": aws.root[0],
    }
    assert by_user["userIdentity"]["principalId"] == uid
    assert by_user["userIdentity"]["userName"] == "ana"
    assert by_session["userIdentity"]["principalId"] == f"{role_id}:nightly"
    assert by_session["userIdentity"]["sessionContext"]["sessionIssuer"] == {
        "type": "Role",
        "principalId": role_id,
        "arn": role,
        "accountId": "111122223333",
        "userName": "work",
    }
    assert by_user["sourceIPAddress"] == "127.0.0.1"
    assert "Boto3" in by_user["userAgent"]
    assert [one["Username"] for one in events(EventName="ListModels")] == ["root", "nightly", "ana"]


def test_a_later_namesake_does_not_get_the_blame(aws: Aws, events: Ask) -> None:
    keys = make_user(aws, "ana", allow("sagemaker:*"))
    aws.client("sagemaker", keys).list_models()
    iam = aws.client("iam")
    iam.delete_access_key(UserName="ana", AccessKeyId=keys[0])
    iam.delete_user_policy(UserName="ana", PolicyName="given")
    iam.delete_user(UserName="ana")
    iam.create_user(UserName="ana")
    (event,) = events(EventName="ListModels")
    assert "principalId" not in record(event)["userIdentity"]


def test_secrets_and_what_aws_calls_sensitive_are_not_told(aws: Aws, events: Ask) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ana")
    iam.create_login_profile(UserName="ana", Password="a-Secret-9-word")
    (event,) = events(EventName="CreateLoginProfile")
    assert "a-Secret-9-word" not in json.dumps(event, default=str)
    parameters = record(event)["requestParameters"]
    assert parameters["userName"] == "ana"
    assert parameters["password"].startswith("HIDDEN")


def test_what_is_done_inside_a_domain_is_found_by_the_domain(
    aws: Aws, house: House, events: Ask
) -> None:
    role = work_role(aws, "work")
    domain = make_domain(aws, "finance", role)
    person = make_profile(aws, domain.id, "ana")
    aws.client("sagemaker", session_keys(house, role, person)).create_experiment(ExperimentName="e")
    for value in (domain.id, domain.arn, "ana", person):
        found = events(ResourceName=value, EventName="CreateExperiment")
        assert len(found) == 1, value
    assert record(found[0])["additionalEventData"]["origin"] == person


def test_a_bad_signature_is_an_event_of_nobody(aws: Aws, events: Ask) -> None:
    with refused("InvalidSignatureException"):
        aws.client("sagemaker", (aws.root[0], "wrong")).list_models()
    (event,) = events(EventName="ListModels")
    assert "Username" not in event
    assert record(event)["userIdentity"]["type"] == "Unknown"
    assert record(event)["errorCode"] == "InvalidSignatureException"


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ([("ReadOnly", "maybe")], "InvalidLookupAttributesException"),
        ([("Username", "a"), ("Username", "b")], "InvalidLookupAttributesException"),
    ],
)
def test_an_attribute_that_cannot_be_is_refused(
    aws: Aws, attributes: list[tuple[str, str]], code: str
) -> None:
    given = [{"AttributeKey": key, "AttributeValue": value} for key, value in attributes]
    with refused(code):
        aws.client("cloudtrail").lookup_events(LookupAttributes=given)


def test_there_are_no_trails_and_none_is_made(aws: Aws) -> None:
    client = aws.client("cloudtrail")
    assert client.describe_trails()["trailList"] == []
    assert client.list_trails()["Trails"] == []
    for ask in (client.get_trail_status, client.get_trail):
        with refused("TrailNotFoundException", "none"):
            ask(Name="none")
    with refused("TrailNotFoundException"):
        client.get_event_selectors(TrailName="none")
    with refused("UnsupportedOperationException", "CreateTrail"):
        client.create_trail(Name="mine", S3BucketName="a-bucket")
    assert client.lookup_events(EventCategory="insight")["Events"] == []

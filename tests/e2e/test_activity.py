"""From a refusal to its reason, and whether domains are isolated: by AWS's own API and clients.

What the console's pages Activity and Access ask, asked by boto3 and the aws CLI of a real server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.e2e.test_spine import cli
from tests.support.people import allow, deny, policy, trusting
from tests.support.server import RunningServer, until

pytestmark = pytest.mark.e2e
ANALYZER = "freehold-isolation"


def a_user(iam: Any, name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    """A user with these statements inline; the new access key."""
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="given", PolicyDocument=policy(*statements))
    key: dict[str, Any] = iam.create_access_key(UserName=name)["AccessKey"]
    return key


def told(event: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event["CloudTrailEvent"])
    return found


def test_a_refused_call_leads_to_the_statement_that_refused_it(server: RunningServer) -> None:
    never = deny("sagemaker:DeleteModel") | {"Sid": "NeverModels"}
    root = server.environment()
    iam, trail = server.client("iam"), server.client("cloudtrail")
    keys = a_user(iam, "ana", allow("sagemaker:*"), never)
    with pytest.raises(ClientError) as caught:
        server.client("sagemaker", keys).delete_model(ModelName="m")
    request_id = caught.value.response["ResponseMetadata"]["RequestId"]

    def found() -> list[dict[str, Any]]:
        asked = {"AttributeKey": "EventId", "AttributeValue": request_id}
        events: list[dict[str, Any]] = trail.lookup_events(LookupAttributes=[asked])["Events"]
        return events

    until(found, 20)  # refusals are written a second later at most
    (event,) = found()
    attribute = f"AttributeKey=EventId,AttributeValue={request_id}"
    done = cli("cloudtrail", "lookup-events", "--lookup-attributes", attribute, **root)
    assert done.returncode == 0, done.stderr
    (by_cli,) = json.loads(done.stdout)["Events"]
    assert by_cli["CloudTrailEvent"] == event["CloudTrailEvent"]
    assert (event["EventName"], event["Username"]) == ("DeleteModel", "ana")
    assert event["AccessKeyId"] == keys["AccessKeyId"]
    (decision,) = told(event)["additionalEventData"]["decisions"]
    assert decision["effect"] == "explicitDeny"

    # The policy and its statement, by their names.
    text = iam.get_user_policy(UserName="ana", PolicyName=decision["policy"])["PolicyDocument"]
    (statement,) = [one for one in text["Statement"] if one.get("Sid") == decision["statement"]]
    assert statement["Action"] == "sagemaker:DeleteModel"

    # The same question, simulated: the same answer by the same statement.
    (result,) = iam.simulate_principal_policy(
        PolicySourceArn=told(event)["userIdentity"]["arn"],
        ActionNames=[decision["action"]],
        ResourceArns=[decision["resource"]],
    )["EvaluationResults"]
    assert result["EvalDecision"] == decision["effect"]
    assert [one["SourcePolicyId"] for one in result["MatchedStatements"]]

    # What EC2 seals into its refusal, the trail tells as well.
    keys = a_user(iam, "bea", allow("sts:*"), deny("ec2:*") | {"Sid": "NoNetworks"})
    with pytest.raises(ClientError) as caught:
        server.client("ec2", keys).describe_vpcs()
    sealed = re.search(r"failure message: (\S+)", caught.value.response["Error"]["Message"])
    assert sealed is not None
    opened = server.client("sts", keys).decode_authorization_message(EncodedMessage=sealed[1])
    (matched,) = json.loads(opened["DecodedMessage"])["matchedStatements"]["items"]
    asked = [{"AttributeKey": "EventName", "AttributeValue": "DescribeVpcs"}]
    until(lambda: trail.lookup_events(LookupAttributes=asked)["Events"], 20)
    (event,) = trail.lookup_events(LookupAttributes=asked)["Events"]
    (decision,) = told(event)["additionalEventData"]["decisions"]
    assert (decision["statement"], decision["policy"]) == ("NoNetworks", "given")
    assert matched["statementId"] == "NoNetworks"


def a_domain(iam: Any, sm: Any, name: str, *statements: dict[str, Any]) -> str:
    """A domain with one person, whose execution role has these statements; its id."""
    role = iam.create_role(
        RoleName=f"work-{name}",
        AssumeRolePolicyDocument=trusting({"Service": "sagemaker.amazonaws.com"}),
    )["Role"]["Arn"]
    iam.put_role_policy(
        RoleName=f"work-{name}", PolicyName="given", PolicyDocument=policy(*statements)
    )
    made: str = sm.create_domain(
        DomainName=name, AuthMode="IAM", DefaultUserSettings={"ExecutionRole": role}
    )["DomainId"]
    sm.create_user_profile(DomainId=made, UserProfileName="ana")
    return made


def test_the_isolation_check_is_asked_for_and_outlives_a_kill(
    make_server: Callable[..., RunningServer],
) -> None:
    server = make_server()
    server.start()
    iam, sm = server.client("iam"), server.client("sagemaker")
    client = server.client("accessanalyzer")  # the ports are kept over a restart
    one = a_domain(iam, sm, "one", allow("sagemaker:DeleteDomain") | {"Sid": "Wide"})
    two = a_domain(iam, sm, "two", allow("sagemaker:DescribeModel", "arn:aws:sagemaker:*:*:none"))

    def analyzer() -> dict[str, Any]:
        found: dict[str, Any] = client.get_analyzer(analyzerName=ANALYZER)["analyzer"]
        return found

    def run() -> str:
        state: str = analyzer()["tags"]["freehold:run"]
        return state

    arn = analyzer()["arn"]
    assert run() == "never"
    started = cli(
        *("accessanalyzer", "start-resource-scan", "--analyzer-arn", arn, "--resource-arn", arn),
        **server.environment(),
    )
    assert started.returncode == 0, started.stderr
    server.kill()
    server.start()
    until(lambda: run() == "done", 60)
    facts = analyzer()["tags"]
    assert facts["freehold:verdict"] == "leaks"
    assert facts["freehold:stale"] == "false"
    active = {"status": {"eq": ["ACTIVE"]}}
    listed = client.list_findings(analyzerArn=arn, filter=active)["findings"]
    conditions = [finding["condition"] for finding in listed]
    assert {
        (each["freehold:from"], each["freehold:to"], each["freehold:statement"])
        for each in conditions
    } == {(f"one ({one})", f"two ({two})", "Wide")}
    assert any(f"domain/{two}" in finding["resource"] for finding in listed)

    # Mended, and asked again: resolved.
    iam.delete_role_policy(RoleName="work-one", PolicyName="given")
    assert analyzer()["tags"]["freehold:stale"] == "true"
    client.start_resource_scan(analyzerArn=arn, resourceArn=arn)
    until(lambda: analyzer()["tags"]["freehold:verdict"] == "isolated", 60)
    assert client.list_findings_v2(analyzerArn=arn, filter=active)["findings"] == []
    assert server.stop() == 0

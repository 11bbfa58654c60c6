"""Access Analyzer by a real client: policies validated, compared, and the isolation findings."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, deny, make_user, policy, refused
from tests.support.studio import make_domain

from freehold.base.clock import iso
from freehold.compose import House
from freehold.kernel.analysis import kept
from freehold.loops.analysis import Analysis

ARN = "arn:aws:access-analyzer:us-east-1:111122223333:analyzer/freehold-isolation"


@pytest.fixture
def analyzer(aws: Aws) -> Any:
    return aws.client("accessanalyzer")


# -- ValidatePolicy -------------------------------------------------------------------------------


def validate(client: Any, text: str, type_: str = "IDENTITY_POLICY", **more: Any) -> list[Any]:
    found = client.get_paginator("validate_policy").paginate(
        policyDocument=text, policyType=type_, **more
    )
    return [finding for page in found for finding in page["findings"]]


def test_a_trap_is_told_with_its_place(analyzer: Any) -> None:
    text = '{\n  "Version": "2012-10-17",\n  "Statement": [\n    ' + json.dumps(allow("s3:*"))
    text += ",\n    " + json.dumps(allow("iam:PassRole")) + "\n  ]\n}"
    (found,) = validate(analyzer, text)
    assert found["findingType"] == "SECURITY_WARNING"
    assert found["issueCode"] == "PASS_ROLE"
    assert "any role may be passed on" in found["findingDetails"].lower()
    assert found["learnMoreLink"].startswith("docs/operate/access-analyzer.md")
    (place,) = found["locations"]
    assert place["path"] == [{"value": "Statement"}, {"index": 1}]
    start, end = place["span"]["start"], place["span"]["end"]
    assert json.loads(text[start["offset"] : end["offset"]]) == allow("iam:PassRole")
    assert (start["line"], start["column"]) == (5, 4)


def test_an_action_that_does_not_exist_is_an_error(analyzer: Any) -> None:
    (found,) = validate(analyzer, policy(allow("s3:GetObjekt")))
    assert (found["findingType"], found["issueCode"]) == ("ERROR", "INVALID_ACTION")


def test_a_tight_policy_has_no_findings(analyzer: Any) -> None:
    assert validate(analyzer, policy(allow("s3:GetObject", "arn:aws:s3:::a/*"))) == []


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        ('{"Version": "2012-10-17", "Statement": [', "JSON_SYNTAX_ERROR", []),
        ("[]", "POLICY_SYNTAX_ERROR", []),
        ("1" * 5000, "POLICY_SYNTAX_ERROR", []),
        ('{"Statement": "x"}', "POLICY_SYNTAX_ERROR", []),
        (
            policy(allow("s3:*"), {"Effect": "Allow", "Resource": "*"}),
            "MISSING_ACTION",
            [{"value": "Statement"}, {"index": 1}],
        ),
        (
            '{"Statement": {"Effect": "Maybe", "Action": "s3:*", "Resource": "*"}}',
            "POLICY_SYNTAX_ERROR",
            [{"value": "Statement"}],
        ),
        (policy(allow("s3:*", Sid="A"), allow("s3:*", Sid="A")), "UNIQUE_SIDS_REQUIRED", []),
    ],
)
def test_what_iam_would_refuse_is_an_error_at_its_place(
    analyzer: Any, text: str, code: str, path: list[Any]
) -> None:
    (found,) = validate(analyzer, text)
    assert (found["findingType"], found["issueCode"]) == ("ERROR", code)
    assert found["locations"][0]["path"] == path


def test_a_policy_on_a_thing_is_read_as_what_it_will_be(analyzer: Any) -> None:
    everyone = policy(allow("s3:GetObject", "arn:aws:s3:::a/*", Principal="*"))
    assert [one["issueCode"] for one in validate(analyzer, everyone, "RESOURCE_POLICY")] == [
        "EVERYONE"
    ]
    trust = policy({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"})
    more = {"validatePolicyResourceType": "AWS::IAM::AssumeRolePolicyDocument"}
    assert validate(analyzer, trust, "RESOURCE_POLICY", **more)[0]["issueCode"] == "EVERYONE"
    with refused("UnsupportedOperationException", "AWS::DynamoDB::Table"):
        validate(
            analyzer, everyone, "RESOURCE_POLICY", validatePolicyResourceType="AWS::DynamoDB::Table"
        )
    with refused("UnsupportedOperationException", "SERVICE_CONTROL_POLICY"):
        validate(analyzer, everyone, "SERVICE_CONTROL_POLICY")


# -- checks ---------------------------------------------------------------------------------------


def test_access_that_must_not_be_granted(analyzer: Any) -> None:
    text = policy(allow("s3:Get*", Sid="Read"), deny("s3:GetObject"))
    asked = {"policyDocument": text, "policyType": "IDENTITY_POLICY"}
    passed = analyzer.check_access_not_granted(access=[{"actions": ["s3:GetObject"]}], **asked)
    assert (passed["result"], passed["reasons"]) == ("PASS", [])
    failed = analyzer.check_access_not_granted(
        access=[{"actions": ["s3:GetBucketTagging"]}], **asked
    )
    assert failed["result"] == "FAIL"
    (reason,) = failed["reasons"]
    assert (reason["statementId"], reason["statementIndex"]) == ("Read", 0)
    with refused("InvalidParameterException"):
        analyzer.check_access_not_granted(access=[{}], **asked)


def test_a_policy_that_grants_more_than_before(analyzer: Any) -> None:
    old = policy(allow("s3:Get*"))
    asked = {"existingPolicyDocument": old, "policyType": "IDENTITY_POLICY"}
    more = analyzer.check_no_new_access(newPolicyDocument=policy(allow("s3:*")), **asked)
    less = analyzer.check_no_new_access(newPolicyDocument=policy(allow("s3:GetObject")), **asked)
    assert (more["result"], less["result"]) == ("FAIL", "PASS")
    never = {
        "NumericLessThan": {"aws:EpochTime": "-1"},
        "NumericGreaterThan": {"aws:EpochTime": "5"},
    }
    with refused("UnprocessableEntityException", "cannot be decided exactly") as caught:
        analyzer.check_no_new_access(
            newPolicyDocument=policy(allow("iam:*", Condition=never)), **asked
        )
    assert caught.message


# -- the analyzer and its findings ----------------------------------------------------------------


def report(*findings: dict[str, Any], isolated: bool = False) -> dict[str, Any]:
    """As ``freehold isolation --json`` prints it."""
    return {
        "isolated": isolated,
        "domains": {"d-one": "one", "d-two": "two"},
        "guards": [],
        "pairs": [{"from": "d-one", "to": "d-two", "isolated": isolated, "findings": [*findings]}],
        "principals": 2,
        "things": 3,
        "operations": 4,
        "decisions": 5,
        "homeless": [],
        "unexamined": [],
    }


def way(principal: str = "one", severity: str = "leak") -> dict[str, Any]:
    return {
        "severity": severity,
        "exact": True,
        "principal": f"arn:aws:iam::111122223333:role/{principal}",
        "home_because": "execution role",
        "chain": [{"how": "assume", "text": "becomes", "action": "a", "on": "b", "policy": "p",
                   "statement": "#0"}],
        "operations": ["DeleteModel"],
        "actions": ["sagemaker:DeleteModel"],
        "example": "arn:aws:sagemaker:us-east-1:111122223333:model/two",
        "count": 1,
        "policy": "given",
        "statement": "Wide",
        "layer": "identity",
        "witness": {"aws:username": "x"},
        "cure": "narrow Resource",
    }  # fmt: skip


@pytest.fixture
def loop(house: House, tmp_path: Path) -> Iterator[Any]:
    """Runs the loop once, with an examination that answers what it is told."""
    answer = tmp_path / "answer.json"
    script = "import sys, pathlib; print(pathlib.Path(sys.argv[1]).read_text())"

    def turn(told: Any) -> float:
        answer.write_text(told if isinstance(told, str) else json.dumps(told))
        made = Analysis(house.kernel, [sys.executable, "-c", script, str(answer)])
        try:
            return made.turn()
        finally:
            made.close()

    return turn


def scan(client: Any) -> None:
    client.start_resource_scan(analyzerArn=ARN, resourceArn=ARN)


def tags(client: Any) -> dict[str, str]:
    return dict(client.get_analyzer(analyzerName="freehold-isolation")["analyzer"]["tags"])


def listed(client: Any, **more: Any) -> list[Any]:
    pages = client.get_paginator("list_findings_v2").paginate(analyzerArn=ARN, **more)
    return [one for page in pages for one in page["findings"]]


def test_there_is_one_analyzer_that_has_not_looked_yet(analyzer: Any, loop: Any) -> None:
    (found,) = analyzer.list_analyzers()["analyzers"]
    assert (found["arn"], found["type"], found["status"]) == (ARN, "ACCOUNT", "ACTIVE")
    assert found["tags"] == {"freehold:run": "never"}
    assert "lastResourceAnalyzedAt" not in found
    assert analyzer.list_analyzers(type="ORGANIZATION")["analyzers"] == []
    assert loop(report(way())) > 80_000  # nobody asked: tomorrow
    assert tags(analyzer) == {"freehold:run": "never"}
    with refused("ResourceNotFoundException", "freehold-isolation"):
        analyzer.get_analyzer(analyzerName="another")
    with refused("UnsupportedOperationException", "CreateAnalyzer"):
        analyzer.create_analyzer(analyzerName="mine", type="ACCOUNT")


def test_a_run_is_asked_for_and_its_answer_kept(aws: Aws, analyzer: Any, loop: Any) -> None:
    scan(analyzer)
    assert tags(analyzer)["freehold:run"] == "queued"
    loop(report(way(), way(severity="lists")))
    (found,) = analyzer.list_analyzers()["analyzers"]
    assert found["lastResourceAnalyzedAt"].year >= 2025
    told = found["tags"]
    assert (told["freehold:run"], told["freehold:verdict"]) == ("done", "leaks")
    assert told["freehold:stale"] == "false"
    assert (told["freehold:domains"], told["freehold:decisions"]) == ("2", "5")
    make_user(aws, "ana", allow("s3:*"))
    assert tags(analyzer)["freehold:stale"] == "true"
    both = listed(analyzer)
    assert sorted(one["status"] for one in both) == ["ACTIVE", "ARCHIVED"]
    (leak,) = listed(analyzer, filter={"status": {"eq": ["ACTIVE"]}})
    assert leak["resourceType"] == "AWS::SageMaker::Model"
    whole = analyzer.get_finding(analyzerArn=ARN, id=leak["id"])["finding"]
    assert whole["principal"] == {"AWS": "arn:aws:iam::111122223333:role/one"}
    assert whole["action"] == ["sagemaker:DeleteModel"]
    condition = whole["condition"]
    assert condition["freehold:from"] == "one (d-one)"
    assert condition["freehold:statement"] == "Wide"
    assert condition["freehold:cure"] == "narrow Resource"
    assert condition["aws:username"] == "x"
    second = analyzer.get_finding_v2(analyzerArn=ARN, id=leak["id"])
    assert second["findingDetails"][0]["externalAccessDetails"]["action"] == whole["action"]
    assert analyzer.list_findings(analyzerArn=ARN)["findings"][0]["sources"] == [{"type": "POLICY"}]
    counted = analyzer.get_findings_statistics(analyzerArn=ARN)["findingsStatistics"][0]
    assert counted["externalAccessFindingsStatistics"]["totalActiveFindings"] == 1


def test_a_finding_keeps_its_id_and_age_and_is_resolved_when_gone(analyzer: Any, loop: Any) -> None:
    for told in (report(way(), way("other")), report(way())):
        scan(analyzer)
        loop(told)
        if len(listed(analyzer, filter={"status": {"eq": ["ACTIVE"]}})) == 2:
            before = {one["id"]: one for one in listed(analyzer)}
    after = {one["id"]: one for one in listed(analyzer)}
    assert before.keys() == after.keys()
    assert sorted(one["status"] for one in after.values()) == ["ACTIVE", "RESOLVED"]
    for key, one in after.items():
        assert one["createdAt"] == before[key]["createdAt"]
    scan(analyzer)
    loop(report(way(), way("other")))
    assert [one["status"] for one in listed(analyzer)] == ["ACTIVE", "ACTIVE"]


def test_a_finding_that_was_archived_stays_so(analyzer: Any, loop: Any) -> None:
    scan(analyzer)
    loop(report(way()))
    (found,) = listed(analyzer)
    analyzer.update_findings(analyzerArn=ARN, status="ARCHIVED", ids=[found["id"]])
    scan(analyzer)
    loop(report(way()))
    assert [one["status"] for one in listed(analyzer)] == ["ARCHIVED"]
    analyzer.update_findings(analyzerArn=ARN, status="ACTIVE", resourceArn=found["resource"])
    assert [one["status"] for one in listed(analyzer)] == ["ACTIVE"]
    with refused("ResourceNotFoundException"):
        analyzer.update_findings(analyzerArn=ARN, status="ACTIVE", ids=["none"])
    with refused("ValidationException"):
        analyzer.update_findings(analyzerArn=ARN, status="ACTIVE")


def test_an_examination_that_fails_says_why_and_leaves_the_last_answer(
    analyzer: Any, house: House, loop: Any
) -> None:
    scan(analyzer)
    loop(report(way()))
    scan(analyzer)
    loop("no JSON at all")
    told = tags(analyzer)
    assert told["freehold:run"] == "failed"
    assert "cannot be read" in told["freehold:failure"]
    assert told["freehold:verdict"] == "leaks"
    assert len(listed(analyzer)) == 1


def test_a_way_that_names_no_single_thing_is_listed_too(analyzer: Any, loop: Any) -> None:
    scan(analyzer)
    loop(report(way() | {"example": "*"}, isolated=False))
    assert [one["resourceType"] for one in listed(analyzer)] == ["AWS::::Account"]


def test_a_server_that_dies_in_a_run_begins_it_again(
    analyzer: Any, house: House, loop: Any
) -> None:
    scan(analyzer)
    from freehold.loops.analysis.loop import _begin

    house.kernel.writer.run(lambda unit: _begin(ARN, house.kernel.clock.now(), unit))
    assert tags(analyzer)["freehold:run"] == "running"
    assert tags(analyzer)["freehold:running-since"] == iso(house.kernel.clock.now())
    loop(report(way(), isolated=False))
    assert tags(analyzer)["freehold:run"] == "done"
    assert "freehold:running-since" not in tags(analyzer)


def test_asking_in_the_midst_of_a_run_asks_for_another(
    analyzer: Any, house: House, loop: Any
) -> None:
    scan(analyzer)
    assert loop(report(way())) > 80_000
    scan(analyzer)
    record = house.kernel.own_unit().find(ARN)
    assert record is not None
    record.document[kept.RUNNING] = record.document[kept.ASKED]["at"] - 1
    from freehold.loops.analysis.loop import _end

    _end(record, house.kernel.clock.now())
    assert kept.ASKED in record.document
    assert record.due is not None
    assert record.due <= house.kernel.clock.now()


def test_findings_are_filtered_sorted_and_paged(analyzer: Any, loop: Any) -> None:
    scan(analyzer)
    loop(report(*(way(f"role-{number}") for number in range(5))))
    assert len(listed(analyzer, maxResults=2)) == 5
    page = analyzer.list_findings_v2(analyzerArn=ARN, maxResults=2)
    assert len(page["findings"]) == 2
    assert page["nextToken"]
    some = {"principal.AWS": {"contains": ["role-1", "role-2"]}}
    assert len(listed(analyzer, filter=some)) == 2
    assert listed(analyzer, filter={"condition.freehold:severity": {"neq": ["leak"]}}) == []
    assert len(listed(analyzer, filter={"isPublic": {"eq": ["false"]}})) == 5
    assert listed(analyzer, filter={"error": {"exists": True}}) == []
    ids = [one["id"] for one in listed(analyzer, sort={"attributeName": "id", "orderBy": "DESC"})]
    assert ids == sorted(ids, reverse=True)
    with refused("ValidationException", "colour"):
        listed(analyzer, filter={"colour": {"eq": ["red"]}})
    with refused("ValidationException", "colour"):
        listed(analyzer, sort={"attributeName": "colour"})


def test_who_may_not_know_a_domain_is_shown_no_finding_about_it(
    aws: Aws, house: House, analyzer: Any, loop: Any
) -> None:
    from tests.support.guards import switch
    from tests.support.studio import work_role

    role = work_role(aws, "work")
    one, two = make_domain(aws, "one", role), make_domain(aws, "two", role)
    told = report(way())
    told["domains"] = {one.id: "one", two.id: "two"}
    told["pairs"][0] |= {"from": one.id, "to": two.id}
    scan(analyzer)
    loop(told)
    reads = allow("access-analyzer:*")
    half = make_user(aws, "half", reads, allow("sagemaker:DescribeDomain", one.arn))
    whole = make_user(aws, "whole", reads, allow("sagemaker:DescribeDomain"))
    found = listed(analyzer)[0]["id"]
    assert len(listed(aws.client("accessanalyzer", half))) == 1
    switch(house, "isolation.lists=on")
    assert listed(aws.client("accessanalyzer", half)) == []
    with refused("ResourceNotFoundException"):
        aws.client("accessanalyzer", half).get_finding(analyzerArn=ARN, id=found)
    assert len(listed(aws.client("accessanalyzer", whole))) == 1


def test_a_run_leaves_an_event_of_the_service(aws: Aws, analyzer: Any, loop: Any) -> None:
    scan(analyzer)
    loop(report(way()))
    (event,) = aws.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "ResourceScan"}]
    )["Events"]
    record = json.loads(event["CloudTrailEvent"])
    assert record["eventType"] == "AwsServiceEvent"
    assert record["userIdentity"]["invokedBy"] == "access-analyzer.amazonaws.com"
    assert record["requestParameters"]["domains"] == 2

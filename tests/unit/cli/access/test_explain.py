"""What an admin reads at two in the morning: who, what, and which statement decided."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.support.inprocess import Aws
from tests.support.people import allow, deny, make_role, make_user, policy, session, trusting
from tests.support.studio import make_domain, make_profile, session_keys, work_role

from freehold.base import ids
from freehold.cli.access.printing import show
from freehold.cli.main import main
from freehold.compose import House

ROOT = "arn:aws:iam::111122223333:root"
EXPERIMENT = "arn:aws:sagemaker:us-east-1:111122223333:experiment/e"


class Explained:
    """Runs calls as somebody, then the word on their request id."""

    def __init__(self, aws: Aws, house: House, capsys: pytest.CaptureFixture[str]) -> None:
        self.aws = aws
        self.house = house
        self.capsys = capsys

    def of(self, call: Any, **request: Any) -> tuple[dict[str, Any], str]:
        """The document and the text about one call."""
        try:
            answer = call(**request)
        except ClientError as error:
            answer = error.response
        return self.about(answer["ResponseMetadata"]["RequestId"])

    def about(self, request_id: str) -> tuple[dict[str, Any], str]:
        self.house.kernel.flush_audit()
        self.house.kernel.writer.run(lambda _: None)
        words = ["explain", request_id, "--state", str(self.house.settings.state)]
        assert main([*words, "--json"]) == 0
        found = json.loads(self.capsys.readouterr().out)
        assert main(words) == 0
        return found, self.capsys.readouterr().out


@pytest.fixture
def explain(aws: Aws, house: House, capsys: pytest.CaptureFixture[str]) -> Explained:
    return Explained(aws, house, capsys)


def test_an_allowed_call_names_the_statement_that_let_it(aws: Aws, explain: Explained) -> None:
    ana = make_user(aws, "ana", {**allow("sagemaker:Create*"), "Sid": "Make"})
    found, text = explain.of(
        aws.client("sagemaker", ana).create_experiment, ExperimentName="e", Description="d"
    )
    assert found["Outcome"] == "allowed"
    assert found["Principal"].endswith(":user/ana")
    assert found["Request"] == {"ExperimentName": "e", "Description": "d"}
    [question] = found["Questions"]
    assert (question["Action"], question["Resource"]) == ("sagemaker:CreateExperiment", EXPERIMENT)
    assert (question["Policy"], question["Statement"]) == ("given", "Make")
    assert json.loads(question["StatementText"])["Action"] == "sagemaker:Create*"
    assert question["Place"] == "inline policy given of user ana"
    assert question["Notes"] == []
    assert "allowed by statement Make of the identity-based policy given" in text
    assert '"Action": "sagemaker:Create*"' in text


def test_a_refused_call_names_what_nearly_let_it_and_why_it_did_not(
    aws: Aws, explain: Explained
) -> None:
    ana = make_user(
        aws,
        "ana",
        {
            "Sid": "Tagged",
            **allow(
                "sagemaker:CreateExperiment",
                Condition={"StringEquals": {"aws:RequestTag/team": "red"}},
            ),
        },
        {"Sid": "Elsewhere", **allow("sagemaker:Create*", EXPERIMENT + "-else")},
        {"Sid": "Silent", **allow("s3:*")},
    )
    found, text = explain.of(
        aws.client("sagemaker", ana).create_experiment,
        ExperimentName="e",
        Tags=[{"Key": "team", "Value": "blue"}],
    )
    assert found["Outcome"] == "refused"
    assert found["ErrorCode"] == "AccessDeniedException"
    [question] = found["Questions"]
    assert question["Missing"] == ["identity"]
    assert question["Context"]["aws:requesttag/team"] == "blue"
    assert [(near["Statement"], near["Reasons"]) for near in question["Nearly"]] == [
        (
            "Tagged",
            ['its StringEquals aws:RequestTag/team asks for "red"; the call had "blue"'],
        ),
        ("Elsewhere", [f'its Resource does not cover it: "{EXPERIMENT}-else"']),
    ]
    assert "DENIED: no identity-based policy allows it" in text
    assert 'asks for "red"; the call had "blue"' in text


def test_an_explicit_deny_is_shown_with_its_text_and_later_changes_are_told(
    aws: Aws, explain: Explained
) -> None:
    iam = aws.client("iam")
    ana = make_user(aws, "ana", allow("*"))
    made = iam.create_policy(
        PolicyName="never", PolicyDocument=policy({**deny("sagemaker:Delete*"), "Sid": "Never"})
    )["Policy"]
    iam.attach_user_policy(UserName="ana", PolicyArn=made["Arn"])
    client = aws.client("sagemaker", ana)
    found, text = explain.of(client.delete_experiment, ExperimentName="e")
    [question] = found["Questions"]
    assert question["Effect"] == "explicitDeny"
    assert question["Policy"] == made["Arn"]
    assert question["Place"] == "policy never (v1)"
    assert '"Sid": "Never"' in text
    assert question["Notes"] == []
    iam.create_policy_version(
        PolicyArn=made["Arn"], PolicyDocument=policy(deny("s3:*")), SetAsDefault=True
    )
    found, text = explain.about(found["RequestId"])
    [question] = found["Questions"]
    assert question["StatementText"] is None
    assert any("Changed since: policy never (v2)" in note for note in question["Notes"])
    assert "no such statement any more" in text
    assert "Asked now it would be allowed" in text


def test_each_question_of_a_call_is_told(aws: Aws, explain: Explained) -> None:
    ana = make_user(aws, "ana", allow("sagemaker:CreateExperiment"))
    found, _ = explain.of(
        aws.client("sagemaker", ana).create_experiment,
        ExperimentName="e",
        Tags=[{"Key": "k", "Value": "v"}],
    )
    assert [(one["Action"], one["Effect"]) for one in found["Questions"]] == [
        ("sagemaker:CreateExperiment", "allow"),
        ("sagemaker:AddTags", "implicitDeny"),
    ]
    assert found["Questions"][1]["Nearly"] == []


def test_a_boundary_that_does_not_allow_is_named(aws: Aws, explain: Explained) -> None:
    iam = aws.client("iam")
    ana = make_user(aws, "ana", allow("*"))
    arn = iam.create_policy(PolicyName="edge", PolicyDocument=policy(allow("s3:*")))["Policy"][
        "Arn"
    ]
    iam.put_user_permissions_boundary(UserName="ana", PermissionsBoundary=arn)
    found, text = explain.of(aws.client("sagemaker", ana).list_experiments)
    [question] = found["Questions"]
    assert question["Missing"] == ["boundary"]
    assert question["Looked"] == ["policy edge (v1)"]
    assert "no permissions boundary allows it" in text


def test_sessions_tell_their_origin_and_their_role(
    aws: Aws, house: House, explain: Explained
) -> None:
    role = work_role(aws, "work")
    ana = make_profile(aws, make_domain(aws, "finance", role).id, "ana")
    found, text = explain.of(
        aws.client("sagemaker", session_keys(house, role, ana)).list_experiments
    )
    assert found["Origin"] == ana
    assert found["Principal"].endswith("assumed-role/work/SageMaker")
    assert ana in text


def test_session_policies_are_not_kept_and_that_is_said(aws: Aws, explain: Explained) -> None:
    ana = make_user(aws, "ana", allow("sts:AssumeRole"))
    role = make_role(aws, "wide", trusting("arn:aws:iam::111122223333:user/ana"), allow("*"))
    made = session(aws, ana, role, Policy=policy(allow("s3:*")))
    found, _ = explain.of(aws.client("sagemaker", made).list_experiments)
    [question] = found["Questions"]
    assert question["Missing"] == ["session"]
    assert "not kept" in question["Notes"][0]


def test_the_root_and_what_fails_for_other_reasons_are_told_apart(
    aws: Aws, explain: Explained
) -> None:
    found, text = explain.of(aws.client("sagemaker").list_experiments)
    assert found["Questions"] == []
    assert "root" in text
    ana = make_user(aws, "ana", allow("sagemaker:*"))
    found, text = explain.of(
        aws.client("sagemaker", ana).describe_experiment, ExperimentName="none"
    )
    assert found["Outcome"] == "failed"
    assert found["ErrorCode"] == "ResourceNotFound"
    assert "Policy allowed it. It was refused afterwards" in text


def test_strangers_are_told_as_such(aws: Aws, explain: Explained) -> None:
    found, text = explain.of(aws.client("sagemaker", ("AKIAZZZZZZZZZZZZZZZZ", "x")).list_domains)
    assert found["Principal"] == "unauthenticated"
    assert "signature" in text


def test_nothing_that_a_stranger_wrote_moves_the_cursor(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show(["agent \x1b[31mred\x9b2J", "two\nlines\ttabbed"])
    assert capsys.readouterr().out == "agent ?[31mred?2J\ntwo\nlines?tabbed\n"


def test_a_caller_who_is_gone_is_said_to_be(aws: Aws, house: House, explain: Explained) -> None:
    ana = make_user(aws, "ana")
    found, _ = explain.of(aws.client("sagemaker", ana).list_experiments)
    iam = aws.client("iam")
    iam.delete_access_key(UserName="ana", AccessKeyId=ana[0])
    iam.delete_user(UserName="ana")
    _, text = explain.about(found["RequestId"])
    assert "no longer exist" in text


@pytest.mark.parametrize("known", [False, True])
def test_an_unknown_request_is_told_in_one_line(
    house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    asked = "01a20ae8-faad-7b88-b5a4-9b4624b33779" if known else "nothing"
    assert main(["explain", asked, "--state", str(house.settings.state)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert asked in said.err


def test_a_call_just_made_is_waited_for(
    aws: Aws, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from freehold.cli.access.explain import LATE_SECONDS, awaited

    answer = aws.client("sagemaker").list_experiments()
    request_id = answer["ResponseMetadata"]["RequestId"]
    at = ids.requested_at(request_id)
    assert at is not None
    unit = house.kernel.own_unit()

    def sleep(_seconds: float) -> None:
        house.kernel.flush_audit()
        house.kernel.writer.run(lambda _: None)

    found = awaited(unit, request_id, lambda: at, sleep)
    assert found is not None
    assert found.operation == "ListExperiments"
    late = lambda: at + LATE_SECONDS + 1  # noqa: E731
    assert awaited(unit, ids.request_id(), late, sleep) is None


def test_a_state_that_is_none_is_told(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "x", "--state", str(tmp_path)]) == 1
    assert "no install is known" in capsys.readouterr().err
    (tmp_path / "freehold.db").write_text("dear diary\n" * 100)
    assert main(["explain", "x", "--state", str(tmp_path)]) == 1
    assert "cannot be read" in capsys.readouterr().err

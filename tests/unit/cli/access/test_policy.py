"""``freehold policy lint``: files, standard input and what an install holds."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_role, make_user, policy, trusting

from freehold.cli.main import main
from freehold.compose import House
from freehold.kernel.declare.aws_facts import AwsFacts

DOMAIN = "arn:aws:sagemaker:us-east-1:111122223333:domain/d-finance"
OWN = {"StringEquals": {"aws:ResourceTag/sagemaker:domain-arn": DOMAIN}}
ONLY = {"ForAllValues:StringEquals": {"aws:TagKeys": ["sagemaker:domain-arn"]}}
OF_2022 = policy(
    allow(["SageMaker:Create*", "SageMaker:Update*"], Condition=ONLY),
    allow(["SageMaker:Update*", "SageMaker:Delete*", "SageMaker:Describe*"], Condition=OWN),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "policy.json"


def lint(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["policy", "lint", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_clean_file_is_said_to_be(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(policy(allow("sagemaker:DescribeModel", Condition=OWN)))
    assert lint(capsys, str(file)) == (0, f"{file}: clean\n", "")


def test_the_form_of_2022_gets_its_traps_and_a_document_to_attach(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(OF_2022)
    code, text, _ = lint(capsys, str(file))
    assert code == 1
    for trap in ("vacuous-set", "key-without-value", "shared-create-condition"):
        assert f"  {trap} (statement #0)" in text
    code, told, _ = lint(capsys, str(file), "--json")
    [report] = json.loads(told)
    assert code == 1
    assert len(report["Findings"]) == 3
    code, tight, _ = lint(capsys, str(file), "--tight")
    assert code == 0
    assert json.loads(tight) == report["Tight"]
    file.write_text(tight)
    assert lint(capsys, str(file))[0] == 0


def test_what_is_on_standard_input_is_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(trusting("*")))
    code, text, _ = lint(capsys, "-")  # by its looks a trust policy
    assert code == 1
    assert "standard input: 1 finding\n  everyone" in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("not json", "MalformedPolicyDocument: Syntax errors in policy."),
        ("{}", "Syntax errors"),
        ('{"Statement": []}', "Syntax errors"),
        ("[" * 50_000, "Syntax errors"),
        (None, "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(
    file: Path, capsys: pytest.CaptureFixture[str], content: Any, words: str
) -> None:
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    code, out, err = lint(capsys, str(file))
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert words in err


def test_policies_of_an_install_are_looked_at(
    aws: Aws, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    state = ("--state", str(house.settings.state))
    iam = aws.client("iam")
    make_user(aws, "ana", allow("iam:PassRole"))
    make_role(aws, "open", trusting("*"), allow("s3:GetObject", "arn:aws:s3:::b/*"))
    arn = iam.create_policy(PolicyName="old", PolicyDocument=OF_2022)["Policy"]["Arn"]
    assert lint(capsys, "--user-name", "ana", *state)[0] == 1
    code, text, _ = lint(capsys, "--role-name", "open", *state)
    assert code == 1
    assert "inline policy given of role open: clean" in text
    assert "trust policy of role open: 1 finding" in text
    assert lint(capsys, "--policy-arn", arn, *state)[0] == 1
    code, text, _ = lint(capsys, "--all", *state)
    assert code == 1
    assert "4 policies, 3 with findings" in text
    for words in (("--role-name", "none"), ("--user-name", "none"), ("--policy-arn", arn + "x")):
        code, out, err = lint(capsys, *words, *state)
        assert (code, out) == (2, "")
        assert "there is no" in err


def test_a_broad_grant_beside_an_isolation_policy_is_named(
    aws: Aws, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    make_role(
        aws, "work", trusting({"Service": "sagemaker.amazonaws.com"}), allow("sagemaker:*Model")
    )
    iam = aws.client("iam")
    tight = policy(allow("sagemaker:Describe*", Condition=OWN))
    iam.put_role_policy(RoleName="work", PolicyName="isolation", PolicyDocument=tight)
    code, text, _ = lint(capsys, "--role-name", "work", "--state", str(house.settings.state))
    assert code == 1
    assert "beside-broad-grant (statement #0)" in text
    assert "inline policy isolation of role work isolates nothing" in text
    assert "inline policy isolation of role work: clean" in text


def test_what_makes_no_sense_is_refused(
    file: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in ([], ["--all", "--role-name", "x"], [str(file), "--kind", "wishes"]):
        with pytest.raises(SystemExit) as caught:
            main(["policy", "lint", *words])
        assert caught.value.code == 2
    capsys.readouterr()
    code, _, err = lint(capsys, "--all", "--kind", "trust", "--state", str(house.settings.state))
    assert code == 2
    assert "--kind is for a FILE" in err


def test_a_tight_form_is_not_offered_for_what_is_no_isolation_policy(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(policy(allow("iam:PassRole")))
    code, out, err = lint(capsys, str(file), "--tight")
    assert (code, out) == (1, "")
    assert "0 of them" in err


def test_what_aws_says_is_read_from_maintained_data() -> None:
    facts = AwsFacts()
    actions = facts.actions("sagemaker")
    assert actions is not None
    assert facts.actions("sagemaker") is actions
    assert facts.actions("nothing") is None
    assert facts.actions("freehold") is not None  # an action of ours
    assert actions["createmodel"].name == "CreateModel"
    assert "sagemaker:vpcsubnets" in actions["createmodel"].keys
    assert "aws:resourcetag/" in actions["describemodel"].keys
    assert actions["describemodel"].is_confinable
    assert not actions["listmodels"].is_confinable
    assert "sagemaker:domainid" in actions["listmodels"].keys  # in every session of a domain
    for key in ("aws:TagKeys", "aws:CalledVia", "sagemaker:InstanceTypes", "sts:TransitiveTagKeys"):
        assert facts.is_multi_valued(key)
    for key in ("aws:SourceIp", "sagemaker:DomainId", "nothing:Here", "sagemaker:Nothing"):
        assert not facts.is_multi_valued(key)

"""Quick setup: one isolated domain, twice the same, and nothing at all where a step fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.support.inprocess import Aws
from tests.support.people import refused
from tests.support.studio import make_domain, session_keys, work_role

from freehold.base.errors import Conflict
from freehold.cli.main import main
from freehold.cli.quick.setup import next_words, set_up
from freehold.cli.quick.steps import Setup
from freehold.compose import House

Told = list[tuple[str, str, str]]


class Guards:
    """A switch that remembers."""

    def __init__(self) -> None:
        self.on = False

    def is_on(self) -> bool:
        return self.on

    def turn_on(self) -> Callable[[], None]:
        self.on = True

        def back() -> None:
            self.on = False

        return back


def setup_of(aws: Aws, told: Told, name: str = "finance") -> Setup:
    return Setup(aws.client, name, lambda *words: told.append(words))


def made(aws: Aws, *people: str, name: str = "finance", switch: Any = None) -> tuple[Setup, Told]:
    told: Told = []
    setup = setup_of(aws, told, name)
    set_up(setup, people, switch)
    return setup, told


def kinds(told: Told) -> list[tuple[str, str]]:
    return [(how, what) for how, what, _ in told]


def left(aws: Aws) -> tuple[int, int, int]:
    """Roles, domains and buckets that there are."""
    return (
        len(
            [
                r
                for r in aws.client("iam").list_roles()["Roles"]
                if "aws-service-role" not in r["Path"]
            ]
        ),
        len(aws.client("sagemaker").list_domains()["Domains"]),
        len(aws.client("s3").list_buckets()["Buckets"]),
    )


def test_a_domain_with_its_own_role_bucket_and_people(aws: Aws) -> None:
    setup, told = made(aws, "ana", "bruno")
    assert kinds(told) == [
        ("made", "execution role"),
        ("made", "domain"),
        ("made", "bucket"),
        ("made", "isolation policy"),
        ("made", "user profile"),
        ("made", "user profile"),
    ]
    domain = aws.client("sagemaker").describe_domain(DomainId=setup.domain_id)
    for member in ("DefaultUserSettings", "DefaultSpaceSettings"):
        assert domain[member]["ExecutionRole"] == setup.role_arn
    lines = "\n".join(next_words(setup, ("ana",), Path("/s")))
    assert setup.domain_id in lines
    assert setup.bucket in lines


def test_run_again_it_says_what_exists(aws: Aws) -> None:
    guards = Guards()
    first, _ = made(aws, "ana", switch=guards)
    again, told = made(aws, "ana", "bo", switch=guards)
    assert [how for how, _, _ in told] == ["exists"] * 6 + ["made"]
    assert told[-1][1:] == ("user profile", told[-1][2])
    assert (again.domain_id, again.bucket) == (first.domain_id, first.bucket)
    assert guards.on


def test_two_domains_of_quick_setup_cannot_cross(aws: Aws, house: House) -> None:
    one, _ = made(aws, "ana")
    two, _ = made(aws, "bo", name="research")
    assert one.role_arn != two.role_arn
    profile = f"arn:aws:sagemaker:us-east-1:111122223333:user-profile/{one.domain_id}/ana"
    other = f"arn:aws:sagemaker:us-east-1:111122223333:user-profile/{two.domain_id}/bo"
    ana = session_keys(house, one.role_arn, profile)
    bo = session_keys(house, two.role_arn, other)
    mine = aws.client("sagemaker", ana)
    mine.create_experiment(ExperimentName="ours")
    mine.describe_experiment(ExperimentName="ours")
    aws.client("s3", ana).put_object(Bucket=one.bucket, Key="k", Body=b"v")
    theirs = aws.client("sagemaker", bo)
    with refused("AccessDeniedException"):
        theirs.describe_experiment(ExperimentName="ours")
    with refused("AccessDeniedException"):
        theirs.delete_experiment(ExperimentName="ours")
    with refused("AccessDenied"):
        aws.client("s3", bo).get_object(Bucket=one.bucket, Key="k")
    with refused("AccessDeniedException"):
        theirs.list_experiments()  # lists are granted only where the guards confine them


def test_with_guards_lists_are_granted(aws: Aws, house: House) -> None:
    guards = Guards()
    setup, told = made(aws, "ana", switch=guards)
    assert ("made", "guards") in kinds(told)
    profile = f"arn:aws:sagemaker:us-east-1:111122223333:user-profile/{setup.domain_id}/ana"
    keys = session_keys(house, setup.role_arn, profile)
    aws.client("sagemaker", keys).list_experiments()


def test_what_fails_takes_back_what_was_made(aws: Aws) -> None:
    before = left(aws)
    guards, told = Guards(), []
    setup = setup_of(aws, told)
    with pytest.raises(Conflict, match="ValidationException"):
        set_up(setup, ("ana", "not a name!"), guards)
    assert left(aws) == before
    assert not guards.on
    assert [how for how, _, _ in told].count("taken back") == 6
    made(aws, "ana")  # and all the names are free


def test_what_was_there_before_is_never_taken_back(aws: Aws) -> None:
    setup, _ = made(aws, "ana")
    before = left(aws)
    told: Told = []
    with pytest.raises(Conflict):
        set_up(setup_of(aws, told), ("bo", "not a name!"), None)
    assert left(aws) == before
    profiles = aws.client("sagemaker").list_user_profiles(DomainIdEquals=setup.domain_id)
    assert [one["UserProfileName"] for one in profiles["UserProfiles"]] == ["ana"]


def test_what_cannot_be_taken_back_is_named(aws: Aws) -> None:
    told: Told = []
    setup = setup_of(aws, told)

    def clients(service: str) -> Any:
        client = aws.client(service)
        if service == "iam":

            def refuse(**_: Any) -> None:
                raise ClientError({"Error": {"Code": "Throttling", "Message": "no"}}, "DeleteRole")

            client.delete_role = refuse
        return client

    setup.clients = clients
    with pytest.raises(Conflict, match="still there: execution role arn:aws:iam"):
        set_up(setup, ("not a name!",), None)


def test_names_of_others_are_not_taken_over(aws: Aws) -> None:
    role = work_role(aws, "AmazonSageMaker-finance")
    with pytest.raises(Conflict, match="did not make"):
        made(aws)
    make_domain(aws, "research", role)
    before = left(aws)
    with pytest.raises(Conflict, match="execution role is not"):
        made(aws, name="research")
    assert left(aws) == before


def test_a_policy_that_was_changed_is_left_alone(aws: Aws) -> None:
    setup, _ = made(aws)
    iam = aws.client("iam")
    held = {"RoleName": setup.role_name, "PolicyName": "freehold-tight"}
    changed = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    )
    iam.put_role_policy(**held, PolicyDocument=changed)
    _, told = made(aws)
    assert ("differs, left as it is", "isolation policy") in kinds(told)


@pytest.mark.parametrize("name", ["", "-x", "x" * 49, "a b", "ü"])
def test_names_that_cannot_be_are_refused_before_anything(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["quick-setup", "--state", str(tmp_path), f"--domain-name={name}"]) == 1
    assert "--domain-name" in capsys.readouterr().err


def test_without_a_server_it_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["quick-setup", "--state", str(tmp_path), "--domain-name", "x"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "no server is known" in said.err

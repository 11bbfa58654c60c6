"""The guards isolation.tags, isolation.pass-role and isolation.references, on and off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.conftest import root_keys
from tests.support.guards import switch, two_lines
from tests.support.inprocess import Aws
from tests.support.jobs import IMAGE, install_runtime, processing_request, training_request
from tests.support.people import allow, deny, make_user, policy, refused
from tests.support.studio import make_profile, tags_of, work_role

from freehold.base.clock import SystemClock
from freehold.base.settings import Settings
from freehold.compose import House, open_house
from freehold.kernel.permission.guards import guards_in_force
from freehold.kernel.permission.guards.settings import GUARDS
from freehold.kernel.tagging import DOMAIN_TAG, PROFILE_TAG

DENIED = "AccessDeniedException"
WRITERS = allow(["sagemaker:*", "tag:*", "s3:*", "iam:PassRole"])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    place: Path = tmp_path_factory.mktemp("writes")
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
def world(aws: Aws, house: House) -> SimpleNamespace:
    finance, other = two_lines(aws, house)
    writer = make_user(aws, "writer", WRITERS)
    return SimpleNamespace(
        finance=finance, other=other, sm=aws.client("sagemaker", finance.keys), writer=writer
    )


@pytest.fixture(autouse=True)
def parity(house: House) -> Iterator[None]:
    yield
    switch(house, "isolation=parity")


def test_strict_turns_all_on_and_parity_all_off(house: House) -> None:
    assert switch(house, "isolation=strict") == frozenset(GUARDS)
    assert guards_in_force(house.kernel.own_unit()) == frozenset(GUARDS)
    assert switch(house, "isolation.tags=off") == frozenset(GUARDS) - {"tags"}
    assert switch(house, "isolation=parity") == frozenset()


# -- tags -----------------------------------------------------------------------------------------


def tag(key: str, value: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value}]


def test_automatic_tags_are_not_the_writers_to_change(
    aws: Aws, house: House, world: SimpleNamespace
) -> None:
    sm, arn = aws.client("sagemaker", world.writer), world.other.made["model"]
    mine = world.other.domain.arn
    switch(house, "isolation.tags=on")
    with refused(DENIED, "isolation.tags", DOMAIN_TAG, "freehold:Backfill"):
        sm.add_tags(ResourceArn=arn, Tags=tag(DOMAIN_TAG, world.finance.domain.arn))
    with refused(DENIED, "isolation.tags"):
        sm.add_tags(ResourceArn=arn, Tags=tag(DOMAIN_TAG.upper(), mine))
    with refused(DENIED, "isolation.tags"):
        sm.delete_tags(ResourceArn=arn, TagKeys=["team", DOMAIN_TAG])
    assert tags_of(aws, arn)[DOMAIN_TAG] == mine
    sm.add_tags(ResourceArn=arn, Tags=[*tag("team", "red"), *tag(DOMAIN_TAG, mine)])
    sm.delete_tags(ResourceArn=arn, TagKeys=["team"])
    switch(house, "isolation.tags=off")
    sm.delete_tags(ResourceArn=arn, TagKeys=[DOMAIN_TAG])
    sm.add_tags(ResourceArn=arn, Tags=tag(DOMAIN_TAG, mine))


def test_a_create_says_no_automatic_tag_but_its_origin_does(
    aws: Aws, house: House, world: SimpleNamespace
) -> None:
    switch(house, "isolation.tags=on")
    given = tag(DOMAIN_TAG, world.other.domain.arn)
    with refused(DENIED, "isolation.tags"):
        aws.client("sagemaker", world.writer).create_experiment(ExperimentName="e-1", Tags=given)
    made = world.sm.create_experiment(ExperimentName="e-2", Tags=given)["ExperimentArn"]
    assert tags_of(aws, made)[DOMAIN_TAG] == world.finance.domain.arn


def test_the_tagging_api_tells_what_it_was_refused(
    aws: Aws, house: House, world: SimpleNamespace
) -> None:
    switch(house, "isolation.tags=on")
    tagging = aws.client("resourcegroupstaggingapi", world.writer)
    arn = world.other.made["pipeline"]
    answers = (
        tagging.tag_resources(ResourceARNList=[arn], Tags={DOMAIN_TAG: world.finance.domain.arn}),
        tagging.untag_resources(ResourceARNList=[arn], TagKeys=[DOMAIN_TAG]),
    )
    for answer in answers:
        failure = answer["FailedResourcesMap"][arn]
        assert failure["ErrorCode"] == DENIED
        assert "isolation.tags" in failure["ErrorMessage"]


def test_backfill_administrators_write_arns_that_exist(
    aws: Aws, house: House, world: SimpleNamespace
) -> None:
    switch(house, "isolation.tags=on")
    backfill = allow("freehold:Backfill", "arn:aws:sagemaker:*:*:experiment/*")
    admin = aws.client("sagemaker", make_user(aws, "backfiller", WRITERS, backfill))
    arn = admin.create_experiment(ExperimentName="older")["ExperimentArn"]
    domain, person = world.finance.domain.arn, world.finance.person
    admin.add_tags(ResourceArn=arn, Tags=[*tag(DOMAIN_TAG, domain), *tag(PROFILE_TAG, person)])
    for key, value in ((DOMAIN_TAG, domain + "0"), (DOMAIN_TAG, person), (PROFILE_TAG, domain)):
        for client in (admin, aws.client("sagemaker")):
            with refused("ValidationException", "isolation.tags", value):
                client.add_tags(ResourceArn=arn, Tags=tag(key, value))
    admin.delete_tags(ResourceArn=arn, TagKeys=[PROFILE_TAG])
    with refused(DENIED, "isolation.tags"):
        admin.delete_tags(ResourceArn=world.other.made["model"], TagKeys=[DOMAIN_TAG])


def test_a_deny_and_an_origin_make_nobody_an_administrator(
    aws: Aws, house: House, world: SimpleNamespace
) -> None:
    switch(house, "isolation.tags=on")
    keys = make_user(aws, "denied", allow("*"), deny("freehold:Backfill"))
    with refused(DENIED, "isolation.tags"):
        aws.client("sagemaker", keys).delete_tags(
            ResourceArn=world.other.made["model"], TagKeys=[DOMAIN_TAG]
        )
    inside = aws.client("sagemaker", world.other.keys)  # whose role may do everything
    with refused(DENIED, "isolation.tags"):
        inside.add_tags(
            ResourceArn=world.other.made["model"],
            Tags=tag(DOMAIN_TAG, world.finance.domain.arn),
        )


def test_objects_and_buckets_keep_their_automatic_tags(
    aws: Aws, house: House, world: SimpleNamespace
) -> None:
    s3 = aws.client("s3", world.writer)
    s3.create_bucket(Bucket="guarded-bucket")
    s3.put_object(Bucket="guarded-bucket", Key="k", Body=b"x")
    switch(house, "isolation.tags=on")
    named = {"TagSet": tag(DOMAIN_TAG, world.other.domain.arn)}
    with refused("AccessDenied", "isolation.tags"):
        s3.put_object_tagging(Bucket="guarded-bucket", Key="k", Tagging=named)
    with refused("AccessDenied", "isolation.tags"):
        s3.put_bucket_tagging(Bucket="guarded-bucket", Tagging=named)
    with refused("AccessDenied", "isolation.tags"):
        s3.put_object(
            Bucket="guarded-bucket", Key="k2", Body=b"x", Tagging=f"{DOMAIN_TAG}=anything"
        )
    s3.put_object_tagging(Bucket="guarded-bucket", Key="k", Tagging={"TagSet": tag("a", "b")})


# -- pass-role ------------------------------------------------------------------------------------


def test_a_session_passes_its_own_domains_roles_only(
    aws: Aws, house: House, world: SimpleNamespace
) -> None:
    own = work_role(aws, "work-of-ben")
    make_profile(aws, world.finance.domain.id, "ben", UserSettings={"ExecutionRole": own})
    switch(house, "isolation.pass-role=on")
    world.sm.create_training_job(**training_request("pass-1", world.finance.role))
    world.sm.create_training_job(**training_request("pass-2", own))
    for number, role in enumerate((world.other.role, work_role(aws, "work-of-nobody"))):
        with refused(DENIED, "iam:PassRole", role, "isolation.pass-role"):
            world.sm.create_processing_job(**processing_request(f"pass-3-{number}", role))
    sm = aws.client("sagemaker", world.writer)  # who stands in no domain
    sm.create_processing_job(**processing_request("pass-4", world.other.role))
    switch(house, "isolation.pass-role=off")
    world.sm.create_training_job(**training_request("pass-5", world.other.role))


# -- references -----------------------------------------------------------------------------------


def package(group: str) -> dict[str, Any]:
    containers = [{"Image": IMAGE, "ModelDataUrl": "s3://bucket/model.tar.gz"}]
    types = {"SupportedContentTypes": ["a/b"], "SupportedResponseMIMETypes": ["a/b"]}
    return {
        "ModelPackageGroupName": group,
        "InferenceSpecification": {"Containers": containers, **types},
    }


def crossings(thing: str, role: str, made: dict[str, str], name: str) -> dict[str, Any]:
    """Creates that name something of ``thing``'s line, each with the Describe it stands for."""
    in_run = {"ExperimentConfig": {"ExperimentName": f"{thing}-thing"}}
    return {
        "DescribeExperiment": lambda sm: sm.create_trial(
            TrialName=f"{name}-1", ExperimentName=f"{thing}-thing"
        ),
        "DescribeModelPackageGroup": lambda sm: sm.create_model_package(
            **package(f"{thing}-thing")
        ),
        "DescribeModelPackage": lambda sm: sm.create_model(
            ModelName=f"{name}-2", PrimaryContainer={"ModelPackageName": made["package"]}
        ),
        "DescribeExperiment ": lambda sm: sm.create_training_job(
            **training_request(f"{name}-3", role, **in_run)
        ),
        "DescribeExperiment  ": lambda sm: sm.create_processing_job(
            **processing_request(f"{name}-4", role, **in_run)
        ),
        "DescribeTrial": lambda sm: sm.associate_trial_component(
            TrialComponentName="finance-thing", TrialName=f"{thing}-thing"
        ),
    }


def test_what_a_create_names_must_be_open_to_its_caller(
    aws: Aws, house: House, world: SimpleNamespace
) -> None:
    switch(house, "isolation.references=on")
    aws.client("sagemaker").update_model_package(
        ModelPackageArn=world.finance.made["package"], ModelApprovalStatus="Approved"
    )
    role = world.finance.role
    for action, ask in crossings("sustainability", role, world.other.made, "over").items():
        with refused(DENIED, f"sagemaker:{action.strip()}", "isolation.references"):
            ask(world.sm)
    for ask in crossings("none-of-this-name", role, {"package": "none/1"}, "none").values():
        with refused(DENIED, "isolation.references"):
            ask(world.sm)
    for ask in crossings("finance", role, world.finance.made, "own").values():
        ask(world.sm)


def test_without_the_guard_a_trial_of_a_foreign_experiment_can_be_made(
    world: SimpleNamespace,
) -> None:
    world.sm.create_trial(TrialName="as-on-aws", ExperimentName="sustainability-thing")


def test_ones_own_domain_is_not_asked_for_and_another_is(
    aws: Aws, house: House, world: SimpleNamespace
) -> None:
    switch(house, "isolation.references=on")
    aws.client("sagemaker").delete_tags(ResourceArn=world.finance.domain.arn, TagKeys=[DOMAIN_TAG])
    iam = aws.client("iam")
    iam.put_role_policy(
        RoleName="work-finance",
        PolicyName="spaces",
        PolicyDocument=policy(allow(["sagemaker:CreateSpace", "sagemaker:CreateApp"])),
    )
    own, other = world.finance.domain.id, world.other.domain.id
    world.sm.create_space(
        DomainId=own,
        SpaceName="mine",
        OwnershipSettings={"OwnerUserProfileName": "ana"},
        SpaceSharingSettings={"SharingType": "Private"},
    )
    world.sm.create_app(DomainId=own, SpaceName="mine", AppType="JupyterLab", AppName="default")
    iam.put_user_policy(
        UserName="writer", PolicyName="deny", PolicyDocument=policy(deny("sagemaker:Describe*"))
    )
    with refused(DENIED, "sagemaker:DescribeDomain", "isolation.references"):
        aws.client("sagemaker", world.writer).create_space(DomainId=other, SpaceName="theirs")

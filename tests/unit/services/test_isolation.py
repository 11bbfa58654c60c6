"""Finance against sustainability, under both policies that AWS documents (domains.md section 3)."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.support.inprocess import Aws
from tests.support.isolation import POLICIES, TAGGING, spaces_policy
from tests.support.jobs import install_runtime, training_request
from tests.support.lines import ask, line_of_business, make_things
from tests.support.people import allow, make_user, policy, refused
from tests.support.studio import (
    make_domain,
    make_profile,
    make_space,
    session_keys,
    tags_of,
    work_role,
)

from freehold.base.settings import Settings
from freehold.compose import House
from freehold.services.sagemaker import sagemaker

ACCOUNT = "111122223333"
HEAD = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    place: Path = tmp_path_factory.mktemp("isolation")
    install_runtime(place / "runtimes")
    return Settings(state=place / "state", account_id=ACCOUNT, runtimes=place / "runtimes")


@pytest.fixture(scope="module")
def house(settings: Settings) -> Any:
    from freehold.compose import open_house

    opened = open_house(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def aws(house: House) -> Any:
    from tests.conftest import root_keys

    made = Aws(house.api, "us-east-1", root_keys(house))
    yield made
    made.close()


@pytest.fixture(scope="module")
def lines(aws: Aws, house: House) -> tuple[SimpleNamespace, SimpleNamespace]:
    return tuple(  # type: ignore[return-value]
        line_of_business(aws, house, name) for name in ("finance", "sustainability")
    )


@pytest.fixture(params=sorted(POLICIES))
def narrowed(
    request: pytest.FixtureRequest, aws: Aws, lines: tuple[SimpleNamespace, SimpleNamespace]
) -> SimpleNamespace:
    """Both lines under one of the policies, with tagging on create and their own role to pass."""
    for line in lines:
        statements = POLICIES[request.param](line.domain)
        aws.client("iam").put_role_policy(
            RoleName=f"work-{line.name}",
            PolicyName="given",
            PolicyDocument=policy(*statements, TAGGING, allow("iam:PassRole", line.role)),
        )
    return SimpleNamespace(version=request.param, finance=lines[0], other=lines[1])


OPERATIONS = {
    name: operation
    for name, operation in sorted(sagemaker.operations.items())
    if name.startswith(("Describe", "Update", "Delete", "Stop"))
}


# Both policies allow them on everything, as AWS has no tags on versions (domains.md 3.1).
OPEN = frozenset({"DescribeImageVersion", "UpdateImageVersion", "DeleteImageVersion"})


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - OPEN))
def test_nothing_of_the_other_line_is_described_or_deleted(
    name: str, aws: Aws, narrowed: SimpleNamespace
) -> None:
    client = aws.client("sagemaker", narrowed.finance.keys)
    if name.startswith("Update") and narrowed.version == "2022":
        # The trap of the first version: an update sends no tags, so ForAllValues holds (iam 4.4).
        said = ""
        try:
            ask(client, OPERATIONS[name], narrowed.other.named)
        except ClientError as error:
            said = error.response["Error"]["Message"]
        assert f"sagemaker:{name} " not in said  # what is refused is at most the other's role
        return
    with refused("AccessDeniedException", f"sagemaker:{name}", "assumed-role/work-finance"):
        ask(client, OPERATIONS[name], narrowed.other.named)


def test_the_trap_of_the_first_version_is_reproduced(aws: Aws, narrowed: SimpleNamespace) -> None:
    """An update sends no tags, so ForAllValues holds for anybody's resource (iam 4.4)."""
    sm = aws.client("sagemaker", narrowed.finance.keys)
    if narrowed.version == "2022":
        sm.update_experiment(ExperimentName="sustainability-thing", DisplayName="ours")
        with refused("AccessDeniedException", "sagemaker:CreateExperiment"):
            # A profile's session brings two keys; the policy knows one.
            sm.create_experiment(ExperimentName="two-keys")
        return
    with refused("AccessDeniedException"):
        sm.update_experiment(ExperimentName="sustainability-thing", DisplayName="ours")


def test_what_is_ones_own_can_be_described(aws: Aws, narrowed: SimpleNamespace) -> None:
    sm = aws.client("sagemaker", narrowed.finance.keys)
    for name, operation in OPERATIONS.items():
        if name.startswith("Describe"):
            ask(sm, operation, narrowed.finance.named)
    sm.update_experiment(ExperimentName="finance-thing", DisplayName="ours")
    sm.update_pipeline(PipelineName="finance-thing", PipelineDisplayName="ours")


def test_what_a_line_makes_is_its_own_at_once(
    aws: Aws, house: House, narrowed: SimpleNamespace
) -> None:
    if narrowed.version == "2022":
        return
    line = narrowed.finance
    sm = aws.client("sagemaker", line.keys)
    made = make_things(sm, line.name, line.role, suffix=f"more-{narrowed.version}")
    for noun, arn in made.items():
        if noun != "package":  # versions take their group's tags
            tags = tags_of(aws, arn)
            assert tags["sagemaker:domain-arn"] == line.domain.arn, noun
            assert tags["sagemaker:user-profile-arn"] == line.person, noun
    ask(sm, sagemaker.operations["DescribeTrainingJob"], {"TrainingJobName": "finance-more-today"})


def test_nobody_tags_their_way_in(aws: Aws, narrowed: SimpleNamespace) -> None:
    sm = aws.client("sagemaker", narrowed.finance.keys)
    mine = [{"Key": "sagemaker:domain-arn", "Value": narrowed.finance.domain.arn}]
    for arn in narrowed.other.made.values():
        with refused("AccessDeniedException", "sagemaker:AddTags"):
            sm.add_tags(ResourceArn=arn, Tags=mine)
        with refused("AccessDeniedException", "sagemaker:DeleteTags"):
            sm.delete_tags(ResourceArn=arn, TagKeys=["sagemaker:domain-arn"])
    rgt = aws.client("resourcegroupstaggingapi", narrowed.finance.keys)
    with refused("AccessDeniedException", "tag:TagResources"):
        rgt.tag_resources(
            ResourceARNList=[narrowed.other.made["experiment"]],
            Tags={"sagemaker:domain-arn": narrowed.finance.domain.arn},
        )


def test_nobody_opens_the_others_notebook_or_wears_its_role(
    aws: Aws, narrowed: SimpleNamespace
) -> None:
    sm = aws.client("sagemaker", narrowed.finance.keys)
    other = narrowed.other
    presigned = {"DomainId": other.domain.id, "UserProfileName": "ana"}
    if narrowed.version == "today":
        with refused("AccessDeniedException", "CreatePresignedDomainUrl"):
            sm.create_presigned_domain_url(**presigned)
    job = training_request("borrowed", other.role)
    with refused("AccessDeniedException"):
        sm.create_training_job(**job)
    with refused("AccessDenied"):
        aws.client("sts", narrowed.finance.keys).assume_role(
            RoleArn=other.role, RoleSessionName="mine"
        )
    for call in (sm.create_user_profile, sm.create_space):
        word = "UserProfileName" if call == sm.create_user_profile else "SpaceName"
        if narrowed.version == "today":
            with refused("AccessDeniedException"):
                call(**{"DomainId": other.domain.id, word: "mole"})


# -- private and shared spaces (3.4) ---------------------------------------------------------------


def test_people_of_a_domain_use_shared_spaces_and_their_own(aws: Aws, house: House) -> None:
    role = work_role(aws, "work-spaces", *spaces_policy())
    domain, elsewhere = make_domain(aws, "spaces", role), make_domain(aws, "elsewhere", role)
    for name in ("ana", "bob"):
        make_profile(aws, domain.id, name)
    make_profile(aws, elsewhere.id, "ana")
    make_space(aws, domain.id, "classic")
    make_space(aws, domain.id, "bobs", owner="bob")
    make_space(aws, domain.id, "open", owner="bob", sharing="Shared")
    make_space(aws, elsewhere.id, "classic")
    make_space(aws, elsewhere.id, "anas", owner="ana")
    ana = aws.client("sagemaker", session_keys(house, role, f"{HEAD}:user-profile/{domain.id}/ana"))
    house.kernel.studio_url = lambda _arn, _domain_id: "http://x.studio.localhost:1"
    app = {"AppType": "JupyterLab", "AppName": "default"}
    private = {
        "OwnershipSettings": {"OwnerUserProfileName": "ana"},
        "SpaceSharingSettings": {"SharingType": "Private"},
    }
    named = {"DomainId": domain.id}
    ana.create_space(**named, SpaceName="anas", **private)
    for space in ("classic", "open", "anas"):
        ana.create_app(**named, SpaceName=space, **app)
    ana.create_space(**named, SpaceName="another")
    ana.delete_space(**named, SpaceName="another")
    ana.create_presigned_domain_url(**named, UserProfileName="ana")
    stolen = private | {"OwnershipSettings": {"OwnerUserProfileName": "bob"}}
    for call, request in (
        (ana.create_app, {**named, "SpaceName": "bobs", **app}),
        (ana.create_app, {"DomainId": elsewhere.id, "SpaceName": "classic", **app}),
        (ana.create_app, {"DomainId": elsewhere.id, "SpaceName": "anas", **app}),
        (ana.delete_app, {**named, "SpaceName": "bobs", **app}),
        (ana.delete_space, {**named, "SpaceName": "bobs"}),
        (ana.update_space, {**named, "SpaceName": "bobs", "SpaceDisplayName": "mine"}),
        (ana.update_space, {**named, "SpaceName": "open", "SpaceDisplayName": "mine"}),
        (ana.create_space, {**named, "SpaceName": "planted", **stolen}),
        (ana.create_space, {"DomainId": elsewhere.id, "SpaceName": "planted"}),
        (ana.create_space, {"DomainId": elsewhere.id, "SpaceName": "planted", **private}),
        (ana.create_presigned_domain_url, {**named, "UserProfileName": "bob"}),
        (
            ana.create_presigned_domain_url,
            {"DomainId": elsewhere.id, "UserProfileName": "ana"},
        ),
    ):
        with refused("AccessDeniedException"):
            call(**request)


def test_an_administrator_has_no_domain_in_the_variables(aws: Aws) -> None:
    """Outside of any domain the variables are absent, and statements with them match nothing."""
    domain = make_domain(aws, "variables", work_role(aws, "work-variables"))
    ana = aws.client("sagemaker", make_user(aws, "ana-outside", *spaces_policy()))
    with refused("AccessDeniedException"):
        ana.create_space(DomainId=domain.id, SpaceName="x")


def test_a_session_of_a_shared_space_is_no_profile(aws: Aws, house: House) -> None:
    role = work_role(aws, "work-shared", *spaces_policy())
    domain = make_domain(aws, "shared-only", role)
    make_profile(aws, domain.id, "ana")
    team = make_space(aws, domain.id, "team")
    make_space(aws, domain.id, "anas", owner="ana")
    own = make_space(aws, domain.id, "anas-too", owner="ana")
    app = {"DomainId": domain.id, "AppType": "JupyterLab", "AppName": "default"}
    shared = aws.client("sagemaker", session_keys(house, role, team))
    shared.create_app(**app, SpaceName="team")
    with refused("AccessDeniedException"):
        shared.create_app(**app, SpaceName="anas")
    private = aws.client("sagemaker", session_keys(house, role, own))
    private.create_app(**app, SpaceName="anas")  # the owner's name is in the private session


def test_every_refusal_came_before_the_look(aws: Aws, narrowed: SimpleNamespace) -> None:
    """What is not there is refused in the same words as what is the other line's."""
    client = aws.client("sagemaker", narrowed.finance.keys)
    absent = {
        key: value.replace("sustainability-thing", "no-such-thing")
        for key, value in narrowed.other.named.items()
    }
    for name, operation in OPERATIONS.items():
        if not name.startswith(("Describe", "Delete")) or name in OPEN:
            continue
        said = []
        for named in (narrowed.other.named, absent):
            with pytest.raises(ClientError) as caught:
                ask(client, operation, named)
            error = caught.value.response["Error"]
            said.append((error["Code"], error["Message"].replace("no-such", "sustainability")))
        assert said[0] == said[1], name

"""What is made from inside a domain: tags of its origin, and who made it, on all of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_role, policy, refused, trusting
from tests.unit.services.test_sagemaker_pipelines import DEFINITION
from tests.unit.services.test_sagemaker_registry import CONTAINER, PLACE, make_version, tags

from freehold.compose import House
from freehold.kernel.permission import identity

TRUST = trusting({"Service": "sagemaker.amazonaws.com"})


class Inside(NamedTuple):
    """Clients of one profile's app, and what they are bound to."""

    aws: Aws
    keys: tuple[str, str, str]
    role: str
    tags: dict[str, str]
    context: dict[str, str]

    def client(self, service: str) -> Any:
        return self.aws.client(service, self.keys)


@pytest.fixture
def inside(aws: Aws, house: House) -> Inside:
    role = make_role(
        aws, "studio", TRUST, allow(["sagemaker:*", "logs:CreateLogGroup"]), allow("iam:PassRole")
    )
    sagemaker = aws.client("sagemaker")
    vpc = aws.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    subnet = aws.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    domain = sagemaker.create_domain(
        DomainName="finance",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": role},
        VpcId=vpc,
        SubnetIds=[subnet],
    )
    identifier = domain["DomainArn"].rsplit("/", 1)[-1]
    profile = sagemaker.create_user_profile(DomainId=identifier, UserProfileName="ana")
    kernel = house.kernel
    who = kernel.doors.session(kernel.own_unit(), role, profile["UserProfileArn"])
    minted = identity.mint(kernel.keyring, who)
    return Inside(
        aws,
        (minted.access_key_id, minted.secret_access_key, minted.session_token),
        role,
        {
            "sagemaker:domain-arn": domain["DomainArn"],
            "sagemaker:user-profile-arn": profile["UserProfileArn"],
        },
        {
            "DomainId": identifier,
            "UserProfileArn": profile["UserProfileArn"],
            "UserProfileName": "ana",
        },
    )


def test_all_that_is_registered_from_inside_carries_the_tags_of_the_domain(inside: Inside) -> None:
    mine = inside.client("sagemaker")
    mine.create_model_package_group(ModelPackageGroupName="g")
    mine.create_model(ModelName="m", PrimaryContainer=CONTAINER)
    mine.create_pipeline(PipelineName="p", PipelineDefinition=DEFINITION, RoleArn=inside.role)
    version = make_version(mine)
    names = ("model-package-group/g", "model/m", "pipeline/p")
    for arn in (*(f"{PLACE}:{name}" for name in names), version):
        assert tags(mine, arn) == inside.tags, arn
    assert mine.describe_model_package(ModelPackageName=version)["CreatedBy"] == inside.context
    group = mine.describe_model_package_group(ModelPackageGroupName="g")
    assert group["CreatedBy"] == inside.context
    assert mine.describe_pipeline(PipelineName="p")["CreatedBy"] == inside.context


def test_a_change_from_inside_tells_who_made_it(inside: Inside) -> None:
    root = inside.aws.client("sagemaker")
    root.create_model_package_group(ModelPackageGroupName="g")
    arn = make_version(root)
    assert "CreatedBy" not in root.describe_model_package(ModelPackageName=arn)
    inside.client("sagemaker").update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus="Approved"
    )
    told = root.describe_model_package(ModelPackageName=arn)
    assert told["LastModifiedBy"] == inside.context


def test_a_version_belongs_to_who_registers_it_not_to_its_group(inside: Inside) -> None:
    root = inside.aws.client("sagemaker")
    theirs = {"sagemaker:domain-arn": "d-1", "sagemaker:space-arn": "s-1", "team": "a"}
    root.create_model_package_group(
        ModelPackageGroupName="g", Tags=[{"Key": k, "Value": v} for k, v in theirs.items()]
    )
    assert tags(root, make_version(inside.client("sagemaker"))) == inside.tags | {"team": "a"}
    assert tags(root, make_version(root)) == theirs


def test_registering_from_inside_needs_permission_to_tag(inside: Inside) -> None:
    iam = inside.aws.client("iam")
    iam.delete_role_policy(RoleName="studio", PolicyName="given")
    document = policy(allow("sagemaker:Create*"))
    iam.put_role_policy(RoleName="studio", PolicyName="given", PolicyDocument=document)
    with refused("AccessDeniedException", "sagemaker:AddTags"):
        inside.client("sagemaker").create_model(ModelName="m", PrimaryContainer=CONTAINER)


def test_a_log_group_made_from_inside_is_tagged_without_permission_to_tag(inside: Inside) -> None:
    inside.client("logs").create_log_group(logGroupName="notebook")
    logs = inside.aws.client("logs")
    arn = logs.describe_log_groups()["logGroups"][0]["logGroupArn"]
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == inside.tags

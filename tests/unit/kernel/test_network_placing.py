"""Where workloads belong, worked out from the records that calls made."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.studio import make_domain, make_profile, work_role

from freehold.compose import House
from freehold.kernel.network.placing import Placement, of_app, of_job
from freehold.store.records import Record


@pytest.fixture
def vpc(aws: Aws) -> dict[str, Any]:
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    groups = [
        ec2.create_security_group(GroupName=name, Description="x", VpcId=vpc)["GroupId"]
        for name in ("domain", "ana", "spaces")
    ]
    return {"vpc": vpc, "subnet": subnet, "groups": groups}


def placed(house: House, arn: str) -> Placement:
    unit = house.kernel.own_unit()
    app = unit.find(arn)
    assert app is not None
    return of_app(unit, app)


def test_an_app_of_a_public_domain_goes_out_to_the_internet(aws: Aws, house: House) -> None:
    domain = make_domain(aws, "finance", work_role(aws, "work"))
    make_profile(aws, domain.id, "ana")
    arn = aws.client("sagemaker").create_app(
        DomainId=domain.id, UserProfileName="ana", AppType="JupyterLab", AppName="default"
    )["AppArn"]
    assert placed(house, arn) == Placement("public", domain.id)


def test_apps_of_a_vpc_domain_stand_in_its_subnets_with_the_groups_that_govern_them(
    aws: Aws, house: House, vpc: dict[str, Any]
) -> None:
    role = work_role(aws, "work")
    of_domain, of_ana, of_spaces = vpc["groups"]
    sagemaker = aws.client("sagemaker")
    domain = sagemaker.create_domain(
        DomainName="sealed",
        AuthMode="IAM",
        AppNetworkAccessType="VpcOnly",
        VpcId=vpc["vpc"],
        SubnetIds=[vpc["subnet"]],
        DefaultUserSettings={"ExecutionRole": role, "SecurityGroups": [of_domain]},
        DefaultSpaceSettings={"ExecutionRole": role, "SecurityGroups": [of_spaces]},
    )["DomainId"]
    named = {"DomainId": domain, "UserProfileName": "ana"}
    sagemaker.create_user_profile(**named, UserSettings={"SecurityGroups": [of_ana]})
    sagemaker.create_space(DomainId=domain, SpaceName="team")
    sagemaker.create_space(
        DomainId=domain,
        SpaceName="own",
        OwnershipSettings={"OwnerUserProfileName": "ana"},
        SpaceSharingSettings={"SharingType": "Private"},
    )
    app = {"DomainId": domain, "AppType": "JupyterLab", "AppName": "default"}
    both = tuple(sorted([of_domain, of_ana]))
    for owner, groups in (
        ({"UserProfileName": "ana"}, both),
        ({"SpaceName": "own"}, both),
        ({"SpaceName": "team"}, (of_spaces,)),
    ):
        arn = sagemaker.create_app(**app, **owner)["AppArn"]
        assert placed(house, arn) == Placement("vpc", domain, (vpc["subnet"],), groups)


def job(**document: Any) -> Record:
    made = Record("sagemaker:training-job", "arn", "job", uid="1", at=0.0)
    made.document = document
    return made


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, Placement("public")),
        ({"EnableNetworkIsolation": True}, Placement("none")),
        (
            {"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-2", "sg-1"]}},
            Placement("vpc", None, ("subnet-1",), ("sg-1", "sg-2")),
        ),
        (
            {"NetworkConfig": {"EnableNetworkIsolation": True}, "_Origin": "a:space/d-1/team#7"},
            Placement("none", "d-1"),
        ),
    ],
)
def test_a_job_is_placed_by_its_own_words(document: dict[str, Any], expected: Placement) -> None:
    assert of_job(job(**document)) == expected

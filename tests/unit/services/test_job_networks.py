"""Jobs in a VPC: what is checked, kept, shown, asked of policy, and held by the VPC meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.inprocess import Aws
from tests.support.jobs import TRUST, install_runtime, processing_request, training_request
from tests.support.people import allow, make_user, refused

from freehold.base.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    install_runtime(tmp_path / "runtimes")
    return Settings(
        state=tmp_path / "state", account_id="111122223333", runtimes=tmp_path / "runtimes"
    )


@pytest.fixture
def role(aws: Aws) -> str:
    made = aws.client("iam").create_role(RoleName="jobs", AssumeRolePolicyDocument=TRUST)
    return str(made["Role"]["Arn"])


class Vpc:
    """A VPC with one subnet and one group."""

    def __init__(self, aws: Aws, block: str) -> None:
        ec2 = aws.client("ec2")
        self.id = ec2.create_vpc(CidrBlock=f"{block}/16")["Vpc"]["VpcId"]
        made = ec2.create_subnet(VpcId=self.id, CidrBlock=f"{block}/24")
        self.subnet = made["Subnet"]["SubnetId"]
        made = ec2.create_security_group(GroupName="work", Description="d", VpcId=self.id)
        self.group = made["GroupId"]

    @property
    def config(self) -> dict[str, list[str]]:
        return {"Subnets": [self.subnet], "SecurityGroupIds": [self.group]}


@pytest.fixture
def vpc(aws: Aws) -> Vpc:
    return Vpc(aws, "10.1.0.0")


def test_a_vpc_config_is_kept_and_shown(aws: Aws, role: str, vpc: Vpc) -> None:
    sagemaker = aws.client("sagemaker")
    encrypted = {"EnableInterContainerTrafficEncryption": True}
    sagemaker.create_training_job(
        **training_request(
            "t", role, VpcConfig=vpc.config, EnableNetworkIsolation=True, **encrypted
        )
    )
    shown = sagemaker.describe_training_job(TrainingJobName="t")
    assert shown["VpcConfig"] == vpc.config
    assert shown["EnableNetworkIsolation"] is True
    assert shown["EnableInterContainerTrafficEncryption"] is True
    network = {"VpcConfig": vpc.config, "EnableNetworkIsolation": False, **encrypted}
    sagemaker.create_processing_job(**processing_request("p", role, NetworkConfig=network))
    assert sagemaker.describe_processing_job(ProcessingJobName="p")["NetworkConfig"] == network


def test_subnets_and_groups_of_two_vpcs_are_refused(aws: Aws, role: str, vpc: Vpc) -> None:
    other = Vpc(aws, "10.2.0.0")
    mixed = {"Subnets": [vpc.subnet, other.subnet], "SecurityGroupIds": [other.group, "sg-0"]}
    with refused(
        "ValidationException",
        "The security group 'sg-0' does not exist",
        f"Subnet {other.subnet} and subnet {vpc.subnet} belong to different networks",
        f"Security group {other.group} and subnet {vpc.subnet} belong to different networks",
    ):
        aws.client("sagemaker").create_training_job(**training_request("t", role, VpcConfig=mixed))


def test_a_live_job_keeps_its_subnet_and_group(aws: Aws, role: str, vpc: Vpc) -> None:
    sagemaker, ec2 = aws.client("sagemaker"), aws.client("ec2")
    sagemaker.create_processing_job(
        **processing_request("p", role, NetworkConfig={"VpcConfig": vpc.config})
    )
    with refused("DependencyViolation"):
        ec2.delete_subnet(SubnetId=vpc.subnet)
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=vpc.group)


def test_policy_may_demand_a_network(aws: Aws, role: str, vpc: Vpc) -> None:
    conditions = {
        "ForAllValues:StringEquals": {
            "sagemaker:VpcSubnets": [vpc.subnet],
            "sagemaker:VpcSecurityGroupIds": [vpc.group],
        },
        "Null": {"sagemaker:VpcSubnets": "false"},
        "Bool": {"sagemaker:NetworkIsolation": "true"},
    }
    may = allow("sagemaker:CreateTrainingJob", Condition=conditions)
    ana = aws.client("sagemaker", make_user(aws, "ana", may, allow("iam:PassRole")))
    with refused("AccessDeniedException"):
        ana.create_training_job(**training_request("a", role))
    with refused("AccessDeniedException"):
        ana.create_training_job(**training_request("b", role, VpcConfig=vpc.config))
    ana.create_training_job(
        **training_request("c", role, VpcConfig=vpc.config, EnableNetworkIsolation=True)
    )

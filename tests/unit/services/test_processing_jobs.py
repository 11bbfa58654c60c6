"""Processing jobs as a client sees them: what is accepted, refused, shown, listed and stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.jobs import TRUST, install_runtime, processing_request
from tests.support.people import refused

from freehold.base.settings import Settings
from freehold.compose import House
from freehold.kernel.permission import identity
from freehold.loops.jobs.task import PROCESSING
from freehold.store.records import Page


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


@pytest.fixture
def sagemaker(aws: Aws) -> Any:
    return aws.client("sagemaker")


def source(path: str = "/opt/ml/processing/in", **members: Any) -> dict[str, Any]:
    given = {"S3Uri": "s3://b/in", "LocalPath": path, "S3DataType": "S3Prefix"}
    return {"InputName": "in", "S3Input": given | {"S3InputMode": "File"} | members}


def target(path: str = "/opt/ml/processing/out") -> dict[str, Any]:
    given = {"S3Uri": "s3://b/out", "LocalPath": path, "S3UploadMode": "EndOfJob"}
    return {"OutputName": "out", "S3Output": given}


def test_describe_gives_back_what_clients_read(sagemaker: Any, role: str) -> None:
    request = processing_request(
        "p",
        role,
        ProcessingInputs=[source()],
        ProcessingOutputConfig={"Outputs": [target()]},
        Environment={"A": "b"},
    )
    sagemaker.create_processing_job(**request)
    shown = sagemaker.describe_processing_job(ProcessingJobName="p")
    for member in (
        "ProcessingResources",
        "AppSpecification",
        "ProcessingInputs",
        "ProcessingOutputConfig",
        "Environment",
        "RoleArn",
    ):
        assert shown[member] == request[member]
    assert shown["ProcessingJobStatus"] == "InProgress"
    assert shown["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}


def test_a_name_is_given_once(sagemaker: Any, role: str) -> None:
    sagemaker.create_processing_job(**processing_request("twice", role))
    with refused("ResourceInUse", "already exists (arn:aws:sagemaker:"):
        sagemaker.create_processing_job(**processing_request("twice", role))


def test_an_unknown_job_is_a_validation_exception(sagemaker: Any) -> None:
    with refused("ValidationException", "Could not find requested job with name: nobody"):
        sagemaker.describe_processing_job(ProcessingJobName="nobody")


CLUSTER = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}
REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"ProcessingResources": {"ClusterConfig": CLUSTER | {"InstanceCount": 2}}},
        "InstanceCount must be 1",
    ),
    (
        {"ProcessingResources": {"ClusterConfig": CLUSTER | {"VolumeKmsKeyId": "k"}}},
        "VolumeKmsKeyId",
    ),
    (
        {"NetworkConfig": {"VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}}},
        "The security group 'sg-1' does not exist.",
    ),
    ({"ProcessingInputs": [source("/etc")]}, "begins with /opt/ml/processing"),
    ({"ProcessingInputs": [source("/opt/ml/processing/../../x")]}, "LocalPath"),
    ({"ProcessingInputs": [source("/opt/ml/processing")]}, "LocalPath"),
    ({"ProcessingInputs": [source(S3InputMode="Pipe")]}, "S3InputMode Pipe"),
    ({"ProcessingInputs": [source(S3DataType="ManifestFile")]}, "ManifestFile"),
    ({"ProcessingInputs": [source(), source("/opt/ml/processing/b")]}, "Input names"),
    ({"ProcessingOutputConfig": {"Outputs": [target("/opt/ml/model")]}}, "LocalPath"),
    ({"ProcessingOutputConfig": {"Outputs": [], "KmsKeyId": "k"}}, "KmsKeyId"),
    ({"AppSpecification": {"ImageUri": "x/y:z"}}, "Cannot find image x/y:z"),
]


@pytest.mark.parametrize(("members", "words"), REFUSED)
def test_what_we_cannot_honour_is_refused_by_name(
    sagemaker: Any, role: str, members: dict[str, Any], words: str
) -> None:
    with refused("ValidationException", words):
        sagemaker.create_processing_job(**processing_request("x", role, **members))


def test_inputs_that_the_job_moves_itself_are_let_pass(sagemaker: Any, role: str) -> None:
    own = {"InputName": "own", "AppManaged": True}
    sagemaker.create_processing_job(**processing_request("own", role, ProcessingInputs=[own]))


def test_lists_come_newest_first(sagemaker: Any, role: str) -> None:
    for name in ("a", "b"):
        sagemaker.create_processing_job(**processing_request(name, role))
    listed = sagemaker.list_processing_jobs()["ProcessingJobSummaries"]
    assert [one["ProcessingJobName"] for one in listed] == ["b", "a"]


def test_a_live_job_cannot_be_deleted(sagemaker: Any, role: str) -> None:
    sagemaker.create_processing_job(**processing_request("live", role))
    sagemaker.stop_processing_job(ProcessingJobName="live")
    with refused("ValidationException", "Stopping"):
        sagemaker.delete_processing_job(ProcessingJobName="live")


def test_a_job_belongs_to_where_it_was_started(
    house: House, aws: Aws, sagemaker: Any, role: str
) -> None:
    network = aws.client("ec2").describe_subnets()["Subnets"][0]
    domain = sagemaker.create_domain(
        DomainName="d",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": role},
        SubnetIds=[network["SubnetId"]],
        VpcId=network["VpcId"],
    )["DomainId"]
    profile = sagemaker.create_user_profile(DomainId=domain, UserProfileName="ann")
    aws.client("iam").put_role_policy(
        RoleName="jobs",
        PolicyName="p",
        PolicyDocument='{"Version":"2012-10-17","Statement":'
        '{"Effect":"Allow","Action":"*","Resource":"*"}}',
    )
    kernel = house.kernel
    inside = kernel.doors.session(kernel.own_unit(), role, profile["UserProfileArn"])
    kernel.call("sagemaker", "CreateProcessingJob", inside, processing_request("mine", role))
    record = kernel.own_unit().records(Page(PROCESSING))[0]
    arn, _, _ = record.document["_Origin"].partition("#")
    assert arn == profile["UserProfileArn"]
    assert record.tags["sagemaker:user-profile-arn"] == profile["UserProfileArn"]
    again = kernel.doors.session(kernel.own_unit(), role, record.document["_Origin"])
    assert isinstance(again.origin, type(inside.origin))
    assert identity.generation(record) > 0

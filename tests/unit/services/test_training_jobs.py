"""Training jobs as a client sees them: what is accepted, refused, shown, listed and stopped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.support.inprocess import Aws
from tests.support.jobs import IMAGE, TRUST, install_runtime, training_request

from freehold.base.settings import Settings
from freehold.compose import House
from freehold.loops.jobs import book
from freehold.loops.jobs.verdict import COMPLETED
from freehold.store.records import Record


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


def refusal(call: Any, **request: Any) -> dict[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    return dict(caught.value.response["Error"])


def record(house: House, arn: str) -> Record:
    found = house.kernel.own_unit().find(arn)
    assert found is not None
    return found


def test_a_new_job_is_described_as_clients_need_it(sagemaker: Any, role: str) -> None:
    made = sagemaker.create_training_job(
        **training_request("first", role, HyperParameters={"lr": '"0.1"'})
    )
    shown = sagemaker.describe_training_job(TrainingJobName="first")
    assert made["TrainingJobArn"].endswith(":training-job/first")
    assert shown["TrainingJobStatus"] == "InProgress"
    assert shown["SecondaryStatus"] == "Starting"
    assert [one["Status"] for one in shown["SecondaryStatusTransitions"]] == ["Starting"]
    assert shown["OutputDataConfig"]["KmsKeyId"] == ""
    assert shown["EnableNetworkIsolation"] is False
    assert shown["EnableInterContainerTrafficEncryption"] is False
    assert shown["EnableManagedSpotTraining"] is False
    assert shown["HyperParameters"] == {"lr": '"0.1"'}
    assert not any(name.startswith("_") for name in shown)


def test_a_name_is_given_once(sagemaker: Any, role: str) -> None:
    made = sagemaker.create_training_job(**training_request("twice", role))
    error = refusal(sagemaker.create_training_job, **training_request("twice", role))
    assert error["Code"] == "ResourceInUse"
    assert error["Message"] == (
        "Job name must be unique within an AWS account and region, and a training job with this "
        f"name already exists ({made['TrainingJobArn']})"
    )


def test_an_unknown_job_has_awss_words(sagemaker: Any) -> None:
    error = refusal(sagemaker.describe_training_job, TrainingJobName="nobody")
    assert (error["Code"], error["Message"]) == (
        "ValidationException",
        "Requested resource not found.",
    )


def test_an_unknown_image_is_refused_by_name(sagemaker: Any, role: str) -> None:
    request = training_request("x", role, AlgorithmSpecification={"TrainingImage": "repo/img:1"})
    error = refusal(sagemaker.create_training_job, **request)
    assert error["Code"] == "ValidationException"
    assert error["Message"].startswith("Cannot find image repo/img:1:")


def test_a_role_that_sagemaker_may_not_assume_is_refused(
    sagemaker: Any, role: str, aws: Aws
) -> None:
    error = refusal(sagemaker.create_training_job, **training_request("x", f"{role}-other"))
    assert "Could not assume role" in error["Message"]


S3_INPUT = {"S3DataType": "S3Prefix", "S3Uri": "s3://b/p"}
REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 2,
                "VolumeSizeInGB": 1,
            }
        },
        "InstanceCount must be 1",
    ),
    (
        {
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 1,
                "KeepAlivePeriodInSeconds": 60,
            }
        },
        "KeepAlivePeriodInSeconds",
    ),
    (
        {"VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}},
        "The subnet ID 'subnet-1' does not exist; The security group 'sg-1' does not exist.",
    ),
    ({"OutputDataConfig": {"S3OutputPath": "s3://b", "KmsKeyId": "k"}}, "KmsKeyId"),
    (
        {"AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "Pipe"}},
        "TrainingInputMode Pipe",
    ),
    (
        {
            "InputDataConfig": [
                {
                    "ChannelName": "train",
                    "DataSource": {"S3DataSource": S3_INPUT | {"S3DataType": "ManifestFile"}},
                }
            ]
        },
        "ManifestFile",
    ),
    (
        {
            "InputDataConfig": [
                {"ChannelName": "train", "DataSource": {"S3DataSource": S3_INPUT}},
                {"ChannelName": "train", "DataSource": {"S3DataSource": S3_INPUT}},
            ]
        },
        "Channel names must be unique",
    ),
    ({"EnableManagedSpotTraining": True}, "MaxWaitTimeInSeconds"),
    ({"RemoteDebugConfig": {"EnableRemoteDebug": True}}, "RemoteDebugConfig.EnableRemoteDebug"),
    ({"CheckpointConfig": {"S3Uri": "s3://b/c", "LocalPath": "/data"}}, "LocalPath"),
]


@pytest.mark.parametrize(("members", "words"), REFUSED)
def test_what_we_cannot_honour_is_refused_by_name(
    sagemaker: Any, role: str, members: dict[str, Any], words: str
) -> None:
    error = refusal(sagemaker.create_training_job, **training_request("x", role, **members))
    assert error["Code"] == "ValidationException"
    assert words in error["Message"]


def test_what_the_sdk_always_sends_is_taken_and_shown(sagemaker: Any, role: str) -> None:
    extras = {
        "DebugHookConfig": {"S3OutputPath": "s3://b/d", "CollectionConfigurations": []},
        "ProfilerConfig": {"S3OutputPath": "s3://b/p", "DisableProfiler": True},
        "RetryStrategy": {"MaximumRetryAttempts": 1},
        "ExperimentConfig": {"ExperimentName": "e"},
        "Environment": {"A": "b"},
    }
    sagemaker.create_training_job(**training_request("sdk", role, **extras))
    shown = sagemaker.describe_training_job(TrainingJobName="sdk")
    assert {name: shown[name] for name in extras} == extras


def test_lists_come_newest_first_and_filter_by_status(sagemaker: Any, role: str) -> None:
    for name in ("a", "b", "c"):
        sagemaker.create_training_job(**training_request(name, role))
    sagemaker.stop_training_job(TrainingJobName="b")
    listed = sagemaker.list_training_jobs()["TrainingJobSummaries"]
    stopping = sagemaker.list_training_jobs(StatusEquals="Stopping")["TrainingJobSummaries"]
    assert [one["TrainingJobName"] for one in listed] == ["c", "b", "a"]
    assert [one["TrainingJobName"] for one in stopping] == ["b"]


def test_a_stop_is_asked_for_once_and_refused_after_the_end(
    sagemaker: Any, role: str, house: House
) -> None:
    arn = sagemaker.create_training_job(**training_request("s", role))["TrainingJobArn"]
    sagemaker.stop_training_job(TrainingJobName="s")
    sagemaker.stop_training_job(TrainingJobName="s")
    shown = sagemaker.describe_training_job(TrainingJobName="s")
    steps = [one["Status"] for one in shown["SecondaryStatusTransitions"]]
    book.settle(house.kernel, record(house, arn), COMPLETED)
    error = refusal(sagemaker.stop_training_job, TrainingJobName="s")
    assert (shown["TrainingJobStatus"], steps) == ("Stopping", ["Starting", "Stopping"])
    assert error["Message"].endswith("is in status Stopped.")


def test_only_an_ended_job_can_be_deleted(sagemaker: Any, role: str, house: House) -> None:
    arn = sagemaker.create_training_job(**training_request("d", role))["TrainingJobArn"]
    error = refusal(sagemaker.delete_training_job, TrainingJobName="d")
    book.settle(house.kernel, record(house, arn), COMPLETED)
    sagemaker.delete_training_job(TrainingJobName="d")
    assert "InProgress" in error["Message"]
    assert house.kernel.own_unit().find(arn) is None


def test_passing_a_role_is_asked_of_policy(aws: Aws, role: str) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ann")
    iam.put_user_policy(
        UserName="ann",
        PolicyName="p",
        PolicyDocument='{"Version":"2012-10-17","Statement":'
        '{"Effect":"Allow","Action":"sagemaker:*","Resource":"*"}}',
    )
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    ann = aws.client("sagemaker", (key["AccessKeyId"], key["SecretAccessKey"]))
    error = refusal(ann.create_training_job, **training_request("x", role))
    assert error["Code"] == "AccessDeniedException"
    assert "iam:PassRole" in error["Message"]


DENIES = [
    ({"StringEquals": {"sagemaker:InstanceTypes": "ml.m5.large"}}, True),
    ({"StringEquals": {"sagemaker:InstanceTypes": "ml.m5.xlarge"}}, False),
    ({"NumericGreaterThan": {"sagemaker:MaxRuntimeInSeconds": "599"}}, True),
    ({"NumericGreaterThan": {"sagemaker:MaxRuntimeInSeconds": "600"}}, False),
    ({"Bool": {"sagemaker:NetworkIsolation": "true"}}, True),
]


@pytest.mark.parametrize(("condition", "is_denied"), DENIES)
def test_condition_keys_see_the_request(
    aws: Aws, role: str, condition: dict[str, Any], is_denied: bool
) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ann")
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    deny = {
        "Effect": "Deny",
        "Action": "sagemaker:CreateTrainingJob",
        "Resource": "*",
        "Condition": condition,
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow, deny]})
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    ann = aws.client("sagemaker", (key["AccessKeyId"], key["SecretAccessKey"]))
    request = training_request("x", role, EnableNetworkIsolation=True)
    if is_denied:
        error = refusal(ann.create_training_job, **request)
        assert error["Code"] == "AccessDeniedException"
    else:
        ann.create_training_job(**request)

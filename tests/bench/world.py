"""What both servers hold and are asked: ten thousand training jobs, one caller, five questions.

``fill`` makes our state by the API itself, in process, before the server starts; the other server
gets the same jobs from ``moto_server.py``.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from freehold.auth.principal import Principal
from freehold.base.clock import SystemClock
from freehold.base.settings import Settings
from freehold.compose import House, open_house
from freehold.kernel.call import Call, Record
from freehold.kernel.permission import identity
from freehold.store import keys
from freehold.store.unit import Unit
from tests.support.inprocess import Aws
from tests.support.jobs import TRUST

ACCOUNT = "123456789012"
REGION = "us-east-1"
JOBS = 10_000
IMAGE = f"683313688378.dkr.ecr.{REGION}.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/bench"
DOMAIN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:domain/d-000000000001"
DOMAIN_TAG = "sagemaker:domain-arn"
FILL_STEP = 500

# A member of one domain, as the 2022 announcement and AWS's guide bind one, and what a data
# scientist needs besides. No wildcard of everything: each call is decided by its conditions.
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "CreateRequireDomainTag",
            "Effect": "Allow",
            "Action": ["sagemaker:Create*", "sagemaker:AddTags"],
            "Resource": "*",
            "Condition": {
                "ForAllValues:StringEquals": {f"aws:RequestTag/{DOMAIN_TAG}": [DOMAIN]},
            },
        },
        {
            "Sid": "ResourceAccessRequireDomainTag",
            "Effect": "Allow",
            "Action": ["sagemaker:Update*", "sagemaker:Delete*", "sagemaker:Describe*"],
            "Resource": "*",
            "Condition": {"StringEquals": {f"aws:ResourceTag/{DOMAIN_TAG}": DOMAIN}},
        },
        {
            "Sid": "ListAndSearch",
            "Effect": "Allow",
            "Action": ["sagemaker:List*", "sagemaker:Search", "sagemaker:BatchGet*"],
            "Resource": "*",
        },
        {
            "Sid": "PassOwnRole",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": f"arn:aws:iam::{ACCOUNT}:role/*",
            "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        },
        {
            "Sid": "OwnData",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
            "Resource": ["arn:aws:s3:::bench-*", "arn:aws:s3:::bench-*/*"],
        },
        {
            "Sid": "NeverTheDomainItself",
            "Effect": "Deny",
            "Action": ["sagemaker:*Domain", "sagemaker:*UserProfile"],
            "Resource": "*",
        },
    ],
}
ROLE_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["s3:*", "logs:*"],
            "Resource": ["arn:aws:s3:::bench-*", "arn:aws:s3:::bench-*/*", "arn:aws:logs:*"],
        }
    ],
}


def job(name: str, number: int = 0) -> dict[str, Any]:
    """A CreateTrainingJob request, such as the SDK sends: about 1.4 kB."""
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "loss", "Regex": "loss=([0-9.]+)"}],
            "ContainerEntrypoint": ["true"],
        },
        "RoleArn": ROLE,
        "InputDataConfig": [
            {
                "ChannelName": channel,
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": f"s3://bench-data/{channel}",
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
                "ContentType": "text/csv",
                "CompressionType": "None",
                "RecordWrapperType": "None",
            }
            for channel in ("train", "validation")
        ],
        "OutputDataConfig": {"S3OutputPath": "s3://bench-results/training"},
        "ResourceConfig": {
            "InstanceType": "ml.m5.xlarge",
            "InstanceCount": 1,
            "VolumeSizeInGB": 30,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "HyperParameters": {
            "epochs": "10",
            "lr": "0.1",
            "batch_size": "32",
            "optimizer": "adam",
            "seed": "7",
            "depth": "6",
        },
        "Environment": {"STAGE": "bench"},
        "Tags": [
            {"Key": DOMAIN_TAG, "Value": DOMAIN},
            {
                "Key": "sagemaker:user-profile-arn",
                "Value": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/d-1/u-{number % 200}",
            },
            {"Key": "team", "Value": f"t{number % 10}"},
        ],
    }


def name_of(number: int) -> str:
    """Of the jobs that are there before the run."""
    return f"bench-{number:07d}"


def arn_of(number: int) -> str:
    """Likewise."""
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/{name_of(number)}"


def questions(operation: str, count: int, run: str) -> Iterator[dict[str, Any]]:
    """``count`` bodies of one operation (snake_case). ``run`` keeps names of creates apart."""
    chance = random.Random(7)
    for number in range(count):
        some = chance.randrange(JOBS)
        match operation:
            case "describe_training_job":
                yield {"TrainingJobName": name_of(some)}
            case "list_training_jobs":
                yield {"MaxResults": 100, "SortBy": "CreationTime", "SortOrder": "Descending"}
            case "list_tags":
                yield {"ResourceArn": arn_of(some)}
            case "add_tags":
                tags = [{"Key": f"k{number % 10}", "Value": str(number)}]
                yield {"ResourceArn": arn_of(some), "Tags": tags}
            case "create_training_job":
                yield job(f"{run}-{number:07d}", number)


def fill(state: Path) -> tuple[str, str]:
    """Make a state with the jobs, all Completed, and give the caller's access key."""
    house = open_house(Settings(state=state, account_id=ACCOUNT, region=REGION), SystemClock())
    try:
        owner = keys.of_owner(house.kernel.reader.connection, identity.root_arn(house.settings))[0]
        aws = Aws(house.api, REGION, (owner.id, owner.secret))
        iam = aws.client("iam")
        iam.create_role(RoleName="bench", AssumeRolePolicyDocument=TRUST)
        iam.create_user(UserName="bench")
        iam.put_user_policy(
            UserName="bench", PolicyName="member", PolicyDocument=json.dumps(POLICY)
        )
        key = iam.create_access_key(UserName="bench")["AccessKey"]
        iam.put_role_policy(
            RoleName="bench", PolicyName="data", PolicyDocument=json.dumps(ROLE_POLICY)
        )
        s3 = aws.client("s3")
        for bucket in ("bench-data", "bench-results"):
            s3.create_bucket(Bucket=bucket)
        for channel in ("train", "validation"):
            s3.put_object(Bucket="bench-data", Key=f"{channel}/rows.csv", Body=b"1,2,3\n" * 100)
        aws.close()
        _fill(house, identity.root(house.settings))
    finally:
        house.close()
    return key["AccessKeyId"], key["SecretAccessKey"]


def _fill(house: House, owner: Principal) -> None:
    kernel = house.kernel
    operation = kernel.registry.services["sagemaker"].operations["CreateTrainingJob"]
    for start in range(0, JOBS, FILL_STEP):
        numbers = range(start, min(start + FILL_STEP, JOBS))
        made = [
            kernel.write(Call(kernel, operation, owner, job(name_of(number), number)))
            for number in numbers
        ]
        for one in made:
            one.result()
        kernel.writer.run(lambda unit, numbers=numbers: _complete(house, unit, numbers))


def _complete(house: House, unit: Unit, numbers: range) -> None:
    resource = house.kernel.registry.resource("sagemaker:training-job")
    assert resource is not None
    for number in numbers:
        record: Record | None = unit.find(arn_of(number))
        assert record is not None
        now = record.created + 60
        record.status = record.document["TrainingJobStatus"] = "Completed"
        record.document |= {
            "SecondaryStatus": "Completed",
            "TrainingStartTime": record.created + 1,
            "TrainingEndTime": now,
            "LastModifiedTime": now,
            "BillableTimeInSeconds": 59,
            "TrainingTimeInSeconds": 59,
            "ModelArtifacts": {
                "S3ModelArtifacts": f"s3://bench-results/{record.name}/model.tar.gz"
            },
        }
        record.mover = record.due = None
        record.summary = resource.summary(record.document)
        unit.save(record, now, resource.facts(record))

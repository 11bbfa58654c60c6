"""Walks every operation with the things of another domain: a member of one has no way to them.

The caller is a session of a profile under what quick setup gives a domain: the tight policy, and
the guards. What it may call without meaning anybody's things stands in ``HARMLESS``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.conftest import root_keys
from tests.support.guards import switch
from tests.support.inprocess import Aws
from tests.support.jobs import install_runtime
from tests.support.lines import line_of_business
from tests.support.minimal import request_of

from freehold.base.settings import Settings
from freehold.compose import House, open_house
from freehold.kernel.declare.operation import Operation
from freehold.kernel.permission.tight import tight_policy
from freehold.services.catalog import SERVICES

ACCOUNT = "111122223333"
# Operations that need no permission, or that make work of one's own: not about anybody's things.
HARMLESS = {
    "sts:GetCallerIdentity": "needs no permission, and says who the caller is",
    "cloudwatch:ListMetrics": "only of domains that one may describe",
    "cloudwatch:GetMetricData": "another domain's query is answered Forbidden",
    "pricing:GetProducts": "the price list is the same for everybody",
    "sagemaker:CreateAppImageConfig": "makes work of one's own domain",
    "sagemaker:CreateCodeRepository": "makes work of one's own domain",
    "sagemaker:CreateExperiment": "makes work of one's own domain",
    "sagemaker:CreateModel": "makes work of one's own domain",
    "sagemaker:CreateModelPackageGroup": "makes work of one's own domain",
    "sagemaker:CreatePipeline": "makes work of one's own domain",
    "sagemaker:CreateStudioLifecycleConfig": "makes work of one's own domain",
    "sagemaker:CreateTrialComponent": "makes work of one's own domain",
}
REFUSED = {"AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "403"}
OPERATIONS = [
    operation
    for service in SERVICES
    for _, operation in sorted(service.operations.items())
    if f"{service.name}:{operation.name}" not in HARMLESS
    and not operation.is_unsigned  # its own token says who calls, whoever asks
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    place: Path = tmp_path_factory.mktemp("foreign")
    install_runtime(place / "runtimes")
    settings = Settings(state=place / "state", account_id=ACCOUNT, runtimes=place / "runtimes")
    opened = open_house(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def aws(house: House) -> Iterator[Aws]:
    made = Aws(house.api, "us-east-1", root_keys(house))
    yield made
    made.close()


@pytest.fixture(scope="module")
def world(aws: Aws, house: House) -> SimpleNamespace:
    """A member of finance under the tight policy, and names of everything of sustainability."""
    finance = line_of_business(aws, house, "finance")
    other = line_of_business(aws, house, "sustainability")
    text = tight_policy(
        "aws",
        "us-east-1",
        ACCOUNT,
        finance.domain.arn,
        finance.domain.id,
        finance.role,
        "bucket-of-finance",
    )
    aws.client("iam").put_role_policy(
        RoleName="work-finance", PolicyName="given", PolicyDocument=json.dumps(text)
    )
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="bucket-of-sustainability")
    s3.put_object(Bucket="bucket-of-sustainability", Key="rows.csv", Body=b"1")
    efs = aws.client("efs").describe_file_systems()["FileSystems"]
    volume = next(one for one in efs if other.domain.id in str(one))
    role = other.role.rpartition("/")[2]
    named = other.named | {
        "Bucket": "bucket-of-sustainability",
        "Key": "rows.csv",
        "CopySource": "bucket-of-sustainability/rows.csv",
        "FileSystemId": volume["FileSystemId"],
        "RoleName": role,
        "UserName": "nobody",
        "PolicyName": "given",
        "PolicySourceArn": other.role,
        "logGroupName": "/aws/sagemaker/studio",
        "logStreamName": f"{other.domain.id}/ana/JupyterLab/default",
        "ResourceARNList": [other.made["experiment"]],
        "ResourceId": volume["FileSystemId"],
    }
    switch(house, "isolation=strict")
    return SimpleNamespace(keys=finance.keys, named=named)


def ask(aws: Aws, operation: Operation, world: SimpleNamespace) -> Any:
    """The smallest request that names the other domain's things, in boto3's types."""
    client = aws.client(operation.service.name, world.keys)
    method = {name: py for py, name in client.meta.method_to_api_mapping.items()}[operation.name]
    request = request_of(operation.model)
    members = operation.model.input.members if operation.model.input is not None else {}
    request |= {key: value for key, value in world.named.items() if key in members}
    if "App" in operation.name and operation.service.name == "sagemaker":
        request.pop("SpaceName", None)
    if operation.name == "CreateModelPackage":  # a version, and no package of a name of its own
        request.pop("ModelPackageName", None)
    for name in request:
        if members[name].shape.kind == "blob":
            request[name] = b"x"
    return getattr(client, method)(**request)


@pytest.mark.parametrize(
    "operation", OPERATIONS, ids=[f"{one.service.name}:{one.name}" for one in OPERATIONS]
)
def test_refuses_a_member_of_another_domain(
    operation: Operation, aws: Aws, world: SimpleNamespace
) -> None:
    with pytest.raises(ClientError) as caught:
        ask(aws, operation, world)
    error = caught.value.response["Error"]
    assert error["Code"] in REFUSED, error

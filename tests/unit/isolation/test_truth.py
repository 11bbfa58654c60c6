"""What the report says is what the server does: each way is walked by a real client."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from tests.support.people import allow
from tests.support.studio import session_keys
from tests.unit.isolation.conftest import ACCOUNT, REGION, Account

HEAD = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
DENIED = {"AccessDeniedException", "AccessDenied", "403", "UnauthorizedOperation"}
CALLS = {
    "DescribeModel": ("sagemaker", "describe_model", {"ModelName": "risk-model"}),
    "DescribeExperiment": (
        "sagemaker",
        "describe_experiment",
        {"ExperimentName": "risk-experiment"},
    ),
    "DeleteModel": ("sagemaker", "delete_model", {"ModelName": "risk-model"}),
    "UpdateExperiment": (
        "sagemaker",
        "update_experiment",
        {"ExperimentName": "risk-experiment"},
    ),
    "ListObjectsV2": ("s3", "list_objects_v2", {"Bucket": "risk-files"}),
    "GetBucketLocation": ("s3", "get_bucket_location", {"Bucket": "risk-files"}),
    "CreateModelPackage": (
        "sagemaker",
        "create_model_package",
        {
            "ModelPackageGroupName": "risk-models",
            "InferenceSpecification": {"Containers": [{"Image": "x"}]},
        },
    ),
}
POLICIES = {
    "tight": [],
    "all": [allow("*")],
    "describe by kind": [allow("sagemaker:Describe*", f"{HEAD}:model/*")],
    "vacuous": [
        allow(
            ["sagemaker:Create*", "sagemaker:Update*"],
            Condition={
                "ForAllValues:StringEquals": {
                    "aws:TagKeys": ["sagemaker:domain-arn", "sagemaker:user-profile-arn"]
                }
            },
        )
    ],
    "a bucket": [allow("s3:*", "arn:aws:s3:::ri*")],
    "packages": [allow("sagemaker:CreateModelPackage", f"{HEAD}:model-package/risk-models/*")],
}


@pytest.mark.parametrize("name", POLICIES)
def test_report_and_server_agree(name: str, account: Account) -> None:
    finance, risk = account.lines["finance"], account.lines["risk"]
    if POLICIES[name]:
        account.allow(finance, *POLICIES[name])
    report = account.examine()
    said = {
        operation
        for block in report.blocks(finance.id, risk.id, "leak")
        if not block.first.chain
        for operation in block.operations
    }

    keys = session_keys(account.house, finance.role, f"{HEAD}:user-profile/{finance.id}/anna")
    for operation, (service, method, request) in CALLS.items():
        client = account.aws.client(service, keys)
        try:
            getattr(client, method)(**request)
        except ClientError as error:
            is_allowed = error.response["Error"]["Code"] not in DENIED
        else:
            is_allowed = True
        assert is_allowed is (operation in said), operation

"""Policies on buckets and on model package groups, asked with every call on what they guard."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, deny, make_user, policy, refused

ACCOUNT = "111122223333"
BUCKET = "shelf-of-finance"
ARN = f"arn:aws:s3:::{BUCKET}"
GROUP = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package-group/churn"


def user(name: str) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{name}"}


@pytest.fixture
def s3(aws: Aws) -> Any:
    made = aws.client("s3")
    made.create_bucket(Bucket=BUCKET)
    made.put_object(Bucket=BUCKET, Key="a/rows.csv", Body=b"1,2")
    return made


def test_a_bucket_has_no_policy_at_first(s3: Any) -> None:
    with refused("NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=BUCKET)
    with refused("NoSuchBucketPolicy"):
        s3.get_bucket_policy_status(Bucket=BUCKET)
    s3.delete_bucket_policy(Bucket=BUCKET)


def test_a_policy_comes_back_as_it_was_sent_and_goes(aws: Aws, s3: Any) -> None:
    make_user(aws, "ana")
    text = policy(allow("s3:GetObject", f"{ARN}/a/*", Principal=user("ana")))
    s3.put_bucket_policy(Bucket=BUCKET, Policy=text)
    assert s3.get_bucket_policy(Bucket=BUCKET)["Policy"] == text
    assert s3.get_bucket_policy_status(Bucket=BUCKET)["PolicyStatus"] == {"IsPublic": False}
    s3.delete_bucket_policy(Bucket=BUCKET)
    with refused("NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=BUCKET)


def test_a_user_that_is_named_needs_no_policy_of_its_own(aws: Aws, s3: Any) -> None:
    ana, ben = make_user(aws, "ana"), make_user(aws, "ben")
    with refused("AccessDenied"):
        aws.client("s3", ana).get_object(Bucket=BUCKET, Key="a/rows.csv")
    s3.put_bucket_policy(
        Bucket=BUCKET, Policy=policy(allow("s3:GetObject", f"{ARN}/a/*", Principal=user("ana")))
    )
    answer = aws.client("s3", ana).get_object(Bucket=BUCKET, Key="a/rows.csv")
    assert answer["Body"].read() == b"1,2"
    with refused("AccessDenied"):
        aws.client("s3", ana).put_object(Bucket=BUCKET, Key="a/rows.csv", Body=b"x")
    with refused("AccessDenied"):
        aws.client("s3", ben).get_object(Bucket=BUCKET, Key="a/rows.csv")


def test_a_denial_binds_whoever_is_allowed_all(aws: Aws, s3: Any) -> None:
    ana = aws.client("s3", make_user(aws, "ana", allow("s3:*")))
    ana.get_object(Bucket=BUCKET, Key="a/rows.csv")
    s3.put_bucket_policy(
        Bucket=BUCKET, Policy=policy(deny("s3:GetObject", f"{ARN}/*", Principal=user("ana")))
    )
    with refused("AccessDenied", "with an explicit deny in a resource-based policy"):
        ana.get_object(Bucket=BUCKET, Key="a/rows.csv")
    s3.delete_bucket_policy(Bucket=BUCKET)
    ana.get_object(Bucket=BUCKET, Key="a/rows.csv")


def test_the_root_is_bound_by_it_but_never_shut_out_of_it(s3: Any) -> None:
    s3.put_bucket_policy(
        Bucket=BUCKET, Policy=policy(deny("s3:*", [ARN, f"{ARN}/*"], Principal="*"))
    )
    with refused("AccessDenied"):
        s3.get_object(Bucket=BUCKET, Key="a/rows.csv")
    s3.delete_bucket_policy(Bucket=BUCKET)
    s3.get_object(Bucket=BUCKET, Key="a/rows.csv")


def test_a_namesake_made_anew_is_not_whom_it_named(aws: Aws, s3: Any) -> None:
    make_user(aws, "ana")
    s3.put_bucket_policy(
        Bucket=BUCKET, Policy=policy(allow("s3:GetObject", f"{ARN}/*", Principal=user("ana")))
    )
    iam = aws.client("iam")
    for key in iam.list_access_keys(UserName="ana")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="ana", AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName="ana")
    again = make_user(aws, "ana")
    with refused("AccessDenied"):
        aws.client("s3", again).get_object(Bucket=BUCKET, Key="a/rows.csv")


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("no json", "MalformedPolicy", "Syntax errors"),
        (policy(allow("s3:GetObject", f"{ARN}/*")), "MalformedPolicy", "Principal"),
        (
            policy(allow("s3:GetObject", f"{ARN}/*", Principal=user("nobody"))),
            "MalformedPolicy",
            "Invalid principal",
        ),
        (
            policy(deny("s3:GetObject", "arn:aws:s3:::another/*", Principal="*")),
            "MalformedPolicy",
            "invalid resource",
        ),
        (policy(deny("iam:*", ARN, Principal="*")), "MalformedPolicy", "invalid action"),
        (policy(allow("s3:GetObject", f"{ARN}/*", Principal="*")), "AccessDenied", "public"),
        (
            policy(
                allow(
                    "s3:GetObject",
                    f"{ARN}/*",
                    Principal="*",
                    Condition={"StringLike": {"aws:PrincipalArn": "*"}},
                )
            ),
            "AccessDenied",
            "public",
        ),
        (
            policy(deny("s3:GetObject", f"{ARN}/{'x' * 30_000}", Principal="*")),
            "MalformedPolicy",
            "maximum allowed size",
        ),
    ],
)
def test_what_may_not_stand_is_refused_and_what_stood_stays(
    s3: Any, text: str, code: str, words: str
) -> None:
    before = policy(deny("s3:DeleteObject", f"{ARN}/*", Principal="*"))
    s3.put_bucket_policy(Bucket=BUCKET, Policy=before)
    with refused(code, words):
        s3.put_bucket_policy(Bucket=BUCKET, Policy=text)
    assert s3.get_bucket_policy(Bucket=BUCKET)["Policy"] == before


def test_a_grant_to_everyone_of_the_account_is_not_public(aws: Aws, s3: Any) -> None:
    ana = make_user(aws, "ana")
    some = {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}
    text = policy(allow("s3:GetObject", f"{ARN}/*", Principal="*", Condition=some))
    s3.put_bucket_policy(Bucket=BUCKET, Policy=text)
    aws.client("s3", ana).get_object(Bucket=BUCKET, Key="a/rows.csv")


# -- model package groups ---------------------------------------------------------------------


@pytest.fixture
def registry(aws: Aws) -> Any:
    made = aws.client("sagemaker")
    made.create_model_package_group(ModelPackageGroupName="churn")
    made.create_model_package(
        ModelPackageGroupName="churn",
        InferenceSpecification={
            "Containers": [{"Image": "x", "ModelDataUrl": "s3://b/model.tar.gz"}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )
    return made


def test_a_group_policy_guards_group_and_versions(aws: Aws, registry: Any) -> None:
    ana = aws.client("sagemaker", make_user(aws, "ana"))
    version = GROUP.replace("model-package-group", "model-package")
    with refused("ValidationException", "Cannot find resource policy"):
        registry.get_model_package_group_policy(ModelPackageGroupName="churn")
    text = policy(
        allow("sagemaker:DescribeModelPackageGroup", GROUP, Principal=user("ana")),
        allow("sagemaker:DescribeModelPackage", f"{version}/*", Principal=user("ana")),
    )
    answer = registry.put_model_package_group_policy(
        ModelPackageGroupName="churn", ResourcePolicy=text
    )
    assert answer["ModelPackageGroupArn"] == GROUP
    kept = registry.get_model_package_group_policy(ModelPackageGroupName="churn")
    assert json.loads(kept["ResourcePolicy"]) == json.loads(text)
    ana.describe_model_package_group(ModelPackageGroupName="churn")
    ana.describe_model_package(ModelPackageName=f"{version}/1")
    with refused("AccessDeniedException"):
        ana.delete_model_package_group(ModelPackageGroupName="churn")
    registry.delete_model_package_group_policy(ModelPackageGroupName="churn")
    with refused("AccessDeniedException"):
        ana.describe_model_package_group(ModelPackageGroupName="churn")


def test_a_group_policy_speaks_of_its_own_group(aws: Aws, registry: Any) -> None:
    make_user(aws, "ana")
    other = policy(allow("sagemaker:*", f"{GROUP}-2", Principal=user("ana")))
    with refused("ValidationException", "neither the model package group"):
        registry.put_model_package_group_policy(ModelPackageGroupName="churn", ResourcePolicy=other)

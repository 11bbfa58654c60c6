"""An audit entry read as CloudTrail speaks of it."""

from __future__ import annotations

from typing import Any

import pytest

from freehold.kernel.trail import terms
from freehold.store.audit import Entry
from freehold.store.records import encode

SM = "arn:aws:sagemaker:us-east-1:111122223333:"


def entry(**more: Any) -> Entry:
    members = dict.fromkeys(Entry._fields) | {
        "at": 1.0,
        "request_id": "r",
        "service": "sagemaker",
        "operation": "CreateApp",
        "principal": "arn:aws:iam::111122223333:user/people/ana",
        "access_key": "AKIA",
    }
    return Entry(**(members | more))


@pytest.mark.parametrize(
    ("principal", "name"),
    [
        ("arn:aws:iam::111122223333:user/people/ana", "ana"),
        ("arn:aws:iam::111122223333:root", "root"),
        ("arn:aws:sts::111122223333:assumed-role/Work/nightly", "nightly"),
        ("arn:aws:sts::111122223333:federated-user/bob", "bob"),
        ("sagemaker.amazonaws.com", None),
        ("unauthenticated", None),
    ],
)
def test_names_the_caller(principal: str, name: str | None) -> None:
    assert terms.username(entry(principal=principal)) == name


@pytest.mark.parametrize(
    ("service", "operation", "kind"),
    [
        ("sagemaker", "DescribeApp", 0),
        ("sagemaker", "CreatePresignedDomainUrl", 1),
        ("sts", "AssumeRole", 0),
        ("s3", "CreateBucket", 1),
        ("s3", "GetBucketPolicy", 0),
        ("s3", "GetObject", 2),
        ("s3", "UploadPart", 3),
        ("s3", "ListObjectsV2", 2),
        ("sagemaker", "BatchPutMetrics", 3),
        ("logs", "PutLogEvents", 3),
        ("access-analyzer", "ValidatePolicy", 0),
        ("access-analyzer", "StartResourceScan", 1),
        ("", "", 1),
    ],
)
def test_tells_reads_from_writes_and_things_from_data(
    service: str, operation: str, kind: int
) -> None:
    assert terms.kind(entry(service=service, operation=operation)) == kind


@pytest.mark.parametrize(
    ("arn", "type_", "name"),
    [
        (SM + "training-job/job", "AWS::SageMaker::TrainingJob", "job"),
        (SM + "app/d-1/ana/JupyterLab/default", "AWS::SageMaker::App", "default"),
        ("arn:aws:s3:::bucket", "AWS::S3::Bucket", "bucket"),
        ("arn:aws:s3:::bucket/a/b.csv", "AWS::S3::Object", "bucket/a/b.csv"),
        ("arn:aws:iam::111122223333:role/path/Work", "AWS::IAM::Role", "Work"),
        ("arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1", "AWS::EC2::VPC", "vpc-1"),
        (
            "arn:aws:logs:us-east-1:111122223333:log-group:/aws/sagemaker/studio:*",
            "AWS::Logs::LogGroup",
            "/aws/sagemaker/studio",
        ),
    ],
)
def test_names_things_as_people_do(arn: str, type_: str, name: str) -> None:
    assert terms.resource_type(arn) == type_
    assert terms.resource_name(arn) == name


def test_what_is_no_arn_is_the_account() -> None:
    assert terms.resource_type("*") == "AWS::::Account"


def test_a_call_on_several_things_is_about_those_its_own_question_was_asked_on() -> None:
    asked = [
        ["s3:DeleteObject", "arn:aws:s3:::b/x", "allow", "identity", "p", "#0", []],
        ["s3:DeleteObject", "arn:aws:s3:::b/y", "allow", "identity", "p", "#0", []],
        ["iam:PassRole", "arn:aws:iam::1:role/r", "allow", "identity", "p", "#0", []],
    ]
    found = entry(resource=None, decision=encode([asked]))
    assert terms.subjects(found) == ["arn:aws:s3:::b/x", "arn:aws:s3:::b/y"]
    assert terms.resources(found)[-1] == "arn:aws:iam::1:role/r"


def test_what_lives_in_a_domain_or_came_from_one_names_it() -> None:
    found = entry(resource=SM + "app/d-1/ana/JupyterLab/default", origin=SM + "space/d-2/team")
    assert terms.resources(found) == [
        SM + "app/d-1/ana/JupyterLab/default",
        SM + "space/d-2/team",
        SM + "domain/d-1",
        SM + "domain/d-2",
    ]


def test_every_word_that_an_entry_is_found_by_is_one_it_has() -> None:
    found = entry(resource=SM + "app/d-1/ana/JupyterLab/default")
    words = set(terms.terms(found))
    assert {"n:CreateApp", "u:ana", "k:AKIA", "c:1", "r:d-1", "t:AWS::SageMaker::App"} <= words
    assert all(terms.has(found, (word, word[0] + ":else")) for word in words)
    assert not terms.has(found, ("n:DeleteApp",))

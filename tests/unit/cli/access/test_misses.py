"""What in a statement did not hold, told part by part."""

from __future__ import annotations

import json
from typing import Any

import pytest

from freehold.cli.access.misses import misses

MODEL = "arn:aws:sagemaker:us-east-1:111122223333:model/m"


def of(statement: dict[str, Any], resource: str = MODEL, **context: Any) -> list[str] | None:
    whole = {"Effect": "Allow", "Action": "sagemaker:Describe*", "Resource": "*"} | statement
    if "NotResource" in whole or "Principal" in whole:
        del whole["Resource"]
    text = json.dumps({"Version": "2012-10-17", "Statement": whole})
    kind = "trust" if "Principal" in whole else "identity"
    action = "sts:AssumeRole" if kind == "trust" else "sagemaker:DescribeModel"
    found = misses(text, kind, action, resource, context)  # type: ignore[arg-type]
    assert found is not None
    return [reason for miss in found for reason in miss.reasons] if found else None


@pytest.mark.parametrize(
    ("statement", "context", "reasons"),
    [
        ({"Action": "s3:*"}, {}, None),
        ({"Effect": "Deny"}, {}, None),
        ({}, {}, []),
        (
            {"Resource": "arn:aws:sagemaker:*:*:model/x"},
            {},
            ['its Resource does not cover it: "arn:aws:sagemaker:*:*:model/x"'],
        ),
        (
            {"Resource": "arn:aws:sagemaker:*:*:model/${sagemaker:UserProfileName}"},
            {},
            [
                'its Resource does not cover it: "arn:aws:sagemaker:*:*:model/'
                '${sagemaker:UserProfileName}"; the call had no sagemaker:UserProfileName'
            ],
        ),
        (
            {"NotResource": ["arn:aws:sagemaker:*:*:app/*", "arn:aws:sagemaker:*:*:model/*"]},
            {},
            ['its NotResource leaves it out: "arn:aws:sagemaker:*:*:model/*"'],
        ),
        (
            {"Condition": {"StringEquals": {"aws:ResourceTag/k": ["a", "b", "c", "d"]}}},
            {},
            [
                'its StringEquals aws:ResourceTag/k asks for "a", "b", "c" and 1 more; '
                "the resource bears no such tag"
            ],
        ),
        (
            {
                "Condition": {
                    "StringEquals": {"aws:username": "ana"},
                    "NumericLessThan": {"aws:MultiFactorAuthAge": "9"},
                }
            },
            {"aws:username": "ana", "aws:multifactorauthage": "10"},
            ['its NumericLessThan aws:MultiFactorAuthAge asks for "9"; the call had "10"'],
        ),
    ],
)
def test_each_part_that_fails_is_told(
    statement: dict[str, Any], context: dict[str, Any], reasons: list[str] | None
) -> None:
    assert of(statement, **context) == reasons


def test_a_call_without_a_resource_is_covered_by_everything_only() -> None:
    assert of({"Resource": MODEL}, resource="*") == [
        'the call names no resource, and only Resource "*" covers that'
    ]


def test_trust_policies_are_read_too() -> None:
    trust = {
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": "*"},
        "Condition": {"StringEquals": {"sts:ExternalId": "x"}},
    }
    assert of(trust, **{"sts:externalid": "y"}) == [
        'its StringEquals sts:ExternalId asks for "x"; the call had "y"'
    ]


def test_a_document_that_cannot_be_read_has_no_statements() -> None:
    assert misses("{}", "identity", "s3:GetObject", "*", {}) is None

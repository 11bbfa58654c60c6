from __future__ import annotations

import pytest

from freehold.base.errors import Invalid
from freehold.spec import load
from freehold.spec.check import check, violations
from freehold.spec.rules import VIOLATIONS_MAX
from freehold.spec.wording import SHOWN_CHARS_MAX

SAGEMAKER = load.service("sagemaker").operations
CONSTRAINT = "failed to satisfy constraint: "


def _refused(service: str, operation: str, document) -> Invalid:
    with pytest.raises(Invalid) as caught:
        check(load.service(service).operations[operation], document)
    return caught.value


def test_all_violations_are_told_at_once_in_awss_words():
    """The text seen in terraform-provider-aws#27990, with this model's pattern."""
    settings = {"ExecutionRole": ""}
    document = {
        "DomainName": "d",
        "AuthMode": "IAM",
        "DefaultUserSettings": {},
        "DefaultSpaceSettings": settings,
    }
    fault = _refused("sagemaker", "CreateDomain", document)
    pattern = SAGEMAKER["CreateDomain"].input.members["DefaultUserSettings"].shape.members[
        "ExecutionRole"
    ].shape.pattern  # fmt: skip
    assert fault.code == "ValidationException"
    assert fault.message == (
        "2 validation errors detected: "
        f"Value '' at 'defaultSpaceSettings.executionRole' {CONSTRAINT}"
        "Member must have length greater than or equal to 20; "
        f"Value '' at 'defaultSpaceSettings.executionRole' {CONSTRAINT}"
        f"Member must satisfy regular expression pattern: {pattern}"
    )


def test_one_violation_is_singular_and_a_missing_member_is_null():
    fault = _refused("sagemaker", "DescribeDomain", {})
    assert fault.message == (
        f"1 validation error detected: Value null at 'domainId' {CONSTRAINT}Member must not be null"
    )


@pytest.mark.parametrize(
    ("operation", "document", "words"),
    [
        ("ListDomains", {"MaxResults": 0},
         "Value '0' at 'maxResults' " + CONSTRAINT
         + "Member must have value greater than or equal to 1"),
        ("ListDomains", {"MaxResults": 101},
         "Value '101' at 'maxResults' " + CONSTRAINT
         + "Member must have value less than or equal to 100"),
        ("ListTrainingJobs", {"SortOrder": "Up"},
         "Value 'Up' at 'sortOrder' " + CONSTRAINT
         + "Member must satisfy enum value set: [Ascending, Descending]"),
        ("AddTags", {"ResourceArn": "arn:x", "Tags": [{"Key": "k", "Value": "v"}, {"Key": "k"}]},
         "Value null at 'tags.2.member.value' " + CONSTRAINT + "Member must not be null"),
        ("AddTags", {"ResourceArn": "arn:x", "Tags": [None]},
         "Value null at 'tags.1.member' " + CONSTRAINT + "Member must not be null"),
    ],
)  # fmt: skip
def test_each_rule_has_its_sentence(operation, document, words):
    fault = _refused("sagemaker", operation, document)
    assert words in fault.message


def test_lists_and_maps_of_text_are_named_whole():
    shape = SAGEMAKER["CreateTrainingJob"].input
    document = {"HyperParameters": {"a": "b" * 2501}, "VpcConfig": {"Subnets": ["a b"]}}
    found = "; ".join(violations(shape, document))
    assert "at 'hyperParameters' " + CONSTRAINT + "Map value must satisfy constraint: [" in found
    assert "Value '[a b]' at 'vpcConfig.subnets' " in found
    assert "Member must satisfy constraint: [Member must have length less than" in found


def test_violations_are_bounded_in_number_and_in_length():
    document = {"ResourceArn": "a" * 5000, "Tags": [{"Key": ""} for _ in range(500)]}
    found = violations(SAGEMAKER["AddTags"].input, document)
    assert len(found) == VIOLATIONS_MAX
    assert max(len(words) for words in found) < SHOWN_CHARS_MAX + 300


def test_an_integer_out_of_range_is_no_integer():
    fault = _refused("sagemaker", "ListDomains", {"MaxResults": 2**31})
    assert fault.code == "SerializationException"


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("iam", "CreateRole", "ValidationError"),
        ("sts", "AssumeRole", "ValidationError"),
        ("ec2", "DeleteVpc", "MissingParameter"),
        ("efs", "DeleteFileSystem", "BadRequest"),
        ("logs", "CreateLogGroup", "InvalidParameterException"),
        ("ce", "GetTags", "ValidationException"),
        ("budgets", "DescribeBudget", "InvalidParameterException"),
        ("resourcegroupstaggingapi", "TagResources", "InvalidParameterException"),
        ("s3", "DeleteBucket", "InvalidArgument"),
    ],
)
def test_each_service_refuses_under_its_own_code(service, operation, code):
    assert _refused(service, operation, {}).code == code


def test_ec2_names_the_missing_parameter():
    fault = _refused("ec2", "DeleteVpc", {})
    assert fault.message == "The request must contain the parameter VpcId"


def test_what_is_secret_is_not_shown():
    found = violations(load.service("iam").operations["CreateLoginProfile"].input,
                       {"UserName": "u", "Password": ""})  # fmt: skip
    assert "Sensitive" in "".join(found)

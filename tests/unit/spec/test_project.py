from __future__ import annotations

import pytest

from freehold.spec import load, project
from freehold.spec.project import Filter

SAGEMAKER = load.service("sagemaker").operations


def test_pick_keeps_what_the_output_knows():
    output = SAGEMAKER["DescribeExperiment"].output
    record = {"ExperimentName": "e", "CreationTime": 1.0, "Tags": [], "Extra": 1}
    assert project.pick(output, record) == {"ExperimentName": "e", "CreationTime": 1.0}


def test_pick_of_no_output_is_empty():
    assert project.pick(None, {"a": 1}) == {}


@pytest.mark.parametrize(
    ("service", "operation", "may_be_tagged"),
    [
        ("sagemaker", "CreateDomain", True),
        ("sagemaker", "DescribeDomain", False),
        ("logs", "CreateLogGroup", True),
        ("ec2", "CreateVpc", True),
        ("iam", "ListUsers", False),
    ],
)
def test_what_takes_tags_is_taggable(service, operation, may_be_tagged):
    assert project.taggable(load.service(service).operations[operation]) is may_be_tagged


def test_a_page_is_read_off_the_model():
    page = project.page(SAGEMAKER["ListDomains"])
    assert page.list_name == "Domains"
    assert "DomainArn" in page.item.members
    assert page[2:] == ("NextToken", "NextToken", "MaxResults")


def test_a_describe_has_no_page():
    assert project.page(SAGEMAKER["DeleteDomain"]) is None


def test_filters_are_told_by_their_suffix():
    found = project.filters(SAGEMAKER["ListTrainingJobs"])
    assert Filter("CreationTimeAfter", "CreationTime", "after") in found
    assert Filter("NameContains", "Name", "contains") in found
    assert Filter("StatusEquals", "Status", "equals") in found
    assert not {"NextToken", "MaxResults", "SortBy"} & {each.member for each in found}

"""Pipelines as definitions: checked, kept, listed, and refused by name where they would run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_role, make_user, refused, trusting

from freehold.base.errors import Invalid
from freehold.services.sagemaker.registry.pipelines import check_definition

DEFINITION = json.dumps(
    {
        "Version": "2020-12-01",
        "Parameters": [{"Name": "N", "Type": "Integer"}],
        "Steps": [{"Name": "train", "Type": "Training", "Arguments": {}}],
    }
)


@pytest.fixture
def sagemaker(aws: Aws) -> Any:
    return aws.client("sagemaker")


@pytest.fixture
def role(aws: Aws) -> str:
    return make_role(aws, "jobs", trusting({"Service": "sagemaker.amazonaws.com"}))


def make(sagemaker: Any, role: str, name: str = "p", **more: Any) -> str:
    request = {"PipelineDefinition": DEFINITION, "RoleArn": role} | more
    return str(sagemaker.create_pipeline(PipelineName=name, **request)["PipelineArn"])


def test_a_pipeline_lives_from_create_to_delete(sagemaker: Any, role: str) -> None:
    arn = make(sagemaker, role, Tags=[{"Key": "team", "Value": "a"}])
    assert arn == "arn:aws:sagemaker:us-east-1:111122223333:pipeline/p"
    for named in ("p", arn):
        told = sagemaker.describe_pipeline(PipelineName=named)
        assert told["PipelineDefinition"] == DEFINITION
        assert told["PipelineStatus"] == "Active"
        assert told["PipelineDisplayName"] == "p"
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "a"}]
    sagemaker.update_pipeline(PipelineName="p", PipelineDescription="new")
    told = sagemaker.describe_pipeline(PipelineName="p")
    assert (told["PipelineDescription"], told["RoleArn"]) == ("new", role)
    assert told["LastModifiedTime"] > told["CreationTime"]
    assert sagemaker.list_pipeline_executions(PipelineName="p")["PipelineExecutionSummaries"] == []
    assert sagemaker.delete_pipeline(PipelineName="p")["PipelineArn"] == arn
    for operation in (sagemaker.describe_pipeline, sagemaker.list_pipeline_executions):
        with refused("ResourceNotFound", "Pipeline 'p' does not exist."):
            operation(PipelineName="p")


def test_a_second_pipeline_of_one_name_is_refused_in_the_words_of_the_sdk(
    sagemaker: Any, role: str
) -> None:
    make(sagemaker, role)
    with refused("ValidationException", "already exists"):
        make(sagemaker, role)


def test_the_same_client_token_makes_one_pipeline(sagemaker: Any, role: str) -> None:
    arn = make(sagemaker, role, ClientRequestToken="t" * 32)
    assert make(sagemaker, role, ClientRequestToken="t" * 32) == arn
    with refused("ValidationException", "already exists"):
        make(sagemaker, role, ClientRequestToken="u" * 32)
    assert "ClientRequestToken" not in sagemaker.describe_pipeline(PipelineName="p")


def test_pipelines_are_listed_by_prefix_and_time_in_pages(sagemaker: Any, role: str) -> None:
    for name in ("a-1", "a-2", "b-a-1", "A-3"):
        make(sagemaker, role, name)

    def names(**request: Any) -> list[str]:
        pages = sagemaker.get_paginator("list_pipelines").paginate(
            **request, PaginationConfig={"PageSize": 1}
        )
        return [one["PipelineName"] for page in pages for one in page["PipelineSummaries"]]

    assert names() == ["A-3", "b-a-1", "a-2", "a-1"]
    assert names(PipelineNamePrefix="a") == ["a-2", "a-1"]
    assert names(SortBy="Name", SortOrder="Ascending") == ["A-3", "a-1", "a-2", "b-a-1"]
    assert names(CreatedAfter=4_000_000_000) == []
    assert len(names(CreatedBefore=4_000_000_000, CreatedAfter=1_000_000_000)) == 4


def test_starting_a_pipeline_is_refused_by_name(sagemaker: Any, role: str) -> None:
    make(sagemaker, role)
    with refused("UnsupportedOperationException", "StartPipelineExecution"):
        sagemaker.start_pipeline_execution(PipelineName="p")


def test_what_is_not_honoured_is_refused(sagemaker: Any, role: str) -> None:
    place = {"Bucket": "bucket", "ObjectKey": "key"}
    with refused("ValidationException", "PipelineDefinitionS3Location is not supported"):
        sagemaker.create_pipeline(
            PipelineName="p", PipelineDefinitionS3Location=place, RoleArn=role
        )
    with refused("ValidationException", "PipelineDefinition is required"):
        sagemaker.create_pipeline(PipelineName="p", RoleArn=role)
    with refused("ValidationException", "Could not assume role"):
        make(sagemaker, "arn:aws:iam::111122223333:role/none")
    make(sagemaker, role)
    with refused("ValidationException", "PipelineVersionId is not supported"):
        sagemaker.describe_pipeline(PipelineName="p", PipelineVersionId=1)
    with refused("ValidationException", "Steps"):
        sagemaker.update_pipeline(PipelineName="p", PipelineDefinition='{"Version":"2020-12-01"}')
    assert sagemaker.describe_pipeline(PipelineName="p")["PipelineDefinition"] == DEFINITION


def test_a_pipeline_passes_its_role(aws: Aws, sagemaker: Any, role: str) -> None:
    client = aws.client("sagemaker", make_user(aws, "maker", allow("sagemaker:*")))
    with refused("AccessDeniedException", "iam:PassRole"):
        make(client, role)
    make(sagemaker, role)
    client.update_pipeline(PipelineName="p", PipelineDescription="d")
    with refused("AccessDeniedException", "iam:PassRole"):
        client.update_pipeline(PipelineName="p", RoleArn=role)


def test_search_finds_pipelines(sagemaker: Any, role: str) -> None:
    make(sagemaker, role, Tags=[{"Key": "team", "Value": "a"}])
    make(sagemaker, role, "q")
    expression = {"Filters": [{"Name": "Tags.team", "Operator": "Equals", "Value": "a"}]}
    (found,) = sagemaker.search(Resource="Pipeline", SearchExpression=expression)["Results"]
    assert found["Pipeline"]["PipelineName"] == "p"
    assert "PipelineDefinition" not in found["Pipeline"]


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "JSON object"),
        ("{}", "Version None is not known"),
        ('{"Version": "2020-12-01"}', "at least one step"),
        ('{"Version": "2020-12-01", "Steps": []}', "at least one step"),
        ('{"Version": "2020-12-01", "Steps": [{"Name": "a"}]}', r"Steps\[0\] needs"),
        (
            '{"Version": "2020-12-01", "Steps": [{"Name": "a", "Type": "Fail"},'
            ' {"Name": "a", "Type": "Fail"}]}',
            "a stands twice",
        ),
        (
            '{"Version": "2020-12-01", "Steps": [{"Name": "a", "Type": "Fail"}], "Parameters": {}}',
            "Parameters must be a list",
        ),
    ],
)
def test_a_definition_that_is_none_is_refused(definition: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        check_definition(definition)

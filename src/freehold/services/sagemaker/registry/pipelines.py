"""Pipelines: definitions under a name. Starting one is refused by name, so none has run.

Facts: jobs-and-sdk.md 2 (upsert matches the words of the refusal) and 3.5 (the definition).
"""

from __future__ import annotations

import json
from collections import Counter

from freehold.base.errors import Invalid
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.verbs import pick
from freehold.kernel.permission import roles
from freehold.services.sagemaker.pages import Pages
from freehold.services.sagemaker.service import sagemaker
from freehold.spec.project import members

VERSIONS = frozenset({"2020-12-01"})
TOKEN = "_ClientRequestToken"  # noqa: S105 - a member's name
NO_VERSIONS = "is not supported: this server keeps one version of a pipeline"


def locate_pipeline(call: Call, request: Document) -> str:
    """The ARN of a pipeline that is named by its name or its ARN."""
    named = str(request["PipelineName"])
    return named if named.startswith("arn:") else call.arn_of(PIPELINE, request)


PIPELINE = sagemaker.resource(
    "Pipeline",
    arn="pipeline/{PipelineName}",
    status="PipelineStatus",
    starts="Active",
    locate=locate_pipeline,
    exists=(
        "Pipeline names must be unique within an AWS account and region. "
        "Pipeline with name ({PipelineName}) already exists."
    ),
    exists_code="ValidationException",
    not_found="Pipeline '{PipelineName}' does not exist.",
    passes=("RoleArn",),
)


@PIPELINE.creates("CreatePipeline")
def create_pipeline(call: Call, pipeline: Document) -> Record | None:
    """A definition that was read and a role that SageMaker may assume.

    The same ClientRequestToken gives the pipeline that it made before.
    """
    token = pipeline.pop("ClientRequestToken")
    known = call.unit.find(call.resource_arn or "")
    if known is not None:
        return known if known.document.get(TOKEN) == token else None
    if not pipeline.get("PipelineDefinition") and not pipeline.get("PipelineDefinitionS3Location"):
        raise Invalid("PipelineDefinition is required.")
    _check(call, pipeline)
    pipeline.setdefault("PipelineDisplayName", pipeline["PipelineName"])
    pipeline[TOKEN] = token
    return None


def _check(call: Call, request: Document) -> None:
    if request.get("PipelineDefinitionS3Location"):
        raise Invalid(
            "PipelineDefinitionS3Location is not supported: give the definition itself as "
            "PipelineDefinition."
        )
    if request.get("PipelineVersionAliases"):
        raise Invalid(f"PipelineVersionAliases {NO_VERSIONS}.")
    if request.get("PipelineDefinition"):
        check_definition(request["PipelineDefinition"])
    if request.get("RoleArn"):
        roles.job_role(call.unit, request["RoleArn"])


def check_definition(text: str) -> None:
    """Refuse what is no pipeline: it needs a version that is known, and steps with own names.

    Raises:
        Invalid: With what is wrong and where.
    """
    try:
        definition = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"Unable to parse pipeline definition: it is no JSON ({error}).") from error
    if not isinstance(definition, dict):
        raise Invalid("Unable to parse pipeline definition: it must be a JSON object.")
    version = definition.get("Version")
    if version not in VERSIONS:
        raise Invalid(
            f"Unable to parse pipeline definition: Version {version!r} is not known, "
            f"{', '.join(sorted(VERSIONS))} is."
        )
    steps = definition.get("Steps")
    if not isinstance(steps, list) or not steps:
        raise Invalid("Unable to parse pipeline definition: Steps must hold at least one step.")
    _check_named(steps, "Steps")
    parameters = definition.get("Parameters", [])
    if not isinstance(parameters, list):
        raise Invalid("Unable to parse pipeline definition: Parameters must be a list.")
    _check_named(parameters, "Parameters")


def _check_named(items: list[object], where: str) -> None:
    names = []
    for index, item in enumerate(items):
        if not isinstance(item, dict) or not all(
            isinstance(item.get(member), str) and item[member] for member in ("Name", "Type")
        ):
            raise Invalid(
                f"Unable to parse pipeline definition: {where}[{index}] needs a Name and a Type."
            )
        names.append(item["Name"])
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise Invalid(
            f"Unable to parse pipeline definition: names in {where} must be unique, "
            f"{', '.join(twice)} stands twice."
        )


PIPELINE.describe_members = members(sagemaker.model.operations["DescribePipeline"].output)


@sagemaker.operation("DescribePipeline", on=PIPELINE)
def describe_pipeline(call: Call, request: Document) -> Document:
    """The pipeline as it stands; earlier versions are not kept."""
    for member in ("PipelineVersionId", "PipelineVersionAlias"):
        if request.get(member) is not None:
            raise Invalid(f"{member} {NO_VERSIONS}.")
    pipeline = call.load_arn(PIPELINE, locate_pipeline(call, request), request)
    return pick(PIPELINE.describe_members, pipeline.document)


@PIPELINE.updates("UpdatePipeline")
def update_pipeline(call: Call, pipeline: Record, request: Document) -> None:
    """Definition, role and words, each as a whole."""
    _check(call, request)
    for member in (
        "PipelineDisplayName",
        "PipelineDefinition",
        "PipelineDescription",
        "RoleArn",
        "ParallelismConfiguration",
    ):
        if member in request:
            pipeline.document[member] = request[member]


@PIPELINE.deletes("DeletePipeline")
def delete_pipeline(_call: Call, _pipeline: Record) -> bool:
    """Gone at once: no execution can hang on it."""
    return True


_PAGES = Pages(PIPELINE, "ListPipelines", descending=True)


@sagemaker.operation("ListPipelines")
def list_pipelines(call: Call, request: Document) -> Document:
    """One page, newest first unless asked otherwise; ours are all made by customers."""
    if request.get("ManagedBy", "CUSTOMER") != "CUSTOMER":
        return {"PipelineSummaries": []}
    prefix = request.get("PipelineNamePrefix") or ""
    return _PAGES.where(
        call, request, lambda record: record.name.startswith(prefix), name_contains=prefix
    )


@sagemaker.operation("ListPipelineExecutions", on=PIPELINE)
def list_pipeline_executions(call: Call, request: Document) -> Document:
    """None: pipelines cannot be started yet.

    Raises:
        NotFound: There is no such pipeline.
    """
    call.load_arn(PIPELINE, locate_pipeline(call, request), request)
    return {"PipelineExecutionSummaries": []}

"""Experiments: a named line of inquiry. Its trials stand in ``trials.py``."""

from __future__ import annotations

from freehold.base.errors import Invalid
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.services.sagemaker.service import sagemaker

# The SDK looks for these very words, under this very code (jobs-and-sdk.md fact 7).
ALREADY = (
    "Experiment names must be unique within an AWS account and region. "
    "Experiment with name ({ExperimentName}) already exists."
)

EXPERIMENT = sagemaker.resource(
    "Experiment",
    arn="experiment/{ExperimentName}",
    exists=ALREADY,
    exists_code="ValidationException",
    not_found="Experiment [{ExperimentName}] does not exist.",
)


@EXPERIMENT.creates("CreateExperiment")
def create_experiment(_call: Call, experiment: Document) -> None:
    """The display name defaults to the name, as on AWS."""
    experiment.setdefault("DisplayName", experiment["ExperimentName"])


EXPERIMENT.describes("DescribeExperiment")
EXPERIMENT.lists("ListExperiments", descending=True)


@EXPERIMENT.updates("UpdateExperiment")
def update_experiment(_call: Call, experiment: Record, request: Document) -> None:
    """Display name and description."""
    for member in ("DisplayName", "Description"):
        if member in request:
            experiment.document[member] = request[member]


@EXPERIMENT.deletes("DeleteExperiment")
def delete_experiment(call: Call, experiment: Record) -> bool:
    """Gone at once, unless trials remain.

    Raises:
        Invalid: It still has trials.
    """
    trials = call.unit.count("sagemaker:trial", experiment.name)
    if trials:
        raise Invalid(
            f"Experiment [{experiment.name}] cannot be deleted because it still has {trials} "
            "trial(s): delete them first."
        )
    return True

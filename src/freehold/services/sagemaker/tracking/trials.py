"""Trials: the runs of an experiment that belong together.

A trial knows the components associated with it, a component knows its trials
(``trial_components.py``); both sides are written in one transaction.
Facts: jobs-and-sdk.md 2 (Run) and fact 7.
"""

from __future__ import annotations

from freehold.base.errors import Invalid
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.services.sagemaker.pages import Pages
from freehold.services.sagemaker.service import sagemaker
from freehold.services.sagemaker.tracking.experiments import EXPERIMENT

COMPONENTS = "_Components"  # of a trial: names of the components that are associated with it
PARENTS = "Parents"  # of a component: its trials, as Search shows them
COMPONENT = "sagemaker:trial-component"

TRIAL = sagemaker.resource(
    "Trial",
    arn="experiment-trial/{TrialName}",
    scope="ExperimentName",
    exists=(
        "Trial names must be unique within an AWS account and region. "
        "Trial with name ({TrialName}) already exists."
    ),
    exists_code="ValidationException",
    not_found="Trial [{TrialName}] does not exist.",
)


@TRIAL.creates("CreateTrial", references={"ExperimentName": EXPERIMENT.kind})
def create_trial(call: Call, trial: Document) -> None:
    """A trial of an experiment that is there."""
    call.load(EXPERIMENT, trial)
    trial.setdefault("DisplayName", trial["TrialName"])


TRIAL.describes("DescribeTrial")
_PAGES = Pages(TRIAL, "ListTrials", descending=True)


@sagemaker.operation("ListTrials", mode="slow")
def list_trials(call: Call, request: Document) -> Document:
    """One page: all, those of an experiment, or those that a component is associated with."""
    named, experiment = request.get("TrialComponentName"), request.get("ExperimentName")
    if not named:
        return _PAGES.where(call, request, lambda _trial: True)
    component = call.unit.named(COMPONENT, named)
    parents = [] if component is None else component.document.get(PARENTS, [])
    trials = [
        call.find(TRIAL, parent)
        for parent in parents
        if experiment in (None, parent["ExperimentName"])
    ]
    return _PAGES.among(call, trials, request)


@TRIAL.updates("UpdateTrial")
def update_trial(_call: Call, trial: Record, request: Document) -> None:
    """The name that is shown."""
    if "DisplayName" in request:
        trial.document["DisplayName"] = request["DisplayName"]


@TRIAL.deletes("DeleteTrial")
def delete_trial(_call: Call, trial: Record) -> bool:
    """Gone at once, if no component is associated with it.

    Raises:
        Invalid: There are some.
    """
    count = len(trial.document.get(COMPONENTS, ()))
    if count:
        raise Invalid(
            f"Trial [{trial.name}] cannot be deleted: {count} trial components are associated "
            "with it. Disassociate them first."
        )
    return True

"""Trial components: one run each, with parameters, artifacts and status, and the trials it is in.

What a run measured is put by ``services/sagemaker_metrics.py`` and deleted here.
Facts: jobs-and-sdk.md 2 (Run: the SDK searches by ``Parents.TrialName``) and fact 7.
"""

from __future__ import annotations

from freehold.base.errors import Invalid, LimitExceeded, NotFound
from freehold.kernel import series
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document, dig
from freehold.kernel.permission import guards
from freehold.services.sagemaker.pages import Pages
from freehold.services.sagemaker.service import sagemaker
from freehold.services.sagemaker.tracking.trials import COMPONENTS, PARENTS, TRIAL

COMPONENTS_MAX = 1_000  # of one trial; AWS's quota is 300 and can be raised
ENTRIES_MAX = 300  # UpdateTrialComponent: Parameters; artifacts are bounded by their shapes
MAPS = ("Parameters", "InputArtifacts", "OutputArtifacts")
FILTERS = ("ExperimentName", "TrialName", "SourceArn")

TRIAL_COMPONENT = sagemaker.resource(
    "TrialComponent",
    arn="experiment-trial-component/{TrialComponentName}",
    exists=(
        "Trial component names must be unique within an AWS account and region. "
        "Trial component with name ({TrialComponentName}) already exists."
    ),
    exists_code="ValidationException",
    not_found="Trial component [{TrialComponentName}] does not exist.",
)


@TRIAL_COMPONENT.creates("CreateTrialComponent")
def create_trial_component(_call: Call, component: Document) -> None:
    """A run that is in no trial yet."""
    component.setdefault("DisplayName", component["TrialComponentName"])


TRIAL_COMPONENT.describes("DescribeTrialComponent")
_PAGES = Pages(TRIAL_COMPONENT, "ListTrialComponents", descending=True)


@sagemaker.operation("ListTrialComponents", mode="slow")
def list_trial_components(call: Call, request: Document) -> Document:
    """One page: all, or those of an experiment, of a trial, or made from one source.

    Raises:
        Invalid: More than one of the three is given.
    """
    asked = [member for member in FILTERS if request.get(member)]
    if len(asked) > 1:
        raise Invalid(f"Filter by one of {', '.join(FILTERS)}, not by {' and '.join(asked)}.")
    if request.get("SourceArn"):
        source = request["SourceArn"]
        return _PAGES.where(
            call, request, lambda record: source in dig(record.document, "Source.SourceArn")
        )
    if request.get("TrialName"):
        trial = call.load(TRIAL, request)
        if not guards.sees(call, trial):
            raise NotFound(TRIAL.not_found.format_map(request))
        trials = [trial]
    elif request.get("ExperimentName"):
        trials = call.all(TRIAL, scope=request["ExperimentName"])
    else:
        return _PAGES.where(call, request, lambda _component: True)
    names = dict.fromkeys(name for trial in trials for name in trial.document.get(COMPONENTS, ()))
    found = (call.find(TRIAL_COMPONENT, {"TrialComponentName": name}) for name in names)
    return _PAGES.among(call, found, request)


@TRIAL_COMPONENT.updates("UpdateTrialComponent")
def update_trial_component(_call: Call, component: Record, request: Document) -> None:
    """Name, status and times as a whole; parameters and artifacts key by key."""
    document = component.document
    for member in ("DisplayName", "Status", "StartTime", "EndTime"):
        if member in request:
            document[member] = request[member]
    for member in MAPS:
        gone = set(request.get(f"{member}ToRemove", ()))
        merged = document.get(member, {}) | request.get(member, {})
        kept = {key: value for key, value in merged.items() if key not in gone}
        if len(kept) > ENTRIES_MAX:
            raise Invalid(f"{member} would have {len(kept)} entries; the limit is {ENTRIES_MAX}.")
        if kept or member in document:
            document[member] = kept


@TRIAL_COMPONENT.deletes("DeleteTrialComponent")
def delete_trial_component(call: Call, component: Record) -> bool:
    """Gone at once with its metrics, if it is in no trial.

    Raises:
        Invalid: It is in some.
    """
    trials = ", ".join(parent["TrialName"] for parent in component.document.get(PARENTS, ()))
    if trials:
        raise Invalid(
            f"Trial component [{component.name}] cannot be deleted: it is associated with the "
            f"trials {trials}. Disassociate it first."
        )
    series.remove(call.unit, component.arn)
    return True


def _both(call: Call, request: Document) -> list[str]:
    return [call.arn_of(TRIAL_COMPONENT, request), call.arn_of(TRIAL, request)]


BOTH = {"TrialComponentName": TRIAL_COMPONENT.kind, "TrialName": TRIAL.kind}


@sagemaker.operation(
    "AssociateTrialComponent", on=TRIAL_COMPONENT, mode="write", target=_both, references=BOTH
)
def associate_trial_component(call: Call, request: Document) -> Document:
    """Put a component into a trial; one that is in it already is let pass."""
    component, trial = call.load(TRIAL_COMPONENT, request), call.load(TRIAL, request)
    names = trial.document.setdefault(COMPONENTS, [])
    if component.name not in names:
        if len(names) >= COMPONENTS_MAX:
            raise LimitExceeded(
                f"Trial [{trial.name}] has {len(names)} trial components; the limit is "
                f"{COMPONENTS_MAX}."
            )
        names.append(component.name)
        parent = {"TrialName": trial.name, "ExperimentName": trial.scope}
        component.document.setdefault(PARENTS, []).append(parent)
        call.update(trial)
        call.update(component)
    return {"TrialComponentArn": component.arn, "TrialArn": trial.arn}


@sagemaker.operation(
    "DisassociateTrialComponent", on=TRIAL_COMPONENT, mode="write", target=_both, references=BOTH
)
def disassociate_trial_component(call: Call, request: Document) -> Document:
    """Take a component out of a trial; one that is not in it is let pass."""
    component, trial = call.load(TRIAL_COMPONENT, request), call.load(TRIAL, request)
    names = trial.document.get(COMPONENTS, [])
    if component.name in names:
        names.remove(component.name)
        parents = component.document.get(PARENTS, [])
        component.document[PARENTS] = [p for p in parents if p["TrialName"] != trial.name]
        call.update(trial)
        call.update(component)
    return {"TrialComponentArn": component.arn, "TrialArn": trial.arn}

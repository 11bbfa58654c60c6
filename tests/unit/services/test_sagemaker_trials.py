"""Trials and trial components as the SDK's ``Run`` makes, finds and ends them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused


@pytest.fixture
def sagemaker(aws: Aws) -> Any:
    client = aws.client("sagemaker")
    client.create_experiment(ExperimentName="e")
    client.create_trial(TrialName="t", ExperimentName="e")
    return client


def names(answer: dict[str, Any], of: str) -> list[str]:
    return [one[f"{of}Name"] for one in answer[f"{of}Summaries"]]


def join(sagemaker: Any, component: str, trial: str = "t") -> None:
    sagemaker.create_trial_component(TrialComponentName=component)
    sagemaker.associate_trial_component(TrialComponentName=component, TrialName=trial)


def test_a_trial_lives_in_its_experiment(sagemaker: Any) -> None:
    told = sagemaker.describe_trial(TrialName="t")
    assert told["TrialArn"].endswith(":experiment-trial/t")
    assert (told["ExperimentName"], told["DisplayName"]) == ("e", "t")
    sagemaker.create_experiment(ExperimentName="f")
    sagemaker.create_trial(TrialName="u", ExperimentName="f")
    assert names(sagemaker.list_trials(), "Trial") == ["u", "t"]
    assert names(sagemaker.list_trials(ExperimentName="e"), "Trial") == ["t"]
    sagemaker.update_trial(TrialName="t", DisplayName="shown")
    assert sagemaker.describe_trial(TrialName="t")["DisplayName"] == "shown"
    with refused("ValidationException", "already exists"):
        sagemaker.create_trial(TrialName="t", ExperimentName="e")
    with refused("ResourceNotFound", "Experiment [none] does not exist."):
        sagemaker.create_trial(TrialName="x", ExperimentName="none")
    sagemaker.delete_trial(TrialName="t")
    with refused("ResourceNotFound", "Trial [t] does not exist."):
        sagemaker.describe_trial(TrialName="t")


def test_a_run_is_found_by_its_name_and_its_trial(sagemaker: Any) -> None:
    join(sagemaker, "e-run")
    sagemaker.create_trial_component(TrialComponentName="e-run-2")
    expression = {
        "Filters": [
            {"Name": "TrialComponentName", "Operator": "Equals", "Value": "e-run"},
            {"Name": "Parents.TrialName", "Operator": "Equals", "Value": "t"},
        ]
    }
    found = sagemaker.search(Resource="ExperimentTrialComponent", SearchExpression=expression)
    (run,) = (result["TrialComponent"] for result in found["Results"])
    assert run["TrialComponentName"] == "e-run"
    assert run["Parents"] == [{"TrialName": "t", "ExperimentName": "e"}]
    trials = sagemaker.search(Resource="ExperimentTrial")["Results"]
    assert [result["Trial"]["TrialName"] for result in trials] == ["t"]


def test_components_are_listed_by_trial_and_experiment_in_pages(sagemaker: Any) -> None:
    sagemaker.create_trial(TrialName="u", ExperimentName="e")
    for component in ("a", "b", "c"):
        join(sagemaker, component)
    join(sagemaker, "d", "u")
    sagemaker.create_trial_component(TrialComponentName="alone")

    def listed(**request: Any) -> list[str]:
        pages = sagemaker.get_paginator("list_trial_components").paginate(
            **request, PaginationConfig={"PageSize": 2}
        )
        return [name for page in pages for name in names(page, "TrialComponent")]

    assert listed() == ["alone", "d", "c", "b", "a"]
    assert listed(TrialName="t") == ["c", "b", "a"]
    assert listed(ExperimentName="e", SortOrder="Ascending") == ["a", "b", "c", "d"]
    assert listed(ExperimentName="none") == []
    assert names(sagemaker.list_trials(TrialComponentName="d"), "Trial") == ["u"]
    with refused("ValidationException", "Filter by one of"):
        listed(TrialName="t", ExperimentName="e")


def test_a_component_is_updated_key_by_key(sagemaker: Any) -> None:
    sagemaker.create_trial_component(
        TrialComponentName="c",
        Parameters={"lr": {"NumberValue": 0.1}, "kind": {"StringValue": "x"}},
    )
    sagemaker.update_trial_component(
        TrialComponentName="c",
        Status={"PrimaryStatus": "Completed"},
        Parameters={"lr": {"NumberValue": 0.2}, "n": {"NumberValue": 1}},
        ParametersToRemove=["kind"],
        OutputArtifacts={"model": {"Value": "s3://b/k"}},
    )
    told = sagemaker.describe_trial_component(TrialComponentName="c")
    assert told["Parameters"] == {"lr": {"NumberValue": 0.2}, "n": {"NumberValue": 1.0}}
    assert told["OutputArtifacts"] == {"model": {"Value": "s3://b/k"}}
    assert told["Status"] == {"PrimaryStatus": "Completed"}


def test_what_is_associated_is_not_deleted(sagemaker: Any) -> None:
    join(sagemaker, "c")
    sagemaker.associate_trial_component(TrialComponentName="c", TrialName="t")  # twice is once
    with refused("ValidationException", "Disassociate"):
        sagemaker.delete_trial(TrialName="t")
    with refused("ValidationException", "trials t."):
        sagemaker.delete_trial_component(TrialComponentName="c")
    for _ in range(2):
        sagemaker.disassociate_trial_component(TrialComponentName="c", TrialName="t")
    sagemaker.delete_trial_component(TrialComponentName="c")
    sagemaker.delete_trial(TrialName="t")
    with refused("ResourceNotFound", "Trial component [c] does not exist."):
        sagemaker.associate_trial_component(TrialComponentName="c", TrialName="t")


def test_associating_needs_permission_on_both_sides(aws: Aws, sagemaker: Any) -> None:
    sagemaker.create_trial_component(TrialComponentName="c")
    only = "arn:aws:sagemaker:*:*:experiment-trial-component/*"
    keys = make_user(aws, "half", allow("sagemaker:AssociateTrialComponent", only))
    with refused("AccessDeniedException", ":experiment-trial/t"):
        aws.client("sagemaker", keys).associate_trial_component(
            TrialComponentName="c", TrialName="t"
        )

"""Two lines of business with one of everything each, for tests of what one may do to the other."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from freehold.compose import House
from freehold.kernel.declare.operation import Operation
from tests.support.inprocess import Aws
from tests.support.jobs import IMAGE, processing_request, training_request
from tests.support.minimal import request_of
from tests.support.studio import make_domain, make_profile, make_space, session_keys, work_role

PIPELINE = json.dumps(
    {"Version": "2020-12-01", "Steps": [{"Name": "t", "Type": "Training", "Arguments": {}}]}
)


def line_of_business(aws: Aws, house: House, name: str) -> SimpleNamespace:
    """A domain, a person, a shared space, and one of everything, made from inside."""
    role = work_role(aws, f"work-{name}")
    domain = make_domain(aws, name, role)
    person = make_profile(aws, domain.id, "ana")
    space = make_space(aws, domain.id, "team")
    tag = [{"Key": "sagemaker:domain-arn", "Value": domain.arn}]
    for arn in (
        person,
        space,
        domain.arn,
    ):  # what an administrator made is tagged as the guide says
        aws.client("sagemaker").add_tags(ResourceArn=arn, Tags=tag)
    keys = session_keys(house, role, person)
    sm = aws.client("sagemaker", keys)
    made = make_things(sm, name, role)
    sm.create_app(
        DomainId=domain.id, UserProfileName="ana", AppType="JupyterLab", AppName="default"
    )
    named = {
        "DomainId": domain.id,
        "UserProfileName": "ana",
        "SpaceName": "team",
        "AppType": "JupyterLab",
        "AppName": "default",
        "ModelPackageName": made["package"],
        "ModelPackageArn": made["package"],
        "ResourceArn": made["experiment"],
        "RoleArn": role,
    }
    named |= {
        f"{noun}Name": f"{name}-thing"
        for noun in (
            *("Experiment", "Trial", "TrialComponent", "Model", "ModelPackageGroup", "Pipeline"),
            *("TrainingJob", "ProcessingJob", "Image", "AppImageConfig", "CodeRepository"),
            "StudioLifecycleConfig",
        )
    }
    return SimpleNamespace(
        name=name,
        role=role,
        domain=domain,
        person=person,
        space=space,
        keys=keys,
        named=named,
        made=made,
    )


def make_things(sm: Any, name: str, role: str, suffix: str = "thing") -> dict[str, str]:
    """One resource of each kind; their ARNs."""
    thing = f"{name}-{suffix}"
    group = sm.create_model_package_group(ModelPackageGroupName=thing)
    container = {"Image": IMAGE, "ModelDataUrl": "s3://bucket/model.tar.gz"}
    return {
        "experiment": sm.create_experiment(ExperimentName=thing)["ExperimentArn"],
        "trial": sm.create_trial(TrialName=thing, ExperimentName=thing)["TrialArn"],
        "component": sm.create_trial_component(TrialComponentName=thing)["TrialComponentArn"],
        "model": sm.create_model(
            ModelName=thing, ExecutionRoleArn=role, PrimaryContainer=container
        )["ModelArn"],
        "group": group["ModelPackageGroupArn"],
        "package": sm.create_model_package(
            ModelPackageGroupName=thing,
            InferenceSpecification={
                "Containers": [container],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        )["ModelPackageArn"],
        "pipeline": sm.create_pipeline(
            PipelineName=thing, RoleArn=role, PipelineDefinition=PIPELINE
        )["PipelineArn"],
        "training": sm.create_training_job(**training_request(thing, role))["TrainingJobArn"],
        "processing": sm.create_processing_job(**processing_request(thing, role))[
            "ProcessingJobArn"
        ],
    } | make_environments(sm, thing, role)


def make_environments(sm: Any, thing: str, role: str) -> dict[str, str]:
    """What apps are started with, one of each kind; their ARNs."""
    return {
        "image": sm.create_image(ImageName=thing, RoleArn=role)["ImageArn"],
        "version": sm.create_image_version(ImageName=thing, BaseImage="local://venv/jupyterlab")[
            "ImageVersionArn"
        ],
        "config": sm.create_app_image_config(AppImageConfigName=thing)["AppImageConfigArn"],
        "repository": sm.create_code_repository(
            CodeRepositoryName=thing, GitConfig={"RepositoryUrl": "https://git.example.com/a.git"}
        )["CodeRepositoryArn"],
        "script": sm.create_studio_lifecycle_config(
            StudioLifecycleConfigName=thing,
            StudioLifecycleConfigContent="ZWNobwo=",
            StudioLifecycleConfigAppType="JupyterLab",
        )["StudioLifecycleConfigArn"],
    }


def ask(client: Any, operation: Operation, named: dict[str, str]) -> Any:
    """Call an operation on what ``named`` names; the smallest request that says so."""
    request = request_of(operation.model)
    assert operation.model.input is not None
    members = operation.model.input.members
    request |= {key: value for key, value in named.items() if key in members}
    if "App" in operation.name:
        request.pop("SpaceName", None)
    method = {api: py for py, api in client.meta.method_to_api_mapping.items()}[operation.name]
    return getattr(client, method)(**request)

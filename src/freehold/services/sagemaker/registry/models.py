"""Models: containers and artifacts under a name, as endpoints and batch jobs will ask for them.

A model is a record and runs nothing: images and artifacts are looked at by what starts it.
Facts: jobs-and-sdk.md fact 7 (the SDK matches the words of the refusals), domains.md 3.5.
"""

from __future__ import annotations

from freehold.base.errors import Invalid
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import roles
from freehold.services.sagemaker.registry.model_packages import locate_package
from freehold.services.sagemaker.service import sagemaker

CONTAINERS_MAX = 15  # CreateModel, Containers
SOURCES = ("Image", "ModelPackageName")

MODEL = sagemaker.resource(
    "Model",
    arn="model/{ModelName}",
    modified=None,
    exists='Cannot create already existing model "{arn}".',
    exists_code="ValidationException",
    not_found='Could not find model "{arn}".',
    not_found_code="ValidationException",
    passes=("ExecutionRoleArn",),
    references={
        "PrimaryContainer.ModelPackageName": "sagemaker:model-package",
        "Containers.ModelPackageName": "sagemaker:model-package",
    },
    keys={
        "sagemaker:VpcSubnets": "VpcConfig.Subnets",
        "sagemaker:VpcSecurityGroupIds": "VpcConfig.SecurityGroupIds",
        "sagemaker:NetworkIsolation": "EnableNetworkIsolation",
    },
)


@MODEL.creates("CreateModel")
def create_model(call: Call, model: Document) -> None:
    """One container, or several in a row; each with an image or a model package.

    Raises:
        Invalid: None or both of them, a container without a source, a role that is no use.
    """
    primary, containers = model.get("PrimaryContainer"), model.get("Containers")
    if call.unit.find(call.resource_arn or "") is not None:
        return  # the verb refuses it in the words that the SDK looks for
    if bool(primary) == bool(containers):
        raise Invalid("Specify either PrimaryContainer or Containers, and not both.")
    if containers and len(containers) > CONTAINERS_MAX:
        raise Invalid(f"A model has at most {CONTAINERS_MAX} containers, not {len(containers)}.")
    for container in [primary] if primary else containers or []:
        _check(call, container)
    if model.get("ExecutionRoleArn"):
        roles.job_role(call.unit, model["ExecutionRoleArn"])
    model.setdefault("EnableNetworkIsolation", False)


def _check(call: Call, container: Document) -> None:
    if not any(container.get(member) for member in SOURCES):
        raise Invalid("A container definition needs an Image or a ModelPackageName.")
    if all(container.get(member) for member in SOURCES):
        raise Invalid("A container definition takes an Image or a ModelPackageName, not both.")
    if container.get("ModelDataUrl") and container.get("ModelDataSource"):
        raise Invalid("A container definition takes a ModelDataUrl or a ModelDataSource, not both.")
    named = container.get("ModelPackageName")
    if named:
        arn = locate_package(call, container)
        package = call.unit.find(arn)
        if package is None or package.kind != "sagemaker:model-package":
            raise Invalid(f"Could not find model package {arn}.")
        if package.scope and package.document.get("ModelApprovalStatus") != "Approved":
            raise Invalid(
                f"Model package {arn} is not approved: set its ModelApprovalStatus to Approved "
                "by UpdateModelPackage before it is deployed."
            )


MODEL.describes("DescribeModel")
MODEL.lists("ListModels", descending=True)


@MODEL.deletes("DeleteModel")
def delete_model(_call: Call, _model: Record) -> bool:
    """Gone at once; artifacts and role stay."""
    return True

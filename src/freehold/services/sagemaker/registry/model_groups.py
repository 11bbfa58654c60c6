"""Model package groups: the shelves of the registry on which versions of a model stand.

Facts: jobs-and-sdk.md section 2 (register), domains.md 2.2 (UserContext).
"""

from __future__ import annotations

from freehold.base.errors import Conflict, Invalid
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.verbs import ListPlan, list_
from freehold.services.sagemaker.service import sagemaker

PACKAGE = "sagemaker:model-package"


def locate_group(call: Call, request: Document) -> str:
    """The ARN of a group that is named by its name or its ARN."""
    named = str(request["ModelPackageGroupName"])
    return named if named.startswith("arn:") else call.arn_of(MODEL_PACKAGE_GROUP, request)


MODEL_PACKAGE_GROUP = sagemaker.resource(
    "ModelPackageGroup",
    arn="model-package-group/{ModelPackageGroupName}",
    status="ModelPackageGroupStatus",
    starts="Completed",
    modified=None,
    locate=locate_group,
    exists="Model Package Group already exists: {arn}",
    exists_code="ValidationException",
    not_found="ModelPackageGroup {arn} does not exist.",
    not_found_code="ValidationException",
)


@MODEL_PACKAGE_GROUP.creates("CreateModelPackageGroup")
def create_model_package_group(_call: Call, group: Document) -> None:
    """An empty group."""
    if group.get("ManagedConfiguration"):
        raise Invalid("ManagedConfiguration is not supported: there is no managed storage.")
    group.setdefault("CreatedBy", {})


MODEL_PACKAGE_GROUP.describes("DescribeModelPackageGroup")

_PLAN = ListPlan.read(
    MODEL_PACKAGE_GROUP, sagemaker.model.operations["ListModelPackageGroups"], descending=False
)
del _PLAN.equals["CrossAccountFilterOption"]  # says whose groups, not which
MODEL_PACKAGE_GROUP.summary_members = _PLAN.item_members
_list = list_(MODEL_PACKAGE_GROUP, _PLAN)


@sagemaker.operation("ListModelPackageGroups")
def list_model_package_groups(call: Call, request: Document) -> Document | None:
    """One page of groups, oldest first; nothing is shared from other accounts."""
    if request.get("CrossAccountFilterOption") == "CrossAccount":
        return {_PLAN.output: []}
    return _list(call, request)


@MODEL_PACKAGE_GROUP.deletes("DeleteModelPackageGroup")
def delete_model_package_group(call: Call, group: Record) -> bool:
    """Gone at once, if it is empty.

    Raises:
        Conflict: Versions stand in it.
    """
    count = call.unit.count(PACKAGE, group.name)
    if count:
        raise Conflict(
            f"ModelPackageGroup {group.arn} cannot be deleted: it holds {count} model packages. "
            "Delete them first.",
            code="ConflictException",
        )
    return True

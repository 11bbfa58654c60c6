"""Policies on model package groups: who else may use a group and the versions in it.

Asked with every call on the group and its versions; within one account they can only add a grant
or a denial by name. Source: SageMaker API reference, PutModelPackageGroupPolicy.
"""

from __future__ import annotations

from freehold.base.errors import Invalid, NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import things
from freehold.services.sagemaker.registry.model_groups import MODEL_PACKAGE_GROUP
from freehold.services.sagemaker.service import sagemaker


@sagemaker.operation(
    "PutModelPackageGroupPolicy", on=MODEL_PACKAGE_GROUP, mode="write", is_of_policy=True
)
def put_model_package_group_policy(call: Call, request: Document) -> Document:
    """Keep a policy in place of the one before.

    Raises:
        Invalid: It does not parse, or speaks of another group.
    """
    group = _group(call, request)
    text = str(request["ResourcePolicy"])
    try:
        policy = things.read(call, text)
    except Invalid as refused:
        raise Invalid(f"Invalid resource policy: {refused.message}") from None
    name = group.arn.rpartition("/")[2]
    versions = group.arn.replace(":model-package-group/", ":model-package/")
    for statement in policy.statements:
        for resource in statement.resources or ():
            if resource != group.arn and not resource.startswith(f"{versions}/"):
                raise Invalid(
                    f"Invalid resource policy: resource {resource} is neither the model package "
                    f"group {name} nor a version in it."
                )
    things.put(call, group, text)
    call.update(group)
    return {"ModelPackageGroupArn": group.arn}


@sagemaker.operation(
    "GetModelPackageGroupPolicy", on=MODEL_PACKAGE_GROUP, mode="read", is_of_policy=True
)
def get_model_package_group_policy(call: Call, request: Document) -> Document:
    """The text as it was sent.

    Raises:
        NotFound: The group has none.
    """
    group = _group(call, request)
    found = things.text(group)
    if found is None:
        raise NotFound(f"Cannot find resource policy for: {group.arn}", code="ValidationException")
    return {"ResourcePolicy": found}


@sagemaker.operation(
    "DeleteModelPackageGroupPolicy", on=MODEL_PACKAGE_GROUP, mode="write", is_of_policy=True
)
def delete_model_package_group_policy(call: Call, request: Document) -> None:
    """Take it away.

    Raises:
        NotFound: The group has none.
    """
    group = _group(call, request)
    if things.text(group) is None:
        raise NotFound(f"Cannot find resource policy for: {group.arn}", code="ValidationException")
    things.drop(group)
    call.update(group)


def _group(call: Call, request: Document) -> Record:
    assert call.resource_arn is not None
    return call.load_arn(MODEL_PACKAGE_GROUP, call.resource_arn, request)

"""Service-linked roles: roles that belong to one of AWS's services, under ``/aws-service-role/``.

Their name, trust and permissions are the service's; people make and delete them and change their
description. What protects them otherwise is ``entities.refuse_protected``. Only services of which
this server has the role's policy can be linked.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from freehold.base import ids
from freehold.base.errors import InUse, Invalid, NotFound
from freehold.kernel.call import Call, Page
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import identity
from freehold.services.iam.attachments import USES
from freehold.services.iam.entities import (
    ACCOUNT_OF_AWS,
    ROLE,
    SERVICE_LINKED_PATH,
    holder,
    iam,
    is_service_linked,
    refuse_namesake,
)
from freehold.services.iam.roles import roles

TASKS_MAX = 10_000
PREFIX = "AWSServiceRoleFor"


class Linked(NamedTuple):
    """What a service's role is called and which of AWS's policies it has."""

    name: str
    policy: str
    takes_suffix: bool = False


# AWS service documentation, "Using service-linked roles", of the services that we serve.
LINKED: dict[str, Linked] = {
    "sagemaker.amazonaws.com": Linked(
        "AmazonSageMakerNotebooks", "AmazonSageMakerNotebooksServiceRolePolicy"
    ),
    "elasticfilesystem.amazonaws.com": Linked(
        "AmazonElasticFileSystem", "AmazonElasticFileSystemServiceRolePolicy"
    ),
}


def _linked(request: Document) -> Linked:
    service = request["AWSServiceName"]
    found = LINKED.get(service)
    if found is None:
        raise Invalid(
            f"Service {service} does not support service-linked roles here.", code="InvalidInput"
        )
    if request.get("CustomSuffix") and not found.takes_suffix:
        raise Invalid(f"Custom suffix is not allowed for {service}", code="InvalidInput")
    return found


def _target(call: Call, request: Document) -> str:
    """AWS asks for permission on the role that will be; of an unknown service, on no name."""
    service = request["AWSServiceName"]
    found = LINKED.get(service)
    name = PREFIX + found.name if found else f"{PREFIX}*"
    return call.arn_of(ROLE, {"Path": f"{SERVICE_LINKED_PATH}{service}/", "RoleName": name})


@iam.operation(
    "CreateServiceLinkedRole",
    on=ROLE,
    mode="write",
    target=_target,
    is_create=True,
    keys={"iam:AWSServiceName": "AWSServiceName"},
)
def create_service_linked_role(call: Call, request: Document) -> Document:
    """The role of a service, with the service's own policy attached.

    Raises:
        Invalid: ``InvalidInput``: the service has none, or takes no suffix, or its role exists.
    """
    linked, service = _linked(request), request["AWSServiceName"]
    name = PREFIX + linked.name
    try:
        refuse_namesake(call, ROLE, {"RoleName": name})
    except InUse:
        raise Invalid(
            f"Service role name {name} has been taken in this account, please try a different "
            "suffix.",
            code="InvalidInput",
        ) from None
    document: Document = {
        "Path": f"{SERVICE_LINKED_PATH}{service}/",
        "RoleName": name,
        "RoleId": ids.unique_id("AROA"),
        "MaxSessionDuration": roles.SESSION_SECONDS_DEFAULT,
    }
    if "Description" in request:
        document["Description"] = request["Description"]
    roles.set_trust(call, document, _trust(service))
    partition = call.kernel.settings.partition
    arn = f"arn:{partition}:iam::{ACCOUNT_OF_AWS}:policy{SERVICE_LINKED_PATH}{linked.policy}"
    policy = call.unit.find(arn)
    assert policy is not None, arn
    document[identity.ATTACHED] = [policy.arn]
    record = call.create(ROLE, document, tags=call.request_tags, uid=document["RoleId"])
    policy.document[USES] = policy.document.get(USES, 0) + 1
    call.update(policy)
    return {"Role": roles.shown(call, record)}


def _trust(service: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


# -- the end --------------------------------------------------------------------------------------

TASK = iam.resource(
    "DeletionTask",
    kind="iam:deletion-task",
    arn=lambda document: f"role-deletion/{document.get('DeletionTaskId') or '*'}",
    arn_member="_Arn",
    name_member="DeletionTaskId",
    created="_CreateDate",
    modified=None,
    global_=True,
    tagged=False,
)


@iam.operation("DeleteServiceLinkedRole", on=ROLE, mode="write")
def delete_service_linked_role(call: Call, request: Document) -> Document:
    """Delete a service's role; nothing here runs under one, so it is gone at once.

    Returns:
        The id under which GetServiceLinkedRoleDeletionStatus tells how it ended.

    Raises:
        NotFound: There is no such role.
        Invalid: ``InvalidInput``: it is linked to no service.
    """
    record = holder(call, ROLE, request)
    if not is_service_linked(record):
        raise Invalid(
            f"Role {record.name} is not a service-linked role: use DeleteRole.",
            code="InvalidInput",
        )
    for arn in record.document.get(identity.ATTACHED, ()):
        policy = call.unit.find(arn)
        if policy is not None:
            policy.document[USES] = max(0, policy.document.get(USES, 0) - 1)
            call.update(policy)
    call.remove(record)
    task_id = f"task{record.document['Path']}{record.name}/{ids.suffix(32)}"
    _make_room(call)
    call.create(TASK, {"DeletionTaskId": task_id, "Status": "SUCCEEDED"})
    return {"DeletionTaskId": task_id}


def _make_room(call: Call) -> None:
    if call.count(TASK) >= TASKS_MAX:
        for oldest in call.unit.records(Page(TASK.kind, limit=1)):
            call.remove(oldest)


def _role_of_task(call: Call, request: Document) -> str:
    """AWS asks for permission on the role that the task deletes."""
    parts = request["DeletionTaskId"].split("/")
    document = {"Path": f"{SERVICE_LINKED_PATH}*/", "RoleName": "*"}
    if len(parts) == 5:
        document = {"Path": f"/{parts[1]}/{parts[2]}/", "RoleName": parts[3]}
    return call.arn_of(ROLE, document)


@iam.operation("GetServiceLinkedRoleDeletionStatus", on=ROLE, target=_role_of_task)
def get_service_linked_role_deletion_status(call: Call, request: Document) -> Document:
    """How a deletion ended.

    Raises:
        NotFound: There was none under this id.
    """
    task = call.find(TASK, request)
    if task is None:
        raise NotFound(
            f"The deletion task with id {request['DeletionTaskId']} cannot be found.",
            code="NoSuchEntity",
        )
    return {"Status": task.document["Status"]}

"""Studio lifecycle configurations: scripts that run when an app of their type starts.

A script is never changed: there is no update. It cannot be deleted while settings attach it or a
live app was started with it. Facts: domains.md 1.8.
"""

from __future__ import annotations

import base64
import binascii

from freehold.base.errors import Invalid
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.verbs import ListPlan, list_
from freehold.services.sagemaker.images import users
from freehold.services.sagemaker.service import sagemaker

LIFECYCLE_CONFIG = sagemaker.resource(
    "StudioLifecycleConfig",
    arn="studio-lifecycle-config/{StudioLifecycleConfigName}",
    exists="StudioLifecycleConfig [{arn}] already exists.",
    not_found="StudioLifecycleConfig with name {StudioLifecycleConfigName} does not exist.",
)


@LIFECYCLE_CONFIG.creates("CreateStudioLifecycleConfig")
def create_studio_lifecycle_config(_call: Call, config: Document) -> None:
    """Keep a script that can be read.

    Raises:
        Invalid: The content is not base64 of a text.
    """
    try:
        script = base64.b64decode(
            "".join(config["StudioLifecycleConfigContent"].split()), validate=True
        )
        script.decode()
    except (binascii.Error, ValueError) as error:
        raise Invalid(
            "StudioLifecycleConfigContent must be a script in UTF-8, encoded in base64."
        ) from error


LIFECYCLE_CONFIG.describes("DescribeStudioLifecycleConfig")

_PLAN = ListPlan.read(
    LIFECYCLE_CONFIG, sagemaker.model.operations["ListStudioLifecycleConfigs"], descending=True
)
_PLAN.equals["AppTypeEquals"] = "StudioLifecycleConfigAppType"
_PLAN.times |= {"ModifiedTimeAfter": ("modified", 0), "ModifiedTimeBefore": ("modified", 1)}
LIFECYCLE_CONFIG.summary_members = _PLAN.item_members
_list = list_(LIFECYCLE_CONFIG, _PLAN)


@sagemaker.operation("ListStudioLifecycleConfigs")
def list_studio_lifecycle_configs(call: Call, request: Document) -> Document | None:
    """One page, newest first unless asked otherwise."""
    return _list(call, request)


@LIFECYCLE_CONFIG.deletes("DeleteStudioLifecycleConfig")
def delete_studio_lifecycle_config(call: Call, config: Record) -> bool:
    """Gone at once, if nothing uses it.

    Raises:
        InUse: Settings attach it, or a live app was started with it.
    """
    users.refuse_used_config(call, config)
    return True

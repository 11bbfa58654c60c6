"""App image configurations: how an image of somebody's own is run as an app or a kernel.

Kept exactly as given: no default of a file system or container is written into them. AWS deletes
one that settings still name; an app that would need it is then refused (``custom.py``).
Facts: domains.md 1.8.
"""

from __future__ import annotations

from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.verbs import ListPlan, list_
from freehold.kernel.studio.app_types import IMAGE_CONFIGS
from freehold.services.sagemaker.service import sagemaker

APP_IMAGE_CONFIG = sagemaker.resource(
    "AppImageConfig",
    arn="app-image-config/{AppImageConfigName}",
    exists="The ID or Name specified is already in use.",
    not_found="AppImageConfig with name {AppImageConfigName} does not exist.",
)


@APP_IMAGE_CONFIG.creates("CreateAppImageConfig")
def create_app_image_config(_call: Call, _config: Document) -> None:
    """The model checks all there is to check."""


APP_IMAGE_CONFIG.describes("DescribeAppImageConfig")

_PLAN = ListPlan.read(
    APP_IMAGE_CONFIG, sagemaker.model.operations["ListAppImageConfigs"], descending=True
)
_PLAN.times |= {"ModifiedTimeAfter": ("modified", 0), "ModifiedTimeBefore": ("modified", 1)}
APP_IMAGE_CONFIG.summary_members = _PLAN.item_members
_list = list_(APP_IMAGE_CONFIG, _PLAN)


@sagemaker.operation("ListAppImageConfigs")
def list_app_image_configs(call: Call, request: Document) -> Document | None:
    """One page, newest first unless asked otherwise."""
    return _list(call, request)


@APP_IMAGE_CONFIG.updates("UpdateAppImageConfig")
def update_app_image_config(_call: Call, config: Record, request: Document) -> None:
    """A configuration that is given replaces the one before; others stay."""
    for member in IMAGE_CONFIGS.values():
        if member in request:
            config.document[member] = request[member]


@APP_IMAGE_CONFIG.deletes("DeleteAppImageConfig")
def delete_app_image_config(_call: Call, _config: Record) -> bool:
    """Gone at once."""
    return True

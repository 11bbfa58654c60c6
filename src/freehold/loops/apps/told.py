"""What an app is told of itself: its environment, its domain's bucket, Studio's metadata file.

Input: an app's record. Output: for ``start.py``. Names are AWS's where AWS has them; those that
begin with FREEHOLD_ are for entry points of custom images (docs/operate/apps.md).
"""

from __future__ import annotations

import json

from freehold.base.settings import Settings
from freehold.host.runtimes import Runtime
from freehold.kernel import doors
from freehold.kernel.call import Record
from freehold.kernel.dispatch import Kernel
from freehold.kernel.studio.app_types import APP_TYPES
from freehold.kernel.tagging import DOMAIN_TAG
from freehold.loops import surroundings
from freehold.loops.files.home import HOME

SOCKET, BASE_PATH = "FREEHOLD_APP_SOCKET", "FREEHOLD_APP_BASE_PATH"


def environment(
    settings: Settings, app: Record, runtime: Runtime, *, is_direct: bool
) -> dict[str, str]:
    """All variables of an app. A custom image's come first: none of ours is taken away by one.

    ``is_direct``: it has a network of its own.
    """
    document = app.document
    kind = APP_TYPES[document["AppType"]]
    ownership = document.get("_Ownership", {})
    own = {
        "PATH": f"{runtime.root}/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": HOME,
        "USER": "sagemaker-user",
        "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",  # noqa: S108 - private to the sandbox
        "SAGEMAKER_APP_TYPE": document["AppType"],
        "SAGEMAKER_APP_TYPE_LOWERCASE": document["AppType"].lower(),
        "SAGEMAKER_DOMAIN_ID": document["DomainId"],
        "SAGEMAKER_SPACE_NAME": document.get("SpaceName", ""),
        "SAGEMAKER_SPACE_TYPE_LOWERCASE": ownership.get("SharingType", "").lower(),
        "SAGEMAKER_USER_PROFILE_NAME": document.get("UserProfileName")
        or ownership.get("OwnerUserProfileName", ""),
        SOCKET: f"{surroundings.APP}/{doors.APP_SOCKET}",
        BASE_PATH: kind.base_path,
        "SHELL": "/bin/bash",
    }
    if document.get("RecoveryMode"):  # what the home holds of programs and settings stays aside
        own |= {
            "PYTHONNOUSERSITE": "1",
            "JUPYTER_CONFIG_DIR": "/tmp/jupyter-config",  # noqa: S108
            "JUPYTERLAB_SETTINGS_DIR": "/tmp/jupyter-settings",  # noqa: S108
            "JUPYTERLAB_WORKSPACES_DIR": "/tmp/jupyter-workspaces",  # noqa: S108
        }
    asked: dict[str, str] = document.get("_Container", {}).get("ContainerEnvironmentVariables", {})
    return asked | surroundings.environment(settings, is_direct=is_direct) | own


def bucket(kernel: Kernel, app: Record) -> str:
    """The bucket ``sagemaker-DOMAIN_ID``, if it is there and its tag says that it is the domain's.

    The SageMaker SDK is told to keep its files in it. The SDK's own choice is one bucket for the
    whole account, which a role that is kept to its domain may not use.
    """
    settings, domain_id = kernel.settings, app.document["DomainId"]
    name = f"sagemaker-{domain_id}"
    found = kernel.own_unit().find(f"arn:{settings.partition}:s3:::{name}")
    domain_arn = f"{app.arn.partition(':app/')[0]}:domain/{domain_id}"
    return name if found and found.tags.get(DOMAIN_TAG) == domain_arn else ""


def metadata(app: Record) -> str:
    """Studio's metadata file (domains.md 1.7)."""
    document = app.document
    facts = {
        "AppType": document["AppType"],
        "DomainId": document["DomainId"],
        "ExecutionRoleArn": document["_Role"],
        "ResourceArn": app.arn,
        "ResourceArnCaseSensitive": app.arn,
        "ResourceName": document["AppName"],
        "AppImageVersion": document.get("_ImageVersion", ""),
        "IpAddressType": document.get("_IpAddressType", "ipv4"),
    }
    for member in ("UserProfileName", "SpaceName"):
        if document.get(member):
            facts[member] = document[member]
    if document.get("_Ownership"):
        facts["AdditionalMetadata"] = document["_Ownership"]
    return json.dumps(facts)

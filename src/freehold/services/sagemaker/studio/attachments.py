"""What settings attach must be there and fit: roles, scripts, images, and how images are run.

Called by every create and update of a domain, a profile or a space, with the settings that the
request brings; what was kept before is not asked again. Images named by a ResourceSpec are asked
when an app starts (``images/custom.py``): most are AWS's own. Facts: domains.md 1.3, 1.8.
"""

from __future__ import annotations

from freehold.base.errors import Invalid, NotFound
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document, dig
from freehold.kernel.permission import roles
from freehold.kernel.studio.app_types import IMAGE_CONFIGS
from freehold.services.sagemaker.images import versions
from freehold.services.sagemaker.images.app_image_configs import APP_IMAGE_CONFIG
from freehold.services.sagemaker.images.custom import CLEARED
from freehold.services.sagemaker.images.images import IMAGE
from freehold.services.sagemaker.studio.lifecycle_configs import LIFECYCLE_CONFIG

SUFFIX = "AppSettings"
DOMAIN_IMAGES_MAX = 200  # the model's words on KernelGatewayAppSettings.CustomImages
OWN_IMAGES_MAX = 5  # of a user profile or a space, likewise


ROLES = (
    "DefaultUserSettings.ExecutionRole",
    "DefaultSpaceSettings.ExecutionRole",
    "DomainSettings.RStudioServerProDomainSettings.DomainExecutionRoleArn",
    "UserSettings.ExecutionRole",
)


def roles_of(document: Document) -> frozenset[str]:
    """The execution roles that a domain's or profile's document names."""
    return frozenset(role for path in ROLES for role in dig(document, path))


def check_roles(call: Call, document: Document, known: frozenset[str] = frozenset()) -> None:
    """Refuse a role that apps could never run with; ``known`` ones were asked before.

    Whoever made a role of that name later would else be drawn into the domain, and a slip of the
    pen would show at the first app only (docs/parity.md).

    Raises:
        Invalid: It does not exist, or SageMaker may not assume it.
    """
    for role in sorted(roles_of(document) - known):
        roles.job_role(call.unit, role)


def check_attached(call: Call, settings: Document, *, images_max: int) -> None:
    """Refuse settings that attach what is not there or does not fit the type of app.

    Args:
        call: The call that brings the settings.
        settings: UserSettings, DefaultSpaceSettings or SpaceSettings of the request.
        images_max: How many custom images for kernels the settings may hold.

    Raises:
        Invalid: It does not fit, or is in no state to be used.
        NotFound: A script, image, version or app image configuration does not exist.
    """
    for member, value in settings.items():
        if not member.endswith(SUFFIX):
            continue
        app_type = member.removesuffix(SUFFIX)
        for arn in _scripts(value):
            require_script(call, arn, app_type)
        custom = value.get("CustomImages", ())
        if member == "KernelGatewayAppSettings" and len(custom) > images_max:
            raise Invalid(f"{member} takes at most {images_max} CustomImages here.")
        for image in custom:
            _require_image(call, image, member)


def _scripts(settings: Document) -> list[str]:
    named = [
        *settings.get("LifecycleConfigArns", ()),
        settings.get("DefaultResourceSpec", {}).get("LifecycleConfigArn"),
        settings.get("BuiltInLifecycleConfigArn"),
    ]
    return [arn for arn in named if arn and arn != CLEARED]


def require_script(call: Call, arn: str, app_type: str) -> None:
    """Refuse a lifecycle configuration that is not there or is for apps of another type."""
    config = call.unit.find(arn)
    if config is None or config.kind != LIFECYCLE_CONFIG.kind:
        raise NotFound(f"StudioLifecycleConfig [{arn}] does not exist.")
    wanted = config.document["StudioLifecycleConfigAppType"]
    if wanted != app_type:
        raise Invalid(
            f"StudioLifecycleConfig [{arn}] is for apps of the type {wanted}, not {app_type}."
        )


def _require_image(call: Call, custom: Document, member: str) -> None:
    image = call.load(IMAGE, custom)
    if image.status != "CREATED":
        raise Invalid(f"Image {image.name} is in an invalid state.")
    request: Document = {"ImageName": image.name}
    if custom.get("ImageVersionNumber") is not None:
        request["Version"] = custom["ImageVersionNumber"]
    version = versions.load(call, request)
    if version.status != "CREATED":
        raise Invalid(
            f"ImageVersion [{version.arn}] is in an invalid state: "
            f"{version.document.get('FailureReason', version.status)}"
        )
    config = call.load(APP_IMAGE_CONFIG, custom)
    held = [one for one in IMAGE_CONFIGS.values() if one in config.document]
    if held and IMAGE_CONFIGS[member] not in held:
        raise Invalid(
            f"AppImageConfig {config.name} has no {IMAGE_CONFIGS[member]}, which images of "
            f"{member} are run by: it has {', '.join(held)}."
        )

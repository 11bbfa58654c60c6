"""How an app gets the image that it was asked to start with, or is refused.

Asked by CreateApp with the resolved ResourceSpec. An image of AWS's own is one of the catalogue's
runtimes; an image of this account must be one of the CustomImages of the settings that govern the
app. What this server would not honour is refused by name: nothing is passed over in silence.
Facts: domains.md 1.3 (ResourceSpec), 1.8.
"""

from __future__ import annotations

from typing import NamedTuple

from freehold.base import arn as arns
from freehold.base.errors import Invalid, NotFound
from freehold.host import runtimes
from freehold.host.images import known_image
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.studio.app_types import AppType
from freehold.services.sagemaker.images import versions
from freehold.services.sagemaker.images.app_image_configs import APP_IMAGE_CONFIG
from freehold.services.sagemaker.images.images import IMAGE

IMAGE_MEMBERS = ("SageMakerImageArn", "SageMakerImageVersionArn", "SageMakerImageVersionAlias")
CLEARED = "None"  # the literal that takes a value away
HOME = "/home/sagemaker-user"  # where apps have their home (domains.md 1.8, MountPath)


UIDS, GIDS = (None, 1000), (None, 100)  # of FileSystemConfig: AWS's defaults, an ordinary user
CONTAINER = ("ContainerArguments", "ContainerEntrypoint", "ContainerEnvironmentVariables")


class Chosen(NamedTuple):
    """What an app runs on.

    ``runtime``: the catalogue's name for it. ``version``: the number of a custom image's version,
    as the metadata file tells it; empty for any other. ``container``: the non-empty members of its
    ContainerConfig, as AWS spells them.
    """

    runtime: str
    version: str = ""
    container: Document | None = None


def laid_over(default: Document, asked: Document) -> Document:
    """A request's ResourceSpec over the settings' default one; ``None`` clears.

    An image that the request names takes the place of the default's image as a whole: no version
    or alias of another image is left beside it.
    """
    under = dict(default)
    if any(member in asked for member in IMAGE_MEMBERS[:2]):
        under = {key: value for key, value in under.items() if key not in IMAGE_MEMBERS}
    return {key: value for key, value in (under | asked).items() if value != CLEARED}


def choose(call: Call, kind: AppType, spec: Document, settings: Document) -> Chosen:
    """The runtime that serves the image of a ResourceSpec: the app type's own without any.

    Args:
        call: The call that creates the app.
        kind: The type of the app.
        spec: The ResourceSpec as resolved.
        settings: What governs apps of this type: the member of the effective settings.

    Raises:
        Invalid: It is not allowed here, or this server would not honour it.
        NotFound: The image or version does not exist.
    """
    named = spec.get("SageMakerImageVersionArn") or spec.get("SageMakerImageArn")
    if named is None:
        if "SageMakerImageVersionAlias" in spec:
            raise Invalid("SageMakerImageVersionAlias needs a SageMakerImageArn.")
        return Chosen(kind.runtime)
    version = _own_version(call, spec)
    if version is None:
        return Chosen(_fitting(kind, named, named))
    container = _container(call, kind, _listed(kind, version, settings))
    if version.status != "CREATED":
        raise Invalid(f"ImageVersion [{version.arn}] is in an invalid state: {version.status}.")
    runtime = _fitting(kind, version.document["BaseImage"], version.arn)
    return Chosen(runtime, str(version.document["Version"]), container)


def _own_version(call: Call, spec: Document) -> Record | None:
    """The version of an image of this account; None if the image is AWS's own.

    Raises:
        NotFound: It should be ours, and is not there.
    """
    image_arn, version_arn = spec.get("SageMakerImageArn"), spec.get("SageMakerImageVersionArn")
    if version_arn is not None:
        record = call.unit.find(version_arn)
        if record is not None and record.kind == versions.IMAGE_VERSION.kind:
            return record
        _refuse_absent(call, version_arn)
        return None
    image = call.unit.find(image_arn) if image_arn else None
    if image is None or image.kind != IMAGE.kind:
        _refuse_absent(call, str(image_arn))
        return None
    request: Document = {"ImageName": image.name}
    if "SageMakerImageVersionAlias" in spec:
        request["Alias"] = spec["SageMakerImageVersionAlias"]
    return versions.load(call, request)


def _refuse_absent(call: Call, arn: str) -> None:
    """An ARN of this account that names nothing is an error, unless the catalogue knows it."""
    parsed = arns.parse(arn)
    if parsed is not None and parsed.account == call.account_id and known_image(arn) is None:
        raise NotFound(f"The image [{arn}] does not exist.")


def _listed(kind: AppType, version: Record, settings: Document) -> str:
    """The AppImageConfig by which the settings attach an image; it must be attached."""
    number = version.document["Version"]
    for custom in settings.get("CustomImages", ()):
        is_named = custom["ImageName"] == version.scope
        if is_named and custom.get("ImageVersionNumber") in (None, number):
            return str(custom["AppImageConfigName"])
    raise Invalid(
        f"Version {number} of the image {version.scope} is not among the CustomImages of the "
        f"{kind.settings} that govern this app: attach it by UpdateDomain or UpdateUserProfile."
    )


def _container(call: Call, kind: AppType, name: str) -> Document:
    """How the image wants to be run, as far as this server honours it (docs/operate/apps.md)."""
    config = call.load(APP_IMAGE_CONFIG, {"AppImageConfigName": name}).document
    mine = config.get(kind.image_config, {}) if kind.image_config else {}
    files = mine.get("FileSystemConfig", {})
    mounted = files.get("MountPath", HOME).rstrip("/")
    if mounted != HOME:
        raise Invalid(
            f"AppImageConfig {name} sets the MountPath {mounted}: homes are at {HOME} here."
        )
    for member, known in (("DefaultUid", UIDS), ("DefaultGid", GIDS)):
        if files.get(member) not in known:
            raise Invalid(
                f"AppImageConfig {name} sets the {member} {files[member]}: apps run as their "
                f"owner's own user here, which takes the place of {known[1]} only."
            )
    given = mine.get("ContainerConfig", {})
    return {member: given[member] for member in CONTAINER if given.get(member)}


def _fitting(kind: AppType, base: str, named: str) -> str:
    known = known_image(base)
    if known is None:
        raise Invalid(
            f"The image {named} is not known to this server: it runs images by the runtimes "
            f"{', '.join(runtimes.names())}."
        )
    if known.runtime != kind.runtime:
        raise Invalid(
            f"The image {named} is served by the runtime {known.runtime}, which does not run apps "
            f"of the type {kind.name}: those need {kind.runtime}."
        )
    return known.runtime

"""Who uses an image or a script: settings that list it, and apps that run on it.

Asked before a delete. Walks the settings of all domains, profiles and spaces, since a delete is
rare and an index would have to be kept by every write of settings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from freehold.base.errors import InUse
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document

SETTINGS = {
    "sagemaker:domain": ("Domain", ("DefaultUserSettings", "DefaultSpaceSettings")),
    "sagemaker:user-profile": ("UserProfile", ("UserSettings",)),
    "sagemaker:space": ("Space", ("SpaceSettings",)),
}
APP = "sagemaker:app"
ENDED = frozenset({"Deleted", "Failed"})


def refuse_used_image(call: Call, image: Record) -> None:
    """Refuse to end an image that is in use."""
    _refuse(call, "Image", image, lambda value: _names_image(value, image))


def refuse_used_version(call: Call, image: str, version: Record) -> None:
    """Refuse to end a version that is in use by its number or ARN."""
    number = version.document["Version"]

    def names(value: Document) -> bool:
        by_number = value.get("ImageName") == image and value.get("ImageVersionNumber") == number
        return by_number or value.get("SageMakerImageVersionArn") == version.arn

    _refuse(call, "ImageVersion", version, names)


def refuse_used_config(call: Call, config: Record) -> None:
    """Refuse to end a lifecycle configuration that settings attach or a live app started with."""

    def names(value: Document) -> bool:
        alone = (value.get("LifecycleConfigArn"), value.get("BuiltInLifecycleConfigArn"))
        return config.arn in alone or config.arn in value.get("LifecycleConfigArns", ())

    _refuse(call, "StudioLifecycleConfig", config, names)


def _names_image(value: Document, image: Record) -> bool:
    if value.get("ImageName") == image.name or value.get("SageMakerImageArn") == image.arn:
        return True
    version = value.get("SageMakerImageVersionArn", "")
    return bool(version.rpartition("/")[0] == _versions_arn(image))


def _versions_arn(image: Record) -> str:
    head, _, _ = image.arn.partition(":image/")
    return f"{head}:image-version/{image.name.lower()}"


def _refuse(call: Call, noun: str, thing: Record, names: Callable[[Document], bool]) -> None:
    for record, user in _holders(call):
        if record.kind == APP:
            is_used = record.status not in ENDED and any(map(names, structures(record.document)))
        else:
            members = SETTINGS[record.kind][1]
            found = [record.document[member] for member in members if member in record.document]
            is_used = any(map(names, structures(found)))
        if is_used:
            raise InUse(
                f"Unable to delete {noun} [{thing.arn}] because {user}(s) are associated with it: "
                f"[{record.arn}]."
            )


def _holders(call: Call) -> Iterator[tuple[Record, str]]:
    for kind, noun in [(APP, "App"), *((kind, noun) for kind, (noun, _) in SETTINGS.items())]:
        yield from ((record, noun) for record in call.every(kind))


def structures(value: Any) -> Iterator[Document]:
    """Every structure in a document, itself included."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for below in value:
            if isinstance(below, (dict, list)):
                yield from structures(below)

"""Versions of images: numbered, aliased, each resting on a base image that means a runtime here.

Numbers are counted by the image and never used again. A base image that no runtime of this machine
serves makes a version that is CREATE_FAILED and says why, as AWS's does for an image that its
registry lacks. A version carries its image's tags, which AWS leaves out (docs/parity.md).
Facts: domains.md 1.1, 1.8.
"""

from __future__ import annotations

import re

from freehold.base.errors import InUse, Invalid, NotFound
from freehold.host import runtimes
from freehold.host.images import known_image
from freehold.kernel import tagging
from freehold.kernel.call import Call, Page, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.verbs import pick
from freehold.services.sagemaker.images import users
from freehold.services.sagemaker.images.images import IMAGE
from freehold.services.sagemaker.pages import Pages
from freehold.services.sagemaker.service import sagemaker

LAST, TOKENS, ALIASES = "_LastVersion", "_Tokens", "_Aliases"
TOKENS_MAX = 20  # client tokens that an image remembers
ALIASES_MAX = 20  # of one version; ours: the model names no bound
VERSIONS_READ_MAX = 10_000
_REGISTRY_PATH = re.compile(r"(?:[A-Za-z0-9.-]+\.[A-Za-z]{2,}(?::\d+)?/|local://)\S+")
_PLAIN = (
    "VendorGuidance",
    "JobType",
    "MLFramework",
    "ProgrammingLang",
    "Processor",
    "Horovod",
    "ReleaseNotes",
)


def _tail(document: Document) -> str:
    name = str(document.get("ImageName") or "*").lower()
    return f"image-version/{name}/{document.get('Version') or '*'}"


IMAGE_VERSION = sagemaker.resource(
    "ImageVersion",
    arn=_tail,
    scope="ImageName",
    name_member="Version",
    status="ImageVersionStatus",
    starts="CREATED",
)


def locate(call: Call, request: Document) -> str:
    """The ARN of the version that a request names by number or alias; the newest without either."""
    found = find(call, request)
    if found is not None:
        return found.arn
    return call.arn_of(IMAGE_VERSION, {key: request.get(key) for key in ("ImageName", "Version")})


def find(call: Call, request: Document) -> Record | None:
    """The version that a request names; by both number and alias, it must be the same one."""
    name, number, alias = request["ImageName"], request.get("Version"), request.get("Alias")
    if alias is not None:
        known = [one for one in _versions(call, name) if alias in one.document.get(ALIASES, ())]
        found = known[0] if known else None
        return found if number is None or (found and found.name == str(number)) else None
    if number is not None:
        return call.unit.named(IMAGE_VERSION.kind, str(number), name)
    return latest(call, name)


def latest(call: Call, name: str) -> Record | None:
    """The newest version of an image."""
    page = Page(IMAGE_VERSION.kind, scope=name, descending=True, limit=1)
    return next(iter(call.unit.records(page)), None)


def _versions(call: Call, name: str) -> list[Record]:
    return call.kind(IMAGE_VERSION.kind, scope=name, limit=VERSIONS_READ_MAX)


def load(call: Call, request: Document) -> Record:
    """The version that a request names.

    Raises:
        NotFound: The image or the version is not there.
    """
    call.load(IMAGE, request)
    found = find(call, request)
    if found is None:
        raise NotFound(_missing(request))
    return found


def _missing(request: Document) -> str:
    name = request["ImageName"]
    if request.get("Alias") is not None:
        said = f"ImageVersion with ImageName {name} and Alias {request['Alias']} does not exist."
        return f"{said} Please provide a valid Alias."
    if request.get("Version") is not None:
        said = f"ImageVersion with ImageName {name} and Version {request['Version']}"
        return f"{said} does not exist. Please provide a valid Version."
    return (
        f"Latest ImageVersion with ImageName {name} does not exist. Please provide a valid "
        "ImageName."
    )


def _load_named(call: Call, request: Document) -> Record:
    """As ``load``, of a request that changes something and so must say what."""
    if request.get("Version") is None and request.get("Alias") is None:
        raise Invalid("Either Version or Alias is required.")
    return load(call, request)


# -- operations ----------------------------------------------------------------------------------


@sagemaker.operation(
    "CreateImageVersion", on=IMAGE, mode="write", references={"ImageName": IMAGE.kind}
)
def create_image_version(call: Call, request: Document) -> Document:
    """The next version of an image; the same client token gives the same version again.

    Raises:
        Invalid: The base image is no path in a registry, or an alias is given twice.
        InUse: An alias belongs to another version.
    """
    image = call.load(IMAGE, request)
    token = request["ClientToken"]
    known = dict(image.document.get(TOKENS, ()))
    if token in known:
        again = call.unit.named(IMAGE_VERSION.kind, str(known[token]), image.name)
        if again is not None:
            return {"ImageVersionArn": again.arn}
    if not _REGISTRY_PATH.fullmatch(request["BaseImage"]):
        raise Invalid(
            f"BaseImage {request['BaseImage']} is not the path of a container image in a registry."
        )
    version = {
        key: value for key, value in request.items() if key not in ("Aliases", "ClientToken")
    }
    number = image.document.get(LAST, 0) + 1
    version |= {"Version": number, "ImageArn": image.arn}
    version[ALIASES] = _aliases(call, image.name, [], request.get("Aliases", ()))
    failure = refused_base(call, version["BaseImage"])
    if failure is None:
        version["ContainerImage"] = version["BaseImage"]
    image.document[LAST] = number
    tokens = [*image.document.get(TOKENS, ()), [token, number]]
    image.document[TOKENS] = tokens[-TOKENS_MAX:]
    call.update(image)
    arn = call.arn_of(IMAGE_VERSION, version)
    record = call.create(IMAGE_VERSION, version, arn=arn, tags=_tags(call, image), name=str(number))
    if failure is not None:
        record.document["FailureReason"] = failure
        call.update(record, status="CREATE_FAILED")
    return {"ImageVersionArn": record.arn}


def refused_base(call: Call, base: str) -> str | None:
    """Why no runtime of this machine serves a base image; None if one does."""
    known = known_image(base)
    if known is None:
        return (
            f"The container image {base} is not known to this server: it runs images by the "
            f"runtimes {', '.join(runtimes.names())}, such as local://venv/{runtimes.names()[0]}."
        )
    if runtimes.find(known.runtime, call.kernel.settings.runtimes) is None:
        return (
            f"The runtime {known.runtime} that serves the container image {base} is not installed: "
            f"run `freehold runtime install {known.runtime}`."
        )
    return None


def _tags(call: Call, image: Record) -> dict[str, str]:
    """The image's tags; whose version it is says the origin alone, where there is one."""
    origin = tagging.of_origin(call)
    kept = {key: value for key, value in image.tags.items() if key not in tagging.AUTOMATIC}
    tags = kept | origin if origin else dict(image.tags)
    tagging.check_count(tags)
    return tags


def _aliases(call: Call, image: str, has: list[str], asked: list[str] | tuple[()]) -> list[str]:
    """``has`` and ``asked`` together, if no other version of the image has them."""
    if len(set(asked)) < len(asked):
        raise Invalid("Aliases of an image version must differ from each other.")
    wanted = set(asked) - set(has)
    for version in _versions(call, image) if wanted else ():
        taken = wanted & set(version.document.get(ALIASES, ()))
        if taken:
            raise InUse(
                f"The alias {sorted(taken)[0]} of the Image with ImageName {image} belongs to "
                f"version {version.name}: delete it there first."
            )
    every = [*has, *(one for one in asked if one in wanted)]
    if len(every) > ALIASES_MAX:
        raise Invalid(f"An image version has at most {ALIASES_MAX} aliases, not {len(every)}.")
    return every


_output = sagemaker.model.operations["DescribeImageVersion"].output
assert _output is not None
_MEMBERS = tuple(_output.members)
IMAGE_VERSION.describe_members = _MEMBERS


@sagemaker.operation("DescribeImageVersion", on=IMAGE_VERSION, target=locate)
def describe_image_version(call: Call, request: Document) -> Document:
    """One version: by number, by alias, or the newest."""
    return pick(_MEMBERS, load(call, request).document)


_pages = Pages(IMAGE_VERSION, "ListImageVersions", descending=True)


@sagemaker.operation("ListImageVersions", on=IMAGE)
def list_image_versions(call: Call, request: Document) -> Document:
    """One page of an image's versions, newest first unless asked otherwise."""
    call.load(IMAGE, request)
    return _pages.where(call, request, lambda _version: True)


@sagemaker.operation("UpdateImageVersion", on=IMAGE_VERSION, mode="write", target=locate)
def update_image_version(call: Call, request: Document) -> Document:
    """What is said of a version, and its aliases: those to delete go first.

    Raises:
        NotFound: An alias to delete is not the version's.
    """
    version = _load_named(call, request)
    has = list(version.document.get(ALIASES, ()))
    gone = request.get("AliasesToDelete", ())
    for alias in gone:
        if alias not in has:
            raise NotFound(
                f"ImageVersion with ImageName {request['ImageName']} and Version {version.name} "
                f"has no alias {alias}."
            )
    kept = [alias for alias in has if alias not in gone]
    version.document[ALIASES] = _aliases(
        call, request["ImageName"], kept, request.get("AliasesToAdd", ())
    )
    version.document |= pick(_PLAIN, request)
    call.update(version)
    return {"ImageVersionArn": version.arn}


@sagemaker.operation("DeleteImageVersion", on=IMAGE_VERSION, mode="write", target=locate)
def delete_image_version(call: Call, request: Document) -> Document:
    """Gone at once, with its aliases; its number is not given again.

    Raises:
        InUse: Settings list it by number, or an app runs on it.
    """
    version = _load_named(call, request)
    users.refuse_used_version(call, request["ImageName"], version)
    call.remove(version)
    return {}

"""Images: names under which versions of environments stand, for apps and kernels.

An image is a record and runs nothing, so it is CREATED as soon as it is committed and gone as soon
as it is deleted: AWS's waiters find the end that they wait for at their first look.
Facts: domains.md 1.8.
"""

from __future__ import annotations

from freehold.base.errors import InUse
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.lists import namesake
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import roles
from freehold.services.sagemaker.images import users
from freehold.services.sagemaker.service import sagemaker

VERSION = "sagemaker:image-version"

IMAGE = sagemaker.resource(
    "Image",
    arn="image/{ImageName}",
    status="ImageStatus",
    starts="CREATED",
    exists=(
        "The Image with ImageName {ImageName} already exists. Please use a different ImageName."
    ),
    not_found=(
        "The Image with ImageName {ImageName} does not exist. Please provide a valid ImageName."
    ),
    passes=("RoleArn",),
)


@IMAGE.creates("CreateImage")
def create_image(call: Call, image: Document) -> None:
    """An image without versions. Names that differ only in case would share their versions' ARNs.

    Raises:
        InUse: The name is taken, in whatever case.
        Invalid: SageMaker may not assume the role.
    """
    known = namesake(call, IMAGE.kind, image["ImageName"])
    if known is not None:
        raise InUse(
            f"The Image with ImageName {known.name} already exists. Please use a different "
            "ImageName."
        )
    roles.job_role(call.unit, image["RoleArn"])


IMAGE.describes("DescribeImage")
IMAGE.lists("ListImages", descending=True)


@IMAGE.updates("UpdateImage")
def update_image(call: Call, image: Record, request: Document) -> None:
    """New words and role; DeleteProperties takes words away, what is given in one call wins."""
    for member in request.get("DeleteProperties", ()):
        image.document.pop(member, None)
    if "RoleArn" in request:
        roles.job_role(call.unit, request["RoleArn"])
    for member in ("Description", "DisplayName", "RoleArn"):
        if member in request:
            image.document[member] = request[member]


@IMAGE.deletes("DeleteImage")
def delete_image(call: Call, image: Record) -> bool:
    """The image and all its versions.

    Raises:
        InUse: Settings list it, or an app runs on it.
    """
    users.refuse_used_image(call, image)
    for version in call.kind(VERSION, scope=image.name):
        call.remove(version)
    return True

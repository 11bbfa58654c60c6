"""ListAliases: the names of an image's versions."""

from __future__ import annotations

from freehold.kernel.call import Call
from freehold.kernel.declare.lists import page_of
from freehold.kernel.declare.operation import Document
from freehold.services.sagemaker.images import versions
from freehold.services.sagemaker.images.images import IMAGE
from freehold.services.sagemaker.images.versions import ALIASES, IMAGE_VERSION
from freehold.services.sagemaker.service import sagemaker

PAGE_DEFAULT = 10


@sagemaker.operation("ListAliases", on=IMAGE)
def list_aliases(call: Call, request: Document) -> Document:
    """One page of the aliases of one version, or of all versions of an image, by name.

    Raises:
        NotFound: The image, or the version that is named, is not there.
    """
    image = call.load(IMAGE, request)
    if request.get("Version") is not None or request.get("Alias") is not None:
        records = [versions.load(call, request)]
    else:
        records = call.kind(IMAGE_VERSION.kind, scope=image.name)
    found = sorted(alias for one in records for alias in one.document.get(ALIASES, ()))
    size = int(request.get("MaxResults") or PAGE_DEFAULT)
    page, token = page_of(found, size, request.get("NextToken"))
    return {"SageMakerImageVersionAliases": list(page)} | ({"NextToken": token} if token else {})

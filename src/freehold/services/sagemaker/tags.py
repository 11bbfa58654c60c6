"""AddTags, ListTags and DeleteTags on any SageMaker resource, by ARN (domains.md 2.5)."""

from __future__ import annotations

from freehold.base import arn as arns
from freehold.base.errors import Invalid, NotFound
from freehold.kernel import tagging
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.lists import page_of
from freehold.kernel.declare.operation import Document
from freehold.kernel.studio import app_types
from freehold.services.sagemaker.service import sagemaker

PAGE_DEFAULT = 100
SPELLED = {name.lower(): app_types.in_arn(name) for name in app_types.KNOWN}


def named(_call: Call, request: Document) -> str:
    """The ARN that the request names, with an app's type spelled as we spell it.

    Raises:
        Invalid: It is no SageMaker ARN.
    """
    text = str(request["ResourceArn"])
    arn = arns.parse(text)
    if arn is None or arn.service != "sagemaker":
        raise Invalid(
            f"ResourceArn {text} is not the ARN of a SageMaker resource: it should look like "
            "arn:aws:sagemaker:REGION:ACCOUNT:TYPE/NAME."
        )
    parts = arn.resource.split("/")
    if parts[0] == "app" and len(parts) == 5:
        kind = parts[3].lower()
        parts[3] = SPELLED.get(kind, kind)
        return str(arn._replace(resource="/".join(parts)))
    return text


def _load(call: Call) -> Record:
    record = call.record
    if record is None or not record.kind.startswith("sagemaker:"):
        raise NotFound(f"Resource {call.request['ResourceArn']} does not exist.")
    return record


@sagemaker.operation("AddTags", mode="write", target=named)
def add_tags(call: Call, request: Document) -> Document:
    """Add or overwrite by key; answer all that the resource then has."""
    record = _load(call)
    tags = record.tags | tagging.as_map(request["Tags"])
    tagging.check_count(tags)
    call.retag(record, tags)
    return {"Tags": tagging.as_list(tags)}


@sagemaker.operation("DeleteTags", mode="write", target=named)
def delete_tags(call: Call, request: Document) -> Document:
    """Remove by key; keys that are not there are no error."""
    record = _load(call)
    gone = set(request["TagKeys"])
    call.retag(record, {key: value for key, value in record.tags.items() if key not in gone})
    return {}


@sagemaker.operation("ListTags", target=named)
def list_tags(call: Call, request: Document) -> Document:
    """The resource's tags by key, in pages.

    Raises:
        Invalid: The token is none of ours.
    """
    tags = tagging.as_list(_load(call).tags)
    size = int(request.get("MaxResults") or PAGE_DEFAULT)
    page, following = page_of(tags, size, request.get("NextToken"))
    return {"Tags": page} | ({} if following is None else {"NextToken": following})

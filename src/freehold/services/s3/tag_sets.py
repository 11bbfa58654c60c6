"""Tag sets of buckets and objects: read from headers and XML, checked, and written out.

Automatic tags (``sagemaker:domain-arn`` and its kin) stand beside the caller's own: a new set
does not take them away unless it names them. Source: S3 user guide, "Categorizing your storage
using tags".
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from freehold.base.errors import Invalid
from freehold.kernel import tagging
from freehold.kernel.declare.operation import Document

OBJECT_TAGS_MAX = 10  # the caller's own; automatic ones come on top
KEY_CHARS_MAX = 128
VALUE_CHARS_MAX = 256
TAGS = "Tags"  # of an object's document: the caller's
AUTOMATIC = "Automatic"  # of an object's document: by origin


def from_header(text: str | None) -> dict[str, str]:
    """``x-amz-tagging``: a query string.

    Raises:
        Invalid: It cannot be read, a key stands twice, or there are too many.
    """
    if not text:
        return {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        raise Invalid(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query "
            "parameters without tag name duplicates.",
            code="InvalidArgument",
        ) from None
    return _checked([{"Key": key, "Value": value} for key, value in pairs], OBJECT_TAGS_MAX)


def from_list(request: Document, most: int) -> dict[str, str]:
    """The ``TagSet`` of a request's ``Tagging``.

    Raises:
        Invalid: A key stands twice, is AWS's own or too long, or there are too many.
    """
    return _checked(request["Tagging"].get("TagSet") or [], most)


def of(document: Document) -> dict[str, str]:
    """All tags of an object, automatic ones included."""
    found: dict[str, str] = document.get(AUTOMATIC, {}) | document.get(TAGS, {})
    return found


def renew(document: Document, new: dict[str, str]) -> None:
    """Replace the caller's tags of an object."""
    document[TAGS] = new


def _checked(tags: list[Document], most: int) -> dict[str, str]:
    if len(tags) > most:
        kind = "Object tags" if most == OBJECT_TAGS_MAX else "Bucket tag count"
        raise Invalid(f"{kind} cannot be greater than {most}", code="BadRequest")
    for tag in tags:
        key, value = str(tag["Key"]), str(tag.get("Value") or "")
        if not 1 <= len(key) <= KEY_CHARS_MAX:
            raise Invalid("The TagKey you have provided is invalid", code="InvalidTag")
        if len(value) > VALUE_CHARS_MAX:
            raise Invalid("The TagValue you have provided is invalid", code="InvalidTag")
    try:
        found: dict[str, str] = tagging.as_map(tags)
        return found
    except Invalid as fault:
        raise Invalid(fault.message, code="InvalidTag") from None

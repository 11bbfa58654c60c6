"""Which names buckets and keys may have. Asked by the S3 service and by the edge's routing.

Pure: the names of our own routes come in as an argument.
Source: S3 user guide, "General purpose bucket naming rules" and "Naming Amazon S3 objects".
"""

from __future__ import annotations

import re
from collections.abc import Collection

from freehold.base.errors import Invalid

KEY_BYTES_MAX = 1024
_BUCKET = re.compile(r"[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def check_bucket(name: str, reserved: Collection[str] = ()) -> None:
    """Refuse a bucket that S3 would refuse to make, or that would hide one of our routes.

    Args:
        name: As the caller spelled it.
        reserved: First segments of our own paths.

    Raises:
        Invalid: ``InvalidBucketName``, with the rule that is broken.
    """
    if rule := _broken_rule(name, reserved):
        raise Invalid(f"The specified bucket is not valid. {rule}", code="InvalidBucketName")


def may_be_bucket(name: str) -> bool:
    """Whether a bucket of this name could exist; for telling host names and paths apart."""
    return not _broken_rule(name, ())


def check_key(key: str) -> None:
    """Refuse a key of no byte, of too many, or that is not text.

    Raises:
        Invalid: ``KeyTooLongError`` above KEY_BYTES_MAX bytes of UTF-8, else ``InvalidArgument``.
    """
    try:
        size = len(key.encode("utf-8"))
    except UnicodeEncodeError:
        raise Invalid("The object key is not valid UTF-8.", code="InvalidArgument") from None
    if size > KEY_BYTES_MAX:
        raise Invalid(
            f"Your key is too long: {size} bytes, at most {KEY_BYTES_MAX}.", code="KeyTooLongError"
        )
    if size == 0:
        raise Invalid("The object key is empty: name an object.", code="InvalidArgument")


def _broken_rule(name: str, reserved: Collection[str]) -> str:
    """The first rule that a bucket's name breaks; empty if none."""
    if not 3 <= len(name) <= 63:
        return "Bucket names are 3 to 63 characters long."
    if not _BUCKET.fullmatch(name):
        return (
            "Bucket names hold lower-case letters, digits, periods and hyphens, and begin and end "
            "with a letter or digit."
        )
    if ".." in name:
        return "Bucket names have no two periods in a row."
    if _ADDRESS.fullmatch(name):
        return "Bucket names are not formatted as an IP address."
    if name.startswith(_PREFIXES):
        return f"Bucket names do not begin with {', '.join(_PREFIXES)}."
    if name.endswith(_SUFFIXES):
        return f"Bucket names do not end with {', '.join(_SUFFIXES)}."
    if name in reserved:
        return "This server uses the name for a path of its own."
    return ""

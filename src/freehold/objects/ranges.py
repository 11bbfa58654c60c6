"""Which bytes of an object are asked for, and whether at all: Range and the If- headers.

Pure functions of header values and of what the index says; asked by GetObject, HeadObject,
CopyObject, UploadPartCopy and conditional writes.
Source: RFC 9110 sections 13 and 14; S3 API reference, GetObject, CopyObject and PutObject.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import NamedTuple

from freehold.base.errors import Conflict, Invalid, NotFound

_SPAN = re.compile(r"bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE | re.ASCII)
_COPY_SPAN = re.compile(r"bytes=(\d+)-(\d+)", re.ASCII)
_DIGITS_MAX = 19  # no object is longer than 10^19 bytes


class Range(NamedTuple):
    """Bytes ``start`` to ``stop``, the last excluded."""

    start: int
    stop: int

    def content_range(self, size: int) -> str:
        """The Content-Range header of an answer with these of ``size`` bytes."""
        return f"bytes {self.start}-{self.stop - 1}/{size}"


class Verdict(Enum):
    """What the conditions of a request come to."""

    GO = "go"
    NOT_MODIFIED = "304"
    FAILED = "412"


@dataclass(frozen=True, slots=True)
class Conditions:
    """The four headers as they came; None where absent."""

    if_match: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None
    if_unmodified_since: str | None = None


def parse_range(header: str | None, size: int) -> Range | None:
    """The bytes that a Range header asks of an object of ``size`` bytes.

    None means the whole object with 200: no header, several ranges, another unit, or a
    header that cannot be read, as S3 and RFC 9110 have it.

    Raises:
        Invalid: ``InvalidRange`` (416): well formed, but no byte of the object is in it.
    """
    match = _SPAN.fullmatch(header.strip()) if header else None
    if match is None:
        return None
    first, last = match[1], match[2]
    if max(len(first), len(last)) > _DIGITS_MAX or not (first or last):
        return None
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= stop:
        raise Invalid("The requested range is not satisfiable", code="InvalidRange")
    return Range(start, stop)


def parse_copy_range(header: str | None, size: int) -> Range:
    """The bytes that ``x-amz-copy-source-range`` asks of a source: both ends, and inside.

    Raises:
        Invalid: ``InvalidArgument``: another form, or bytes that the source does not have.
    """
    if header is None:
        return Range(0, size)
    match = _COPY_SPAN.fullmatch(header)
    if match is None or max(len(match[1]), len(match[2])) > _DIGITS_MAX:
        raise Invalid(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first "
            "and last are the zero-based offsets of the first and last bytes to copy",
            code="InvalidArgument",
        )
    start, last = int(match[1]), int(match[2])
    if not start <= last < size:
        raise Invalid(
            f"Range specified is not valid for source object of size: {size}",
            code="InvalidArgument",
        )
    return Range(start, last + 1)


def part_range(sizes: Sequence[int], number: int) -> Range:
    """The bytes of part ``number`` (from 1) of an object whose parts have these sizes.

    Raises:
        Invalid: ``InvalidPartNumber`` (416): the object has no such part.
    """
    if not 1 <= number <= max(1, len(sizes)):
        raise Invalid("The requested partnumber is not satisfiable", code="InvalidPartNumber")
    start = sum(sizes[: number - 1])
    return Range(start, start + sum(sizes[number - 1 : number]))


def judge_read(conditions: Conditions, etag: str, modified: float) -> Verdict:
    """Decide for GetObject and HeadObject of an object that exists, in this order.

    1. If-Match: no match is FAILED. Only without it, If-Unmodified-Since: younger is FAILED.
    2. If-None-Match: a match is NOT_MODIFIED. Only without it, If-Modified-Since: not younger
       is NOT_MODIFIED.
    3. Otherwise GO.

    Args:
        conditions: Dates that cannot be read count as absent.
        etag: Bare, without quotation marks.
        modified: Epoch seconds; compared in whole seconds, as headers have them.
    """
    if _is_precondition_broken(conditions, etag, modified):
        return Verdict.FAILED
    if _is_unchanged(conditions, etag, modified):
        return Verdict.NOT_MODIFIED
    return Verdict.GO


def check_copy(conditions: Conditions, etag: str, modified: float) -> None:
    """Refuse a copy whose ``x-amz-copy-source-if-`` headers do not hold; there is no 304.

    Raises:
        Conflict: ``PreconditionFailed`` (412).
    """
    if judge_read(conditions, etag, modified) is not Verdict.GO:
        raise precondition_failed()


def check_write(conditions: Conditions, etag: str | None) -> None:
    """Refuse PutObject, CompleteMultipartUpload or DeleteObject whose condition does not hold.

    Args:
        conditions: Only If-Match and If-None-Match count.
        etag: Of what stands under the key now, bare; None if nothing does.

    Raises:
        Conflict: ``PreconditionFailed`` (412).
        NotFound: ``NoSuchKey``: If-Match, and nothing is there.
    """
    if conditions.if_match is not None:
        if etag is None:
            raise NotFound("The specified key does not exist.", code="NoSuchKey")
        if not matches(conditions.if_match, etag):
            raise precondition_failed()
    if (
        conditions.if_none_match is not None
        and etag is not None
        and matches(conditions.if_none_match, etag)
    ):
        raise precondition_failed()


def precondition_failed() -> Conflict:
    """The refusal for :attr:`Verdict.FAILED`."""
    return Conflict(
        "At least one of the pre-conditions you specified did not hold", code="PreconditionFailed"
    )


def matches(header: str, etag: str) -> bool:
    """Whether a list of entity tags names ``etag``; ``*`` names every one.

    Quotation marks may be missing, as some clients leave them out; ``W/`` is passed over.
    """
    if header.strip() == "*":
        return True
    return any(tag.strip().removeprefix("W/").strip('"') == etag for tag in header.split(","))


def _is_precondition_broken(conditions: Conditions, etag: str, modified: float) -> bool:
    if conditions.if_match is not None:
        return not matches(conditions.if_match, etag)
    bound = _instant(conditions.if_unmodified_since)
    return bound is not None and int(modified) > bound


def _is_unchanged(conditions: Conditions, etag: str, modified: float) -> bool:
    if conditions.if_none_match is not None:
        return matches(conditions.if_none_match, etag)
    bound = _instant(conditions.if_modified_since)
    return bound is not None and int(modified) <= bound


def _instant(header: str | None) -> float | None:
    """Epoch seconds of an HTTP date; None if absent or unreadable."""
    if header is None:
        return None
    try:
        moment = parsedate_to_datetime(header)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None

"""What a page of ListObjects, ListObjectsV2 and ListMultipartUploads holds.

Pure, over a callback that reads index rows from a place onward in the order of UTF-8 bytes; the
S3 service gives the callback and spells the answer. A common prefix is jumped over, not read:
a page costs rows and prefixes shown, however many keys lie beneath.
Source: S3 API reference, ListObjectsV2, ListObjects, ListMultipartUploads.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

from freehold.base.errors import Invalid

KEYS_MAX = 1000  # of one page; more may be asked for, no more is given
_BATCH_FIRST = 8  # rows read after a jump; grows while rows are not folded
_LAST_CHARACTER = 0x10FFFF


class Row(NamedTuple):
    """An object, or an upload (``id`` set). ``value`` is the caller's own."""

    key: str
    value: Any
    id: str = ""


class Cursor(NamedTuple):
    """A place in the index.

    Behind it lie rows of a greater key; of the same key all if ``is_inclusive``, else, where
    ``id`` is not empty, those of a greater id.
    """

    key: str
    is_inclusive: bool = False
    id: str = ""


_START = Cursor("")  # keys are never empty: everything is behind it

Scan = Callable[[Cursor, str, int], Sequence[Row]]
"""(cursor, prefix, limit) -> at most ``limit`` rows behind the cursor whose key begins with
``prefix``, in order of (key, id). Fewer than ``limit`` means that there are no more."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for. ``limit`` is what the caller named, from 0; see :func:`parse_limit`."""

    prefix: str = ""
    delimiter: str = ""
    after: Cursor = _START
    limit: int = KEYS_MAX


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown. ``last`` is the last key or common prefix of it; None if nothing is shown.

    ``resume`` is where the next page begins; None if this is the last one.
    """

    rows: list[Row]
    common_prefixes: list[str]
    last: Row | str | None
    resume: Cursor | None

    @property
    def is_truncated(self) -> bool:
        """Whether more follows."""
        return self.resume is not None


def page(scan: Scan, query: Query) -> Page:
    """Read one page.

    Rows and common prefixes together are at most ``min(query.limit, KEYS_MAX)``; a common
    prefix ends with the first delimiter behind the prefix and stands for all keys under it.
    """
    limit = min(query.limit, KEYS_MAX)
    rows: list[Row] = []
    prefixes: list[str] = []
    last: Row | str | None = None
    if limit > 0:
        for entry in _entries(scan, query, limit + 1):
            if len(rows) + len(prefixes) == limit:
                return Page(rows, prefixes, last, _behind(last))
            if isinstance(entry, str):
                prefixes.append(entry)
            else:
                rows.append(entry)
            last = entry
    return Page(rows, prefixes, last, None)


def after_marker(marker: str, prefix: str, delimiter: str, upload_id: str = "") -> Cursor:
    """Where a page of ListObjects or ListMultipartUploads begins.

    A marker inside a common prefix leaves that prefix out: it was on the page before. (Not so
    StartAfter of ListObjectsV2: give that as ``Cursor(start_after)``.)
    """
    if common := _common_prefix(marker, prefix, delimiter):
        return beyond(common)
    return Cursor(marker, id=upload_id)


def encode_token(cursor: Cursor) -> str:
    """ListObjectsV2's NextContinuationToken: opaque, safe in a URL."""
    kind = "=" if cursor.is_inclusive else ">"
    return base64.urlsafe_b64encode((kind + cursor.key).encode()).decode("ascii")


def decode_token(token: str) -> Cursor:
    """The place that :func:`encode_token` wrote down.

    Raises:
        Invalid: ``InvalidArgument``: not one of our tokens.
    """
    try:
        text = base64.b64decode(token, altchars=b"-_", validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        text = ""
    if text[:1] not in ("=", ">"):
        raise Invalid("The continuation token provided is incorrect", code="InvalidArgument")
    return Cursor(text[1:], is_inclusive=text[0] == "=")


def parse_limit(text: str | None, name: str = "max-keys") -> int:
    """``max-keys``, ``max-uploads`` or ``max-parts`` as a number; KEYS_MAX if absent or empty.

    Raises:
        Invalid: ``InvalidArgument``: not an integer from 0 to 2147483647.
    """
    if not text:
        return KEYS_MAX
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) < 2**31):
        raise Invalid(
            f"Provided {name} not an integer or within integer range", code="InvalidArgument"
        )
    return int(text)


def encode(text: str, encoding_type: str | None) -> str:
    """A key, prefix, delimiter or marker as the answer spells it under ``encoding-type``.

    ``url`` percent-encodes all but letters, digits and ``-_.~/``, a space as ``%20``.

    Raises:
        Invalid: ``InvalidArgument``: an encoding type other than ``url``.
    """
    if not encoding_type:
        return text
    if encoding_type != "url":
        raise Invalid("Invalid Encoding Method specified in Request", code="InvalidArgument")
    return quote(text, safe="/")


def _entries(scan: Scan, query: Query, needed: int) -> Iterator[Row | str]:
    """Rows and common prefixes in order; at most ``needed`` of them will be asked for."""
    cursor: Cursor | None = query.after
    batch = _BATCH_FIRST if query.delimiter else needed
    while cursor is not None:
        found = scan(cursor, query.prefix, batch)
        cursor = Cursor(found[-1].key, id=found[-1].id) if len(found) == batch else None
        folded = ""
        for row in found:
            if folded and row.key.startswith(folded):
                continue
            folded = _common_prefix(row.key, query.prefix, query.delimiter)
            yield folded or row
        if cursor is not None and folded:
            cursor, batch = beyond(folded), _BATCH_FIRST
        else:
            batch = min(batch * 2, needed)


def _common_prefix(key: str, prefix: str, delimiter: str) -> str:
    """The prefix under which ``key`` is folded; empty if it is not."""
    if not delimiter or not key.startswith(prefix):
        return ""
    at = key.find(delimiter, len(prefix))
    return key[: at + len(delimiter)] if at >= 0 else ""


def _behind(entry: Row | str | None) -> Cursor | None:
    if entry is None:
        return None
    return beyond(entry) if isinstance(entry, str) else Cursor(entry.key, id=entry.id)


def beyond(prefix: str) -> Cursor:
    """The first place behind every key that begins with ``prefix``; also the end of its range."""
    stem = prefix.rstrip(chr(_LAST_CHARACTER))
    if not stem:  # nothing sorts behind these but a key longer than keys may be
        return Cursor(chr(_LAST_CHARACTER) * (KEYS_MAX * 2))
    point = ord(stem[-1]) + 1
    if 0xD800 <= point <= 0xDFFF:  # surrogates are no characters and sort nowhere in UTF-8
        point = 0xE000
    return Cursor(stem[:-1] + chr(point), is_inclusive=True)

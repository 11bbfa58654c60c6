"""Typed readings of texts that conditions compare: numbers, instants, networks, bytes.

Each function answers None for what it does not understand; the caller decides what that means.
Nothing here is lenient: what is read wrongly could allow.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,64}(?:\.[0-9]{0,64})?|\.[0-9]{1,64})(?:[eE][+-]?[0-9]{1,2})?\Z"
)
# W3C's profile of ISO 8601: a year, a month, a day, or an instant to the minute or finer with its
# zone.
_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:[Tt]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?([Zz]|[+-][0-9]{2}:?[0-9]{2}))?)?)?\Z"
)
# The commonest form of all.
_COMMON = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")
_EPOCH = re.compile(r"(?:[0-9]{1,3}|[0-9]{5,19})(?:\.[0-9]{1,9})?\Z")
_START = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST = (1, 1, 1, 0, 0, 0)
_CACHED = 4096


class Network(NamedTuple):
    """An address range: ``bits`` is an address with the host part cleared by ``mask``."""

    version: int
    mask: int
    bits: int


def number(text: str) -> Decimal | int | None:
    """A decimal number, never a binary float, infinity or NaN."""
    if text.isascii() and text.isdigit() and len(text) <= 64:
        return int(text)
    return Decimal(text) if _NUMBER.match(text) else None


@lru_cache(maxsize=_CACHED)
def instant(text: str) -> Decimal | int | None:
    """Epoch seconds, UTC, from W3C ISO 8601 or from epoch seconds (four digits are a year)."""
    if _COMMON.match(text):
        try:
            since = datetime.fromisoformat(text) - _START
        except ValueError:
            return None
        return since.days * 86_400 + since.seconds
    if _EPOCH.match(text):
        return Decimal(text)
    found = _DATE.match(text)
    if found is None:
        return None
    *clock, fraction, zone = found.groups()
    try:
        year, month, day, hour, minute, second = (
            int(part or least) for part, least in zip(clock, _LEAST, strict=True)
        )
        moment = datetime(year, month, day, hour, minute, second, tzinfo=_zone(zone))
        since = moment - _START
    except (ValueError, OverflowError):
        return None
    return Decimal(since.days * 86_400 + since.seconds) + Decimal("0." + (fraction or "0"))


def _zone(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def network(text: str) -> Network | None:
    """A CIDR range or a single address. Host bits under the mask are ignored."""
    host, slash, length = text.partition("/")
    found = address(host)
    if found is None:
        return None
    version, bits = found
    width = 32 if version == 4 else 128
    if not slash:
        return Network(version, (1 << width) - 1, bits)
    if not (length.isascii() and length.isdigit() and len(length) <= 3 and int(length) <= width):
        return None
    mask = ((1 << width) - 1) ^ ((1 << (width - int(length))) - 1)
    return Network(version, mask, bits & mask)


@lru_cache(maxsize=_CACHED)
def address(text: str) -> tuple[int, int] | None:
    """Version and number of a single address; a range is none."""
    if text.count(".") == 3 and ":" not in text:
        return _v4(text)
    if "%" in text:  # a zone names a link, not an address
        return None
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return found.version, int(found)


def _v4(text: str) -> tuple[int, int] | None:
    try:
        a, b, c, d = octets = tuple(map(int, text.split(".")))
    except ValueError:
        return None
    is_plain = "%d.%d.%d.%d" % octets == text  # noqa: UP031 - no signs, no leading zeros
    if not is_plain or max(octets) > 255 or min(octets) < 0:
        return None
    return 4, a << 24 | b << 16 | c << 8 | d


def octets(text: str) -> bytes | None:
    """What base64 text stands for."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def truth(text: str) -> str | None:
    """``true`` or ``false``, without regard to case."""
    lowered = text.lower()
    return lowered if lowered in ("true", "false") else None

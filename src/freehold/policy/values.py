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
_EPOCH = re.compile(r"(?:[0-9]{1,3}|[0-9]{5,19})(?:\.[0-9]{1,9})?\Z")
_START = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST = (1, 1, 1, 0, 0, 0)
_CACHED = 4096


class Network(NamedTuple):
    """An address range: ``bits`` is an address with the host part cleared by ``mask``."""

    version: int
    mask: int
    bits: int


def number(text: str) -> Decimal | None:
    """A decimal number, never a binary float, infinity or NaN."""
    return Decimal(text) if _NUMBER.match(text) else None


@lru_cache(maxsize=_CACHED)
def instant(text: str) -> Decimal | None:
    """Epoch seconds, UTC, from W3C ISO 8601 or from epoch seconds (four digits are a year)."""
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
    address, slash, length = text.partition("/")
    found = _address(address)
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
def _address(text: str) -> tuple[int, int] | None:
    if "%" in text:
        return None
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return address.version, int(address)


def address(text: str) -> tuple[int, int] | None:
    """Version and number of a single address; a range is none."""
    return _address(text)


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

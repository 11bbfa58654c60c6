"""Names that we invent, in the forms that AWS gives them. Randomness enters the house here."""

from __future__ import annotations

import os
import random
import re
import secrets
import string
import time

_LOWER = string.ascii_lowercase + string.digits
_UPPER = string.ascii_uppercase + "234567"
_UUID_BITS = 0x7000_8000_0000_0000_0000  # RFC 9562, 5.7: version 7, variant 10
_UUID_MASK = ~0xF000_C000_0000_0000_0000
_UUID = re.compile(r"([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_SECRET = string.ascii_letters + string.digits + "+/"


def _pick(alphabet: str, length: int) -> str:
    """Drawn at once, since each call for randomness is a call of the kernel's.

    Eight bytes more than are needed make every letter as likely as any other.
    """
    drawn, size = int.from_bytes(os.urandom(length + 8)), len(alphabet)
    letters: list[str] = []
    for _ in range(length):
        drawn, letter = divmod(drawn, size)
        letters.append(alphabet[letter])
    return "".join(letters)


def domain_id() -> str:
    """``d-`` and twelve lower-case alphanumerics, as seen on AWS."""
    return "d-" + _pick(_LOWER, 12)


def hex_id(prefix: str, length: int = 17) -> str:
    """EC2's and EFS's form: ``fs-0123456789abcdef0``."""
    return f"{prefix}-{secrets.token_hex((length + 1) // 2)[:length]}"


def unique_id(prefix: str) -> str:
    """IAM's form: four letters of kind, such as ``AKIA`` or ``AROA``, and 16 more."""
    return prefix + _pick(_UPPER, 16)


def secret_key() -> str:
    """Forty characters, as IAM's secret access keys."""
    return _pick(_SECRET, 40)


def request_id() -> str:
    """A UUID, as AWS's ``x-amzn-RequestId``. It names a call and proves nothing.

    It begins with the time, so that the audit log finds it without an index: on random ids one
    would double what an entry costs to write.
    """
    at = time.time_ns() // 1_000_000 << 80
    drawn = at | random.getrandbits(80) & _UUID_MASK | _UUID_BITS
    text = f"{drawn:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def requested_at(request_id: str) -> float | None:
    """When a request id was given, in epoch seconds; None if it is not one of ours."""
    found = _UUID.fullmatch(request_id)
    return None if found is None else int(found[1] + found[2], 16) / 1000


def token(length: int = 32) -> str:
    """A URL-safe secret of ``length`` random bytes."""
    return secrets.token_urlsafe(length)


def suffix(length: int = 8) -> str:
    """Lower-case alphanumerics for names that must not clash."""
    return _pick(_LOWER, length)

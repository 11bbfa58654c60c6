"""Names that we invent, in the forms that AWS gives them. Randomness enters the house here."""

from __future__ import annotations

import secrets
import string
import uuid

_LOWER = string.ascii_lowercase + string.digits
_UPPER = string.ascii_uppercase + "234567"
_SECRET = string.ascii_letters + string.digits + "+/"


def _pick(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


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
    """A UUID, as AWS's ``x-amzn-RequestId``."""
    return str(uuid.uuid4())


def token(length: int = 32) -> str:
    """A URL-safe secret of ``length`` random bytes."""
    return secrets.token_urlsafe(length)


def suffix(length: int = 8) -> str:
    """Lower-case alphanumerics for names that must not clash."""
    return _pick(_LOWER, length)

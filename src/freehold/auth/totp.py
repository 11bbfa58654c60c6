"""One-time codes of MFA devices: RFC 6238 with SHA-1, six digits and steps of thirty seconds.

``services/iam`` checks two codes in a row when a device is enabled, ``services/sts`` one code a
session. A step that was used is given back as ``last``, so that no code works twice.
"""

from __future__ import annotations

import hmac
from base64 import b32decode
from binascii import Error as NotBase32

STEP_SECONDS = 30
DIGITS = 6
DRIFT_STEPS = 1  # a device's clock may be this many steps away from ours


def code(seed: str, step: int) -> str:
    """The code of one step.

    Args:
        seed: Base32, as people type it into their authenticator; padding and case are free.
        step: Epoch seconds divided by STEP_SECONDS, whole.

    Raises:
        ValueError: The seed is not base32.
    """
    packed = "".join(seed.split()).rstrip("=").upper()
    try:
        key = b32decode(packed + "=" * (-len(packed) % 8))
    except NotBase32:
        raise ValueError("a seed is base32") from None
    digest = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(at: float) -> int:
    """The step that an instant lies in."""
    return int(at // STEP_SECONDS)


def matched(seed: str, given: str, now: float, last: int | None = None) -> int | None:
    """The step whose code was given; None if no step near ``now`` and after ``last`` has it.

    All steps are compared whatever matches, so that the time taken tells nothing.
    """
    if len(given) != DIGITS or not (given.isascii() and given.isdigit()):
        return None
    here, found = step_of(now), None
    for step in range(here - DRIFT_STEPS, here + DRIFT_STEPS + 1):
        is_fresh = last is None or step > last
        if hmac.compare_digest(code(seed, max(0, step)), given) and is_fresh:
            found = step
    return found

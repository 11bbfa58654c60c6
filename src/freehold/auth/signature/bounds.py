"""When and where a claim holds: its date, its lifetime, its region and service.

Asked by ``sigv4.verify`` before any hashing. The words are AWS's, since people search for
them; the instants in them are the server's own.
Source: S3 API, "Authenticating Requests: Using Query Parameters"; IAM User Guide,
"Troubleshoot signed requests".
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime
from functools import lru_cache

from freehold.auth.refusals import malformed, refusal
from freehold.auth.signature.credential import Credential
from freehold.base.errors import Fault, Unauthenticated

SKEW_SECONDS = 15 * 60
PRESIGN_SECONDS_MAX = 604_800  # seven days: S3 API, X-Amz-Expires
_AMZ_DATE = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_UNDATED_S3 = "AWS authentication requires a valid Date or x-amz-date header"
_UNDATED = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."


def check_time(credential: Credential, now: float) -> None:
    """Refuse a claim that is too old, too new, or scoped to another day than its date.

    Raises:
        Unauthenticated: In the words of the credential's family.
    """
    family, amz_date = credential.family, credential.amz_date
    try:
        at = instant(amz_date)
    except ValueError:
        raise _undated(credential) from None
    if credential.date != amz_date[:8]:
        raise _wrong_day(credential)
    if credential.is_presigned and credential.expires is not None:
        lifetime = _lifetime(credential)
        if family == "s3" and now > at + lifetime:
            raise Unauthenticated("Request has expired", code="AccessDenied")
        if family == "s3" and now < at - SKEW_SECONDS:
            raise Unauthenticated("Request is not valid yet", code="AccessDenied")
    else:
        lifetime = SKEW_SECONDS
    if at - SKEW_SECONDS <= now <= at + lifetime:
        return
    words = None
    if family in ("json", "query"):
        is_late = now > at
        edge = _amz(now - lifetime if is_late else now + SKEW_SECONDS)
        words = (
            f"Signature expired: {amz_date} is now earlier than {edge} "
            f"({_amz(now)} - {lifetime // 60} min.)"
            if is_late
            else f"Signature not yet current: {amz_date} is still later than {edge} "
            f"({_amz(now)} + {SKEW_SECONDS // 60} min.)"
        )
    raise refusal(family, "skewed", words)


def _amz(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")


def _lifetime(credential: Credential) -> int:
    text = credential.expires or ""
    if not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > 12:
        words = "X-Amz-Expires should be a number"
    elif text.startswith("-"):
        words = "X-Amz-Expires must be non-negative"
    elif int(text) > PRESIGN_SECONDS_MAX:
        words = (
            "X-Amz-Expires must be less than a week (in seconds); that is, the given "
            f"X-Amz-Expires must be less than {PRESIGN_SECONDS_MAX} seconds"
        )
    elif int(text) == 0:
        words = "X-Amz-Expires must be at least 1 second"
    else:
        return int(text)
    raise malformed(credential.family, words, is_presigned=True)


def check_scope(
    credential: Credential, region: str | None, services: Collection[str] | None
) -> None:
    """Refuse a claim made for another region or service; None means that any will do.

    Raises:
        Unauthenticated: In the words of the credential's family.
    """
    is_region_wrong = region is not None and credential.region != region
    is_service_wrong = services is not None and credential.service not in services
    if not is_region_wrong and not is_service_wrong:
        return
    wanted = sorted(services)[0] if services else ""
    where = "Error parsing the X-Amz-Credential parameter; " if credential.is_presigned else ""
    if credential.family == "s3":
        words = (
            f"{where}the region '{credential.region[:64]}' is wrong; expecting '{region}'"
            if is_region_wrong
            else f'{where}incorrect service "{credential.service[:64]}". '
            f'This endpoint belongs to "{wanted}".'
        )
        raise malformed("s3", words, is_presigned=credential.is_presigned)
    words = ""
    if is_region_wrong:
        words = f"Credential should be scoped to a valid region, not '{credential.region[:64]}'. "
    if is_service_wrong:
        words += f"Credential should be scoped to correct service: '{wanted}'. "
    raise refusal(credential.family, "scope", words.rstrip())


@lru_cache(maxsize=256)
def instant(amz_date: str) -> float:
    """``YYYYMMDDTHHMMSSZ`` as epoch seconds.

    Raises:
        ValueError: It does not have that form.
    """
    if not _AMZ_DATE.fullmatch(amz_date):
        raise ValueError(amz_date)
    return datetime.strptime(amz_date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()


def _undated(credential: Credential) -> Fault:
    if credential.is_presigned:
        words = "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        return malformed(credential.family, words, is_presigned=True)
    if credential.family == "s3":
        return Unauthenticated(_UNDATED_S3, code="AccessDenied")
    if credential.amz_date:
        words = "Date must be in ISO-8601 'basic format'. "
        words += f"Got '{credential.amz_date[:32]}'. See http://en.wikipedia.org/wiki/ISO_8601"
        return refusal(credential.family, "incomplete", words)
    return refusal(credential.family, "incomplete", _UNDATED)


def _wrong_day(credential: Credential) -> Unauthenticated:
    day, signed = credential.date[:32], credential.amz_date
    if credential.family == "s3":
        words = f'Invalid credential date "{day}". This date is not the same as X-Amz-Date: '
        return malformed("s3", f'{words}"{signed[:8]}".', is_presigned=credential.is_presigned)
    return refusal(
        credential.family,
        "scope",
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
        f"HTTP: '{day}' != '{signed[:8]}', from '{signed}'.",
    )

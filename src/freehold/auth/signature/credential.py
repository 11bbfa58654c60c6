"""What a request claims about its signer, read from the header or the query, unverified.

The edge calls ``scope_of`` before anything else of a request is looked at; routing may use
the scope's service, but nothing is believed until ``sigv4.verify`` has passed.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import unquote

from freehold.auth.refusals import Family, malformed, refusal
from freehold.auth.signature.canonical import ALGORITHM
from freehold.base.errors import Fault, Invalid

TERMINATOR = "aws4_request"
AUTHORIZATION_CHARS_MAX = 8192  # S3 refuses header sections above 8 KB

_USUAL = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(([^/,\s]*)/([^/,\s]*)/([^/,\s]*)/aws4_request),"
    r" ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})"
)
_HEX_64 = re.compile(r"[0-9a-f]{64}")
_QUERY_NAMES = ("Algorithm", "Credential", "Signature", "Date", "SignedHeaders")


class Credential(NamedTuple):
    """The claim. ``amz_date`` is ``YYYYMMDDTHHMMSSZ`` or "" where the request has no date.

    ``scope`` is ``date/region/service/aws4_request``; ``signed_headers`` is joined by ``;``;
    ``expires`` is the text of ``X-Amz-Expires``, None where absent; ``family`` picks the words.
    """

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: str
    signature: str
    amz_date: str
    token: str | None
    is_presigned: bool
    expires: str | None
    family: Family
    scope: str


def scope_of(
    headers: Mapping[str, str], raw_query: str, family: Family = "json"
) -> Credential | None:
    """Read the claim; None if the request bears no signature at all.

    Args:
        headers: Names in lower case; repeated ones joined by ``,``.
        raw_query: As it stood on the wire, without ``?``.
        family: Whose words a refusal uses.

    Raises:
        Unauthenticated: There is a signature, but it cannot be read.
        Invalid: S3 only: another scheme, or two signatures at once.
    """
    header = headers.get("authorization")
    if header is None:
        return _from_query(headers, raw_query, family) if "X-Amz-" in raw_query else None
    if raw_query and "X-Amz-Algorithm=" in raw_query:
        raise _two_schemes(family)
    if match := _USUAL.fullmatch(header):
        access_key_id, scope, date, region, service, signed, signature = match.groups()
    else:
        access_key_id, scope, date, region, service, signed, signature = _unusual(header, family)
    return Credential(
        access_key_id,
        date,
        region,
        service,
        signed,
        signature,
        headers.get("x-amz-date") or _date_header(headers),
        headers.get("x-amz-security-token") or None,
        False,
        None,
        family,
        scope,
    )


def _unusual(header: str, family: Family) -> tuple[str, str, str, str, str, str, str]:
    """The same seven parts from a header in another order or spacing, or why not."""
    scheme, _, rest = header.partition(" ")
    if scheme != ALGORITHM or len(header) > AUTHORIZATION_CHARS_MAX:
        raise _other_scheme(scheme, family)
    parts: dict[str, str] = {}
    for item in rest.split(","):
        name, equals, value = item.strip().partition("=")
        if not equals or name in parts:
            raise malformed(family, _not_a_pair(item), is_presigned=False)
        parts[name] = value
    wanted = ("Credential", "Signature", "SignedHeaders")
    if lacking := [name for name in wanted if not parts.get(name)]:
        raise malformed(family, _lacking(lacking, header, family), is_presigned=False)
    access_key_id, date, region, service, scope = _split_credential(
        parts["Credential"], family, is_presigned=False
    )
    signature = _hex(parts["Signature"], family)
    return access_key_id, scope, date, region, service, parts["SignedHeaders"], signature


def _from_query(headers: Mapping[str, str], raw_query: str, family: Family) -> Credential | None:
    found: dict[str, str] = {}
    for pair in raw_query.split("&"):
        name, _, value = pair.partition("=")
        if name.startswith("X-Amz-"):
            if name in found:
                raise malformed(family, f"{name} is given more than once.", is_presigned=True)
            found[name] = unquote(value)
    if not found.keys() & {"X-Amz-Algorithm", "X-Amz-Signature", "X-Amz-Credential"}:
        return None
    lacking = [name for name in _QUERY_NAMES if not found.get(f"X-Amz-{name}")]
    if family == "s3" and not found.get("X-Amz-Expires"):
        lacking.append("Expires")
    if lacking:
        raise malformed(family, _lacking_in_query(lacking, family), is_presigned=True)
    if found["X-Amz-Algorithm"] != ALGORITHM:
        raise _other_scheme(found["X-Amz-Algorithm"], family, is_presigned=True)
    access_key_id, date, region, service, scope = _split_credential(
        found["X-Amz-Credential"], family, is_presigned=True
    )
    return Credential(
        access_key_id,
        date,
        region,
        service,
        found["X-Amz-SignedHeaders"],
        _hex(found["X-Amz-Signature"], family),
        found["X-Amz-Date"],
        found.get("X-Amz-Security-Token") or headers.get("x-amz-security-token") or None,
        True,
        found.get("X-Amz-Expires"),
        family,
        scope,
    )


def _split_credential(
    text: str, family: Family, *, is_presigned: bool
) -> tuple[str, str, str, str, str]:
    parts = text.split("/")
    if len(parts) == 5 and parts[0] and parts[4] == TERMINATOR:
        return parts[0], parts[1], parts[2], parts[3], text[len(parts[0]) + 1 :]
    if family == "s3":
        words = 'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/'
        words += 'aws4_request".'
        if is_presigned:
            words = f"Error parsing the X-Amz-Credential parameter; {words}"
        raise malformed(family, words, is_presigned=is_presigned)
    if len(parts) == 5 and parts[0]:
        raise refusal(
            family,
            "scope",
            f"Credential should be scoped with a valid terminator: '{TERMINATOR}', "
            f"not '{parts[4][:64]}'.",
        )
    raise malformed(
        family,
        "Credential must have exactly 5 slash-delimited elements, e.g. "
        f"keyid/date/region/service/term, got '{text[:256]}'",
        is_presigned=is_presigned,
    )


def _hex(signature: str, family: Family) -> str:
    if not _HEX_64.fullmatch(signature):
        raise refusal(family, "mismatch", detail="signature is not 64 lower-case hex digits")
    return signature


def _date_header(headers: Mapping[str, str]) -> str:
    """The ``Date`` header as ``YYYYMMDDTHHMMSSZ``; "" if there is none that can be read."""
    text = headers.get("date", "")
    if len(text) == 16 and text[8] == "T":
        return text
    try:
        moment = parsedate_to_datetime(text) if text else None
        return "" if moment is None else moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _two_schemes(family: Family) -> Fault:
    words = (
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature "
        "query string parameter or the Authorization header should be specified"
    )
    if family == "s3":
        return Invalid(words, code="InvalidArgument")
    return refusal(family, "incomplete", words)


def _other_scheme(scheme: str, family: Family, *, is_presigned: bool = False) -> Fault:
    if family != "s3":
        return refusal(family, "incomplete", f"Unsupported AWS 'algorithm': '{scheme[:64]}'.")
    if is_presigned:
        return malformed(
            "s3", 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"', is_presigned=True
        )
    return Invalid(
        "The authorization mechanism you have provided is not supported. "
        "Please use AWS4-HMAC-SHA256.",
        code="InvalidRequest",
    )


def _lacking(names: list[str], header: str, family: Family) -> str:
    if family == "s3":
        return (
            "the authorization header requires three components: "
            "Credential, SignedHeaders, and Signature."
        )
    digest = b64encode(sha256(header.encode("utf-8", "replace")).digest()).decode()
    words = " ".join(f"Authorization header requires '{name}' parameter." for name in names)
    return f"{words} (Hashed with SHA-256 and encoded with Base64) Authorization={digest}"


def _lacking_in_query(names: list[str], family: Family) -> str:
    if family == "s3":
        return (
            "Query-string authentication version 4 requires the X-Amz-Algorithm, "
            "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
            "X-Amz-Expires parameters."
        )
    return " ".join(f"AWS query-string parameters must include 'X-Amz-{name}'." for name in names)


def _not_a_pair(item: str) -> str:
    digest = b64encode(sha256(item.encode("utf-8", "replace")).digest()).decode()
    return (
        "Invalid key=value pair (missing equal-sign) in Authorization header "
        f"(hashed with SHA-256 and encoded with Base64): '{digest}'."
    )

"""Whether a signature is true: Signature Version 4, by header and by query.

The edge reads a claim (``scope_of``), finds the secret of its key, and calls ``verify`` with
the request as it stood on the wire; silence means that the key's holder signed exactly this.
Source: IAM User Guide, "AWS Signature Version 4 for API requests"; S3 API, "Authenticating
Requests".
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection, Mapping
from urllib.parse import parse_qs

from freehold.auth.refusals import Family, content_mismatch, refusal
from freehold.auth.signature.bounds import check_scope, check_time
from freehold.auth.signature.canonical import (
    UNSIGNED_PAYLOAD,
    path_text,
    query_text,
    recoded_path,
    recoded_query,
    signed_headers,
    string_to_sign,
)
from freehold.auth.signature.credential import Credential, scope_of
from freehold.auth.signature.signing_keys import SigningKeys, signing_key
from freehold.base.errors import Invalid, Unauthenticated

__all__ = ["Credential", "Family", "SigningKeys", "scope_of", "signing_key", "verify"]

STREAMING_PAYLOADS = frozenset(
    {
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    }
)
_HEX_64 = re.compile(r"[0-9a-f]{64}")


def verify(
    method: str,
    raw_path: str,
    raw_query: str,
    headers: Mapping[str, str],
    body_sha256: str | None,
    credential: Credential,
    secret: str,
    now: float,
    region_expected: str | None,
    services_expected: Collection[str] | None,
    *,
    keys: SigningKeys | None = None,
) -> None:
    """Prove that the holder of ``secret`` signed this request, for here and for now.

    All text is what stood on the wire, decoded as latin-1.

    Args:
        method: Upper case, as sent.
        raw_path: Still percent-encoded, without the query. Not resolved: see
            ``canonical.normalized_path`` for what to route by.
        raw_query: Still percent-encoded, without ``?``; "" if none.
        headers: Names in lower case, values of repeated headers joined by ``,``.
        body_sha256: Lower-case hex. None only for S3 bodies that stream: then a literal hash
            in ``x-amz-content-sha256`` is trusted here and the gateway must compare it at the
            end (``refusals.content_mismatch``).
        credential: What ``scope_of`` read from this same request.
        secret: Of ``credential.access_key_id``, looked up just now.
        now: Epoch seconds.
        region_expected: None where any region will do.
        services_expected: Scope names that may be signed for, such as ``{"sagemaker"}``.
        keys: Remembers derived keys over calls; about half the cost of a call without.

    Raises:
        Unauthenticated: With AWS's code and words of the credential's family.
        Invalid: S3 only: the content hash is missing, malformed or not the body's.
    """
    check_time(credential, now)
    check_scope(credential, region_expected, services_expected)
    signed = signed_headers(credential.signed_headers)
    names = signed.names
    if "host" not in names:
        raise _host_unsigned(credential)
    for name in headers:
        if name[:6] == "x-amz-" and name not in names:
            raise _header_unsigned(credential, name)
    if credential.family == "s3":
        payload = _s3_payload(headers, raw_query, body_sha256, credential)
    else:
        payload = _payload(headers, body_sha256, credential)
    try:
        block = signed.block(headers)
    except (KeyError, ValueError) as error:
        detail = f"signed header missing or broken: {error}"
        raise refusal(credential.family, "mismatch", detail=detail) from None
    tail = f"{block}\n{credential.signed_headers}\n{payload}"
    key = None if keys is None else keys.find(credential, secret)
    derived = key or signing_key(secret, credential.date, credential.region, credential.service)
    if not _is_signed(method, raw_path, raw_query, tail, credential, derived):
        raise refusal(credential.family, "mismatch")
    if keys is not None and key is None:
        keys.keep(credential, secret, derived)


def _is_signed(
    method: str, raw_path: str, raw_query: str, tail: str, credential: Credential, key: bytes
) -> bool:
    """Compare with the text as nearly every signer makes it, then with the strict encoding."""
    is_s3, is_presigned = credential.family == "s3", credential.is_presigned
    path = path_text(raw_path, is_s3=is_s3)
    query = query_text(raw_query, is_presigned=is_presigned) if raw_query else ""
    if _matches(f"{method}\n{path}\n{query}\n{tail}", credential, key):
        return True
    strict_path = recoded_path(raw_path) if is_s3 else path
    strict = query_text(recoded_query(raw_query), is_presigned=is_presigned) if raw_query else ""
    if (strict_path, strict) == (path, query):
        return False
    return _matches(f"{method}\n{strict_path}\n{strict}\n{tail}", credential, key)


def _matches(canonical_request: str, credential: Credential, key: bytes) -> bool:
    try:
        text = string_to_sign(credential.amz_date, credential.scope, canonical_request)
    except UnicodeEncodeError:
        return False
    return hmac.compare_digest(hmac.digest(key, text, "sha256").hex(), credential.signature)


def _payload(headers: Mapping[str, str], body_sha256: str | None, credential: Credential) -> str:
    """The hash that was signed, for services that always sign the body."""
    if body_sha256 is None:
        raise refusal(credential.family, "mismatch", detail="the body was not hashed")
    declared = headers.get("x-amz-content-sha256")
    if declared is not None and declared != body_sha256:
        raise refusal(
            credential.family, "mismatch", detail="x-amz-content-sha256 is not the body's"
        )
    return body_sha256


def _s3_payload(
    headers: Mapping[str, str], raw_query: str, body_sha256: str | None, credential: Credential
) -> str:
    declared = headers.get("x-amz-content-sha256")
    if declared is None and credential.is_presigned:
        # A presigned URL carries it, if at all, as a signed parameter.
        values = parse_qs(raw_query).get("X-Amz-Content-Sha256", [UNSIGNED_PAYLOAD])
        declared = values[0]
    if declared is None:
        raise Invalid(
            "Missing required header for this request: x-amz-content-sha256", code="InvalidRequest"
        )
    if declared == UNSIGNED_PAYLOAD or declared in STREAMING_PAYLOADS:
        return declared
    if not _HEX_64.fullmatch(declared):
        raise Invalid(
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
            f"{', '.join(sorted(STREAMING_PAYLOADS, reverse=True))} or a valid sha256 value.",
            code="InvalidArgument",
        )
    if body_sha256 is not None and declared != body_sha256:
        raise content_mismatch()
    return declared


def _host_unsigned(credential: Credential) -> Unauthenticated:
    if credential.family == "s3":
        return refusal("s3", "unsigned")
    words = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
    return refusal(credential.family, "unsigned", words)


def _header_unsigned(credential: Credential, name: str) -> Unauthenticated:
    if credential.family == "s3":
        return refusal("s3", "unsigned", detail=name)
    words = f"'{name[:128]}' must be a 'SignedHeader' in the AWS Authorization."
    return refusal(credential.family, "unsigned", words)

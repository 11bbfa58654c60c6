"""The signing side: what a request must bear so that ``sigv4.verify`` believes it.

Used by our own clients (the demo, loops that call the API, tests) and for the presigned URLs
that we hand out. Verification of query signatures is ``sigv4``'s own.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

from freehold.auth.signature.bounds import PRESIGN_SECONDS_MAX
from freehold.auth.signature.canonical import (
    ALGORITHM,
    EMPTY_SHA256,
    UNSIGNED_PAYLOAD,
    path_text,
    query_text,
    signed_headers,
    string_to_sign,
)
from freehold.auth.signature.signing_keys import signing_key


class Outgoing(NamedTuple):
    """A request to be signed: exactly as it will stand on the wire.

    ``headers`` has names in lower case and always ``host``; each of them is signed, so leave
    out what a hop may change. ``body_sha256`` is lower-case hex, or one of S3's words.
    """

    method: str
    raw_path: str
    raw_query: str
    headers: Mapping[str, str]
    body_sha256: str = EMPTY_SHA256


class Signer(NamedTuple):
    """Who signs, and for which region and service name of the credential scope."""

    access_key_id: str
    secret: str
    token: str | None
    region: str
    service: str


def sign(request: Outgoing, signer: Signer, at: float) -> dict[str, str]:
    """The headers to add: Authorization, X-Amz-Date and, as needed, token and content hash.

    Args:
        request: Signed as it is.
        signer: Its ``service`` being ``s3`` picks S3's reading of the path.
        at: Epoch seconds.
    """
    amz_date = _amz_date(at)
    added = {"x-amz-date": amz_date}
    if signer.token:
        added["x-amz-security-token"] = signer.token
    if signer.service == "s3":
        added["x-amz-content-sha256"] = request.body_sha256
    headers = {**request.headers, **added}
    joined = ";".join(sorted(headers))
    query = query_text(request.raw_query)
    signature = _signature(request, signer, amz_date, query, headers, joined, request.body_sha256)
    added["authorization"] = (
        f"{ALGORITHM} Credential={signer.access_key_id}/{_scope(signer, amz_date)}, "
        f"SignedHeaders={joined}, Signature={signature}"
    )
    return added


def presign(request: Outgoing, signer: Signer, at: float, expires_seconds: int) -> str:
    """The whole raw query of a URL that carries its own signature.

    The body of an S3 request is left free (``UNSIGNED-PAYLOAD``); any other's is signed.

    Args:
        request: Its headers must be sent by whoever uses the URL; usually only ``host``.
        signer: A session's URL ends with the session, however long it is said to live.
        at: Epoch seconds: when it begins to hold.
        expires_seconds: 1 to 604,800.
    """
    if not 1 <= expires_seconds <= PRESIGN_SECONDS_MAX:
        raise ValueError("a presigned URL lives from a second to a week")
    amz_date = _amz_date(at)
    joined = ";".join(sorted(request.headers))
    parameters = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{signer.access_key_id}/{_scope(signer, amz_date)}",
        "X-Amz-Date": amz_date,
        "X-Amz-Expires": str(expires_seconds),
        "X-Amz-SignedHeaders": joined,
    }
    if signer.token:
        parameters["X-Amz-Security-Token"] = signer.token
    own = "&".join(f"{name}={quote(value, safe='~')}" for name, value in parameters.items())
    raw_query = f"{request.raw_query}&{own}" if request.raw_query else own
    payload = UNSIGNED_PAYLOAD if signer.service == "s3" else request.body_sha256
    signature = _signature(
        request, signer, amz_date, query_text(raw_query), request.headers, joined, payload
    )
    return f"{raw_query}&X-Amz-Signature={signature}"


def _signature(
    request: Outgoing,
    signer: Signer,
    amz_date: str,
    query: str,
    headers: Mapping[str, str],
    joined: str,
    payload: str,
) -> str:
    path = path_text(request.raw_path, is_s3=signer.service == "s3")
    block = signed_headers(joined).block(headers)
    canonical = f"{request.method}\n{path}\n{query}\n{block}\n{joined}\n{payload}"
    text = string_to_sign(amz_date, _scope(signer, amz_date), canonical)
    key = signing_key(signer.secret, amz_date[:8], signer.region, signer.service)
    return hmac.digest(key, text, "sha256").hex()


def _scope(signer: Signer, amz_date: str) -> str:
    return f"{amz_date[:8]}/{signer.region}/{signer.service}/aws4_request"


def _amz_date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")

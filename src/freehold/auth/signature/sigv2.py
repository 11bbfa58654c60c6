"""S3's older presigned URLs (``AWSAccessKeyId``, ``Expires``, ``Signature``): HMAC-SHA1.

boto3 and the AWS CLI still make them by default for buckets in us-east-1, so S3 must take them;
headers are never signed so here, and no other service knows them. They carry no scope.
Source: S3 API, "Signing and authenticating REST requests", query string authentication.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from urllib.parse import unquote, unquote_plus

from freehold.auth.refusals import refusal
from freehold.auth.signature.credential import Credential
from freehold.base.errors import Unauthenticated

_NAMES = frozenset({"AWSAccessKeyId", "Expires", "Signature"})
# Parts of the query that are signed. Source: the page above; botocore.auth.HmacV1Auth.
_SIGNED = frozenset(
    {
        "accelerate",
        "acl",
        "analytics",
        "cors",
        "defaultObjectAcl",
        "delete",
        "inventory",
        "lifecycle",
        "location",
        "logging",
        "metrics",
        "notification",
        "object-lock",
        "partNumber",
        "policy",
        "replication",
        "requestPayment",
        "response-cache-control",
        "response-content-disposition",
        "response-content-encoding",
        "response-content-language",
        "response-content-type",
        "response-expires",
        "restore",
        "select",
        "select-type",
        "storageClass",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "versionId",
        "versioning",
        "versions",
        "website",
    }
)


def claim(raw_query: str) -> Credential | None:
    """What a query says of its signer, unverified; None if it says nothing of this kind."""
    if "AWSAccessKeyId=" not in raw_query or "SignatureVersion=" in raw_query:
        return None
    found: dict[str, str] = {}
    for pair in raw_query.split("&"):
        name, _, value = pair.partition("=")
        if name in _NAMES or name == "x-amz-security-token":
            if name in found:
                raise _malformed()
            found[name] = unquote_plus(value)
    if not found.keys() >= _NAMES:
        raise _malformed()
    return Credential(
        found["AWSAccessKeyId"],
        "",
        "",
        "s3",
        "",
        found["Signature"],
        "",
        found.get("x-amz-security-token") or None,
        True,
        found["Expires"],
        "s3",
        "",
    )


def is_mine(credential: Credential) -> bool:
    """Whether a claim is of this kind."""
    return credential.scope == ""


def verify(
    method: str,
    resource: str,
    raw_query: str,
    headers: Mapping[str, str],
    credential: Credential,
    secret: str,
    now: float,
) -> None:
    """Prove that the holder of ``secret`` made this URL, and that it has not expired.

    Args:
        method: Upper case; a HEAD may use what was signed for GET only if it was signed so.
        resource: The raw path, with the bucket in front where the host names it.
        raw_query: Still percent-encoded.
        headers: Names in lower case.
        credential: What ``claim`` read from this query.
        secret: Of ``credential.access_key_id``.
        now: Epoch seconds.

    Raises:
        Unauthenticated: In S3's words.
    """
    expires = credential.expires or ""
    if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
        raise Unauthenticated(f"Invalid date (should be seconds since epoch): {expires[:32]}",
                              code="AccessDenied")  # fmt: skip
    if now > int(expires):
        raise Unauthenticated("Request has expired", code="AccessDenied")
    # A bucket alone is signed as "/bucket/" by who knows buckets, whatever the URL says.
    spellings = [resource] if "/" in resource[1:] else [resource, f"{resource}/"]
    texts = [_text(method, spelt, raw_query, headers, expires) for spelt in spellings]
    if not any(_is_of(text, credential.signature, secret) for text in texts):
        raise refusal("s3", "mismatch")


def _is_of(text: str, signature: str, secret: str) -> bool:
    made = base64.b64encode(hmac.digest(secret.encode(), text.encode("latin-1", "replace"), "sha1"))
    return hmac.compare_digest(made, signature.encode("utf-8", "replace"))


def _text(
    method: str, resource: str, raw_query: str, headers: Mapping[str, str], expires: str
) -> str:
    """What was signed. Headers that a URL brings in its query count as the request's."""
    amz = {name: value.strip() for name, value in headers.items() if name.startswith("x-amz-")}
    plain = {name: headers.get(name, "") for name in ("content-md5", "content-type")}
    signed: list[tuple[str, str | None]] = []
    for pair in raw_query.split("&"):
        name, equals, value = pair.partition("=")
        lowered = name.lower()
        if lowered.startswith("x-amz-"):
            amz.setdefault(lowered, unquote_plus(value))
        elif lowered in plain:
            plain[lowered] = plain[lowered] or unquote_plus(value)
        elif name in _SIGNED:
            signed.append((name, unquote(value) if equals else None))
    lines = [method, plain["content-md5"], plain["content-type"], expires]
    lines += [f"{name}:{amz[name]}" for name in sorted(amz)]
    signed.sort(key=lambda item: item[0])
    tail = "&".join(name if value is None else f"{name}={value}" for name, value in signed)
    return "\n".join([*lines, resource + (f"?{tail}" if tail else "")])


def _malformed() -> Unauthenticated:
    return Unauthenticated(
        "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
        code="AccessDenied",
    )

"""AWS's codes and words for a caller who is not believed, by family of protocol.

Asked by every file of this room and by the edge (a key that nobody holds). The family is
how the service speaks: ``json`` (also REST-JSON), ``query`` (IAM, STS), ``ec2``, ``s3``.
Source: common errors of each API reference, S3 error responses; messages as AWS answers them.
"""

from __future__ import annotations

from typing import Literal

from freehold.base.errors import Fault, Invalid, Unauthenticated

Family = Literal["json", "query", "ec2", "s3"]
Reason = Literal[
    "missing",  # no credentials where some are needed
    "incomplete",  # credentials that cannot be read
    "unknown_key",  # well formed, but nobody's
    "bad_token",  # a session token that is altered, foreign or not this key's
    "expired",  # a session that has ended
    "skewed",  # the request's date is too far from ours
    "scope",  # the credential scope is not this region, service or day
    "unsigned",  # a header that must be signed is not
    "mismatch",  # the signature is not what we compute
]

_TOKEN_INVALID = "The security token included in the request is invalid."  # noqa: S105
_TOKEN_EXPIRED = "The security token included in the request is expired"  # noqa: S105
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
)
_EC2_FAILURE = "AWS was not able to validate the provided access credentials"

_WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "json": {
        "missing": ("MissingAuthenticationTokenException", "Missing Authentication Token"),
        "incomplete": ("IncompleteSignatureException", "The request signature is incomplete."),
        "unknown_key": ("UnrecognizedClientException", _TOKEN_INVALID),
        "bad_token": ("UnrecognizedClientException", _TOKEN_INVALID),
        "expired": ("ExpiredTokenException", _TOKEN_EXPIRED),
        "skewed": ("InvalidSignatureException", "Signature expired."),
        "scope": ("InvalidSignatureException", "Credential should be scoped to a valid region."),
        "unsigned": ("InvalidSignatureException", "A header that must be signed is not."),
        "mismatch": ("InvalidSignatureException", _MISMATCH),
    },
    "query": {
        "missing": ("MissingAuthenticationToken", "Request is missing Authentication Token"),
        "incomplete": ("IncompleteSignature", "The request signature is incomplete."),
        "unknown_key": ("InvalidClientTokenId", _TOKEN_INVALID),
        "bad_token": ("InvalidClientTokenId", _TOKEN_INVALID),
        "expired": ("ExpiredToken", _TOKEN_EXPIRED),
        "skewed": ("SignatureDoesNotMatch", "Signature expired."),
        "scope": ("SignatureDoesNotMatch", "Credential should be scoped to a valid region."),
        "unsigned": ("SignatureDoesNotMatch", "A header that must be signed is not."),
        "mismatch": ("SignatureDoesNotMatch", _MISMATCH),
    },
    "ec2": {
        "missing": ("MissingAuthenticationToken", "Request is missing Authentication Token"),
        "incomplete": ("IncompleteSignature", "The request signature is incomplete."),
        "unknown_key": ("AuthFailure", _EC2_FAILURE),
        "bad_token": ("AuthFailure", _EC2_FAILURE),
        "expired": ("RequestExpired", "Request has expired."),
        "skewed": ("RequestExpired", "Request has expired."),
        "scope": ("AuthFailure", "Credential should be scoped to a valid region."),
        "unsigned": ("AuthFailure", "A header that must be signed is not."),
        "mismatch": ("AuthFailure", _EC2_FAILURE),
    },
    "s3": {
        "missing": ("AccessDenied", "Access Denied"),
        "incomplete": ("AuthorizationHeaderMalformed", "The authorization header is malformed."),
        "unknown_key": (
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        ),
        "bad_token": ("InvalidToken", "The provided token is malformed or otherwise invalid."),
        "expired": ("ExpiredToken", "The provided token has expired."),
        "skewed": (
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        ),
        "scope": ("AuthorizationHeaderMalformed", "The authorization header is malformed."),
        "unsigned": (
            "AccessDenied",
            "There were headers present in the request which were not signed",
        ),
        "mismatch": (
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method.",
        ),
    },
}


def refusal(
    family: Family, reason: Reason, message: str | None = None, *, detail: str = ""
) -> Unauthenticated:
    """The fault to raise. ``message`` replaces the family's usual words; the code stays."""
    code, words = _WORDS[family][reason]
    return Unauthenticated(message or words, code=code, detail=detail)


def malformed(family: Family, message: str, *, is_presigned: bool) -> Unauthenticated:
    """Credentials that cannot be read. S3 says which of its two places they stood in."""
    if family != "s3":
        return refusal(family, "incomplete", message)
    if is_presigned:
        return Unauthenticated(message, code="AuthorizationQueryParametersError")
    return refusal("s3", "incomplete", f"The authorization header is malformed; {message}")


def content_mismatch() -> Fault:
    """S3's answer when the body is not the one whose hash was signed.

    The S3 gateway raises it itself for bodies that it hashes while they stream in.
    """
    return Invalid(
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
        code="XAmzContentSHA256Mismatch",
    )

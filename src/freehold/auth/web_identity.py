"""ID tokens of OpenID Connect issuers: read, held against the issuer's keys, and understood.

Input: the text that a client sent, the issuer's JSON Web Key Set as it was fetched, the client ids
that an administrator named, and the time. Output: who the issuer says is calling. Nothing is
fetched here; ``services/sts`` does that.
Sources: RFC 7515, 7517, 7519; OpenID Connect Core 1.0 section 3.1.3.7; STS API,
AssumeRoleWithWebIdentity; IAM User Guide, "Pass session tags in AWS STS".
"""

from __future__ import annotations

import math
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any, NamedTuple

import jwt
import msgspec
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from freehold.base.errors import Denied, Fault, Invalid

RSA_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
CURVES = {"P-256": "ES256", "P-384": "ES384"}
ALGORITHMS = RSA_ALGORITHMS | set(CURVES.values())
RSA_BITS = range(2048, 8193)
KEYS_MAX = 200  # STS takes at most 100 RSA and 100 EC keys of one issuer
TOKEN_CHARS_MAX = 20_000  # STS API, WebIdentityToken
LEEWAY_SECONDS = 30  # between the issuer's clock and ours
SUBJECT_CHARS_MAX = 255
TAGS = "https://aws.amazon.com/tags"
SOURCE_IDENTITY = "https://aws.amazon.com/source_identity"

_jws = jwt.PyJWS(algorithms=sorted(ALGORITHMS))
Keys = dict[tuple[str, str], Any]  # (kid, algorithm) -> public key


class Claimed(NamedTuple):
    """What a token says, before anything of it is believed."""

    issuer: str
    kid: str
    algorithm: str
    claims: dict[str, Any]


class WebIdentity(NamedTuple):
    """Who calls, as the issuer says it; true once ``prove`` has passed.

    ``tags`` and ``transitive`` are session tags, ``source_identity`` None where none is set.
    """

    issuer: str
    subject: str
    audience: str
    amr: tuple[str, ...]
    tags: dict[str, str]
    transitive: tuple[str, ...]
    source_identity: str | None


# -- reading --------------------------------------------------------------------------------------


def read(token: str) -> Claimed:
    """Take a token apart.

    Raises:
        Invalid: ``InvalidIdentityToken``: no JWT that we could ever prove.
    """
    parts = token.split(".")
    if len(parts) != 3 or len(token) > TOKEN_CHARS_MAX or not token.isascii():
        raise _not_a_jwt()
    header, claims = _object(parts[0]), _object(parts[1])
    algorithm, kid, issuer = header.get("alg"), header.get("kid"), claims.get("iss")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise invalid("The ID Token is signed by an algorithm that is not supported.")
    if "crit" in header or "b64" in header:
        raise invalid("The ID Token's header has critical extensions, which are not supported.")
    if not isinstance(kid, str) or not kid:
        raise invalid("The ID Token's header does not say which key signed it (kid).")
    if not isinstance(issuer, str) or not issuer:
        raise invalid("The ID Token does not name its issuer (iss).")
    return Claimed(issuer, kid, algorithm, claims)


def _object(part: str) -> dict[str, Any]:
    try:
        raw = b64decode(part + "=" * (-len(part) % 4), b"-_", validate=True)
        found = msgspec.json.decode(raw, type=dict[str, Any])
    except (ValueError, RecursionError):
        raise _not_a_jwt() from None
    return found


def _not_a_jwt() -> Fault:
    return invalid(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an "
        "Access Token)"
    )


def invalid(message: str) -> Fault:
    """A token that cannot be believed, as STS says it."""
    return Invalid(message, code="InvalidIdentityToken")


# -- keys and signatures --------------------------------------------------------------------------


def keys(document: bytes) -> Keys:
    """The public keys of a JSON Web Key Set that may sign ID tokens; others are passed over.

    Raises:
        ValueError: It is no key set.
    """
    try:
        found = msgspec.json.decode(document, type=dict[str, Any]).get("keys")
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(found, list):
        raise ValueError("no list of keys")
    known: Keys = {}
    for entry in found[:KEYS_MAX]:
        if isinstance(entry, dict) and isinstance(entry.get("kid"), str):
            public, algorithms = _public(entry)
            for algorithm in algorithms:
                known.setdefault((entry["kid"], algorithm), public)
    return known


def _public(entry: dict[str, Any]) -> tuple[Any, frozenset[str]]:
    """A key and what it may sign with. Only public members are read."""
    try:
        if entry.get("use", "sig") != "sig" or "verify" not in entry.get("key_ops", ["verify"]):
            return None, frozenset()
        key, algorithms = _rsa(entry) if entry.get("kty") == "RSA" else _curve(entry)
    except (jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError):
        return None, frozenset()
    named = entry.get("alg")
    return key, algorithms if named is None else algorithms & {str(named)}


def _rsa(entry: dict[str, Any]) -> tuple[Any, frozenset[str]]:
    key = RSAAlgorithm.from_jwk({name: entry[name] for name in ("kty", "n", "e")})
    return key, RSA_ALGORITHMS if key.key_size in RSA_BITS else frozenset()


def _curve(entry: dict[str, Any]) -> tuple[Any, frozenset[str]]:
    key = ECAlgorithm.from_jwk({name: entry[name] for name in ("kty", "crv", "x", "y")})
    return key, frozenset({CURVES[entry["crv"]]})


def prove(token: str, claimed: Claimed, known: Keys) -> None:
    """Check the signature. ``known`` holds the key, or the token is refused.

    Raises:
        Invalid: ``InvalidIdentityToken``.
    """
    key = known.get((claimed.kid, claimed.algorithm))
    if key is None:
        raise unknown_key()
    try:
        _jws.decode_complete(token, key, algorithms=[claimed.algorithm])
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise invalid("The ID Token's signature is not that of its issuer.") from None


def unknown_key() -> Fault:
    """The issuer has no such key."""
    return invalid(
        "Couldn't retrieve verification key from your identity provider, please reference "
        "AssumeRoleWithWebIdentity documentation for requirements"
    )


# -- claims ---------------------------------------------------------------------------------------


def identity(claimed: Claimed, client_ids: list[str], now: float) -> WebIdentity:
    """What the claims say, if they hold here and now. Believe it only after ``prove``.

    Of a token that names an authorized party (``azp``), that is the audience, as on AWS.

    Raises:
        Invalid: ``ExpiredTokenException``, or ``InvalidIdentityToken`` for another audience.
        Denied: ``IDPRejectedClaim``: not valid yet, or a claim has the wrong form.
    """
    claims = claimed.claims
    expires = _moment(claims, "exp")
    if now >= expires + LEEWAY_SECONDS:
        raise Invalid(
            f"Token expired: current date/time {_date(now)} must be before the expiration "
            f"date/time {_date(expires)}",
            code="ExpiredTokenException",
        )
    if _moment(claims, "iat") > now + LEEWAY_SECONDS:
        raise _rejected("it was issued in the future")
    if "nbf" in claims and _moment(claims, "nbf") > now + LEEWAY_SECONDS:
        raise _rejected("it is not valid yet")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_CHARS_MAX:
        raise _rejected("it has no subject (sub) of 1 to 255 characters")
    tags, transitive = _tags(claims)
    source_identity = claims.get(SOURCE_IDENTITY)
    if source_identity is not None and not isinstance(source_identity, str):
        raise _rejected("its source identity is no text")
    return WebIdentity(
        claimed.issuer,
        subject,
        _audience(claims, client_ids),
        _texts(claims.get("amr", []), "amr"),
        tags,
        transitive,
        source_identity,
    )


def _moment(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _rejected(f"it has no {name}")
    if not math.isfinite(value) or not 0 <= value < 1e11:
        raise _rejected(f"its {name} is no date")
    return float(value)


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _audience(claims: dict[str, Any], client_ids: list[str]) -> str:
    named = claims.get("azp", claims.get("aud"))
    for audience in [named] if isinstance(named, str) else _texts(named or [], "aud"):
        if audience in client_ids:
            return audience
    raise invalid("Incorrect token audience")


def _texts(value: Any, name: str) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise _rejected(f"its {name} is no list of texts")


def _tags(claims: dict[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Session tags, from the nested claim or from claims of one tag each."""
    nested = claims.get(TAGS, {})
    if not isinstance(nested, dict):
        raise _rejected("its tags have the wrong form")
    named = nested.get("principal_tags", {})
    if not isinstance(named, dict):
        raise _rejected("its tags have the wrong form")
    head = f"{TAGS}/principal_tags/"
    flat = {name[len(head) :]: claims[name] for name in claims if name.startswith(head)}
    if nested and flat:
        raise _rejected("it has tags in both forms")
    found: dict[str, str] = {}
    for key, value in (named | flat).items():
        values = _texts(value, "tags")
        if len(values) != 1:
            raise _rejected("each of its tags has one value")
        found[key] = values[0]
    keys_on = nested.get("transitive_tag_keys", claims.get(f"{TAGS}/transitive_tag_keys", []))
    return found, _texts(keys_on, "transitive_tag_keys")


def _rejected(why: str) -> Denied:
    return Denied(
        "The identity provider (IdP) reported that authentication failed. This might be because "
        f"the claim is invalid: {why}.",
        code="IDPRejectedClaim",
    )

"""Session tokens: temporary credentials that prove themselves without a database.

STS and the makers of apps and jobs ``seal`` a grant into the token that travels with each
request; the edge ``open``s it, then verifies the signature with the grant's secret. What the
token cannot know (a role deleted since) the edge compares: ``unique_id`` and ``generation``.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

import msgspec

from freehold.auth.principal import Principal
from freehold.auth.refusals import Family, refusal
from freehold.auth.sealing import OPENED_BYTES_MAX, Broken, Keyring
from freehold.base.errors import LimitExceeded

__all__ = ["Grant", "Keyring", "OpenedTokens", "open", "seal"]

TOKEN_CHARS_MAX = 8192  # S3 takes header sections up to 8 KB; AWS calls it the packed size
OPENED_MAX = 4096
_CONTEXT = b"session"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token stands for.

    Attributes:
        principal: Its ``access_key_id``, ``issued_at`` and ``expires_at`` are always set.
        secret: The secret access key that the holder signs with.
    """

    principal: Principal
    secret: str = field(repr=False)


# By name, so that a release may add fields that have defaults; dict() is for read-only tags.
_encoder = msgspec.msgpack.Encoder(enc_hook=dict)
_decoder = msgspec.msgpack.Decoder(Grant)


class OpenedTokens:
    """A bounded memory of opened tokens, least recently used out first.

    Only tokens that opened are kept. Their key, access key and expiry are checked at every
    use, so memory never outlives a rotation or a session.
    """

    def __init__(self, capacity: int = OPENED_MAX) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[str, tuple[Grant, bytes]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, token: str) -> tuple[Grant, bytes] | None:
        """The grant and the id of the key that sealed it."""
        entry = self._kept.get(token)
        if entry is not None:
            try:  # noqa: SIM105 - contextlib.suppress costs more than all the rest
                self._kept.move_to_end(token)
            except KeyError:  # another thread has just put it out
                pass
        return entry

    def keep(self, token: str, grant: Grant, key_id: bytes) -> None:
        """Remember an opened token; puts the least recently used out if there are too many."""
        self._kept[token] = (grant, key_id)
        while len(self._kept) > self._capacity:
            self._kept.popitem(last=False)


def seal(keyring: Keyring, grant: Grant, nonce: bytes) -> str:
    """Make the token. Opaque and URL-safe; typically below 800 characters with an origin.

    Args:
        keyring: Its current key seals.
        grant: Of temporary credentials.
        nonce: ``sealing.NONCE_BYTES`` random bytes, never used twice.

    Raises:
        LimitExceeded: Policies and tags together are too large (``PackedPolicyTooLarge``).
    """
    if grant.principal.expires_at is None or grant.principal.issued_at is None:
        raise ValueError("a session has a beginning and an end")
    content = _encoder.encode(grant)
    token = keyring.seal(_CONTEXT, content, nonce) if len(content) <= OPENED_BYTES_MAX else ""
    if not token or len(token) > TOKEN_CHARS_MAX:
        raise LimitExceeded(
            "The total packed size of the session policies and session tags combined exceeds "
            "the limit.",
            code="PackedPolicyTooLarge",
        )
    return token


def open(
    keyring: Keyring,
    token: str,
    access_key_id: str,
    now: float,
    *,
    family: Family = "json",
    opened: OpenedTokens | None = None,
) -> Grant:
    """Read the token back, if it is ours, unaltered, of this access key and still running.

    Generations are not compared: that needs what is known only now.

    Args:
        keyring: Both its keys open.
        token: As the client sent it.
        access_key_id: From the credential scope of the same request.
        now: Epoch seconds; a session that ends at this instant has ended.
        family: Whose words a refusal uses.
        opened: Saves the opening of a token that was seen before.

    Raises:
        Unauthenticated: Not ours, altered, of another access key, or expired.
    """
    entry = opened.find(token) if opened is not None else None
    if entry is None or not keyring.holds(entry[1]):
        entry = _opened(keyring, token, family)
        if opened is not None:
            opened.keep(token, *entry)
    principal = entry[0].principal
    if principal.access_key_id != access_key_id:
        raise refusal(family, "bad_token", detail="token of another access key")
    if principal.expires_at is None or now >= principal.expires_at:
        raise refusal(family, "expired")
    return entry[0]


def _opened(keyring: Keyring, token: str, family: Family) -> tuple[Grant, bytes]:
    try:
        content, key_id = keyring.open(_CONTEXT, token)
        return _decoder.decode(content), key_id
    except Broken as broken:
        raise refusal(family, "bad_token", detail=f"token: {broken}") from None
    except msgspec.DecodeError as error:
        # Ours, but of a release that sealed otherwise: the holder must ask anew.
        raise refusal(family, "expired", detail=f"token of another release: {error}") from None

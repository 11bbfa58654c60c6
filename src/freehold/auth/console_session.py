"""The console's cookie: what stands behind a signed-in browser, sealed; keys are renewed from it.

``kernel/console`` makes one at sign-in and opens it at each renewal. It holds no key: who holds
it can ask for fifteen more minutes, as long as what it was bought with still stands.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from freehold.auth.principal import Principal
from freehold.auth.sealing import OPENED_BYTES_MAX, Broken, Keyring
from freehold.auth.tickets import COOKIE_CHARS_MAX
from freehold.base.errors import LimitExceeded, Unauthenticated

_CONTEXT = b"console session"


@dataclass(frozen=True, slots=True)
class ConsoleSession:
    """A browser that signed in.

    Attributes:
        id: Random; named in the table of spent tickets once signed out.
        principal: Who signed in, without an access key of their own.
        key_id: The long-term access key that proved it; "" for a password or temporary keys.
        password_at: When the password that proved it was set; None for keys.
        signed_in_at: Epoch seconds.
        expires_at: Epoch seconds; nothing is renewed from then on.
    """

    id: str
    principal: Principal
    key_id: str
    password_at: float | None
    signed_in_at: float
    expires_at: float


_encoder = msgspec.msgpack.Encoder(enc_hook=dict)
_decoder = msgspec.msgpack.Decoder(ConsoleSession)


def seal(keyring: Keyring, session: ConsoleSession, nonce: bytes) -> str:
    """The cookie's value; URL-safe.

    Raises:
        LimitExceeded: The signer's session policies and tags do not fit into a cookie.
    """
    content = _encoder.encode(session)
    text = keyring.seal(_CONTEXT, content, nonce) if len(content) <= OPENED_BYTES_MAX else ""
    if not text or len(text) > COOKIE_CHARS_MAX:
        raise LimitExceeded(
            "The session policies and session tags of these credentials are too large to sign in "
            "with. Use credentials that have fewer."
        )
    return text


def open(keyring: Keyring, text: str, now: float) -> ConsoleSession:
    """Read a cookie back. That it is not signed out is the caller's to check.

    Raises:
        Unauthenticated: Not ours, altered, or expired.
    """
    try:
        content, _ = keyring.open(_CONTEXT, text)
        session = _decoder.decode(content)
    except (Broken, msgspec.DecodeError) as error:
        raise ended(detail=str(error)) from None
    if now >= session.expires_at:
        raise ended("Your session has expired: sign in again.")
    return session


def ended(
    message: str = "You are not signed in: sign in to go on.", *, detail: str = ""
) -> Unauthenticated:
    """The refusal of a session that is none, or no longer."""
    return Unauthenticated(message, code="SessionEnded", detail=detail)

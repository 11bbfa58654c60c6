"""Presigned domain URLs: the one-time ticket in the URL, and the browser session it buys.

CreatePresignedDomainUrl seals a ``Ticket`` into the URL's token; the app proxy opens it once
(the caller remembers spent ids until ``expires_at``), then sets a cookie that is a sealed
``BrowserSession``. Both carry the asker, since its rights are asked again at every request.
Source: SageMaker API, CreatePresignedDomainUrl; Developer Guide, "Connect to Studio through
an interface endpoint".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import msgspec

from freehold.auth.principal import Principal
from freehold.auth.sealing import OPENED_BYTES_MAX, Broken, Keyring
from freehold.base.errors import LimitExceeded, Unauthenticated

URL_TOKEN_CHARS_MAX = 8192
COOKIE_CHARS_MAX = 3800  # RFC 6265: 4,096 bytes with name and attributes, else silently dropped
_TICKET, _BROWSER = b"ticket", b"browser session"


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to open one app once.

    Attributes:
        id: Random; whoever opens the ticket writes it down as spent.
        space_name: None for the profile's own app.
        app_type: Such as ``JupyterLab``.
        landing: The path behind the app's root to begin at; "" for the root.
        principal: Who asked, with origin and generation, so that its rights can be asked again.
        expires_at: Epoch seconds; the end of first use (``ExpiresInSeconds``).
        session_seconds: How long the browser session lives from its first use.
    """

    id: str
    domain_id: str
    user_profile_name: str
    space_name: str | None
    app_type: str
    landing: str
    principal: Principal
    expires_at: float
    session_seconds: int


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """What the cookie of one app's host stands for.

    Attributes:
        id: Random; names the session in the audit.
        ticket_id: The ticket that bought it.
        host: The app's own host name: a cookie carried to another app's opens nothing.
        principal: As in ``Ticket``.
        issued_at: Epoch seconds.
        expires_at: Epoch seconds.
    """

    id: str
    ticket_id: str
    host: str
    domain_id: str
    user_profile_name: str
    space_name: str | None
    app_type: str
    principal: Principal
    issued_at: float
    expires_at: float


_Kind = TypeVar("_Kind", Ticket, BrowserSession)
_encoder = msgspec.msgpack.Encoder(enc_hook=dict)
_tickets = msgspec.msgpack.Decoder(Ticket)
_browsers = msgspec.msgpack.Decoder(BrowserSession)


def seal_ticket(keyring: Keyring, ticket: Ticket, nonce: bytes) -> str:
    """The token of a presigned URL; URL-safe.

    Raises:
        LimitExceeded: The asker's session policies and tags do not fit into a URL.
    """
    return _sealed(keyring, _TICKET, ticket, nonce, URL_TOKEN_CHARS_MAX)


def open_ticket(keyring: Keyring, text: str, now: float) -> Ticket:
    """Read a ticket back. That it is not spent is the caller's to check.

    Raises:
        Unauthenticated: ``InvalidToken`` if it is not ours or altered, ``ExpiredToken``.
    """
    return _opened(keyring, _TICKET, _tickets, text, now)


def seal_browser_session(keyring: Keyring, session: BrowserSession, nonce: bytes) -> str:
    """The value of the app's cookie; URL-safe.

    Raises:
        LimitExceeded: The asker's session policies and tags do not fit into a cookie.
    """
    return _sealed(keyring, _BROWSER, session, nonce, COOKIE_CHARS_MAX)


def open_browser_session(keyring: Keyring, text: str, now: float, host: str) -> BrowserSession:
    """Read the cookie that came to ``host`` (lower case, without port).

    Raises:
        Unauthenticated: ``InvalidToken`` if it is not ours, altered or another host's;
            ``ExpiredToken``.
    """
    session = _opened(keyring, _BROWSER, _browsers, text, now)
    if session.host != host:
        raise Unauthenticated(
            "The session is not valid.", code="InvalidToken", detail="cookie of another host"
        )
    return session


def _sealed(
    keyring: Keyring, context: bytes, thing: Ticket | BrowserSession, nonce: bytes, chars_max: int
) -> str:
    content = _encoder.encode(thing)
    text = keyring.seal(context, content, nonce) if len(content) <= OPENED_BYTES_MAX else ""
    if not text or len(text) > chars_max:
        raise LimitExceeded(
            "The session policies and session tags of the caller are too large to open an app "
            "with. Ask with a session that has fewer."
        )
    return text


def _opened(
    keyring: Keyring,
    context: bytes,
    decoder: msgspec.msgpack.Decoder[_Kind],
    text: str,
    now: float,
) -> _Kind:
    try:
        content, _ = keyring.open(context, text)
        thing = decoder.decode(content)
    except (Broken, msgspec.DecodeError) as error:
        raise Unauthenticated(
            "The session is not valid.", code="InvalidToken", detail=str(error)
        ) from None
    if now >= thing.expires_at:
        raise Unauthenticated("The session has expired.", code="ExpiredToken")
    return thing

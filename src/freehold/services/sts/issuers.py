"""The signing keys of OpenID Connect issuers: fetched when a token needs them, kept for an hour.

Input: the issuer that an administrator configured (``services/iam/providers.py``) and what a token
says of its key. Output: the key set to hold the token against. A token of an unknown key, which any
stranger can write, makes us ask again only once in a while; one fetch at a time and issuer.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from freehold.auth import web_identity
from freehold.auth.web_identity import Claimed, Keys
from freehold.base import log
from freehold.base.errors import Fault, Invalid
from freehold.kernel.dispatch import Kernel
from freehold.services.sts import fetch

KEPT_SECONDS = 3600.0
AGAIN_SECONDS = 30.0  # between two fetches of one issuer, whatever tokens say
WAIT_SECONDS = 2 * fetch.SECONDS_MAX + 1
DISCOVERY = "/.well-known/openid-configuration"

Get = Callable[[str, tuple[str, ...]], bytes]


@dataclass(slots=True)
class _Issuer:
    lock: threading.Lock = field(default_factory=threading.Lock)
    keys: Keys | None = None
    fetched: float = 0.0
    tried: float = float("-inf")


class Issuers:
    """What is known of all issuers. ``get`` reads a URL; tests hand in their own."""

    def __init__(self, get: Get = fetch.get) -> None:
        self.get = get
        self._lock = threading.Lock()
        self._known: dict[tuple[str, tuple[str, ...]], _Issuer] = {}

    def keys(self, claimed: Claimed, thumbprints: tuple[str, ...], now: float) -> Keys:
        """The keys of the issuer that ``claimed`` names, its own among them if there is one.

        May wait for the network: never on the event loop, never in a transaction.

        Raises:
            Invalid: ``IDPCommunicationError``: the issuer cannot be read.
        """
        with self._lock:
            issuer = self._known.setdefault((claimed.issuer, thumbprints), _Issuer())
        if (found := _usable(issuer, claimed, now)) is not None:
            return found
        if not issuer.lock.acquire(timeout=WAIT_SECONDS):
            raise _unreachable("another call still waits for it")
        try:
            if (found := _usable(issuer, claimed, now)) is not None:
                return found
            issuer.tried = now
            issuer.keys, issuer.fetched = self._fetch(claimed.issuer, thumbprints), now
            return issuer.keys
        finally:
            issuer.lock.release()

    def _fetch(self, url: str, thumbprints: tuple[str, ...]) -> Keys:
        """The key set of an issuer, by way of its discovery document."""
        try:
            text = self.get(url.rstrip("/") + DISCOVERY, thumbprints)
            described = msgspec.json.decode(text, type=_Discovery)
            if described.issuer != url:
                raise ValueError(f"the discovery document is of issuer {described.issuer[:255]}")
            is_plain = described.jwks_uri.startswith("http:")
            if is_plain and not url.startswith("http:"):
                raise ValueError("its keys are not on https")
            return web_identity.keys(self.get(described.jwks_uri, thumbprints))
        except (fetch.Unreachable, ValueError, RecursionError) as error:
            log.event("issuer.unreachable", issuer=url, reason=str(error))
            raise _unreachable(str(error)) from None


class _Discovery(msgspec.Struct):
    """Of OpenID Connect Discovery 1.0, section 3: what we need."""

    issuer: str
    jwks_uri: str


def _usable(issuer: _Issuer, claimed: Claimed, now: float) -> Keys | None:
    """Keys that need no fetch: they hold the token's, or were asked for a moment ago."""
    known = issuer.keys
    is_fresh = known is not None and abs(now - issuer.fetched) < KEPT_SECONDS
    if is_fresh and known is not None and (claimed.kid, claimed.algorithm) in known:
        return known
    if abs(now - issuer.tried) >= AGAIN_SECONDS:
        return None
    if not is_fresh:
        raise _unreachable("it was tried a moment ago")
    return known


def _unreachable(why: str) -> Fault:
    return Invalid(
        "An error occurred while communicating with the identity provider: its keys cannot be "
        "read.",
        code="IDPCommunicationError",
        detail=why,
    )


_OF_KERNEL: weakref.WeakKeyDictionary[Kernel, Issuers] = weakref.WeakKeyDictionary()
_LOCK = threading.Lock()


def of(kernel: Kernel) -> Issuers:
    """The issuers that one server knows; they are forgotten with it."""
    with _LOCK:
        return _OF_KERNEL.setdefault(kernel, Issuers())

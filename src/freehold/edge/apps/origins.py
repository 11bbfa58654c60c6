"""Where an app is found: an origin of its own, never shared with the console, the API or a peer.

Input: an app's ARN and domain id. Output: its host name ``<label>.<domain-id>.studio.localhost``,
or, where such names do not resolve, a loopback address of its own. Never only another port:
cookies ignore ports (decision 19). Nothing is kept here but what `claim` keeps.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import socket
import threading
from collections.abc import Callable
from typing import NamedTuple

from freehold.base.errors import LimitExceeded

SUFFIX = "studio.localhost"
"""Names under ``localhost`` are this machine's own (RFC 6761, 6.3)."""
NETWORK = ipaddress.ip_network("127.64.0.0/10")
"""Loopback addresses for apps: four million, away from 127.0.0.1 and 127.0.1.1."""
ADDRESS_TRIES_MAX = 64
PROBE_SECONDS = 1.0

_FIRST = int(NETWORK.network_address)


class Origin(NamedTuple):
    """An app's origin. ``needs_listener``: it is an address that the server must listen on."""

    scheme: str
    host: str
    port: int
    needs_listener: bool

    @property
    def url(self) -> str:
        """``scheme://host[:port]``, without a slash at its end: as browsers spell an origin."""
        usual = {"http": 80, "https": 443}[self.scheme]
        return f"{self.scheme}://{self.host}" + ("" if self.port == usual else f":{self.port}")


class Origins:
    """Decides each app's origin, always the same one for the same ARN.

    Args:
        port: Where the server listens, for names and addresses alike.
        claim: ``claim(address, arn)`` is True if the address is that app's now: it was free, or
            its own already. Remembered by whoever gives it, beyond a restart.
        suffix: The names' parent; in production a wildcard name that leads here.
        scheme: ``https`` where the port is the TLS listener's.
        has_names: Whether such names resolve; None asks this machine once, when first needed.
    """

    def __init__(
        self,
        port: int,
        claim: Callable[[str, str], bool],
        *,
        suffix: str = SUFFIX,
        scheme: str = "http",
        has_names: bool | None = None,
    ) -> None:
        self._port = port
        self._claim = claim
        self._suffix = suffix
        self._behind = "." + suffix
        self._scheme = scheme
        self._has_names = has_names

    def origin_of(self, arn: str, domain_id: str) -> Origin:
        """The app's origin.

        Raises:
            LimitExceeded: Every address tried is another app's.
        """
        if self._has_names is None:
            self._has_names = names_resolve(self._suffix)
        if self._has_names:
            host = f"{label(arn)}.{domain_id.lower()}{self._behind}"
            return Origin(self._scheme, host, self._port, needs_listener=False)
        for turn in range(ADDRESS_TRIES_MAX):
            address = address_of(arn, turn)
            if self._claim(address, arn):
                return Origin(self._scheme, address, self._port, needs_listener=True)
        raise LimitExceeded("No loopback address is left for this app: delete apps no longer used.")

    def url_for(self, arn: str, domain_id: str) -> str:
        """The app's origin as a URL without a path."""
        return self.origin_of(arn, domain_id).url

    def is_app(self, host: str) -> bool:
        """Whether ``host`` (lower case, no port) can only be an app's; it need not exist."""
        return host.endswith(self._behind) or (host.startswith("127.") and is_app_address(host))


def label(arn: str) -> str:
    """The first label of an app's host name: 26 characters, ``a`` to ``z`` and ``2`` to ``7``.

    128 bits of the ARN's SHA-256: nobody can make two apps meet.
    """
    digest = hashlib.sha256(arn.encode()).digest()[:16]
    return base64.b32encode(digest).decode().rstrip("=").lower()


def address_of(arn: str, turn: int) -> str:
    """The address that an app asks for at its ``turn``-th try, from 0."""
    digest = hashlib.sha256(f"{turn} {arn}".encode()).digest()
    return str(ipaddress.ip_address(_FIRST + int.from_bytes(digest[:4], "big") % 2**22))


def is_app_address(address: str) -> bool:
    """Whether ``address``, an IPv4 address as text, lies in `NETWORK`."""
    parts = address.split(".")
    return (
        len(parts) == 4 and parts[0] == "127" and parts[1].isdecimal() and 64 <= int(parts[1]) < 128
    )


def names_resolve(suffix: str = SUFFIX, seconds: float = PROBE_SECONDS) -> bool:
    """Whether this machine finds any name under ``suffix`` at a loopback address.

    A resolver that does not answer within ``seconds`` counts as no.
    """
    found: list[str] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(f"probe.{suffix}", None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend(str(address[0]) for *_, address in answers)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    return bool(found) and all(ipaddress.ip_address(one).is_loopback for one in found)

"""Reading a document of an OpenID Connect issuer over HTTPS: short, bounded, and nothing else.

Called by ``issuers.py`` on a thread that may wait, never inside a transaction nor on the event
loop. Plain HTTP goes to loopback addresses only, redirects are not followed. A server whose
certificate no known authority signed is believed if an administrator gave its thumbprint.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi

from freehold.auth.issuer_urls import is_fetchable, is_loopback

SECONDS_MAX = 5.0  # for one document, connecting included
BYTES_MAX = 256 * 1024


class Unreachable(Exception):
    """The document cannot be had; the text says why, for the log."""


def get(url: str, thumbprints: tuple[str, ...] = ()) -> bytes:
    """The body of ``url``.

    Args:
        url: One that ``is_fetchable`` lets pass.
        thumbprints: SHA-1 of certificates, in lower-case hex, that may vouch for the server
            beside the known authorities.

    Raises:
        Unreachable: No such server or document, not trusted, too slow, too long.
    """
    if not is_fetchable(url):
        raise Unreachable("only https, or http on this machine")
    parts = urlsplit(url)
    ends = time.monotonic() + SECONDS_MAX
    try:
        return _get(parts, None, ends)
    except ssl.SSLCertVerificationError as error:
        if not thumbprints:
            raise Unreachable(f"certificate: {error.verify_message}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from None
    try:
        return _get(parts, _pinned(parts, thumbprints, ends), ends)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from None


def _get(parts: SplitResult, context: ssl.SSLContext | None, ends: float) -> bytes:
    connection = _connection(parts, context or _known_authorities(), ends)
    with _until(ends, connection):
        path = parts.path or "/"
        connection.request("GET", path, headers={"Accept": "application/json"})
        response = connection.getresponse()
        if response.status != 200:
            raise Unreachable(f"status {response.status}")
        body = response.read(BYTES_MAX + 1)
        if len(body) > BYTES_MAX:
            raise Unreachable(f"longer than {BYTES_MAX} bytes")
        if response.length:
            raise Unreachable("cut short, or slower than we wait")
        return body


def _connection(
    parts: SplitResult, context: ssl.SSLContext, ends: float
) -> http.client.HTTPConnection:
    """Not connected yet; by way of the proxy that the environment names, if it names one."""
    host, port, seconds = parts.hostname or "", parts.port, _left(ends)
    proxy = urlsplit(getproxies().get(parts.scheme, ""))
    through = proxy.hostname if not is_loopback(host) and not proxy_bypass(host) else None
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=seconds)
    if through is None:
        return http.client.HTTPSConnection(host, port, timeout=seconds, context=context)
    made = http.client.HTTPSConnection(through, proxy.port, timeout=seconds, context=context)
    made.set_tunnel(host, port or 443)
    return made


@contextlib.contextmanager
def _until(ends: float, connection: http.client.HTTPConnection) -> Iterator[None]:
    """Cut a connection at a deadline, TLS's handshake included, and close it.

    A socket's own timeout holds for each read only: a server that drips would never meet it.
    """
    opened: list[socket.socket] = []

    def connect(*arguments: Any) -> socket.socket:
        made = socket.create_connection(*arguments)
        opened.append(made.dup())  # TLS takes the other one over
        return made

    def cut() -> None:
        for made in opened:
            with contextlib.suppress(OSError):
                made.shutdown(socket.SHUT_RDWR)

    # http.client has no public way to the socket before TLS is through.
    connection._create_connection = connect  # type: ignore[attr-defined]
    timer = threading.Timer(_left(ends), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        connection.close()
        for made in opened:
            made.close()


def _left(ends: float) -> float:
    return max(0.01, ends - time.monotonic())


def _known_authorities() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _pinned(parts: SplitResult, thumbprints: tuple[str, ...], ends: float) -> ssl.SSLContext:
    """A context that trusts the certificates of these thumbprints alone.

    They are looked for in what the server shows; host name, dates and chain are then checked as
    always, so that a thumbprint replaces the list of authorities and nothing else.
    """
    look = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    look.check_hostname, look.verify_mode = False, ssl.CERT_NONE
    connection = _connection(parts, look, ends)
    with _until(ends, connection):
        connection.connect()
        shown = _chain(connection.sock)
    # SHA-1 is IAM's own thumbprint (IAM API, CreateOpenIDConnectProvider).
    trusted = [der for der in shown if hashlib.sha1(der).hexdigest() in thumbprints]  # noqa: S324
    if not trusted:
        raise Unreachable("the HTTPS certificate doesn't match a configured thumbprint")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for der in trusted:
        context.load_verify_locations(cadata=der)
    return context


def _chain(connection: Any) -> list[bytes]:
    """The certificates that a server showed, its own first. Python has a public way from 3.13."""
    public = getattr(connection, "get_unverified_chain", None)
    if public is not None:
        return list(public())
    inner = connection._sslobj.get_unverified_chain() or ()
    return [ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in inner]

"""Which addresses an OpenID Connect issuer may have: https, or http on this machine.

Asked by ``services/iam`` when an administrator names an issuer, and by ``services/sts`` before
anything is fetched. Nothing is resolved: the text alone decides.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

URL_CHARS_MAX = 2048


def is_fetchable(url: str) -> bool:
    """Whether ``url`` is https, or http on this machine, without user, query and fragment."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    is_plain = parts.scheme == "http" and is_loopback(parts.hostname or "")
    is_short = 0 < len(url) <= URL_CHARS_MAX and url.isascii() and url.isprintable()
    if not is_short or " " in url or "?" in url or "#" in url or "@" in parts.netloc:
        return False
    return bool(parts.hostname) and port != 0 and (parts.scheme == "https" or is_plain)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name alone: nothing is resolved."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

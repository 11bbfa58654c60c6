"""What a request to an app says of who asks, and what of it either side may see of the other.

Input: ASGI scopes and an app's answer headers, of ``proxy.py``. Output: the visitor with our
cookie taken out, the check that only the app's own pages act on it, and headers made clean for
the app and for the browser. No input or output happens here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from freehold.base.errors import Denied, Invalid
from freehold.edge.apps import origins
from freehold.edge.listen.connections import Scope, bare
from freehold.edge.listen.relaying import Headers, without_hops

COOKIE = "freehold-app"
COOKIE_TLS = "__Host-freehold-app"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_LANDING = re.compile(r"/(?![/\\])[\x21-\x7e]*\Z")


def landing(path: str) -> str:
    """``path`` if it is a path on this origin, else ``/``: a landing never leads elsewhere."""
    return path if _LANDING.match(path) else "/"


_OURS_TO_SAY = frozenset(
    {
        b"expect",
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"x-real-ip",
        b"x-scheme",
    }
)
_NOT_THE_APPS_TO_SAY = frozenset({b"clear-site-data", b"alt-svc", b"strict-transport-security"})
"""They reach beyond the app's origin: to sibling hosts, other ports, other schemes."""


def cleaned(headers: Headers) -> Headers:
    """An app's headers as a browser may see them.

    Without hop-by-hop headers, without what reaches beyond its origin; its cookies stay on its
    host (no ``Domain``), and it cannot set ours.
    """
    kept: Headers = []
    for name, value in without_hops(headers, _NOT_THE_APPS_TO_SAY):
        if name == b"set-cookie":
            first, *attributes = value.split(b";")
            cookie = first.partition(b"=")[0].strip().lower()
            if not cookie or b"=" not in first or cookie.decode("latin-1") in _OUR_COOKIES:
                continue
            host_only = [a for a in attributes if a.partition(b"=")[0].strip().lower() != b"domain"]
            kept.append((name, b";".join([first, *host_only])))
        else:
            kept.append((name, value))
    return kept


_OUR_COOKIES = frozenset({COOKIE.lower(), COOKIE_TLS.lower()})


@dataclass(slots=True)
class Visitor:
    """Who asks, and for what, as the request says it."""

    host: str
    authority: bytes
    client: str
    method: str
    is_secure: bool
    is_websocket: bool
    headers: Headers
    sessions: list[str]
    cookies: list[bytes]

    @classmethod
    def of(cls, scope: Scope) -> Visitor:
        """Read a scope.

        Raises:
            Invalid: It names no host, or another one than the address it came to.
        """
        headers: Headers = scope["headers"]
        authority = next((value for name, value in headers if name == b"host"), b"")
        host = bare(authority)
        here = scope["server"][0] if scope["server"] else ""
        if not host or (origins.is_app_address(here) and host != here):
            raise Invalid("This address belongs to one app: open it by its own URL.")
        is_secure = scope["scheme"] in ("https", "wss")
        ours = COOKIE_TLS if is_secure else COOKIE
        sessions, cookies = [], []
        for name, value in headers:
            for pair in value.split(b";") if name == b"cookie" else ():
                key, _, content = pair.strip().partition(b"=")
                spelled = key.decode("latin-1").strip()
                if spelled == ours:
                    sessions.append(content.decode("latin-1"))
                elif spelled.lower() not in _OUR_COOKIES and pair.strip():
                    cookies.append(pair.strip())
        return cls(
            host=host,
            authority=authority,
            client=scope["client"][0] if scope["client"] else "",
            method=scope.get("method", "GET"),
            is_secure=is_secure,
            is_websocket=scope["type"] == "websocket",
            headers=headers,
            sessions=sessions,
            cookies=cookies,
        )

    def said(self, wanted: bytes) -> bytes | None:
        """The header ``wanted`` (lower case), if it was sent."""
        return next((value for name, value in self.headers if name == wanted), None)

    @property
    def is_persons(self) -> bool:
        """Whether a person did this: opened a page or changed something; pages left open poll."""
        return self.method not in SAFE or self.said(b"sec-fetch-mode") == b"navigate"

    def check_origin(self) -> None:
        """Only pages of this very origin act here, and only a person brings others' pages here.

        All apps are one *site* to a browser, so SameSite cookies do not part them: what changes
        something, and every WebSocket, must name this origin exactly; what a page of another
        origin merely loads or frames is refused by the browser's own Sec-Fetch headers.

        Raises:
            Denied: The request comes from elsewhere.
        """
        origin = self.said(b"origin")
        own = (b"https://" if self.is_secure else b"http://") + self.authority.lower()
        if self.is_websocket or self.method not in SAFE:
            if origin is None or origin.lower() != own:
                raise Denied(f"Only pages of {own.decode('latin-1')} may do this (Origin).")
            return
        if self.said(b"sec-fetch-site") in (b"same-site", b"cross-site"):
            mode, goal = self.said(b"sec-fetch-mode"), self.said(b"sec-fetch-dest")
            if mode != b"navigate" or goal != b"document":
                raise Denied("Pages of other origins may link to an app, not load or frame it.")

    def forwarded(self) -> Headers:
        """The headers for the app: our cookie and hop-by-hop headers out, who asks in.

        The Host header stays: Jupyter compares it with Origin.
        """
        kept = without_hops(self.headers, _OURS_TO_SAY | {b"cookie"})
        if self.cookies:
            kept.append((b"cookie", b"; ".join(self.cookies)))
        kept.append((b"x-forwarded-proto", b"https" if self.is_secure else b"http"))
        kept.append((b"x-forwarded-host", self.authority))
        if self.client:
            kept.append((b"x-forwarded-for", self.client.encode("ascii")))
        return kept

"""The console's built files, each with the headers that keep a page safe and a cache useful.

Input: a path behind ``/console/``. Output: an asset (kept for ever: its name holds its hash), or
the one page, which reads the rest of the path itself. The files are made by ``console/build.py``
and stand in the wheel; where they were not built a page says so.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import NamedTuple

Headers = list[tuple[bytes, bytes]]

DIRECTORY = Path(__file__).parent / "built"
PAGE = "index.html"
TYPES = {
    ".css": b"text/css; charset=utf-8",
    ".html": b"text/html; charset=utf-8",
    ".ico": b"image/x-icon",
    ".js": b"text/javascript; charset=utf-8",
    ".json": b"application/json",
    ".png": b"image/png",
    ".svg": b"image/svg+xml",
    ".txt": b"text/plain; charset=utf-8",
    ".woff2": b"font/woff2",
}
# Best first. A browser offers br only to origins that it trusts: https and localhost.
ENCODINGS = ((b"br", ".br"), (b"gzip", ".gz"))

POLICY = b"; ".join(
    (
        b"default-src 'none'",
        b"script-src 'self'",
        b"worker-src 'none'",  # of this origin are also S3's objects
        b"style-src 'self'",
        b"connect-src 'self'",
        b"img-src 'self' data:",
        b"font-src 'self'",
        b"frame-ancestors 'none'",
        b"base-uri 'none'",
        b"form-action 'self'",
    )
)
GUARDS: Headers = [
    (b"content-security-policy", POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
]
FOR_EVER = (b"cache-control", b"public, max-age=31536000, immutable")
ASK_FIRST = (b"cache-control", b"no-cache")

NOT_BUILT = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Freehold</title>"
    "<h1>The console is not built here</h1><p>This install was made without it. In a checkout "
    "<code>make console</code> builds it; the package from the registry carries it.</p></html>"
)


class File(NamedTuple):
    """What is answered: its status, and the body with its headers."""

    status: int
    headers: Headers
    body: bytes


class Files:
    """The files of one directory, read once each and kept in memory: a few megabytes.

    One that is gone means that the console was built anew under a running server: the directory is
    looked at again, and pages come from what stands there now.

    Args:
        directory: What ``console/build.py`` wrote.
        facts: What the page must know before anybody signs in; written into its ``meta`` tags,
            such as ``freehold-region``.
    """

    def __init__(self, directory: Path = DIRECTORY, facts: dict[str, str] | None = None) -> None:
        self._directory = directory
        self._facts = facts or {}
        self._look()

    def _look(self) -> None:
        directory = self._directory
        self._known: dict[tuple[str, str], bytes] = {}
        found = directory.rglob("*") if directory.is_dir() else ()
        self._names = {str(p.relative_to(directory)) for p in found if p.is_file()}

    def answer(self, path: str, accepted: bytes) -> File:
        """The file for ``path``, which is relative to ``/console/``.

        Args:
            path: Such as ``assets/index-a1b2.js`` or ``domains/d-1``.
            accepted: The request's ``accept-encoding``.
        """
        try:
            return self._answer(path, accepted)
        except FileNotFoundError:
            self._look()
            return self._answer(path, accepted)

    def _answer(self, path: str, accepted: bytes) -> File:
        if PAGE not in self._names:
            self._look()  # it may be being built just now
        if PAGE not in self._names:
            return self._made(503, NOT_BUILT.encode(), PAGE, ASK_FIRST)
        is_asset = path.startswith("assets/")
        if path in self._names and path != PAGE and Path(path).suffix in TYPES:
            return self._file(path, accepted, FOR_EVER if is_asset else ASK_FIRST)
        if is_asset or Path(path).suffix in TYPES:
            body = b"There is no such file: the console was renewed meanwhile. Reload the page.\n"
            return self._made(404, body, "missing.txt", (b"cache-control", b"no-store"))
        return self._made(200, self._page(), PAGE, ASK_FIRST)

    def _file(self, path: str, accepted: bytes, caching: tuple[bytes, bytes]) -> File:
        offered = {part.partition(b";")[0].strip() for part in accepted.split(b",")}
        for encoding, suffix in ENCODINGS:
            if encoding in offered and path + suffix in self._names:
                made = self._made(200, self._read(path + suffix), path, caching)
                made.headers.append((b"content-encoding", encoding))
                return made
        return self._made(200, self._read(path), path, caching)

    def _made(self, status: int, body: bytes, name: str, caching: tuple[bytes, bytes]) -> File:
        headers = [
            (b"content-type", TYPES[Path(name).suffix]),
            (b"content-length", b"%d" % len(body)),
            (b"vary", b"accept-encoding"),
            caching,
            *GUARDS,
        ]
        return File(status, headers, body)

    def _page(self) -> bytes:
        known = self._known.get((PAGE, "page"))
        if known is None:
            text = (self._directory / PAGE).read_text()
            metas = "".join(
                f'<meta name="{html.escape(name)}" content="{html.escape(value)}">'
                for name, value in self._facts.items()
            )
            known = text.replace("<head>", f"<head>{metas}", 1).encode()
            self._known[PAGE, "page"] = known
        return known

    def _read(self, name: str) -> bytes:
        known = self._known.get((name, ""))
        if known is None:
            known = self._known[name, ""] = (self._directory / name).read_bytes()
        return known

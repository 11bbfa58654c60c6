"""What an S3 request says of its body, and the bytes in it: framing, signatures, checksums.

Input: headers and credential of a request whose signature holds, then the body as it comes off
the wire. Output: the payload, and at the end what was declared of it, trailers included. Used by
``edge/s3.py`` on its threads. Source: S3 API, "Signature Calculations: Transferring Payload".
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import replace
from typing import Any

from freehold.auth.signature import chunks, sigv4
from freehold.auth.signature.chunks import ChunkDecoder
from freehold.auth.signature.credential import Credential
from freehold.base.errors import Fault, Invalid
from freehold.objects import checksums
from freehold.objects.checksums import Declared
from freehold.wire.request import Request
from freehold.wire.rest import pairs

_CHECKSUM = "x-amz-checksum-"
_NO_ALGORITHMS = frozenset({"type", "algorithm", "mode"})  # headers of the same beginning
_UNSIGNED = "UNSIGNED-PAYLOAD"
IDLE_SECONDS_MAX = 60.0  # between two pieces of a body

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class Gone(Exception):
    """The client went away: nobody is there to answer."""


class Body:
    """One body. ``feed`` and ``end`` may run on any thread, one at a time.

    ``has_sums`` is False where checksum headers are about an object and not about the body.

    Attributes:
        size: Of the payload; None if the request does not say.
        trailers: Names of the checksum headers that will come behind the body.

    Raises:
        Invalid: What is declared could not be true of any body.
        Unsupported: A checksum algorithm that this server does not have.
    """

    def __init__(
        self, request: Request, credential: Credential, signing_key: bytes, *, has_sums: bool = True
    ) -> None:
        headers = request.headers
        form = headers.get("x-amz-content-sha256") or _from_query(request.query)
        is_chunked = form in sigv4.STREAMING_PAYLOADS
        self._decoder: ChunkDecoder | None = None
        self.size = _length(
            headers.get("x-amz-decoded-content-length" if is_chunked else "content-length")
        )
        names = [name.strip().lower() for name in headers.get("x-amz-trailer", "").split(",")]
        self.trailers = tuple(name for name in names if name and is_chunked)
        for name in self.trailers:
            if not name.startswith(_CHECKSUM):
                raise Invalid(
                    f"The value specified in the x-amz-trailer header is not supported: {name}",
                    code="InvalidRequest",
                )
            checksums.new(_algorithm(name))
        is_hashed = not is_chunked and form != _UNSIGNED
        self.declared = Declared(
            size=self.size,
            md5=headers.get("content-md5"),
            payload_sha256=form if is_hashed else None,
            checksums={
                _algorithm(name): value
                for name, value in headers.items()
                if has_sums
                and name.startswith(_CHECKSUM)
                and name[len(_CHECKSUM) :] not in _NO_ALGORITHMS
            },
        )
        checksums.check_form(self.declared)
        if is_chunked:
            self._decoder = ChunkDecoder(
                form,
                credential.signature,
                signing_key,
                credential.amz_date,
                credential.scope,
                decoded_bytes=self.size,
                trailer_names=self.trailers if form != chunks.SIGNED else None,
            )

    @property
    def algorithms(self) -> frozenset[str]:
        """What must be computed over the payload."""
        return self.declared.algorithms | {_algorithm(name) for name in self.trailers}

    def feed(self, data: bytes) -> bytes:
        """The payload in the next bytes of the body."""
        return data if self._decoder is None else self._decoder.feed(data)

    def end(self) -> Declared:
        """What was declared, once the body is whole."""
        if self._decoder is None:
            return self.declared
        found = self._decoder.finish()
        late = {_algorithm(name): found[name] for name in self.trailers}
        declared = replace(self.declared, checksums={**self.declared.checksums, **late})
        checksums.check_form(declared)
        return declared


async def incoming(receive: Receive) -> AsyncIterator[bytes]:
    """The body as it comes.

    Raises:
        Gone: The client left before its end.
        Invalid: ``RequestTimeout``: it stays, but sends nothing more.
    """
    while True:
        try:
            async with asyncio.timeout(IDLE_SECONDS_MAX):
                message = await receive()
        except TimeoutError:
            raise Invalid(
                "Your socket connection to the server was not read from or written to within "
                "the timeout period. Idle connections will be closed.",
                code="RequestTimeout",
            ) from None
        if message["type"] == "http.disconnect":
            raise Gone
        if data := message.get("body", b""):
            yield data
        if not message.get("more_body"):
            return


def missing_length() -> Fault:
    """A body whose length nobody knows: S3 refuses it before it is read."""
    return Invalid("You must provide the Content-Length HTTP header.", code="MissingContentLength")


def check_whole(body: Body, payload: bytes) -> None:
    """Compare a small body that is at hand with what was declared of it.

    Raises:
        Invalid: It is not what was signed or summed.
    """
    declared = body.end()
    digests: dict[str, Any] = {name: checksums.new(name) for name in declared.algorithms}
    for digest in digests.values():
        digest.update(payload)
    found = {name: checksums.encode(digest.digest()) for name, digest in digests.items()}
    md5_hex = hashlib.md5(payload, usedforsecurity=False).hexdigest() if declared.md5 else ""
    checksums.check(declared, len(payload), md5_hex, found)


def _from_query(query: str) -> str:
    if "X-Amz-Content-Sha256=" not in query:
        return _UNSIGNED
    return pairs(query)["X-Amz-Content-Sha256"][0]


def _length(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Invalid("The length of the body is not a number.", code="InvalidArgument")
    return int(text)


def _algorithm(name: str) -> str:
    return name[len(_CHECKSUM) :].upper()

r"""S3's chunked bodies (``aws-chunked``): signatures of chunks and trailers while they stream.

The S3 gateway feeds what the socket gives and writes what comes back under a random name; it
commits the object only after ``finish``. A chunk's bytes come out before its signature is
known to be true: nothing may be made of them until then.
Source: S3 API, "Transferring Payload in Multiple Chunks", "Including Trailing Headers".
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection
from hashlib import sha256

from freehold.auth.refusals import refusal
from freehold.auth.signature.canonical import EMPTY_SHA256
from freehold.base.errors import Fault, Invalid

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

HEADER_BYTES_MAX = 256  # size, extension and signature take 17 + 17 + 64
TRAILER_BYTES_MAX = 8192  # S3's bound on a header section
CHUNK_BYTES_MAX = 5 * 2**30  # S3's bound on a part
CHUNK_BYTES_MIN = 8192  # of a signed chunk that is not the last: S3 API, chunked upload

_SIGNED_HEAD = re.compile(rb"([0-9a-fA-F]{1,16});chunk-signature=([0-9a-f]{64})")
_PLAIN_HEAD = re.compile(rb"([0-9a-fA-F]{1,16})")
_TRAILER = re.compile(rb"([A-Za-z0-9-]{1,128}):[ \t]*([\x20-\x7e]*?)[ \t]*")
_TRAILER_SIGNATURE = "x-amz-trailer-signature"

_HEAD, _DATA, _DATA_END, _TRAILERS, _LAST_LINE, _DONE = range(6)


class ChunkDecoder:
    """A push parser of one body. Holds at most one unfinished line beside what was fed.

    Args:
        mode: The request's ``x-amz-content-sha256``: SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER.
        seed_signature: The request's own signature (64 hex digits).
        signing_key: The key that made it: ``SigningKeys.key``.
        amz_date: Of the credential.
        scope: Of the credential.
        decoded_bytes: ``x-amz-decoded-content-length``; None if the client did not say.
        trailer_names: What ``x-amz-trailer`` promises, lower case: these must come, and no
            others. None takes what comes.
    """

    def __init__(
        self,
        mode: str,
        seed_signature: str,
        signing_key: bytes,
        amz_date: str,
        scope: str,
        *,
        decoded_bytes: int | None = None,
        trailer_names: Collection[str] | None = None,
    ) -> None:
        if mode not in (SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER):
            raise ValueError(mode)
        self._is_signed = mode != UNSIGNED_TRAILER
        self._has_trailer = mode != SIGNED
        self._key = signing_key
        self._signed_at = f"{amz_date}\n{scope}\n"
        self._previous = seed_signature
        self._wanted_bytes = decoded_bytes
        self._wanted_trailers = None if trailer_names is None else set(trailer_names)
        self._state = _HEAD
        self._line = bytearray()
        self._left = 0  # bytes of the current chunk still to come
        self._claimed = ""  # the current chunk's signature as the client gives it
        self._hash = sha256()
        self._is_short = False
        self._trailer_bytes = 0
        self._is_trailer_signed = False
        self._trailers: dict[str, str] = {}
        self.decoded_bytes = 0

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes of the body, of any length; give the payload among them.

        Raises:
            Unauthenticated: ``SignatureDoesNotMatch`` of a chunk or of the trailer.
            Invalid: The framing is broken (``InvalidRequest``, ``MalformedTrailerError``), the
                body is longer than promised (``IncompleteBody``), or a signed chunk is too
                small (``InvalidChunkSizeError``).
        """
        try:
            return self._feed(data)
        except Fault:
            self._state = _HEAD  # so that finish() refuses, too
            raise

    def finish(self) -> dict[str, str]:
        """The body has ended: give the trailers, names in lower case.

        Raises:
            Invalid: It ended too early, or is not as long as promised (``IncompleteBody``);
                trailers lack or exceed what was promised (``MalformedTrailerError``).
            Unauthenticated: A signed trailer came without its signature.
        """
        if self._state < _TRAILERS or self._line:
            raise _incomplete()
        if self._wanted_bytes is not None and self.decoded_bytes != self._wanted_bytes:
            raise _incomplete()
        if self._has_trailer:
            if self._is_signed and not self._is_trailer_signed:
                raise refusal("s3", "mismatch", detail="no trailer signature")
            if self._wanted_trailers is None and self._state == _TRAILERS:
                raise _incomplete()
            if self._wanted_trailers is not None and self._wanted_trailers != set(self._trailers):
                raise _bad_trailer()
        self._state = _DONE
        return self._trailers

    def _feed(self, data: bytes) -> bytes:
        view = memoryview(data)
        at, out = 0, []
        while at < len(view):
            if self._state == _DATA:
                piece = view[at : at + self._left]
                at += len(piece)
                self._left -= len(piece)
                if self._is_signed:
                    self._hash.update(piece)
                out.append(piece)
                if not self._left:
                    self._state = _DATA_END
            else:
                at = self._take_line(data, at)
        if len(out) == 1 and len(out[0]) == len(data):
            return data
        return b"".join(out)

    def _take_line(self, data: bytes, at: int) -> int:
        """Take up to and with the next line feed; act once the line is whole."""
        end = data.find(b"\n", at)
        stop = len(data) if end < 0 else end
        bound = TRAILER_BYTES_MAX if self._state >= _TRAILERS else HEADER_BYTES_MAX
        if len(self._line) + stop - at > bound:
            raise _malformed("a chunk header or trailer is too long")
        self._line += data[at:stop]
        if end < 0:
            return stop
        line = bytes(self._line)
        self._line.clear()
        if line.endswith(b"\r"):
            line = line[:-1]
        elif self._state < _TRAILERS:
            raise _malformed("a line of a chunk ends without a carriage return")
        self._act(line)
        return end + 1

    def _act(self, line: bytes) -> None:
        if self._state == _HEAD:
            self._begin_chunk(line)
        elif self._state == _TRAILERS:
            self._take_trailer(line)
        elif line or self._state == _DONE:
            raise _malformed("bytes where a chunk or the body ends")
        elif self._state == _DATA_END:
            self._end_chunk()
            self._state = _HEAD
        else:
            self._state = _DONE

    def _begin_chunk(self, line: bytes) -> None:
        match = (_SIGNED_HEAD if self._is_signed else _PLAIN_HEAD).fullmatch(line)
        if match is None:
            raise _malformed("a chunk header cannot be read")
        size = int(match[1], 16)
        if size > CHUNK_BYTES_MAX:
            raise _malformed("a chunk is too large")
        self.decoded_bytes += size
        if self._wanted_bytes is not None and self.decoded_bytes > self._wanted_bytes:
            raise _incomplete()
        if self._is_signed:
            self._claimed = match[2].decode()
            self._hash = sha256()
        if not size:
            self._end_chunk()
            self._state = _TRAILERS if self._has_trailer else _LAST_LINE
            return
        if self._is_short:
            raise Invalid(
                "Only the last chunk is allowed to have a size less than 8192 bytes",
                code="InvalidChunkSizeError",
            )
        self._is_short = self._is_signed and size < CHUNK_BYTES_MIN
        self._left = size
        self._state = _DATA

    def _end_chunk(self) -> None:
        if not self._is_signed:
            return
        digest = self._hash.hexdigest()
        text = f"PAYLOAD\n{self._signed_at}{self._previous}\n{EMPTY_SHA256}\n{digest}"
        self._check(text, self._claimed)
        self._previous = self._claimed

    def _take_trailer(self, line: bytes) -> None:
        self._trailer_bytes += len(line) + 2
        if self._trailer_bytes > TRAILER_BYTES_MAX:
            raise _bad_trailer()
        if not line:
            # Some clients set an empty line before the trailer's signature, too.
            if not self._is_signed or self._is_trailer_signed:
                self._state = _DONE
            return
        match = _TRAILER.fullmatch(line)
        if match is None or self._is_trailer_signed:
            raise _bad_trailer()
        name, value = match[1].decode().lower(), match[2].decode()
        if name != _TRAILER_SIGNATURE:
            if name in self._trailers:
                raise _bad_trailer()
            self._trailers[name] = value
        elif self._is_signed:
            block = "".join(f"{key}:{self._trailers[key]}\n" for key in sorted(self._trailers))
            digest = sha256(block.encode()).hexdigest()
            self._check(f"TRAILER\n{self._signed_at}{self._previous}\n{digest}", value)
            self._is_trailer_signed = True
        else:
            raise _bad_trailer()

    def _check(self, text: str, claimed: str) -> None:
        made = hmac.digest(self._key, b"AWS4-HMAC-SHA256-" + text.encode(), "sha256").hex()
        if not hmac.compare_digest(made, claimed):
            raise refusal("s3", "mismatch", detail="a chunk's signature")


def _incomplete() -> Fault:
    return Invalid(
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
        code="IncompleteBody",
    )


def _malformed(what: str) -> Fault:
    return Invalid(f"The body is not valid aws-chunked content: {what}.", code="InvalidRequest")


def _bad_trailer() -> Fault:
    return Invalid(
        "The request contained trailing data that was not well-formed or did not conform to our "
        "published schema.",
        code="MalformedTrailerError",
    )

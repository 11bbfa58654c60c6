"""Bodies of S3 requests: lengths, framings, checksums in headers and trailers."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import zlib
from typing import Any

import pytest

from freehold.auth.signature.credential import Credential
from freehold.base.errors import Fault, Invalid, Unsupported
from freehold.edge import bodies
from freehold.edge.bodies import Body, Gone, check_whole, incoming
from freehold.wire.request import Request

SHA256 = hashlib.sha256(b"hello").hexdigest()
CRC32 = base64.b64encode(zlib.crc32(b"hello").to_bytes(4, "big")).decode()
CREDENTIAL = Credential(
    "AKIA", "20260101", "us-east-1", "s3", "host", "0" * 64, "20260101T000000Z", None, False,
    None, "s3", "20260101/us-east-1/s3/aws4_request",
)  # fmt: skip
TRAILED = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + CRC32.encode() + b"\r\n\r\n"


def body(query: str = "", *, has_sums: bool = True, **headers: str) -> Body:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request("PUT", "/b/k", query, given, b"")
    return Body(request, CREDENTIAL, b"key", has_sums=has_sums)


def code(work: Any) -> str | None:
    with pytest.raises(Fault) as caught:
        work()
    return caught.value.code


def test_a_literal_hash_is_compared() -> None:
    made = body(x_amz_content_sha256=SHA256, content_length="5")
    assert (made.size, made.algorithms) == (5, {"SHA256"})
    check_whole(made, made.feed(b"hello"))
    assert code(lambda: check_whole(made, b"HELLO")) == "XAmzContentSHA256Mismatch"
    assert code(lambda: check_whole(made, b"hell")) == "IncompleteBody"


def test_an_unsigned_body_is_taken_as_it_is() -> None:
    made = body(x_amz_content_sha256="UNSIGNED-PAYLOAD", content_length="5")
    assert made.algorithms == frozenset()
    check_whole(made, b"hello")
    assert body("X-Amz-Content-Sha256=" + SHA256).declared.payload_sha256 == SHA256


def trailed(**more: str) -> Body:
    return body(
        x_amz_content_sha256="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        x_amz_decoded_content_length="5",
        x_amz_trailer="x-amz-checksum-crc32",
        **more,
    )


def test_a_trailer_is_compared() -> None:
    made = trailed(content_length=str(len(TRAILED)))
    assert (made.size, made.trailers) == (5, ("x-amz-checksum-crc32",))
    assert made.algorithms == {"CRC32"}
    check_whole(made, made.feed(TRAILED))
    other = trailed()
    payload = other.feed(TRAILED.replace(CRC32.encode(), b"AAAAAA=="))
    assert code(lambda: check_whole(other, payload)) == "BadDigest"


def test_a_body_that_ends_early_is_refused() -> None:
    made = trailed()
    made.feed(TRAILED[:-3])
    assert code(made.end) in ("IncompleteBody", "MalformedTrailerError")


def test_headers_of_an_object_are_not_taken_for_the_body() -> None:
    made = body(has_sums=False, x_amz_checksum_crc32="AAAAAA==", content_length="5")
    check_whole(made, b"hello")
    made = body(x_amz_checksum_mode="ENABLED", x_amz_checksum_algorithm="CRC32")
    assert made.algorithms == frozenset()


REFUSED = {
    "InvalidDigest": {"content_md5": "no"},
    "InvalidRequest": {"x_amz_checksum_crc32": "no"},
    "InvalidArgument": {"content_length": "many"},
}


@pytest.mark.parametrize("expected", REFUSED)
def test_what_no_body_could_match_is_refused_at_once(expected: str) -> None:
    assert code(lambda: body(**REFUSED[expected])) == expected


def test_unknown_trailers_and_algorithms_are_refused() -> None:
    with pytest.raises(Invalid, match="x-amz-trailer"):
        body(
            x_amz_content_sha256="STREAMING-UNSIGNED-PAYLOAD-TRAILER", x_amz_trailer="x-amz-meta-a"
        )
    with pytest.raises(Unsupported):
        body(x_amz_checksum_md5="AAAA")


def read(*messages: dict[str, Any]) -> bytes:
    queue = list(messages)

    async def receive() -> dict[str, Any]:
        if not queue:
            await asyncio.Event().wait()
        return queue.pop(0)

    async def all_of_it() -> bytes:
        return b"".join([data async for data in incoming(receive)])

    return asyncio.run(all_of_it())


def test_a_body_is_read_to_its_end_or_until_the_client_leaves() -> None:
    first = {"type": "http.request", "body": b"a", "more_body": True}
    assert read(first, {"type": "http.request", "body": b"b"}) == b"ab"
    with pytest.raises(Gone):
        read(first, {"type": "http.disconnect"})


def test_a_client_that_sends_nothing_more_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "IDLE_SECONDS_MAX", 0.01)
    with pytest.raises(Invalid) as caught:
        read({"type": "http.request", "body": b"a", "more_body": True})
    assert caught.value.code == "RequestTimeout"

"""Chunked bodies: S3's own published examples, then laws of the parser."""

from __future__ import annotations

import hmac
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.auth.signature.chunks import SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER, ChunkDecoder
from freehold.auth.signature.signing_keys import signing_key
from freehold.base.errors import Fault

# S3 API Reference, sigv4-streaming.html and sigv4-streaming-trailers.html.
KEY = signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524", "us-east-1", "s3")
DATE, SCOPE = "20130524T000000Z", "20130524/us-east-1/s3/aws4_request"
PAYLOAD = b"a" * 66_560
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
PUBLISHED = [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
]
SEED_TRAILER = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
PUBLISHED_TRAILER = [
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
]
TRAILER_SIGNATURE = b"d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"
TRAILER = b"x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:" + TRAILER_SIGNATURE
CHUNKS = [PAYLOAD[:65_536], PAYLOAD[65_536:], b""]


def body(chunks: list[bytes], signatures: list[str], end: bytes = b"\r\n") -> bytes:
    out = b""
    for chunk, signature in zip(chunks, signatures, strict=True):
        out += b"%x;chunk-signature=%s\r\n" % (len(chunk), signature.encode())
        out += chunk + b"\r\n" if chunk else b""
    return out + end


def plain(chunks: list[bytes], end: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks if c) + b"0\r\n" + end


def decoder(mode: str, seed: str = SEED, **options: object) -> ChunkDecoder:
    return ChunkDecoder(mode, seed, KEY, DATE, SCOPE, **options)  # type: ignore[arg-type]


def sign(chunks: list[bytes], seed: str = SEED) -> list[str]:
    made, empty = [], sha256(b"").hexdigest()
    for chunk in chunks:
        seed = made[-1] if made else seed
        text = "\n".join(
            ["AWS4-HMAC-SHA256-PAYLOAD", DATE, SCOPE, seed, empty, sha256(chunk).hexdigest()]
        )
        made.append(hmac.digest(KEY, text.encode(), "sha256").hex())
    return made


def run(parser: ChunkDecoder, data: bytes, step: int) -> tuple[bytes, dict[str, str]]:
    out = b"".join(parser.feed(data[at : at + step]) for at in range(0, len(data), step))
    return out, parser.finish()


STEPS = [1, 7, 4096, 65_535, 10**6]


@pytest.mark.parametrize("step", STEPS)
def test_the_published_chunks_are_believed(step: int) -> None:
    parser = decoder(SIGNED, decoded_bytes=66_560)
    assert run(parser, body(CHUNKS, PUBLISHED), step) == (PAYLOAD, {})


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "end",
    [
        TRAILER + b"\r\n\r\n",
        TRAILER + b"\r\n",
        TRAILER.replace(b"==\r\n", b"==\n\r\n") + b"\r\n\r\n",
    ],
)
def test_the_published_trailer_is_believed(step: int, end: bytes) -> None:
    parser = decoder(SIGNED_TRAILER, SEED_TRAILER, trailer_names={"x-amz-checksum-crc32c"})
    data = body(CHUNKS, PUBLISHED_TRAILER, end)
    assert run(parser, data, step) == (PAYLOAD, {"x-amz-checksum-crc32c": "sOO8/Q=="})


@pytest.mark.parametrize("step", STEPS)
def test_an_unsigned_body_with_a_trailer_is_read_as_botocore_sends_it(step: int) -> None:
    data = plain([b"hello", b" world"], b"x-amz-checksum-crc32:DUoRhQ==\r\n\r\n")
    parser = decoder(UNSIGNED_TRAILER, trailer_names=["x-amz-checksum-crc32"], decoded_bytes=11)
    assert run(parser, data, step) == (b"hello world", {"x-amz-checksum-crc32": "DUoRhQ=="})


def test_a_feed_within_a_chunk_is_not_copied() -> None:
    parser = decoder(UNSIGNED_TRAILER)
    parser.feed(b"ffff\r\n")
    piece = b"x" * 4096
    assert parser.feed(piece) is piece


@given(sizes=st.lists(st.integers(8192, 9000), max_size=3), last=st.integers(0, 50), step=st.data())
def test_what_is_signed_comes_out_in_any_steps(
    sizes: list[int], last: int, step: st.DataObject
) -> None:
    chunks = [bytes([n % 251]) * n for n in [*sizes, last] if n] + [b""]
    data = body(chunks, sign(chunks))
    cuts = sorted(step.draw(st.lists(st.integers(0, len(data)), max_size=12)))
    parser, out = decoder(SIGNED), b""
    for start, stop in zip([0, *cuts], [*cuts, len(data)], strict=True):
        out += parser.feed(data[start:stop])
    assert out == b"".join(chunks)
    assert parser.finish() == {}
    assert parser.decoded_bytes == len(out)


SMALL = [b"hello", b""]
SIGNED_BODY = body(SMALL, sign(SMALL))
TRAILED = body(CHUNKS, PUBLISHED_TRAILER, TRAILER + b"\r\n\r\n")


def believed(mode: str, seed: str, data: bytes, **options: object) -> bytes | None:
    try:
        return run(decoder(mode, seed, **options), data, 4096)[0]
    except Fault:
        return None


@given(at=st.integers(0, len(SIGNED_BODY) - 3), other=st.integers(0, 255))
def test_no_changed_byte_of_a_signed_body_is_believed(at: int, other: int) -> None:
    data = SIGNED_BODY[:at] + bytes([other]) + SIGNED_BODY[at + 1 :]
    if data != SIGNED_BODY:
        assert believed(SIGNED, SEED, data) is None


@given(at=st.integers(1, len(TRAILER)), other=st.integers(33, 126))
def test_no_changed_byte_of_a_signed_trailer_is_believed(at: int, other: int) -> None:
    place = TRAILED.index(TRAILER) + at - 1
    data = TRAILED[:place] + bytes([other]) + TRAILED[place + 1 :]
    if data.lower() != TRAILED.lower():
        assert believed(SIGNED_TRAILER, SEED_TRAILER, data) is None


@given(stop=st.integers(0, len(SIGNED_BODY) - 3))
def test_no_shortened_body_is_believed(stop: int) -> None:
    assert believed(SIGNED, SEED, SIGNED_BODY[:stop]) is None


@given(data=st.binary(max_size=300), mode=st.sampled_from([SIGNED, SIGNED_TRAILER]))
def test_no_noise_is_believed(data: bytes, mode: str) -> None:
    assert believed(mode, SEED, data) is None


END = b"x-amz-checksum-crc32:DUoRhQ==\r\n\r\n"
NAMES = {"x-amz-checksum-crc32"}
WRONG = [
    ("another seed", SIGNED, SIGNED_BODY, {"seed": "0" * 64}, "SignatureDoesNotMatch"),
    ("promised more", SIGNED, SIGNED_BODY, {"decoded_bytes": 6}, "IncompleteBody"),
    ("promised less", SIGNED, SIGNED_BODY, {"decoded_bytes": 4}, "IncompleteBody"),
    ("bytes after the end", SIGNED, SIGNED_BODY + b"x\r\n", {}, "InvalidRequest"),
    ("no signature", SIGNED, plain([b"x"], b"\r\n"), {}, "InvalidRequest"),
    ("bad size", UNSIGNED_TRAILER, b"xyz\r\n", {}, "InvalidRequest"),
    ("negative size", UNSIGNED_TRAILER, b"-1\r\n", {}, "InvalidRequest"),
    ("huge size", UNSIGNED_TRAILER, b"fffffffffffffff\r\n", {}, "InvalidRequest"),
    ("endless header", UNSIGNED_TRAILER, b"0" * 10_000, {}, "InvalidRequest"),
    ("bare line feed", UNSIGNED_TRAILER, b"5\nhello\n0\n\n", {}, "InvalidRequest"),
    ("chunk too long", UNSIGNED_TRAILER, b"5\r\nhello!\r\n0\r\n\r\n", {}, "InvalidRequest"),
    ("no end", UNSIGNED_TRAILER, b"5\r\nhello\r\n0\r\n", {}, "IncompleteBody"),
    ("half trailer", UNSIGNED_TRAILER, plain([b"x"], END[:20]), {}, "IncompleteBody"),
    (
        "no trailer",
        UNSIGNED_TRAILER,
        plain([b"x"], b"\r\n"),
        {"trailer_names": NAMES},
        "MalformedTrailerError",
    ),
    (
        "unpromised trailer",
        UNSIGNED_TRAILER,
        plain([b"x"], END),
        {"trailer_names": set()},
        "MalformedTrailerError",
    ),
    (
        "trailer twice",
        UNSIGNED_TRAILER,
        plain([b"x"], END[:-2] + END),
        {"trailer_names": NAMES},
        "MalformedTrailerError",
    ),
    (
        "not a trailer",
        UNSIGNED_TRAILER,
        plain([b"x"], b"nonsense\r\n\r\n"),
        {},
        "MalformedTrailerError",
    ),
    (
        "many trailers",
        UNSIGNED_TRAILER,
        plain([b"x"], b"".join(b"a%d:%s\r\n" % (n, b"v" * 200) for n in range(60)) + b"\r\n"),
        {},
        "MalformedTrailerError",
    ),
    (
        "trailer without signature",
        SIGNED_TRAILER,
        body(SMALL, sign(SMALL), END),
        {},
        "SignatureDoesNotMatch",
    ),
    (
        "small chunk within",
        SIGNED,
        body([b"a", b"b", b""], sign([b"a", b"b", b""])),
        {},
        "InvalidChunkSizeError",
    ),
]


@pytest.mark.parametrize(("mode", "data", "options", "code"), [w[1:] for w in WRONG])
def test_a_wrong_body_is_refused_with_s3_s_code(
    mode: str, data: bytes, options: dict[str, object], code: str
) -> None:
    options = dict(options)
    parser = decoder(mode, str(options.pop("seed", SEED)), **options)
    with pytest.raises(Fault) as caught:
        run(parser, data, 64)
    assert caught.value.code == code
    with pytest.raises(Fault):
        parser.finish()

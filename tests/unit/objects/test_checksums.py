from __future__ import annotations

import base64
import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.base.errors import Invalid, Unsupported
from freehold.objects import checksums
from freehold.objects.checksums import Declared

BODY = b"What is stored is what was sent."
FOUND = {
    "CRC32": checksums.encode(zlib.crc32(BODY).to_bytes(4, "big")),
    "SHA1": checksums.encode(hashlib.sha1(BODY).digest()),
    "SHA256": checksums.encode(hashlib.sha256(BODY).digest()),
}
MD5 = hashlib.md5(BODY)
OTHER = hashlib.sha256(b"other")


@pytest.mark.parametrize("algorithm", FOUND)
@given(cut=st.integers(0, len(BODY)))
def test_a_running_checksum_does_not_see_where_chunks_are_cut(algorithm: str, cut: int) -> None:
    running = checksums.new(algorithm)
    running.update(BODY[:cut])
    running.update(memoryview(BODY)[cut:])
    assert checksums.encode(running.digest()) == FOUND[algorithm]


def test_an_algorithm_of_aws_that_we_lack_is_refused_by_name() -> None:
    with pytest.raises(Unsupported, match="XXHASH64"):
        checksums.new("XXHASH64")


def test_a_request_that_says_the_truth_passes() -> None:
    declared = Declared(
        size=len(BODY),
        md5=checksums.encode(MD5.digest()),
        payload_sha256=hashlib.sha256(BODY).hexdigest().upper(),
        checksums={"CRC32": FOUND["CRC32"], "SHA1": FOUND["SHA1"]},
    )
    assert declared.algorithms == {"CRC32", "SHA1", "SHA256"}
    checksums.check_form(declared)
    checksums.check(declared, len(BODY), MD5.hexdigest(), FOUND)


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        (Declared(size=len(BODY) + 1), "IncompleteBody"),
        (Declared(payload_sha256=OTHER.hexdigest()), "XAmzContentSHA256Mismatch"),
        (Declared(md5=checksums.encode(hashlib.md5(b"other").digest())), "BadDigest"),
        (Declared(checksums={"SHA256": checksums.encode(OTHER.digest())}), "BadDigest"),
        (Declared(checksums={"CRC32": "AAAAAA=="}), "BadDigest"),
    ],
)
def test_a_request_that_says_otherwise_is_refused(declared: Declared, code: str) -> None:
    checksums.check_form(declared)
    with pytest.raises(Invalid) as refused:
        checksums.check(declared, len(BODY), MD5.hexdigest(), FOUND)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        (Declared(md5="not base64"), "InvalidDigest"),
        (Declared(md5=""), "InvalidDigest"),
        (Declared(md5="AAAA"), "InvalidDigest"),
        (Declared(md5="ä"), "InvalidDigest"),
        (Declared(payload_sha256="abc"), "InvalidArgument"),
        (Declared(checksums={"CRC32": "AAAA"}), "InvalidRequest"),
        (Declared(checksums={"SHA1": "AAAAAA=="}), "InvalidRequest"),
        (Declared(checksums={"CRC32": "AAAA\nAA=="}), "InvalidRequest"),
    ],
)
def test_what_no_body_could_match_is_refused_before_it_is_read(
    declared: Declared, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        checksums.check_form(declared)
    assert refused.value.code == code


TYPES = [
    ("CRC32", None, "COMPOSITE"),
    ("CRC32C", None, "COMPOSITE"),
    ("SHA256", None, "COMPOSITE"),
    ("CRC64NVME", None, "FULL_OBJECT"),
    ("CRC32", "FULL_OBJECT", "FULL_OBJECT"),
    ("CRC64NVME", "FULL_OBJECT", "FULL_OBJECT"),
    ("SHA1", "FULL_OBJECT", None),
    ("CRC64NVME", "COMPOSITE", None),
    ("CRC32", "OTHER", None),
]


@pytest.mark.parametrize(("algorithm", "asked", "kind"), TYPES)
def test_the_type_of_a_multipart_checksum_is_one_that_s3_has(
    algorithm: str, asked: str | None, kind: str | None
) -> None:
    if kind:
        assert checksums.multipart_type(algorithm, asked) == kind
    else:
        with pytest.raises(Invalid):
            checksums.multipart_type(algorithm, asked)


def test_a_composite_checksum_is_the_hash_of_the_raw_hashes() -> None:
    raw = [hashlib.sha256(piece).digest() for piece in (b"one", b"two", b"three")]
    whole = base64.b64encode(hashlib.sha256(b"".join(raw)).digest()).decode()
    assert checksums.composite("SHA256", [checksums.encode(one) for one in raw]) == f"{whole}-3"


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=6))
def test_a_full_object_crc_is_that_of_the_bytes_in_a_row(pieces: list[bytes]) -> None:
    parts = [
        (checksums.encode(zlib.crc32(piece).to_bytes(4, "big")), len(piece)) for piece in pieces
    ]
    whole = zlib.crc32(b"".join(pieces)).to_bytes(4, "big")
    assert checksums.full_object("CRC32", parts) == checksums.encode(whole)


def test_the_etag_of_a_multipart_object_is_the_md5_of_md5s_and_their_number() -> None:
    digests = [hashlib.md5(piece) for piece in (b"one", b"two")]
    whole = hashlib.md5(b"".join(one.digest() for one in digests)).hexdigest()
    assert checksums.multipart_etag([one.hexdigest() for one in digests]) == f"{whole}-2"

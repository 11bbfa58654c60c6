from __future__ import annotations

import hashlib

import pytest

from freehold.base.errors import Internal, Invalid
from freehold.objects import checksums, put
from freehold.objects.checksums import Declared
from freehold.objects.crc import Bytes
from freehold.objects.put import Writer


class FakeSink:
    """Remembers; ``is_full`` refuses as a full disk does."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.ends: list[str] = []
        self.is_full = False

    def write(self, data: Bytes) -> None:
        self.data += data

    def commit(self) -> None:
        if self.is_full:
            raise Internal("full", retryable=True)
        self.ends.append("committed")

    def discard(self) -> None:
        self.ends.append("discarded")


def test_one_pass_gives_size_md5_and_the_checksums_asked_for() -> None:
    sink = FakeSink()
    writer = Writer("b-1", sink, ("SHA256",))
    for chunk in (b"one", bytearray(b"two"), memoryview(b"three")):
        writer.write(chunk)
    blob = writer.finish()
    assert sink.data == b"onetwothree"
    assert blob.id == "b-1"
    assert blob.size == 11
    assert blob.md5_hex == hashlib.md5(b"onetwothree").hexdigest()
    assert blob.checksums == {"SHA256": checksums.encode(hashlib.sha256(b"onetwothree").digest())}
    assert sink.ends == ["committed"]


def test_a_body_that_is_not_what_was_declared_is_not_kept() -> None:
    sink = FakeSink()
    writer = Writer("b-1", sink)
    writer.write(b"one")
    with pytest.raises(Invalid):
        writer.finish(Declared(size=4))
    assert sink.ends == ["discarded"]


def test_a_store_that_refuses_at_the_end_keeps_nothing() -> None:
    sink = FakeSink()
    sink.is_full = True
    writer = Writer("b-1", sink)
    with pytest.raises(Internal):
        writer.finish()
    assert sink.ends == ["discarded"]


def test_an_upload_that_is_left_early_is_discarded_once() -> None:
    sink = FakeSink()
    with Writer("b-1", sink) as writer:
        writer.write(b"one")
    writer.abort()
    assert sink.ends == ["discarded"]


def test_leaving_after_the_end_keeps_the_blob() -> None:
    sink = FakeSink()
    with Writer("b-1", sink) as writer:
        writer.finish()
    assert sink.ends == ["committed"]


def test_more_than_one_upload_may_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(put, "PART_BYTES_MAX", 10)
    writer = Writer("b-1", FakeSink())
    writer.write(b"0123456789")
    with pytest.raises(Invalid) as refused:
        writer.write(b"0")
    assert refused.value.code == "EntityTooLarge"

"""Jobs' files over our own S3: written, listed and read back as a role that may, and not else."""

from __future__ import annotations

import pytest
from tests.support.inprocess import Aws
from tests.support.jobs import TRUST
from tests.support.people import allow, make_role

from freehold.auth.principal import Principal
from freehold.base.errors import Denied, NotFound
from freehold.compose import House
from freehold.loops.jobs.data import buckets
from freehold.loops.jobs.data.buckets import S3Files
from freehold.loops.jobs.data.files import Found, Place


@pytest.fixture
def files(house: House, aws: Aws) -> S3Files:
    aws.client("s3").create_bucket(Bucket="results")
    return S3Files(house.kernel)


@pytest.fixture
def who(house: House, aws: Aws) -> Principal:
    role = make_role(aws, "may", TRUST, allow("s3:*"))
    return house.kernel.doors.session(house.kernel.own_unit(), role, None)


def write(files: S3Files, who: Principal, key: str, *chunks: bytes) -> None:
    with files.write(who, Place("results", key)) as upload:
        for chunk in chunks:
            upload.write(chunk)


def test_what_is_written_is_listed_and_read(files: S3Files, who: Principal) -> None:
    write(files, who, "a/b", b"one ", b"two")
    assert list(files.list(who, Place("results", "a/"))) == [Found("a/b", 7)]
    assert b"".join(files.read(who, Place("results", "a/b"))) == b"one two"


def test_an_empty_object_is_an_object(files: S3Files, who: Principal) -> None:
    write(files, who, "empty")
    assert b"".join(files.read(who, Place("results", "empty"))) == b""


def test_lists_go_on_behind_their_first_page(files: S3Files, who: Principal) -> None:
    for number in range(1001):
        write(files, who, f"many/{number:04}", b"x")
    assert len(list(files.list(who, Place("results", "many/")))) == 1001


def test_a_long_object_is_written_in_parts(
    files: S3Files, who: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "PART_BYTES", 5 * 1024**2)
    chunks = [bytes([number]) * 1024**2 for number in range(12)]
    write(files, who, "long", *chunks)
    assert b"".join(files.read(who, Place("results", "long"))) == b"".join(chunks)


def test_a_role_that_may_not_is_refused(files: S3Files, house: House, aws: Aws) -> None:
    role = make_role(aws, "may-not", TRUST)
    nobody = house.kernel.doors.session(house.kernel.own_unit(), role, None)
    with pytest.raises(Denied, match="s3:ListBucket"):
        list(files.list(nobody, Place("results", "")))
    with pytest.raises(Denied, match="s3:PutObject"):
        write(files, nobody, "x", b"1")


def test_what_was_begun_and_broken_off_is_not_there(files: S3Files, who: Principal) -> None:
    def torn() -> None:
        with files.write(who, Place("results", "half")) as upload:
            upload.write(b"1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        torn()
    with pytest.raises(NotFound):
        list(files.read(who, Place("results", "half")))

"""What is stored is billed by the byte, told in the open hour, and not written too often."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.support.metering import HOUR, A, Stage

from freehold.loops.metering.storage import is_noticeable
from freehold.store import objects
from freehold.store.records import Record


def keep(stage: Stage, kind: str, arn: str, document: dict[str, Any], name: str = "") -> Record:
    record = Record(kind, arn, name or arn.rpartition(":")[2].rpartition("/")[2])
    record.tags, record.document = dict(A), document
    record.created = record.modified = stage.clock.now()
    stage.house.kernel.writer.run(lambda unit: unit.create(record))
    return record


def counted(stage: Stage) -> None:
    """A pass with a fresh count, and a pass a minute later."""
    stage.turn()
    assert stage.loop is not None
    stage.loop.storage.wait()
    stage.turn()


def put_object(stage: Stage, bucket: str, size: int) -> None:
    entry = objects.Entry(bucket, "k", 0.0, size, "e", None, {})
    stage.house.kernel.writer.run(lambda unit: objects.put(unit.connection, entry))


FS = "fs-0123456789abcdef0"
FS_ARN = f"arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/{FS}"


def test_a_domains_files_are_billed_and_told_to_its_file_system(stage: Stage) -> None:
    keep(stage, "elasticfilesystem:file-system", FS_ARN, {"FileSystemId": FS})
    home = stage.house.settings.state / "volumes" / FS / "200001"
    home.mkdir(parents=True)
    (home / "data").write_bytes(b"x" * (4 << 20))
    counted(stage)
    stage.clock.advance(HOUR)
    stage.turn()
    (row,) = stage.rows()
    assert row.service == "Amazon Elastic File System"
    assert row.usage_type == "USE1-TimedStorage-ByteHrs"
    assert row.unit == "GB-Mo"
    assert row.tags == A
    assert row.quantity == pytest.approx(Decimal(4) / 1024 / 720, rel=Decimal("0.01"))
    record = stage.unit.find(FS_ARN)
    assert record is not None
    assert record.document["SizeInBytes"]["Value"] >= 4 << 20


def test_objects_are_billed_by_bucket_until_the_bucket_goes(stage: Stage) -> None:
    bucket = keep(stage, "s3:bucket", "arn:aws:s3:::data", {}, "data")
    put_object(stage, "data", 720 << 30)
    counted(stage)
    stage.clock.advance(HOUR / 2)
    stage.house.kernel.writer.run(lambda unit: unit.remove(bucket, stage.clock.now()))
    stage.clock.advance(HOUR / 4)
    stage.turn()
    (row,) = stage.rows()
    assert row.service == "Amazon Simple Storage Service"
    assert row.quantity == Decimal("0.5")
    stage.clock.advance(5 * HOUR)
    stage.turn()
    assert stage.spent() == Decimal("0.0115")


ACCOUNT = "arn:aws:sagemaker:us-east-1:111122223333"
DOMAIN = f"{ACCOUNT}:domain/d-a"


def domain_of(stage: Stage) -> None:
    """A domain whose file system is FS."""
    document = {"DomainId": "d-a", "HomeEfsFileSystemId": FS}
    keep(stage, "sagemaker:domain", DOMAIN, document, "d-a")
    keep(
        stage,
        "elasticfilesystem:file-system",
        FS_ARN,
        {"FileSystemId": FS, "_DomainId": "d-a"},
    )


def owner(stage: Stage, kind: str, name: str, number: int, **more: Any) -> Record:
    noun = kind.partition(":")[2]
    record = Record(kind, f"{ACCOUNT}:{noun}/d-a/{name}", name, scope="d-a")
    record.document = {"DomainId": "d-a", "HomeEfsFileSystemUid": str(number)} | more
    record.created = record.modified = stage.clock.now()
    stage.house.kernel.writer.run(lambda unit: unit.create(record))
    return record


def fill(place: Path, mebibytes: int) -> None:
    place.mkdir(parents=True, exist_ok=True)
    (place / "data").write_bytes(b"x" * (mebibytes << 20))


def test_a_spaces_volume_is_billed_by_what_was_given_and_its_files_not_again(
    stage: Stage,
) -> None:
    domain_of(stage)
    owned = {"OwnershipSettings": {"OwnerUserProfileName": "ana"}}
    space = owner(stage, "sagemaker:space", "ours", 200_001, **owned, _Volume={"SizeInGb": 72})
    owner(stage, "sagemaker:space", "never-started", 200_002, **owned)
    fill(stage.house.settings.state / "volumes" / "spaces" / "200001" / "home", 4)
    (stage.house.settings.state / "volumes" / FS).mkdir()
    counted(stage)
    stage.clock.advance(HOUR)
    stage.turn()
    (row,) = stage.rows()
    assert row.usage_type == "USE1-Studio:VolumeUsage.gp3"
    assert row.quantity == Decimal("0.1")
    assert row.tags == {  # whoever made the space
        "sagemaker:domain-arn": DOMAIN,
        "sagemaker:space-arn": space.arn,
    }
    assert stage.house.kernel.stored.spaces[200_001].bytes >= 4 << 20
    space.document["_Volume"] = {"SizeInGb": 144}
    stage.house.kernel.writer.run(lambda unit: unit.save(space, stage.clock.now()))
    stage.turn()
    stage.clock.advance(HOUR)
    stage.turn()
    assert sum(row.quantity for row in stage.rows()) == Decimal("0.3")


def test_a_home_is_billed_under_its_owner_and_the_rest_under_the_file_system(
    stage: Stage,
) -> None:
    domain_of(stage)
    ana = owner(stage, "sagemaker:user-profile", "ana", 200_001)
    team = owner(stage, "sagemaker:space", "team", 200_002)
    volume = stage.house.settings.state / "volumes" / FS
    for number, size in ((200_001, 4), (200_002, 8), (200_003, 16)):
        fill(volume / str(number), size)
    counted(stage)
    stage.restart()
    owner(stage, "sagemaker:space", "new", 200_009)  # a look before the first count
    stage.turn()
    counted(stage)
    stage.clock.advance(HOUR)
    stage.turn()
    found = {row.resource_arn: row for row in stage.rows()}
    assert set(found) == {ana.arn, team.arn, FS_ARN}
    for arn, size in ((ana.arn, 4), (team.arn, 8), (FS_ARN, 16)):
        expected = Decimal(size) / 1024 / 720
        assert found[arn].quantity == pytest.approx(expected, rel=Decimal("0.01"))
        assert found[arn].service == "Amazon Elastic File System"
    assert found[ana.arn].tags == {
        "sagemaker:domain-arn": DOMAIN,
        "sagemaker:user-profile-arn": ana.arn,
    }
    assert len(list(stage.rows())) == 3  # the restart cut nothing
    stage.house.kernel.writer.run(lambda unit: unit.remove(ana, stage.clock.now()))
    stage.turn()
    stage.clock.advance(HOUR)
    stage.turn()
    total = sum((row.quantity for row in stage.rows()), Decimal(0))
    assert total == pytest.approx(Decimal(56) / 1024 / 720, rel=Decimal("0.01"))
    record = stage.unit.find(FS_ARN)
    assert record is not None
    assert record.document["SizeInBytes"]["Value"] >= 28 << 20


def test_storage_is_priced_once_a_minute_at_most(stage: Stage) -> None:
    keep(stage, "s3:bucket", "arn:aws:s3:::data", {}, "data")
    put_object(stage, "data", 1 << 30)
    counted(stage)
    stage.clock.advance(61)
    stage.turn()
    before = stage.dump()
    assert len(before) == 1
    stage.clock.advance(30)
    stage.turn()
    assert stage.dump() == before
    stage.clock.advance(31)
    stage.turn()
    assert stage.dump() != before


def test_a_small_change_of_storage_waits() -> None:
    assert is_noticeable(Decimal(0), 1)
    assert is_noticeable(Decimal(1), 0)
    assert not is_noticeable(Decimal(1 << 30), (1 << 30) + (1 << 20))
    assert is_noticeable(Decimal(1 << 30), (1 << 30) + (11 << 20))
    assert not is_noticeable(Decimal(1 << 20), (1 << 20) + 4096)

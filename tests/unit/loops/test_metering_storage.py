"""What is stored is billed by the byte, told in the open hour, and not written too often."""

from __future__ import annotations

from decimal import Decimal
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


def test_a_spaces_volume_is_billed_by_what_was_given_and_its_files_not_again(
    stage: Stage,
) -> None:
    given = {"SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 72}}}
    account = "arn:aws:sagemaker:us-east-1:111122223333"
    document = {"DomainId": "d-a", "HomeEfsFileSystemUid": "200001", "SpaceSettings": given}
    domain = {"DomainId": "d-a", "HomeEfsFileSystemId": FS}
    keep(stage, "sagemaker:domain", f"{account}:domain/d-a", domain, "d-a")
    space = Record("sagemaker:space", f"{account}:space/d-a/ours", "ours", scope="d-a")
    space.document = document
    stage.house.kernel.writer.run(lambda unit: unit.create(space))
    keep(stage, "elasticfilesystem:file-system", FS_ARN, {"FileSystemId": FS})
    home = stage.house.settings.state / "volumes" / FS / "200001"
    home.mkdir(parents=True)
    (home / "data").write_bytes(b"x" * (4 << 20))
    counted(stage)
    stage.clock.advance(HOUR)
    stage.turn()
    found = {row.usage_type: row.quantity for row in stage.rows()}
    assert found["USE1-Studio:VolumeUsage.gp3"] == Decimal("0.1")
    assert found.get("USE1-TimedStorage-ByteHrs", 0) < Decimal("1e-8")  # a directory's own block
    (volume,) = (row for row in stage.rows() if row.usage_type.endswith("VolumeUsage.gp3"))
    assert volume.tags == {  # whoever made the space
        "sagemaker:domain-arn": f"{account}:domain/d-a",
        "sagemaker:space-arn": f"{account}:space/d-a/ours",
    }


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

"""A whole install saved while it is written to, and opened again elsewhere."""

from __future__ import annotations

import os
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from tests.conftest import root_keys
from tests.support.inprocess import Aws
from tests.support.studio import make_domain, make_profile, work_role

from freehold.base.clock import SystemClock
from freehold.base.errors import Conflict, Fault, Invalid
from freehold.cli.backup import snapshot, whole
from freehold.cli.domains.overview import Progress
from freehold.cli.main import main
from freehold.compose import House, open_house
from freehold.host import volumes
from freehold.host.archives import checking
from freehold.host.archives.writing import ArchiveWriter


def saved(state: Path, to: Path) -> ArchiveWriter:
    return whole.save(state, to, Progress(is_seen=False))[0]


def opened(house: House, state: Path) -> tuple[House, Aws]:
    again = open_house(replace(house.settings, state=state), SystemClock())
    return again, Aws(again.api, again.settings.region, root_keys(again))


def home_of(house: House, aws: Aws, domain_id: str) -> Path:
    sagemaker = aws.client("sagemaker")
    fs = sagemaker.describe_domain(DomainId=domain_id)["HomeEfsFileSystemId"]
    told = sagemaker.describe_user_profile(DomainId=domain_id, UserProfileName="ana")
    number = int(told["HomeEfsFileSystemUid"])
    return volumes.make_home(house.settings.state, fs, number, house.kernel.uids.owner(number))


def test_an_install_that_is_written_to_comes_back_whole(
    aws: Aws, house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    domain = make_domain(aws, "finance", work_role(aws, "work"))
    make_profile(aws, domain.id, "ana")
    home = home_of(house, aws, domain.id)
    (home / "notes").write_text("hers")
    volumes.give(home, os.stat(home).st_uid)
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="stuff")
    ends = threading.Event()
    writes = 0

    def write() -> None:  # every object is written over again and again: blobs come and go
        nonlocal writes
        while not ends.is_set():
            s3.put_object(Bucket="stuff", Key=f"k{writes % 5}", Body=os.urandom(2000))
            writes += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        archive = tmp_path / "all.tar.zst"
        made = saved(house.settings.state, archive)
    finally:
        ends.set()
        writer.join()
    assert writes > 0
    assert made.lost == 0
    assert not list((house.settings.state / "objects").glob(".*"))
    assert [path.name for path in tmp_path.glob(".*")] == []
    place = tmp_path / "new" / "state"
    place.parent.mkdir()
    assert main(["restore", str(archive), "--state", str(place)]) == 0
    assert f"freehold up --state {place}" in capsys.readouterr().out
    again, theirs = opened(house, place)
    try:
        listed = theirs.client("sagemaker").list_domains()["Domains"]
        assert [one["DomainName"] for one in listed] == ["finance"]
        for one in theirs.client("s3").list_objects_v2(Bucket="stuff").get("Contents", ()):
            row = again.kernel.own_unit().connection.execute(
                "select document from object where key = ?", (one["Key"],)
            )
            assert row.fetchone() is not None
        with sqlite3.connect(place / "freehold.db") as index:
            wanted = [b for (b,) in index.execute("select id from blob where died is null")]
        for blob in wanted:
            assert (place / "objects" / blob[2:4] / blob).exists()
        there = home_of(again, theirs, domain.id)
        assert there.name == home.name
        assert (there / "notes").read_text() == "hers"
        assert os.stat(there / "notes").st_uid == os.stat(home / "notes").st_uid
    finally:
        theirs.close()
        again.close()


def test_what_is_true_of_this_instant_only_stays_behind(house: House, tmp_path: Path) -> None:
    state = house.settings.state
    (state / "server.json").write_text("{}")
    (state / "runs").mkdir()
    (state / "runs" / "one").write_text("x")
    (state / "prices.json").write_text("{}")
    saved(state, tmp_path / "a.tar.gz")
    names: list[str] = []
    checking.read(tmp_path / "a.tar.gz", lambda member, _chunks: names.append(member.name))
    top = {name.split("/")[1] for name in names if "/" in name}
    assert {"freehold.db", "objects", "prices.json"} <= top
    assert not top & {"runs", "lock", "server.json", "freehold.db-wal", "backup.lock"}


def test_a_state_that_holds_something_is_not_written_over(house: House, tmp_path: Path) -> None:
    archive = tmp_path / "a.tar.gz"
    saved(house.settings.state, archive)
    summary = checking.read(archive)
    with pytest.raises(Conflict, match="holds something"):
        whole.restored(archive, house.settings.state, summary)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.restoring").mkdir()  # what a killed run left
    (tmp_path / "empty.restoring" / "half").write_text("x")
    whole.restored(archive, tmp_path / "empty", summary)
    assert (tmp_path / "empty" / "freehold.db").exists()
    assert not (tmp_path / "empty.restoring").exists()


def test_a_damaged_backup_makes_no_state(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "a.tar.gz"
    saved(house.settings.state, archive)
    body = bytearray(archive.read_bytes())
    body[len(body) // 2] ^= 1
    archive.write_bytes(body)
    place = tmp_path / "new"
    assert main(["restore", str(archive), "--state", str(place)]) == 1
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert "damaged" in told.err
    assert not place.exists()


def test_two_backups_at_once_and_what_a_killed_one_held(house: House, tmp_path: Path) -> None:
    state = house.settings.state
    (state / "objects" / ".backup-1" / "aa").mkdir(parents=True)
    with (
        snapshot.taken(state, tmp_path / "a"),
        pytest.raises(Conflict, match="another backup"),
        snapshot.taken(state, tmp_path / "b"),
    ):
        pass
    assert not list((state / "objects").glob(".*"))


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ('{"format": "freehold-domain", "version": 1}', "no backup of an install"),
        (
            '{"format": "freehold-domain", "version": 1, "as_root": true}',
            "use `freehold domain restore`",
        ),
        ('{"format": "freehold-state", "version": 7, "as_root": true}', "has the form 7"),
    ],
)
def test_what_is_no_backup_of_an_install_is_refused(about: str, said: str) -> None:
    empty = checking.Summary({"about.json": about.encode()}, 1, 0, [], [], "")
    with pytest.raises(Invalid, match=said):
        whole.require_whole(empty)


def test_no_install_no_backup(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="there is no install in"):
        saved(tmp_path, tmp_path / "a.tar.gz")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words",
    [
        ["backup", "--to", "x.zip"],
        ["restore", "x.zip"],
        ["domain", "backup", "d", "--to", "x.tar"],
        ["domain", "restore", "x.tar.gz"],
        ["domain", "restore", "x.tar.gz", "--name", "n", "--verify-only"],
        ["domain", "restore", "x.tar.gz", "--name", "n", "--map", "role"],
    ],
)
def test_wrong_words_exit_2_in_one_line(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err.count("\n") == 1

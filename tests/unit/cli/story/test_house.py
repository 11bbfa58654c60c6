"""What an earlier demo left: ended by its own record, and nothing else touched."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

import pytest

from freehold.cli.story import house
from freehold.cli.story.teller import StoryFailed, Teller


@pytest.fixture
def teller() -> Teller:
    return Teller(print=lambda _: None)


def test_a_directory_that_no_demo_made_is_left_alone(tmp_path: Path, teller: Teller) -> None:
    (tmp_path / "freehold.db").write_text("somebody's years of work")
    with pytest.raises(StoryFailed, match="no demo made"):
        house.end_earlier(tmp_path, teller)
    assert (tmp_path / "freehold.db").read_text() == "somebody's years of work"


def test_nothing_there_is_nothing_to_end(tmp_path: Path, teller: Teller) -> None:
    house.end_earlier(tmp_path / "new", teller)
    house.end_earlier(tmp_path, teller)


def test_an_earlier_demos_state_is_removed_but_for_its_record(
    tmp_path: Path, teller: Teller
) -> None:
    (tmp_path / house.RECORD).write_text("{}")
    (tmp_path / "volumes" / "fs").mkdir(parents=True)
    (tmp_path / "server.log").write_text("")
    house.end_earlier(tmp_path, teller)
    assert [entry.name for entry in tmp_path.iterdir()] == [house.RECORD]


def test_stopping_refuses_a_state_that_no_demo_made(tmp_path: Path, teller: Teller) -> None:
    with pytest.raises(StoryFailed, match="no demo was played"):
        house.halt(tmp_path, teller)


def test_a_free_lock_means_no_server(tmp_path: Path) -> None:
    assert house.server_of(tmp_path) is None
    (tmp_path / "lock").write_text(f"{os.getpid()}\n")
    assert house.server_of(tmp_path) is None


def test_a_lock_held_by_a_process_that_is_no_server_ends_nothing(tmp_path: Path) -> None:
    with open(tmp_path / "lock", "w") as lock:
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StoryFailed, match="no server of this state"):
            house.server_of(tmp_path)


def test_a_record_that_names_another_process_than_the_lock_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "server.json").write_text(json.dumps({"pid": 1}))
    with open(tmp_path / "lock", "w") as lock:
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StoryFailed, match="do not name"):
            house.server_of(tmp_path)

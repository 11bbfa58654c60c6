"""Numbers: the same for a key for ever, never the same for two."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from freehold.base.errors import LimitExceeded
from freehold.host import uids
from freehold.host.uids import Uids


def test_profiles_count_as_aws_does_and_jobs_stand_apart(tmp_path: Path) -> None:
    found = Uids(tmp_path, counter=tmp_path / "counter")
    assert [found.number("a"), found.number("b"), found.number("a")] == [200_001, 200_002, 200_001]
    assert found.number("j", "job") == 1_900_000_001
    assert Uids(tmp_path, counter=tmp_path / "counter").number("b") == 200_002


def test_two_states_of_one_machine_share_no_number(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = (Uids(tmp_path / name, counter=tmp_path / "c") for name in ("one", "two"))
    assert [one.number("a"), two.number("a"), one.number("b")] == [200_001, 200_002, 200_003]


def test_a_restored_state_keeps_its_numbers_ahead_of_a_fresh_counter(tmp_path: Path) -> None:
    old = Uids(tmp_path, counter=tmp_path / "old")
    for key in "abc":
        old.number(key)
    assert Uids(tmp_path, counter=tmp_path / "new").number("d") == 200_004


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(min_size=1, max_size=8), max_size=8))
def test_numbers_are_a_function_of_keys_and_never_shared(tmp_path: Path, keys: list[str]) -> None:
    found = Uids(tmp_path, counter=tmp_path / "counter")
    numbers = {key: found.number(key) for key in keys}
    assert all(found.number(key) == number for key, number in numbers.items())
    assert len(set(numbers.values())) == len(numbers)


def test_threads_get_different_numbers(tmp_path: Path) -> None:
    found = Uids(tmp_path, counter=tmp_path / "counter")
    given_: list[int] = []
    threads = [
        threading.Thread(target=lambda i=i: given_.append(found.number(f"k{i}"))) for i in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given_) == list(range(200_001, 200_009))


def test_a_used_up_range_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(uids.RANGES, "profile", (200_001, 200_001))
    found = Uids(tmp_path, counter=tmp_path / "counter")
    found.number("a")
    with pytest.raises(LimitExceeded):
        found.number("b")
    assert found.number("a") == 200_001


def test_an_ordinary_user_owns_everything(tmp_path: Path) -> None:
    found = Uids(tmp_path, is_root=False)
    number = found.number("a")
    assert (number, found.owner(number), found.are_distinct) == (200_001, os.geteuid(), False)
    assert Uids(tmp_path, counter=tmp_path / "c", is_root=True).owner(number) == number


def test_a_uid_of_the_machines_accounts_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uids, "_is_somebodys", lambda uid: uid in {200_001, 200_002})
    found = Uids(tmp_path, counter=tmp_path / "counter", is_root=True)
    assert [found.number("a"), found.number("b")] == [200_003, 200_004]

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest

from freehold.store import reserve
from freehold.store.reserve import Reserve


def test_room_is_kept_once_and_given_up_once(tmp_path: Path) -> None:
    kept = Reserve(tmp_path)
    assert kept.keep()
    file = tmp_path / reserve.NAME
    assert file.stat().st_blocks * 512 >= reserve.BYTES  # truly taken: no hole
    assert kept.keep()
    assert [path.name for path in tmp_path.iterdir()] == [reserve.NAME]
    assert kept.give_up()
    assert not kept.give_up()
    assert not file.exists()


def test_what_says_that_a_disk_is_full_is_known(tmp_path: Path) -> None:
    assert reserve.is_full(OSError(errno.ENOSPC, "No space left on device"))
    assert not reserve.is_full(OSError(errno.EACCES, "Permission denied"))
    file = sqlite3.connect(tmp_path / "small.db", isolation_level=None)
    file.execute("create table t (x)")
    file.execute("pragma max_page_count = 3")
    with pytest.raises(sqlite3.Error) as caught:
        file.execute("insert into t values (zeroblob(100000))")
    file.close()
    assert reserve.is_full(caught.value)

"""What a run leaves on disk: whole files and a lock that can be asked about."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from freehold.runners import rundir


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    for data in (b"one", b"two"):
        rundir.write_whole(str(path), data, is_durable=True)
    assert path.read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["status.json"]
    assert path.stat().st_mode & 0o777 == 0o600


HOLDER = """
import sys
sys.path.insert(0, sys.argv[1])
from freehold.runners import rundir
print(rundir.hold(sys.argv[2]) is not None, flush=True)
sys.stdin.read()
"""


def test_a_lock_is_held_by_one_process_and_freed_by_its_end(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    assert rundir.holder(path) is None
    root = str(Path(rundir.__file__).parents[2])
    argv = [sys.executable, "-I", "-S", "-c", HOLDER, root, path]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"True\n"
        assert rundir.holder(path) == child.pid
        assert rundir.hold(path) is None
        child.kill()
    assert rundir.holder(path) is None


def test_a_boot_has_a_name() -> None:
    assert rundir.boot_id() == rundir.boot_id()
    assert len(rundir.boot_id()) == 36

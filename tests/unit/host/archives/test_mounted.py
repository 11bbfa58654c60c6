"""A volume that is an image is read like a directory, also while somebody has it mounted."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from freehold.base.errors import Conflict
from freehold.host.archives import mounted

MKFS = shutil.which("mkfs.ext4", path=mounted.PATH)
pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts images"),
    pytest.mark.skipif(MKFS is None, reason="needs e2fsprogs"),
]


def in_a_process_of_its_own(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Mounts of one's own are for ever: not in the process of the tests."""

    return subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )


def test_an_image_is_shown_while_it_is_mounted_elsewhere(tmp_path: Path) -> None:
    image = tmp_path / "image"
    with image.open("wb") as file:
        file.truncate(16 << 20)
    assert MKFS is not None
    subprocess.run([MKFS, "-q", "-F", str(image)], check=True)
    code = """
import sys
from pathlib import Path
from freehold.host.archives import mounted
with mounted.image(Path(sys.argv[1])) as one, mounted.image(Path(sys.argv[1])) as two:
    (one / "home").mkdir()
    (one / "home" / "note").write_text("written through the other mount")
    print((two / "home" / "note").read_text())
"""
    done = in_a_process_of_its_own(code, str(image))
    if "cannot be mounted" in done.stderr or "loop" in done.stderr:
        pytest.skip(f"this host has no loop devices: {done.stderr.splitlines()[-1]}")
    assert done.stdout == "written through the other mount\n", done.stderr
    assert str(tmp_path) not in Path("/proc/mounts").read_text()


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(b"no image")
    code = """
import sys
from pathlib import Path
from freehold.base.errors import Fault
from freehold.host.archives import mounted
try:
    with mounted.image(Path(sys.argv[1])):
        pass
except Fault as fault:
    print(type(fault).__name__, fault.message)
"""
    done = in_a_process_of_its_own(code, str(tmp_path / "image"))
    assert done.stdout.startswith(Conflict.__name__), done.stderr

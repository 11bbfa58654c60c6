"""A volume that is an ext4 image, shown as a directory to this process alone.

Input: an image of a space's volume, in use by its app or not. Output: a path, for as long as the
context lasts. The mount stands in a namespace of this process's own: nobody else sees it, and a
kill leaves nothing behind. As root; needs mount(8), which shares the device of an image that is
mounted already, so that both see one file system.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from freehold.base.errors import Conflict

NEW_MOUNTS = 0x00020000  # CLONE_NEWNS
PRIVATE = 0x40000 | 0x4000  # MS_PRIVATE | MS_REC
COMMAND_SECONDS = 60
PATH = "/usr/sbin:/sbin:/usr/bin:/bin"
_libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def image(path: Path) -> Iterator[Path]:
    """Mount an image.

    Raises:
        Conflict: It cannot be mounted.
    """
    _own_mounts()
    with tempfile.TemporaryDirectory(prefix="freehold-") as place:
        _run("mount", "-t", "ext4", "-o", "loop,nosuid,nodev,noexec,noatime", str(path), place)
        try:
            yield Path(place)
        finally:
            _run("umount", place)


def _own_mounts() -> None:
    """This thread, and what it starts, mounts where nobody else sees it."""
    if _libc.unshare(NEW_MOUNTS) or _libc.mount(None, b"/", None, PRIVATE, None):
        reason = os.strerror(ctypes.get_errno())
        raise Conflict(f"a space's volume is an image, and images cannot be mounted: {reason}")


def _run(*words: str) -> None:
    try:
        done = subprocess.run(
            words,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
            env={"PATH": PATH, "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Conflict(f"{words[0]}: {error}") from error
    if done.returncode:
        raise Conflict(f"{words[0]}: {done.stderr.strip()[:300]}")

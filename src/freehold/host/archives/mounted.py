"""A volume that is an ext4 image, shown as a directory to this process alone.

Input: an image of a space's volume, in use by its app or not. Output: a path, for as long as the
context lasts. The mount stands in a namespace of this process's own: nobody else sees it, and a
kill leaves nothing behind. As root. An image that is mounted already is shown by the same device,
so that both see one file system (``host/sandboxes/mounts.py``).
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
from freehold.host.sandboxes import mounts

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
        try:
            _place(path, place)
        except OSError as error:
            raise Conflict(f"{path} cannot be mounted: {error.strerror or error}") from error
        try:
            yield Path(place)
        finally:
            _run("umount", place)


def _place(path: Path, place: str) -> None:
    """Mount as sandboxes do: a second device beside theirs would destroy what is in the image."""
    whole = mounts.image(str(path))
    try:
        at = os.open(place, mounts.FOLDER)
        try:
            mounts.place(whole, at)
        finally:
            os.close(at)
    finally:
        os.close(whole)


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

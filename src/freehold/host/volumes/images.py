"""Ext4 images: a space's volume whose size the kernel holds, a sparse file until it is written to.

Input: a path and a size. Output: an image that ``host/sandboxes/layers.py`` mounts in the space's
own sandbox, as root. A full one is full for its app and for nobody else. Made beside its name
and moved there, so that a killed server leaves no half of one. Needs e2fsprogs.
"""

from __future__ import annotations

import functools
import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

from freehold.base.errors import Internal
from freehold.host.sandboxes import mounts
from freehold.host.sandboxes.layers import IMAGE_HOME

COMMAND_SECONDS_MAX = 120.0
PROBE_BYTES = 8 << 20
DISK_BYTES_MIN = 1 << 30  # a new image is refused where less than this is free
PATH = "/usr/sbin:/sbin:/usr/bin:/bin"  # mkfs is no ordinary user's, so often not on PATH
_MKFS = ("-q", "-F", "-t", "ext4", "-b", "4096", "-m", "0")
_LAZY = "lazy_itable_init=1,lazy_journal_init=1,nodiscard"


@functools.cache
def trouble() -> str:
    """Why images cannot be had on this host, for people; empty where they can. Tried once."""
    if os.geteuid() != 0:
        return "only root mounts images"
    for program in ("mkfs.ext4", "resize2fs", "e2fsck"):
        if not shutil.which(program, path=PATH):
            return f"{program} is not installed"
    with tempfile.TemporaryDirectory(prefix="freehold-") as place:
        try:
            path = Path(place) / "image"
            _create(path, PROBE_BYTES, os.geteuid())
        except (OSError, Internal) as error:
            return f"an image cannot be mounted: {getattr(error, 'detail', '') or error}"
    return ""


def make(path: Path, size: int, owner: int) -> None:
    """Make an image that holds ``size`` bytes, its home the owner's.

    Raises:
        Internal: It cannot be made; nothing is left at ``path``.
    """
    free = shutil.disk_usage(path.parent).free
    if free < DISK_BYTES_MIN:
        raise Internal(
            f"The disk has {free / (1 << 30):.1f} GiB free: too little for another volume.",
            detail=str(path),
        )
    fresh = path.with_suffix(".new")
    try:
        fresh.unlink(missing_ok=True)
        _create(fresh, size, owner)
        fresh.rename(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise Internal("The volume could not be made.", detail=f"{path}: {error}") from error


def _create(path: Path, size: int, owner: int) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.ftruncate(descriptor, size)
    finally:
        os.close(descriptor)
    _run("mkfs.ext4", *_MKFS, "-E", _LAZY, str(path))
    whole = mounts.image(str(path))
    try:
        os.mkdir(IMAGE_HOME, 0o700, dir_fd=whole)
        home = mounts.open_beneath(whole, IMAGE_HOME)
        try:
            os.fchown(home, owner, owner)
            os.fsync(home)
        finally:
            os.close(home)
    finally:
        os.close(whole)


def grow(path: Path, size: int) -> None:
    """Make an image hold ``size`` bytes if it holds less. One that is in use waits for its end.

    Nobody mounts it meanwhile, which would destroy it. The programs hold the lock as well: they
    outlive a server that is killed.

    Raises:
        Internal: It cannot be grown; what is in it is as it was.
    """
    with mounts.locked(str(path)) as lock:
        if capacity(path) >= size or mounts.is_attached(str(path)):
            return
        _run("e2fsck", "-f", "-p", str(path), fine=(0, 1), keeps=(lock,))
        if path.stat().st_size < size:
            os.truncate(path, size)
        _run("resize2fs", str(path), keeps=(lock,))


def capacity(path: Path) -> int:
    """Bytes that the image's file system spans, by its superblock; 0 if it has none."""
    with open(path, "rb") as image:
        image.seek(1024)
        block = image.read(1024)
    if len(block) < 1024 or block[0x38:0x3A] != b"\x53\xef":
        return 0
    (low,), (scale,) = struct.unpack_from("<I", block, 4), struct.unpack_from("<I", block, 0x18)
    (high,) = struct.unpack_from("<I", block, 0x150)
    return int((high << 32 | low) << (10 + scale))


def _run(*argv: str, fine: tuple[int, ...] = (0,), keeps: tuple[int, ...] = ()) -> None:
    program = shutil.which(argv[0], path=PATH)
    try:
        done = subprocess.run(
            [program or argv[0], *argv[1:]],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=COMMAND_SECONDS_MAX,
            check=False,
            pass_fds=keeps,
            env={"PATH": PATH, "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Internal("The volume could not be prepared.", detail=str(error)) from error
    if done.returncode not in fine:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()[-500:]
        raise Internal("The volume could not be prepared.", detail=f"{argv[0]}: {said}")

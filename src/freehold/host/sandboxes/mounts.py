"""The kernel's mounts by descriptor: no path that a workload could bend, nothing left behind.

Input: descriptors and images of ours. Output: descriptors of detached mounts, which end with
their last user, and their placing at a directory that is held open. Used by the process that
becomes bubblewrap (``layers.py``) and by ``host/volumes``. Standard library only. The numbers of
these system calls are the same on every architecture (Linux's syscall tables, from 5.1 on).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import stat
import struct
from collections.abc import Iterator, Sequence

OPEN_TREE, MOVE_MOUNT, FSOPEN, FSCONFIG, FSMOUNT, OPENAT2, MOUNT_SETATTR = (
    428, 429, 430, 431, 432, 437, 442,
)  # fmt: skip
AT_EMPTY_PATH, OPEN_TREE_CLONE = 0x1000, 1
MOVE_BY_DESCRIPTORS = 0x04 | 0x40  # MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH
CLOEXEC = os.O_CLOEXEC
SET_FLAG, SET_STRING, CREATE = 0, 1, 6
NOSUID, NODEV, NOATIME, IDMAP = 0x02, 0x04, 0x10, 0x00100000
BENEATH = 0x08 | 0x04 | 0x02 | 0x01  # no way up, no symbolic or magic link, no other mount
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | CLOEXEC
LOOP_CTL_GET_FREE, LOOP_CONFIGURE = 0x4C82, 0x4C0A
LOOP_AUTOCLEAR = 4
LOOP_TRIES = 16
BLOCK_BYTES = 4096
IDS_MAX = 0xFFFFFFFF  # the last one is nobody's
ATTEMPT_AGAIN = frozenset({errno.EBUSY, errno.ENXIO})
_libc = ctypes.CDLL(None, use_errno=True)


def open_beneath(folder: int, path: str, flags: int = FOLDER) -> int:
    """Open ``path`` below an open directory, through no link and onto no other mount.

    Raises:
        OSError: It is not there, or its way leads through a link or out of the directory.
    """
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if not parts:
        return os.open(".", flags, dir_fd=folder)
    how = struct.pack("QQQ", flags | CLOEXEC, 0, BENEATH)
    try:
        return _call(OPENAT2, folder, os.fsencode("/".join(parts)), how, len(how))
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise
    return _step_by_step(folder, parts, flags)


def _step_by_step(folder: int, parts: Sequence[str], flags: int) -> int:
    """The same on a kernel before 5.6."""
    at = os.dup(folder)
    try:
        for part in parts[:-1]:
            if part == "..":
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), part)
            below = os.open(part, FOLDER, dir_fd=at)
            os.close(at)
            at = below
        return os.open(parts[-1], flags | os.O_NOFOLLOW, dir_fd=at)
    finally:
        os.close(at)


def clone(folder: int, ids: tuple[int, int, int, int] | None = None) -> int:
    """A detached mount of an open directory, without programs that change rights or devices.

    Args:
        folder: The directory.
        ids: uid and gid on disk, uid and gid of who uses the mount: files of the first belong to
            the second, and what the second makes is the first's. None maps nothing.

    Raises:
        OSError: The kernel (5.12) or this file system cannot map ids, or we may not mount.
    """
    made = _call(OPEN_TREE, folder, b"", OPEN_TREE_CLONE | CLOEXEC | AT_EMPTY_PATH)
    try:
        if ids is None:
            _set(made, NOSUID | NODEV, 0)
        else:
            names = _names(ids)
            try:
                _set(made, NOSUID | NODEV | IDMAP, names)
            finally:
                os.close(names)
    except OSError:
        os.close(made)
        raise
    return made


def _set(mount: int, attributes: int, names: int) -> None:
    wanted = struct.pack("QQQQ", attributes, 0, 0, names)
    _call(MOUNT_SETATTR, mount, b"", AT_EMPTY_PATH, wanted, len(wanted))


def _names(ids: tuple[int, int, int, int]) -> int:
    """A user namespace that holds a mapping, kept by the descriptor alone."""
    ready_read, ready_write = os.pipe2(CLOEXEC)
    done_read, done_write = os.pipe2(CLOEXEC)
    pid = os.fork()
    if pid == 0:
        try:
            os.close(done_write)
            if _libc.unshare(0x10000000) == 0:  # CLONE_NEWUSER
                os.write(ready_write, b"1")
            os.close(ready_write)
            os.read(done_read, 1)
        finally:
            os._exit(0)
    try:
        os.close(ready_write)
        if not os.read(ready_read, 1):
            raise OSError(errno.EPERM, "a user namespace cannot be made")
        for name, inside, outside in (("uid_map", ids[0], ids[2]), ("gid_map", ids[1], ids[3])):
            with open(f"/proc/{pid}/{name}", "w") as target:
                target.write(_swapped(inside, outside))
        return os.open(f"/proc/{pid}/ns/user", os.O_RDONLY | CLOEXEC)
    finally:
        for descriptor in (ready_read, done_read, done_write):
            os.close(descriptor)
        os.waitpid(pid, 0)


def _swapped(inside: int, outside: int) -> str:
    """All ids as they are, but for two that stand for each other.

    An id without a mapping could not be written to at all, not even where everybody may.
    """
    low, high = sorted((inside, outside))
    spans = [(0, 0, low), (inside, outside, 1), (outside, inside, 1)]
    spans += [(low + 1, low + 1, high - low - 1), (high + 1, high + 1, IDS_MAX - high - 1)]
    if low == high:
        spans = [(0, 0, IDS_MAX)]
    return "".join(f"{a} {b} {count}\n" for a, b, count in spans if count > 0)


def place(mount: int, folder: int) -> None:
    """Put a detached mount on an open directory."""
    _call(MOVE_MOUNT, mount, b"", folder, b"", MOVE_BY_DESCRIPTORS)


def image(path: str) -> int:
    """A detached mount of an ext4 image.

    An image that is attached already is used as it is attached: one device, one file system,
    however often it is mounted. The device goes with the last user.

    Raises:
        OSError: No loop device, no ext4, or an image that is not whole.
    """
    with locked(path):  # two that attach it at once get one device
        name, device = _attached(path)
        try:
            return _file_system(name)
        finally:
            os.close(device)


@contextlib.contextmanager
def locked(path: str) -> Iterator[int]:
    """Keep everybody else from attaching an image, or from changing it while it is not attached.

    The lock is given back when the descriptor is closed, also where a program has inherited it.
    """
    # Of its own: the device keeps the descriptor that it is given, and would keep the lock.
    lock = os.open(path, os.O_RDONLY | CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def is_attached(path: str) -> bool:
    """Whether an image is somebody's block device now."""
    wanted = os.path.realpath(path)
    return any(_backing(name) == wanted for name in os.listdir("/sys/block"))


def _file_system(device: str) -> int:
    context = _call(FSOPEN, b"ext4", 1)
    try:
        _call(FSCONFIG, context, SET_STRING, b"source", device.encode(), 0)
        _call(FSCONFIG, context, SET_STRING, b"errors", b"remount-ro", 0)
        _call(FSCONFIG, context, SET_FLAG, b"discard", None, 0)  # what is deleted is given back
        _call(FSCONFIG, context, CREATE, None, None, 0)
        return _call(FSMOUNT, context, 1, NOSUID | NODEV | NOATIME)
    finally:
        os.close(context)


def _attached(path: str) -> tuple[str, int]:
    """The loop device of an image, attached now if it is not: its name and a descriptor."""
    for name in sorted(os.listdir("/sys/block")):
        if name.startswith("loop") and (device := held(name, path)) is not None:
            return f"/dev/{name}", device
    file = os.open(path, os.O_RDWR | CLOEXEC | os.O_NOFOLLOW)
    try:
        for attempt in range(LOOP_TRIES):
            try:
                return _attach(file)
            except OSError as error:  # somebody else took the device meanwhile
                if error.errno not in ATTEMPT_AGAIN or attempt == LOOP_TRIES - 1:
                    raise
    finally:
        os.close(file)
    raise AssertionError


def held(name: str, path: str) -> int | None:
    """A descriptor of a loop device if it is this image's, and stays so while it is held.

    Between the look and the opening the image's last user may leave, and the device be given to
    somebody else's image: only what is read while it is open is true.
    """
    wanted = os.path.realpath(path)
    if _backing(name) != wanted:
        return None
    try:
        device = os.open(f"/dev/{name}", os.O_RDWR | CLOEXEC)
    except OSError as error:
        if error.errno in ATTEMPT_AGAIN:  # it is being taken down
            return None
        raise
    if _backing(name) == wanted:
        return device
    os.close(device)
    return None


def _attach(file: int) -> tuple[str, int]:
    control = os.open("/dev/loop-control", os.O_RDWR | CLOEXEC)
    try:
        number = fcntl.ioctl(control, LOOP_CTL_GET_FREE)
    finally:
        os.close(control)
    name = f"/dev/loop{number}"
    if not os.path.exists(name):  # a machine whose devices nobody makes
        os.mknod(name, stat.S_IFBLK | 0o600, os.makedev(7, number))
    facts = struct.pack("QQQQQIIII", 0, 0, 0, 0, 0, 0, 0, 0, LOOP_AUTOCLEAR)
    orders = (struct.pack("II", file, BLOCK_BYTES) + facts).ljust(304, b"\0")  # loop_config
    device = os.open(name, os.O_RDWR | CLOEXEC)
    try:
        fcntl.ioctl(device, LOOP_CONFIGURE, orders)
    except OSError:
        os.close(device)
        raise
    return name, device


def _backing(name: str) -> str:
    try:
        with open(f"/sys/block/{name}/loop/backing_file") as found:
            return found.read().rstrip("\n")
    except OSError:
        return ""


def own_mounts(*, as_root: bool) -> None:
    """Give this process mounts of its own: what it mounts, nobody else sees, and none outlives it.

    An ordinary user gets a user namespace with it, in which it is still itself.

    Raises:
        OSError: The host forbids it.
    """
    uid, gid = os.geteuid(), os.getegid()
    if _libc.unshare(0x00020000 | (0 if as_root else 0x10000000)) != 0:
        raise OSError(ctypes.get_errno(), "mounts of our own cannot be had")
    if not as_root:
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{uid} {uid} 1"),
            ("gid_map", f"{gid} {gid} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as target:
                target.write(text)
    if _libc.mount(None, b"/", None, 0x4000 | 0x40000, None) != 0:  # MS_REC | MS_PRIVATE
        raise OSError(ctypes.get_errno(), "mounts of our own cannot be had")


def _call(number: int, *arguments: int | bytes | None) -> int:
    given = [
        ctypes.c_long(one) if isinstance(one, int) else ctypes.c_char_p(one) for one in arguments
    ]
    found = int(_libc.syscall(ctypes.c_long(number), *given))
    if found < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return found

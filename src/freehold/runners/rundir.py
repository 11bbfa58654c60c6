"""What a run leaves on disk: ``<state>/runs/<id>/``, mode 0700, written by its supervisor.

    work.json   what was asked for            plan        how to start it; gone once started
    status.json the last transition, synced   heartbeat   rewritten in place every two seconds
    lock        held as long as it is owned   ctl.sock    where the supervisor answers
    log         framed lines                  group.json  its control groups

Used by the runner and by the supervisor, so the standard library only.
"""

from __future__ import annotations

import fcntl
import os
import struct

HEARTBEAT_SECONDS = 2.0
HEARTBEAT_BYTES = 128
_FLOCK = "hhqqi4x"  # struct flock on 64-bit Linux


def boot_id() -> str:
    """Changes with every start of the kernel."""
    with open("/proc/sys/kernel/random/boot_id") as source:
        return source.read().strip()


def write_whole(path: str, data: bytes, *, is_durable: bool) -> None:
    """Replace a file so that a reader sees the old or the new one, never half.

    ``is_durable``: on disk, file and name, before this returns.
    """
    partial = f"{path}.{os.urandom(6).hex()}.partial"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        if is_durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.rename(partial, path)
    if is_durable:
        sync_directory(os.path.dirname(path) or ".")


def sync_directory(path: str) -> None:
    """Make names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def hold(path: str) -> int | None:
    """Take the lock for the life of this process; None if another one has it.

    A record lock: the kernel frees it however the process ends, and it can be tested for
    without being taken (``is_held``).
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def holder(path: str) -> int | None:
    """The pid of the process that holds the lock; None if nobody does."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        question = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        answer = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, question))
    finally:
        os.close(descriptor)
    return None if answer[0] == fcntl.F_UNLCK else int(answer[4])

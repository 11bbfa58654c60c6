"""Unix sockets that workloads make: reached at any length of path, and never through a link.

A socket address holds 107 bytes, and a state directory may be deep. An app owns the directory
that its socket lies in: were a link followed, it could send us to any socket of the host.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path


def pinned(path: Path) -> int:
    """A descriptor of the socket at ``path``, to be closed by the caller.

    ``/proc/self/fd/N`` is then an address of this very socket, whatever is put in its place.

    Raises:
        OSError: There is none, or it is a link or something else.
    """
    descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.ENOTSOCK, os.strerror(errno.ENOTSOCK), str(path))
    return descriptor


@contextlib.contextmanager
def reachable(path: Path) -> Iterator[str]:
    """An address for ``connect`` of the socket at ``path``, valid inside the block.

    Raises:
        OSError: There is no socket, or a link in its place.
    """
    descriptor = pinned(path)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)

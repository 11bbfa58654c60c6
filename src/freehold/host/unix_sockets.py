"""Unix sockets at long paths: a socket address holds 107 bytes, a state directory may be deep."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

PATH_BYTES_MAX = 107  # sockaddr_un.sun_path, less its closing NUL


@contextlib.contextmanager
def reachable(path: Path) -> Iterator[str]:
    """A spelling of ``path`` that fits into a socket address, valid inside the block.

    A longer path is reached through its directory's descriptor under ``/proc/self/fd``.
    """
    if len(os.fsencode(path)) <= PATH_BYTES_MAX:
        yield str(path)
        return
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)

"""Reading what a workload left, for whoever must not be led astray by it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path


def regular_files(path: Path) -> Iterator[tuple[str, int]]:
    """Open every regular file below ``path``, for whoever reads what a workload left.

    No link is followed, nothing that is not a file is opened: a model that is a link to the
    machine's secrets yields nothing. Yields (path below ``path``, descriptor), in order; the
    descriptor is closed when the next is asked for.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    for directory, directories, files, descriptor in os.fwalk(path, follow_symlinks=False):
        directories.sort()
        for name in sorted(files):
            try:
                file = os.open(name, flags, dir_fd=descriptor)
            except OSError:
                continue
            try:
                if stat.S_ISREG(os.fstat(file).st_mode):
                    yield os.path.relpath(os.path.join(directory, name), path), file
            finally:
                os.close(file)

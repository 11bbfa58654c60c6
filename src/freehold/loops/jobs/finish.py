"""After a job: what it made goes to S3, as its role. Every step may be repeated.

Archives are streamed and come out the same each time: sorted, without owners, times of the
files only. Links stay links in archives; where files go one by one they are left out.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from freehold.auth.principal import Principal
from freehold.base.errors import Invalid
from freehold.loops.jobs.data import tree
from freehold.loops.jobs.data.files import Files, Place, Upload
from freehold.loops.jobs.task import Output

CHUNK_BYTES = 1024 * 1024
COMPRESSION = 6

Check = Callable[[], None]
Seen = dict[str, tuple[int, int]]  # path -> (bytes, mtime in ns) as last uploaded


def measure(output: Output, ml: Path, bytes_max: int) -> None:
    """Refuse an output that its job's volume could not have held: sparse files, many links.

    Raises:
        Invalid: It holds more than ``bytes_max``.
    """
    with tree.directory(ml, output.path) as at:
        if at is None:
            return
        total = sum(entry.facts.st_size for _, entry in tree.walk(at) if entry.is_file)
    if total > bytes_max:
        raise Invalid(
            f"/opt/ml/{output.path} holds {total} bytes, more than the {bytes_max} bytes of the "
            "job's volume: ask for a larger VolumeSizeInGB"
        )


def upload(
    files: Files, who: Principal, output: Output, ml: Path, seen: Seen, check: Check
) -> None:
    """Write one output. ``seen`` holds what was uploaded before and is brought up to date.

    Raises:
        Fault: S3's, as it is.
    """
    with tree.directory(ml, output.path) as at:
        if output.archive is None:
            if at is not None:
                _each(files, who, output, at, seen, check)
        elif output.is_always or (at is not None and next(tree.walk(at), None) is not None):
            with files.write(who, output.target) as sink:
                _archive(at, sink, check)


def _each(files: Files, who: Principal, output: Output, at: int, seen: Seen, check: Check) -> None:
    for above, entry in tree.walk(at):
        state = (entry.facts.st_size, entry.facts.st_mtime_ns)
        key = f"{output.path}/{entry.path}"
        if not entry.is_file or seen.get(key) == state:
            continue
        with tree.opened(above, entry.path.rpartition("/")[2]) as file:
            if file is not None:
                _copy(files, who, file, output.target.below(entry.path), check)
                seen[key] = state


def _copy(files: Files, who: Principal, file: BinaryIO, target: Place, check: Check) -> None:
    with files.write(who, target) as sink:
        while chunk := file.read(CHUNK_BYTES):
            check()
            sink.write(chunk)


def _archive(at: int | None, sink: Upload, check: Check) -> None:
    """A gzipped tar of the directory ``at``; an empty one if there is none."""
    buffered = io.BufferedWriter(_Sink(sink, check), CHUNK_BYTES)
    with (
        gzip.GzipFile("", "wb", COMPRESSION, cast(BinaryIO, buffered), mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        for above, entry in tree.walk(at) if at is not None else ():
            _member(archive, above, entry)
    buffered.flush()


def _member(archive: tarfile.TarFile, above: int, entry: tree.Entry) -> None:
    about = tarfile.TarInfo(entry.path)
    about.mode = entry.facts.st_mode & 0o777
    about.mtime = int(entry.facts.st_mtime)
    if entry.is_directory:
        about.type = tarfile.DIRTYPE
        archive.addfile(about)
    elif entry.link is not None:
        about.type, about.linkname = tarfile.SYMTYPE, entry.link
        archive.addfile(about)
    else:
        with tree.opened(above, entry.path.rpartition("/")[2]) as file:
            if file is not None:
                about.size = entry.facts.st_size
                archive.addfile(about, file)


class _Sink(io.RawIOBase):
    """An upload as a file that is written from its beginning to its end."""

    def __init__(self, sink: Upload, check: Check) -> None:
        self._sink = sink
        self._check = check

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self._check()
        kept = bytes(cast(bytes, data))
        self._sink.write(kept)
        return len(kept)

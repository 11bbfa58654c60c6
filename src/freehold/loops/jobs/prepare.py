"""Before a job starts: its directory, the small files that it reads, and its inputs from S3.

Input: a task and the principal of its role. Output: ``<state>/jobs/<id>/ml``, the job's own
``/opt/ml``, owned by the job's uid. Called again after a crash, it begins anew.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from freehold.auth.principal import Principal
from freehold.base.errors import Fault, Internal, Invalid, Throttled
from freehold.host import volumes
from freehold.loops.jobs.data.files import Files, Found, Place
from freehold.loops.jobs.task import Input, Task

INFLATED_BYTES_MAX = 4 * 1024**2

Check = Callable[[], None]


class DownloadFailed(Exception):
    """An input could not be had; the message is for FailureReason."""


def directory(state: Path, task_id: str) -> Path:
    """Where a job's files lie; ``ml`` and ``home`` in it belong to the job."""
    return state / "jobs" / task_id


def make(state: Path, task: Task, owner: int) -> Path:
    """Make the job's directory afresh, with its small files.

    ``owner`` is the uid of its files. Returns the directory that becomes ``/opt/ml``.
    """
    base = directory(state, task.id)
    remove(base)
    base.parent.mkdir(mode=0o700, exist_ok=True)
    base.mkdir(mode=0o700)
    (base / "arn").write_text(task.arn)
    maker = _Maker(base / "ml", owner)
    maker.directory("")
    for path in task.directories:
        maker.directory(path)
    for path, text in task.files.items():
        with maker.file(path) as file:
            file.write(text.encode())
    _Maker(base / "home", owner).directory("")
    return base / "ml"


def remove(place: Path) -> None:
    """Remove a directory of ours with all in it, however deep; no link in it is followed."""
    with suppress(Internal):  # what cannot be removed stays out of sight
        volumes.remove(place)


def download(
    files: Files, who: Principal, given: Input, ml: Path, owner: int, check: Check
) -> None:
    """Bring one input. ``check`` is called between chunks and may raise to give up.

    Raises:
        DownloadFailed: Why, in AWS's words where they are known.
        Throttled, Internal: For now; try again.
    """
    maker = _Maker(ml, owner)
    maker.directory(given.path)
    try:
        found = list(_named(list(files.list(who, given.source)), given.source))
        if not found and given.is_required:
            raise DownloadFailed(_nothing(given.source, who))
        for key, name in found:
            _one(files, who, Place(given.source.bucket, key), maker, given, name, check)
    except (Throttled, Internal):
        raise
    except Fault as fault:
        raise DownloadFailed(fault.message) from fault
    except (OSError, zlib.error) as error:
        raise DownloadFailed(f"{given.source}: {error}") from error


def _one(
    files: Files,
    who: Principal,
    source: Place,
    maker: _Maker,
    given: Input,
    name: str,
    check: Check,
) -> None:
    chunks = files.read(who, source)
    if given.is_gzip:
        chunks, name = _inflated(chunks), name.removesuffix(".gz")
    with maker.file(f"{given.path}/{name}") as file:
        for chunk in chunks:
            check()
            file.write(chunk)


def _named(found: list[Found], source: Place) -> Iterator[tuple[str, str]]:
    """(key, relative path) of what a prefix means.

    A prefix that is an object gives that file; one that is a folder gives what lies in it; any
    other gives the objects that begin with it, by the names behind the last slash.
    """
    prefix = source.key
    keys = [one.key for one in found if not one.key.endswith("/")]
    if prefix in keys and prefix:
        yield prefix, PurePosixPath(prefix).name
        return
    folder = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
    below = [key for key in keys if key.startswith(folder)]
    if not below:
        folder, below = prefix[: prefix.rfind("/") + 1], keys
    for key in below:
        name = key[len(folder) :]
        if any(part in ("", ".", "..") for part in name.split("/")) or "\0" in name:
            raise Invalid(f"The key {key} cannot be the name of a file.")
        yield key, name


def _nothing(source: Place, who: Principal) -> str:
    return (
        f'No S3 objects found under S3 URL "{source}" given in input data source. Please ensure '
        "that the bucket exists, that objects exist under that S3 prefix, and that the role "
        f'"{who.role_arn}" has "s3:ListBucket" permissions on bucket "{source.bucket}".'
    )


def _inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Gunzip a stream, members in a row included; never much more in memory than was read."""
    inflater = zlib.decompressobj(wbits=31)
    for chunk in chunks:
        data = chunk
        while data:
            if inflater.eof:
                inflater = zlib.decompressobj(wbits=31)
            yield inflater.decompress(data, INFLATED_BYTES_MAX)
            data = inflater.unconsumed_tail or inflater.unused_data
    while not inflater.eof and (rest := inflater.decompress(b"", INFLATED_BYTES_MAX)):
        yield rest
    if not inflater.eof:
        raise zlib.error("the gzip stream ends too early")


class _Maker:
    """Makes directories and files for a job that does not run yet."""

    def __init__(self, root: Path, owner: int) -> None:
        self._root = root
        self._owner = owner if os.geteuid() == 0 else None

    def directory(self, path: str) -> None:
        """Make it with all its parents below the root."""
        place = self._root
        for part in ("", *(part for part in path.split("/") if part)):
            place = place / part if part else place
            if not place.is_dir():
                place.mkdir(mode=0o755 if part else 0o700)
                self._give(str(place))

    def file(self, path: str) -> _Opened:
        """A new file, to be written."""
        above = path.rpartition("/")[0]
        self.directory(above)
        place = self._root / path
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        self._give(descriptor)
        return _Opened(descriptor)

    def _give(self, what: str | int) -> None:
        if self._owner is not None:
            os.chown(what, self._owner, self._owner)


class _Opened:
    """A file under a job's name."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "wb")

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def __enter__(self) -> _Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

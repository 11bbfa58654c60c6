"""Compression by a file's ending: ``.tar.zst`` or ``.tar.gz``; both check themselves."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from freehold.base.errors import Invalid

ZSTD_LEVEL = 3
GZIP_LEVEL = 5  # four fifths of level 9's gain at four times its speed
WINDOW_BYTES_MAX = 128 << 20  # what a reader may be made to hold
ENDINGS = (".tar.zst", ".tar.gz", ".tgz")
FAILURES = (zstandard.ZstdError, gzip.BadGzipFile, zlib.error, EOFError)


def require_ending(path: Path) -> None:
    """Refuse a name whose ending says no compression of ours.

    Raises:
        Invalid: It does not.
    """
    if not path.name.endswith(ENDINGS):
        raise Invalid(f"{path}: the name must end in .tar.zst or .tar.gz")


def squeezing(path: Path, file: BinaryIO) -> BinaryIO:
    """A writer into ``file``; closing it ends the stream, not the file."""
    if path.name.endswith(".tar.zst"):
        parameters = zstandard.ZstdCompressor(level=ZSTD_LEVEL, write_checksum=True)
        return cast(BinaryIO, parameters.stream_writer(file, closefd=False))
    return cast(BinaryIO, gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0))


def unsqueezing(path: Path, file: BinaryIO) -> BinaryIO:
    """A reader out of ``file``. What it cannot read raises one of FAILURES, or ends early."""
    if path.name.endswith(".tar.zst"):
        reader = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES_MAX)
        return cast(BinaryIO, reader.stream_reader(file, read_size=1 << 17, closefd=False))
    return cast(BinaryIO, gzip.GzipFile("", "rb", fileobj=file))

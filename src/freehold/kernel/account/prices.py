"""The price list in force: the operator's file if there is one, else the labelled sample.

Input: ``<state>/prices.json``, in the form of ``meter/sample_prices.json``, read again when it
changes. Output: a ``PriceBook``. A file that cannot be read leaves the book that was in force.
"""

from __future__ import annotations

import json
import logging
from importlib.resources import files
from pathlib import Path

from freehold.base import log
from freehold.base.errors import Invalid
from freehold.meter.prices import PriceBook

FILE = "prices.json"
SAMPLE = "sample_prices.json"
BYTES_MAX = 16 * 1024**2

_Stamp = tuple[int, int, int] | None  # inode, size, modification in ns; None: no file


class Prices:
    """Holds the book and looks whether the operator has changed the file."""

    def __init__(self, state: Path) -> None:
        self._path = state / FILE
        self._seen: _Stamp = None
        self._sample: PriceBook | None = None
        self._warned: set[tuple[str, str]] = set()
        self._book = self._shipped()

    def book(self) -> PriceBook:
        """The book in force now. Costs one look at the file's facts."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            self._reload(stamp)
        return self._book

    def warn(self, usage_type: str, version: str) -> None:
        """Say once for each price list that something is billed at zero for want of a price."""
        if (usage_type, version) not in self._warned:
            self._warned.add((usage_type, version))
            log.event(
                "metering.no-price",
                level=logging.WARNING,
                usage_type=usage_type,
                price_list=version,
                billed="0",
            )

    def _reload(self, stamp: _Stamp) -> None:
        if stamp is None:
            self._book = self._shipped()
            log.event("metering.prices", source="sample", notice=self._book.notice)
            return
        try:
            self._book = _read(self._path, stamp[1])
        except (OSError, ValueError, Invalid) as error:
            reason = error.message if isinstance(error, Invalid) else error
            log.event(
                "metering.bad-price-file",
                level=logging.ERROR,
                file=self._path,
                reason=reason,
                prices="unchanged",
            )
        else:
            versions = ",".join(entry.version for entry in self._book.lists)
            log.event("metering.prices", source=self._path, versions=versions)

    def _stamp(self) -> _Stamp:
        try:
            facts = self._path.stat()
        except OSError:
            return None
        return facts.st_ino, facts.st_size, facts.st_mtime_ns

    def _shipped(self) -> PriceBook:
        if self._sample is None:
            text = files("freehold.meter").joinpath(SAMPLE).read_text()
            self._sample = PriceBook.from_mapping(json.loads(text))
        return self._sample


def _read(path: Path, size: int) -> PriceBook:
    if size > BYTES_MAX:
        raise Invalid(f"The file has more than {BYTES_MAX} bytes.")
    book = json.loads(path.read_text())
    if not isinstance(book, dict):
        raise Invalid("The file must hold one JSON object.")
    try:
        return PriceBook.from_mapping(book)
    except (AttributeError, TypeError) as error:  # a member of another JSON type
        raise Invalid(f"The file has another form than {SAMPLE}: {error}.") from error

"""Metric series: what training and runs measured, point by point, kept beside the log lines.

A series belongs to a resource by its ARN and has the metric's name. Points are rows of
``store/logs.py``, whose groups bear names that no log group may have. Written by the metrics
service and by loops that read metrics off logs; all functions take a call's unit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from freehold.store import logs as rows
from freehold.store.unit import Unit

STEP = 1_000  # rows read at a time


class Point(NamedTuple):
    """One measurement. ``at`` is epoch milliseconds; ``step`` is None where none was told."""

    at: int
    step: int | None
    value: float


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[int | None, float]).decode


def add(unit: Unit, arn: str, name: str, points: Iterable[Point], now: float) -> None:
    """Add points to a series; it begins with its first."""
    assert unit.is_writing
    lines = [(point.at, _encode((point.step, point.value)).decode()) for point in points]
    rows.append(unit.connection, arn, name, lines, int(now * 1000))


def read(unit: Unit, arn: str, name: str, limit: int) -> list[Point]:
    """The first ``limit`` points of a series in order of time; none if there is no such series."""
    found: list[Point] = []
    after: tuple[int, int] | None = None
    while len(found) < limit:
        step = min(STEP, limit - len(found))
        batch = rows.read(unit.connection, arn, name, after=after, limit=step)
        found += [Point(row.at, *_decode(row.message)) for row in batch]
        if len(batch) < step:
            break
        after = (batch[-1].at, batch[-1].seq)
    return found


def remove(unit: Unit, arn: str) -> None:
    """Delete all series of a resource."""
    assert unit.is_writing
    rows.remove(unit.connection, arn)

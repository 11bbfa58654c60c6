"""Values as an administrator reads them: bytes, money, times, tables that fit the terminal.

Values in, text out; nothing here asks or prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
GAP = "  "
SHORTEST = 14  # what is left of a name that must be shortened: still told apart
NOTHING = "-"


class Column(NamedTuple):
    """One column.

    Where the terminal is too narrow ``is_spare`` ones are left out, last first, and
    ``is_flexible`` ones are shortened.
    """

    title: str
    is_number: bool = False
    is_flexible: bool = False
    is_spare: bool = False


def size(count: int | None, *, is_at_least: bool = False) -> str:
    """``1.4 GiB``; None is not known."""
    if count is None:
        return "?"
    value, unit = float(count), 0
    while value >= 1023.95 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    text = f"{value:.0f} {UNITS[unit]}" if unit == 0 else f"{value:.1f} {UNITS[unit]}"
    return f">={text}" if is_at_least else text


def money(amount: Decimal | None, currency: str = "") -> str:
    """To the cent; what is less than a cent but not nothing says so."""
    if amount is None:
        return "?"
    text = "<0.01" if Decimal(0) < amount < Decimal("0.005") else f"{amount:.2f}"
    return f"{text} {currency}".rstrip()


def since(at: datetime, now: datetime) -> str:
    """When, and how long ago: ``2026-11-23 20:15 UTC (3 h)``."""
    stamp = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    seconds = max(0, int((now - at).total_seconds()))
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{stamp} ({seconds // length} {unit})"
    return f"{stamp} (just now)"


def count(number: int, noun: str) -> str:
    """``1 app``, ``2 apps``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shortened(text: str, width: int) -> str:
    """At most ``width`` characters; the middle goes, since names differ at their ends."""
    if len(text) <= width:
        return text
    head = (width - 1 + 1) // 2
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> list[str]:
    """Aligned lines with a heading; None for ``width`` cuts nothing.

    Where even shortened names leave too little room each row becomes a block of lines.
    """
    if width is None:
        return _aligned(columns, rows, None) or []
    shown = list(range(len(columns)))
    while True:
        lines = _aligned(
            [columns[place] for place in shown],
            [[row[place] for place in shown] for row in rows],
            width,
        )
        if lines is not None:
            return lines
        spare = [place for place in shown if columns[place].is_spare]
        if not spare:
            return _blocks(columns, rows)
        shown.remove(spare[-1])


def _aligned(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None
) -> list[str] | None:
    """Lines of a table; None if they do not fit."""
    widths = [
        max(len(column.title), *(len(row[place]) for row in rows)) if rows else len(column.title)
        for place, column in enumerate(columns)
    ]
    if width is not None:
        over = sum(widths) + len(GAP) * (len(columns) - 1) - width
        for place, column in enumerate(columns):
            if over > 0 and column.is_flexible:
                spared = min(over, max(0, widths[place] - SHORTEST))
                widths[place], over = widths[place] - spared, over - spared
        if over > 0:
            return None
    lines = [_line(columns, [column.title for column in columns], widths)]
    return lines + [_line(columns, row, widths) for row in rows]


def _line(columns: Sequence[Column], cells: Sequence[str], widths: Sequence[int]) -> str:
    parts = [
        shortened(cell, width).rjust(width)
        if column.is_number
        else shortened(cell, width).ljust(width)
        for column, cell, width in zip(columns, cells, widths, strict=True)
    ]
    return GAP.join(parts).rstrip()


def _blocks(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[str]:
    longest = max(len(column.title) for column in columns)
    lines: list[str] = []
    for row in rows:
        if lines:
            lines.append("")
        lines += [
            f"{column.title.lower():{longest}} {cell}"
            for column, cell in zip(columns, row, strict=True)
        ]
    return lines

"""Lines for a terminal, of texts that strangers wrote: user agents, names, policies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO


def show(lines: Iterable[str], to: TextIO | None = None) -> None:
    """Print lines; what would move the cursor or change colours is shown as ``?``."""
    for text in lines:
        for line in text.split("\n"):
            print("".join(one if one.isprintable() else "?" for one in line), file=to)

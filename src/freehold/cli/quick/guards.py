"""The account's isolation guards, turned as ``freehold settings`` turns them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from freehold.cli import settings
from freehold.cli.access.reading import reader
from freehold.kernel.account.settings import changes
from freehold.kernel.permission.guards.settings import GUARDS, PREFIX, guards_in_force

STRICT = "isolation=strict"


class Turns(Protocol):
    """Who can turn the guards."""

    def is_on(self) -> bool:
        """Whether all of them are on."""

    def turn_on(self) -> Callable[[], None]:
        """Turn them on; what is given back sets them to what they were."""


class Switch:
    """The guards of one install."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def is_on(self) -> bool:
        """Whether all of them are on."""
        return self._on() >= frozenset(GUARDS)

    def turn_on(self) -> Callable[[], None]:
        """Turn them on; what is given back sets them to what they were."""
        before = self._on()
        self._put([STRICT])
        words = [f"{PREFIX}{guard}={'on' if guard in before else 'off'}" for guard in GUARDS]
        return lambda: self._put(words)

    def _on(self) -> frozenset[str]:
        with reader(self._state) as unit:
            return guards_in_force(unit)

    def _put(self, words: list[str]) -> None:
        settings.change(self._state, changes(words), words)

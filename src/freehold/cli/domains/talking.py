"""Lines of progress, and the question before something goes for good."""

from __future__ import annotations

import sys

from freehold.base.errors import Conflict
from freehold.cli.access.printing import show


def say(line: str) -> None:
    """One line of progress, at once."""
    show([f"  {line}"])
    sys.stdout.flush()


def confirm(name: str, what: str) -> None:
    """Have ``name`` typed before something goes for good.

    Raises:
        Conflict: Something else was typed, or nobody is there to type.
    """
    print(f"Type {what} ({name}) to delete: ", end="", flush=True)
    typed = sys.stdin.readline()
    if not typed:
        print()
        raise Conflict("nobody typed a name: nothing was deleted; --yes does not ask")
    if typed.strip() != name:
        raise Conflict(f"that is not {name}: nothing was deleted")

"""Tells the story: chapters with the time gone by, and each real command before its answer."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass

from freehold.base.errors import Fault

LINE_WIDTH = 100


class StoryFailed(Fault):
    """The story cannot go on; the message says why in a line or two."""


@dataclass(slots=True)
class Teller:
    """Where lines go. ``began_at`` is read off ``clock``, in seconds."""

    print: Callable[[str], None] = lambda line: print(line, flush=True)
    clock: Callable[[], float] = time.monotonic
    began_at: float = 0.0
    number: int = 0
    title: str = ""

    def __post_init__(self) -> None:
        self.began_at = self.clock()

    @property
    def seconds(self) -> float:
        """Since the story began."""
        return self.clock() - self.began_at

    def chapter(self, title: str) -> None:
        """Begin one; a later failure is told to have happened in it."""
        self.number += 1
        self.title = title
        head = f"── {self.number}. {title} "
        self.print(f"\n{head}{'─' * max(3, LINE_WIDTH - len(head) - 9)} {self.seconds:6.1f} s")

    def say(self, text: str) -> None:
        """A sentence of the story."""
        self.print(f"[{self.seconds:5.1f} s] {text}")

    def command(self, argv: list[str] | str, prompt: str = "$") -> None:
        """Show a command as it can be typed."""
        self.print(f"{prompt} {argv if isinstance(argv, str) else typed(argv)}")

    def answer(self, text: str, mark: str = "   ") -> None:
        """What a program answered."""
        for line in text.rstrip("\n").splitlines():
            self.print(f"{mark}{line}")


def typed(argv: list[str]) -> str:
    """An argument list as a shell takes it; a long one is broken before options."""
    words = [shlex.quote(word) for word in argv]
    if len(line := " ".join(words)) <= LINE_WIDTH:
        return line
    pieces: list[str] = []
    for word in words:
        if word.startswith("--") or not pieces:
            pieces.append(word)
        else:
            pieces[-1] += f" {word}"
    lines = [pieces[0]]
    for piece in pieces[1:]:
        if len(lines[-1]) + len(piece) < LINE_WIDTH - 2:
            lines[-1] += f" {piece}"
        else:
            lines.append(f"    {piece}")
    return " \\\n".join(lines)

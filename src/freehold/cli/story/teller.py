"""Tells the story: chapters with the time gone by, each real command before its answer.

Input: what the chapters do. Output: lines on stdout, and the answers of real programs, run in
an environment that names the server and the caller and keeps the reader's own settings out.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from freehold.base.errors import Fault

COMMAND_SECONDS_MAX = 120.0
LINE_WIDTH = 100
_REFUSED = re.compile(r"An error occurred \((AccessDenied\w*)\)[^:]*: (?P<sentence>.+)", re.DOTALL)
_DROPPED = re.compile(
    r"AWS_.*|(?:https?|all|no)_proxy|SAGEMAKER_.*|(?:REQUESTS|CURL)_CA_BUNDLE|SSL_CERT_FILE"
    r"|PYTHON(?:PATH|HOME)",
    re.IGNORECASE,
)


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
    """An argument list as a shell takes it; a long one is broken before its options."""
    words = [shlex.quote(word) for word in argv]
    line = " ".join(words)
    if len(line) <= LINE_WIDTH:
        return line
    lines = [""]
    for word in words:
        if word.startswith("--") and len(lines[-1]) + len(word) > LINE_WIDTH // 2:
            lines.append("   ")
        lines[-1] += f" {word}" if lines[-1] else word
    return " \\\n".join(lines)


@dataclass(slots=True)
class Shell:
    """Runs real programs as somebody. ``prompt`` tells the reader as whom."""

    teller: Teller
    environment: dict[str, str]
    prompt: str = "$"
    shown: Mapping[str, str] = field(default_factory=dict)

    def become(self, prompt: str, environment: Mapping[str, str]) -> Shell:
        """The same shell with other credentials."""
        return Shell(self.teller, self.environment | dict(environment), prompt, self.shown)

    def run(self, *argv: str, shows: bool = True) -> str:
        """Run it, show it and its answer, give back what it printed.

        Args:
            argv: Program and arguments.
            shows: Whether the answer is shown; the command always is.

        Raises:
            StoryFailed: It ended otherwise than with 0.
        """
        self.teller.command([self.shown.get(word, word) for word in argv], self.prompt)
        done = self._finished(argv)
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise StoryFailed(f"`{' '.join(argv[:3])}` failed: {said or done.returncode}")
        if shows:
            self.teller.answer(done.stdout)
        return done.stdout.strip()

    def aws(self, *words: str, shows: bool = True) -> str:
        """One call of the aws CLI."""
        return self.run("aws", *words, shows=shows)

    def ask(self, *words: str, shows: bool = False) -> Any:
        """One call of the aws CLI, its JSON read."""
        answer = self.aws(*words, "--output", "json", shows=shows)
        return json.loads(answer or "null")

    def quietly(self, *words: str) -> Any:
        """One more call of an aws command that was shown already, while something is awaited."""
        done = self._finished(("aws", *words, "--output", "json"))
        if done.returncode:
            raise StoryFailed(f"`aws {' '.join(words[:2])}` failed: {done.stderr.strip()}")
        return json.loads(done.stdout or "null")

    def script(self, text: str) -> str:
        """A few lines of bash, shown as they are; what they printed."""
        self.teller.command(text, self.prompt)
        done = self._finished(("bash", "-o", "pipefail", "-c", text))
        if done.returncode:
            raise StoryFailed(f"the loop failed: {(done.stderr or done.stdout).strip()}")
        self.teller.answer(done.stdout)
        return done.stdout.strip()

    def refused(self, *words: str) -> str:
        """One call of the aws CLI that must be refused for want of permission; the sentence.

        Raises:
            StoryFailed: It was let through, or failed for another reason.
        """
        self.teller.command(["aws", *words], self.prompt)
        done = self._finished(("aws", *words))
        sentence = refusal(done.stderr)
        if done.returncode == 0:
            raise StoryFailed(f"`aws {' '.join(words)}` was let through, it must be refused")
        if sentence is None:
            raise StoryFailed(
                f"`aws {' '.join(words)}` must be refused for want of permission, "
                f"but the reason was: {done.stderr.strip()}"
            )
        self.teller.answer(sentence, " ✗ ")
        return sentence

    def _finished(self, argv: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                argv,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=COMMAND_SECONDS_MAX,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise StoryFailed(
                f"`{' '.join(argv[:3])}` did not end within {COMMAND_SECONDS_MAX:.0f} s"
            ) from error
        except OSError as error:
            raise StoryFailed(f"{argv[0]} cannot be run: {error.strerror}") from error


def refusal(text: str) -> str | None:
    """The sentence of an AccessDenied error as the aws CLI tells it; None for anything else."""
    found = _REFUSED.search(text)
    return found["sentence"].strip() if found else None


def environment(path: Path, given: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment without their own AWS settings, with ours.

    Args:
        path: The directory whose programs come first.
        given: Variables that point at the server, as somebody.
    """
    kept = {name: value for name, value in os.environ.items() if not _DROPPED.fullmatch(name)}
    return kept | {
        "PATH": f"{path}:{Path(sys.executable).parent}:{kept.get('PATH', os.defpath)}",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_PAGER": "",
        **given,
    }

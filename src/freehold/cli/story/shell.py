"""Runs real programs as somebody and tells what they answered.

Input: words of the aws CLI (or of another program). Output: what it printed. The environment
names the server and the caller, and keeps the reader's own AWS settings out.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from freehold.cli.story.teller import StoryFailed, Teller

COMMAND_SECONDS_MAX = 120.0
AT_ONCE = 3
_REFUSED = re.compile(r"An error occurred \((AccessDenied\w*)\)[^:]*: (?P<sentence>.+)", re.DOTALL)
_DROPPED = re.compile(
    r"AWS_.*|(?:https?|all|no)_proxy|SAGEMAKER_.*|(?:REQUESTS|CURL)_CA_BUNDLE|SSL_CERT_FILE"
    r"|PYTHON(?:PATH|HOME)",
    re.IGNORECASE,
)

Words = tuple[str, ...]
Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True, slots=True)
class Shell:
    """Somebody's shell. ``prompt`` tells the reader whose."""

    teller: Teller
    environment: Mapping[str, str]
    prompt: str = "$"

    def become(self, prompt: str, given: Mapping[str, str]) -> Shell:
        """The same shell with other credentials."""
        return Shell(self.teller, {**self.environment, **given}, prompt)

    def run(self, *argv: str, shows: bool = True) -> str:
        """Run a program, show it and its answer, give back what it printed.

        Args:
            argv: Program and arguments.
            shows: Whether the answer is shown; the command always is.

        Raises:
            StoryFailed: It ended otherwise than with 0.
        """
        self.teller.command(list(argv), self.prompt)
        return self._answered(argv, self._finished(argv), shows)

    def script(self, text: str) -> str:
        """A few lines of bash, shown as they are; what they printed."""
        self.teller.command(text, self.prompt)
        return self._answered(("the", "loop"), self._finished(("bash", "-c", text)), shows=True)

    def aws(self, *words: str, shows: bool = True) -> str:
        """One call of the aws CLI."""
        return self.run("aws", *words, shows=shows)

    def ask(self, *words: str, shows: bool = False) -> Any:
        """One call of the aws CLI, its JSON read."""
        answer = self.aws(*words, "--output", "json", shows=shows)
        return json.loads(answer or "null")

    def quietly(self, *words: str) -> str:
        """A command that was shown already, once more, while something is awaited."""
        argv = ("aws", *words)
        return self._answered(argv, self._finished(argv), shows=False)

    def together(self, calls: Sequence[Words], *, shows: bool = True) -> list[str]:
        """Calls of the aws CLI that do not wait for each other, told in their order."""
        answers = []
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ended = pool.map(lambda words: self._finished(("aws", *words)), calls)
            for words, done in zip(calls, ended, strict=True):
                self.teller.command(["aws", *words], self.prompt)
                answers.append(self._answered(("aws", *words), done, shows))
        return answers

    def refused(self, calls: Sequence[Words]) -> None:
        """Calls of the aws CLI that must each be refused for want of permission.

        Raises:
            StoryFailed: One was let through, or failed for another reason.
        """
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ended = pool.map(lambda words: self._finished(("aws", *words)), calls)
            for words, done in zip(calls, ended, strict=True):
                self.teller.command(["aws", *words], self.prompt)
                sentence = refusal(done.stderr)
                if done.returncode == 0:
                    raise StoryFailed(f"`aws {' '.join(words)}` was let through: it must not be")
                if sentence is None:
                    raise StoryFailed(
                        f"`aws {' '.join(words)}` must be refused for want of permission, but the "
                        f"reason was: {done.stderr.strip()}"
                    )
                self.teller.answer(sentence, " ✗ ")

    def _answered(self, argv: Words, done: Done, shows: bool) -> str:
        if done.returncode:
            said = (done.stderr or done.stdout).strip() or f"exit code {done.returncode}"
            raise StoryFailed(f"`{' '.join(argv[:3])}` failed: {said}")
        if shows:
            self.teller.answer(done.stdout)
        return done.stdout.strip()

    def _finished(self, argv: Words) -> Done:
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


def exports(text: str) -> dict[str, str]:
    """The variables of ``export NAME=VALUE`` lines, as a shell reads them."""
    found = {}
    for line in text.splitlines():
        if line.startswith("export "):
            [pair] = shlex.split(line)[1:]
            name, _, value = pair.partition("=")
            found[name] = value
    return found


def environment(tools: Path) -> dict[str, str]:
    """The caller's environment without their own AWS settings; ``tools``' programs come first."""
    kept = {name: value for name, value in os.environ.items() if not _DROPPED.fullmatch(name)}
    return kept | {
        "PATH": f"{tools}:{Path(sys.executable).parent}:{kept.get('PATH', os.defpath)}",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_PAGER": "",
    }

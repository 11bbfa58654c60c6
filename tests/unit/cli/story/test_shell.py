"""What programs answered, and whose settings they are kept from."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from freehold.cli.story.shell import Shell, environment, exports, refusal
from freehold.cli.story.teller import StoryFailed, Teller

SENTENCE = "User: arn:aws:sts::1:assumed-role/r/SageMaker is not authorized to perform: x"


def shell(told: list[str]) -> Shell:
    return Shell(Teller(print=told.append), environment(Path(sys.executable).parent))


def test_a_refusal_is_told_from_other_errors() -> None:
    denied = (
        f"\nAn error occurred (AccessDeniedException) when calling the X operation: {SENTENCE}\n"
    )
    missing = "\nAn error occurred (ResourceNotFound) when calling the X operation: gone\n"
    assert refusal(denied) == SENTENCE
    assert refusal(missing) is None
    assert refusal("") is None


def test_exports_are_read_as_a_shell_reads_them() -> None:
    assert exports("export A='x y'\nexport B=c=d\n\n# no\n") == {"A": "x y", "B": "c=d"}


def test_the_readers_own_settings_are_kept_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "https_proxy", "HTTPS_PROXY", "REQUESTS_CA_BUNDLE", "PYTHONPATH"):
        monkeypatch.setenv(name, "theirs")
    assert "theirs" not in environment(Path("/tools")).values()
    assert environment(Path("/tools"))["PATH"].startswith("/tools:")


def test_a_command_is_told_before_its_answer() -> None:
    told: list[str] = []
    assert shell(told).run(sys.executable, "-c", "print('answer')") == "answer"
    assert told[0].startswith("$ ")
    assert told[1:] == ["   answer"]


def test_a_failing_command_ends_the_story_with_what_it_said() -> None:
    with pytest.raises(StoryFailed, match="no such luck"):
        shell([]).run(sys.executable, "-c", "raise SystemExit('no such luck')")


def test_a_program_that_is_not_there_ends_the_story() -> None:
    with pytest.raises(StoryFailed, match="cannot be run"):
        shell([]).run("/nonexistent/program")


def fake_aws(place: Path, text: str) -> Shell:
    (place / "aws").write_text(f"#!/bin/sh\n{text}\n")
    (place / "aws").chmod(0o755)
    return Shell(Teller(print=lambda _: None), environment(place))


def test_what_must_be_refused_and_is_let_through_ends_the_story(tmp_path: Path) -> None:
    with pytest.raises(StoryFailed, match="let through"):
        fake_aws(tmp_path, "exit 0").refused([("sagemaker", "delete-experiment")])


def test_what_fails_for_another_reason_counts_as_no_refusal(tmp_path: Path) -> None:
    said = "echo 'An error occurred (ValidationException) when calling X: bad' >&2; exit 254"
    with pytest.raises(StoryFailed, match="ValidationException"):
        fake_aws(tmp_path, said).refused([("sagemaker", "delete-experiment")])


def test_calls_made_together_answer_in_their_order(tmp_path: Path) -> None:
    calls = [("say", str(number)) for number in range(5)]
    assert fake_aws(tmp_path, 'echo "$2"').together(calls) == ["0", "1", "2", "3", "4"]

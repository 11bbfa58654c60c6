"""How commands and chapters are shown."""

from __future__ import annotations

import shlex

from hypothesis import given
from hypothesis import strategies as st

from freehold.cli.story.teller import LINE_WIDTH, Teller, typed

WORDS = st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1), min_size=1)


@given(WORDS)
def test_what_is_shown_can_be_typed(words: list[str]) -> None:
    joined = typed(words).replace(" \\\n", " ")  # as a shell does; shlex keeps the line's end
    assert shlex.split(joined) == words


def test_a_short_command_stays_on_one_line() -> None:
    assert typed(["aws", "sts", "get-caller-identity"]) == "aws sts get-caller-identity"


def test_a_long_command_is_broken_before_options_only() -> None:
    lines = typed(["aws", "x", *(f"--option-{number}=value" for number in range(12))]).split("\n")
    assert len(lines) > 1
    assert all(line.startswith("    --option") for line in lines[1:])
    assert all(len(line) <= LINE_WIDTH for line in lines)


def test_a_chapter_tells_the_time_gone_by() -> None:
    told: list[str] = []
    times = iter([100.0, 112.5])
    Teller(print=told.append, clock=lambda: next(times)).chapter("Money")
    assert told[0].startswith("\n── 1. Money ")
    assert told[0].endswith("12.5 s")

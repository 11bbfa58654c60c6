"""Notebooks from Markdown, and what kernels answer."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from freehold.cli.story import cast, notebooks

LINES = (cast.finance(), cast.sustainability())
NOTEBOOKS = [desk.notebook for line in LINES for desk in line.desks] + ["attempts.md"]


def test_prose_and_code_become_cells_in_order() -> None:
    made = notebooks.notebook("# Title\n\n```python\na = 1\n```\n\nMore\n```python\nb = 2\n```\n")
    assert [(cell["cell_type"], cell["source"]) for cell in made["cells"]] == [
        ("markdown", "# Title"),
        ("code", "a = 1"),
        ("markdown", "More"),
        ("code", "b = 2"),
    ]
    assert len({cell["id"] for cell in made["cells"]}) == 4


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_code_cell_is_python(name: str) -> None:
    code = [
        c["source"] for c in notebooks.notebook(notebooks.told(name))["cells"] if "outputs" in c
    ]
    assert code
    for source in code:
        ast.parse(source.partition("\n")[2] if source.startswith("%%writefile") else source)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_a_line_makes_under_the_names_that_the_story_looks_for(line: cast.Line) -> None:
    text = notebooks.told(line.desks[0].notebook)
    for name in (line.experiment, line.pipeline, line.group, line.job):
        assert f'"{name}"' in text


def message(kind: str, **content: Any) -> dict[str, Any]:
    return {"msg_type": kind, "content": content}


def test_pieces_of_one_stream_are_joined_and_streams_kept_apart() -> None:
    outputs: list[dict[str, Any]] = []
    for name, text in (("stdout", "a"), ("stdout", "b"), ("stderr", "c"), ("stdout", "d")):
        made = notebooks.output(message("stream", name=name, text=text))
        assert made is not None
        notebooks.join(outputs, made)
    assert [(out["name"], out["text"]) for out in outputs] == [
        ("stdout", "ab"),
        ("stderr", "c"),
        ("stdout", "d"),
    ]


def test_what_is_no_output_adds_none() -> None:
    assert notebooks.output(message("status", execution_state="idle")) is None


def test_a_result_keeps_its_number() -> None:
    made = notebooks.output(
        message("execute_result", data={"text/plain": "1"}, metadata={}, execution_count=3)
    )
    assert made is not None
    assert made["execution_count"] == 3


def test_colours_are_taken_off() -> None:
    assert notebooks.plain("\x1b[0;31mred\x1b[0m") == "red"

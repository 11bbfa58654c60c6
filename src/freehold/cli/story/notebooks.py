"""Notebooks of the story: written as Markdown, run cell by cell, kept with their outputs.

Pure: text to a notebook document (nbformat 4.5), kernel messages to outputs. The Markdown is in
``data/``: prose becomes Markdown cells, each fenced ``python`` block a code cell.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

Document = dict[str, Any]

_FENCE = re.compile(r"^```python\n(.*?)^```\n?", re.DOTALL | re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def notebook(text: str) -> Document:
    """A notebook of Markdown and code cells, in the order of the text; none is empty."""
    cells: list[Document] = []
    at = 0
    for block in _FENCE.finditer(text):
        cells += _prose(text[at : block.start()], len(cells))
        cells.append(
            {
                "id": f"cell-{len(cells)}",
                "cell_type": "code",
                "metadata": {},
                "source": block[1].strip("\n"),
                "execution_count": None,
                "outputs": [],
            }
        )
        at = block.end()
    cells += _prose(text[at:], len(cells))
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
        "cells": cells,
    }


def _prose(text: str, number: int) -> list[Document]:
    source = text.strip()
    if not source:
        return []
    kind = {"id": f"cell-{number}", "cell_type": "markdown", "metadata": {}}
    return [{**kind, "source": source}]


def output(message: Document) -> Document | None:
    """What a kernel's message adds to its cell; None for those that add nothing."""
    content = message["content"]
    match message["msg_type"]:
        case "stream":
            return {"output_type": "stream", "name": content["name"], "text": content["text"]}
        case "error":
            kept = ("ename", "evalue", "traceback")
            return {"output_type": "error", **{name: content[name] for name in kept}}
        case "display_data" | "execute_result" as kind:
            made = {"output_type": kind, "data": content["data"], "metadata": content["metadata"]}
            if kind == "execute_result":
                made["execution_count"] = content["execution_count"]
            return made
    return None


def join(outputs: list[Document], new: Document) -> None:
    """Add an output; text of one stream stays in one piece."""
    last = outputs[-1] if outputs else {}
    if new["output_type"] == last.get("output_type") == "stream" and new["name"] == last["name"]:
        last["text"] += new["text"]
    else:
        outputs.append(dict(new))


def plain(text: str) -> str:
    """Text without the colours of a terminal."""
    return _COLOUR.sub("", text)


def told(name: str) -> str:
    """The text of a file in ``data/``."""
    return files("freehold.cli.story").joinpath("data", name).read_text("utf-8")

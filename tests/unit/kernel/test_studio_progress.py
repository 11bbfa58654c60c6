"""What an app's starter tells, from a directory that belongs to the app."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from freehold.kernel import doors
from freehold.kernel.studio import progress


@pytest.fixture
def place(tmp_path: Path) -> Path:
    app = doors.place(tmp_path, "door") / "app"
    app.mkdir(parents=True)
    return app / progress.FILE


def told(**more: object) -> str:
    return json.dumps({"step": "script", "what": "arn", "at": 7.0, "failure": None} | more)


def test_a_step_is_read(place: Path, tmp_path: Path) -> None:
    place.write_text(told())
    assert progress.read(tmp_path, "door") == progress.Progress("script", "arn", 7.0, False, None)
    place.write_text(told(failure={"status": 3}))
    found = progress.read(tmp_path, "door")
    assert found is not None
    assert (found.has_failed, found.status) == (True, 3)
    place.write_text(told(failure={}))
    found = progress.read(tmp_path, "door")
    assert found is not None
    assert (found.has_failed, found.status) == (True, None)


def test_what_it_names_is_bounded_and_printable(place: Path, tmp_path: Path) -> None:
    place.write_text(told(what="a\x1b[31m\n" + "b" * 5000))
    found = progress.read(tmp_path, "door")
    assert found is not None
    assert len(found.what) <= progress.TEXT_MAX
    assert found.what.isprintable()


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[1]", "nonsense", told(step=3), told(at="now"), "x" * 20_000, "[" * 8000],
)
def test_nonsense_is_as_if_nothing_was_told(place: Path, tmp_path: Path, text: str) -> None:
    place.write_text(text)
    assert progress.read(tmp_path, "door") is None


def test_links_pipes_and_directories_are_not_followed(place: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(told(what="of another"))
    place.symlink_to(secret)
    assert progress.read(tmp_path, "door") is None
    place.unlink()
    os.mkfifo(place)
    assert progress.read(tmp_path, "door") is None
    place.unlink()
    place.mkdir()
    assert progress.read(tmp_path, "door") is None
    assert progress.read(tmp_path, "no-door") is None

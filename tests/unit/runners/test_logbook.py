"""Logs: framed, whole, bounded, and read back by offset."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from freehold.runners import logbook
from freehold.runners.logbook import Logbook, read_page


def everything(path: Path) -> list[tuple[str, str]]:
    lines, offset = [], 0
    while True:
        page, after = read_page(str(path), offset)
        if after == offset:
            return [(stream, text) for _, stream, text in lines]
        lines.extend(page)
        offset = after


def test_lines_are_framed_when_they_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    book = Logbook(str(path), 10_000)
    book.feed("out", b"one\ntw")
    book.feed("err", b"oops\n")
    assert everything(path) == [("out", "one"), ("err", "oops")]
    book.feed("out", b"o\n\nlast")
    book.close()
    assert everything(path)[2:] == [("out", "two"), ("out", ""), ("out", "last")]


def test_a_reader_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "log"
    book = Logbook(str(path), 10_000)
    book.feed("out", b"one\n")
    _, offset = read_page(str(path), 0)
    assert read_page(str(path), offset) == ([], offset)
    book.feed("out", b"two\n")
    lines, _ = read_page(str(path), offset)
    assert [text for _, _, text in lines] == ["two"]


def test_a_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert read_page(str(tmp_path / "none"), 7) == ([], 7)


def test_long_lines_are_split_and_strange_bytes_survive(tmp_path: Path) -> None:
    path = tmp_path / "log"
    book = Logbook(str(path), 1_000_000)
    book.feed("out", b"x" * (logbook.LINE_BYTES_MAX + 5) + b"\n\xff\t\x00\x0b\x1c\n50%\r100%\r\n")
    book.close()
    texts = [text for _, text in everything(path)]
    assert [len(text) for text in texts[:2]] == [logbook.LINE_BYTES_MAX, 5]
    assert texts[2:] == ["�\t\x00\x0b\x1c", "50% 100%"]


def test_a_full_log_keeps_its_beginning_and_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logbook, "TAIL_BYTES", 500)
    path = tmp_path / "log"
    book = Logbook(str(path), 1000)
    for number in range(1000):
        book.feed("out", b"line %d\n" % number)
    book.close()
    texts = [text for _, text in everything(path)]
    assert texts[0] == "line 0"
    assert texts[-1] == "line 999"
    assert any("were left out" in text for text in texts)
    assert path.stat().st_size < 1700


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=40)))
def test_however_it_is_cut_the_text_is_the_same(tmp_path: Path, pieces: list[bytes]) -> None:
    whole = b"".join(pieces).replace(b"\r", b"")
    path = tmp_path / "log"
    path.unlink(missing_ok=True)
    book = Logbook(str(path), 1_000_000)
    for piece in pieces:
        book.feed("out", piece.replace(b"\r", b""))
    book.close()
    expected = whole.decode("utf-8", "replace").split("\n") if whole else []
    if whole.endswith(b"\n"):
        expected.pop()
    lines = [piece.decode("utf-8", "replace") for piece in whole.split(b"\n")] if whole else []
    assert [text for _, text in everything(path)] == lines[: len(expected)]

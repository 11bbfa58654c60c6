"""Versions as bubblewrap tells them."""

from __future__ import annotations

import pytest

from freehold.host.sandboxes.probe import VERSION_MIN, version


@pytest.mark.parametrize(
    ("said", "expected"),
    [("bubblewrap 0.11.0\n", (0, 11, 0)), ("bubblewrap 0.8", (0, 8)), ("x", ()), ("", ())],
)
def test_versions_are_numbers(said: str, expected: tuple[int, ...]) -> None:
    assert version(said) == expected


def test_what_cannot_be_read_is_too_old() -> None:
    assert version("") < VERSION_MIN < version("bubblewrap 0.10.0")

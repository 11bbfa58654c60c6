"""Fixtures of e2e tests: real servers, ended with everything that they started."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.server import RunningServer


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[Callable[..., RunningServer]]:
    """Makes servers; each is ended afterwards. They are not started yet."""
    made: list[RunningServer] = []

    def make(name: str = "state", *options: str) -> RunningServer:
        server = RunningServer(tmp_path / name, tmp_path / f"{name}.log", *options)
        made.append(server)
        return server

    yield make
    for server in made:
        server.end()


@pytest.fixture
def server(make_server: Callable[..., RunningServer]) -> RunningServer:
    """One server that answers."""
    made = make_server()
    made.start()
    return made

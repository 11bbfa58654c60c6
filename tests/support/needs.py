"""What end-to-end tests need of the machine, and the server that a module's tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from freehold.host import runtimes
from freehold.host.sandboxes import probe
from tests.support.server import RunningServer


def sandboxes(*names: str) -> list[pytest.MarkDecorator]:
    """Marks of tests that run real work on these runtimes."""
    missing = [name for name in names if runtimes.find(name) is None]
    commands = " && ".join(f"freehold runtime install {name}" for name in names)
    return [
        pytest.mark.e2e,
        pytest.mark.runtime,
        pytest.mark.skipif(bool(missing), reason=f"needs a runtime: {commands}"),
        pytest.mark.skipif(bool(probe.bubblewrap().trouble), reason="needs sandboxes"),
    ]


def shared_server(factory: pytest.TempPathFactory, name: str) -> Iterator[RunningServer]:
    """One server for all tests of a module; ended with all that it started."""
    place = factory.mktemp(name)
    made = RunningServer(place / "state", place / "log")
    made.start()
    yield made
    made.end()

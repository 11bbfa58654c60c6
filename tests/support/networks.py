"""Networks without a machine: a host that only remembers, and loops that own no namespace."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from freehold.base.errors import Internal
from freehold.host.networks.namespaces import Line
from freehold.host.networks.probe import Found
from freehold.host.networks.readings import Counts, Refused
from freehold.kernel.dispatch import Kernel
from freehold.loops.networks.loop import Networks

WORKS = Found("namespaces", "a host that only remembers")
LACKS = Found("proxy", "nothing to make networks with")


class FakeHost:
    """Keeps what it was asked to make. ``breaks``: calls that fail until it is taken out."""

    def __init__(self) -> None:
        self.routers: dict[str, dict[str, Line]] = {}
        self.rules: dict[str, list[str]] = {}
        self.gateways: dict[str, str] = {}
        self.breaks: set[str] = set()
        self.counted: Counts = {}
        self.kept: list[Refused] = []
        self.cleared = 0

    def _touch(self, what: str) -> None:
        if what in self.breaks:
            raise Internal(f"{what} fails", retryable=True)

    def found(self) -> dict[str, list[Line]]:
        return {router: list(lines.values()) for router, lines in self.routers.items()}

    def open_router(self, id: str) -> None:
        self._touch("open_router")
        self.routers[id] = {}
        self.rules[id] = []

    def close_router(self, id: str) -> None:
        assert not self.routers.pop(id)

    def join(self, router: str, line: Line, gateway: str) -> None:
        self._touch("join")
        self.routers[router][line.id] = line
        self.gateways[line.id] = gateway

    def path_of(self, line: Line) -> str:
        return f"/run/netns/{line.id}"

    def leave(self, router: str, lines: Iterable[Line]) -> None:
        for line in lines:
            self.routers[router].pop(line.id, None)

    def apply(self, router: str, text: str) -> None:
        self._touch("apply")
        self.rules[router].append(text)

    def counts(self, router: str) -> Counts:
        self._touch("counts")
        return self.counted

    def refused(self, router: str) -> list[Refused]:
        kept, self.kept = self.kept, []
        return kept

    def own_addresses(self) -> tuple[str, ...]:
        return ("192.0.2.2",)

    def clear(self) -> None:
        self.cleared += 1
        self.routers = {}


def none(kernel: Kernel) -> Networks:
    """As on a machine where sandboxes have no network of their own."""
    return Networks(kernel, FakeHost(), lambda: LACKS)


def made(kernel: Kernel, host: FakeHost, pulse: Callable[[], Any]) -> Networks:
    """As on a machine with namespaces."""
    return Networks(kernel, host, lambda: WORKS, pulse)

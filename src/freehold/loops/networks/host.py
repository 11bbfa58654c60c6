"""What the loop of networks asks of the machine; ``host/networks/namespaces.py`` does it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from freehold.host.networks.namespaces import Line
from freehold.host.networks.readings import Counts, Refused


class Joined(NamedTuple):
    """How a sandbox joins: the path of its network namespace; empty where it has none."""

    netns: str = ""


class Host(Protocol):
    """The machine. Every call may raise ``Internal``; every one may be made again."""

    def found(self) -> dict[str, list[Line]]:
        """Routers that stand, with their whole lines; what is half-made is gone afterwards."""

    def open_router(self, id: str) -> None:
        """Make a router that lets nothing pass."""

    def close_router(self, id: str) -> None:
        """Remove a router that has no lines."""

    def join(self, router: str, line: Line, gateway: str) -> None:
        """Make a sandbox's namespace and its line to the router."""

    def path_of(self, line: Line) -> str:
        """Where a sandbox joins its network."""

    def leave(self, router: str, lines: Iterable[Line]) -> None:
        """Cut lines, and remove their namespaces."""

    def apply(self, router: str, text: str) -> None:
        """Put rules in force, all or none."""

    def counts(self, router: str) -> Counts:
        """How much a router ever refused, by the numbers of its lines."""

    def refused(self, router: str) -> list[Refused]:
        """What a router refused since this was last asked."""

    def own_addresses(self) -> tuple[str, ...]:
        """The machine's own addresses."""

    def clear(self) -> None:
        """Remove everything."""

"""What everything of ours is called on the host, derived from the state directory.

Several installs stand side by side, and a new server knows what an old one left. Nothing is kept
in a file: a name tells whose a thing is, and what stands is asked of the kernel.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import NamedTuple

NETNS = Path("/run/netns")
PREFIX = "freehold"
UPLINKS = "fhu"  # every uplink of every install begins so; an interface has at most 15 letters
UPLINK_INSIDE = "uplink"
_ROUTER = re.compile(r"[A-Za-z0-9-]{1,64}")
_STAND = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class Names(NamedTuple):
    """The names of one install. ``tag`` is in each of them."""

    tag: str

    @classmethod
    def of(cls, state: Path) -> Names:
        """The names of the install that keeps its state there, whether it exists or not."""
        return cls(hashlib.sha256(os.path.realpath(state).encode()).hexdigest()[:6])

    @property
    def routers(self) -> str:
        """How the names of routers begin."""
        return f"{PREFIX}-{self.tag}-r-"

    @property
    def stands(self) -> str:
        """How the names of sandboxes' namespaces begin."""
        return f"{PREFIX}-{self.tag}-s-"

    @property
    def table(self) -> str:
        """The one nftables table on the host."""
        return f"{PREFIX}_{self.tag}"

    @property
    def uplinks(self) -> str:
        """How the host's ends of our uplinks begin."""
        return f"{UPLINKS}{self.tag}"

    def router(self, id: str) -> str:
        """The namespace of a router: a VPC's, or the public one."""
        assert _ROUTER.fullmatch(id), id
        return self.routers + id

    def stand(self, id: str) -> str:
        """The namespace of a sandbox, by the id of its work."""
        assert _STAND.fullmatch(id), id
        return self.stands + id

    def uplink(self, number: int) -> str:
        """The host's end of a router's uplink."""
        return f"{self.uplinks}{number:05x}"


def path(namespace: str) -> str:
    """Where a namespace is joined."""
    return str(NETNS / namespace)


def veth(number: int) -> str:
    """The router's end of a sandbox's line."""
    return f"v{number}"


def number(interface: str) -> int | None:
    """The number of a sandbox's line; None for any other interface."""
    return int(interface[1:]) if re.fullmatch(r"v\d{1,9}", interface) else None

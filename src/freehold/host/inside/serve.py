"""The process beside a sandbox's workload: all ways out of it, until it is killed.

Input: listening sockets that ``init.py`` opened before it gave up its rights.
"""

from __future__ import annotations

import socket

from freehold.host.inside.bridge import Bridge


def serve(
    listeners: list[tuple[socket.socket, str]],
    resolvers: tuple[socket.socket, socket.socket] | None,
) -> None:
    """Carry until killed.

    ``listeners``: non-blocking listening sockets and socket paths. ``resolvers``: where the
    sandbox has a network of its own, the UDP and TCP sockets on which it asks for names.
    """
    bridge = Bridge(listeners)
    if resolvers is not None:
        from freehold.host.inside.direct import Direct  # start-up counts for all the others
        from freehold.host.inside.names import Names

        Direct(bridge)
        Names(bridge, resolvers, listeners[0][1])
    while True:
        bridge.turn()

"""Which listener belongs to which app or sandbox, opened and closed while the server runs.

Input: doors that loops open (from their threads) and apps whose URL is asked for. Output: listeners
of ``edge/listen/server.py``. An app without a host name of its own has a loopback address, which is
listened on from the first time its URL is asked for, or from its app's door on.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from freehold.edge.apps.origins import Origins
from freehold.edge.listen.connections import Listener
from freehold.edge.listen.server import Server
from freehold.kernel.dispatch import Kernel
from freehold.kernel.doors import Door

SANDBOX = "sandbox/"
LISTEN_SECONDS_MAX = 10.0


class Claims:
    """Opens what others ask for. ``begin`` must be called on the event loop."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._addresses: dict[str, str] = {}
        self.origins = Origins(kernel.settings.port, self._claim)

    def begin(self, server: Server, port: int) -> None:
        """Start to open: doors and app addresses, on ``port``."""
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._opening = asyncio.Lock()
        self.origins = Origins(port, self._claim)
        self._kernel.studio_url = self._url
        self._kernel.doors.opened = self._door_opened
        self._kernel.doors.closed = self._door_closed

    def _claim(self, address: str, arn: str) -> bool:
        return self._addresses.setdefault(address, arn) == arn

    def url_of(self, arn: str, domain_id: str) -> str:
        """An app's origin, whether it is listened on or not."""
        return self.origins.url_for(arn, domain_id)

    def _url(self, arn: str, domain_id: str) -> str:
        """An app's origin; its address is listened on before anybody is told of it.

        Never called on the event loop, which does the listening.
        """
        origin = self.origins.origin_of(arn, domain_id)
        if origin.needs_listener:
            self._open(Listener(f"app/{origin.host}", "app", (origin.host, origin.port)))
        return origin.url

    def _door_opened(self, door: Door) -> None:
        """Listen on the door's socket; back only when it is open, for the sandbox comes next."""
        listener = Listener(SANDBOX + door.id, "sandbox", Path(door.socket))
        self._open(listener)
        if ":app/" in door.source:
            self._url(door.source, door.source.rpartition(":app/")[2].split("/")[0])

    def _door_closed(self, door: Door) -> None:
        self._loop.call_soon_threadsafe(self._server.forget, SANDBOX + door.id)

    def _open(self, listener: Listener) -> None:
        if not self._server.is_open(listener.id):
            opened = asyncio.run_coroutine_threadsafe(self._listen(listener), self._loop)
            opened.result(LISTEN_SECONDS_MAX)

    async def _listen(self, listener: Listener) -> None:
        async with self._opening:  # two who want the same listener wait for one another
            if not self._server.is_open(listener.id):
                await self._server.listen(listener)

"""Names of other people's hosts, looked up by this machine's own resolver: bounded, off the loop.

Input: host names that sandboxes ask for (``outward.py``, ``edge/dns/answers.py``). Output: IPv4
addresses. Names are looked up on threads that nobody waits for at the end; who asks too much waits
for no one but itself. Whether an address may be used is not decided here.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import socket
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from functools import partial

from freehold.base.errors import Fault, Invalid, NotFound, Throttled

Addresses = tuple[ipaddress.IPv4Address, ...]

KEPT_SECONDS = 5.0
KEPT_MAX = 2048
AT_ONCE_MAX = 128
EACH_MAX = 8
"""Look-ups under way, all together and of one sandbox: a name server of theirs may never answer."""
WAIT_SECONDS = 10.0
ADDRESSES_MAX = 8

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\Z")


class Lookups:
    """Looks names up and keeps the answers for a few seconds. For one event loop.

    Args:
        resolve: Answers a name with its addresses, none if it has none; may take long. Raises
            OSError where it cannot be known.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        resolve: Callable[[str], Addresses] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._resolve = resolve or by_host
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, Addresses]] = OrderedDict()
        self._under_way: Counter[str] = Counter()
        self._at_once = 0

    async def addresses(self, who: str, host: str) -> Addresses:
        """The IPv4 addresses of ``host`` (lower case, no closing dot), for the sandbox ``who``.

        Raises:
            Invalid: It is no name that could be looked up, or an IPv6 address.
            NotFound: There is no such name, or it has no IPv4 address.
            Throttled: Too much is being looked up.
            Fault: The machine's resolver does not answer.
        """
        literal = _literal(host)
        if literal is not None:
            return (literal,)
        if not _NAME.match(host):
            raise Invalid("The name of this host cannot be looked up.")
        kept = self._kept.get(host)
        if kept is None or kept[0] <= self._clock():
            found = await self._looked_up(who, host)
            self._kept[host] = kept = (self._clock() + KEPT_SECONDS, found)
            self._kept.move_to_end(host)
            if len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        if not kept[1]:
            raise NotFound(f"{host} has no IPv4 address: the name does not exist, or only in IPv6")
        return kept[1]

    async def _looked_up(self, who: str, host: str) -> Addresses:
        if self._under_way[who] >= EACH_MAX or self._at_once >= AT_ONCE_MAX:
            raise Throttled("Too many names are being looked up already: try again.")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Addresses] = loop.create_future()
        self._under_way[who] += 1
        self._at_once += 1
        thread = threading.Thread(
            target=self._ask, args=(who, host, loop, answer), name="look-up", daemon=True
        )
        thread.start()
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await answer
        except (OSError, TimeoutError) as error:
            raise Fault(f"{host} cannot be looked up: this machine's resolver fails") from error

    def _ask(
        self,
        who: str,
        host: str,
        loop: asyncio.AbstractEventLoop,
        answer: asyncio.Future[Addresses],
    ) -> None:
        found: Addresses | OSError
        try:
            found = self._resolve(host)
        except OSError as error:
            found = error
        with contextlib.suppress(RuntimeError):  # the server ended meanwhile
            loop.call_soon_threadsafe(partial(self._answered, who, answer, found))

    def _answered(
        self, who: str, answer: asyncio.Future[Addresses], found: Addresses | OSError
    ) -> None:
        """The thread is free again, whether somebody still waits or not."""
        self._at_once -= 1
        self._under_way[who] -= 1
        if not self._under_way[who]:
            del self._under_way[who]
        if answer.done():
            return
        if isinstance(found, OSError):
            answer.set_exception(found)
        else:
            answer.set_result(found)


def by_host(host: str) -> Addresses:
    """Ask this machine's resolver, its ``/etc/hosts`` included.

    Raises:
        OSError: It does not answer.
    """
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, socket.EAI_NODATA):
            return ()
        raise
    addresses = dict.fromkeys(ipaddress.IPv4Address(one[4][0]) for one in found)
    return tuple(addresses)[:ADDRESSES_MAX]


def _literal(host: str) -> ipaddress.IPv4Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if ":" in host or "%" in host:
            raise Invalid("The name of this host cannot be looked up.") from None
        return None
    if isinstance(address, ipaddress.IPv6Address):
        raise Invalid(f"{host} is an IPv6 address: sandboxes have IPv4 only")
    return address

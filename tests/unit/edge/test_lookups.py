"""Names are looked up beside the event loop, a bounded number at a time, and kept for seconds."""

from __future__ import annotations

import asyncio
import ipaddress
import threading

import pytest

from freehold.base.errors import Fault, Invalid, NotFound, Throttled
from freehold.edge.listen.lookups import EACH_MAX, KEPT_SECONDS, Lookups

ONE = ipaddress.IPv4Address("203.0.113.10")


class Names:
    def __init__(self, **known):
        self.known, self.asked = known, []

    def __call__(self, host):
        self.asked.append(host)
        found = self.known.get(host.replace(".", "_"), ())
        if isinstance(found, OSError):
            raise found
        return found


def test_an_answer_is_kept_for_a_few_seconds_also_that_there_is_none():
    names, now = Names(a_test=(ONE,)), [100.0]
    lookups = Lookups(names, lambda: now[0])

    async def go():
        for _ in range(3):
            assert await lookups.addresses("one", "a.test") == (ONE,)
            with pytest.raises(NotFound, match=r"b\.test has no IPv4 address"):
                await lookups.addresses("one", "b.test")
        now[0] += KEPT_SECONDS
        await lookups.addresses("one", "a.test")

    asyncio.run(go())
    assert names.asked == ["a.test", "b.test", "a.test"]


NO_NAMES = ("", "a..b", "a" * 64, "x." * 127 + "xx", "a b", "a\0b", "é.test", "a/b", "[", "a:b")
IPV6 = ("::1", "fe80::1%lo", "::ffff:169.254.169.254", "2001:db8::1")


@pytest.mark.parametrize("host", [*NO_NAMES, *IPV6])
def test_what_is_no_name_is_refused_without_asking(host):
    names = Names()

    async def go():
        with pytest.raises(Invalid):
            await Lookups(names).addresses("one", host)

    asyncio.run(go())
    assert names.asked == []


def test_an_address_needs_no_look_up():
    async def go():
        assert await Lookups(Names()).addresses("one", "203.0.113.10") == (ONE,)

    asyncio.run(go())


def test_a_resolver_that_fails_is_told_apart_from_a_name_that_is_not():
    async def go():
        with pytest.raises(Fault, match="resolver fails") as raised:
            await Lookups(Names(a_test=OSError("no"))).addresses("one", "a.test")
        assert type(raised.value) is Fault

    asyncio.run(go())


def test_a_sandbox_that_asks_too_much_waits_for_nobody_but_itself():
    gate = threading.Event()

    def slow(host):
        if host != "quick.test":
            assert gate.wait(10)
        return (ONE,)

    async def go():
        lookups = Lookups(slow)
        asking = [
            asyncio.create_task(lookups.addresses("one", f"n{number}.test"))
            for number in range(EACH_MAX)
        ]
        await asyncio.sleep(0)
        with pytest.raises(Throttled):
            await lookups.addresses("one", "more.test")
        assert await lookups.addresses("two", "quick.test") == (ONE,)
        gate.set()
        assert await asyncio.gather(*asking) == [(ONE,)] * EACH_MAX
        assert await lookups.addresses("one", "more.test") == (ONE,)

    asyncio.run(go())

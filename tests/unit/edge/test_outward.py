"""Connections made for sandboxes: asked for, tried in turn, bounded, cut when a rule changes."""

from __future__ import annotations

import asyncio
import ipaddress

import pytest

from freehold.base.errors import Denied, Fault, Throttled
from freehold.edge.listen.lookups import Lookups
from freehold.edge.listen.outward import EACH_MAX, Outward
from freehold.kernel.network.egress import Way


def at(text):
    return ipaddress.IPv4Address(text)


class Rules:
    """An egress whose ways and refusals are set by hand."""

    def __init__(self):
        self.ways, self.shut, self.counted, self.asked = {}, set(), [], 0
        self.changed = lambda: None

    def way(self, door_id):
        return self.ways.get(door_id, Way("d-1", "app"))

    def refusal(self, way, address, port):
        self.asked += 1
        return way.refusal(address, port) or ("shut" if str(address) in self.shut else "")

    def refused(self, way, address, port):
        self.counted.append((way.domain_id, str(address), port))


def outward(answers):
    rules = Rules()
    return Outward(rules, Lookups(lambda host: tuple(map(at, answers[host])))), rules


def dialling(made, host, port=443, fails=()):
    """Dial; the address that was connected to."""

    async def dial(address):
        if address in fails:
            raise ConnectionRefusedError
        return address

    async def go():
        flow = made.enter("one", port)
        try:
            return await made.dialled("one", flow, host, dial)
        finally:
            made.leave("one", flow)

    return asyncio.run(go())


def test_the_address_that_was_asked_for_is_the_one_that_is_dialled():
    answers = iter([["203.0.113.10"], ["127.0.0.1"]])  # a name that changes between two look-ups
    rules = Rules()
    made = Outward(rules, Lookups(lambda _: tuple(map(at, next(answers)))))
    assert dialling(made, "rebinding.test") == "203.0.113.10"


def test_only_allowed_addresses_of_a_name_are_tried_one_after_another():
    made, rules = outward({"a.test": ["127.0.0.1", "203.0.113.9", "203.0.113.10", "203.0.113.11"]})
    rules.shut.add("203.0.113.9")
    assert dialling(made, "a.test", fails=("203.0.113.10",)) == "203.0.113.11"
    assert rules.counted == []
    with pytest.raises(Fault, match=r"a\.test:443 does not answer") as raised:
        dialling(made, "a.test", fails=("203.0.113.10", "203.0.113.11"))
    assert type(raised.value) is Fault


def test_a_refusal_tells_domain_address_port_and_why_and_is_counted():
    made, rules = outward({"inner.test": ["10.0.0.5"]})
    with pytest.raises(Denied) as raised:
        dialling(made, "inner.test", 5432)
    assert raised.value.message == (
        "Domain d-1 may not connect to inner.test:5432 (10.0.0.5): "
        "private addresses are not on the internet."
    )
    assert rules.counted == [("d-1", "10.0.0.5", 5432)]


def test_nothing_is_looked_up_for_who_has_no_way_out():
    made, rules = outward({})
    rules.ways["one"] = Way("d-1", "app", why="it was given no network")
    with pytest.raises(Denied, match="secret\\.attacker\\.test:443: it was given no network"):
        dialling(made, "secret.attacker.test")
    assert rules.counted == [("d-1", "None", 443)]


def test_each_sandbox_has_so_many_connections_and_no_more():
    made, _ = outward({})
    flows = [made.enter("one", 443) for _ in range(EACH_MAX)]
    with pytest.raises(Throttled, match="close some first"):
        made.enter("one", 443)
    made.leave("two", made.enter("two", 443))
    for flow in flows:
        made.leave("one", flow)
        made.leave("one", flow)
    made.leave("one", made.enter("one", 443))


def test_a_change_cuts_what_is_no_longer_allowed_and_asks_nothing_where_nothing_changed():
    made, rules = outward({"a.test": ["203.0.113.10"]})
    cut = []

    async def go():
        kept, gone = made.enter("one", 443), made.enter("two", 443)
        for name, flow in (("one", kept), ("two", gone)):
            flow.address = at("203.0.113.10")
            flow.end = lambda name=name: cut.append(name)
        made.check()
        assert (cut, rules.asked) == ([], 0)
        rules.ways["two"] = Way("d-1", "app", why="it was given no network")
        made.begin()
        rules.changed()
        rules.changed()
        await asyncio.sleep(0)
        assert cut == ["two"]
        assert gone.is_cut
        assert not kept.is_cut

    asyncio.run(go())
    assert rules.counted == [("d-1", "203.0.113.10", 443)]
    assert rules.asked == 1


def test_a_rule_that_changes_while_a_name_is_looked_up_is_the_one_that_counts():
    rules = Rules()

    def resolve(_):
        rules.ways["one"] = Way("d-1", "app", why="it was given no network")
        return (at("203.0.113.10"),)

    with pytest.raises(Denied, match="no network"):
        dialling(Outward(rules, Lookups(resolve)), "a.test")

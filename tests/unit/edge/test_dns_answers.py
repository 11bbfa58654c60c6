"""What a sandbox may know of a name: the addresses that it may reach, by the rule of packets."""

from __future__ import annotations

import asyncio
import ipaddress
from types import SimpleNamespace

import pytest
from tests.unit.edge.test_dns_messages import query

from freehold.edge.dns import answers
from freehold.edge.dns import messages as dns
from freehold.edge.listen.connections import LISTENER
from freehold.edge.listen.lookups import Lookups
from freehold.edge.listen.outward import Outward
from freehold.kernel.network.egress import Way

KNOWN = {
    "www.example.com": ["203.0.113.10", "203.0.113.11"],
    "mixed.example.com": ["10.0.0.1", "203.0.113.10", "127.0.0.1"],
    "inner.example.com": ["10.0.0.1"],
    "metadata.example.com": ["169.254.169.254"],
}


class Rules:
    def __init__(self, way):
        self._way = way

    def way(self, _):
        return self._way

    def hides(self, way, address):
        return bool(way.hides(address))


class Asked:
    def __init__(self):
        self.names = []

    def __call__(self, host):
        self.names.append(host)
        if host == "broken.example.com":
            raise OSError
        return tuple(ipaddress.IPv4Address(one) for one in KNOWN.get(host, ()))


def answer(message, way=None, resolver=None):
    """Response code and addresses of the answer."""
    rules = Rules(way or Way("d-1", "app"))
    outward = Outward(rules, Lookups(resolver or Asked()))
    made = answers.answered(outward, "one", message, lambda host: host.endswith(".amazonaws.com"))
    said = asyncio.run(made)
    count = int.from_bytes(said[6:8], "big")
    tail = said[len(said) - 16 * count :]
    return said[3] & 15, [
        str(ipaddress.IPv4Address(tail[16 * n + 12 : 16 * n + 16])) for n in range(count)
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("www.example.com", (dns.NOERROR, ["203.0.113.10", "203.0.113.11"])),
        ("WWW.example.com.", (dns.NOERROR, ["203.0.113.10", "203.0.113.11"])),
        ("mixed.example.com", (dns.NOERROR, ["203.0.113.10"])),
        ("inner.example.com", (dns.REFUSED, [])),
        ("metadata.example.com", (dns.REFUSED, [])),
        ("nowhere.example.com", (dns.NXDOMAIN, [])),
        ("broken.example.com", (dns.SERVFAIL, [])),
        ("sts.us-east-1.amazonaws.com", (dns.REFUSED, [])),
        ("a b.example.com", (dns.NXDOMAIN, [])),
        ("\xe9.example.com", (dns.NXDOMAIN, [])),
    ],
)
def test_a_name_leads_to_what_may_be_reached_and_to_nothing_else(name, expected):
    assert answer(query(name)) == expected


def test_there_are_no_addresses_of_ipv6():
    assert answer(query(kind=dns.AAAA)) == (dns.NOERROR, [])


@pytest.mark.parametrize("kind", [15, 16, 12, 255, 65, 252])
def test_other_kinds_are_refused_without_a_look_up(kind):
    asked = Asked()
    assert answer(query(kind=kind), resolver=asked) == (dns.REFUSED, [])
    assert answer(query(cls=3), resolver=asked) == (dns.REFUSED, [])
    assert asked.names == []


@pytest.mark.parametrize("kind", [dns.A, dns.AAAA])
def test_who_has_no_way_out_asks_nobody(kind):
    asked, shut = Asked(), Way("d-1", "app", why="it was given no network")
    told = answer(query("secret.attacker.example.com", kind), shut, asked)
    assert told == (dns.REFUSED, [])
    assert asked.names == []


def posted(body, kind="sandbox"):
    """What the API's path answers."""
    api = SimpleNamespace(special={})
    outward = Outward(Rules(Way("d-1", "app")), Lookups(Asked()))
    answers.join(api, outward, lambda _: False)
    sent = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    listener = SimpleNamespace(id="sandbox/one", kind=kind)
    asyncio.run(api.special[answers.NAMES]({"state": {LISTENER: listener}}, receive, send))
    return sent[0]["status"], sent[1]["body"]


def test_only_a_sandboxs_own_listener_answers_and_only_queries():
    status, said = posted(query())
    assert (status, said[:2]) == (200, b"\0\7")
    assert posted(query(), kind="plain") == (404, b"")
    assert posted(b"x" * 513) == (404, b"")
    assert posted(b"short") == (400, b"")

from __future__ import annotations

import asyncio

import pytest

from freehold.edge.apps.origins import Origins
from freehold.edge.listen.connections import LISTENER, Listener, bare
from freehold.edge.listen.server import Switch

IS_APP = Origins(7070, lambda *_: True, has_names=True).is_app


@pytest.mark.parametrize(
    ("authority", "expected"),
    [
        (b"Example.COM:80", "example.com"),
        (b"example.com.", "example.com"),
        (b"[::1]:7070", "::1"),
        (b"", ""),
    ],
)
def test_a_host_is_bared_of_port_case_and_dot(authority, expected):
    assert bare(authority) == expected


def answered(kind="plain", hosts=(b"127.0.0.1:7070",), here="127.0.0.1", scope_type="http"):
    """Who answers: ``api``, ``proxy``, or the status of a refusal."""
    told = []

    def app(name):
        async def answer(*_):
            told.append(name)

        return answer

    async def send(message):
        if "status" in message:
            told.append(message["status"])

    scope = {
        "type": scope_type,
        "headers": [(b"host", host) for host in hosts],
        "server": (here, 7070) if here else None,
        "state": {LISTENER: Listener("x", kind, (here, 7070))},
    }
    asyncio.run(Switch(app("api"), app("proxy"), IS_APP)(scope, None, send))
    (one,) = told
    return one


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, "api"),
        ({"kind": "tls"}, "api"),
        ({"hosts": ()}, "api"),
        ({"hosts": (b"sts.us-east-1.amazonaws.com",)}, "api"),
        ({"hosts": (b"a.d.studio.localhost:7070",)}, "proxy"),
        ({"hosts": (b"A.D.STUDIO.LOCALHOST.",)}, "proxy"),
        ({"hosts": (b"127.64.0.1:7070",)}, "proxy"),
        ({"here": "127.64.0.1"}, "proxy"),
        ({"kind": "app", "here": "127.64.0.1", "hosts": (b"evil.example",)}, "proxy"),
        ({"kind": "app", "hosts": ()}, "proxy"),
        ({"scope_type": "websocket"}, 404),
        ({"scope_type": "websocket", "hosts": (b"a.d.studio.localhost",)}, "proxy"),
        ({"kind": "sandbox", "here": "/run/api.sock"}, "api"),
        ({"kind": "sandbox", "here": None, "hosts": (b"a.d.studio.localhost",)}, 403),
        ({"hosts": (b"127.0.0.1", b"a.d.studio.localhost")}, 400),
    ],
)
def test_each_request_has_exactly_one_who_answers(case, expected):
    assert answered(**case) == expected

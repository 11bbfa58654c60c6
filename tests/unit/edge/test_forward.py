from __future__ import annotations

import asyncio

import pytest

from freehold.base.errors import Invalid
from freehold.edge.listen import forward


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"CONNECT sts.amazonaws.com:443 HTTP/1.1\r\nHost: x", ("sts.amazonaws.com", 443)),
        (b"CONNECT STS.Amazonaws.com.:443 HTTP/1.1", ("sts.amazonaws.com", 443)),
        (b"CONNECT [::1]:7443 HTTP/1.0", ("::1", 7443)),
    ],
)
def test_connect_names_a_host_and_a_port(head, expected):
    assert forward.target(head) == expected


@pytest.mark.parametrize(
    "line",
    [
        b"CONNECT host",
        b"CONNECT host HTTP/1.1",
        b"CONNECT :443 HTTP/1.1",
        b"CONNECT h:x HTTP/1.1",
        b"CONNECT h:70000 HTTP/1.1",
        b"CONNECT h:99999 HTTP/1.1",
        b"CONNECT h:0 HTTP/1.1",
        b"CONNECT h:-1 HTTP/1.1",
        b"CONNECT h:\xb2 HTTP/1.1",
        b"CONNECT a b:1 HTTP/1.1",
    ],
)
def test_anything_else_is_refused(line):
    with pytest.raises(Invalid, match="host:port"):
        forward.target(line)


def test_telemetry_is_answered_without_reading():
    sent = []

    async def receive():
        raise AssertionError("read")

    async def send(message):
        sent.append(message)

    asyncio.run(forward.telemetry({}, receive, send))
    assert sent[0]["status"] == 200
    assert sent[1] == {"type": "http.response.body", "body": b""}

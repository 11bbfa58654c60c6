"""The app proxy over real sockets: HTTP and WebSocket to a notebook behind a unix socket."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import socket
import time

import aiohttp
import pytest
from tests.support.edge import MIB, Notebook, RunningEdge

from freehold.edge.apps import origins
from freehold.edge.apps.proxy import NotReady
from freehold.edge.listen.connections import Listener

pytestmark = pytest.mark.e2e

HOST = "abc.d-1.studio.localhost"
OTHER = "xyz.d-1.studio.localhost"


@pytest.fixture(scope="module")
def edge(tmp_path_factory):
    decide = origins.Origins(7070, lambda *_: True, has_names=True)
    edge = RunningEdge(tmp_path_factory.mktemp("state"), decide.is_app)
    yield edge
    edge.stop()


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    deep = tmp_path_factory.mktemp("app") / ("deep" * 30)
    deep.mkdir()
    # Bound by its short name: the proxy has to manage with the long one.
    short = tmp_path_factory.mktemp("s") / "jl.sock"
    notebook = Notebook(short)
    os.link(short, deep / "jl.sock")
    notebook.deep = deep / "jl.sock"
    yield notebook
    notebook.stop()


@pytest.fixture
def cookie(edge, notebook):
    return edge.gate.open(HOST, notebook.socket)


class Browser:
    """One connection to the plain listener, with a Host and a cookie."""

    def __init__(self, edge, cookie=None, host=HOST):
        self.connection = http.client.HTTPConnection(*edge.plain, timeout=20)
        self.headers = {"Host": host}
        if cookie:
            self.headers["Cookie"] = f"a=1; freehold-app={cookie}; b=2"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def ask(self, method, path, body=None, **headers):
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        self.connection.request(method, path, body=body, headers={**self.headers, **named})
        reply = self.connection.getresponse()
        return reply, reply.read()


def test_a_token_becomes_a_host_only_cookie_and_then_a_landing(edge, cookie):
    edge.gate.tokens["t1"] = cookie
    with Browser(edge) as browser:
        reply, _ = browser.ask("GET", "/auth?token=t1&redirect=JupyterLab&state=e30")
        assert (reply.status, reply.headers["location"]) == (302, "/lab/tree?x=1")
        said = reply.headers["set-cookie"]
        assert said == f"freehold-app={cookie}; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600"
        assert reply.headers["referrer-policy"] == "no-referrer"
        reply, body = browser.ask("GET", "/auth?token=t1", Accept="text/html")
        assert reply.status == 401
        assert b"used already" in body


def test_a_token_is_worth_nothing_on_another_origin(edge, cookie):
    edge.gate.tokens["t2"] = cookie
    with Browser(edge, host=OTHER) as browser:
        reply, _ = browser.ask("GET", "/auth?token=t2")
        assert reply.status == 401
        assert "set-cookie" not in reply.headers


def test_the_app_sees_the_raw_path_and_not_our_cookie(edge, cookie):
    with Browser(edge, cookie) as browser:
        reply, body = browser.ask(
            "GET",
            "/lab/a%2Fb%20c?q=%26&z",
            X_Forwarded_For="6.6.6.6",
            Connection="X-Mine",
            X_Mine="1",
        )
    said = json.loads(body)
    headers = dict(said["headers"])
    assert said["path"] == "/lab/a%2Fb%20c?q=%26&z"
    assert headers["cookie"] == "a=1; b=2"
    assert headers["host"] == HOST
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert "x-mine" not in headers
    assert "x-hop" not in reply.headers


def test_the_root_leads_to_the_base_path(edge, cookie):
    with Browser(edge, cookie) as browser:
        reply, _ = browser.ask("GET", "/")
    assert (reply.status, reply.headers["location"]) == (302, "/lab/")


def test_what_the_app_sets_stays_on_its_host_and_never_is_ours(edge, cookie):
    with Browser(edge, cookie) as browser:
        reply, _ = browser.ask("GET", "/lab/cookies")
    assert reply.headers.get_all("set-cookie") == ["_xsrf=1; Path=/lab; HttpOnly"]
    assert "clear-site-data" not in reply.headers


def test_redirects_are_passed_on(edge, cookie):
    with Browser(edge, cookie) as browser:
        reply, _ = browser.ask("GET", "/lab/redirect")
    assert (reply.status, reply.headers["location"]) == (302, "/lab/elsewhere")


def test_head_and_long_socket_paths_work(edge, notebook):
    cookie = edge.gate.open(HOST, notebook.deep)
    with Browser(edge, cookie) as browser:
        reply, body = browser.ask("HEAD", "/lab/tell")
        assert (reply.status, body) == (200, b"")
        reply, body = browser.ask("GET", "/lab/tell")
        assert reply.status == 200


def test_a_link_in_the_place_of_an_apps_socket_leads_nowhere(edge, notebook, tmp_path):
    """The app owns the directory: a link in it could send us to any socket of this machine."""
    (tmp_path / "app.sock").symlink_to(notebook.socket)
    cookie = edge.gate.open(HOST, tmp_path / "app.sock")
    with Browser(edge, cookie) as browser:
        assert browser.ask("GET", "/lab/tell")[0].status == 502
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Origin": f"http://{HOST}"}
        key = {"Sec_WebSocket_Version": "13", "Sec_WebSocket_Key": "x3JJHMbDL1EzLkh9GBhXDw=="}
        assert browser.ask("GET", "/lab/echo", **upgrade, **key)[0].status == 502


def test_a_socket_that_was_made_anew_is_found_and_one_that_became_a_link_is_left(edge, tmp_path):
    first, second = Notebook(tmp_path / "1.sock"), Notebook(tmp_path / "2.sock")
    try:
        place = tmp_path / "app.sock"
        cookie = edge.gate.open(HOST, place)
        with Browser(edge, cookie) as browser:
            for one in (first, second):
                place.unlink(missing_ok=True)
                os.link(one.socket, place)
                assert browser.ask("GET", "/lab/tell")[0].status == 200
            first.stop()
            assert browser.ask("GET", "/lab/tell")[0].status == 200
            place.unlink()
            place.symlink_to(second.socket)
            assert browser.ask("GET", "/lab/tell")[0].status == 502
    finally:
        second.stop()


def test_without_a_session_nothing_is_asked_of_the_app(edge, notebook, cookie):
    for wrong in (None, "cookie-unknown"):
        with Browser(edge, wrong) as browser:
            reply, body = browser.ask("GET", "/lab/tell", Accept="text/html")
        assert reply.status == 401
        assert b"<!doctype html>" in body
        assert reply.headers["content-security-policy"].startswith("default-src 'none'")
    with Browser(edge, cookie, host=OTHER) as browser:
        assert browser.ask("GET", "/lab/tell")[0].status == 403


def test_a_tossed_cookie_does_not_lock_anybody_out(edge, cookie):
    with Browser(edge) as browser:
        reply, _ = browser.ask(
            "GET", "/lab/tell", Cookie=f"freehold-app=evil; freehold-app={cookie}"
        )
    assert reply.status == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("own", 200),
        (None, 403),
        ("null", 403),
        (f"http://{HOST}", 403),
        (f"http://{OTHER}:7070", 403),
        ("https://evil.example", 403),
    ],
)
def test_what_changes_something_must_come_from_the_apps_own_pages(edge, cookie, origin, status):
    authority = f"{HOST}:7070"
    said = {"Origin": f"http://{authority}" if origin == "own" else origin} if origin else {}
    with Browser(edge, cookie) as browser:
        reply, _ = browser.ask("POST", "/lab/tell", body=b"x", Host=authority, **said)
    assert reply.status == status


@pytest.mark.parametrize(
    ("site", "mode", "goal", "status"),
    [
        ("same-origin", "cors", "empty", 200),
        ("none", "navigate", "document", 200),
        ("cross-site", "navigate", "document", 200),
        ("same-site", "no-cors", "script", 403),
        ("same-site", "navigate", "iframe", 403),
    ],
)
def test_pages_of_other_origins_may_only_link(edge, cookie, site, mode, goal, status):
    with Browser(edge, cookie) as browser:
        reply, _ = browser.ask(
            "GET", "/lab/tell", Sec_Fetch_Site=site, Sec_Fetch_Mode=mode, Sec_Fetch_Dest=goal
        )
    assert reply.status == status


def test_an_app_that_starts_is_shown_as_starting(edge, notebook, tmp_path):
    cookie = edge.gate.open(HOST, tmp_path / "not-there.sock")
    with Browser(edge, cookie) as browser:
        reply, body = browser.ask("GET", "/lab/", Accept="text/html")
        assert (reply.status, reply.headers["refresh"]) == (502, "2")
        assert b"http" not in body.replace(b"http-equiv", b"")
    edge.gate.apps[cookie] = NotReady("Your app is starting", "Its <image> is being unpacked.")
    with Browser(edge, cookie) as browser:
        reply, body = browser.ask("GET", "/lab/", Accept="text/html")
        assert (reply.status, reply.headers["retry-after"]) == (503, "2")
        assert b"Its &lt;image&gt; is being unpacked." in body
        reply, body = browser.ask("GET", "/lab/api")
        assert body == b"Your app is starting: Its <image> is being unpacked.\n"


def test_a_big_download_arrives_whole_and_fast(edge, cookie):
    with Browser(edge, cookie) as browser:
        start = time.monotonic()
        _, body = browser.ask("GET", "/lab/download")
        speed = len(body) / MIB / (time.monotonic() - start)
    assert len(body) == 64 * MIB
    assert speed > 20, f"{speed:.0f} MiB/s"


def test_a_reader_who_stops_holds_the_app_back(edge, notebook, cookie):
    notebook.dropped.clear()
    with Browser(edge, cookie) as browser:
        browser.connection.request("GET", "/lab/endless", headers=browser.headers)
        reply = browser.connection.getresponse()
        assert reply.read(5) == b"tick\n"
        reply.close()
    assert notebook.dropped.wait(5)


def test_a_client_who_leaves_before_the_answer_ends_the_call(edge, notebook, cookie):
    notebook.dropped.clear()
    with Browser(edge, cookie) as browser:
        browser.connection.request("GET", "/lab/hanging", headers=browser.headers)
        browser.connection.sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            browser.connection.sock.recv(1)
    assert notebook.dropped.wait(5)


def test_an_answer_that_breaks_off_never_looks_whole(edge, cookie):
    with Browser(edge, cookie) as browser, pytest.raises((http.client.IncompleteRead, OSError)):
        browser.ask("GET", "/lab/truncated")


def test_a_session_that_ends_ends_its_downloads(edge, notebook):
    cookie = edge.gate.open(HOST, notebook.socket)
    with Browser(edge, cookie) as browser:
        browser.connection.request("GET", "/lab/endless", headers=browser.headers)
        reply = browser.connection.getresponse()
        assert reply.read(5) == b"tick\n"
        edge.gate.ended.add(cookie)
        with pytest.raises((http.client.IncompleteRead, OSError)):
            reply.read()


@pytest.mark.parametrize("is_chunked", [False, True])
def test_uploads_stream_in_their_own_framing(edge, cookie, is_chunked):
    body = (b"x" * MIB for _ in range(8)) if is_chunked else b"x" * 8 * MIB
    with Browser(edge, cookie) as browser:
        _, said = browser.ask("PUT", "/lab/upload", body=body, Origin=f"http://{HOST}")
    assert json.loads(said) == {"body_bytes": 8 * MIB, "chunked": is_chunked}


def test_an_upload_that_breaks_off_never_looks_whole_to_the_app(edge, notebook, cookie):
    notebook.upload_begun.clear()
    with socket.create_connection(edge.plain) as raw:
        raw.sendall(
            f"PUT /lab/upload HTTP/1.1\r\nHost: {HOST}\r\nOrigin: http://{HOST}\r\n"
            f"Cookie: freehold-app={cookie}\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5\r\nhello\r\n".encode()
        )
        assert notebook.upload_begun.wait(5)
    assert notebook.broken_uploads.wait(5)


def websocket(edge, work, cookie, host=HOST, **options):
    """Open a WebSocket as a browser would and run ``work`` on it."""

    async def main():
        named = {"Host": host, "Origin": f"http://{host}", **options.pop("headers", {})}
        if cookie:
            named["Cookie"] = f"freehold-app={cookie}"
        url = f"http://{edge.plain[0]}:{edge.plain[1]}/lab/socket"
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.ws_connect(url, headers=named, max_msg_size=0, **options) as opened,
        ):
            return await work(opened)

    return asyncio.run(asyncio.wait_for(main(), 30))


def test_websockets_carry_text_bytes_subprotocols_and_large_messages(edge, cookie):
    async def work(opened):
        assert opened.protocol == "v1.kernel"
        await opened.send_str("grüße")
        assert await opened.receive_str() == "grüße"
        large = b"x" * (40 * MIB)
        await opened.send_bytes(large)
        assert await opened.receive_bytes() == large

    websocket(edge, work, cookie, protocols=("v1.kernel",))


def test_websockets_keep_their_compression(edge, cookie):
    async def work(opened):
        assert opened.compress
        await opened.send_str("a" * 100_000)
        assert await opened.receive_str() == "a" * 100_000

    websocket(edge, work, cookie, compress=15)


def test_close_codes_pass_both_ways(edge, notebook, cookie):
    async def by_the_app(opened):
        await opened.send_str("close")
        message = await opened.receive()
        assert (message.type, message.data, message.extra) == (
            aiohttp.WSMsgType.CLOSE,
            4321,
            "as you wish",
        )

    async def by_the_browser(opened):
        await opened.close(code=4000)

    websocket(edge, by_the_app, cookie)
    websocket(edge, by_the_browser, cookie)
    while notebook.closed_with.get(timeout=5) != 4000:
        pass


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": f"http://{OTHER}"}, 403),
        ({"Cookie": "freehold-app=evil"}, 401),
    ],
)
def test_websockets_of_strangers_are_refused(edge, cookie, headers, status):
    async def work(_):
        raise AssertionError("opened")

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        websocket(edge, work, None if "Cookie" in headers else cookie, headers=headers)
    assert refused.value.status == status


def test_a_session_that_ends_closes_its_websockets(edge, notebook):
    cookie = edge.gate.open(HOST, notebook.socket)

    async def work(opened):
        await opened.send_str("still here")
        assert await opened.receive_str() == "still here"
        edge.gate.ended.add(cookie)
        await opened.send_str("and now?")
        message = await opened.receive()
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1008)

    websocket(edge, work, cookie)


def test_the_api_is_never_answered_on_an_apps_origin_nor_an_app_on_the_apis(edge, cookie):
    with Browser(edge, cookie, host="127.0.0.1") as browser:
        assert json.loads(browser.ask("GET", "/lab/tell")[1])["listener"] == "plain"
    with Browser(edge, None, host=HOST.upper() + ".:80") as browser:
        assert browser.ask("POST", "/", Origin="http://x")[0].status == 403
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        websocket(edge, None, cookie, host="127.0.0.1")
    assert refused.value.status == 404
    with socket.create_connection(edge.plain) as raw:
        raw.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: {HOST}\r\n\r\n".encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 400")


def test_an_app_has_a_loopback_address_of_its_own_where_names_cannot_be_had(edge, notebook):
    address = origins.address_of("arn:aws:sagemaker:us-east-1:1:app/d-1/u/JupyterLab/x", 0)
    listener = Listener("app-1", "app", (address, 0))
    host, port = edge.thread.call(edge.server.listen(listener))
    cookie = edge.gate.open(host, notebook.socket)
    try:
        connection = http.client.HTTPConnection(host, port)
        for named, status in ((f"{host}:{port}", 200), ("127.0.0.1", 400), (HOST, 400)):
            headers = {"Host": named, "Cookie": f"freehold-app={cookie}"}
            connection.request("GET", "/lab/tell", headers=headers)
            reply = connection.getresponse()
            reply.read()
            assert reply.status == status
        connection.close()
    finally:
        edge.thread.soon(edge.server.forget, "app-1")

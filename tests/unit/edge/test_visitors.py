from __future__ import annotations

import pytest

from freehold.base.errors import Denied, Invalid
from freehold.edge.apps.visitors import Visitor, cleaned, landing


def scope(*headers, kind="http", method="GET", scheme="http", server="127.0.0.1"):
    named = [(b"host", b"a.d.studio.localhost:7070"), *headers]
    return {
        "type": kind,
        "method": method,
        "scheme": scheme,
        "server": (server, 7070),
        "client": ("127.0.0.1", 5),
        "headers": named,
    }


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/lab/tree?x=1", "/lab/tree?x=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nset-cookie: x=1", "/"),
        ("", "/"),
    ],
)
def test_a_landing_never_leads_elsewhere(path, expected):
    assert landing(path) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b"a=1; Domain=localhost; Path=/", b"a=1; Path=/"),
        (b"a=1; DOMAIN = x; HttpOnly", b"a=1; HttpOnly"),
        (b"a=domain=x", b"a=domain=x"),
        (b"freehold-app=1", None),
        (b" Freehold-App =1", None),
        (b"__Host-freehold-app=1", None),
        (b"=freehold-app=1", None),
        (b"freehold-app", None),
    ],
)
def test_an_apps_cookies_stay_on_its_host_and_are_never_ours(given, expected):
    kept = cleaned([(b"set-cookie", given)])
    assert kept == ([] if expected is None else [(b"set-cookie", expected)])


def test_hop_by_hop_headers_and_those_that_reach_further_are_dropped():
    given = [
        (b"connection", b"close, X-Mine"),
        (b"x-mine", b"1"),
        (b"transfer-encoding", b"chunked"),
        (b"clear-site-data", b'"*"'),
        (b"alt-svc", b"h3"),
        (b"content-length", b"3"),
    ]
    assert cleaned(given) == [(b"content-length", b"3")]


def test_our_cookie_is_read_and_taken_out():
    visit = Visitor.of(
        scope(
            (b"cookie", b"a=1; freehold-app=s1;b=2"),
            (b"cookie", b"freehold-app=s2; FREEHOLD-APP=x"),
        )
    )
    assert visit.sessions == ["s1", "s2"]
    assert (b"cookie", b"a=1; b=2") in visit.forwarded()


def test_over_tls_only_the_host_cookie_counts_and_neither_is_passed_on():
    visit = Visitor.of(
        scope((b"cookie", b"freehold-app=s1; __Host-freehold-app=s2"), scheme="https")
    )
    assert visit.sessions == ["s2"]
    assert not [name for name, _ in visit.forwarded() if name == b"cookie"]


def test_what_is_said_of_the_way_here_is_ours_to_say():
    visit = Visitor.of(scope((b"x-forwarded-for", b"6.6.6.6"), (b"forwarded", b"for=6.6.6.6")))
    said = dict(visit.forwarded())
    assert said[b"x-forwarded-for"] == b"127.0.0.1"
    assert b"forwarded" not in said


def test_an_apps_address_answers_to_no_other_name():
    with pytest.raises(Invalid):
        Visitor.of(scope(server="127.64.0.1"))


@pytest.mark.parametrize(
    ("kind", "method", "origin", "may"),
    [
        ("http", "GET", None, True),
        ("http", "GET", b"http://evil.example", True),
        ("http", "POST", b"http://a.d.studio.localhost:7070", True),
        ("http", "POST", b"https://a.d.studio.localhost:7070", False),
        ("http", "POST", b"http://a.d.studio.localhost", False),
        ("http", "DELETE", None, False),
        ("websocket", "GET", b"http://a.d.studio.localhost:7070", True),
        ("websocket", "GET", b"http://b.d.studio.localhost:7070", False),
        ("websocket", "GET", None, False),
    ],
)
def test_only_the_apps_own_pages_act_on_it(kind, method, origin, may):
    headers = [] if origin is None else [(b"origin", origin)]
    visit = Visitor.of(scope(*headers, kind=kind, method=method))
    if may:
        visit.check_origin()
    else:
        with pytest.raises(Denied):
            visit.check_origin()

"""Keys of issuers: when they are fetched, how long they are kept, and what an issuer may not do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support.issuer import DISCOVERY, OTHER_RSA, Issuer

from freehold.auth import web_identity
from freehold.base.errors import Fault
from freehold.services.sts.fetch import Unreachable, get
from freehold.services.sts.issuers import AGAIN_SECONDS, KEPT_SECONDS, Issuers

NOW = 1_000_000.0


@pytest.fixture
def issuer() -> Issuer:
    return Issuer("https://login.example.com/r")


@pytest.fixture
def known(issuer: Issuer) -> Issuers:
    return Issuers(issuer.get)


def keys(known: Issuers, issuer: Issuer, at: float, kid: str = "rsa", **more: Any) -> Any:
    """What is known at an instant for a token of ``kid``."""
    return known.keys(web_identity.read(issuer.token(kid=kid, **more)), (), at)


def test_keys_are_kept_for_an_hour(known: Issuers, issuer: Issuer) -> None:
    keys(known, issuer, NOW)
    keys(known, issuer, NOW + KEPT_SECONDS - 1)
    assert len(issuer.asked) == 2
    keys(known, issuer, NOW + KEPT_SECONDS)
    assert len(issuer.asked) == 4


def test_an_unknown_key_is_looked_for_once_in_a_while(known: Issuers, issuer: Issuer) -> None:
    keys(known, issuer, NOW)
    for second in range(int(AGAIN_SECONDS)):
        keys(known, issuer, NOW + second, kid="new", key=OTHER_RSA)
    assert len(issuer.asked) == 2
    issuer.keys["new"] = OTHER_RSA
    found = keys(known, issuer, NOW + AGAIN_SECONDS, kid="new")
    assert ("new", "RS256") in found
    assert len(issuer.asked) == 4


def test_a_key_that_the_issuer_took_back_is_gone_with_the_next_fetch(
    known: Issuers, issuer: Issuer
) -> None:
    keys(known, issuer, NOW)
    del issuer.keys["rsa"]
    found = keys(known, issuer, NOW + KEPT_SECONDS, kid="p256", alg="ES256")
    assert ("rsa", "RS256") not in found


def test_an_outage_harms_only_who_needs_a_fetch(known: Issuers, issuer: Issuer) -> None:
    keys(known, issuer, NOW)
    issuer.is_down = True
    with pytest.raises(Fault) as caught:
        keys(known, issuer, NOW + 60, kid="new", key=OTHER_RSA)
    assert caught.value.code == "IDPCommunicationError"
    keys(known, issuer, NOW + 60)
    with pytest.raises(Fault):
        keys(known, issuer, NOW + KEPT_SECONDS)
    asked = len(issuer.asked)
    with pytest.raises(Fault):
        keys(known, issuer, NOW + KEPT_SECONDS + 1)
    assert len(issuer.asked) == asked
    issuer.is_down = False
    keys(known, issuer, NOW + KEPT_SECONDS + AGAIN_SECONDS)


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://else.example.com", "jwks_uri": "https://login.example.com/r/keys"},
        {"issuer": "https://login.example.com/r/", "jwks_uri": "https://login.example.com/r/keys"},
        {"issuer": "https://login.example.com/r", "jwks_uri": "http://login.example.com/r/keys"},
        {"issuer": "https://login.example.com/r", "jwks_uri": "http://127.0.0.1/keys"},
        {"issuer": "https://login.example.com/r", "jwks_uri": 7},
        {"issuer": "https://login.example.com/r"},
        [],
    ],
)
def test_a_discovery_document_speaks_for_its_own_issuer_by_https(
    known: Issuers, issuer: Issuer, discovery: Any
) -> None:
    issuer.discovery = discovery
    with pytest.raises(Fault) as caught:
        keys(known, issuer, NOW)
    assert caught.value.code == "IDPCommunicationError"
    assert issuer.asked == [issuer.url + DISCOVERY]


def test_other_thumbprints_ask_anew(known: Issuers, issuer: Issuer) -> None:
    claimed = web_identity.read(issuer.token())
    known.keys(claimed, (), NOW)
    known.keys(claimed, ("a" * 40,), NOW)
    assert len(issuer.asked) == 4


def test_a_key_set_that_is_none_is_an_issuer_out_of_order(issuer: Issuer) -> None:
    def answer(url: str, _: tuple[str, ...]) -> bytes:
        return json.dumps(issuer.discovery).encode() if url.endswith(DISCOVERY) else b"<html>"

    with pytest.raises(Fault) as caught:
        keys(Issuers(answer), issuer, NOW)
    assert caught.value.code == "IDPCommunicationError"


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "file:///etc/passwd", "ftp://127.0.0.1/", "http://169.254.169.254/"],
)
def test_nothing_but_https_and_this_machine_is_ever_asked(url: str) -> None:
    with pytest.raises(Unreachable, match="only https"):
        get(url)

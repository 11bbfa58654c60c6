from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.auth import session, tickets
from freehold.auth.principal import Origin, Principal
from freehold.auth.sealing import NONCE_BYTES, Broken, Keyring
from freehold.base.errors import LimitExceeded, Unauthenticated

RING = Keyring(b"k" * 32)
NONCE = bytes(range(NONCE_BYTES))
NOW = 1_763_900_000.0
ORIGIN = Origin(
    "user-profile",
    "d-abcdefghijkl",
    "arn:aws:sagemaker:us-east-1:000000000001:domain/d-abcdefghijkl",
    "ana",
    "arn:aws:sagemaker:us-east-1:000000000001:user-profile/d-abcdefghijkl/ana",
    None,
    None,
    "000000000001",
    7,
)
PRINCIPAL = Principal(
    kind="session",
    arn="arn:aws:sts::000000000001:assumed-role/FinanceExecution/SageMaker",
    account_id="000000000001",
    unique_id="AROAABCDEFGHIJKLMNOP",
    access_key_id="ASIAABCDEFGHIJKLMNOP",
    role_arn="arn:aws:iam::000000000001:role/service-role/FinanceExecution",
    role_name="FinanceExecution",
    session_name="SageMaker",
    source_identity="ana",
    session_policies=('{"Version":"2012-10-17","Statement":[]}',),
    session_policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
    session_tags={"team": "finance", "ü": "ß"},
    transitive_tag_keys=("team",),
    issued_at=NOW,
    expires_at=NOW + 3600,
    origin=ORIGIN,
    is_mfa=True,
    generation=3,
)
GRANT = session.Grant(PRINCIPAL, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
TOKEN = session.seal(RING, GRANT, NONCE)
KEY = PRINCIPAL.access_key_id


def test_a_token_gives_back_the_whole_grant() -> None:
    assert session.open(RING, TOKEN, KEY, NOW) == GRANT


def test_a_token_with_an_origin_and_a_long_policy_stays_small() -> None:
    statement = {"Effect": "Allow", "Action": "sagemaker:*", "Resource": "arn:aws:x:::d-1/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement] * 15})
    grant = session.Grant(dataclasses.replace(PRINCIPAL, session_policies=(policy,)), "s" * 40)
    assert len(TOKEN) < 1024
    assert len(session.seal(RING, grant, NONCE)) < 2048


def test_a_token_says_nothing_to_whoever_reads_it() -> None:
    assert "Finance" not in TOKEN
    assert GRANT.secret not in repr(GRANT)


@given(at=st.integers(0, len(TOKEN) - 1), other=st.characters())
def test_no_altered_token_opens(at: int, other: str) -> None:
    altered = TOKEN[:at] + other + TOKEN[at + 1 :]
    if altered != TOKEN:
        with pytest.raises(Unauthenticated) as caught:
            session.open(RING, altered, KEY, NOW, opened=session.OpenedTokens())
        assert caught.value.code == "UnrecognizedClientException"


@given(text=st.text(max_size=200))
def test_no_foreign_text_opens(text: str) -> None:
    with pytest.raises(Unauthenticated):
        session.open(RING, text, KEY, NOW)


@pytest.mark.parametrize("cut", [0, 1, 5, 17, 30, -1, -4])
def test_no_shortened_token_opens(cut: int) -> None:
    with pytest.raises(Unauthenticated):
        session.open(RING, TOKEN[:cut], KEY, NOW)


def test_a_token_is_bound_to_its_access_key() -> None:
    with pytest.raises(Unauthenticated) as caught:
        session.open(RING, TOKEN, "ASIAOTHER", NOW)
    assert caught.value.code == "UnrecognizedClientException"


EXPIRED = [("json", "ExpiredTokenException"), ("query", "ExpiredToken"), ("s3", "ExpiredToken")]


@pytest.mark.parametrize(("family", "code"), EXPIRED)
def test_a_session_ends_at_its_end_even_if_remembered(family: str, code: str) -> None:
    opened = session.OpenedTokens()
    assert session.open(RING, TOKEN, KEY, NOW + 3599, opened=opened) == GRANT
    with pytest.raises(Unauthenticated) as caught:
        session.open(RING, TOKEN, KEY, NOW + 3600, opened=opened, family=family)
    assert caught.value.code == code


def test_the_previous_key_still_opens_and_the_one_before_does_not() -> None:
    opened = session.OpenedTokens()
    next_ring = Keyring(b"n" * 32, RING.current)
    assert session.open(next_ring, TOKEN, KEY, NOW, opened=opened) == GRANT
    last_ring = Keyring(b"z" * 32, next_ring.current)
    with pytest.raises(Unauthenticated):
        session.open(last_ring, TOKEN, KEY, NOW, opened=opened)


def test_the_memory_of_opened_tokens_is_bounded() -> None:
    opened = session.OpenedTokens(capacity=2)
    made = [session.seal(RING, GRANT, bytes([n] * NONCE_BYTES)) for n in range(4)]
    for token in made:
        session.open(RING, token, KEY, NOW, opened=opened)
    assert len(opened) == 2
    assert opened.find(made[0]) is None
    remembered = opened.find(made[3])
    assert remembered is not None
    assert session.open(RING, made[3], KEY, NOW, opened=opened) is remembered[0]


def test_long_lived_credentials_are_not_sealed() -> None:
    endless = dataclasses.replace(PRINCIPAL, expires_at=None)
    with pytest.raises(ValueError, match="an end"):
        session.seal(RING, session.Grant(endless, "s"), NONCE)


def test_too_many_tags_are_refused_as_aws_refuses_them() -> None:
    tags = {f"{n}-{hash(n * 7919) % 10**9}" * 8: str(n * 104729) * 40 for n in range(400)}
    grant = session.Grant(dataclasses.replace(PRINCIPAL, session_tags=tags), "s")
    with pytest.raises(LimitExceeded) as caught:
        session.seal(RING, grant, NONCE)
    assert caught.value.code == "PackedPolicyTooLarge"


TICKET = tickets.Ticket(
    "t-1", "d-abcdefghijkl", "ana", None, "JupyterLab", "tree", PRINCIPAL, NOW + 300, 43_200
)
BROWSER = tickets.BrowserSession(
    "b-1", "t-1", "x.studio.localhost", "d-abcdefghijkl", "ana", "shared", "JupyterLab",
    PRINCIPAL, NOW, NOW + 43_200,
)  # fmt: skip


def test_a_ticket_gives_back_what_it_was_made_of_until_it_expires() -> None:
    text = tickets.seal_ticket(RING, TICKET, NONCE)
    assert tickets.open_ticket(RING, text, NOW) == TICKET
    with pytest.raises(Unauthenticated) as caught:
        tickets.open_ticket(RING, text, NOW + 300)
    assert caught.value.code == "ExpiredToken"


def test_a_browser_session_opens_on_its_own_host_only() -> None:
    text = tickets.seal_browser_session(RING, BROWSER, NONCE)
    assert len(text) < tickets.COOKIE_CHARS_MAX
    assert tickets.open_browser_session(RING, text, NOW, "x.studio.localhost") == BROWSER
    with pytest.raises(Unauthenticated):
        tickets.open_browser_session(RING, text, NOW, "y.studio.localhost")


def test_nothing_sealed_opens_as_another_kind_of_thing() -> None:
    ticket = tickets.seal_ticket(RING, TICKET, NONCE)
    browser = tickets.seal_browser_session(RING, BROWSER, NONCE)
    for text in (browser, TOKEN):
        with pytest.raises(Unauthenticated):
            tickets.open_ticket(RING, text, NOW)
    for text in (ticket, TOKEN):
        with pytest.raises(Unauthenticated):
            tickets.open_browser_session(RING, text, NOW, BROWSER.host)
    for text in (ticket, browser):
        with pytest.raises(Unauthenticated):
            session.open(RING, text, KEY, NOW)


def test_what_does_not_fit_a_cookie_is_refused() -> None:
    tags = {f"{n}{hash(n * 7919) % 10**9}": str(n * 104729**3) for n in range(150)}
    large = dataclasses.replace(PRINCIPAL, session_tags=tags)
    with pytest.raises(LimitExceeded):
        tickets.seal_browser_session(RING, dataclasses.replace(BROWSER, principal=large), NONCE)


@given(content=st.binary(max_size=500), nonce=st.binary(min_size=12, max_size=12))
def test_what_is_sealed_opens_as_it_was(content: bytes, nonce: bytes) -> None:
    text = RING.seal(b"a", content, nonce)
    assert RING.open(b"a", text)[0] == content
    with pytest.raises(Broken):
        RING.open(b"b", text)


def test_keys_and_nonces_have_their_sizes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keyring(b"short")
    with pytest.raises(ValueError, match="nonce"):
        RING.seal(b"a", b"", b"short")

from __future__ import annotations

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.base.errors import LimitExceeded
from freehold.edge.apps import origins
from freehold.edge.apps.origins import Origins

ARN = "arn:aws:sagemaker:us-east-1:1:app/d-ab/ann/JupyterLab/default"


@given(st.text())
def test_a_label_is_a_label_and_always_the_same(arn):
    made = origins.label(arn)
    assert re.fullmatch(r"[a-z2-7]{26}", made)
    assert made == origins.label(arn)


@given(st.text(), st.integers(0, 63))
def test_an_address_lies_in_the_range_of_apps(arn, turn):
    address = origins.address_of(arn, turn)
    assert ipaddress.ip_address(address) in origins.NETWORK
    assert origins.is_app_address(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.63.1.1", "127.128.1.1", "10.64.0.1", "127.64.1", "127.x.1.1", "::1", ""],
)
def test_other_addresses_are_no_apps(host):
    assert not origins.is_app_address(host)


def test_names_give_a_host_of_ones_own_below_the_domain():
    made = Origins(7070, lambda *_: False, has_names=True).origin_of(ARN, "D-AB")
    assert made.host == f"{origins.label(ARN)}.d-ab.studio.localhost"
    assert made.url == f"http://{made.host}:7070"
    assert not made.needs_listener


def test_the_usual_port_is_not_spelled():
    decide = Origins(443, lambda *_: False, scheme="https", suffix="lab.example", has_names=True)
    assert decide.url_for(ARN, "d-ab").endswith(".d-ab.lab.example")


def test_without_names_each_app_claims_an_address_of_its_own():
    held: dict[str, str] = {}
    decide = Origins(
        7070, lambda address, arn: held.setdefault(address, arn) == arn, has_names=False
    )
    held[origins.address_of(ARN, 0)] = "another app"
    made = decide.origin_of(ARN, "d-ab")
    assert made.host == origins.address_of(ARN, 1)
    assert made.needs_listener
    assert decide.origin_of(ARN, "d-ab") == made


def test_a_full_range_is_refused():
    with pytest.raises(LimitExceeded):
        Origins(7070, lambda *_: False, has_names=False).origin_of(ARN, "d-ab")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("x.d-1.studio.localhost", True),
        ("studio.localhost", False),
        ("evilstudio.localhost", False),
        ("localhost", False),
        ("127.0.0.1", False),
        ("127.64.0.1", True),
        ("", False),
    ],
)
def test_what_can_only_be_an_app_is_told_by_its_name(host, expected):
    assert Origins(7070, lambda *_: True, has_names=True).is_app(host) is expected

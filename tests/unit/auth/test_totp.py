"""One-time codes: RFC 6238's own vectors, drift, and no code twice."""

from __future__ import annotations

from base64 import b32encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.auth import totp

SEED = b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("at", "code"),  # RFC 6238 appendix B, SHA-1, the last six of its eight digits
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_rfc(at: float, code: str) -> None:
    assert totp.code(SEED, totp.step_of(at)) == code
    assert totp.matched(SEED, code, at) == totp.step_of(at)


@pytest.mark.parametrize("seed", [SEED.lower(), SEED[:16] + " " + SEED[16:], SEED.rstrip("=")])
def test_a_seed_may_be_typed_in_any_way(seed: str) -> None:
    assert totp.code(seed, 1) == totp.code(SEED, 1)


def test_a_seed_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="base32"):
        totp.code("01!", 1)


def test_a_clock_may_be_one_step_away_and_no_more() -> None:
    now = 1_000_000.0
    here = totp.step_of(now)
    for drift, is_right in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        found = totp.matched(SEED, totp.code(SEED, here + drift), now)
        assert found == (here + drift if is_right else None)


def test_no_code_works_twice() -> None:
    now = 1_000_000.0
    here = totp.step_of(now)
    assert totp.matched(SEED, totp.code(SEED, here), now, last=here) is None
    assert totp.matched(SEED, totp.code(SEED, here - 1), now, last=here) is None
    assert totp.matched(SEED, totp.code(SEED, here + 1), now, last=here) == here + 1


@given(st.text(max_size=8))
def test_anything_may_be_given_as_a_code(given_code: str) -> None:
    found = totp.matched(SEED, given_code, 1e9)
    assert found is None or totp.code(SEED, found) == given_code

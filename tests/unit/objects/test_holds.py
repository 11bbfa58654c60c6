from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from freehold.objects.holds import Holds


def test_what_nobody_uses_may_go_at_once_and_only_once() -> None:
    holds = Holds()
    assert holds.doom(["a", "b"]) == ["a", "b"]
    assert holds.doom(["a"]) == []


def test_what_is_used_goes_with_its_last_user() -> None:
    holds = Holds()
    assert holds.take(["a"])
    assert holds.take(["a", "b"])
    assert holds.doom(["a"]) == []
    assert holds.give(["a"]) == []
    assert holds.holds("a")
    assert holds.give(["a", "b"]) == ["a"]
    assert not holds.holds("a")


def test_what_is_going_cannot_be_taken_nor_anything_with_it() -> None:
    holds = Holds()
    holds.doom(["a"])
    assert not holds.take(["b", "a"])
    assert not holds.holds("b")
    holds.gone(["a"])
    assert holds.take(["b", "a"])


@given(st.lists(st.sampled_from(["take", "give", "doom"]), max_size=30))
def test_a_blob_goes_exactly_when_it_is_doomed_and_unused(steps: list[str]) -> None:
    holds, users, is_doomed = Holds(), 0, False
    for step in steps:
        free: list[str] = []
        if step == "take":
            users += holds.take(["a"])
        elif step == "give" and users:
            users -= 1
            free = holds.give(["a"])
        elif step == "doom":
            is_doomed = True
            free = holds.doom(["a"])
        if is_doomed and users == 0:
            assert free == ["a"]
            holds.gone(free)
            is_doomed = False
        else:
            assert free == []

"""The search over what an attacker chooses is complete: brute force finds nothing more."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.isolation.asking.choices import Choice, Lazy, search
from freehold.policy.compile import compile_policy
from freehold.policy.document import Line, Policy, Statement
from freehold.policy.evaluate import Attached, Layers, Request, decide

KEYS = ("aws:one", "aws:two", "aws:three")
VALUES = ("a", "b")
LINE = st.builds(
    Line,
    st.sampled_from(
        ("StringEquals", "StringNotEquals", "StringEqualsIfExists", "ForAllValues:StringEquals")
    ),
    st.sampled_from(KEYS),
    st.lists(st.sampled_from(VALUES), min_size=1, max_size=2, unique=True).map(tuple),
)
STATEMENT = st.builds(
    lambda is_deny, lines: Statement("", is_deny, ("x:Y",), resources=("*",), lines=tuple(lines)),
    st.booleans(),
    st.lists(LINE, max_size=3),
)


def allowed(layers: Layers, context: object) -> bool:
    request = Request(
        *("arn:aws:iam::111122223333:user/u", "arn:aws:iam::111122223333:user/u", "user"),
        *("111122223333", "x:Y", "*", "111122223333"),
        context,  # type: ignore[arg-type]
    )
    return decide(request, layers).is_allowed


@given(st.lists(STATEMENT, min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_search_finds_a_choice_exactly_if_there_is_one(statements: list[Statement]) -> None:
    compiled = compile_policy(Policy("identity", has_variables=True, statements=tuple(statements)))
    layers = Layers(identity=(Attached("p", None, "identity", compiled),))

    def ask(choice: Choice) -> bool | None:
        context = Lazy({}, {}, choice, lambda key: key in KEYS, has_tags=False)
        return allowed(layers, context) or None

    found, choice, is_complete = search(ask, lambda _key: VALUES)

    combinations = itertools.product((None, *VALUES), repeat=len(KEYS))
    exists = any(
        allowed(layers, {k: v for k, v in zip(KEYS, values, strict=True) if v is not None})
        for values in combinations
    )
    assert is_complete
    assert bool(found) is exists
    if found:
        chosen = {key: value for key, value in choice.chosen.items() if value is not None}
        assert allowed(layers, chosen)


def test_a_key_that_cannot_be_absent_is_chosen() -> None:
    def ask(choice: Choice) -> str | None:
        context = Lazy({}, {}, choice, lambda _key: True, has_tags=False)
        return "yes" if context.get("aws:one") is None else None

    assert search(ask, lambda _key: VALUES)[0] == "yes"
    assert search(ask, lambda _key: VALUES, "aws:one")[0] is None

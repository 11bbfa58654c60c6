"""Laws of the decision, over random policies: what must hold whatever anybody writes."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.base.errors import Invalid
from freehold.policy.compile import compile_policy, compile_stored
from freehold.policy.document import Line, Policy, Statement, parse
from freehold.policy.evaluate import Attached, Layers, Request, decide

A = "000000000001"
USER = f"arn:aws:iam::{A}:user/u"
ACTIONS = ["sagemaker:CreateModel", "sagemaker:*", "SageMaker:Create*", "s3:GetObject", "*"]
RESOURCES = [
    "*",
    "arn:aws:sagemaker:*:*:model/*",
    "arn:aws:sagemaker:r:000000000001:model/${team}",
    "arn:aws:s3:::b/*",
]
LINES = [
    ("StringEquals", "team", "a"),
    ("StringNotEquals", "team", ["a", "${who}"]),
    ("StringLikeIfExists", "team", "a*"),
    ("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"]),
    ("ForAnyValue:StringLike", "aws:TagKeys", "a*"),
    ("Null", "team", "true"),
    ("NumericLessThan", "n", "5"),
    ("ArnLike", "arn", "arn:aws:s3:::${team}*"),
    ("NotIpAddress", "ip", "10.0.0.0/8"),
    ("Bool", "secure", "true"),
]


@st.composite
def statements(draw: Any, effect: str | None = None) -> dict[str, Any]:
    one: dict[str, Any] = {"Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    one[draw(st.sampled_from(["Action", "Action", "NotAction"]))] = draw(
        st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2)
    )
    one[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = draw(
        st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2)
    )
    condition: dict[str, Any] = {}
    for name, key, wanted in draw(st.lists(st.sampled_from(LINES), max_size=2)):
        condition.setdefault(name, {})[key] = wanted
    if condition:
        one["Condition"] = condition
    return one


values = st.one_of(
    st.sampled_from(["a", "b", "*", "", "1", "10.1.1.1", "arn:aws:s3:::a", "true"]),
    st.lists(st.sampled_from(["a", "b", "c"]), max_size=2).map(tuple),
)
contexts = st.dictionaries(
    st.sampled_from(["team", "who", "aws:tagkeys", "n", "arn", "ip", "secure"]), values
)
documents = st.lists(statements(), min_size=1, max_size=4)
requests = st.builds(
    lambda action, resource, context: Request(USER, USER, "user", A, action, resource, A, context),
    st.sampled_from(["sagemaker:CreateModel", "sagemaker:ListModels", "s3:GetObject"]),
    st.sampled_from(["*", f"arn:aws:sagemaker:r:{A}:model/a", "arn:aws:s3:::b/k"]),
    contexts,
)


def attached(found: list[dict[str, Any]]) -> Attached:
    text = json.dumps({"Version": "2012-10-17", "Statement": found})
    return Attached("p", None, "identity", compile_policy(parse(text, "identity")))


def is_allowed(request: Request, *policies: list[dict[str, Any]], **layers: Any) -> bool:
    found = tuple(attached(policy) for policy in policies)
    return decide(request, Layers(identity=found, **layers)).is_allowed


@given(documents, statements("Deny"), requests, st.randoms(use_true_random=False))
def test_adding_a_deny_never_helps(
    found: list[Any], denial: Any, request: Request, chance: random.Random
) -> None:
    more = list(found)
    more.insert(chance.randrange(len(found) + 1), denial)
    assert is_allowed(request, more) <= is_allowed(request, found)
    assert is_allowed(request, found, [denial]) <= is_allowed(request, found)


@given(documents, statements("Allow"), requests)
def test_adding_an_allow_never_takes_away(found: list[Any], grant: Any, request: Request) -> None:
    assert is_allowed(request, [*found, grant]) >= is_allowed(request, found)
    assert is_allowed(request, found, [grant]) >= is_allowed(request, found)


@given(st.lists(documents, min_size=1, max_size=3), requests, st.randoms(use_true_random=False))
def test_order_of_statements_and_policies_is_irrelevant(
    found: list[list[Any]], request: Request, chance: random.Random
) -> None:
    mixed = [chance.sample(one, len(one)) for one in chance.sample(found, len(found))]
    every = [statement for one in found for statement in one]
    expected = is_allowed(request, *found)
    assert is_allowed(request, *mixed) == expected
    assert is_allowed(request, every) == expected


@given(documents, documents, requests)
def test_a_boundary_or_session_policy_never_adds(
    found: list[Any], narrow: list[Any], request: Request
) -> None:
    plain = is_allowed(request, found)
    assert is_allowed(request, found, boundary=attached(narrow)) <= plain
    assert is_allowed(request, found, sessions=(attached(narrow),)) <= plain
    assert is_allowed(request, found, service_controls=((attached(narrow),),)) <= plain


@given(documents, requests)
def test_a_decision_is_repeatable_and_leaves_its_inputs_alone(
    found: list[Any], request: Request
) -> None:
    layers = Layers(identity=(attached(found),))
    before = dict(request.context)
    assert decide(request, layers) == decide(request, layers)
    assert request.context == before


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Effect", "Action", "Resource", "Condition", "Sid", "StringEquals", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
odd_entries = st.text(st.sampled_from("${}*?:,' arnws3/\u00ff"), min_size=1, max_size=20)


@settings(max_examples=200)
@given(any_json, odd_entries, odd_entries, odd_entries, requests)
def test_what_parse_accepts_never_raises_and_what_it_refuses_never_allows(
    raw: Any, action: str, resource: str, value: str, request: Request
) -> None:
    odd = {"Effect": "Allow", "Action": action, "Resource": resource}
    for statement in (
        raw,
        odd,
        {**odd, "Action": "*", "Condition": {"StringLike": {value: value}}},
    ):
        text = json.dumps({"Version": "2012-10-17", "Statement": statement})
        try:
            parse(text, "identity")
            is_accepted = True
        except Invalid:
            is_accepted = False
        policy = Attached("p", None, "identity", compile_stored(text, "identity"))
        decision = decide(request, Layers(identity=(policy, attached([GRANT]))))
        assert is_accepted or decision.effect == "explicitDeny"


GRANT = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@given(st.booleans(), odd_entries, requests)
def test_a_value_with_an_unknown_operator_never_allows(
    is_deny: bool, name: str, request: Request
) -> None:
    line = Line(name, "team", ("a",))
    odd = Policy(
        "identity", True, (Statement("", is_deny, ("*",), resources=("*",), lines=(line,)),)
    )
    layers = Layers(identity=(Attached("p", None, "identity", compile_policy(odd)),))
    assert decide(request, layers).effect == ("explicitDeny" if is_deny else "implicitDeny")

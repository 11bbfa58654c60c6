"""Operators, one line of a Condition block at a time, by iam-evaluation.md section 4.3."""

from __future__ import annotations

from typing import Any

import pytest

from freehold.policy.conditions import condition, operator
from freehold.policy.context import Clash, tag_context


def allow(name: str, wanted: Any, value: Any = None, **context: Any) -> bool:
    return _ask(name, wanted, value, is_deny=False, context=context)


def deny(name: str, wanted: Any, value: Any = None, **context: Any) -> bool:
    return _ask(name, wanted, value, is_deny=True, context=context)


def _ask(name: str, wanted: Any, value: Any, *, is_deny: bool, context: dict[str, Any]) -> bool:
    wanted = [wanted] if isinstance(wanted, str) else wanted
    found = dict(context)
    if value is not None:
        found["k"] = value
    return condition(name, "K", wanted, is_deny=is_deny, has_variables=True)(found)


COMPARISONS = [
    ("StringEquals", "a", "a", True),
    ("StringEquals", "a", "A", False),
    ("StringEquals", "a*", "ab", False),
    ("StringEquals", "a*", "a*", True),
    ("StringEquals", ["a", "b"], "b", True),
    ("StringNotEquals", ["a", "b"], "b", False),
    ("StringNotEquals", ["a", "b"], "c", True),
    ("StringEqualsIgnoreCase", "aB", "Ab", True),
    ("StringNotEqualsIgnoreCase", "aB", "Ab", False),
    ("StringLike", "a*c", "abbc", True),
    ("StringLike", "a?c", "abbc", False),
    ("StringLike", "a*", "Ab", False),
    ("StringLike", "a.c", "abc", False),
    ("StringLike", "[a-c]*", "b", False),
    ("StringLike", "*", "", True),
    ("StringLike", "a*", "a\nb", True),
    ("StringNotLike", ["a*", "b*"], "bc", False),
    ("StringNotLike", ["a*", "b*"], "cb", True),
    ("StringLike", "${*}a", "*a", True),
    ("StringLike", "${*}a", "ba", False),
    ("StringLike", "${?}a${$}", "?a$", True),
    ("NumericEquals", "10", "10.0", True),
    ("NumericEquals", "0.1", "0.10", True),
    ("NumericNotEquals", "10", "11", True),
    ("NumericLessThan", "10", "9.999999999999999999", True),
    ("NumericLessThan", "10", "10", False),
    ("NumericLessThanEquals", "10", "10", True),
    ("NumericGreaterThan", "-1", "0", True),
    ("NumericGreaterThanEquals", "9007199254740993", "9007199254740992", False),
    ("NumericEquals", "10", "ten", False),
    ("NumericLessThan", "10", "NaN", False),
    ("NumericLessThan", "10", "-Infinity", False),
    ("NumericNotEquals", "10", "ten", False),
    ("DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", True),
    ("DateLessThan", "2026-01-01T00:00:00Z", "2026-01-01T00:30:00+01:00", True),
    ("DateEquals", "1767225600", "2026-01-01T00:00:00Z", True),
    ("DateEquals", "2026-01-01", "1767225600", True),
    ("DateGreaterThan", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.6Z", True),
    ("DateGreaterThanEquals", "2026-01-01T00:00:00Z", "today", False),
    ("DateNotEquals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", False),
    ("Bool", "true", "TRUE", True),
    ("Bool", "true", "false", False),
    ("Bool", "true", "1", False),
    ("BinaryEquals", "QUI=", "QUI=", True),
    ("BinaryEquals", "QUI=", "QUM=", False),
    ("BinaryEquals", "QUI=", "AB", False),
    ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
    ("IpAddress", "10.0.0.1", "10.0.0.1", True),
    ("IpAddress", "10.0.0.1", "10.0.0.2", False),
    ("IpAddress", "0.0.0.0/0", "203.0.113.9", True),
    ("IpAddress", "0.0.0.0/0", "::1", False),
    ("IpAddress", "::/0", "203.0.113.9", False),
    ("IpAddress", "2001:db8::/32", "2001:db8::7", True),
    ("IpAddress", "10.0.0.0/8", "10.0.0.0/8", False),
    ("NotIpAddress", ["10.0.0.0/8", "127.0.0.0/8"], "127.0.0.1", False),
    ("NotIpAddress", "10.0.0.0/8", "127.0.0.1", True),
    ("NotIpAddress", "10.0.0.0/8", "nowhere", False),
    ("ArnLike", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k:x/y", True),
    ("ArnEquals", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k", True),
    ("ArnLike", "arn:aws:iam::*:role/x", "arn:aws:iam::1:role/x", True),
    ("ArnLike", "arn:aws:*:role/x", "arn:aws:iam::1:role/x", False),
    ("ArnLike", "arn:aws:iam::*", "arn:aws:iam::1:role/x", True),
    ("ArnLike", "*", "arn:aws:iam::1:role/x", True),
    ("ArnLike", "*", "text", False),
    ("ArnLike", "text", "text", False),
    ("ArnNotLike", "arn:aws:iam::*:role/x", "arn:aws:iam::1:role/y", True),
    ("ArnNotEquals", "arn:aws:iam::*:role/x", "arn:aws:iam::1:role/x", False),
]


@pytest.mark.parametrize(("name", "wanted", "value", "holds"), COMPARISONS)
def test_an_operator_compares_as_documented(
    name: str, wanted: Any, value: str, holds: bool
) -> None:
    assert allow(name, wanted, value) is holds


# operator, then what it answers: absent, present and matching, present and not matching, empty list
TABLE = [
    ("StringEquals", False, True, False),
    ("StringNotEquals", True, False, True),
    ("StringEqualsIfExists", True, True, False),
    ("StringNotEqualsIfExists", True, False, True),
    ("ForAllValues:StringEquals", True, True, False),
    ("ForAllValues:StringNotEquals", True, False, True),
    ("ForAllValues:StringEqualsIfExists", True, True, False),
    ("ForAnyValue:StringEquals", False, True, False),
    ("ForAnyValue:StringNotEquals", False, False, True),
]


@pytest.mark.parametrize("ask", [allow, deny])
@pytest.mark.parametrize(("name", "absent", "hit", "miss"), TABLE)
def test_absence_is_answered_by_the_table(
    ask: Any, name: str, absent: bool, hit: bool, miss: bool
) -> None:
    assert ask(name, "a") is absent
    assert ask(name, "a", ()) is absent
    assert ask(name, "a", "a") is hit
    assert ask(name, "a", "b") is miss
    if ":" in name:
        assert ask(name, "a", ("a",)) is hit
        assert ask(name, "a", ("b",)) is miss


def test_set_operators_look_at_every_value() -> None:
    assert allow("ForAllValues:StringLike", ["a*", "b"], ("ab", "b"))
    assert not allow("ForAllValues:StringLike", ["a*", "b"], ("ab", "c"))
    assert allow("ForAnyValue:StringLike", "a*", ("c", "ab"))
    assert not allow("ForAnyValue:StringNotLike", "a*", ("ab", "ac"))
    assert allow("ForAnyValue:StringNotLike", "a*", ("ab", "c"))


def test_any_value_if_exists_refuses_on_both_sides() -> None:
    assert not allow("ForAnyValue:StringEqualsIfExists", "a")
    assert deny("ForAnyValue:StringEqualsIfExists", "a")


def test_null_tells_absence_from_presence() -> None:
    assert allow("Null", "true")
    assert allow("Null", "true", ())
    assert not allow("Null", "true", "a")
    assert not allow("Null", "true", "")
    assert allow("Null", "false", "")
    assert allow("Null", "false", ("a",))
    assert not allow("Null", "false")


def test_a_plain_operator_over_a_list_refuses_on_both_sides() -> None:
    assert not allow("StringEquals", "a", ("a",))
    assert not allow("StringNotEquals", "a", ("b",))
    assert not allow("StringEqualsIfExists", "a", ("a",))
    assert deny("StringEquals", "a", ("b", "a"))
    assert deny("StringNotEquals", "a", ("b", "a"))


def test_tags_that_differ_in_case_only_must_all_satisfy_an_allow_and_any_satisfies_a_deny() -> None:
    context = tag_context("aws:ResourceTag", [("Team", "a"), ("team", "b"), ("TEAM", "c")])
    assert context == {"aws:resourcetag/team": Clash(("a", "b", "c"))}
    clash = context["aws:resourcetag/team"]
    assert allow("StringEquals", ["a", "b", "c"], clash)
    assert not allow("StringEquals", "a", clash)
    assert not allow("StringNotEquals", "a", clash)
    assert deny("StringEquals", "a", clash)
    assert deny("StringNotEquals", "a", clash)


def test_variables_take_literal_values_and_defaults() -> None:
    assert allow("StringEquals", "${aws:username}/x", "ana/x", **{"aws:username": "ana"})
    assert allow("StringEquals", "${AWS:UserName}", "ana", **{"aws:username": "ana"})
    assert not allow("StringLike", "${aws:username}", "ana", **{"aws:username": "*"})
    assert allow("StringLike", "${aws:username}*", "*x", **{"aws:username": "*"})
    assert allow("StringLike", "${u, 'all'}/*", "all/x")
    assert allow("StringEqualsIgnoreCase", "${u}", "ANA", u="aNa")
    assert not allow("StringEquals", "${u}", "${v}", u="${w}", v="x")
    assert allow("StringEquals", "${u}", "${v}", u="${v}", v="x")
    assert allow("ArnLike", "arn:aws:iam::1:user/${u}", "arn:aws:iam::1:user/ana", u="ana")
    assert allow("ArnLike", "arn:aws:s3:::${u}", "arn:aws:s3:::a:b", u="a:b")
    assert not allow("ArnLike", "arn:aws:s3:${u}:b", "arn:aws:s3:x:1:b", u="x:1")
    assert allow("StringEquals", "${u}", "a\0b", u="a\0b")
    assert not allow("StringLike", "${u}?", "a\0bc", u="a\0b")  # refused: it ends values inside
    assert allow("StringLike", "${u, 'x}, y:z'}/*", "x}, y:z/k")
    assert allow("StringEquals", "${u, 'x'}", "x", u=())
    assert allow("Bool", "${u}", "true", u="True")


def test_a_variable_without_value_matches_nothing_and_spoils_a_negated_allow() -> None:
    assert not allow("StringEquals", "${u}", "x")
    assert allow("StringEquals", ["${u}", "x"], "x")
    assert not deny("StringEquals", "${u}", "x")
    assert not allow("StringNotEquals", "${u}", "x")
    assert not allow("StringNotEquals", "${u}")
    assert not allow("StringNotEquals", "${u}", "x", u=("x", "y"))
    assert deny("StringNotEquals", "${u}", "x")


def test_numbers_dates_and_addresses_know_no_variables() -> None:
    assert not allow("NumericEquals", "${n}", "1", n="1")
    assert not allow("IpAddress", "${n}", "10.0.0.1", n="10.0.0.1")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("String", "a"),
        ("stringEquals", "a"),
        ("NullIfExists", "true"),
        ("ForAllValues:Null", "true"),
        ("ForSomeValues:StringEquals", "a"),
        ("StringEqualsIfExistsIfExists", "a"),
        ("Null", "perhaps"),
        ("StringEquals", "${"),
        ("StringEquals", "${}"),
        ("StringEquals", "${a b}"),
        ("StringEquals", "${a,'b'}"),
        ("NumericEquals", "many"),
        ("DateEquals", "someday"),
        ("IpAddress", "10.0.0.0/33"),
        ("IpAddress", "10.0.0.0/255.0.0.0"),
        ("BinaryEquals", "="),
        ("Bool", "yes"),
        ("ArnLike", "arn:aws:s3:::${"),
    ],
)
@pytest.mark.parametrize("value", [None, "a", "1", ("a",), "arn:aws:s3:::b"])
def test_what_is_not_understood_never_allows_and_always_denies(
    name: str, wanted: str, value: Any
) -> None:
    assert not allow(name, wanted, value)
    assert deny(name, wanted, value)


def test_a_pattern_that_is_no_arn_matches_nothing_and_lets_nothing_else_in() -> None:
    assert not allow("ArnLike", "arn:aws:s3:b", "arn:aws:s3:::b")
    assert not deny("ArnLike", "arn:aws:s3:b", "arn:aws:s3:::b")
    assert not allow("ArnNotLike", "arn:aws:s3:b", "arn:aws:s3:::b")
    assert deny("ArnNotLike", "arn:aws:s3:b", "arn:aws:s3:::b")


def test_operator_names_are_taken_apart() -> None:
    found = operator("ForAllValues:StringNotLikeIfExists")
    assert found == ("ForAllValues:", "StringNotLike", True)
    assert operator("IfExists") is None
    assert operator("") is None

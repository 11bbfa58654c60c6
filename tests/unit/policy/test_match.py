"""Wildcards, actions, ARN parts and variables; the matcher against a slow and plain one."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.policy.match import actions, arn_parts, arns, texts


def matches(entry: str, arn: str, **context: Any) -> bool | None:
    entries = arns([entry], has_variables=True)
    if entries.is_broken:
        return None
    return True if entries.test is None else entries.test(arn, context)


ARNS = [
    ("*", "*", True),
    ("arn:aws:s3:::*", "*", False),
    ("arn:aws:s3:::b", "arn:aws:s3:::b", True),
    ("arn:aws:s3:::b/*", "arn:aws:s3:::b/k/l:m", True),
    ("arn:aws:s3:::b/*/m", "arn:aws:s3:::b/k/l:m/m", True),
    ("arn:aws:s3:::b/?", "arn:aws:s3:::b/k", True),
    ("arn:aws:s3:::b/?", "arn:aws:s3:::b/kl", False),
    ("arn:aws:s3:::B", "arn:aws:s3:::b", False),
    ("arn:aws:s*:::b", "arn:aws:s3:::b", True),
    ("arn:aws:iam::*:role/x", "arn:aws:iam::1:role/x", True),
    ("arn:aws:iam:*:role/x", "arn:aws:iam::1:role/x", False),
    ("arn:aws:*:role/x", "arn:aws:iam::1:role/x", False),
    ("arn:aws:iam::?:role/x", "arn:aws:iam:::role/x", False),
    ("arn:aws:iam::1*2:role/x", "arn:aws:iam::112:role/x", True),
    ("arn:aws:iam::1*2*:role/x", "arn:aws:iam::13:role/2:role/x", False),
    ("arn:aws:s3*", "arn:aws:s3:::b", True),
    ("arn:*", "arn:aws:s3:::b", True),
    ("arn:aws:s3:::b", "arn:aws:s3:::b/", False),
    ("arn:aws:s3:::b.c", "arn:aws:s3:::bxc", False),
    ("arn:aws:s3:::b", "arn:aws:s3:::b\n", False),
    ("arn:aws:sagemaker:*:*:mod*/x", "arn:aws:sagemaker:r:1:model/x", True),
    ("arn:aws:s3", "arn:aws:s3", False),
    ("arn:aws:s3:::${", "arn:aws:s3:::${", None),
]


@pytest.mark.parametrize(("entry", "arn", "expected"), ARNS)
def test_an_arn_matches_part_by_part(entry: str, arn: str, expected: bool | None) -> None:
    assert matches(entry, arn) is expected


def test_variables_are_resolved_after_the_parts_are_split() -> None:
    entry = "arn:aws:s3:::b/${aws:PrincipalTag/a:b}/*"
    assert arn_parts(entry)[5] == "b/${aws:PrincipalTag/a:b}/*"
    assert matches(entry, "arn:aws:s3:::b/x:y/k", **{"aws:principaltag/a:b": "x:y"}) is True
    assert matches(entry, "arn:aws:s3:::b/x/k", **{"aws:principaltag/a:b": "*"}) is False
    assert matches(entry, "arn:aws:s3:::b/x/k") is False
    assert matches("arn:aws:s3:${r}:1:b", "arn:aws:s3:r:1:1:b", r="r:1") is False
    assert matches("arn:aws:s3:${r}:1:b", "arn:aws:s3:r:1:b", r="r") is True
    assert matches("arn:aws:s3:::${r, 'x:}y'}/k", "arn:aws:s3:::x:}y/k") is True
    assert matches("arn:aws:s3:::${r, 'all'}/k", "arn:aws:s3:::all/k") is True
    assert matches("arn:aws:s3:::${a}/${b}/${a}", "arn:aws:s3:::1/2/1", a="1", b="2") is True
    assert matches("arn:aws:s3:::${a}/${b}/${a}", "arn:aws:s3:::1/2/2", a="1", b="2") is False
    assert matches("arn:aws:s3:::${a}0", "arn:aws:s3:::10", a="1") is True


def test_in_documents_of_2008_a_variable_is_text() -> None:
    test = arns(["arn:aws:s3:::${aws:username}"], has_variables=False).test
    assert test is not None
    assert test("arn:aws:s3:::${aws:username}", {"aws:username": "ana"}) is True
    assert test("arn:aws:s3:::ana", {"aws:username": "ana"}) is False


@pytest.mark.parametrize(
    ("entry", "action", "expected"),
    [
        ("SageMaker:Create*", "sagemaker:createmodel", True),
        ("sagemaker:*", "sagemaker:createmodel", True),
        ("*", "anything:atall", True),
        ("sagemaker:*Model", "sagemaker:createmodel", True),
        ("sagemaker:*Model", "sagemaker:createmodelcard", False),
        ("sagemaker:Create?odel", "sagemaker:createmodel", True),
        ("sagemaker:CreateModel", "sagemaker:createmodelcard", False),
        ("sagemaker:Create*", "s3:createbucket", False),
        ("s3:*", "s3-outposts:getobject", False),
        ("sagemaker*:CreateModel", "sagemaker:createmodel", False),
        ("*:*", "sagemaker:createmodel", False),
        ("CreateModel", "createmodel", False),
    ],
)
def test_actions_match_without_case_and_with_wildcards_behind_the_colon(
    entry: str, action: str, expected: bool
) -> None:
    assert actions([entry]).test(action) is expected


def plainly(pattern: str, text: str) -> bool:
    """Wildcards by dynamic programming: slow, and short enough to be seen right."""
    row = [True] + [False] * len(text)
    for sign in pattern:
        after = [row[0] and sign == "*"]
        for at, character in enumerate(text):
            after.append(
                (after[at] or row[at + 1]) if sign == "*" else row[at] and sign in ("?", character)
            )
        row = after
    return row[-1]


@given(st.text("ab*?.", max_size=10), st.text("ab.\n", max_size=12))
def test_wildcards_agree_with_the_plain_matcher(pattern: str, text: str) -> None:
    test = texts([pattern], has_variables=False, has_wildcards=True).test
    assert (test is None or test(text, {}) is True) == plainly(pattern, text)


@given(
    st.lists(st.text("ab*?", max_size=4), min_size=6, max_size=6),
    st.lists(st.text("ab", max_size=4), min_size=5, max_size=5),
    st.text("ab:/", max_size=6),
)
def test_arns_agree_with_the_plain_matcher_part_by_part(
    pattern: list[str], parts: list[str], last: str
) -> None:
    text = ":".join([*parts, last])
    expected = all(plainly(one, part) for one, part in zip(pattern, [*parts, last], strict=True))
    assert matches(":".join(pattern), text) is expected


@given(st.text("ab*?", max_size=6), st.text("ab*?$", max_size=4), st.text("ab*?$", max_size=10))
def test_a_variable_is_as_if_its_value_stood_there_literally(
    around: str, value: str, text: str
) -> None:
    literal = "".join(f"${{{sign}}}" if sign in "*?$" else sign for sign in value)
    dynamic = texts([around + "${v}" + around], has_variables=True, has_wildcards=True).test
    static = texts([around + literal + around], has_variables=True, has_wildcards=True).test
    assert dynamic is not None
    found = True if static is None else static(text, {})
    assert dynamic(text, {"v": value}) is found


class Counted(str):
    """A text that counts how often anything in it is looked for, and the length looked through."""

    __slots__ = ("looked",)

    def find(self, *found: object) -> int:
        self.looked = getattr(self, "looked", 0) + 1
        return super().find(*found)  # type: ignore[arg-type]


@pytest.mark.parametrize("runs", [1, 100, 2500])
def test_each_run_of_text_is_looked_for_once(runs: int) -> None:
    """Linear: no run of plain text is ever tried again from an earlier place."""
    test = texts(["*a" * runs + "*b"], has_variables=True, has_wildcards=True).test
    assert test is not None
    text = Counted("a" * 3000)
    assert not test(text, {})
    assert getattr(text, "looked", 0) <= runs
    with_values = texts(["*${v}" * runs + "*b"], has_variables=True, has_wildcards=True).test
    assert with_values is not None
    text = Counted("a" * 3000 + "b")
    assert with_values(text, {"v": "a"})
    assert getattr(text, "looked", 0) <= runs


HOSTILE = [
    "*a" * 1500 + "b",
    "*" * 6000 + "?",
    "*?" * 1500,
    "?*" * 3000,
    "a*" * 1500 + "?b",
    "*a?" * 2000 + "b",
    "*${v}" * 500,
    "*${v}?" * 500,
    "*${v, 'a'}*?" * 300 + "b",
]


@pytest.mark.parametrize("pattern", HOSTILE)
def test_hostile_wildcards_take_bounded_time(pattern: str) -> None:
    began = time.process_time()
    test = texts([pattern], has_variables=True, has_wildcards=True).test
    assert test is not None
    test("a" * 2048, {"v": "a"})
    entries = arns(["arn:aws:s3:::" + pattern], has_variables=True)
    assert entries.test is not None
    entries.test("arn:aws:s3:::" + "a" * 2048, {"v": "a"})
    assert time.process_time() - began < 2.0


def test_an_escaped_sign_is_itself_also_where_nothing_else_is_wild() -> None:
    assert matches("arn:aws:s3:::a/${*}", "arn:aws:s3:::a/*") is True
    assert matches("arn:aws:s3:::a/${*}", "arn:aws:s3:::a/b") is False
    assert matches("arn:aws:s3:::a${$}/${?}*", "arn:aws:s3:::a$/?x") is True

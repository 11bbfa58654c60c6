"""Examples of patterns are examples: the engine's own matcher says so."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from freehold.isolation import patterns
from freehold.policy import match

TEXT = st.text(alphabet="ab/*?", max_size=8)


def matches(pattern: str, text: str) -> bool:
    test = match.texts([pattern], has_variables=True, has_wildcards=True).test
    return test is None or bool(test(text, {}))


@given(TEXT)
def test_every_example_matches_its_pattern(pattern: str) -> None:
    for text in patterns.examples(pattern, {}, has_variables=True):
        assert matches(pattern, text)


@given(TEXT, st.text(alphabet="ab/", max_size=5))
def test_what_is_below_a_prefix_begins_with_it_and_matches(pattern: str, prefix: str) -> None:
    for text in patterns.below(pattern, prefix, {}, has_variables=True):
        assert text.startswith(prefix)
        assert matches(pattern, text)


@given(TEXT, st.text(alphabet="ab/", max_size=4), st.text(alphabet="ab/", max_size=4))
def test_if_anything_below_a_prefix_matches_an_example_is_found(
    pattern: str, prefix: str, rest: str
) -> None:
    if matches(pattern, prefix + rest):
        assert list(patterns.below(pattern, prefix, {}, has_variables=True))


def test_variables_are_put_in_and_what_cannot_be_is_left() -> None:
    known = {"aws:username": "ana", "aws:principaltag/team": "a*"}

    assert patterns.resolved("x/${aws:username}/*", known, has_variables=True) == "x/ana/*"
    assert patterns.resolved("x/${aws:principaltag/team}", known, has_variables=True) is None
    assert patterns.resolved("x/${other}", known, has_variables=True) is None
    assert patterns.resolved("x/${other}", known, has_variables=False) == "x/${other}"


def test_arns_that_match_are_found_by_place() -> None:
    arns = patterns.Arns([f"arn:aws:s3:::b{number}/k" for number in range(20)])

    assert list(patterns.places(arns.matching("arn:aws:s3:::b1*/k"))) == [1, *range(10, 20)]
    assert arns.matching("*") == arns.all
    assert arns.matching("arn:aws:sqs:*") == 0

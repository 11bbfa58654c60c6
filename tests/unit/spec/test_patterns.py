from __future__ import annotations

import re
import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.spec import load, patches, patterns

SECONDS = 0.25
PUMPS = ("a", "a-", "-", "/", "a/", "0", " ", "a.", "_", ":", "a ", "A", "aA0", "=", "\n", "a\n")
STARTS = ("", "a", "arn:aws:", "https://", "s3://", "arn:aws:iam::123456789012:")


def _all() -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for name in load.SERVICES:
        service = load.service(name)
        for shape_name in service.shape_names():
            shape = service.shape(shape_name)
            if shape.pattern:
                found[shape.pattern] = shape.max
    return found


@pytest.mark.parametrize(
    ("pattern", "text", "is_match"),
    [
        ("[a-z]+", "abc", True),
        ("[a-z]+", "abc1", False),
        ("^[a-z]+$", "abc\n", False),
        (r"a|b", "ab", False),
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "sagemaker:domain-arn é 東", True),
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "a#b", False),
        (r"\p{ASCII}*", "é", False),
        (r"\A\S[\p{Print}]*\z", "a b", True),
        (r"^(?! )[\p{L}\p{N}\p{Z}-_]*(?<! )$", "a-b", True),
        (r"^(?! )[\p{L}\p{N}\p{Z}-_]*(?<! )$", " ab", False),
        (r"(?s).*", "a\nb", True),
        (r"^(?![^:\\]*/action/|(?i).*<script>.*</script>.*)[^:\\]+$", "x<SCRIPT>a</script>", False),
        (r"[\w-_]*", "a-_b", True),
    ],
)
def test_a_pattern_matches_the_whole_text_as_javas_does(pattern, text, is_match):
    rule = patterns.compiled(pattern)
    assert rule is not None
    assert (rule.search(text) is not None) is is_match


def test_every_pattern_of_every_service_is_translated_or_true_of_all_text():
    always = {r"[\s\S]*", r"[\S\s]*"}
    for pattern in _all():
        plain = patches.PATTERNS.get(pattern, pattern)
        assert (patterns.translate(pattern) is None) == (plain in always), pattern


class _TooSlow(Exception):
    pass


def _stop(*_: object) -> None:
    raise _TooSlow


def test_no_pattern_can_be_made_to_take_long():
    before = signal.signal(signal.SIGALRM, _stop)
    slow = set()
    for pattern, most in _all().items():
        rule = patterns.compiled(pattern)
        size = int(min(most or patterns.PATTERN_CHARS_MAX, patterns.PATTERN_CHARS_MAX))
        texts = [(start + pump * 40)[:40] + "\x00" for start in STARTS for pump in PUMPS]
        texts += [(start + pump * size)[: size - 1] + "\x00" for start in STARTS for pump in "a-/"]
        try:
            signal.setitimer(signal.ITIMER_REAL, SECONDS * 4)
            for text in texts:
                if rule is not None:
                    rule.search(text)
        except _TooSlow:
            slow.add(pattern)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
    assert slow == set()


# Those whose original form can be tried at all on short text.
SHORT = st.text(st.sampled_from("ab-0./*_ :"), max_size=9)


@given(SHORT)
def test_rewritten_patterns_are_of_the_same_language(text):
    for original, rewritten in patches.PATTERNS.items():
        for start in ("", "https://"):
            old = re.fullmatch(original, start + text) is not None
            new = re.fullmatch(rewritten, start + text) is not None
            assert old == new, (original, start + text)

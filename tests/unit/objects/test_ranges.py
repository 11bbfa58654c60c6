from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.base.errors import Conflict, Fault, Invalid, NotFound
from freehold.objects import ranges
from freehold.objects.ranges import Conditions, Range, Verdict

SIZE = 100
RANGES = [
    (None, None),
    ("", None),
    ("bytes=0-0", (0, 1)),
    ("bytes=0-99", (0, 100)),
    ("bytes=10-19", (10, 20)),
    ("bytes=10-1000", (10, 100)),
    ("bytes=99-", (99, 100)),
    ("bytes=-1", (99, 100)),
    ("bytes=-1000", (0, 100)),
    ("Bytes = 1 - 2 ", (1, 3)),
    ("bytes=0-1,3-4", None),
    ("bytes=5-4", None),
    ("bytes=-", None),
    ("bytes=a-b", None),
    ("bytes=1", None),
    ("items=0-1", None),
    ("bytes=0-" + "9" * 5000, None),
    ("bytes=\u0661-\u0662", None),
]


@pytest.mark.parametrize(("header", "span"), RANGES)
def test_a_range_header_asks_for_bytes_or_for_all(
    header: str | None, span: tuple[int, int] | None
) -> None:
    assert ranges.parse_range(header, SIZE) == span


@pytest.mark.parametrize(
    ("header", "size"),
    [
        ("bytes=100-", 100),
        ("bytes=100-200", 100),
        ("bytes=-0", 100),
        ("bytes=0-", 0),
        ("bytes=-5", 0),
    ],
)
def test_a_range_without_a_byte_is_not_satisfiable(header: str, size: int) -> None:
    with pytest.raises(Invalid) as refused:
        ranges.parse_range(header, size)
    assert refused.value.code == "InvalidRange"


@given(st.integers(1, 1000), st.integers(0, 2000), st.integers(0, 2000))
def test_a_range_is_what_a_slice_is(size: int, first: int, last: int) -> None:
    data = range(size)
    if first >= size or last < first:
        return
    found = ranges.parse_range(f"bytes={first}-{last}", size)
    assert found is not None
    assert data[found.start : found.stop] == data[first : last + 1]
    assert found.content_range(size) == f"bytes {first}-{min(last, size - 1)}/{size}"


def test_a_copy_range_needs_both_ends_inside_the_source() -> None:
    assert ranges.parse_copy_range(None, SIZE) == Range(0, 100)
    assert ranges.parse_copy_range("bytes=0-99", SIZE) == Range(0, 100)
    for header in ("bytes=0-100", "bytes=5-4", "bytes=-5", "bytes=5-", "0-5", "bytes=0-1,2-3"):
        with pytest.raises(Invalid) as refused:
            ranges.parse_copy_range(header, SIZE)
        assert refused.value.code == "InvalidArgument"


def test_a_part_is_its_bytes_in_the_object() -> None:
    assert ranges.part_range([5, 5, 3], 1) == Range(0, 5)
    assert ranges.part_range([5, 5, 3], 3) == Range(10, 13)
    assert ranges.part_range([], 1) == Range(0, 0)
    for number in (0, 4):
        with pytest.raises(Invalid) as refused:
            ranges.part_range([5, 5, 3], number)
        assert refused.value.code == "InvalidPartNumber"


ETAG = "0123abcd"
AT = 1_700_000_000.75
EARLIER, SAME, AFTER = (formatdate(int(AT) + by, usegmt=True) for by in (-10, 0, 10))
GO, OLD, BROKEN = Verdict.GO, Verdict.NOT_MODIFIED, Verdict.FAILED

READS = [
    # if-match, if-none-match, if-modified-since, if-unmodified-since
    ((None, None, None, None), GO),
    ((ETAG, None, None, None), GO),
    ((f'"{ETAG}"', None, None, None), GO),
    ((f'"x", W/"{ETAG}"', None, None, None), GO),
    (("*", None, None, None), GO),
    (('"x"', None, None, None), BROKEN),
    (("", None, None, None), BROKEN),
    ((None, f'"{ETAG}"', None, None), OLD),
    ((None, "*", None, None), OLD),
    ((None, '"x", "y"', None, None), GO),
    ((None, None, EARLIER, None), GO),
    ((None, None, SAME, None), OLD),
    ((None, None, AFTER, None), OLD),
    ((None, None, None, EARLIER), BROKEN),
    ((None, None, None, SAME), GO),
    ((None, None, None, AFTER), GO),
    ((ETAG, None, None, EARLIER), GO),  # If-Match true wins over If-Unmodified-Since false
    ((None, ETAG, EARLIER, None), OLD),  # If-None-Match false wins over If-Modified-Since true
    ((None, '"x"', SAME, None), GO),
    (('"x"', ETAG, None, None), BROKEN),
    ((ETAG, ETAG, None, None), OLD),
    ((None, None, "yesterday", None), GO),
    ((None, None, None, "yesterday"), GO),
    ((None, None, "Mon, 99 Foo 2023 00:00:00 GMT", None), GO),
]


@pytest.mark.parametrize(("headers", "verdict"), READS)
def test_conditions_of_a_read_follow_the_table(
    headers: tuple[str | None, ...], verdict: Verdict
) -> None:
    conditions = Conditions(*headers)
    assert ranges.judge_read(conditions, ETAG, AT) is verdict
    if verdict is GO:
        ranges.check_copy(conditions, ETAG, AT)
    else:
        with pytest.raises(Conflict) as refused:
            ranges.check_copy(conditions, ETAG, AT)
        assert refused.value.code == "PreconditionFailed"


WRITES = [
    (Conditions(), None, None),
    (Conditions(), ETAG, None),
    (Conditions(if_none_match="*"), None, None),
    (Conditions(if_none_match="*"), ETAG, Conflict),
    (Conditions(if_match=ETAG), ETAG, None),
    (Conditions(if_match='"x"'), ETAG, Conflict),
    (Conditions(if_match=ETAG), None, NotFound),
]


@pytest.mark.parametrize(("conditions", "etag", "refusal"), WRITES)
def test_conditions_of_a_write_follow_the_table(
    conditions: Conditions, etag: str | None, refusal: type[Fault] | None
) -> None:
    if refusal is None:
        ranges.check_write(conditions, etag)
    else:
        with pytest.raises(refusal):
            ranges.check_write(conditions, etag)

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.base.errors import Invalid
from freehold.objects import listing
from freehold.objects.listing import Cursor, Page, Query, Row, Scan

KEYS = st.text(alphabet="ab/é\ud7ff\ue000\U0010ffff", min_size=1, max_size=6)


class Index:
    """Rows in order, that count how many of them were read."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = sorted(rows, key=lambda row: (row.key.encode(), row.id))
        self.read = 0

    def scan(self, cursor: Cursor, prefix: str, limit: int) -> Sequence[Row]:
        found = [
            row for row in self.rows if row.key.startswith(prefix) and self._is_behind(row, cursor)
        ]
        self.read += len(found[:limit])
        return found[:limit]

    @staticmethod
    def _is_behind(row: Row, cursor: Cursor) -> bool:
        if row.key != cursor.key:
            return row.key.encode() > cursor.key.encode()
        return cursor.is_inclusive or bool(cursor.id and row.id > cursor.id)


def index_of(*keys: str) -> Index:
    return Index([Row(key, None) for key in keys])


def shown(page: Page) -> list[str]:
    return sorted([row.key for row in page.rows] + page.common_prefixes, key=str.encode)


def expected(keys: Sequence[str], prefix: str, delimiter: str) -> list[str]:
    """The whole listing, by the words of the reference."""
    entries = set()
    for key in keys:
        if key.startswith(prefix):
            head, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
            entries.add(prefix + head + delimiter if found else key)
    return sorted(entries, key=str.encode)


def all_pages(scan: Scan, query: Query) -> list[Page]:
    pages = [listing.page(scan, query)]
    while (resume := pages[-1].resume) is not None:
        after = listing.decode_token(listing.encode_token(resume))
        pages.append(listing.page(scan, Query(query.prefix, query.delimiter, after, query.limit)))
        assert len(pages) < 200
    return pages


@given(
    keys=st.lists(KEYS, max_size=30, unique=True),
    prefix=st.sampled_from(["", "a", "a/", "/", "b/é"]),
    delimiter=st.sampled_from(["", "/", "a", "/a", "\U0010ffff"]),
    limit=st.integers(1, 6),
)
def test_the_pages_in_a_row_are_the_whole_listing(
    keys: list[str], prefix: str, delimiter: str, limit: int
) -> None:
    pages = all_pages(index_of(*keys).scan, Query(prefix, delimiter, limit=limit))
    assert [one for page in pages for one in shown(page)] == expected(keys, prefix, delimiter)
    assert all(len(shown(page)) == limit for page in pages[:-1])
    assert all(len(shown(page)) <= limit for page in pages)


@given(
    keys=st.lists(KEYS, max_size=30, unique=True),
    delimiter=st.sampled_from(["", "/", "a"]),
    limit=st.integers(1, 6),
)
def test_markers_of_the_first_version_walk_the_same_listing(
    keys: list[str], delimiter: str, limit: int
) -> None:
    scan, marker, walked = index_of(*keys).scan, "", []
    while True:
        after = listing.after_marker(marker, "", delimiter)
        page = listing.page(scan, Query("", delimiter, after, limit))
        walked += shown(page)
        if not page.is_truncated:
            break
        assert page.last is not None
        marker = page.last if isinstance(page.last, str) else page.last.key
    assert walked == expected(keys, "", delimiter)


def test_a_common_prefix_is_jumped_over() -> None:
    index = index_of(*(f"{folder}/{number:05}" for folder in "abc" for number in range(5000)))
    page = listing.page(index.scan, Query(delimiter="/"))
    assert page.common_prefixes == ["a/", "b/", "c/"]
    assert not page.is_truncated
    assert index.read < 50


def test_a_flat_page_reads_one_row_more_than_it_shows() -> None:
    index = index_of(*(f"{number:05}" for number in range(5000)))
    page = listing.page(index.scan, Query())
    assert len(page.rows) == 1000
    assert page.is_truncated
    assert index.read == 1001


def test_no_more_than_a_thousand_are_shown_whatever_is_asked_for() -> None:
    index = index_of(*(f"{number:05}" for number in range(1100)))
    assert len(listing.page(index.scan, Query(limit=5000)).rows) == 1000


def test_a_page_of_none_is_empty_and_whole() -> None:
    page = listing.page(index_of("a").scan, Query(limit=0))
    assert (page.rows, page.common_prefixes, page.is_truncated) == ([], [], False)


def test_start_after_inside_a_folder_shows_it_and_a_marker_does_not() -> None:
    scan = index_of("a/1", "a/2", "b").scan
    assert shown(listing.page(scan, Query(delimiter="/", after=Cursor("a/1")))) == ["a/", "b"]
    after = listing.after_marker("a/1", "", "/")
    assert shown(listing.page(scan, Query(delimiter="/", after=after))) == ["b"]


def test_uploads_of_one_key_are_paged_by_id() -> None:
    rows = [Row(key, None, str(number)) for key in ("a", "b/1", "b/2", "c") for number in range(3)]
    scan = Index(rows).scan
    walked: list[Row] = []
    marker, upload_id = "", ""
    while True:
        after = listing.after_marker(marker, "", "", upload_id)
        page = listing.page(scan, Query(after=after, limit=2))
        walked += page.rows
        if not page.is_truncated:
            break
        assert isinstance(page.last, Row)
        marker, upload_id = page.last.key, page.last.id
    assert walked == rows
    assert listing.page(scan, Query(after=Cursor("a"))).rows == rows[3:]
    assert shown(listing.page(scan, Query(delimiter="/"))) == ["a", "a", "a", "b/", "c", "c", "c"]


@given(st.text(alphabet="ab\ud7ff\ue000\U0010ffff", min_size=1, max_size=4), KEYS)
def test_beyond_a_prefix_stands_no_key_of_it_and_every_later_one(prefix: str, key: str) -> None:
    place = listing.beyond(prefix).key.encode()
    assert (prefix + key).encode() < place
    if key.encode() > prefix.encode() and not key.startswith(prefix):
        assert key.encode() >= place


@pytest.mark.parametrize("token", ["", "x", "a/b", "eHg=", "Pv8=", "é"])
def test_a_token_that_is_not_ours_is_refused(token: str) -> None:
    with pytest.raises(Invalid) as refused:
        listing.decode_token(token)
    assert refused.value.code == "InvalidArgument"


@pytest.mark.parametrize(("text", "limit"), [(None, 1000), ("", 1000), ("0", 0), ("5000", 5000)])
def test_a_limit_is_a_number(text: str | None, limit: int) -> None:
    assert listing.parse_limit(text) == limit


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "2147483648", "9" * 5000, "٣"])
def test_other_limits_are_refused(text: str) -> None:
    with pytest.raises(Invalid, match="max-uploads"):
        listing.parse_limit(text, "max-uploads")


@given(KEYS)
def test_url_encoding_can_be_read_back(key: str) -> None:
    assert unquote(listing.encode(key, "url")) == key
    assert listing.encode(key, None) == key


def test_another_encoding_is_refused() -> None:
    assert listing.encode("a b+c(3)/d", "url") == "a%20b%2Bc%283%29/d"
    with pytest.raises(Invalid):
        listing.encode("a", "base64")

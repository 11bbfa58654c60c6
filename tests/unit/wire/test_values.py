from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.spec import load
from freehold.wire import values

S3 = load.service("s3")
BY_KIND = {
    kind: next(S3.shape(name) for name in S3.shape_names() if S3.shape(name).kind == kind)
    for kind in ("boolean", "integer", "long")
} | {
    "timestamp": load.service("iam").shape("dateType"),
    "double": load.service("cloudwatch").shape("DatapointValue"),
}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("boolean", "true", True),
        ("boolean", "False", False),
        ("integer", "-3", -3),
        ("long", "+9000000000", 9_000_000_000),
        ("double", "1.5e3", 1500.0),
        ("double", "-Infinity", -math.inf),
        ("timestamp", "2024-01-01T00:00:00Z", 1704067200.0),
        ("timestamp", "2024-01-01", 1704067200.0),
        ("timestamp", "1704067200.5", 1704067200.5),
        ("timestamp", "Mon, 01 Jan 2024 00:00:00 GMT", 1704067200.0),
    ],
)
def test_text_is_read_by_kind(kind, text, value):
    assert values.from_text(BY_KIND[kind], text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("boolean", "yes"),
        ("boolean", ""),
        ("integer", "1_000"),
        ("integer", "٣"),
        ("integer", "1.0"),
        ("integer", " 1"),
        ("integer", "9" * 5000),
        ("double", "nan"),
        ("double", "1e99999"),
        ("timestamp", "yesterday"),
        ("timestamp", "9" * 400),
        ("timestamp", ""),
    ],
)
def test_what_is_not_of_the_kind_is_refused(kind, text):
    with pytest.raises(ValueError, match="is not a"):
        values.from_text(BY_KIND[kind], text)


@given(st.integers(0, 4_000_000_000_000))
def test_milliseconds_survive_iso8601(millis):
    text = values.instant(millis / 1000, "iso8601")
    moment = datetime.fromisoformat(text)
    assert round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000) == millis


def test_the_three_spellings_of_an_instant():
    at = 1704067200.0
    assert values.instant(at, "iso8601") == "2024-01-01T00:00:00Z"
    assert values.instant(at + 0.5, "iso8601") == "2024-01-01T00:00:00.500Z"
    assert values.instant(at + 0.5, "rfc822") == "Mon, 01 Jan 2024 00:00:00 GMT"
    assert values.instant(at, "unixTimestamp") == "1704067200"


def test_dates_of_json_bodies_are_spelt_as_the_model_says():
    output = load.service("accessanalyzer").operations["GetAnalyzer"].output
    told = values.dated(output, {"analyzer": {"createdAt": 1_700_000_000.5, "name": "a"}})
    assert told == {"analyzer": {"createdAt": "2023-11-14T22:13:20.500Z", "name": "a"}}
    other = load.service("efs").operations["DescribeFileSystems"].output
    assert values.dated(other, {"FileSystems": [{"CreationTime": 1.0}]}) == {
        "FileSystems": [{"CreationTime": 1.0}]
    }

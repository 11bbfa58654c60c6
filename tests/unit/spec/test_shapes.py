from __future__ import annotations

import contextlib
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.base.errors import Invalid
from freehold.spec import load
from freehold.spec.check import check
from freehold.spec.model import Service
from freehold.spec.shapes import decode

SAGEMAKER = load.service("sagemaker").operations
ROLE = "arn:aws:iam::123456789012:role/Exec"


def _read(operation: str, **document):
    return decode(SAGEMAKER[operation], json.dumps(document).encode())


def test_an_empty_body_is_an_empty_document():
    assert decode(SAGEMAKER["ListDomains"], b"") == {}


def test_unknown_members_are_dropped():
    assert _read("ListDomains", MaxResults=3, Colour="red") == {"MaxResults": 3}


def test_null_members_are_absent():
    assert _read("ListDomains", MaxResults=3, NextToken=None) == {"MaxResults": 3}


def test_whole_floats_are_integers():
    assert _read("ListDomains", MaxResults=3.0) == {"MaxResults": 3}


@pytest.mark.parametrize(
    "moment", [1704067200, 1704067200.0, "2024-01-01T00:00:00Z", "1704067200",
               "2024-01-01T01:00:00+01:00", "Mon, 01 Jan 2024 00:00:00 GMT"]
)  # fmt: skip
def test_dates_come_as_numbers_or_text_and_leave_as_floats(moment):
    document = _read("ListTrainingJobs", CreationTimeAfter=moment)
    assert document == {"CreationTimeAfter": 1704067200.0}
    assert isinstance(document["CreationTimeAfter"], float)


def test_shapes_that_hold_themselves_are_read_at_any_depth():
    inner = {"Tags": {"Key": "k", "Values": ["v"]}}
    expression = {"Not": {"And": [inner, {"Not": inner}]}}
    operation = load.service("ce").operations["GetTags"]
    document = {"TimePeriod": {"Start": "2026-01-01", "End": "2026-01-02"}, "Filter": expression}
    assert decode(operation, json.dumps(document).encode()) == document


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b"[]", b'"x"', b"null", b"{}x", b'{"NextToken": "\\ud800"}',
     b'{"NextToken": "a\xff"}', b"[" * 100_000, b'{"x":' * 100_000],
)  # fmt: skip
def test_what_is_no_json_object_is_a_serialization_exception(body):
    with pytest.raises(Invalid) as caught:
        decode(SAGEMAKER["ListDomains"], body)
    assert caught.value.code == "SerializationException"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3, "NUMBER_VALUE can not be converted to a String"),
        (1.5, "DECIMAL_VALUE can not be converted to a String"),
        (True, "TRUE_VALUE can not be converted to a String"),
        ({}, "Start of structure or map found where not expected."),
        ([], "Start of list found where not expected."),
    ],
)
def test_another_json_type_is_said_in_awss_words(value, words):
    with pytest.raises(Invalid) as caught:
        _read("ListDomains", NextToken=value)
    assert (caught.value.code, caught.value.message) == ("SerializationException", words)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_is_read_or_refused(value):
    operation = SAGEMAKER["CreateExperiment"]
    body = json.dumps({"ExperimentName": "e", "Tags": value}).encode()
    with contextlib.suppress(Invalid):
        document = decode(operation, body)
        assert check(operation, document) == document


def test_check_and_decode_agree():
    document = {"ExperimentName": "e", "Tags": [{"Key": "k", "Value": "v"}]}
    assert check(SAGEMAKER["CreateExperiment"], document | {"X": 1}) == document
    assert _read("CreateExperiment", **document) == document


def test_long_text_is_not_tried_on_a_pattern_that_could_take_long():
    """Text without a bound of its own: beyond PATTERN_CHARS_MAX the pattern is not asked."""
    parts = {
        "Input": {"type": "structure", "members": {"Name": {"shape": "Name"}}},
        "Name": {"type": "string", "pattern": "(a|aa)+b"},
    }
    shapes = {name: msgspec.Raw(msgspec.msgpack.encode(part)) for name, part in parts.items()}
    operations = {"Do": msgspec.Raw(msgspec.msgpack.encode({"input": {"shape": "Input"}}))}
    metadata = {"protocol": "json", "endpointPrefix": "x", "apiVersion": "1"}
    operation = Service("x", metadata, operations, shapes).operations["Do"]
    long = {"Name": "a" * 100_000}
    assert decode(operation, json.dumps(long).encode()) == long
    with pytest.raises(Invalid):
        decode(operation, b'{"Name": "aaa"}')

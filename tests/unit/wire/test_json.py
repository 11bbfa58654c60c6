from __future__ import annotations

import json

import msgspec

from freehold.spec import load
from freehold.wire import Request, parse, serialize

SAGEMAKER = load.service("sagemaker").operations


def test_raw_values_pass_through_unread():
    summaries = [msgspec.Raw(b'{"DomainId":  "d-1"}')]
    reply = serialize(SAGEMAKER["ListDomains"], {"Domains": summaries}, "rid")
    assert reply.body == b'{"Domains":[{"DomainId":  "d-1"}]}'


def test_headers_tell_version_and_request():
    reply = serialize(load.service("cloudwatch").operations["ListMetrics"], {}, "rid")
    assert dict(reply.headers) == {
        b"content-type": b"application/x-amz-json-1.0",
        b"x-amzn-requestid": b"rid",
    }


def test_no_output_is_an_empty_body_and_an_empty_output_is_an_object():
    assert serialize(SAGEMAKER["DeleteDomain"], {}, "rid").body == b""
    assert serialize(SAGEMAKER["DeleteTags"], {}, "rid").body == b"{}"


def test_dates_go_out_as_numbers():
    reply = serialize(SAGEMAKER["DescribeDomain"], {"CreationTime": 1605418477.297}, "rid")
    assert json.loads(reply.body) == {"CreationTime": 1605418477.297}


def test_an_operation_without_input_reads_nothing():
    operation = next(
        each for each in load.service("iam").operations.values() if each.input_name is None
    )
    assert parse(operation, Request("POST", "/", "", {}, b"Action=x&Anything=1")) == {}

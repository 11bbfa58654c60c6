from __future__ import annotations

import base64
import re

import pytest

from freehold.base.errors import Invalid
from freehold.spec import load
from freehold.wire import Request, parse, route, serialize

S3 = load.service("s3").operations
RUNTIME = load.service("sagemaker-runtime").operations


def _request(method, path, query="", headers=None, body=b"") -> Request:
    return Request(method, path, query, {"host": "127.0.0.1"} | (headers or {}), body)


def _code(operation, request) -> str:
    with pytest.raises(Invalid) as caught:
        parse(operation, request)
    return caught.value.code


def test_a_body_that_streams_is_never_in_the_document():
    document = parse(S3["PutObject"], _request("PUT", "/bucket/k", body=b"data"))
    assert document == {"Bucket": "bucket", "Key": "k"}


def test_a_payload_of_bytes_is_base64():
    request = _request("POST", "/endpoints/e/invocations", body=b"\x00\xff")
    document = parse(RUNTIME["InvokeEndpoint"], request)
    assert document == {"EndpointName": "e", "Body": base64.b64encode(b"\x00\xff").decode()}
    reply = serialize(RUNTIME["InvokeEndpoint"], {"Body": "AP8=", "ContentType": "text/csv"}, "r")
    assert reply.body == b"\x00\xff"
    assert (b"content-type", b"text/csv") in reply.headers


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<Tagging>", "MalformedXML"),
        (b"<Tagging/>", "MalformedXML"),
        (b"<Tagging><TagSet><Tag><Key></Key></Tag></TagSet></Tagging>", "MalformedXML"),
        (b"", "MalformedXML"),
    ],
)
def test_s3_says_that_xml_does_not_keep_the_schema(body, code):
    request = _request("PUT", "/bucket", "tagging", body=body)
    assert _code(S3["PutBucketTagging"], request) == code


@pytest.mark.parametrize(
    ("query", "headers"),
    [("list-type=2&max-keys=abc", {}), ("list-type=2&max-keys=99999999999", {})],
)
def test_numbers_that_are_none_are_invalid(query, headers):
    request = _request("GET", "/bucket", query, headers)
    assert _code(S3["ListObjectsV2"], request) in {"InvalidArgument", "SerializationException"}


def test_a_key_that_is_not_utf8_is_an_invalid_uri():
    assert _code(S3["GetObject"], _request("GET", "/bucket/%FF")) == "InvalidURI"


def test_metadata_travels_by_prefix():
    request = _request("PUT", "/bucket/k", headers={"x-amz-meta-a": "1", "x-amz-meta-b-c": "2"})
    assert parse(S3["PutObject"], request)["Metadata"] == {"a": "1", "b-c": "2"}
    reply = serialize(S3["HeadObject"], {"Metadata": {"a": "1"}, "ContentLength": 3}, "rid")
    assert (b"x-amz-meta-a", b"1") in reply.headers
    assert reply.body == b""


def test_no_header_can_be_smuggled_in_by_a_value():
    metadata = {"a\r\nx-evil: 1": "b\r\nx-evil: 2", 'b"=(': "\x01\x7f\t"}
    reply = serialize(S3["HeadObject"], {"Metadata": metadata, "ContentType": "a\n\x01b"}, "rid")
    for name, value in reply.headers:
        assert re.fullmatch(rb"[\w-]+", name)
        assert re.fullmatch(rb"[\t\x20-\x7e]*", value)


def test_the_root_of_an_answer_is_s3s():
    reply = serialize(S3["ListBuckets"], {"Buckets": [{"Name": "b", "CreationDate": 0.5}]}, "rid")
    assert reply.body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Buckets><Bucket>'
        "<Name>b</Name><CreationDate>1970-01-01T00:00:00.500Z</CreationDate></Bucket></Buckets>"
        "</ListAllMyBucketsResult>"
    )


def test_the_location_of_a_bucket_is_the_text_of_the_root():
    reply = serialize(S3["GetBucketLocation"], {"LocationConstraint": "eu-west-1"}, "rid")
    assert reply.body.endswith(b'2006-03-01/">eu-west-1</LocationConstraint>')
    assert serialize(S3["GetBucketLocation"], {}, "rid").body.endswith(b"></LocationConstraint>")


def test_a_policy_is_json_as_it_is():
    reply = serialize(S3["GetBucketPolicy"], {"Policy": '{"Version": "2012-10-17"}'}, "rid")
    assert reply.body == b'{"Version": "2012-10-17"}'
    assert (b"content-type", b"application/json") in reply.headers


def test_success_has_the_models_status():
    assert serialize(S3["DeleteObject"], {}, "rid").status == 204
    create = load.service("efs").operations["CreateFileSystem"]
    assert serialize(create, {}, "rid").status == 201


def test_rest_json_takes_path_and_query_apart():
    request = _request("DELETE", "/2015-02-01/tags/fs-0123456789abcdef0", body=b"")
    operation = route(_request("GET", "/2015-02-01/file-systems", "MaxItems=3"), None)
    assert operation.name == "DescribeFileSystems"
    assert parse(operation, _request("GET", "/2015-02-01/file-systems", "MaxItems=3")) == {
        "MaxItems": 3
    }
    with pytest.raises(Exception, match="not supported"):
        route(request, "elasticfilesystem")


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"3"])
def test_a_json_body_that_is_no_object_is_a_serialization_exception(body):
    operation = load.service("efs").operations["CreateFileSystem"]
    assert _code(operation, _request("POST", "/2015-02-01/file-systems", body=body)) == (
        "SerializationException"
    )

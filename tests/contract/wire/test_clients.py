"""Real boto3 clients, stopped before the socket: what their handlers do is on the wire too.

Each case: a call, the operation it must be routed to, and the document that must be read.
The answer is a document of ours, and what the client gives back must be it.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from freehold.wire import Request, parse, route, serialize

SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")


class Raw:
    """A body as urllib3 would hand it over."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def stream(self, **_: Any) -> Any:
        yield self.body

    def read(self, *_: Any) -> bytes:
        body, self.body = self.body, b""
        return body


class Wire:
    """Answers a client's calls with ``answer``; keeps what was asked."""

    def __init__(self, service: str, answer: dict[str, Any], endpoint: str, **config: Any) -> None:
        self.answer = answer
        self.operation = ""
        self.document: dict[str, Any] = {}
        self.client = boto3.client(
            service,
            aws_access_key_id="AKIAEXAMPLE",
            aws_secret_access_key="secret",
            region_name="us-east-1",
            endpoint_url=endpoint,
            config=Config(retries={"total_max_attempts": 1}, **config),
        )
        self.client.meta.events.register("before-send", self._send)

    def _send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        parts = urlsplit(request.url)
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        headers.setdefault("host", parts.netloc)
        body = request.body
        if hasattr(body, "read"):
            body = body.read()
        body = body.encode() if isinstance(body, str) else body
        scope = SCOPE.search(headers.get("authorization", ""))
        got = Request(request.method, parts.path, parts.query, headers, body or b"")
        operation = route(got, scope[1] if scope else None)
        self.operation = operation.name
        self.document = parse(operation, got)
        reply = serialize(operation, self.answer, "rid")
        given = {name.decode(): value.decode("latin-1") for name, value in reply.headers}
        return AWSResponse(request.url, reply.status, given, Raw(reply.body))


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


CASES: list[tuple[str, str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        "sagemaker",
        "CreateExperiment",
        {"ExperimentName": "e", "Tags": [{"Key": "k", "Value": "v"}]},
        {"ExperimentName": "e", "Tags": [{"Key": "k", "Value": "v"}]},
        {"ExperimentArn": "arn:aws:sagemaker:us-east-1:1:experiment/e"},
    ),
    (
        "iam",
        "CreateRole",
        {"RoleName": "r", "AssumeRolePolicyDocument": '{"a": "b&c"}', "Tags": []},
        {"RoleName": "r", "AssumeRolePolicyDocument": '{"a": "b&c"}', "Tags": []},
        {"Role": {"Path": "/", "RoleName": "r", "RoleId": "AROAEXAMPLE1234567", "Arn": "arn:aws"}},
    ),
    ("sts", "GetCallerIdentity", {}, {}, {"UserId": "u", "Account": "1", "Arn": "arn"}),
    (
        "ec2",
        "DescribeSubnets",
        {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1", "vpc-2"]}], "DryRun": False},
        {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1", "vpc-2"]}], "DryRun": False},
        {"Subnets": [{"SubnetId": "subnet-1", "Tags": [{"Key": "a", "Value": "b"}]}]},
    ),
    (
        "efs",
        "DescribeFileSystems",
        {"FileSystemId": "fs-0123456789abcdef0", "MaxItems": 5},
        {"FileSystemId": "fs-0123456789abcdef0", "MaxItems": 5},
        {"FileSystems": [{"FileSystemId": "fs-1", "SizeInBytes": {"Value": 5}}]},
    ),
    (
        "logs",
        "DescribeLogGroups",
        {"logGroupNamePrefix": "/aws/sagemaker"},
        {"logGroupNamePrefix": "/aws/sagemaker"},
        {"logGroups": [{"logGroupName": "g", "creationTime": 1}]},
    ),
    (
        "cloudwatch",
        "ListMetrics",
        {"Namespace": "n"},
        {"Namespace": "n"},
        {"Metrics": [{"Namespace": "n", "MetricName": "m"}]},
    ),
    (
        "resourcegroupstaggingapi",
        "GetResources",
        {"TagFilters": [{"Key": "k", "Values": ["v"]}]},
        {"TagFilters": [{"Key": "k", "Values": ["v"]}]},
        {"ResourceTagMappingList": [{"ResourceARN": "arn", "Tags": [{"Key": "k", "Value": "v"}]}]},
    ),
    (
        "ce",
        "GetCostAndUsage",
        {
            "TimePeriod": {"Start": "2026-11-01", "End": "2026-11-02"},
            "Granularity": "DAILY",
            "Metrics": ["UnblendedCost"],
            "Filter": {"Not": {"Tags": {"Key": "k", "Values": ["v"]}}},
        },
        {
            "TimePeriod": {"Start": "2026-11-01", "End": "2026-11-02"},
            "Granularity": "DAILY",
            "Metrics": ["UnblendedCost"],
            "Filter": {"Not": {"Tags": {"Key": "k", "Values": ["v"]}}},
        },
        {"ResultsByTime": [{"Estimated": True, "Total": {"UnblendedCost": {"Amount": "0.1"}}}]},
    ),
    (
        "s3",
        "CopyObject",
        {"Bucket": "bucket", "Key": "a b/ü+.txt", "CopySource": {"Bucket": "from", "Key": "k ü"}},
        {"Bucket": "bucket", "Key": "a b/ü+.txt", "CopySource": "from/k%20%C3%BC"},
        {"CopyObjectResult": {"ETag": '"e"'}},
    ),
    (
        "s3",
        "ListObjectsV2",
        {"Bucket": "bucket", "Prefix": "a b&", "Delimiter": "/", "MaxKeys": 3},
        {
            "Bucket": "bucket",
            "Prefix": "a b&",
            "Delimiter": "/",
            "MaxKeys": 3,
            "EncodingType": "url",
        },
        {"Name": "bucket", "Contents": [{"Key": "a", "Size": 1}], "KeyCount": 1},
    ),
    ("s3", "GetBucketLocation", {"Bucket": "bucket"}, {"Bucket": "bucket"},
     {"LocationConstraint": "eu-west-1"}),
    (
        "s3",
        "PutBucketTagging",
        {"Bucket": "bucket", "Tagging": {"TagSet": [{"Key": "k", "Value": "<v>"}]}},
        {
            "Bucket": "bucket",
            "Tagging": {"TagSet": [{"Key": "k", "Value": "<v>"}]},
            "ChecksumAlgorithm": "CRC32",
        },
        {},
    ),
    (
        "s3",
        "UploadPartCopy",
        {"Bucket": "bucket", "Key": "k", "PartNumber": 2, "UploadId": "u", "CopySource": "b/k"},
        {"Bucket": "bucket", "Key": "k", "PartNumber": 2, "UploadId": "u", "CopySource": "b/k"},
        {"CopyPartResult": {"ETag": '"e"'}},
    ),
    (
        "s3",
        "HeadObject",
        {"Bucket": "bucket", "Key": "k", "ChecksumMode": "ENABLED"},
        {"Bucket": "bucket", "Key": "k", "ChecksumMode": "ENABLED"},
        {"ContentLength": 5, "ETag": '"e"', "Metadata": {"a": "b"}},
    ),
]  # fmt: skip
IDS = [f"{case[0]}.{case[1]}" for case in CASES]


@pytest.mark.parametrize(("service", "operation", "given", "wanted", "answer"), CASES, ids=IDS)
def test_boto3_is_understood_and_understands(service, operation, given, wanted, answer):
    wire = Wire(service, answer, "http://127.0.0.1:7070")
    method = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", operation).lower()
    got = getattr(wire.client, method)(**given)
    assert wire.operation == operation
    assert {key: wire.document[key] for key in wanted if key in wire.document} == wanted
    for key, value in answer.items():
        assert got[key] == value


@pytest.mark.parametrize(
    ("endpoint", "style"),
    [
        ("http://127.0.0.1:7070", "path"),
        ("http://s3.localhost:7070", "virtual"),
        ("https://s3.us-east-1.amazonaws.com", "virtual"),
        ("https://s3.us-east-1.amazonaws.com", "path"),
    ],
)
def test_both_styles_of_s3_name_the_same_bucket_and_key(endpoint, style):
    wire = Wire("s3", {"ETag": '"e"'}, endpoint, s3={"addressing_style": style})
    wire.client.put_object(
        Bucket="my.bucket-1", Key="/a//b c", Body=b"x", Metadata={"Who": "me"}, Expires=1.0
    )
    assert wire.operation == "PutObject"
    document = wire.document
    assert (document["Bucket"], document["Key"]) == ("my.bucket-1", "/a//b c")
    assert document["Metadata"] == {"who": "me"}
    assert "Body" not in document


def test_a_presigned_url_is_read_without_its_signature():
    client = Wire("s3", {}, "http://127.0.0.1:7070").client
    url = client.generate_presigned_url(
        "get_object", Params={"Bucket": "b-1", "Key": "k", "ResponseContentType": "text/plain"}
    )
    parts = urlsplit(url)
    request = Request("GET", parts.path, parts.query, {"host": parts.netloc}, b"")
    operation = route(request, "s3")
    assert operation.name == "GetObject"
    assert parse(operation, request) == {
        "Bucket": "b-1",
        "Key": "k",
        "ResponseContentType": "text/plain",
    }

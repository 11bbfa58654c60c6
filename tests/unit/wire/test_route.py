from __future__ import annotations

import pytest

from freehold.base.errors import Fault
from freehold.wire import Request, parse, route, serialize

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


def _request(method="POST", path="/", query="", headers=None, body=b"") -> Request:
    return Request(method, path, query, {"host": "127.0.0.1:7070"} | (headers or {}), body)


def _refusal(request: Request, scope: str | None) -> str:
    with pytest.raises(Fault) as caught:
        route(request, scope)
    return caught.value.code


def test_a_target_names_service_and_operation():
    found = route(_request(headers={"x-amz-target": "SageMaker.ListDomains"}), "sagemaker")
    assert (found.service.name, found.name) == ("sagemaker", "ListDomains")


@pytest.mark.parametrize("prefix", ["com.amazonaws.cloudtrail.v20131101.", ""])
def test_cloudtrail_is_found_by_the_long_target_and_by_smithys(prefix):
    target = f"{prefix}CloudTrail_20131101.LookupEvents"
    assert route(_request(headers={"x-amz-target": target}), "cloudtrail").name == "LookupEvents"


@pytest.mark.parametrize("target", ["", "SageMaker", "SageMaker.", "SageMaker.Nope", "X.ListTags"])
def test_an_unknown_target_is_an_unknown_operation(target):
    assert _refusal(_request(headers={"x-amz-target": target}), "sagemaker") == (
        "UnknownOperationException"
    )


def test_one_signing_name_three_services():
    assert route(_request(path="/endpoints/e/invocations"), "sagemaker").name == "InvokeEndpoint"
    assert route(_request("PUT", "/BatchPutMetrics"), "sagemaker").name == "BatchPutMetrics"


def test_a_form_is_told_by_scope_and_action():
    body = b"Action=DescribeVpcs&Version=2016-11-15"
    assert route(_request(headers=FORM, body=body), "ec2").service.name == "ec2"


def test_an_unsigned_form_is_told_by_its_version():
    body = b"Version=2011-06-15&Action=AssumeRoleWithWebIdentity"
    assert route(_request(headers=FORM, body=body), None).name == "AssumeRoleWithWebIdentity"


def test_a_presigned_form_stands_in_the_query_string():
    query = "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Signature=ab"
    found = route(_request("GET", query=query), "sts")
    assert found.name == "GetCallerIdentity"
    assert parse(found, _request("GET", query=query)) == {}


def test_cloudwatch_by_form_answers_by_xml():
    body = b"Action=ListMetrics&Version=2010-08-01&Namespace=n&Dimensions.member.1.Name=d"
    request = _request(headers=FORM, body=body)
    found = route(request, "monitoring")
    assert parse(found, request) == {"Namespace": "n", "Dimensions": [{"Name": "d"}]}
    assert serialize(found, {"Metrics": []}, "rid").body.startswith(b"<ListMetricsResponse")


@pytest.mark.parametrize(
    ("body", "scope", "code"),
    [
        (b"Action=Nope&Version=2010-05-08", "iam", "InvalidAction"),
        (b"Version=2010-05-08", "iam", "MissingAction"),
        (b"Action=ListUsers&Version=1999-01-01", None, "InvalidAction"),
        (b"Action=ListUsers&Version=2010-05-08", "autoscaling", None),
        (b"Action=%FF", "iam", "InvalidAction"),
        (b"a&" * 30_000, "iam", "MissingAction"),
        (b"NoAction=ListUsers", "iam", "MissingAction"),
    ],
)
def test_forms_that_name_no_operation_are_refused(body, scope, code):
    request = _request(headers=FORM, body=body)
    if code is None:
        assert route(request, scope).name == "ListUsers"
    else:
        assert _refusal(request, scope) == code


@pytest.mark.parametrize(
    ("method", "path", "query", "name"),
    [
        ("GET", "/", "", "ListBuckets"),
        ("PUT", "/bucket", "", "CreateBucket"),
        ("PUT", "/bucket/", "", "CreateBucket"),
        ("HEAD", "/bucket", "", "HeadBucket"),
        ("GET", "/bucket", "", "ListObjects"),
        ("GET", "/bucket", "list-type=2&prefix=a", "ListObjectsV2"),
        ("GET", "/bucket", "uploads", "ListMultipartUploads"),
        ("GET", "/bucket", "uploads=", "ListMultipartUploads"),
        ("GET", "/bucket", "versions", "ListObjectVersions"),
        ("POST", "/bucket", "delete", "DeleteObjects"),
        ("GET", "/bucket/k", "", "GetObject"),
        ("GET", "/bucket/k", "x-id=GetObject", "GetObject"),
        ("GET", "/bucket/k", "uploadId=u", "ListParts"),
        ("GET", "/bucket/k", "attributes", "GetObjectAttributes"),
        ("DELETE", "/bucket/k", "uploadId=u", "AbortMultipartUpload"),
        ("DELETE", "/bucket/k", "versionId=v", "DeleteObject"),
        ("PUT", "/bucket/k", "partNumber=1&uploadId=u", "UploadPart"),
        ("POST", "/bucket/k", "uploads", "CreateMultipartUpload"),
        ("POST", "/bucket/k", "uploadId=u", "CompleteMultipartUpload"),
        ("GET", "/bucket", "analytics&id=1", "GetBucketAnalyticsConfiguration"),
        ("GET", "/bucket", "analytics", "ListBucketAnalyticsConfigurations"),
        ("GET", "/bucket//", "", "GetObject"),
    ],
)
def test_s3_is_told_by_method_level_and_sub_resource(method, path, query, name):
    assert route(_request(method, path, query), "s3").name == name


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("DELETE", "/bucket", "versioning"),
        ("DELETE", "/bucket", "acl"),
        ("DELETE", "/bucket/k", "acl"),
        ("PUT", "/bucket", "uploads"),
        ("POST", "/bucket", ""),
        ("POST", "/bucket/k", ""),
        ("POST", "/", ""),
        ("DELETE", "/", ""),
        ("PATCH", "/bucket", ""),
    ],
)
def test_a_method_that_means_nothing_there_is_never_taken_for_another(method, path, query):
    assert _refusal(_request(method, path, query), "s3") == "MethodNotAllowed"


def test_copies_are_told_by_their_header():
    headers = {"x-amz-copy-source": "a/b"}
    assert route(_request("PUT", "/bucket/k", headers=headers), "s3").name == "CopyObject"
    part = _request("PUT", "/bucket/k", "partNumber=1&uploadId=u", headers=headers)
    assert route(part, "s3").name == "UploadPartCopy"


@pytest.mark.parametrize(
    ("host", "path", "bucket", "key"),
    [
        ("127.0.0.1:7070", "/b-1/k%2Fx", "b-1", "k/x"),
        ("bucket.localhost:7070", "/k", "bucket", "k"),
        ("bucket.s3.localhost", "/b/k", "bucket", "b/k"),
        ("my.bucket.s3.us-east-1.amazonaws.com", "/k", "my.bucket", "k"),
        ("bucket.s3.amazonaws.com", "/k", "bucket", "k"),
        ("bucket.s3.dualstack.eu-west-1.amazonaws.com", "/k", "bucket", "k"),
        ("s3.us-east-1.amazonaws.com", "/bucket/k", "bucket", "k"),
        ("s3.localhost", "/bucket/k", "bucket", "k"),
        ("localhost", "/bucket/a+b", "bucket", "a+b"),
    ],
)
def test_a_bucket_is_named_by_host_or_by_path(host, path, bucket, key):
    request = _request("GET", path, headers={"host": host})
    document = parse(route(request, "s3"), request)
    assert (document["Bucket"], document["Key"]) == (bucket, key)


def test_an_unsigned_path_is_s3s_unless_it_is_anothers():
    assert route(_request("GET", "/bucket/k"), None).service.name == "s3"
    assert route(_request("GET", "/2015-02-01/file-systems"), None).service.name == "efs"


def test_a_rest_path_that_nobody_has_is_unknown():
    assert _refusal(_request("GET", "/nope"), "elasticfilesystem") == "UnknownOperationException"
    assert _refusal(_request("GET", "/nope"), "lambda") == "UnknownOperationException"


def test_cbor_is_refused_by_name():
    headers = {"smithy-protocol": "rpc-v2-cbor"}
    with pytest.raises(Fault, match="CBOR"):
        route(_request(path="/service/x/operation/y", headers=headers), "tagging")


def test_access_analyzer_is_told_by_its_signature():
    found = route(_request("GET", "/analyzer/a-name"), "access-analyzer")
    assert (found.service.name, found.name) == ("accessanalyzer", "GetAnalyzer")
    assert route(_request("GET", "/analyzer/a-name"), "s3").service.name == "s3"

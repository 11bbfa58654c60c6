"""Every name we give a fault is AWS's, and botocore reads it and its message in every protocol."""

from __future__ import annotations

import pytest
from tests.contract.wire import common_errors
from tests.contract.wire.botocore_side import read

from freehold.base import errors
from freehold.base.errors import (
    Denied,
    Internal,
    Invalid,
    NotFound,
    Throttled,
    Unauthenticated,
    Unsupported,
)
from freehold.spec import load
from freehold.wire import fault, names

KINDS = [
    errors.Invalid,
    errors.Unauthenticated,
    errors.Denied,
    errors.NotFound,
    errors.InUse,
    errors.Conflict,
    errors.LimitExceeded,
    errors.Throttled,
    errors.Unsupported,
    errors.Internal,
]
ANY = {name: next(iter(load.service(name).operations)) for name in load.SERVICES}


def test_every_service_has_a_name_for_every_fault():
    assert set(names.BY_SERVICE) == set(load.SERVICES)
    for table in names.BY_SERVICE.values():
        assert set(table) == set(KINDS)


@pytest.mark.parametrize("name", load.SERVICES)
def test_each_name_is_of_the_model_or_of_awss_common_errors(name):
    service = load.service(name)
    known = set(common_errors.COMMON | common_errors.BY_SERVICE.get(name, set()))
    for shape_name in service.shape_names():
        shape = service.shape(shape_name)
        if shape.is_exception:
            known |= {shape_name, shape.error_code}
    assert set(names.BY_SERVICE[name].values()) <= known


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", load.SERVICES)
def test_botocore_reads_code_and_message(name, kind):
    operation = load.service(name).operations[ANY[name]]
    raised = kind("it is <broken> & more", detail="secret")
    reply = fault(operation, raised, "rid-1")
    parsed = read(operation, reply)
    assert reply.status >= 400
    assert b"secret" not in reply.body
    if operation.method != "HEAD":
        assert parsed["Error"]["Code"] == names.BY_SERVICE[name][kind]
        assert parsed["Error"]["Message"] == "it is <broken> & more"
        assert parsed["ResponseMetadata"]["RequestId"] == "rid-1"


@pytest.mark.parametrize(
    ("service", "raised", "code", "status"),
    [
        ("sagemaker", NotFound("x"), "ResourceNotFound", 400),
        ("sagemaker", Denied("x"), "AccessDeniedException", 400),
        ("sagemaker", Internal("x"), "InternalFailure", 500),
        ("sagemaker", Internal("x", retryable=True), "ServiceUnavailable", 503),
        ("sagemaker", Unsupported("x"), "UnsupportedOperationException", 400),
        ("sagemaker", Throttled("x"), "ThrottlingException", 400),
        ("sagemaker", Invalid("x", code="SerializationException"), "SerializationException", 400),
        ("iam", NotFound("x"), "NoSuchEntity", 404),
        ("iam", errors.InUse("x"), "EntityAlreadyExists", 409),
        ("iam", errors.Conflict("x"), "DeleteConflict", 409),
        ("iam", errors.LimitExceeded("x"), "LimitExceeded", 409),
        ("iam", Invalid("x", code="MalformedPolicyDocument"), "MalformedPolicyDocument", 400),
        ("iam", Denied("x"), "AccessDenied", 403),
        ("iam", Unauthenticated("x", code="SignatureDoesNotMatch"), "SignatureDoesNotMatch", 403),
        ("ec2", Denied("x"), "UnauthorizedOperation", 403),
        ("ec2", NotFound("x", code="InvalidVpcID.NotFound"), "InvalidVpcID.NotFound", 400),
        ("ec2", Unauthenticated("x", code="AuthFailure"), "AuthFailure", 401),
        ("efs", NotFound("x"), "FileSystemNotFound", 404),
        ("efs", Denied("x"), "AccessDeniedException", 403),
        ("s3", NotFound("x", code="NoSuchBucket"), "NoSuchBucket", 404),
        ("s3", errors.Conflict("x", code="BucketNotEmpty"), "BucketNotEmpty", 409),
        ("s3", Invalid("x", code="PreconditionFailed"), "PreconditionFailed", 412),
        ("s3", Invalid("x", code="InvalidRange"), "InvalidRange", 416),
        ("s3", Invalid("x", code="BadDigest"), "BadDigest", 400),
        ("s3", Unauthenticated("x", code="InvalidAccessKeyId"), "InvalidAccessKeyId", 403),
    ],
)
def test_codes_and_statuses_are_awss(service, raised, code, status):
    operation = load.service(service).operations[ANY[service]]
    reply = fault(operation, raised, "rid")
    assert (read(operation, reply)["Error"]["Code"], reply.status) == (code, status)


@pytest.mark.parametrize(
    ("service", "code", "spelled"),
    [
        ("iam", "UnrecognizedClientException", "InvalidClientTokenId"),
        ("s3", "UnrecognizedClientException", "InvalidAccessKeyId"),
        ("sagemaker", "SignatureDoesNotMatch", "InvalidSignatureException"),
        ("s3", "MissingAuthenticationToken", "AccessDenied"),
        ("s3", "RequestTimeTooSkewed", "RequestTimeTooSkewed"),
        ("ec2", "RequestExpired", "RequestExpired"),
    ],
)
def test_a_refusal_at_the_door_is_spelled_as_its_protocol_spells_it(service, code, spelled):
    reply = fault(service, Unauthenticated("no", code=code), "rid")
    assert spelled.encode() in reply.body


def test_head_and_not_modified_have_no_body():
    service = load.service("s3")
    assert fault(service.operations["HeadObject"], NotFound("x"), "rid").body == b""
    not_modified = fault(service.operations["GetObject"], Invalid("x", code="NotModified"), "rid")
    assert (not_modified.status, not_modified.body) == (304, b"")


def test_where_nothing_is_known_the_fault_is_json():
    reply = fault(None, Unsupported("what?", code="UnknownOperationException"), "rid")
    assert reply.status == 400
    assert (b"x-amzn-errortype", b"UnknownOperationException") in reply.headers

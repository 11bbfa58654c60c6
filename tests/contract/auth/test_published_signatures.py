# ruff: noqa: E501 - a table reads best with one case a line
"""Signatures that AWS has published: its Signature Version 4 test suite and S3's examples.

Sources: aws4_testsuite (2015-08-30, AKIDEXAMPLE); IAM User Guide, "Create a signed AWS API
request"; S3 API Reference, sig-v4-header-based-auth.html and sigv4-query-string-auth.html.
"""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import quote

import pytest

from freehold.auth.signature import sigv4
from freehold.auth.signature.bounds import instant
from freehold.base.errors import Unauthenticated

SUITE_SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
S3_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
HOST = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
UTF8 = "/ሴ".encode().decode("latin-1")

SUITE = [
    ("get-vanilla", "GET", "/", "", {}, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("get-vanilla-query-order-key-case", "GET", "/", "Param2=value2&Param1=value1", {}, b"", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    ("get-unreserved", "GET", "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "", {}, b"", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
    ("get-utf8", "GET", UTF8, "", {}, b"", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
    ("get-space", "GET", "/example space/", "", {}, b"", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
    ("get-slashes", "GET", "//example//", "", {}, b"", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
    ("get-relative", "GET", "/example/..", "", {}, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("get-slash-dot-slash", "GET", "/./", "", {}, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("get-header-value-trim", "GET", "/", "", {"my-header1": " value1", "my-header2": ' "a   b   c"'}, b"", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
    ("get-header-value-order", "GET", "/", "", {"my-header1": "value4,value1,value3,value2"}, b"", "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"),
    ("get-header-key-duplicate", "GET", "/", "", {"my-header1": "value2,value2,value1"}, b"", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
    ("post-vanilla", "POST", "/", "", {}, b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ("post-vanilla-query", "POST", "/", "Param1=value1", {}, b"", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
    ("post-x-www-form-urlencoded", "POST", "/", "", FORM, b"Param1=value1", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
]  # fmt: skip


def authorization(scope: str, headers: dict[str, str], signature: str) -> str:
    names = ";".join(sorted(headers))
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={signature}"


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "body", "signature"),
    [case[1:] for case in SUITE],
    ids=[case[0] for case in SUITE],
)
def test_the_suite_is_believed(
    method: str, path: str, query: str, headers: dict[str, str], body: bytes, signature: str
) -> None:
    headers = {**HOST, **headers}
    scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"
    headers["authorization"] = authorization(scope, headers, signature)
    credential = sigv4.scope_of(headers, query)
    assert credential is not None
    digest, now = sha256(body).hexdigest(), instant("20150830T123600Z")
    arguments = (method, path, query, headers, digest, credential, SUITE_SECRET, now)
    sigv4.verify(*arguments, "us-east-1", ["service"])


def test_the_user_guide_s_example_is_believed() -> None:
    headers = {
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "host": "iam.amazonaws.com",
        "x-amz-date": "20150830T123600Z",
    }
    signature = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    scope = "AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request"
    headers["authorization"] = authorization(scope, headers, signature)
    query = "Action=ListUsers&Version=2010-05-08"
    credential = sigv4.scope_of(headers, query, "query")
    assert credential is not None
    digest, now = sha256(b"").hexdigest(), instant("20150830T123600Z")
    sigv4.verify(
        "GET", "/", query, headers, digest, credential, SUITE_SECRET, now, None, ["iam"]
    )  # fmt: skip


S3 = [
    ("get object", "GET", "/test.txt", "", {"range": "bytes=0-9"}, b"", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
    ("put object", "PUT", "/test%24file.text", "", {"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"}, b"Welcome to Amazon S3.", "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
    ("put object, lax path", "PUT", "/test$file.text", "", {"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"}, b"Welcome to Amazon S3.", "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
    ("get lifecycle", "GET", "/", "lifecycle", {}, b"", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
    ("list objects", "GET", "/", "max-keys=2&prefix=J", {}, b"", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "body", "signature"),
    [case[1:] for case in S3],
    ids=[case[0] for case in S3],
)
def test_s3_s_examples_are_believed(
    method: str, path: str, query: str, headers: dict[str, str], body: bytes, signature: str
) -> None:
    digest = sha256(body).hexdigest()
    headers = {
        "host": "examplebucket.s3.amazonaws.com",
        "x-amz-date": "20130524T000000Z",
        "x-amz-content-sha256": digest,
        **headers,
    }
    scope = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"
    headers["authorization"] = authorization(scope, headers, signature)
    credential = sigv4.scope_of(headers, query, "s3")
    assert credential is not None
    arguments = (method, path, query, headers, digest, credential, S3_SECRET)
    sigv4.verify(*arguments, instant("20130524T001000Z"), "us-east-1", ["s3"])


SCOPE = quote("AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request", safe="")
PRESIGNED = (
    f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={SCOPE}&X-Amz-Date=20130524T000000Z"
    "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
    "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
)


def test_s3_s_presigned_example_is_believed_for_its_day_only() -> None:
    headers = {"host": "examplebucket.s3.amazonaws.com"}
    credential = sigv4.scope_of(headers, PRESIGNED, "s3")
    assert credential is not None
    arguments = ("GET", "/test.txt", PRESIGNED, headers, None, credential, S3_SECRET)
    sigv4.verify(*arguments, instant("20130524T235959Z"), "us-east-1", ["s3"])
    with pytest.raises(Unauthenticated, match="Request has expired") as caught:
        sigv4.verify(*arguments, instant("20130525T000001Z"), "us-east-1", ["s3"])
    assert caught.value.code == "AccessDenied"

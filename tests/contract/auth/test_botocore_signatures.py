"""What the unmodified botocore signs, we believe; with any byte changed, we do not.

botocore's signers are the reference: each case is a request as one of them makes it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from freehold.auth.signature import sigv4
from freehold.auth.signature.bounds import instant
from freehold.base.errors import Fault

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzE//+==" * 20


class Wire(NamedTuple):
    """A request as a server sees it."""

    method: str
    raw_path: str
    raw_query: str
    headers: dict[str, str]
    body: bytes
    family: sigv4.Family

    def verify(self, secret: str = SECRET, **kwargs: Any) -> None:
        credential = sigv4.scope_of(self.headers, self.raw_query, self.family)
        assert credential is not None
        body = None if kwargs.pop("is_streaming", False) else sha256(self.body).hexdigest()
        now = kwargs.pop("now", None) or instant(credential.amz_date)
        region = kwargs.pop("region", "us-east-1")
        services = kwargs.pop("services", {"sagemaker", "s3", "sts", "elasticfilesystem"})
        sigv4.verify(
            self.method, self.raw_path, self.raw_query, self.headers, body, credential,
            secret, now, region, services, **kwargs,
        )  # fmt: skip


def signed(
    signer: type,
    method: str,
    url: str,
    *,
    headers: Any = None,
    params: Any = None,
    body: bytes = b"",
    token: str | None = None,
    service: str = "",
    context: dict[str, Any] | None = None,
) -> Wire:
    is_s3 = signer in (S3SigV4Auth, S3SigV4QueryAuth)
    service = service or ("s3" if is_s3 else "sagemaker")
    request = AWSRequest(method=method, url=url, params=params, data=body)
    for name, value in headers or []:
        request.headers[name] = value
    request.context.update(context or {})
    signer(Credentials(KEY, SECRET, token), service, "us-east-1").add_auth(request)
    prepared = request.prepare()
    parts = urlsplit(prepared.url)
    seen: dict[str, str] = {"host": parts.netloc}
    for name, value in request.headers.items():  # prepare() would drop repeated ones
        text = value.decode() if isinstance(value, bytes) else str(value)
        name, text = name.lower(), text.strip()  # as every HTTP server does
        seen[name] = f"{seen[name]},{text}" if name in seen else text
    # What HTTP clients and hops add after signing.
    seen |= {"user-agent": "Boto3/1", "accept-encoding": "identity", "x-amzn-trace-id": "Root=1"}
    return Wire(method, parts.path or "/", parts.query, seen, body, "s3" if is_s3 else "json")


JSON = [("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", "SageMaker.ListApps")]

PATHS = [
    "",
    "/",
    "/2015-02-01/file-systems",
    "/2015-02-01/file-systems/",
    "/a%20b",
    "/a%2520b",
    "/arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx",
    "/%E1%88%B4",
    "/-._~0123456789ABCxyz",
    "/a+b=c@d:e,f;g!h'i(j)*k$l&m",
    "//",
    "//a//b//",
    "/./a/./b/.",
    "/../a/../b/..",
    "/a/b/../../c",
    "/..%2F..",
    "/%2e%2e/x",
]
QUERIES = [
    "",
    "a=1",
    "a",
    "a=",
    "b=2&a=1",
    "a=2&a=1&a=",
    "A=1&a=1",
    "list-type=2&prefix=a%2Fb%20c&encoding-type=url",
    "a-b=1&a=2",
    "%E1%88%B4=%E1%88%B4",
    "q=x%2By%3Dz%26w",
    "acl",
    "uploads=&x",
    "x=1&&y=2",
    "plus=a+b",
    "a=b=c",
    "slash=/&colon=:",
]
PARAMS = [
    {"Action": "GetCallerIdentity", "Version": "2011-06-15"},
    {"k": "a b", "ü": "ß", "sl/ash": "x/y", "e": "", "t": "~-_."},
    {"X-Other": "100%", "q": '"<>{}|\\^`'},
]
HEADERS = [
    [],
    JSON,
    [("X-Amz-Meta-Spaces", "  a   b  c ")],
    [("X-Amz-Meta-Quoted", '"a   b"')],
    [("X-Amz-Meta-Tab", "a\tb \t c")],
    [("X-Amz-Meta-Colon", "a: b")],
    [("X-Amz-Meta-Empty", "")],
    [("My-Header", "v2"), ("My-Header", "v1"), ("my-header", " v3 ")],
    [("X-Amz-Z", "1"), ("A", "2"), ("x-amz-a", "3"), ("Content-MD5", "eHg=")],
]


@pytest.mark.parametrize("token", [None, TOKEN])
@pytest.mark.parametrize("signer", [SigV4Auth, S3SigV4Auth])
@pytest.mark.parametrize("path", PATHS)
def test_a_signed_path_is_believed(signer: type, path: str, token: str | None) -> None:
    if signer is S3SigV4Auth:
        path = path or "/"  # botocore itself never asks S3 for an empty path
    signed(signer, "GET", f"http://127.0.0.1:7070{path}", token=token).verify()


@pytest.mark.parametrize("signer", [SigV4Auth, S3SigV4Auth])
@pytest.mark.parametrize("query", QUERIES)
def test_a_signed_query_is_believed(signer: type, query: str) -> None:
    signed(signer, "GET", f"http://127.0.0.1:7070/b/k?{query}").verify()


@pytest.mark.parametrize("signer", [SigV4Auth, S3SigV4Auth, SigV4QueryAuth, S3SigV4QueryAuth])
@pytest.mark.parametrize("params", PARAMS)
def test_signed_parameters_are_believed(signer: type, params: dict[str, str]) -> None:
    signed(signer, "GET", "http://127.0.0.1:7070/", params=params, token=TOKEN).verify()


@pytest.mark.parametrize("signer", [SigV4Auth, S3SigV4Auth])
@pytest.mark.parametrize("headers", HEADERS)
@pytest.mark.parametrize("body", [b"", b"{}", bytes(range(256)) * 9])
def test_signed_headers_and_bodies_are_believed(
    signer: type, headers: list[tuple[str, str]], body: bytes
) -> None:
    signed(signer, "POST", "http://127.0.0.1:7070/", headers=headers, body=body).verify()


@pytest.mark.parametrize("signer", [SigV4QueryAuth, S3SigV4QueryAuth])
@pytest.mark.parametrize("path", [path for path in PATHS if path])
@pytest.mark.parametrize("query", ["", "versionId=3", "response-content-type=text%2Fplain&a="])
@pytest.mark.parametrize("token", [None, TOKEN])
def test_a_presigned_url_is_believed(
    signer: type, path: str, query: str, token: str | None
) -> None:
    signed(signer, "GET", f"https://s3.example.com{path}?{query}", token=token).verify()


def test_a_date_header_serves_as_the_date() -> None:
    wire = signed(SigV4Auth, "GET", "http://h/", headers=[("Date", "any")])
    assert "x-amz-date" not in wire.headers
    wire.verify()


def test_s3_believes_unsigned_payload_and_trailers() -> None:
    context = {"has_streaming_input": True, "client_config": Config()}
    upload = signed(
        S3SigV4Auth, "PUT", "https://h/b/k", body=b"x",
        headers=[("Content-MD5", "ndTkYSaMgDT1yFZOFVxnpg==")], context=context,
    )  # fmt: skip
    checksum = {"checksum": {"request_algorithm": {"in": "trailer", "name": "x"}}}
    trailer = signed(S3SigV4Auth, "PUT", "https://h/b/k", body=b"x", context=checksum)
    assert trailer.headers["x-amz-content-sha256"] == "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    for wire in (upload, trailer):
        wire._replace(body=b"other").verify()
        wire.verify(is_streaming=True)


CHANGES = st.tuples(
    st.sampled_from(["method", "path", "query", "header", "body", "secret", "drop"]),
    st.integers(0, 10_000),
    st.integers(1, 255),
)


def _flip(text: str, at: int, by: int) -> str:
    """Another printable character at one place."""
    if not text:
        return chr(33 + by % 94)
    at %= len(text)
    other = chr(33 + (ord(text[at]) - 33 + 1 + by % 93) % 94)
    return text[:at] + other + text[at + 1 :]


WIRES = [
    signed(SigV4Auth, "POST", "http://127.0.0.1:7070/", headers=JSON, body=b'{"a": 1}', token="t"),
    signed(SigV4Auth, "GET", "http://h/2015-02-01/file-systems/fs-1?MaxItems=3&Marker=x%20y"),
    signed(S3SigV4Auth, "PUT", "http://h/b/k%20e%C3%BC?partNumber=1&uploadId=u", body=b"bytes"),
    signed(S3SigV4QueryAuth, "GET", "http://h/b/key?versionId=abc", token="t"),
    signed(SigV4QueryAuth, "GET", "http://h/?Action=GetCallerIdentity&Version=2011-06-15"),
]


@pytest.mark.parametrize("wire", WIRES, ids=lambda wire: f"{wire.family} {wire.method}")
def test_the_untouched_requests_are_believed(wire: Wire) -> None:
    wire.verify()


@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(wire=st.sampled_from(WIRES), change=CHANGES)
@example(wire=WIRES[2], change=("path", 124, 124))
def test_no_changed_byte_is_believed(wire: Wire, change: tuple[str, int, int]) -> None:
    what, at, by = change
    secret, now = SECRET, None
    credential = sigv4.scope_of(wire.headers, wire.raw_query, wire.family)
    assert credential is not None
    now = instant(credential.amz_date)
    headers = dict(wire.headers)
    seen = [n for n in headers if n in credential.signed_headers.split(";") or n == "authorization"]
    name = sorted(seen)[at % len(seen)]
    if what == "method":
        wire = wire._replace(method=_flip(wire.method, at, by))
    elif what == "path":
        before = unquote_to_bytes(wire.raw_path)
        wire = wire._replace(raw_path=_flip(wire.raw_path, at, by))
        if unquote_to_bytes(wire.raw_path) == before:
            return  # %bC is %BC: the same path (RFC 3986, 6.2.2.1)
        if wire.raw_path in ("/.", "//") or "/./" in wire.raw_path or "//" in wire.raw_path:
            return  # resolved before signing: callers route by canonical.normalized_path
    elif what == "query":
        wire = wire._replace(raw_query=_flip(wire.raw_query, at, by))
    elif what == "header":
        headers[name] = _flip(headers[name], at // 7, by)
    elif what == "drop":
        del headers[name]
    elif what == "secret":
        secret = _flip(secret, at, by)
    elif wire.headers.get("x-amz-content-sha256") or wire.family == "json":
        wire = wire._replace(body=wire.body + bytes([by]))
    else:
        return
    wire = wire._replace(headers=headers)
    try:
        credential = sigv4.scope_of(headers, wire.raw_query, wire.family)
        if credential is None or credential.access_key_id != KEY:
            return  # another key has another secret
        wire.verify(secret, now=now, region=None, services=None)
    except Fault:
        return
    raise AssertionError(f"believed a changed {what}: {wire}")

# ruff: noqa: E501 - a table reads best with one case a line
from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.auth.signature import sigv4
from freehold.auth.signature.canonical import normalized_path
from freehold.auth.signature.presign import Outgoing, Signer, presign, sign
from freehold.auth.signature.signing_keys import SigningKeys, signing_key
from freehold.base.errors import Fault, Invalid, Unauthenticated

NOW = 1_763_900_000.0  # 2025-11-23T12:13:20Z
SECRET = "s" * 40
ME = Signer("AKIDEXAMPLE", SECRET, None, "us-east-1", "sagemaker")
S3 = ME._replace(service="s3")
BODY = b'{"MaxResults": 1}'
DIGEST = sha256(BODY).hexdigest()
HEADERS = {"host": "127.0.0.1:7070", "x-amz-target": "SageMaker.ListApps"}


def ask(
    signer: Signer = ME,
    *,
    family: sigv4.Family = "json",
    at: float = NOW,
    now: float = NOW,
    changes: dict[str, str | None] | None = None,
    body: bytes | None = BODY,
    region: str | None = "us-east-1",
    services: tuple[str, ...] | None = ("sagemaker",),
    secret: str = SECRET,
    keys: SigningKeys | None = None,
    payload: str = DIGEST,
) -> None:
    """Sign as ``signer``, change headers (None drops one), verify."""
    request = Outgoing("POST", "/", "", HEADERS, payload)
    headers: dict[str, str] = {**HEADERS, **sign(request, signer, at)}
    for name, value in (changes or {}).items():
        headers.pop(name, None)
        if value is not None:
            headers[name] = value
    credential = sigv4.scope_of(headers, "", family)
    assert credential is not None
    digest = None if body is None else sha256(body).hexdigest()
    sigv4.verify(
        "POST", "/", "", headers, digest, credential, secret, now, region, services, keys=keys
    )


def code(**options: Any) -> tuple[str | None, str]:
    with pytest.raises(Fault) as caught:
        ask(**options)
    return caught.value.code, caught.value.message


def s3(**options: Any) -> dict[str, Any]:
    return {"signer": S3, "family": "s3", "services": ("s3",), **options}


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("body", {"body": b"x"}, "InvalidSignatureException", "signature we calculated"),
    ("secret", {"secret": "t" * 40}, "InvalidSignatureException", "signature we calculated"),
    ("late", {"now": NOW + 901}, "InvalidSignatureException", "Signature expired: 20251123T121320Z is now earlier than 20251123T121321Z (20251123T122821Z - 15 min.)"),
    ("early", {"now": NOW - 901}, "InvalidSignatureException", "Signature not yet current: 20251123T121320Z is still later than 20251123T121319Z (20251123T115819Z + 15 min.)"),
    ("region", {"region": "eu-west-1"}, "InvalidSignatureException", "Credential should be scoped to a valid region, not 'us-east-1'."),
    ("service", {"services": ("iam",)}, "InvalidSignatureException", "Credential should be scoped to correct service: 'iam'."),
    ("unsigned x-amz", {"changes": {"x-amz-foo": "1"}}, "InvalidSignatureException", "'x-amz-foo' must be a 'SignedHeader'"),
    ("unhashed body", {"body": None}, "InvalidSignatureException", "signature we calculated"),
    ("lost header", {"changes": {"x-amz-target": None}}, "InvalidSignatureException", "signature we calculated"),
    ("no date", {"changes": {"x-amz-date": None}}, "IncompleteSignatureException", "'X-Amz-Date'"),
    ("bad date", {"changes": {"x-amz-date": "2025-11-23"}}, "IncompleteSignatureException", "ISO-8601"),
    ("other day", {"changes": {"x-amz-date": "20251122T235959Z"}}, "InvalidSignatureException", "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20251123' != '20251122', from '20251122T235959Z'."),
    ("unsigned payload", {"payload": "UNSIGNED-PAYLOAD"}, "InvalidSignatureException", "signature we calculated"),
    ("line break", {"changes": {"x-amz-target": "a\nx-amz-date:b"}}, "InvalidSignatureException", "signature we calculated"),
    ("not latin-1", {"changes": {"x-amz-target": "ሴ"}}, "InvalidSignatureException", "signature we calculated"),
    ("query late", {"family": "query", "now": NOW + 901}, "SignatureDoesNotMatch", "Signature expired"),
    ("query scope", {"family": "query", "region": "x"}, "SignatureDoesNotMatch", "valid region"),
    ("ec2 secret", {"family": "ec2", "secret": "t"}, "AuthFailure", "not able to validate"),
    ("ec2 late", {"family": "ec2", "now": NOW + 901}, "RequestExpired", "Request has expired."),
    ("s3 secret", s3(secret="t"), "SignatureDoesNotMatch", "Check your key and signing method."),
    ("s3 late", s3(now=NOW + 901), "RequestTimeTooSkewed", "too large"),
    ("s3 region", s3(region="eu-west-1"), "AuthorizationHeaderMalformed", "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'"),
    ("s3 service", s3(signer=ME, changes={"x-amz-content-sha256": DIGEST}), "AuthorizationHeaderMalformed", 'incorrect service "sagemaker". This endpoint belongs to "s3".'),
    ("s3 body", s3(body=b"x"), "XAmzContentSHA256Mismatch", "does not match what was computed"),
    ("s3 no hash", s3(changes={"x-amz-content-sha256": None}), "InvalidRequest", "Missing required header"),
    ("s3 odd hash", s3(changes={"x-amz-content-sha256": "odd"}), "InvalidArgument", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
    ("s3 unsigned x-amz", s3(changes={"x-amz-acl": "public-read"}), "AccessDenied", "not signed"),
    ("s3 no date", s3(changes={"x-amz-date": None}), "AccessDenied", "valid Date"),
    ("s3 other day", s3(changes={"x-amz-date": "20251122T000000Z"}), "AuthorizationHeaderMalformed", 'Invalid credential date "20251123". This date is not the same as X-Amz-Date: "20251122".'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "wanted", "words"), [c[1:] for c in WRONG], ids=[c[0] for c in WRONG]
)
def test_a_wrong_request_is_refused_in_aws_s_words(
    options: dict[str, Any], wanted: str, words: str
) -> None:
    got, message = code(**options)
    assert (got, words in message) == (wanted, True), message


@pytest.mark.parametrize("now", [NOW - 900, NOW, NOW + 900])
def test_a_quarter_of_an_hour_either_way_is_forgiven(now: float) -> None:
    ask(now=now)


def test_any_region_and_service_will_do_where_none_is_expected() -> None:
    ask(ME._replace(region="x", service="y"), region=None, services=None)


def test_a_literal_hash_of_a_streaming_body_is_left_to_the_gateway() -> None:
    ask(**s3(body=None))


TAIL = "SignedHeaders=host, Signature=" + "0" * 64
CREDENTIAL = "Credential=A/20251123/us-east-1/sagemaker/aws4_request"
UNREADABLE = [
    ("json", "Bearer x", "IncompleteSignatureException", "Unsupported AWS 'algorithm': 'Bearer'."),
    ("json", "", "IncompleteSignatureException", "Unsupported"),
    ("json", "AWS4-HMAC-SHA256", "IncompleteSignatureException", "missing equal-sign"),
    ("json", f"AWS4-HMAC-SHA256 {TAIL}", "IncompleteSignatureException", "'Credential' parameter"),
    ("json", f"AWS4-HMAC-SHA256 {CREDENTIAL}", "IncompleteSignatureException", "'Signature' param"),
    ("json", f"AWS4-HMAC-SHA256 {CREDENTIAL}, {TAIL}, {TAIL}", "IncompleteSignatureException", ""),
    ("json", f"AWS4-HMAC-SHA256 Credential=A/b/c, {TAIL}", "IncompleteSignatureException", "exactly 5 slash-delimited"),
    ("json", f"AWS4-HMAC-SHA256 Credential=A/b/c/d/aws5, {TAIL}", "InvalidSignatureException", "valid terminator: 'aws4_request', not 'aws5'"),
    ("json", f"AWS4-HMAC-SHA256 {CREDENTIAL}, {TAIL[:-1]}g", "InvalidSignatureException", "signature we calculated"),
    ("query", f"AWS4-HMAC-SHA256 {TAIL}", "IncompleteSignature", "'Credential' parameter"),
    ("s3", "AWS AKID:sig", "InvalidRequest", "Please use AWS4-HMAC-SHA256."),
    ("s3", f"AWS4-HMAC-SHA256 {TAIL}", "AuthorizationHeaderMalformed", "three components"),
    ("s3", f"AWS4-HMAC-SHA256 Credential=A/b, {TAIL}", "AuthorizationHeaderMalformed", "mal-formed"),
    ("json", "AWS4-HMAC-SHA256 " + "x" * 10_000, "IncompleteSignatureException", ""),
]  # fmt: skip


@pytest.mark.parametrize(("family", "header", "wanted", "words"), UNREADABLE)
def test_an_unreadable_header_is_refused(
    family: sigv4.Family, header: str, wanted: str, words: str
) -> None:
    with pytest.raises(Fault) as caught:
        sigv4.scope_of({"authorization": header, "host": "h"}, "", family)
    assert caught.value.code == wanted
    assert words in caught.value.message


@pytest.mark.parametrize("query", ["", "a=1", "X-Amz-Meta-x=1", "list-type=2&prefix=X-Amz-"])
def test_what_bears_no_signature_makes_no_claim(query: str) -> None:
    assert sigv4.scope_of({"host": "h"}, query) is None


def test_the_parts_of_a_header_may_stand_in_any_order() -> None:
    header = f"AWS4-HMAC-SHA256 {TAIL},  {CREDENTIAL}"
    credential = sigv4.scope_of({"authorization": header, "x-amz-date": "d"}, "")
    usual = sigv4.scope_of(
        {"authorization": f"AWS4-HMAC-SHA256 {CREDENTIAL}, {TAIL}", "x-amz-date": "d"}, ""
    )
    assert credential == usual
    assert credential is not None
    assert credential.access_key_id == "A"
    assert credential.scope == "20251123/us-east-1/sagemaker/aws4_request"


GET = Outgoing("GET", "/bucket/a%20key", "versionId=3", {"host": "h"})


def believe(query: str, now: float = NOW, family: sigv4.Family = "s3", **headers: str) -> None:
    seen = {"host": "h", **headers}
    credential = sigv4.scope_of(seen, query, family)
    assert credential is not None
    assert credential.is_presigned
    digest = sha256(b"").hexdigest()
    service = "s3" if family == "s3" else "sts"
    sigv4.verify(
        "GET", GET.raw_path, query, seen, digest, credential, SECRET, now, "us-east-1", [service]
    )


@pytest.mark.parametrize("token", [None, "to/ken+="])
def test_our_presigned_urls_are_believed(token: str | None) -> None:
    believe(presign(GET, S3._replace(token=token), NOW, 60), NOW + 60)
    believe(presign(GET, ME._replace(service="sts", token=token), NOW, 60), NOW + 60, "json")


PRESIGNED = presign(GET, S3, NOW, 60)
BAD_PRESIGNED = [
    ("late", PRESIGNED, NOW + 61, "AccessDenied", "Request has expired"),
    ("early", PRESIGNED, NOW - 901, "AccessDenied", "Request is not valid yet"),
    ("no expiry", PRESIGNED.replace("&X-Amz-Expires=60", ""), NOW, "AuthorizationQueryParametersError", "X-Amz-Expires"),
    ("zero", PRESIGNED.replace("Expires=60", "Expires=0"), NOW, "AuthorizationQueryParametersError", "at least 1"),
    ("negative", PRESIGNED.replace("Expires=60", "Expires=-5"), NOW, "AuthorizationQueryParametersError", "non-negative"),
    ("words", PRESIGNED.replace("Expires=60", "Expires=x"), NOW, "AuthorizationQueryParametersError", "a number"),
    ("too long", PRESIGNED.replace("Expires=60", "Expires=604801"), NOW, "AuthorizationQueryParametersError", "less than a week"),
    ("longer", PRESIGNED.replace("Expires=60", "Expires=600"), NOW, "SignatureDoesNotMatch", ""),
    ("twice", PRESIGNED + "&X-Amz-Signature=" + "0" * 64, NOW, "AuthorizationQueryParametersError", "more than once"),
    ("other algorithm", PRESIGNED.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA"), NOW, "AuthorizationQueryParametersError", "only supports"),
    ("more", PRESIGNED + "&response-content-type=text%2Fhtml", NOW, "SignatureDoesNotMatch", ""),
    ("bad date", PRESIGNED.replace("X-Amz-Date=20", "X-Amz-Date=xx"), NOW, "AuthorizationQueryParametersError", "ISO8601"),
    ("no signature", PRESIGNED.partition("&X-Amz-Signature")[0], NOW, "AuthorizationQueryParametersError", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "now", "wanted", "words"),
    [c[1:] for c in BAD_PRESIGNED],
    ids=[c[0] for c in BAD_PRESIGNED],
)
def test_a_wrong_presigned_url_is_refused(query: str, now: float, wanted: str, words: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        believe(query, now)
    assert caught.value.code == wanted
    assert words in caught.value.message


def test_a_presigned_url_takes_no_further_amz_headers() -> None:
    with pytest.raises(Unauthenticated, match="not signed"):
        believe(PRESIGNED, **{"x-amz-acl": "public-read"})


def test_two_signatures_at_once_are_refused() -> None:
    with pytest.raises(Invalid) as caught:
        sigv4.scope_of({"authorization": f"AWS4-HMAC-SHA256 {TAIL}"}, PRESIGNED, "s3")
    assert caught.value.code == "InvalidArgument"


def test_keys_are_kept_after_a_true_signature_only() -> None:
    keys = SigningKeys()
    code(secret="t" * 40, keys=keys)
    assert len(keys) == 0
    ask(keys=keys)
    ask(keys=keys)
    assert len(keys) == 1


def test_a_rotated_secret_is_never_served_the_old_key() -> None:
    keys = SigningKeys()
    ask(keys=keys)
    assert code(secret="t" * 40, keys=keys)[0] == "InvalidSignatureException"
    ask(ME._replace(secret="t" * 40), secret="t" * 40, keys=keys)
    assert code(keys=keys, signer=ME, secret="t" * 40)[0] == "InvalidSignatureException"


def test_the_memory_of_keys_is_bounded() -> None:
    keys = SigningKeys(capacity=2)
    for n in range(5):
        ask(ME._replace(access_key_id=f"AKID{n}"), keys=keys)
    assert len(keys) == 2


def test_the_key_of_the_chunk_decoder_is_the_one_that_signed() -> None:
    keys = SigningKeys()
    headers = {**HEADERS, **sign(Outgoing("POST", "/", "", HEADERS), S3, NOW)}
    credential = sigv4.scope_of(headers, "", "s3")
    assert credential is not None
    key = signing_key(SECRET, credential.date, "us-east-1", "s3")
    assert keys.key(credential, SECRET) == key


@given(path=st.text(st.sampled_from("/.ab%"), max_size=12))
def test_a_normalized_path_stays_as_it_is(path: str) -> None:
    once = normalized_path(path)
    assert normalized_path(once) == once
    assert once.startswith("/")
    assert not {"", ".", ".."} & set(once.strip("/").split("/")) or once == "/"


@given(
    headers=st.dictionaries(
        st.sampled_from(["authorization", "x-amz-date", "date", "host", "x-amz-security-token"]),
        st.text(max_size=80) | st.just(f"AWS4-HMAC-SHA256 {CREDENTIAL}, {TAIL}"),
    ),
    query=st.text(max_size=80) | st.text(max_size=20).map(lambda text: PRESIGNED + text),
    path=st.text(max_size=20),
    family=st.sampled_from(["json", "query", "ec2", "s3"]),
)
def test_noise_is_refused_and_never_breaks_anything(
    headers: dict[str, str], query: str, path: str, family: sigv4.Family
) -> None:
    credential = None
    with suppress(Fault):
        credential = sigv4.scope_of(headers, query, family)
    if credential is not None:
        with pytest.raises(Fault) as caught:
            sigv4.verify("GET", path, query, headers, DIGEST, credential, "x", NOW, None, None)
        assert caught.value.code

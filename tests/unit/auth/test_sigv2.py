"""S3's older presigned URLs: what botocore makes is believed, and nothing that differs."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import HmacV1QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from freehold.auth.signature import sigv2
from freehold.auth.signature.credential import Credential
from freehold.base.errors import Unauthenticated

KEY, SECRET = "AKIAEXAMPLE", "secret/key+of=someone"
EXPIRES = 1_800_000_000


class Signer(HmacV1QueryAuth):
    """botocore's, with a clock that stands still."""

    def _get_date(self) -> str:
        return str(EXPIRES)


def presigned(url: str, method: str = "GET", token: str | None = None, **headers: str) -> str:
    request = AWSRequest(method, url, headers={k.replace("_", "-"): v for k, v in headers.items()})
    Signer(Credentials(KEY, SECRET, token)).add_auth(request)
    return str(request.url)


def claimed(url: str) -> Credential:
    found = sigv2.claim(urlsplit(url).query)
    assert found is not None
    return found


def believe(url: str, method: str = "GET", now: float = EXPIRES, **headers: str) -> None:
    parts = urlsplit(url)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sigv2.verify(method, parts.path, parts.query, sent, claimed(url), SECRET, now)


URLS = [
    "http://h/bucket/key",
    "http://h/bucket/a%20b/%C3%BC",
    "http://h/bucket/key?partNumber=3&uploadId=x%2Fy",
    "http://h/bucket/key?response-content-disposition=attachment%3B%20filename%3D%22x%22",
    "http://h/bucket?uploads",
    "http://h/bucket?prefix=not%20signed&list-type=2",
]


@pytest.mark.parametrize("url", URLS)
def test_what_botocore_signs_is_believed(url: str) -> None:
    believe(presigned(url))


@pytest.mark.parametrize(
    ("path", "is_believed"), [("/bucket/", True), ("/bucket", True), ("/buckets/", False)]
)
def test_a_bucket_alone_may_be_signed_with_a_slash(path: str, is_believed: bool) -> None:
    request = AWSRequest("GET", "http://h/bucket?versions", auth_path=path)
    Signer(Credentials(KEY, SECRET)).add_auth(request)
    if is_believed:
        believe(str(request.url))
        return
    with pytest.raises(Unauthenticated):
        believe(str(request.url))


def test_the_key_and_the_token_are_claimed() -> None:
    url = presigned(URLS[0], token="a+token/with=signs")
    found = claimed(url)
    assert (found.access_key_id, found.token) == (KEY, "a+token/with=signs")
    assert found.is_presigned
    assert sigv2.is_mine(found)
    believe(url)


def test_headers_may_stand_in_the_url_or_be_sent() -> None:
    url = presigned(URLS[0], "PUT", content_type="text/plain", x_amz_meta_color="blue")
    believe(url, "PUT")
    believe(url, "PUT", content_type="text/plain", x_amz_meta_color="blue")
    for sent in ({"content_type": "text/html"}, {"x_amz_meta_color": "red"}, {"x_amz_acl": "x"}):
        with pytest.raises(Unauthenticated) as caught:
            believe(url, "PUT", **sent)
        assert caught.value.code == "SignatureDoesNotMatch"


ALTERED = [
    ("/key", "/kez"),
    ("partNumber=3", "partNumber=4"),
    (f"Expires={EXPIRES}", f"Expires={EXPIRES + 9}"),
    ("Signature=", "Signature=A"),
]


@pytest.mark.parametrize(("old", "new"), ALTERED)
def test_an_altered_url_is_refused(old: str, new: str) -> None:
    url = presigned(URLS[2])
    assert old in url
    with pytest.raises(Unauthenticated) as caught:
        believe(url.replace(old, new))
    assert caught.value.code == "SignatureDoesNotMatch"


def test_another_method_or_an_added_part_is_refused() -> None:
    url = presigned(URLS[0])
    for method, more in (("PUT", ""), ("GET", "&uploads"), ("GET", "&versionId=null")):
        with pytest.raises(Unauthenticated):
            believe(url + more, method)


def test_it_ends_when_it_says() -> None:
    url = presigned(URLS[0])
    with pytest.raises(Unauthenticated, match="expired"):
        believe(url, now=EXPIRES + 1)
    with pytest.raises(Unauthenticated, match="Invalid date"):
        believe(url.replace(f"Expires={EXPIRES}", "Expires=soon"))


@pytest.mark.parametrize(
    "query", ["AWSAccessKeyId=x", "AWSAccessKeyId=x&Signature=y", "AWSAccessKeyId=x&Expires=1"]
)
def test_half_a_claim_is_refused(query: str) -> None:
    with pytest.raises(Unauthenticated, match="requires"):
        sigv2.claim(query)


@pytest.mark.parametrize(
    "query",
    ["", "prefix=x", "X-Amz-Signature=1", f"AWSAccessKeyId={quote(KEY)}&SignatureVersion=2"],
)
def test_what_is_no_claim_of_this_kind_is_passed_over(query: str) -> None:
    assert sigv2.claim(query) is None

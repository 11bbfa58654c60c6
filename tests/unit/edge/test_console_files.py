from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest
from tests.support.inprocess import Aws, answer

from freehold.compose import House
from freehold.edge.console import door
from freehold.edge.console.files import Files


@pytest.fixture(autouse=True)
def console(house: House) -> None:
    door.join(house.api, house.kernel)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    place = tmp_path / "built"
    (place / "assets").mkdir(parents=True)
    (place / "index.html").write_text("<html><head></head><body></body></html>")
    (place / "assets" / "a-1.js").write_text("let a")
    (place / "assets" / "a-1.js.br").write_bytes(b"br")
    (place / "assets" / "a-1.js.gz").write_bytes(b"gz")
    return place


def get(aws: Aws, path: str, method: str = "GET", **headers: str) -> Any:
    request = AWSRequest(
        method,
        f"http://127.0.0.1:7070{path}",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    return answer(aws.app, aws.loop, request.prepare())


def test_a_deep_link_gives_the_page(built: Path) -> None:
    files = Files(built, {"freehold-region": 'eu-west-1">'})
    for path in ("", "domains", "domains/d-1", "domains/a.b"):
        file = files.answer(path, b"br")
        assert file.status == 200
        assert dict(file.headers)[b"cache-control"] == b"no-cache"
        assert b'<meta name="freehold-region" content="eu-west-1&quot;&gt;">' in file.body


def test_a_build_under_a_running_server_is_found(built: Path) -> None:
    files = Files(built)
    assert files.answer("domains", b"").status == 200
    for old in (built / "assets").iterdir():
        old.unlink()
    (built / "index.html").unlink()
    assert files.answer("assets/a-1.js", b"").status == 503
    (built / "index.html").write_text("<html><head></head><body>new</body></html>")
    assert files.answer("assets/a-1.js", b"").status == 404
    assert b"new" in files.answer("domains", b"").body


def test_an_asset_is_kept_for_ever_and_comes_compressed(built: Path) -> None:
    files = Files(built)
    for accepted, body, encoding in (
        (b"gzip, deflate, br", b"br", b"br"),
        (b"gzip;q=1.0", b"gz", b"gzip"),
        (b"identity", b"let a", None),
    ):
        file = files.answer("assets/a-1.js", accepted)
        headers = dict(file.headers)
        assert (file.body, headers.get(b"content-encoding")) == (body, encoding)
        assert b"immutable" in headers[b"cache-control"]
        assert headers[b"content-type"].startswith(b"text/javascript")


@pytest.mark.parametrize("path", ["assets/b-2.js", "assets/", "assets/../../files.py", "x.js"])
def test_an_unknown_asset_is_not_the_page(built: Path, path: str) -> None:
    assert Files(built).answer(path, b"").status == 404


def test_an_install_without_the_console_says_so(tmp_path: Path) -> None:
    file = Files(tmp_path / "none").answer("", b"")
    assert file.status == 503
    assert b"make console" in file.body


def test_the_page_is_guarded(aws: Aws) -> None:
    headers = get(aws, "/console/domains").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "worker-src 'none'" in policy  # S3's objects have this origin too
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_no_answer_of_the_api_acts_as_the_consoles_origin(aws: Aws) -> None:
    listed = aws.client("iam").list_users()["ResponseMetadata"]["HTTPHeaders"]
    refused = get(aws, "/bucket/%3Chtml%3E").headers  # nobody signed: not yet S3's own door
    for headers in (listed, refused):
        assert headers["content-security-policy"] == "sandbox"
        assert headers["x-content-type-options"] == "nosniff"


def test_only_a_browser_is_led_to_the_console(aws: Aws) -> None:
    reply = get(aws, "/", accept="text/html,*/*")
    assert (reply.status_code, reply.headers["location"]) == (302, "/console/")
    assert get(aws, "/console", accept="*/*").status_code == 302
    assert get(aws, "/", accept="*/*").status_code == 403
    assert aws.client("s3").list_buckets()["Buckets"] == []


def test_a_path_like_ours_is_still_s3s(aws: Aws) -> None:
    s3 = aws.client("s3")
    for name in ("consoles", "my-bucket"):
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key="console/x", Body=b"mine")
    assert s3.get_object(Bucket="my-bucket", Key="console/x")["Body"].read() == b"mine"
    hosted = get(aws, "/console/x", host="my-bucket.s3.us-east-1.amazonaws.com")
    assert hosted.status_code == 403  # S3's own answer to who did not sign
    assert b"AccessDenied" in hosted.content


def test_what_the_page_cannot_take_is_refused(aws: Aws) -> None:
    assert get(aws, "/console/domains", "POST").status_code == 405
    assert get(aws, "/console/domains", "HEAD").content == b""

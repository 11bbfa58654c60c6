"""S3 as unmodified clients use it: boto3 and the AWS CLI against a server process, http and TLS."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import os
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from tests.support.server import RunningServer, clean_environment

from freehold.auth.signature.signing_keys import signing_key
from freehold.host import runtimes

pytestmark = pytest.mark.e2e

MIB = 1 << 20
B = "the-bucket"


class S3Server(RunningServer):
    """A server, and clients of its S3 by http and by TLS."""

    def s3(self, *, tls: bool = False, **config: Any) -> Any:
        """A boto3 client of the account root."""
        made = self.environment()
        return boto3.client(
            "s3",
            endpoint_url=self.tls_url if tls else self.url,
            aws_access_key_id=made["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=made["AWS_SECRET_ACCESS_KEY"],
            region_name="us-east-1",
            verify=made["AWS_CA_BUNDLE"] if tls else None,
            config=Config(
                s3={"addressing_style": "path"}, retries={"max_attempts": 0}, proxies={}, **config
            ),
        )

    @property
    def tls_url(self) -> str:
        """Where it speaks TLS."""
        return f"https://localhost:{self.facts()['tls_port']}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    place = tmp_path_factory.mktemp("s3")
    running = S3Server(place / "state", place / "log")
    running.start()
    running.s3().create_bucket(Bucket=B)
    yield running
    assert running.stop() == 0
    assert "Traceback" not in running.log.read_text(), running.log.read_text()


def written(path: Path, size: int) -> str:
    """A file of ``size`` random bytes; their SHA-256."""
    whole = hashlib.sha256()
    with path.open("wb") as file:
        for start_at in range(0, size, MIB):
            data = os.urandom(min(MIB, size - start_at))
            whole.update(data)
            file.write(data)
    return whole.hexdigest()


def summed(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# -- boto3 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("size", [0, 1, 100_000, 8 * MIB - 1, 40 * MIB + 17])
def test_a_file_goes_up_and_comes_down(
    server: S3Server, tmp_path: Path, tls: bool, size: int
) -> None:
    client = server.s3(tls=tls)
    digest = written(tmp_path / "up", size)
    key = f"files/{tls}/{size}"
    client.upload_file(str(tmp_path / "up"), B, key)
    client.download_file(B, key, str(tmp_path / "down"))
    assert summed(tmp_path / "down") == digest
    assert client.head_object(Bucket=B, Key=key)["ContentLength"] == size


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_a_streamed_body_carries_its_checksum(
    server: S3Server, tmp_path: Path, tls: bool, algorithm: str
) -> None:
    client = server.s3(tls=tls)
    written(tmp_path / "up", 300_000)
    with (tmp_path / "up").open("rb") as body:
        made = client.put_object(Bucket=B, Key="summed", Body=body, ChecksumAlgorithm=algorithm)
    found = client.get_object(Bucket=B, Key="summed", ChecksumMode="ENABLED")
    assert found["Body"].read() == (tmp_path / "up").read_bytes()
    assert found[f"Checksum{algorithm}"] == made[f"Checksum{algorithm}"]


def test_ten_parts_at_once_over_tls(server: S3Server, tmp_path: Path) -> None:
    client = server.s3(tls=True, max_pool_connections=10)
    digest = written(tmp_path / "up", 96 * MIB)
    config = TransferConfig(max_concurrency=10, multipart_chunksize=8 * MIB)
    client.upload_file(str(tmp_path / "up"), B, "many-parts", Config=config)
    client.download_file(B, "many-parts", str(tmp_path / "down"), Config=config)
    assert summed(tmp_path / "down") == digest


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_presigned_urls_get_and_put(server: S3Server, tls: bool, version: str) -> None:
    """``s3`` is what boto3 does by itself in us-east-1; curl calls every upload a form."""
    client = server.s3(tls=tls, signature_version=version)
    form = "application/x-www-form-urlencoded"
    said = {"Content-Type": form if version == "s3v4" else ""}
    context = ssl.create_default_context(cafile=server.environment()["AWS_CA_BUNDLE"])
    put = client.generate_presigned_url("put_object", Params={"Bucket": B, "Key": "signed ü"})
    request = urllib.request.Request(put, data=b"presigned", method="PUT", headers=said)
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    assert opener.open(request).status == 200
    get = client.generate_presigned_url(
        "get_object",
        Params={"Bucket": B, "Key": "signed ü", "ResponseContentType": "text/plain"},
    )
    with opener.open(get) as answer:
        assert answer.read() == b"presigned"
        assert answer.headers["Content-Type"] == "text/plain"
        assert answer.headers["Content-Security-Policy"] == "sandbox"
    program = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "script"}  # as the console's own
    with pytest.raises(urllib.error.HTTPError) as caught:
        opener.open(urllib.request.Request(get, headers=program))
    assert b"AccessDenied" in caught.value.read()
    caught.value.close()
    with pytest.raises(urllib.error.HTTPError) as caught:
        opener.open(get.replace("signed", "other"))
    assert caught.value.code == 403
    caught.value.close()


def signed_chunks(server: S3Server, key: str, chunks: list[bytes]) -> urllib.request.Request:
    """An upload as Java's and Go's clients stream it over http: each chunk signed."""
    made = server.environment()
    keys = Credentials(made["AWS_ACCESS_KEY_ID"], made["AWS_SECRET_ACCESS_KEY"])
    request = AWSRequest("PUT", f"{server.url}/{B}/{key}")
    form = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    request.headers["X-Amz-Content-SHA256"] = form
    request.headers["X-Amz-Decoded-Content-Length"] = str(sum(map(len, chunks)))
    request.headers["Content-Encoding"] = "aws-chunked"
    signer = S3SigV4Auth(keys, "s3", "us-east-1")
    signer.payload = lambda _request: form  # type: ignore[method-assign]
    signer.add_auth(request)
    date = request.context["timestamp"]
    scope = f"{date[:8]}/us-east-1/s3/aws4_request"
    seed = request.headers["Authorization"].rpartition("=")[2]
    body, key_bytes = b"", signing_key(keys.secret_key, date[:8], "us-east-1", "s3")
    for chunk in [*chunks, b""]:
        sums = [hashlib.sha256(b"").hexdigest(), hashlib.sha256(chunk).hexdigest()]
        text = "\n".join(["AWS4-HMAC-SHA256-PAYLOAD", date, scope, seed, *sums])
        seed = hmac.digest(key_bytes, text.encode(), "sha256").hex()
        body += b"%x;chunk-signature=%s\r\n%s\r\n" % (len(chunk), seed.encode(), chunk)
    return urllib.request.Request(
        request.url, data=body, method="PUT", headers=dict(request.headers.items())
    )


def test_chunks_that_are_signed_one_by_one(server: S3Server) -> None:
    chunks = [os.urandom(64 * 1024) for _ in range(20)] + [b"tail"]
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    assert opener.open(signed_chunks(server, "chunked", chunks)).status == 200
    found = server.s3().get_object(Bucket=B, Key="chunked")
    assert found["Body"].read() == b"".join(chunks)
    assert "ContentEncoding" not in found
    altered = signed_chunks(server, "altered", chunks)
    assert isinstance(altered.data, bytes)
    altered.data = altered.data[:-200] + b"x" + altered.data[-199:]
    with pytest.raises(urllib.error.HTTPError) as caught:
        opener.open(altered)
    assert b"SignatureDoesNotMatch" in caught.value.read()
    caught.value.close()
    with pytest.raises(ClientError, match="404"):
        server.s3().head_object(Bucket=B, Key="altered")


def test_a_bucket_may_be_named_by_the_host_through_the_proxy(server: S3Server) -> None:
    made = server.environment()
    proxy = {"https": made["HTTPS_PROXY"]}
    client = boto3.client(
        "s3",
        aws_access_key_id=made["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=made["AWS_SECRET_ACCESS_KEY"],
        region_name="us-east-1",
        verify=made["AWS_CA_BUNDLE"],
        config=Config(s3={"addressing_style": "virtual"}, proxies=proxy),
    )
    assert client.meta.endpoint_url == "https://s3.amazonaws.com"
    client.put_object(Bucket=B, Key="by/host ü", Body=b"hosted")
    assert client.get_object(Bucket=B, Key="by/host ü")["Body"].read() == b"hosted"
    listed = client.list_objects_v2(Bucket=B, Prefix="by/")
    assert [one["Key"] for one in listed["Contents"]] == ["by/host ü"]
    assert server.s3().head_object(Bucket=B, Key="by/host ü")["ContentLength"] == 6


# -- what goes wrong ----------------------------------------------------------------------------


def head_of(server: S3Server, key: str, size: int) -> tuple[socket.socket, bytes]:
    """A connection, and the signed head of a PUT of ``size`` bytes that asks to be let go on."""
    keys = Credentials(
        server.environment()["AWS_ACCESS_KEY_ID"], server.environment()["AWS_SECRET_ACCESS_KEY"]
    )
    url = f"{server.url}/{B}/{key}"
    request = AWSRequest("PUT", url, headers={"Content-Length": str(size)})
    request.context["payload_signing_enabled"] = False
    request.headers["X-Amz-Content-SHA256"] = "UNSIGNED-PAYLOAD"
    S3SigV4Auth(keys, "s3", "us-east-1").add_auth(request)
    host, _, port = server.url.removeprefix("http://").partition(":")
    lines = [f"PUT /{B}/{key} HTTP/1.1", f"Host: {host}:{port}", "Expect: 100-continue"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    return socket.create_connection((host, int(port)), 10), "\r\n".join(
        lines
    ).encode() + b"\r\n\r\n"


def test_a_refused_body_is_never_asked_for(server: S3Server) -> None:
    server.s3().create_bucket(Bucket=B)
    connection, head = head_of(server, "x" * 1025, 5)
    with connection:
        connection.sendall(head)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status == 400
        assert b"KeyTooLongError" in answer.read()


def test_a_client_that_leaves_in_the_midst_leaves_nothing(server: S3Server) -> None:
    before = blobs(server)
    connection, head = head_of(server, "half", 4 * MIB)
    with connection:
        connection.sendall(head)
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        connection.sendall(b"x" * 2 * MIB)
    until(lambda: blobs(server) <= before)
    with pytest.raises(ClientError, match="404"):
        server.s3().head_object(Bucket=B, Key="half")


def blobs(server: S3Server) -> set[str]:
    return {path.name for path in (server.state / "objects").rglob("b-*")}


def until(holds: Any, seconds: float = 15) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.05)


def test_a_download_that_is_left_ends(server: S3Server, tmp_path: Path) -> None:
    client = server.s3()
    client.put_object(Bucket=B, Key="left", Body=bytes(32 * MIB))
    body = client.get_object(Bucket=B, Key="left")["Body"]
    assert body.read(10) == bytes(10)
    body.close()
    client.delete_object(Bucket=B, Key="left")
    # Held bytes would outlive the grace of the sweep.
    until(lambda: not any(big(path) for path in (server.state / "objects").rglob("b-*")), 30)


def big(path: Path) -> bool:
    try:
        return path.stat().st_size == 32 * MIB
    except FileNotFoundError:
        return False


def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path) -> None:
    running = S3Server(tmp_path / "state", tmp_path / "log")
    running.start()
    client = running.s3()
    client.create_bucket(Bucket=B)
    for number in range(50):
        client.put_object(Bucket=B, Key=f"k{number}", Body=b"%d" % number)
    running.kill()
    running.start()
    client = running.s3()
    assert client.list_objects_v2(Bucket=B)["KeyCount"] == 50
    for number in range(50):
        found = client.get_object(Bucket=B, Key=f"k{number}")["Body"].read()
        assert found == b"%d" % number
    running.stop()


# -- the AWS CLI --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cli(server: S3Server) -> Any:
    found = runtimes.find("jupyterlab")
    if found is None:
        pytest.skip("the runtime jupyterlab is not installed")
    program = Path(found.root) / "bin" / "aws"
    environment = clean_environment(**server.environment())

    def run(*words: str, tls: bool = False) -> str:
        more = ("--endpoint-url", server.tls_url) if tls else ()
        done = subprocess.run(
            [str(program), *more, *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    return run


@pytest.mark.parametrize("tls", [False, True])
def test_the_command_line_copies_syncs_lists_and_removes(
    cli: Any, tmp_path: Path, tls: bool
) -> None:
    bucket = f"s3://cli-{str(tls).lower()}"
    source, target = tmp_path / "from", tmp_path / "to"
    (source / "deep" / "er").mkdir(parents=True)
    sums = {
        name: written(source / name, size)
        for name, size in (("a.txt", 10), ("deep/b c.bin", 9 * MIB), ("deep/er/ü", 0))
    }
    cli("s3", "mb", bucket, tls=tls)
    cli("s3", "cp", str(source / "a.txt"), f"{bucket}/one", tls=tls)
    assert "one" in cli("s3", "ls", bucket, tls=tls)
    cli("s3", "cp", "--recursive", str(source), f"{bucket}/all/", tls=tls)
    assert "PRE deep/" in cli("s3", "ls", f"{bucket}/all/", tls=tls)
    cli("s3", "sync", f"{bucket}/all/", str(target), tls=tls)
    assert {name: summed(target / name) for name in sums} == sums
    assert cli("s3", "sync", f"{bucket}/all/", str(target), tls=tls) == ""
    cli("s3", "sync", f"{bucket}/all/", f"{bucket}/copy/", tls=tls)
    cli("s3", "cp", f"{bucket}/copy/deep/b c.bin", str(tmp_path / "back"), tls=tls)
    assert summed(tmp_path / "back") == sums["deep/b c.bin"]
    cli("s3", "mv", f"{bucket}/one", f"{bucket}/two", tls=tls)
    listed = cli("s3", "ls", "--recursive", "--summarize", bucket, tls=tls)
    assert "Total Objects: 7" in listed
    cli("s3", "rm", "--recursive", bucket, tls=tls)
    cli("s3", "rb", bucket, tls=tls)


def test_the_command_line_presigns(cli: Any, server: S3Server) -> None:
    server.s3().put_object(Bucket=B, Key="shown", Body=b"shown")
    url = cli("s3", "presign", f"s3://{B}/shown").strip()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url) as answer:
        assert answer.read() == b"shown"

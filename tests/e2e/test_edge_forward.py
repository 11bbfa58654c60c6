"""The forward proxy and the TLS listener, by real clients over real sockets."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import ssl
import subprocess
import threading
import urllib.request

import pytest
import urllib3
from botocore.session import Session
from tests.support.edge import RunningEdge

from freehold.edge.listen import tls

pytestmark = pytest.mark.e2e

STS = "sts.us-east-1.amazonaws.com"


@pytest.fixture(scope="module")
def edge(tmp_path_factory):
    edge = RunningEdge(tmp_path_factory.mktemp("state"))
    yield edge
    edge.stop()


@pytest.fixture
def trusting(edge):
    return ssl.create_default_context(cafile=str(edge.bundle))


def tunnelled(edge, trusting, host, method="GET", path="/", body=None):
    connection = http.client.HTTPSConnection(*edge.plain, context=trusting, timeout=10)
    connection.set_tunnel(host, 443)
    try:
        connection.request(method, path, body=body)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "host", [STS, "ours.s3.us-east-1.amazonaws.com", "d-1.studio.sagemaker.aws"]
)
def test_hosts_that_we_serve_are_answered_by_us(edge, trusting, host):
    status, body = tunnelled(edge, trusting, host, "POST", "/a%20b?x=1", b"x" * 300_000)
    said = json.loads(body)
    assert status == 200
    assert (said["host"], said["path"], said["query"]) == (host, "/a%20b", "x=1")
    assert (said["scheme"], said["body_bytes"]) == ("https", 300_000)


def test_the_sdks_telemetry_ends_here_at_once(edge, trusting):
    host = "sm-pysdk-t-eu-west-1.s3.eu-west-1.amazonaws.com"
    assert tunnelled(edge, trusting, host, path="/telemetry?x-sdkVersion=3") == (200, b"")


def test_urllib_and_urllib3_take_our_certificates(edge, trusting, monkeypatch):
    proxy = f"http://{edge.plain[0]}:{edge.plain[1]}"
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({"https": proxy}),
        urllib.request.HTTPSHandler(context=trusting),
    )
    with opener.open(f"https://{STS}/x") as reply:
        assert json.load(reply)["host"] == STS
    with urllib3.ProxyManager(proxy, ca_certs=str(edge.bundle)) as manager:
        assert manager.request("GET", f"https://{STS}/y").json()["path"] == "/y"


def test_botocore_reaches_us_through_the_proxy(edge, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://{edge.plain[0]}:{edge.plain[1]}")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(edge.bundle))
    for name in ("NO_PROXY", "no_proxy", "https_proxy", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    client = Session().create_client(
        "s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    try:
        # Over TLS: Expect: 100-continue, aws-chunked, trailing checksum.
        body = b"x" * (3 << 20)
        answer = client.put_object(Bucket="ours", Key="k", Body=body)
        said = json.loads(answer["ResponseMetadata"]["HTTPHeaders"]["x-said"])
        assert said["host"] == "ours.s3.amazonaws.com"
        assert said["body_bytes"] > len(body)
    finally:
        client.close()


def test_the_tls_listener_answers_for_each_name_we_may_speak_for(edge, trusting):
    for host in ("localhost", "127.0.0.1", "a.d-1.studio.localhost", STS):
        with (
            socket.create_connection(edge.tls, timeout=5) as raw,
            trusting.wrap_socket(raw, server_hostname=host) as secure,
        ):
            secure.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            assert secure.recv(100).startswith(b"HTTP/1.1 200")
    with socket.create_connection(edge.tls, timeout=5) as raw, pytest.raises(ssl.SSLError):
        trusting.wrap_socket(raw, server_hostname="example.com")


@pytest.fixture
def far(tmp_path):
    """A TLS server of somebody else, under a certificate that is not ours."""
    own = tls.authority(tmp_path)
    context = own.context("localhost")
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_echo_once, args=(listening, context))
    thread.start()
    yield (
        listening.getsockname()[1],
        ssl.create_default_context(cafile=str(tmp_path / "tls" / "ca.pem")),
    )
    thread.join(10)
    listening.close()


def _echo_once(listening, context):
    raw, _ = listening.accept()
    with context.wrap_socket(raw, server_side=True) as secure:
        while data := secure.recv(65536):
            secure.sendall(data)


def test_every_other_host_is_passed_through_untouched(edge, far):
    port, their_trust = far
    sent = bytes(range(256)) * 4096
    with socket.create_connection(edge.plain, timeout=10) as raw:
        raw.sendall(f"CONNECT localhost:{port} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
        assert raw.recv(1000) == b"HTTP/1.1 200 Connection established\r\n\r\n"
        # Their certificate arrives, not ours; and what they echo is what we sent.
        with their_trust.wrap_socket(raw, server_hostname="localhost") as secure:
            writer = threading.Thread(target=secure.sendall, args=(sent,))
            writer.start()
            got = b""
            while len(got) < len(sent):
                got += secure.recv(65536)
            writer.join(10)
    assert got == sent


def test_what_comes_right_behind_a_connect_is_not_lost(edge):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with socket.create_connection(edge.plain, timeout=5) as raw:
            for piece in (b"CON", f"NECT 127.0.0.1:{port} HTTP/1.1\r\n\r\nhel".encode(), b"lo"):
                raw.sendall(piece)
            far, _ = listening.accept()
            with far:
                got = b""
                while len(got) < 5:
                    got += far.recv(10)
                assert got == b"hello"
                raw.shutdown(socket.SHUT_WR)
                assert far.recv(10) == b""
                far.sendall(b"bye")
            head = b""
            while not head.endswith(b"bye"):
                head += raw.recv(100)
            assert raw.recv(10) == b""


def connect_by(sock, address, line):
    with socket.socket(sock) as raw:
        raw.settimeout(10)
        raw.connect(address)
        raw.sendall(line + b"\r\n\r\n")
        return raw.recv(1000).split(b"\r\n")[0]


def test_sandboxes_reach_what_we_serve_and_nothing_else(edge, trusting):
    path = str(edge.sandbox_socket)
    refused = connect_by(socket.AF_UNIX, path, b"CONNECT pypi.org:443 HTTP/1.1")
    assert (
        refused == b"HTTP/1.1 403 pypi.org cannot be reached from this sandbox: it has no way out"
    )
    for other in (b"127.0.0.1:22", b"sts.eu-west-1.amazonaws.com:443", STS.encode() + b":80"):
        assert connect_by(socket.AF_UNIX, path, b"CONNECT " + other + b" HTTP/1.1").startswith(
            b"HTTP/1.1 403 "
        )
    with socket.socket(socket.AF_UNIX) as raw:
        raw.settimeout(10)
        raw.connect(path)
        raw.sendall(f"CONNECT {STS}:443 HTTP/1.1\r\n\r\n".encode())
        assert raw.recv(1000).startswith(b"HTTP/1.1 200")
        with trusting.wrap_socket(raw, server_hostname=STS) as secure:
            secure.sendall(f"GET / HTTP/1.1\r\nHost: {STS}\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while piece := secure.recv(65536):
                answer += piece
    assert b'"listener": "sb-1"' in answer


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"CONNECT nowhere HTTP/1.1", b"400"),
        (b"CONNECT x:99999 HTTP/1.1", b"400"),
        (b"CONNECT 127.0.0.1:1 HTTP/1.1", b"502"),
        (b"CONNECT " + b"x" * 9000, b"400"),
        (b"CONNECT " + b"x" * 70 + b":443 HTTP/1.1", b"400"),
        (b"CONNECT \xff:443 HTTP/1.1", b"400"),
        (b"GET http://example.com/ HTTP/1.1\r\nHost: example.com", b"421"),
        (b"GET http://sts.us-east-1.amazonaws.com/ HTTP/1.1\r\nHost: evil", b"200"),
        (b"GET / HTTP/1.1\r\nx: " + b"y" * 70_000, b"431"),
        (b"nonsense", b"400"),
    ],
)
def test_odd_beginnings_get_one_clear_answer(edge, line, status):
    assert connect_by(socket.AF_INET, edge.plain, line).split(b" ")[1] == status


def test_a_tunnel_to_ourselves_is_refused(edge):
    line = f"CONNECT 127.0.0.1:{edge.plain[1]} HTTP/1.1".encode()
    assert connect_by(socket.AF_INET, edge.plain, line).startswith(b"HTTP/1.1 508 ")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")
def test_openssl_holds_our_authority_to_its_constraints(edge, tmp_path):
    outcomes = {}
    for host in (STS, "127.0.0.1", "example.com", "10.0.0.1"):
        (tmp_path / "leaf.pem").write_bytes(edge.authority.leaf(host))
        command = ["openssl", "verify", "-x509_strict", "-CAfile", edge.state / "tls" / "ca.pem"]
        done = subprocess.run([*command, tmp_path / "leaf.pem"], capture_output=True, check=False)
        outcomes[host] = done.returncode
    assert outcomes == {STS: 0, "127.0.0.1": 0, "example.com": 2, "10.0.0.1": 2}

"""Web identity over real sockets: an issuer on loopback, the real CLI, certificates and time."""

from __future__ import annotations

import hashlib
import json
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.e2e.test_spine import aws_command
from tests.support.issuer import DISCOVERY, serving
from tests.support.people import policy, trusting
from tests.support.server import RunningServer, clean_environment

from freehold.services.sts import fetch

pytestmark = pytest.mark.e2e
WEB = "sts:AssumeRoleWithWebIdentity"


def cli(*words: str, **variables: str) -> Any:
    """One call of the aws CLI that must succeed."""
    done = subprocess.run(
        [*aws_command(), *words, "--output", "json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=clean_environment(AWS_EC2_METADATA_DISABLED="true", **variables),
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


def test_the_cli_works_by_a_token_in_a_file(server: RunningServer, tmp_path: Path) -> None:
    env = server.environment()
    with serving("/realms/lob") as issuer:
        made = cli(
            *("iam", "create-open-id-connect-provider", "--url", issuer.url),
            *("--client-id-list", "freehold"),
            **env,
        )
        trust = trusting(
            {"Federated": made["OpenIDConnectProviderArn"]},
            WEB,
            Condition={"StringEquals": {f"{issuer.head}:sub": "ann"}},
        )
        role = cli(
            *("iam", "create-role", "--role-name", "web"),
            *("--assume-role-policy-document", trust),
            **env,
        )["Role"]["Arn"]
        listing = policy({"Effect": "Allow", "Action": "sagemaker:ListDomains", "Resource": "*"})
        cli(
            *("iam", "put-role-policy", "--role-name", "web", "--policy-name", "list"),
            *("--policy-document", listing),
            **env,
        )
        file = tmp_path / "token"
        file.write_text(issuer.token())
        mine = {k: v for k, v in env.items() if not k.startswith(("AWS_ACCESS", "AWS_SECRET"))}
        mine |= {
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(file),
            "AWS_ROLE_ARN": role,
            "AWS_ROLE_SESSION_NAME": "me",
        }
        assert cli("sts", "get-caller-identity", **mine)["Arn"].endswith(":assumed-role/web/me")
        assert cli("sagemaker", "list-domains", **mine) == {"Domains": []}
        assert [path.removeprefix("/realms/lob") for path in issuer.asked] == [DISCOVERY, "/keys"]


# -- certificates ---------------------------------------------------------------------------------


def certificate(name: str, signer: Any = None) -> tuple[Any, x509.Certificate]:
    """A key and its certificate: an authority's, or of host ``name`` signed by ``signer``."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if signer is None else signer[1].subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    )
    made = builder.sign(key if signer is None else signer[0], hashes.SHA256())
    return key, made


def context(tmp_path: Path, host: str) -> tuple[ssl.SSLContext, str]:
    """A server's context for ``host``, and the thumbprint of the authority that signed it."""
    authority = certificate("Corp CA")
    key, leaf = certificate(host, authority)
    pem = serialization.Encoding.PEM
    file = tmp_path / "chain.pem"
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + leaf.public_bytes(pem) + authority[1].public_bytes(pem))
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(file)
    der = authority[1].public_bytes(serialization.Encoding.DER)
    return made, hashlib.sha1(der).hexdigest()


def test_a_thumbprint_vouches_for_an_authority_that_nobody_knows(tmp_path: Path) -> None:
    tls, thumbprint = context(tmp_path, "localhost")
    with serving(tls=tls) as issuer:
        url = issuer.url + DISCOVERY
        with pytest.raises(fetch.Unreachable, match="certificate"):
            fetch.get(url)
        with pytest.raises(fetch.Unreachable, match="match a configured thumbprint"):
            fetch.get(url, ("a" * 40,))
        assert json.loads(fetch.get(url, ("a" * 40, thumbprint)))["issuer"] == issuer.url


def test_a_thumbprint_replaces_no_check_of_the_host_name(tmp_path: Path) -> None:
    tls, thumbprint = context(tmp_path, "else.example.com")
    with serving(tls=tls) as issuer, pytest.raises(fetch.Unreachable, match="Hostname mismatch"):
        fetch.get(issuer.url + DISCOVERY, (thumbprint,))


# -- bounds ---------------------------------------------------------------------------------------


@pytest.fixture
def dripping() -> Iterator[Any]:
    """A server that sends what it is told, one piece a while, and never ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()
    pieces: list[bytes] = []

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            try:
                for piece in pieces:
                    connection.sendall(piece)
                while not ended.wait(0.1):
                    connection.sendall(b"x")
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield pieces, f"127.0.0.1:{listening.getsockname()[1]}"
    ended.set()
    listening.close()
    thread.join(5)


@pytest.mark.parametrize(
    ("scheme", "start"),
    [
        ("http", b""),
        ("http", b"HTTP/1.1 200 OK\r\nx: "),
        ("http", b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n"),
        ("http", b"HTTP/1.1 200 OK\r\n\r\n"),
        ("https", b"\x16\x03\x03\x3f\xff"),
    ],
)
def test_a_server_that_drips_is_cut_off(
    dripping: Any, monkeypatch: pytest.MonkeyPatch, scheme: str, start: bytes
) -> None:
    monkeypatch.setattr(fetch, "SECONDS_MAX", 0.6)
    dripping[0].append(start)
    began = time.monotonic()
    try:
        body = fetch.get(f"{scheme}://{dripping[1]}/")
    except fetch.Unreachable:
        body = b""
    assert time.monotonic() - began < 3
    assert set(body) <= {ord("x")}  # a body without an end is cut, and is no JSON


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\n\r\n", "status 302"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "status 404"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (fetch.BYTES_MAX + 1), "longer than"),
        (b"rubbish\r\n\r\n", "BadStatusLine"),
    ],
)
def test_anything_but_a_short_document_is_refused(dripping: Any, answer: bytes, why: str) -> None:
    dripping[0].append(answer)
    with pytest.raises(fetch.Unreachable, match=why):
        fetch.get(f"http://{dripping[1]}/")

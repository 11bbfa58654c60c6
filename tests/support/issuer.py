"""A small OpenID Connect issuer for tests: true keys and tokens, and a loopback server if asked."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from freehold.services.sts.fetch import Unreachable

DISCOVERY = "/.well-known/openid-configuration"
TAGS = "https://aws.amazon.com/tags"
RSA = rsa.generate_private_key(65537, 2048)  # made once: it is slow
OTHER_RSA = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())
P384 = ec.generate_private_key(ec.SECP384R1())


def public(key: Any, kid: str, **more: Any) -> dict[str, Any]:
    """A key as it stands in a key set."""
    algorithm = jwt.algorithms.RSAAlgorithm
    if isinstance(key, ec.EllipticCurvePrivateKey):
        algorithm = jwt.algorithms.ECAlgorithm  # type: ignore[assignment]
    return json.loads(algorithm.to_jwk(key.public_key())) | {"kid": kid, "use": "sig"} | more


class Issuer:
    """Signs tokens by ``kid``; ``get`` answers what a server would, and counts."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: dict[str, Any] = {"rsa": RSA, "p256": P256, "p384": P384}
        self.discovery: dict[str, Any] = {"issuer": url, "jwks_uri": f"{url}/keys"}
        self.asked: list[str] = []
        self.is_down = False

    @property
    def head(self) -> str:
        """What condition keys begin with, and the ARN ends with."""
        return self.url.partition("://")[2]

    def token(self, *, kid: str = "rsa", alg: str = "RS256", key: Any = None, **claims: Any) -> str:
        """A token that holds now; claims that are None are left out."""
        now = int(time.time())
        said = {"iss": self.url, "sub": "ann", "aud": "freehold", "iat": now, "exp": now + 600}
        said = {name: value for name, value in (said | claims).items() if value is not None}
        return jwt.encode(said, key or self.keys[kid], algorithm=alg, headers={"kid": kid})

    def get(self, url: str, _thumbprints: tuple[str, ...] = ()) -> bytes:
        """A document by URL."""
        self.asked.append(url)
        path = url.removeprefix(self.url)
        if self.is_down or path not in (DISCOVERY, "/keys"):
            raise Unreachable("down")
        return self.document(path)

    def document(self, path: str) -> bytes:
        """A document by path."""
        if path == DISCOVERY:
            return json.dumps(self.discovery).encode()
        return json.dumps({"keys": [public(key, kid) for kid, key in self.keys.items()]}).encode()


@contextmanager
def serving(path: str = "", tls: ssl.SSLContext | None = None) -> Iterator[Issuer]:
    """An issuer that listens on loopback; ``tls`` makes it ``https://localhost``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            at = urlsplit(self.path).path.removeprefix(path)
            known = at in (DISCOVERY, "/keys")
            body = issuer.document(at) if known else b""
            issuer.asked.append(self.path)
            self.send_response(200 if known else 404)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    here = "http://127.0.0.1" if tls is None else "https://localhost"
    issuer = Issuer(f"{here}:{server.server_port}{path}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""A real boto3 client answered in process: true signing and parsing, no socket."""

from __future__ import annotations

import asyncio
import functools
import threading
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
import botocore.session
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.loaders import create_loader

LOADER = create_loader()  # shared: loading a model anew costs 100 ms a client


@functools.cache
def _loader() -> Any:
    """Service models are read once for all clients: they are large."""
    return botocore.session.Session().get_component("data_loader")


class Loop:
    """An event loop on a thread of its own, so that synchronous tests can await."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


class Raw:
    """What botocore reads an answer's body from."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_args: Any, **_kwargs: Any) -> Any:
        yield self._body

    def read(self, amount: int | None = None) -> bytes:
        taken, self._body = (
            (self._body, b"") if amount is None else (self._body[:amount], self._body[amount:])
        )
        return taken

    def close(self) -> None:
        return None


def answer(app: Any, loop: Loop, request: Any, client: str = "127.0.0.1") -> AWSResponse:
    """Send one prepared AWS request through an ASGI app."""
    parts = urlsplit(request.url)
    body = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, str):
        body = body.encode()
    headers = [
        (name.lower().encode(), value if isinstance(value, bytes) else str(value).encode())
        for name, value in request.headers.items()
    ]
    if not any(name == b"host" for name, _ in headers):
        headers.append((b"host", parts.netloc.encode()))
    scope = {
        "type": "http",
        "method": request.method,
        "scheme": parts.scheme,
        "path": unquote(parts.path or "/"),
        "raw_path": (parts.path or "/").encode(),
        "query_string": parts.query.encode(),
        "headers": headers,
        "client": (client, 40000),
        "server": (parts.hostname, parts.port),
        "state": {},
    }
    sent: dict[str, Any] = {"body": b""}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            sent["status"], sent["headers"] = message["status"], message["headers"]
        else:
            sent["body"] += message.get("body", b"")

    loop.run(app(scope, receive, send))
    out = {name.decode(): value.decode() for name, value in sent["headers"]}
    return AWSResponse(request.url, sent["status"], out, Raw(sent["body"]))


class Aws:
    """Makes boto3 clients for any caller of one house."""

    def __init__(self, app: Any, region: str, root: tuple[str, str]) -> None:
        self.app = app
        self.region = region
        self.root = root
        self.loop = Loop()

    def client(
        self,
        service: str,
        keys: Any = None,
        *,
        source_ip: str = "127.0.0.1",
        is_signed: bool = True,
        **options: Any,
    ) -> Any:
        """A client; ``keys`` is (id, secret), (id, secret, token) or STS's Credentials."""
        keys = keys or self.root
        if isinstance(keys, dict):
            keys = (keys["AccessKeyId"], keys["SecretAccessKey"], keys.get("SessionToken"))
        core = botocore.session.get_session()
        core.register_component("data_loader", LOADER)
        session = boto3.Session(
            botocore_session=core,
            aws_access_key_id=keys[0],
            aws_secret_access_key=keys[1],
            aws_session_token=keys[2] if len(keys) > 2 else None,
            region_name=self.region,
        )
        client = session.client(
            service,
            endpoint_url="http://127.0.0.1:7070",
            config=Config(
                retries={"max_attempts": 0},
                s3={"addressing_style": "path"},
                signature_version=None if is_signed else UNSIGNED,
            ),
            **options,
        )

        def send(request: Any, **_kwargs: Any) -> AWSResponse:
            return answer(self.app, self.loop, request, source_ip)

        client.meta.events.register("before-send", send)
        return client

    def unchecked(self, service: str, keys: Any = None) -> Any:
        """A client that sends what it is given, right or wrong: the server must say so."""
        client = self.client(service, keys)
        client.meta.config.parameter_validation = False
        client._serializer = getattr(client._serializer, "_serializer", client._serializer)
        return client

    def close(self) -> None:
        self.loop.close()

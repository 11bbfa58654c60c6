"""Requests as botocore sends them, signed ahead of the run and kept in a file.

A real client makes the first request of an operation; where only its body differs, the others are
that request with another body, signed by botocore's own signer. Signatures are dated: replay them
within AWS's fifteen minutes.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

REGION = "us-east-1"


class _Captured(Exception):
    pass


def client(url: str, keys: tuple[str, str]) -> Any:
    """A real SageMaker client that tries once."""
    return boto3.client(
        "sagemaker",
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        config=Config(retries={"max_attempts": 0}, proxies={}),
    )


def signed(
    url: str, keys: tuple[str, str], operation: str, bodies: Iterable[dict[str, Any]]
) -> list[bytes]:
    """One raw HTTP request of a SageMaker operation (its snake_case name) for each body."""
    sagemaker = client(url, keys)
    captured: list[Any] = []

    def capture(request: Any, **_: Any) -> None:
        captured.append(request)
        raise _Captured

    sagemaker.meta.events.register("before-send", capture)
    signer = SigV4Auth(Credentials(*keys), "sagemaker", REGION)
    raw = []
    for body in bodies:
        if not captured:
            with contextlib.suppress(_Captured):
                getattr(sagemaker, operation)(**body)
        raw.append(_again(url, captured[0], signer, json.dumps(body).encode()))
    return raw


def _again(url: str, first: Any, signer: SigV4Auth, body: bytes) -> bytes:
    kept = {
        name: _text(value)
        for name, value in first.headers.items()
        if name.lower() not in ("authorization", "x-amz-date", "content-length", "host")
    }
    request = AWSRequest("POST", url + "/", headers=kept, data=body)
    signer.add_auth(request)
    host = url.partition("//")[2]
    headers = dict(request.headers.items()) | {"Host": host, "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST / HTTP/1.1\r\n{lines}\r\n".encode() + body


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def write(path: Path, requests: Iterable[bytes]) -> None:
    """Keep requests: for each a line with its length, then its bytes."""
    with path.open("wb") as file:
        for request in requests:
            file.write(b"%d\n%s" % (len(request), request))


def read(path: Path) -> list[bytes]:
    """The requests of a file, in order."""
    raw, at, found = path.read_bytes(), 0, []
    while at < len(raw):
        line = raw.index(b"\n", at)
        size = int(raw[at:line])
        found.append(raw[line + 1 : line + 1 + size])
        at = line + 1 + size
    return found

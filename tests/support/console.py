"""The console's session exchange as its page speaks it, in process: headers, signature, cookie."""

from __future__ import annotations

import json
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from freehold.edge.console import exchange
from tests.support.inprocess import Aws, answer

HOST = "127.0.0.1:7070"


class Reply:
    """What came back: status, the JSON, and the cookie as a browser would keep it."""

    def __init__(self, got: Any) -> None:
        self.status: int = got.status_code
        self.said: dict[str, Any] = json.loads(got.content or b"{}")
        self.set_cookie: str = got.headers.get("set-cookie", "")
        self.cookie: str = self.set_cookie.partition(";")[0]

    @property
    def keys(self) -> tuple[str, str, str]:
        return tuple(self.said[n] for n in ("AccessKeyId", "SecretAccessKey", "SessionToken"))  # type: ignore[return-value]


def ask(
    aws: Aws,
    path: str = exchange.PATH,
    body: dict[str, Any] | None = None,
    *,
    keys: Any = None,
    cookie: str = "",
    scheme: str = "http",
    method: str = "POST",
    client: str = "127.0.0.1",
    service: str = "signin",
    raw: bytes | None = None,
    **changed: str | None,
) -> Reply:
    """One request.

    ``raw`` is sent in place of ``body``. ``changed`` sets headers (``_`` for ``-``); None leaves
    one out.
    """
    headers: dict[str, str | None] = {
        "origin": f"{scheme}://{HOST}",
        "sec-fetch-site": "same-origin",
        "x-freehold-console": "1",
        "content-type": "application/json",
    }
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    if cookie:
        headers["cookie"] = cookie
    request = AWSRequest(
        method,
        f"{scheme}://{HOST}{path}",
        data=json.dumps(body or {}).encode() if raw is None else raw,
        headers={name: value for name, value in headers.items() if value is not None},
    )
    if keys is not None:
        SigV4Auth(Credentials(*keys), service, aws.region).add_auth(request)
    return Reply(answer(aws.app, aws.loop, request.prepare(), client))

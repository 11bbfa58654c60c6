"""A browser's part in e2e tests: presigned URLs opened, kernels started, code run in them."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

import aiohttp

READY_SECONDS = 90.0
RUN_SECONDS = 60.0


class Refused(Exception):
    """A page that did not open. ``status`` is the answer's."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text[:300]}")
        self.status = status


class Visit:
    """One browser with its cookies, at one app."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.base = ""

    async def __aenter__(self) -> Visit:
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def open(self) -> None:
        """Follow the presigned URL, and wait until the app answers."""
        async with self.session.get(self.url, allow_redirects=False) as answer:
            if answer.status not in (302, 303, 307):
                raise Refused(answer.status, await answer.text())
            landing = answer.headers["Location"]
        self.base = "/" + "/".join(landing.split("/")[1:3])
        deadline = time.monotonic() + READY_SECONDS
        while True:
            async with self.session.get(self.origin + landing) as answer:
                text = await answer.text()
                if answer.status == 200 and "jupyter" in text.lower():
                    return
                if answer.status not in (200, 502, 503) or time.monotonic() > deadline:
                    raise Refused(answer.status, text)
            await asyncio.sleep(0.2)

    def headers(self) -> dict[str, str]:
        """What JupyterLab's own page sends with unsafe requests."""
        tokens = [c.value for c in self.session.cookie_jar if c.key == "_xsrf"]
        return {"Origin": self.origin, "X-XSRFToken": tokens[0] if tokens else ""}

    async def status(self, path: str = "/api/status") -> int:
        """The status of a page of the app."""
        async with self.session.get(self.origin + self.base + path) as answer:
            await answer.read()
            return answer.status

    async def kernel(self) -> str:
        """Start a kernel; its id."""
        async with self.session.post(
            f"{self.origin}{self.base}/api/kernels",
            json={"name": "python3"},
            headers=self.headers(),
        ) as answer:
            if answer.status != 201:
                raise Refused(answer.status, await answer.text())
            return str((await answer.json())["id"])

    async def channels(self, kernel: str) -> aiohttp.ClientWebSocketResponse:
        """A WebSocket to a kernel."""
        return await self.session.ws_connect(
            f"{self.origin}{self.base}/api/kernels/{kernel}/channels",
            headers={"Origin": self.origin},
        )

    async def run(self, code: str, kernel: str | None = None) -> str:
        """Run code in a kernel (a new one if none is given) and give back what it printed."""
        socket = await self.channels(kernel or await self.kernel())
        try:
            return await asyncio.wait_for(_run(socket, code), RUN_SECONDS)
        finally:
            await socket.close()


async def _run(socket: aiohttp.ClientWebSocketResponse, code: str) -> str:
    message = uuid.uuid4().hex
    header = {
        "msg_id": message,
        "username": "a",
        "session": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "version": "5.3",
    }
    content: dict[str, Any] = {
        "code": code,
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": False,
        "stop_on_error": True,
    }
    await socket.send_str(
        json.dumps(
            {
                "header": header,
                "parent_header": {},
                "metadata": {},
                "content": content,
                "channel": "shell",
                "buffers": [],
            }
        )
    )
    printed = ""
    async for one in socket:
        if one.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            break
        said = json.loads(one.data)
        if said["parent_header"].get("msg_id") != message:
            continue
        if said["msg_type"] == "stream":
            printed += said["content"]["text"]
        elif said["msg_type"] == "error":
            raise AssertionError("\n".join(said["content"]["traceback"]))
        elif said["msg_type"] == "status" and said["content"]["execution_state"] == "idle":
            return printed
    raise ConnectionError("the WebSocket was closed before the code had run")

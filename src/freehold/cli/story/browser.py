"""What a person's browser does with a presigned URL: open JupyterLab, run a notebook, keep it.

Input: presigned URLs and notebook documents. Output: the lines that cells print, as they come,
and notebooks with their outputs, saved in the app's home. Speaks Jupyter's REST API and its
messaging protocol 5.3 over a WebSocket, with the cookies and Origin that a browser sends.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from freehold.cli.story import notebooks
from freehold.cli.story.notebooks import Document
from freehold.cli.story.teller import StoryFailed

OPEN_SECONDS_MAX = 60.0
CELL_SECONDS_MAX = 300.0
AGAIN_SECONDS = 0.25
MESSAGE_BYTES_MAX = 64 << 20
TRACEBACK_LINES = 12

Says = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Visit:
    """Who opens which URL, and what they do there. ``says`` gets each line that a cell prints."""

    who: str
    url: str
    act: Callable[[Studio], Coroutine[Any, Any, Any]]


def make(visits: list[Visit]) -> list[Any]:
    """Make visits at the same time; what each act gave back, in order.

    Raises:
        StoryFailed: The first that went wrong.
    """
    try:
        return asyncio.run(_all(visits))
    except BaseExceptionGroup as group:
        first: BaseException = group
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from group


async def _all(visits: list[Visit]) -> list[Any]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_one(visit)) for visit in visits]
    return [task.result() for task in tasks]


async def _one(visit: Visit) -> Any:
    jar = aiohttp.CookieJar(unsafe=True)  # an app's host may be a loopback address
    limit = aiohttp.ClientTimeout(total=None, sock_connect=10)
    try:
        async with aiohttp.ClientSession(cookie_jar=jar, timeout=limit) as session:
            studio = Studio(session, visit.who)
            await studio.enter(visit.url)
            return await visit.act(studio)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise StoryFailed(f"{visit.who}'s JupyterLab: {error or type(error).__name__}") from error


class Studio:
    """An open JupyterLab."""

    def __init__(self, session: aiohttp.ClientSession, who: str) -> None:
        self._session = session
        self._who = who
        self._root = ""
        self._origin = ""
        self._name = uuid.uuid4().hex

    async def enter(self, url: str) -> None:
        """Open a presigned URL and wait until the page behind it is JupyterLab's."""
        deadline = time.monotonic() + OPEN_SECONDS_MAX
        page = {"Accept": "text/html"}
        while True:
            async with self._session.get(url, headers=page) as answer:
                text = await answer.text()
                where = str(answer.url)
                if answer.status == 200 and "<title>JupyterLab</title>" in text:
                    break
                if answer.status not in (502, 503) or time.monotonic() > deadline:
                    said = " ".join(text.split())[:200]
                    raise StoryFailed(
                        f"{self._who}'s presigned URL led to {answer.status}, not to JupyterLab: "
                        f"{said}"
                    )
            url = where  # a presigned URL opens once; from here the cookie counts
            await asyncio.sleep(AGAIN_SECONDS)
        parts = urlsplit(where)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._root = f"{self._origin}{parts.path.partition('/lab')[0]}"

    async def names(self) -> list[str]:
        """The files of the home's top."""
        listing = await self._call("GET", "contents/?content=1")
        return sorted(entry["name"] for entry in listing["content"])

    async def save(self, path: str, content: Document) -> None:
        """Write a notebook into the home."""
        await self._call("PUT", f"contents/{path}", {"type": "notebook", "content": content})

    async def run(self, path: str, text: str, says: Says) -> Document:
        """Write a notebook, run all its cells in a kernel of its own, and save what they gave.

        Raises:
            StoryFailed: A cell raised; what it raised.
        """
        made = notebooks.notebook(text)
        await self.save(path, made)
        session = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        kernel = (await self._call("POST", "sessions", session))["kernel"]["id"]
        try:
            await self._run_cells(kernel, made, says)
        finally:
            await self.save(path, made)
        return made

    async def execute(self, path: str, text: str, says: Says) -> None:
        """Run further cells in the kernel of a notebook that ran before; nothing is saved."""
        sessions = await self._call("GET", "sessions")
        kernel = next((one["kernel"]["id"] for one in sessions if one["path"] == path), None)
        if kernel is None:
            raise StoryFailed(f"{self._who}'s JupyterLab has no kernel for {path} any more")
        await self._run_cells(kernel, notebooks.notebook(text), says)

    async def _run_cells(self, kernel: str, made: Document, says: Says) -> None:
        url = f"{self._root.replace('http', 'ws', 1)}/api/kernels/{kernel}/channels"
        async with self._session.ws_connect(
            url, headers={"Origin": self._origin}, max_msg_size=MESSAGE_BYTES_MAX
        ) as channel:
            code = (cell for cell in made["cells"] if cell["cell_type"] == "code")
            for number, cell in enumerate(code, 1):
                cell["execution_count"] = number
                try:
                    async with asyncio.timeout(CELL_SECONDS_MAX):
                        await self._run_cell(channel, cell, says)
                except TimeoutError as error:
                    raise StoryFailed(
                        f"a cell of {self._who} did not end within {CELL_SECONDS_MAX:.0f} s: "
                        f"{cell['source'].splitlines()[0]}"
                    ) from error

    async def _run_cell(
        self, channel: aiohttp.ClientWebSocketResponse, cell: Document, says: Says
    ) -> None:
        asked = self._request(cell["source"])
        await channel.send_str(json.dumps(asked))
        printed = _Lines(says)
        reply: Document | None = None
        is_idle = False
        async for frame in channel:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                break
            message = json.loads(frame.data)
            if message["parent_header"].get("msg_id") != asked["header"]["msg_id"]:
                continue
            if message["msg_type"] == "execute_reply":
                reply = message["content"]
            if message["msg_type"] == "status":
                is_idle = message["content"]["execution_state"] == "idle"
            if made := notebooks.output(message):
                notebooks.join(cell["outputs"], made)
                if made["output_type"] == "stream" and made["name"] == "stdout":
                    printed.add(made["text"])
            if reply is not None and is_idle:
                printed.end()
                self._check(reply)
                return
        raise StoryFailed(f"{self._who}'s kernel closed the connection in the midst of a cell")

    def _check(self, reply: Document) -> None:
        """A cell's reply tells whether it raised, however the error was displayed."""
        if reply["status"] == "ok":
            return
        tail = notebooks.plain("\n".join(reply.get("traceback", []))).splitlines()
        raise StoryFailed(
            f"a cell of {self._who} raised {reply.get('ename')}: {reply.get('evalue')}\n"
            + "\n".join(tail[-TRACEBACK_LINES:])
        )

    def _request(self, code: str) -> Document:
        return {
            "header": {
                "msg_id": uuid.uuid4().hex,
                "session": self._name,
                "username": self._who,
                "msg_type": "execute_request",
                "version": "5.3",
            },
            "parent_header": {},
            "metadata": {},
            "content": {
                "code": code,
                "silent": False,
                "store_history": True,
                "user_expressions": {},
                "allow_stdin": False,
                "stop_on_error": True,
            },
            "channel": "shell",
            "buffers": [],
        }

    async def _call(self, method: str, path: str, body: Document | None = None) -> Any:
        token = next((one.value for one in self._session.cookie_jar if one.key == "_xsrf"), "")
        headers = {"Origin": self._origin, "X-XSRFToken": token}
        url = f"{self._root}/api/{path}"
        async with self._session.request(method, url, json=body, headers=headers) as answer:
            text = await answer.text()
            if answer.status >= 400:
                raise StoryFailed(
                    f"{self._who}'s JupyterLab answered {method} {path} with {answer.status}: "
                    f"{' '.join(text.split())[:300]}"
                )
            return json.loads(text) if text else None


class _Lines:
    """Passes whole lines on; a last one without its end comes at the end."""

    def __init__(self, says: Says) -> None:
        self._says = says
        self._rest = ""

    def add(self, text: str) -> None:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._says(line.rpartition("\r")[2])

    def end(self) -> None:
        if self._rest:
            self._says(self._rest)
            self._rest = ""

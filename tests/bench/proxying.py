"""What the app proxy costs: a notebook's requests and a download, through it and past it.

One JupyterLab that the server started; the same requests over kept connections by turns: to the
app's own unix socket, and as a browser to its origin. Time of a turn is shared by both.
"""

from __future__ import annotations

import http.client
import socket
import statistics
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from freehold.kernel import doors
from tests.bench import starting
from tests.support.server import RunningServer

REQUESTS = 400
DOWNLOAD_BYTES = 256 * 1024**2
APP = {"AppType": "JupyterLab", "AppName": "default"}


class Bare(http.client.HTTPConnection):
    """HTTP over an app's unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._path))


def measure(directory: Path, rounds: int) -> dict[str, Any]:
    """Milliseconds at p50 of a small request and MB/s of a download, bare and through the proxy."""
    house = RunningServer(directory / "proxied", directory / "proxied.log")
    house.start()
    try:
        sagemaker = house.client("sagemaker")
        role = starting._role(house.client("iam"))
        settings = {"ExecutionRole": role}
        named = {
            "DomainId": sagemaker.create_domain(
                DomainName="bench",
                AuthMode="IAM",
                DefaultUserSettings=settings,
                DefaultSpaceSettings=settings,
            )["DomainId"],
            "SpaceName": "bench",
        }
        sagemaker.create_space(**named)
        sagemaker.create_user_profile(DomainId=named["DomainId"], UserProfileName="ana")
        sagemaker.create_app(**named, **APP)
        starting._until(
            lambda: sagemaker.describe_app(**named, **APP)["Status"] == "InService", 0.05
        )
        url = sagemaker.create_presigned_domain_url(**named, UserProfileName="ana")["AuthorizedUrl"]
        found = next((house.state / "doors").glob(f"*/app/{doors.APP_SOCKET}"))
        return _measured(url, found, _big_file(house.state), rounds)
    finally:
        house.end()


def _big_file(state: Path) -> str:
    """Make a file in the app's home, the only one that there is."""
    homes = [found.parent for found in state.rglob(".local") if found.is_dir()]
    place = homes[0] / "big.bin"
    with place.open("wb") as file:
        for _ in range(DOWNLOAD_BYTES >> 20):
            file.write(b"\x5a" * (1 << 20))
    place.chmod(0o644)
    return "big.bin"


def _measured(url: str, path: Path, name: str, rounds: int) -> dict[str, Any]:
    parts = urlsplit(url)
    through = http.client.HTTPConnection(parts.hostname or "", parts.port)
    through.request("GET", f"{parts.path}?{parts.query}", headers={"Host": parts.netloc})
    answer = through.getresponse()
    answer.read()
    cookie = (answer.getheader("set-cookie") or "").partition(";")[0]
    base = "/" + "/".join((answer.getheader("location") or "").split("/")[1:3])
    given = {"Host": parts.netloc, "Cookie": cookie}
    bare = Bare(path)
    small: dict[str, list[float]] = {"bare": [], "proxied": []}
    large: dict[str, list[float]] = {"bare": [], "proxied": []}
    # JupyterLab hands files to its own pages only.
    own = (
        {"Referer": f"http://localhost{base}/lab"},
        {"Referer": f"{parts.scheme}://{parts.netloc}{base}/lab"},
    )
    both = {"bare": (bare, own[0]), "proxied": (through, given | own[1])}
    for _ in range(REQUESTS):
        for which, (connection, headers) in both.items():
            small[which].append(_timed(connection, f"{base}/api", headers))
    for _ in range(rounds):
        for which, (connection, headers) in both.items():
            seconds = _timed(connection, f"{base}/files/{name}", headers, DOWNLOAD_BYTES)
            large[which].append(DOWNLOAD_BYTES / 1e6 / seconds)
    found = {f"{which}_ms": statistics.median(times[20:]) * 1e3 for which, times in small.items()}
    found |= {f"{which}_mb_s": statistics.median(rates) for which, rates in large.items()}
    return {"proxy": found | {"added_ms": found["proxied_ms"] - found["bare_ms"]}}


def _timed(
    connection: http.client.HTTPConnection, path: str, headers: dict[str, str], size: int = 0
) -> float:
    began = time.perf_counter()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    heard = 0
    while data := answer.read(1 << 20):
        heard += len(data)
    assert answer.status == 200, (answer.status, path)
    assert heard >= size
    return time.perf_counter() - began

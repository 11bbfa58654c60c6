"""A job that does on its network what a test asks of it: hostile code, on a lead.

Orders and answers are files in the job's own directory, so that nothing of it needs a network.
"""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path
from typing import Any

from tests.support.jobs import IMAGE
from tests.support.server import RunningServer, until

CODE = '''
import json, os, socket, sys, threading, time
place = "/opt/ml/processing"
held = {}
def dial(host, port, timeout=2.0):
    started = time.time()
    try:
        held["last"] = socket.create_connection((host, port), timeout=timeout)
        return {"ok": True, "seconds": time.time() - started}
    except OSError as error:
        return {"ok": False, "error": str(error), "seconds": time.time() - started}
def echo(seconds=2.0):
    """What the connection that was dialled last still carries."""
    try:
        held["last"].settimeout(seconds)
        held["last"].sendall(b"hello")
        return {"ok": held["last"].recv(5) == b"hello"}
    except OSError as error:
        return {"ok": False, "error": str(error)}
def datagram(host, port, timeout=0.5):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(timeout)
        try:
            one.sendto(b"hello", (host, port))
            return {"ok": one.recv(5) == b"hello"}
        except OSError as error:
            return {"ok": False, "error": str(error)}
def wait(host, port, wanted, seconds=10.0):
    """Dial until it is as wanted; when that was."""
    ends = time.time() + seconds
    while time.time() < ends:
        answer = dial(host, port, 0.5)
        if answer["ok"]:
            held["last"].close()
        if answer["ok"] == wanted:
            return {"ok": True, "at": time.time()}
        time.sleep(0.002)
    return {"ok": False}
def ping(host, seconds=1.0):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP) as one:
        one.settimeout(seconds)
        try:
            one.connect((host, 1))
            one.send(bytes([8, 0, 0, 0, 0, 0, 0, 1]) + b"hello")
            return {"ok": one.recv(99)[0] == 0}
        except OSError as error:
            return {"ok": False, "error": str(error)}
def answer(talk):
    while data := talk.recv(99):
        talk.sendall(data)
def listen(port):
    held[port] = one = socket.create_server(("0.0.0.0", port))
    def serve():
        while True:
            threading.Thread(target=answer, args=(one.accept()[0],), daemon=True).start()
    threading.Thread(target=serve, daemon=True).start()
    return {"ok": True}
def own():
    with open("/proc/net/fib_trie") as source:
        lines = [line.strip() for line in source]
    found = [a.split()[-1] for a, b in zip(lines, lines[1:]) if b == "/32 host LOCAL"]
    facts = json.load(open("/opt/ml/config/resourceconfig.json"))
    return {"address": sorted({one for one in found if not one.startswith("127.")}),
            "interfaces": [name for _, name in socket.if_nameindex()], "facts": facts}
open(place + "/ready", "w").close()
while True:
    for name in sorted(os.listdir(place)):
        if name.startswith("ask-"):
            with open(os.path.join(place, name)) as source:
                order, given = json.load(source)
            os.unlink(os.path.join(place, name))
            if order == "end":
                sys.exit(0)
            answer = globals()[order](*given)
            with open(os.path.join(place, ".new"), "w") as target:
                json.dump(answer, target)
            os.rename(os.path.join(place, ".new"), os.path.join(place, name.replace("ask", "say")))
    time.sleep(0.002)
'''


# An entrypoint has at most 256 letters, on one line.
WAIT = (
    "import os, time; path = '/opt/ml/processing/agent.py'; "
    "[time.sleep(0.002) for _ in iter(lambda: os.path.exists(path), True)]; "
    "exec(open(path).read())"
)


class Agent:
    """One such job. ``network`` is its NetworkConfig."""

    def __init__(
        self, server: RunningServer, name: str, role: str, sagemaker: Any = None, **network: Any
    ) -> None:
        self.server = server
        self.name = name
        self.client = sagemaker or server.client("sagemaker")
        more = {"NetworkConfig": network} if network else {}
        self.arn = self.client.create_processing_job(
            ProcessingJobName=name,
            RoleArn=role,
            AppSpecification={
                "ImageUri": IMAGE,
                "ContainerEntrypoint": ["python3", "-c", WAIT],
            },
            ProcessingResources={
                "ClusterConfig": {
                    "InstanceType": "ml.t3.medium",
                    "InstanceCount": 1,
                    "VolumeSizeInGB": 1,
                }
            },
            **more,
        )["ProcessingJobArn"]
        self._numbers = itertools.count()
        self._place: Path | None = None

    def status(self) -> dict[str, Any]:
        """How the job fares."""
        return dict(self.client.describe_processing_job(ProcessingJobName=self.name))

    @property
    def place(self) -> Path:
        """Its directory, once it runs."""
        if self._place is None:
            until(lambda: self._find() or self.status()["ProcessingJobStatus"] != "InProgress")
            assert self._place is not None, self.status()
        return self._place

    def _find(self) -> bool:
        for base in (self.server.state / "jobs").glob("*"):
            here = base / "ml" / "processing"
            if (base / "arn").exists() and (base / "arn").read_text() == self.arn:
                if here.is_dir() and not (here / "agent.py").exists():
                    (here / ".agent.py").write_text(CODE)
                    (here / ".agent.py").rename(here / "agent.py")
                if (here / "ready").exists():
                    self._place = here
        return self._place is not None

    def begin(self, order: str, *given: Any) -> Path:
        """Ask; the path where the answer will be."""
        name = f"ask-{next(self._numbers):06d}"
        fresh = self.place / f".{name}"
        fresh.write_text(json.dumps([order, given]))
        fresh.rename(self.place / name)
        return self.place / name.replace("ask", "say")

    def ask(self, order: str, *given: Any) -> dict[str, Any]:
        """Ask, and wait for the answer."""
        return self.answer(self.begin(order, *given))

    def answer(self, path: Path, seconds: float = 20.0) -> dict[str, Any]:
        """Wait for an answer."""
        ends = time.monotonic() + seconds
        while not path.exists():
            assert time.monotonic() < ends, f"{path.name} never came: {self.status()}"
            time.sleep(0.005)
        return dict(json.loads(path.read_text()))

    def reaches(self, host: str, port: int) -> bool:
        """Whether it can connect. A refusal must come at once."""
        answer = self.ask("dial", host, port)
        assert answer["ok"] or answer["seconds"] < 1.0, answer
        return bool(answer["ok"])

    @property
    def address(self) -> str:
        """Its address."""
        found: list[str] = self.ask("own")["address"]
        assert len(found) == 1
        return found[0]

    @property
    def is_live(self) -> bool:
        """Whether it has not come to its end."""
        return bool(self.status()["ProcessingJobStatus"] == "InProgress")


def end(agents: list[Agent]) -> None:
    """Let them end, all at once, and wait until they have."""
    live = [agent for agent in agents if agent.is_live]
    for agent in live:
        agent.begin("end")
    until(lambda: not any(agent.is_live for agent in live))

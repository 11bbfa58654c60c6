"""A real ``freehold up`` process for e2e tests: started, asked, killed, started again.

The fixture ``server`` of ``tests/e2e/conftest.py`` gives one on free ports with a state of its
own; it is stopped by SIGTERM at the end, and what it left running (apps, jobs) is ended.
"""

from __future__ import annotations

import json
import os
import selectors
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from freehold.host.networks import namespaces
from freehold.loops.reset import end_all
from freehold.runners.local import LocalRunner

READY_SECONDS = 30.0
STOP_SECONDS = 40.0
GONE_SECONDS = 60.0
FREEHOLD = str(Path(sys.executable).parent / "freehold")
# What points AWS clients elsewhere must not leak into what we start.
FOREIGN = ("AWS_", "HTTP", "http", "NO_PROXY", "no_proxy", "REQUESTS_", "SAGEMAKER_", "FREEHOLD_")


def clean_environment(**more: str) -> dict[str, str]:
    """Our own environment without a trace of AWS or proxies, but for the runtimes' place."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
    kept |= {k: os.environ[k] for k in ("FREEHOLD_RUNTIMES",) if k in os.environ}
    return kept | more


def freehold(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command of ours to its end."""
    return subprocess.run(
        [FREEHOLD, *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=clean_environment(**more),
    )


def one_line(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """It failed, and said why in one clear line."""
    assert done.returncode not in (0, None)
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("freehold up: ")
    for word in words:
        assert word in lines[0]


def up(*words: str) -> subprocess.CompletedProcess[str]:
    """A start that should fail; only what goes wrong is logged."""
    return freehold("up", *words, "--log-level", "ERROR")


def until(test: Any, seconds: float = GONE_SECONDS) -> None:
    """Wait for the loops to bring something about."""
    deadline = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


class RunningServer:
    """One ``freehold up``. Ports are picked at the first start and kept over restarts."""

    def __init__(self, state: Path, log: Path, *options: str) -> None:
        self.state = state
        self.log = log
        self.options = options
        self.prefix: tuple[str, ...] = ()
        self.url = ""
        self._ports = ("0", "0")
        self._process: subprocess.Popen[str] | None = None

    # -- life --------------------------------------------------------------------------------

    def start(self) -> None:
        """Start it and wait until it says that it answers."""
        command = [*self.prefix, FREEHOLD, "up", "--state", str(self.state), *self.options]
        command += ["--port", self._ports[0], "--tls-port", self._ports[1]]
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=clean_environment(),
            )
        line = self._first_line()
        assert line.startswith("ready http://"), f"{line!r}\n{self.log.read_text()[-3000:]}"
        self.url = line.split()[1]
        facts = self.facts()
        self._ports = (str(facts["port"]), str(facts["tls_port"]))

    def _first_line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._process.stdout, selectors.EVENT_READ)
            if not waiting.select(READY_SECONDS):
                self.kill()
                raise AssertionError(f"not ready: {self.log.read_text()[-3000:]}")
        return self._process.stdout.readline()

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """SIGKILL, as a power cut would."""
        return self._end(signal.SIGKILL)

    def _end(self, number: int) -> int:
        process = self._process
        if process is None:
            return 0
        process.send_signal(number)
        code = process.wait(STOP_SECONDS)
        if process.stdout is not None:
            process.stdout.close()
        self._process = None
        return code

    def end(self) -> None:
        """Stop it, and end what it left running."""
        self.stop()
        if (self.state / "runs").is_dir():
            end_all(LocalRunner(self.state))
        namespaces.clear(self.state)

    # -- asking ------------------------------------------------------------------------------

    def facts(self) -> dict[str, Any]:
        """What it wrote down of where it listens."""
        found: dict[str, Any] = json.loads((self.state / "server.json").read_text())
        return found

    def environment(self) -> dict[str, str]:
        """What ``freehold env`` exports."""
        done = freehold("env", "--state", str(self.state))
        assert done.returncode == 0, done.stderr
        lines = [shlex.split(line) for line in done.stdout.splitlines()]
        assert all(words[0] == "export" for words in lines)
        return dict(words[1].split("=", 1) for words in lines)

    def client(self, service: str, keys: Any = None, **options: Any) -> Any:
        """A boto3 client of the administrator, or of whoever holds ``keys``."""
        made = self.environment()
        given = keys or {
            "AccessKeyId": made["AWS_ACCESS_KEY_ID"],
            "SecretAccessKey": made["AWS_SECRET_ACCESS_KEY"],
        }
        session = boto3.Session(
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given.get("SessionToken"),
            region_name=made["AWS_DEFAULT_REGION"],
        )
        config = Config(retries={"max_attempts": 0}, proxies={}, read_timeout=60)
        return session.client(service, endpoint_url=self.url, config=config, **options)

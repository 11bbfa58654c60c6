"""How long until something answers: the server itself, a notebook, a job's process.

The server is started fresh each time. A notebook is compared with JupyterLab started by hand from
the same runtime, in turns. A job tells by its own log when it began; one machine, one clock.
"""

from __future__ import annotations

import http.client
import os
import signal
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from freehold.host import runtimes
from tests.bench import servers, world
from tests.support.people import allow, policy, trusting
from tests.support.server import RunningServer, clean_environment

REST_SECONDS = 3.0
LONGEST_SECONDS = 120.0
JOB_IMAGE = "local://venv/sklearn"
TRUSTS = trusting({"Service": "sagemaker.amazonaws.com"})


def server(directory: Path, rounds: int) -> dict[str, float]:
    """From exec to the first HTTP answer on a fresh state; memory at rest, seconds later."""
    seconds, memory = [], []
    for number in range(rounds + 1):  # the first one fills the caches of the disk and our own
        state, port = directory / f"start-{number}", servers.free_port()
        began = time.perf_counter()
        command = servers.ours(state, port)
        with servers.running(command, directory / "start.log", cpu=None) as pid:
            _until(lambda port=port: _answers(("127.0.0.1", port), "/"), 0.005)
            if number:
                seconds.append(time.perf_counter() - began)
            time.sleep(REST_SECONDS)
            if number:
                memory.append(servers.memory_mib(pid))
    return {
        "first_answer_seconds": statistics.median(seconds),
        "rest_mib": statistics.median(memory),
    }


def notebook(directory: Path, rounds: int) -> dict[str, float]:
    """From CreateApp to InService, and from the start of a bare JupyterLab to its answer."""
    ours, bare = [], []
    house = RunningServer(directory / "notebooks", directory / "notebooks.log")
    house.start()
    try:
        sagemaker, iam = house.client("sagemaker"), house.client("iam")
        role = _role(iam)
        settings = {"ExecutionRole": role}
        domain = sagemaker.create_domain(
            DomainName="bench",
            AuthMode="IAM",
            DefaultUserSettings=settings,
            DefaultSpaceSettings=settings,
        )["DomainId"]
        _bare_jupyterlab(directory / "warm")
        for number in range(rounds):
            space = {"DomainId": domain, "SpaceName": f"space-{number}"}
            sagemaker.create_space(**space)
            bare.append(_bare_jupyterlab(directory / f"home-{number}"))
            app = space | {"AppType": "JupyterLab", "AppName": "default"}
            began = time.perf_counter()
            sagemaker.create_app(**app)
            _until(lambda app=app: sagemaker.describe_app(**app)["Status"] == "InService", 0.02)
            ours.append(time.perf_counter() - began)
            sagemaker.delete_app(**app)
            time.sleep(REST_SECONDS)
    finally:
        house.end()
    found = {"seconds": statistics.median(ours), "bare_seconds": statistics.median(bare)}
    return found | {"ratio": found["seconds"] / found["bare_seconds"]}


def job(directory: Path, rounds: int) -> dict[str, Any]:
    """From CreateTrainingJob's sending to the first instruction of the job's own process."""
    seconds = []
    house = RunningServer(directory / "jobs", directory / "jobs.log")
    house.start()
    try:
        sagemaker, logs, s3 = (house.client(name) for name in ("sagemaker", "logs", "s3"))
        role = _role(house.client("iam"))
        s3.create_bucket(Bucket="bench-results")
        for number in range(rounds + 1):  # the first one makes directories and caches
            name = f"start-{number}"
            request = world.job(name) | {"RoleArn": role, "InputDataConfig": []}
            request["AlgorithmSpecification"] = {
                "TrainingImage": JOB_IMAGE,
                "TrainingInputMode": "File",
                "ContainerEntrypoint": ["date", "+began %s.%N"],
            }
            del request["InputDataConfig"]
            began = time.time()
            sagemaker.create_training_job(**request)
            asked = {"TrainingJobName": name}
            _until(
                lambda asked=asked: (
                    sagemaker.describe_training_job(**asked)["TrainingJobStatus"] != "InProgress"
                ),
                0.05,
            )
            said = logs.filter_log_events(
                logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=f"{name}/"
            )["events"]
            line = next(one["message"] for one in said if one["message"].startswith("began "))
            if number:
                seconds.append(float(line.split()[1]) - began)
    finally:
        house.end()
    return {"seconds": statistics.median(seconds), "longest_seconds": max(seconds)}


def _role(iam: Any) -> str:
    role: str = iam.create_role(RoleName="bench", AssumeRolePolicyDocument=TRUSTS)["Role"]["Arn"]
    iam.put_role_policy(RoleName="bench", PolicyName="all", PolicyDocument=policy(allow("*")))
    return role


def _bare_jupyterlab(home: Path) -> float:
    """Seconds until JupyterLab answers that somebody starts by hand."""
    runtime = runtimes.find("jupyterlab")
    if runtime is None:
        raise SystemExit("needs a runtime: freehold runtime install jupyterlab")
    home.mkdir()
    port = servers.free_port()
    command = [runtime.python, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--port={port}", "--IdentityProvider.token=", "--ServerApp.password="]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command += ["--LabApp.extension_manager=readonly"]
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=home,
        env=clean_environment(HOME=str(home)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _until(lambda: _answers(("127.0.0.1", port), "/api"), 0.02)
        return time.perf_counter() - began
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(address: tuple[str, int], path: str) -> bool:
    """Whether HTTP is answered, whatever the answer."""
    connection = http.client.HTTPConnection(*address, timeout=10)
    try:
        connection.request("GET", path)
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()


def _until(test: Callable[[], bool], pause_seconds: float) -> None:
    ends = time.monotonic() + LONGEST_SECONDS
    while not test():
        if time.monotonic() > ends:
            raise SystemExit("it never came")
        time.sleep(pause_seconds)

"""Hostile code in an app and in a job of one domain finds no way into another."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.support import hostile, needs
from tests.support.people import allow, policy, trusting
from tests.support.server import RunningServer, until
from tests.support.visits import Visit

pytestmark = needs.sandboxes("jupyterlab", "sklearn")

SECRET = "of-finance-alone-8c1f4d2b"
PORT = 8123
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
VICTIM = f"""
import http.server, os, re, socketserver, threading
open("secret.txt", "w").write({SECRET!r})
os.environ["SECRET"] = {SECRET!r}
server = socketserver.ThreadingTCPServer(("0.0.0.0", {PORT}), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
table = open("/proc/net/fib_trie").read()
said = re.findall(r"(\\d+\\.\\d+\\.\\d+\\.\\d+)\\s+/32 host LOCAL", table)
print(" ".join(sorted(set(said))))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    yield from needs.shared_server(tmp_path_factory, "hostile")


@pytest.fixture(scope="module")
def house(server: RunningServer) -> SimpleNamespace:
    """Finance with ana, who has a secret, and lab with mal, who wants it."""
    iam, sm = server.client("iam"), server.client("sagemaker")
    trust = trusting({"Service": "sagemaker.amazonaws.com"})
    role = iam.create_role(RoleName="work", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName="work", PolicyName="p", PolicyDocument=policy(allow("*")))
    domains = {}
    for name, person in (("finance", "ana"), ("lab", "mal")):
        domains[person] = sm.create_domain(
            DomainName=name, AuthMode="IAM", DefaultUserSettings={"ExecutionRole": role}
        )["DomainId"]
        sm.create_user_profile(DomainId=domains[person], UserProfileName=person)
    return SimpleNamespace(sm=sm, role=role, domains=domains)


@pytest.fixture(scope="module")
def prey(server: RunningServer, house: SimpleNamespace) -> Iterator[hostile.Prey]:
    """Ana's app with her secret, and what the machine itself has to lose."""
    with contextlib.closing(socket.create_server(("", 0))) as host:
        threading.Thread(target=_accept, args=(host,), daemon=True).start()
        port = host.getsockname()[1]

        async def stay() -> tuple[Visit, str, str]:
            visit = await _open(house, "ana").__aenter__()
            await visit.open()
            kernel = await visit.kernel()
            return visit, kernel, await visit.run(VICTIM, kernel)

        loop = asyncio.new_event_loop()
        visit, _, said = loop.run_until_complete(stay())
        victims = [one for one in said.split() if not one.startswith("127.")]
        hosts = [one for one in _own_addresses() if one not in victims]
        (home,) = [path.parent for path in server.state.glob("volumes/fs-*/**/secret.txt")]
        paths = (home, home / "secret.txt", server.state, "/root/.ssh", "/etc/shadow", "/boot")
        yield hostile.Prey(
            SECRET,
            [
                *((one, PORT) for one in victims),
                *((one, port) for one in hosts),
                ("127.0.0.1", int(server.url.rpartition(":")[2])),
                ("169.254.169.254", 80),
            ],
            [str(path) for path in paths],
            [1, 2, server.pid],
        )
        loop.run_until_complete(visit.__aexit__(None, None, None))
        loop.close()


def test_an_app_finds_no_way_out(house: SimpleNamespace, prey: hostile.Prey) -> None:
    async def hunt() -> str:
        async with _open(house, "mal") as visit:
            await visit.open()
            return await visit.run(hostile.program(prey))

    assert hostile.found(asyncio.run(hunt())) == {}


def test_a_job_finds_no_way_out(
    server: RunningServer, house: SimpleNamespace, prey: hostile.Prey, tmp_path: Path
) -> None:
    s3 = server.client("s3")
    s3.create_bucket(Bucket="hunting")
    s3.put_object(Bucket="hunting", Key="hunt.py", Body=hostile.program(prey).encode())
    name = "hunts"
    house.sm.create_processing_job(
        ProcessingJobName=name,
        RoleArn=house.role,
        AppSpecification={
            "ImageUri": IMAGE,
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/hunt.py"],
        },
        ProcessingResources={
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "VolumeSizeInGB": 1,
            }
        },
        ProcessingInputs=[
            {
                "InputName": "code",
                "S3Input": {
                    "S3Uri": "s3://hunting/hunt.py",
                    "LocalPath": "/opt/ml/processing/input",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
        ],
    )
    ends = ("Completed", "Failed", "Stopped")
    described = house.sm.describe_processing_job
    until(lambda: described(ProcessingJobName=name)["ProcessingJobStatus"] in ends)
    job = described(ProcessingJobName=name)
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    logs = server.client("logs")
    group = "/aws/sagemaker/ProcessingJobs"
    until(lambda: hostile.MARK in _said(logs, group))
    assert hostile.found(_said(logs, group)) == {}


def _said(logs, group: str) -> str:  # type: ignore[no-untyped-def]
    return "\n".join(one["message"] for one in logs.filter_log_events(logGroupName=group)["events"])


def _open(house: SimpleNamespace, who: str) -> Visit:
    answer = house.sm.create_presigned_domain_url(DomainId=house.domains[who], UserProfileName=who)
    return Visit(answer["AuthorizedUrl"])


def _accept(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            listener.accept()[0].close()


def _own_addresses() -> list[str]:
    """The machine's own IPv4 addresses beside its loopback."""
    text = Path("/proc/net/fib_trie").read_text().split()
    found = {
        text[place - 2]
        for place, word in enumerate(text)
        if word == "LOCAL" and text[place - 2 : place - 1] and text[place - 1] == "host"
    }
    return sorted(one for one in found if one.count(".") == 3 and not one.startswith("127."))

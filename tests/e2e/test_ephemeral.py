"""Servers for test suites: ``--ephemeral`` leaves nothing, and ``reset`` begins again."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
from tests.support.people import refused, trusting
from tests.support.server import (
    FREEHOLD,
    RunningServer,
    clean_environment,
    freehold,
    one_line,
    until,
    up,
)

from freehold.host import runtimes
from freehold.host.sandboxes import probe

pytestmark = pytest.mark.e2e
Make = Callable[..., RunningServer]


def reset(
    server: RunningServer, keys: dict[str, Any] | None, method: str = "POST", service: str = "x"
) -> int:
    """Ask for a reset; the status of the answer."""
    request = AWSRequest(method, f"{server.url}/_freehold/reset")
    if keys is not None:
        given = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys.get("SessionToken"))
        SigV4Auth(given, service, "us-east-1").add_auth(request)
    session = URLLib3Session(proxies={})
    answer = session.send(request.prepare())
    session.close()
    return int(answer.status_code)


def root_of(server: RunningServer) -> dict[str, str]:
    env = server.environment()
    return {
        "AccessKeyId": env["AWS_ACCESS_KEY_ID"],
        "SecretAccessKey": env["AWS_SECRET_ACCESS_KEY"],
    }


def test_an_ephemeral_server_leaves_nothing(make_server: Make) -> None:
    server = make_server("s", "--ephemeral")
    server.start()
    server.client("sagemaker").create_experiment(ExperimentName="e")
    assert server.stop() == 0
    assert not server.state.exists()


def test_an_ephemeral_server_takes_an_empty_place_only(tmp_path: Path) -> None:
    state = tmp_path / "s"
    state.mkdir()
    (state / "letter").write_text("keep me")
    words = ("--ephemeral", "--state", str(state), "--port", "0", "--tls-port", "0")
    one_line(up(*words), "holds something")
    assert (state / "letter").read_text() == "keep me"


def test_an_ephemeral_server_names_its_place_and_removes_it() -> None:
    process = subprocess.Popen(
        [FREEHOLD, "up", "--ephemeral", "--port", "0", "--tls-port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(),
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("ready http://127.0.0.1:")
        state = Path(process.stderr.readline().removeprefix("state ").strip())
        assert (state / "freehold.db").exists()
        assert freehold("env", "--state", str(state)).returncode == 0
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert process.returncode == 0
    assert not state.exists()


def test_a_reset_empties_everything_but_the_roots_keys(make_server: Make) -> None:
    server = make_server("s", "--ephemeral")
    server.start()
    iam, sm = server.client("iam"), server.client("sagemaker")
    iam.create_user(UserName="ana")
    key = iam.create_access_key(UserName="ana")["AccessKey"]
    every = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.put_user_policy(
        UserName="ana",
        PolicyName="p",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": every}),
    )
    ana = server.client("sagemaker", key)
    sm.create_domain(DomainName="d", AuthMode="IAM", DefaultUserSettings={})
    ana.create_experiment(ExperimentName="e")
    (server.state / "volumes" / "fs-12345678").mkdir(parents=True, exist_ok=True)
    (server.state / "volumes" / "fs-12345678" / "file").write_text("x")
    root = root_of(server)
    for keys in (None, key, root | {"SecretAccessKey": "wrong"}):
        assert reset(server, keys) == 403
    assert reset(server, root, method="GET") == 404
    assert len(sm.list_experiments()["ExperimentSummaries"]) == 1
    for _ in range(2):
        assert reset(server, root) == 200
        assert sm.list_domains()["Domains"] == []
        assert sm.list_experiments()["ExperimentSummaries"] == []
        assert iam.list_users()["Users"] == []
        with refused("UnrecognizedClientException"):
            ana.list_experiments()
        assert list((server.state / "volumes").iterdir()) == []
        assert len(server.client("ec2").describe_vpcs()["Vpcs"]) == 1
        sm.create_domain(DomainName="d", AuthMode="IAM", DefaultUserSettings={})
    assert root_of(server) == root
    assert server.stop() == 0


def test_a_lasting_server_is_reset_by_nobody(server: RunningServer) -> None:
    server.client("sagemaker").create_experiment(ExperimentName="kept")
    assert reset(server, root_of(server)) == 404
    assert reset(server, None) == 404
    assert server.client("sagemaker").describe_experiment(ExperimentName="kept")


@pytest.mark.runtime
@pytest.mark.skipif(
    runtimes.find("jupyterlab") is None,
    reason="needs a runtime: freehold runtime install jupyterlab",
)
@pytest.mark.skipif(bool(probe.bubblewrap().trouble), reason="needs sandboxes")
def test_reset_and_end_of_an_ephemeral_server_are_the_end_of_its_apps(tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "s", tmp_path / "log", "--ephemeral")
    server.start()
    try:
        sm = server.client("sagemaker")
        _start_an_app(server)
        runs = str(server.state / "runs")
        assert _processes_below(runs)
        assert reset(server, root_of(server)) == 200
        assert _processes_below(runs) == []
        assert sm.list_apps()["Apps"] == []
        assert list((server.state / "doors").iterdir()) == []
        _start_an_app(server)
        assert _processes_below(runs)
    finally:
        assert server.stop() == 0
    assert not server.state.exists()
    assert _processes_below(str(server.state)) == []


def _start_an_app(server: RunningServer) -> None:
    iam, sm = server.client("iam"), server.client("sagemaker")
    role = iam.create_role(
        RoleName="work",
        AssumeRolePolicyDocument=trusting({"Service": "sagemaker.amazonaws.com"}),
    )["Role"]["Arn"]
    domain = sm.create_domain(
        DomainName="d", AuthMode="IAM", DefaultUserSettings={"ExecutionRole": role}
    )["DomainId"]
    sm.create_user_profile(DomainId=domain, UserProfileName="ana")
    named = {
        "DomainId": domain,
        "UserProfileName": "ana",
        "AppType": "JupyterLab",
        "AppName": "default",
    }
    sm.create_app(**named)
    until(lambda: sm.describe_app(**named)["Status"] == "InService", 90)


def _processes_below(place: str) -> list[str]:
    """Processes that were started for something below a directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = process.read_bytes().split(b"\0")
        except OSError:
            continue
        if any(place.encode() in word for word in words[1:]) and b"up" not in words:
            found.append(process.parent.name)
    return found

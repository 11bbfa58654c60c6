"""``freehold domain`` on a real server: an end that is interrupted, and files that come back."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.support import needs
from tests.support.people import allow, policy, trusting
from tests.support.server import FREEHOLD, RunningServer, clean_environment, freehold, until

pytestmark = needs.sandboxes("jupyterlab")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    yield from needs.shared_server(tmp_path_factory, "words")


@pytest.fixture(scope="module")
def role(server: RunningServer) -> str:
    iam = server.client("iam")
    made = iam.create_role(
        RoleName="work",
        AssumeRolePolicyDocument=trusting({"Service": "sagemaker.amazonaws.com"}),
    )["Role"]["Arn"]
    iam.put_role_policy(RoleName="work", PolicyName="p", PolicyDocument=policy(allow("*")))
    return str(made)


def domain(server: RunningServer, role: str, name: str, *, has_app: bool = True) -> SimpleNamespace:
    """A domain of ana, whose JupyterLab runs if it is to."""
    sm = server.client("sagemaker")
    settings = {"ExecutionRole": role}
    made = sm.create_domain(
        DomainName=name,
        AuthMode="IAM",
        DefaultUserSettings=settings,
        DefaultSpaceSettings=settings,
    )["DomainId"]
    sm.create_user_profile(DomainId=made, UserProfileName="ana")
    sm.create_space(DomainId=made, SpaceName="team")
    app = {
        "DomainId": made,
        "UserProfileName": "ana",
        "AppType": "JupyterLab",
        "AppName": "default",
    }
    if has_app:
        sm.create_app(**app)
        until(lambda: sm.describe_app(**app)["Status"] == "InService")
    return SimpleNamespace(id=made, sm=sm)


def home(server: RunningServer, domain_id: str) -> Path:
    sm = server.client("sagemaker")
    fs = sm.describe_domain(DomainId=domain_id)["HomeEfsFileSystemId"]
    told = sm.describe_user_profile(DomainId=domain_id, UserProfileName="ana")
    return server.state / "volumes" / fs / told["HomeEfsFileSystemUid"]


def digests(place: Path) -> dict[str, str]:
    return {
        str(path.relative_to(place)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(place.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def words(server: RunningServer, *given: str) -> subprocess.CompletedProcess[str]:
    return freehold(*given, "--state", str(server.state))


def test_a_domain_is_saved_while_it_runs_deleted_in_two_runs_and_brought_back(
    server: RunningServer, role: str, tmp_path: Path
) -> None:
    lab, other = domain(server, role, "finance"), domain(server, role, "other", has_app=False)
    files = home(server, lab.id)
    (files / "notes.txt").write_text("hers")
    os.chown(files / "notes.txt", files.stat().st_uid, files.stat().st_gid)
    beside = home(server, other.id)
    beside.mkdir(parents=True)
    (beside / "theirs.txt").write_text("not yours")
    told = json.loads(words(server, "domains", "--json").stdout)
    assert [(one["DomainName"], one["running_apps"]) for one in told] == [
        ("finance", 1),
        ("other", 0),
    ]
    shown = words(server, "domain", "show", "finance").stdout
    assert "JupyterLab/default" in shown

    archive = tmp_path / "finance.tar.zst"
    saved = words(server, "domain", "backup", "finance", "--to", str(archive), "--stop-apps")
    assert saved.returncode == 0, saved.stderr
    before = digests(files)
    assert before["notes.txt"]
    lab.sm.create_app(
        DomainId=lab.id, SpaceName="team", AppType="JupyterLab", AppName="default"
    )  # is on its way up when the end comes

    refused = words(server, "domain", "delete", "finance", "--yes")
    assert refused.returncode == 1
    assert "still holds 1 app, 1 space, 1 user profile" in refused.stderr
    command = [FREEHOLD, "domain", "delete", "finance", "--cascade", "--yes"]
    command += ["--volume", "delete", "--state", str(server.state)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=clean_environment()
    ) as first:
        assert first.stdout is not None
        for line in first.stdout:
            if "deleting app" in line:
                first.kill()
                break
    assert first.returncode == -9
    assert any(d["DomainName"] == "finance" for d in lab.sm.list_domains()["Domains"])
    second = words(
        server, "domain", "delete", "finance", "--cascade", "--yes", "--volume", "delete"
    )
    assert second.returncode == 0, second.stdout + second.stderr
    assert "gone: domain finance" in second.stdout
    assert [d["DomainName"] for d in lab.sm.list_domains()["Domains"]] == ["other"]
    until(lambda: not files.exists())

    verified = words(server, "domain", "restore", str(archive), "--verify-only")
    assert verified.returncode == 0, verified.stderr
    back = words(server, "domain", "restore", str(archive), "--name", "finance")
    assert back.returncode == 0, back.stdout + back.stderr
    new = next(d for d in lab.sm.list_domains()["Domains"] if d["DomainName"] == "finance")
    assert new["DomainId"] != lab.id
    there = home(server, new["DomainId"])
    assert digests(there) == before
    assert {os.lstat(path).st_uid for path in there.rglob("*")} <= {there.stat().st_uid}
    assert (beside / "theirs.txt").read_text() == "not yours"
    app = {"DomainId": new["DomainId"], "UserProfileName": "ana"}
    app |= {"AppType": "JupyterLab", "AppName": "default"}
    lab.sm.create_app(**app)
    until(lambda: lab.sm.describe_app(**app)["Status"] == "InService")


def test_the_whole_install_moves_to_another_place(server: RunningServer, tmp_path: Path) -> None:
    archive = tmp_path / "all.tar.zst"
    saved = words(server, "backup", "--to", str(archive))
    assert saved.returncode == 0, saved.stdout + saved.stderr
    state = tmp_path / "moved"
    assert freehold("restore", str(archive), "--state", str(state)).returncode == 0
    again = RunningServer(state, tmp_path / "moved.log")
    again.start()
    try:
        names = {d["DomainName"] for d in again.client("sagemaker").list_domains()["Domains"]}
        theirs = {d["DomainName"] for d in server.client("sagemaker").list_domains()["Domains"]}
        assert names == theirs
    finally:
        again.end()

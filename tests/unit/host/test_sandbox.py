"""The plan of a sandbox: what is mounted how, in which order, and what stands where."""

from __future__ import annotations

import json
from typing import Any

from freehold.host.sandboxes import sandbox
from freehold.host.sandboxes.limits import Enforcement, Limits
from freehold.host.sandboxes.sandbox import Bind, File, Identity, Sandbox

ROOT = Identity(200_001, 200_001, True)
USER = Identity(1000, 1000, False)


def plan(box: Sandbox, who: Identity = ROOT) -> dict[str, Any]:
    return sandbox.plan(
        box,
        who,
        bwrap="/bin/bwrap",
        argv=("true",),
        env={"SECRET": "hunter2"},
        cwd="/",
        enforcement=Enforcement(kind="watchdog", bases={}, reason=""),
        limits=Limits(),
    )


def options(box: Sandbox, who: Identity = ROOT) -> str:
    return " ".join(str(part) for part in plan(box, who)["args"])


def test_a_plan_is_plain_data_and_its_command_tells_no_secret() -> None:
    made = plan(Sandbox(files=(File("/opt/token", "hunter2"),)))
    assert json.loads(json.dumps(made)) == made
    assert "hunter2" not in json.dumps([made["command"], made["args"]])
    assert made["init"]["env"]["SECRET"] == "hunter2"


def test_root_drops_inside_and_an_ordinary_user_uses_a_user_namespace() -> None:
    assert "--unshare-user" not in options(Sandbox())
    assert plan(Sandbox())["init"]["uid"] == 200_001
    assert "--unshare-user --disable-userns --uid 1000 --gid 1000" in options(Sandbox(), USER)
    assert plan(Sandbox(), USER)["init"]["uid"] is None


def test_parents_of_targets_may_be_passed_by_every_uid() -> None:
    said = options(Sandbox(binds=(Bind("/src", "/a/b/c"),), files=(File("/d/e", "x"),)))
    for directory in ("/a", "/a/b", "/d"):
        assert f"--perms 0755 --dir {directory}" in said
    assert said.index("--dir /a/b") < said.index("--ro-bind /src /a/b/c")


def test_outer_binds_come_before_inner_ones_and_nothing_is_made_inside_a_bind() -> None:
    inner, outer = Bind("/one", "/opt/ml/input/data"), Bind("/two", "/opt/ml", is_writable=True)
    said = options(Sandbox(binds=(inner, outer), files=(File("/opt/ml/x/y", "x"),)))
    assert said.index("--bind /two /opt/ml") < said.index("--ro-bind /one /opt/ml/input/data")
    assert "--dir /opt/ml" not in said
    assert "--ro-bind-data" in said.split("/opt/ml/x/y")[0][-40:]


def test_the_root_is_closed_last() -> None:
    assert options(Sandbox()).endswith("--remount-ro /dev --remount-ro /")


def test_the_network_is_ours_unless_it_is_shared() -> None:
    assert "--unshare-net" in options(Sandbox())
    assert "--unshare-net" not in options(Sandbox(network="host"))


def test_its_own_hosts_and_users_are_written() -> None:
    files = plan(Sandbox(hostname="algo-1", hosts={"algo-2": "10.0.0.2"}))["files"]
    assert "127.0.0.1\tlocalhost\n127.0.0.1\talgo-1\n10.0.0.2\talgo-2\n::1\tlocalhost\n" in files
    assert any("sagemaker-user:x:200001:200001::/home/sagemaker-user:" in text for text in files)


def test_the_systems_interpreter_needs_no_bind() -> None:
    assert sandbox.interpreter_binds("/usr") == ()
    assert sandbox.interpreter_binds("/opt/python")[0] == Bind("/opt/python", "/opt/python")


def test_a_network_namespace_is_entered_before_anything_else_and_never_left() -> None:
    box = Sandbox(netns="/run/netns/mine", direct=True)
    command = plan(box)["command"]
    assert command[1:4] == ["--net=/run/netns/mine", "--", "/bin/bwrap"]
    assert "--unshare-net" not in options(box)
    assert plan(box)["init"]["direct"] is True
    assert "nameserver 127.0.0.1\n" in plan(box)["files"]
    assert plan(Sandbox())["init"]["direct"] is False

"""The local runner with real sandboxes: what they see, how they end, who survives what."""

from __future__ import annotations

import http.server
import os
import signal
import socketserver
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from freehold.base.errors import Conflict, Invalid
from freehold.base.settings import Settings
from freehold.host import doctor, runtimes
from freehold.host.sandboxes import limits, probe
from freehold.host.sandboxes.limits import Limits
from freehold.host.sandboxes.sandbox import Bind, Bridge, File, Sandbox
from freehold.runners import rundir
from freehold.runners.local import LocalRunner
from freehold.runners.runner import Status, Work

pytestmark = pytest.mark.e2e
IS_ROOT = os.geteuid() == 0
OWNER = 200_001 if IS_ROOT else os.geteuid()
WATCHDOG = limits.Enforcement(kind="watchdog", bases={}, reason="chosen by the test")
PYTHON = os.path.realpath(sys._base_executable)


@pytest.fixture(autouse=True)
def _needs_bubblewrap() -> None:
    if trouble := probe.bubblewrap().trouble:
        pytest.skip(f"no sandbox starts here: {trouble}")


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[LocalRunner]:
    local = LocalRunner(tmp_path / "state")
    yield local
    for id in local.ids():
        local.stop(id, 0.0)
    wait(lambda: all(local.look(id).state in {"ended", "lost"} for id in local.ids()))


def wait(is_true: Callable[[], Any], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.01)


def script(text: str, id: str = "work", **members: Any) -> Work:
    members.setdefault("uid", OWNER)
    return Work(id=id, kind="test", argv=("/bin/sh", "-c", textwrap.dedent(text)), **members)


def python(text: str, id: str = "work", **members: Any) -> Work:
    argv = (PYTHON, "-I", "-S", "-c", textwrap.dedent(text))
    return Work(id=id, kind="test", argv=argv, uid=OWNER, **members)


def ended(runner: LocalRunner, id: str = "work") -> Status:
    wait(lambda: runner.look(id).state in {"ended", "lost"})
    return runner.look(id)


def said(runner: LocalRunner, id: str = "work", stream: str = "out") -> list[str]:
    return [line.text for line in runner.logs(id).lines if line.stream == stream]


def run(runner: LocalRunner, work: Work) -> tuple[Status, list[str]]:
    runner.start(work)
    return ended(runner, work.id), said(runner, work.id)


def running(runner: LocalRunner, id: str = "work", line: str = "ready") -> Status:
    wait(lambda: line in said(runner, id) or runner.look(id).state == "ended")
    wait(lambda: runner.look(id).state != "starting")
    status = runner.look(id)
    assert status.state == "running", status
    return status


def processes(marker: str) -> list[int]:
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                command = Path(f"/proc/{name}/cmdline").read_bytes()
            except OSError:
                continue
            if marker.encode() in command:
                found.append(int(name))
    return found


# What it sees


def test_a_work_runs_and_its_end_is_told(runner: LocalRunner) -> None:
    status, lines = run(runner, script("echo out; echo err >&2; exit 3"))
    assert (status.state, status.exit_code, status.signal) == ("ended", 3, None)
    assert lines == ["out"]
    assert said(runner, stream="err") == ["err"]
    assert status.created_at <= status.started_at <= status.ended_at  # type: ignore[operator]


def test_a_signal_is_told_as_a_signal(runner: LocalRunner) -> None:
    status, _ = run(runner, script("kill -KILL $$"))
    assert (status.exit_code, status.signal, status.stopped_by) == (None, 9, None)


def test_it_sees_only_its_own_files(runner: LocalRunner, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    box = tmp_path / "box"
    box.mkdir()
    (box / "mine").write_text("mine")
    sandbox = Sandbox(
        binds=(Bind(str(box), "/opt/ml/box"),),
        files=(File("/opt/ml/note.json", "{}"), File("/opt/ml/box2/deep/x", "x")),
    )
    work = script(
        f"""
        cat /opt/ml/box/mine; echo; cat /opt/ml/note.json; echo; cat /opt/ml/box2/deep/x; echo
        ls {tmp_path} 2>/dev/null; ls /home /srv /mnt /media /boot 2>/dev/null
        touch /opt/ml/box/new 2>/dev/null && echo wrote
        touch /new 2>/dev/null && echo wrote; touch /etc/new 2>/dev/null && echo wrote
        touch /usr/new 2>/dev/null && echo wrote
        echo tmp > /tmp/x && cat /tmp/x /var/tmp/x
        """,
        sandbox=sandbox,
    )
    _, lines = run(runner, work)
    assert lines == ["mine", "{}", "x", "/home:", "sagemaker-user", "tmp", "tmp"]


def test_it_has_its_environment_and_no_other(runner: LocalRunner) -> None:
    os.environ["FREEHOLD_TEST_SECRET"] = "x"
    _, lines = run(runner, script("env; pwd", env={"A": "1"}, cwd="/tmp"))
    del os.environ["FREEHOLD_TEST_SECRET"]
    names = {line.partition("=")[0] for line in lines if "=" in line}
    assert names <= {"A", "PATH", "HOME", "USER", "PWD", "SHLVL", "_", "OLDPWD"}
    assert lines[-1] == "/tmp"


def test_it_sees_no_process_of_the_host(runner: LocalRunner) -> None:
    _, lines = run(runner, script("ls /proc | grep -E '^[0-9]+$' | wc -l; cat /proc/1/environ"))
    assert int(lines[0]) <= 6


def test_it_has_no_capability_and_gets_none(runner: LocalRunner) -> None:
    _, lines = run(
        runner,
        script("""
        grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status | tr '\\t' ' '
        for flag in -U -m -n -p -i; do unshare $flag true 2>/dev/null && echo "unshared $flag"; done
        mount -t tmpfs none /mnt 2>/dev/null && echo mounted
        """),
    )
    zero = "0" * 16
    kinds = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
    assert lines == [*(f"{kind}: {zero}" for kind in kinds), "NoNewPrivs: 1", "Seccomp: 2"]


def test_new_namespaces_and_strange_sockets_are_refused(runner: LocalRunner) -> None:
    work = python("""
        import ctypes, errno, os, _socket
        libc = ctypes.CDLL(None, use_errno=True)
        x86 = os.uname().machine == "x86_64"
        clone = 56 if x86 else 220
        print(libc.syscall(clone, 0x10000000 | 17, 0, 0, 0, 0), ctypes.get_errno() == errno.EPERM)
        print(libc.syscall(435, 0, 0), ctypes.get_errno() == errno.ENOSYS)
        print(libc.syscall(425, 1, 0), ctypes.get_errno() == errno.EPERM)
        for family in (40, 17, 38):
            try:
                _socket.socket(family, _socket.SOCK_STREAM)
            except OSError as error:
                print(error.errno == errno.EAFNOSUPPORT)
        """)
    _, lines = run(runner, work)
    assert lines == ["-1 True", "-1 True", "-1 True", "True", "True", "True"]


@pytest.mark.root
@pytest.mark.skipif(not IS_ROOT, reason="one uid only")
def test_the_home_of_another_uid_is_denied(runner: LocalRunner, tmp_path: Path) -> None:
    volume = tmp_path / "volume"
    for uid in (OWNER, OWNER + 1):
        home = volume / str(uid)
        home.mkdir(parents=True, mode=0o700)
        (home / "file").write_text("x")
        os.chown(home, uid, uid)
    sandbox = Sandbox(binds=(Bind(str(volume), "/volume", is_writable=True),))
    work = script(
        f"cat /volume/{OWNER}/file; echo; touch /volume/{OWNER}/new; cat /volume/{OWNER + 1}/file",
        sandbox=sandbox,
    )
    status, lines = run(runner, work)
    assert lines == ["x"]
    assert "Permission denied" in said(runner, stream="err")[0]
    assert (volume / str(OWNER) / "new").stat().st_uid == OWNER
    assert status.exit_code == 1


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"x" * int(self.path[1:])
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *_: object) -> None:
        pass


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def test_the_bridge_is_the_only_network(runner: LocalRunner, tmp_path: Path) -> None:
    sockets = tmp_path / "s"
    sockets.mkdir()
    server = _Server(str(sockets / "api.sock"), _Handler)
    os.chmod(sockets / "api.sock", 0o666)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    work = python(
        """
        import socket, urllib.request
        for size in (10, 30_000_000):
            with urllib.request.urlopen(f"http://127.0.0.1:9000/{size}") as answer:
                print(len(answer.read()))
        for address in (("127.0.0.1", 9001), ("192.0.2.1", 80), ("169.254.169.254", 80)):
            try:
                socket.create_connection(address, timeout=3)
                print("connected")
            except OSError as error:
                print(type(error).__name__)
        print(sorted(name for _, name in socket.if_nameindex()))
        """,
        sandbox=Sandbox(
            binds=(Bind(str(sockets), "/run/freehold"),),
            bridges=(Bridge(9000, "/run/freehold/api.sock"),),
        ),
    )
    try:
        status, lines = run(runner, work)
    finally:
        server.shutdown()
        server.server_close()
    assert lines[:2] == ["10", "30000000"], (status, said(runner, stream="err"))
    assert lines[2:] == ["ConnectionRefusedError", "OSError", "OSError", "['lo']"]


def test_the_bridge_finds_a_server_that_comes_later(runner: LocalRunner, tmp_path: Path) -> None:
    sockets = tmp_path / "s"
    sockets.mkdir()
    box = Sandbox(
        binds=(Bind(str(sockets), "/run/freehold"),),
        bridges=(Bridge(9000, "/run/freehold/api.sock"),),
    )
    text = """
        import urllib.request
        print("ready", flush=True)
        print(len(urllib.request.urlopen("http://127.0.0.1:9000/7").read()))
        """
    runner.start(python(text, sandbox=box))
    running(runner)
    server = _Server(str(sockets / "api.sock"), _Handler)
    os.chmod(sockets / "api.sock", 0o666)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert ended(runner).exit_code == 0
    finally:
        server.shutdown()
        server.server_close()
    assert said(runner) == ["ready", "7"]


def test_a_workload_cannot_look_into_its_first_process(runner: LocalRunner) -> None:
    _, lines = run(runner, script("ls /proc/1/fd 2>/dev/null; cat /proc/1/mem 2>/dev/null; echo x"))
    assert lines == ["x"]


# How it ends


def test_stop_lets_a_work_finish_within_its_grace(runner: LocalRunner) -> None:
    runner.start(script("trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done"))
    running(runner)
    runner.stop("work")
    status = ended(runner)
    assert (status.exit_code, status.stopped_by) == (7, "stop")
    assert said(runner) == ["ready", "bye"]


def test_stop_kills_all_of_it_after_the_grace(runner: LocalRunner) -> None:
    marker = f"marker-{time.time_ns()}"
    runner.start(
        script(f"""
        trap '' TERM
        loop='trap "" TERM; (while :; do sleep 1 & wait; done) & wait'
        for i in 1 2 3; do setsid /bin/sh -c "$loop" {marker} & done
        echo ready; while :; do sleep 0.1; done
        """)
    )
    running(runner)
    wait(lambda: len(processes(marker)) >= 4)
    runner.stop("work", 0.3)
    status = ended(runner)
    assert (status.signal, status.stopped_by) == (9, "stop")
    assert processes(marker) == []


def test_a_work_that_ends_leaves_no_child(runner: LocalRunner) -> None:
    marker = f"marker-{time.time_ns()}"
    run(runner, script(f"setsid /bin/sh -c 'sleep 600; :' {marker} >/dev/null 2>&1 & sleep 0.1"))
    assert processes(marker) == []


def test_the_maximum_runtime_is_held(runner: LocalRunner) -> None:
    work = script("exec sleep 600", max_runtime_seconds=0.4, stop_grace_seconds=0.3)
    runner.start(work)
    status = ended(runner)
    assert (status.signal, status.stopped_by) == (15, "max-runtime")
    assert 0.4 <= status.ended_at - status.started_at < 5  # type: ignore[operator]


@pytest.mark.parametrize("is_watched", [False, True], ids=["host's limits", "watchdog"])
def test_the_memory_limit_is_held(tmp_path: Path, is_watched: bool) -> None:
    local = LocalRunner(tmp_path / "state", enforcement=WATCHDOG if is_watched else None)
    text = """
        import time
        held = []
        while len(held) < 600:
            held.append(b"x" * 1024 * 1024)
            time.sleep(0.002)
        time.sleep(60)
        """
    local.start(python(text, limits=Limits(memory_bytes=96 * 1024 * 1024)))
    status = ended(local)
    assert (status.signal, status.stopped_by) == (9, "memory")
    assert status.peak_bytes > 80 * 1024 * 1024
    assert "memory" in status.message


def test_what_it_used_is_counted(runner: LocalRunner) -> None:
    status, _ = run(
        runner,
        python("""
        import os, time
        if os.fork() == 0:
            held = b"x" * 50_000_000
            os._exit(0)
        os.wait()
        while time.process_time() < 0.3: pass
        """),
    )
    assert 0.25 <= status.cpu_seconds < 2
    assert 50_000_000 <= status.peak_bytes < 200_000_000


def test_a_stop_before_the_start_is_done_ends_it(runner: LocalRunner) -> None:
    runner.start(script("exec sleep 600"))
    runner.stop("work", 60.0)
    status = ended(runner)
    assert status.stopped_by == "stop"


# When it cannot start


def test_a_program_that_is_not_there_is_told(runner: LocalRunner) -> None:
    runner.start(Work(id="work", kind="test", argv=("/no/such",), uid=OWNER))
    status = ended(runner)
    assert (status.state, status.started_at, status.exit_code) == ("ended", None, None)
    assert "/no/such: No such file or directory" in status.message


def test_a_null_character_in_a_variable_is_told(runner: LocalRunner) -> None:
    runner.start(script("true", env={"A": "b\0c"}))
    status = ended(runner)
    assert (status.state, status.started_at, status.exit_code) == ("ended", None, None)
    assert "embedded null byte" in status.message


def test_a_bind_that_is_not_there_is_told(runner: LocalRunner) -> None:
    runner.start(script("true", sandbox=Sandbox(binds=(Bind("/no/such/source", "/x"),))))
    status = ended(runner)
    assert status.started_at is None
    assert "/no/such/source" in status.message


def test_a_missing_bubblewrap_is_told(runner: LocalRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = probe.Bubblewrap(path="", trouble="no bubblewrap was found")
    monkeypatch.setattr("freehold.runners.local.bubblewrap", lambda: missing)
    runner.start(script("true"))
    status = ended(runner)
    assert status.started_at is None
    assert "not installed" in status.message


def test_ids_that_could_leave_the_directory_are_refused(runner: LocalRunner) -> None:
    for id in ("", "..", "a/b", ".hidden", "x" * 129, "a\n"):
        with pytest.raises(Invalid):
            runner.look(id)


# Who survives what


def test_a_work_that_was_never_started_is_absent(runner: LocalRunner) -> None:
    assert runner.look("nothing").state == "absent"
    runner.stop("nothing")
    runner.forget("nothing")
    assert runner.logs("nothing").lines == ()


def test_a_second_start_runs_it_once(runner: LocalRunner, tmp_path: Path) -> None:
    (tmp_path / "count").mkdir()
    os.chmod(tmp_path / "count", 0o777)
    box = Sandbox(binds=(Bind(str(tmp_path / "count"), "/count", is_writable=True),))
    work = script("mktemp /count/XXXXXX; echo ready; exec sleep 600", sandbox=box)
    threads = [threading.Thread(target=runner.start, args=(work,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    running(runner)
    LocalRunner(runner.directory.parent).start(work)
    assert len(list((tmp_path / "count").iterdir())) == 1
    runner.stop("work", 0.1)
    ended(runner)
    runner.start(work)
    assert runner.look("work").state == "ended"
    assert len(list((tmp_path / "count").iterdir())) == 1


def test_a_work_survives_the_death_of_the_server_that_started_it(tmp_path: Path) -> None:
    state = tmp_path / "state"
    code = textwrap.dedent(f"""
        import signal, sys, time
        from pathlib import Path
        from freehold.runners.local import LocalRunner
        from freehold.runners.runner import Work
        command = "trap 'exit 4' TERM; echo ready; while :; do sleep 0.05; done"
        work = Work(id="work", kind="test", argv=("/bin/sh", "-c", command), uid={OWNER})
        LocalRunner(Path({str(state)!r})).start(work)
        print("started", flush=True)
        time.sleep(600)
    """)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"started\n"
        server.kill()
    local = LocalRunner(state)
    running(local)
    assert local.ids() == ["work"]
    assert local.adopt("work")
    with pytest.raises(Conflict):
        local.forget("work")
    local.stop("work")
    status = ended(local)
    assert (status.exit_code, status.stopped_by) == (4, "stop")
    local.forget("work")
    assert local.look("work").state == "absent"


def test_a_killed_supervisor_takes_its_sandbox_along_and_the_work_is_lost(
    runner: LocalRunner,
) -> None:
    marker = f"marker-{time.time_ns()}"
    runner.start(
        Work(
            id="work",
            kind="test",
            argv=("/bin/sh", "-c", "echo ready; sleep 600; :", marker),
            uid=OWNER,
        )
    )
    running(runner)
    supervisor = _supervisor(runner)
    os.kill(supervisor, signal.SIGKILL)
    wait(lambda: runner.look("work").state == "lost")
    wait(lambda: processes(marker) == [])
    status = runner.look("work")
    assert status.ended_at == status.heartbeat_at
    assert not runner.adopt("work")
    runner.start(script("true"))
    assert runner.look("work").state == "lost"
    runner.forget("work")
    assert runner.look("work").state == "absent"


def test_a_supervisor_that_is_told_to_end_stops_its_work_first(runner: LocalRunner) -> None:
    runner.start(script("trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"))
    running(runner)
    os.kill(_supervisor(runner), signal.SIGTERM)
    status = ended(runner)
    assert (status.exit_code, status.stopped_by) == (5, "host")


def test_a_work_whose_directory_is_removed_ends(runner: LocalRunner, tmp_path: Path) -> None:
    marker = f"marker-{time.time_ns()}"
    command = "echo ready; sleep 600; :"
    argv = ("/bin/sh", "-c", command, marker)
    runner.start(Work(id="work", kind="test", argv=argv, uid=OWNER))
    running(runner)
    subprocess.run(["rm", "-rf", str(runner.directory / "work")], check=True)
    wait(lambda: processes(marker) == [])


def _supervisor(runner: LocalRunner) -> int:

    pid = rundir.holder(str(runner.directory / "work" / "lock"))
    assert pid is not None
    return pid


# With the rest of the host


@pytest.mark.runtime
@pytest.mark.parametrize(
    ("name", "argv", "expected"),
    [
        ("sklearn", ("python", "-c", "import sklearn, sagemaker_training; print('fine')"), "fine"),
        ("jupyterlab", ("jupyter", "lab", "--version"), "4."),
        ("jupyterlab", ("aws", "--version"), "aws-cli/"),
    ],
)
def test_an_installed_runtime_works_inside(
    runner: LocalRunner, name: str, argv: tuple[str, ...], expected: str
) -> None:
    found = runtimes.find(name)
    if found is None:
        pytest.skip(f"freehold runtime install {name}")
    work = Work(
        id="work",
        kind="test",
        argv=argv,
        uid=OWNER,
        env={"PATH": f"{found.root}/bin:/usr/bin:/bin", "HOME": "/tmp"},
        sandbox=Sandbox(binds=found.binds()),
    )
    status, lines = run(runner, work)
    assert status.exit_code == 0, said(runner, stream="err")
    assert lines[-1].startswith(expected)


def test_the_doctor_finds_a_working_sandbox(tmp_path: Path) -> None:
    found = {one.name: one for one in doctor.examine(Settings(state=tmp_path / "none"))}
    assert found["sandbox"].state == "ok", found["sandbox"]
    assert found["bubblewrap"].state == "ok"
    assert all(one.mend for one in found.values() if one.state == "missing")
    assert not (tmp_path / "none").exists()

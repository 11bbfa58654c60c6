"""The first process (pid 1) of every sandbox: drop rights, start the workload, reap, report.

Input: one marshalled dict on an inherited descriptor (``host/sandboxes/sandbox.py`` and
``runners/supervisor.py`` make it) and a *leash*, a pipe whose other end only the supervisor
holds: the byte ``T`` means "SIGTERM to the workload", its end means that the supervisor is gone.
Output: lines on the report pipe, ``started PID`` | ``failed TEXT`` | ``ended CODE UTIME STIME
MAXRSS_KIB``. When this process ends the kernel ends everything in the sandbox.

It runs as root before it drops (mount first, drop after), so it stays short and trusts nothing
that the workload can reach. Only the standard library, and few modules: start-up counts.
"""
# ruff: noqa: SIM105 - contextlib would cost start-up

from __future__ import annotations

import ctypes
import marshal
import os
import resource
import select
import signal
import sys
from typing import Any

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4
SECCOMP_MODE_FILTER = 2
CLONE_NEWUSER = 0x10000000
CAPABILITY_VERSION_3 = 0x20080522
CAPABILITY_LAST = 63  # prctl answers EINVAL from the first one that the kernel lacks
BRIDGE_RESTARTS_MAX = 100

_libc = ctypes.CDLL(None, use_errno=True)


def main(descriptor: int) -> None:
    """Run one sandbox's workload; never returns."""
    with os.fdopen(descriptor, "rb") as source:
        spec: dict[str, Any] = marshal.loads(source.read())  # noqa: S302 - our supervisor's own
    report = Report(spec["report"])
    try:
        sockets = _listen(spec["bridges"])
        resolvers = None
        if spec["direct"] and sockets:  # where /etc/resolv.conf sends all questions
            resolvers = (_bound(53, "names", is_datagram=True), _bound(53, "names"))
        drop(spec)
        Init(spec, report, sockets, resolvers).run()
    except OSError as error:
        report.say(f"failed the sandbox could not be prepared: {error}")
    os._exit(125)


class Report:
    """The pipe to the supervisor. A vanished supervisor is not our worry: the leash tells."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        os.set_inheritable(descriptor, False)

    def say(self, line: str) -> None:
        """Send one line; line breaks inside it become blanks."""
        try:
            os.write(self.descriptor, (line.replace("\n", " ")[:2000] + "\n").encode())
        except OSError:
            pass


def drop(spec: dict[str, Any]) -> None:
    """Give up every right that the workload must not have, for good.

    ``spec["uid"]`` is None where an unprivileged user's bubblewrap has done the user part.
    """
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    if spec["uid"] is not None:
        _drop_capability_bounds()
        os.setgroups([])
        os.setresgid(spec["gid"], spec["gid"], spec["gid"])
        os.setresuid(spec["uid"], spec["uid"], spec["uid"])
        if spec["user_namespace"]:
            _own_user_namespace(spec["uid"], spec["gid"])
    _drop_capability_bounds()
    _drop_capabilities()
    for name, (soft, hard) in spec["rlimits"].items():
        _limit(getattr(resource, name), soft, hard)
    _prctl(PR_SET_DUMPABLE, 0)  # nobody of our uid may look into this process
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # changing uid has cleared what bubblewrap set
    if spec["seccomp"]:
        _seccomp(spec["seccomp"])


def _drop_capability_bounds() -> None:
    _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    for capability in range(CAPABILITY_LAST + 1):
        if _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break


def _drop_capabilities() -> None:
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if _libc.capset(ctypes.byref(header), ctypes.byref(nothing)) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def _own_user_namespace(uid: int, gid: int) -> None:
    """Move into a user namespace that holds only ourselves.

    Where the host forbids it, go on: the uid is our own and unprivileged already.
    """
    _prctl(PR_SET_DUMPABLE, 1)  # else /proc/self belongs to root after the change of uid
    if _libc.unshare(CLONE_NEWUSER) != 0:
        return
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as target:
            target.write(text)


def _limit(which: int, soft: int, hard: int) -> None:
    _, ceiling = resource.getrlimit(which)
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(which, (soft, hard))


def _seccomp(program: bytes) -> None:
    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))

    code = Program(len(program) // 8, program)
    if _libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(code), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")


def _listen(bridges: list[tuple[int, str]]) -> list[tuple[Any, str]]:
    """Open the bridges' ports before the drop, so that they answer when the workload starts."""
    return [(_bound(port, "the bridge"), path) for port, path in bridges]


def _bound(port: int, purpose: str, *, is_datagram: bool = False) -> Any:
    import socket

    kind = socket.SOCK_DGRAM if is_datagram else socket.SOCK_STREAM
    opened = socket.socket(socket.AF_INET, kind)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind(("127.0.0.1", port))
    except OSError as error:
        raise OSError(error.errno, f"port {port} for {purpose}: {error.strerror}") from None
    if not is_datagram:
        opened.listen(256)
    opened.setblocking(False)
    return opened


class Init:
    """Forks the bridge and the workload, then waits for whatever happens first."""

    def __init__(
        self,
        spec: dict[str, Any],
        report: Report,
        sockets: list[tuple[Any, str]],
        resolvers: tuple[Any, Any] | None,
    ) -> None:
        self.spec, self.report, self.sockets = spec, report, sockets
        self.resolvers = resolvers
        self.leash: int = spec["leash"]
        os.set_inheritable(self.leash, False)
        self.bridge = self.workload = -1
        self.bridge_starts = 0
        self.user_seconds = self.system_seconds = 0.0
        self.peak_kib = 0

    def run(self) -> None:
        """Start everything and wait for the workload's end."""
        wake_read, wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: self.terminate())
        self._start_bridge()
        self._start_workload()
        poll = select.poll()
        poll.register(wake_read, select.POLLIN)
        poll.register(self.leash, select.POLLIN)
        while True:
            for descriptor, _ in poll.poll():
                if descriptor == wake_read:
                    os.read(wake_read, 4096)
                elif (order := os.read(self.leash, 1)) == b"T":
                    self.terminate()
                elif not order:
                    os._exit(137)
            self._reap()

    def terminate(self) -> None:
        """SIGTERM to the workload's process group."""
        if self.workload > 0:
            try:
                os.killpg(self.workload, signal.SIGTERM)
            except OSError:
                pass

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self.user_seconds += usage.ru_utime
            self.system_seconds += usage.ru_stime
            if pid != self.bridge:
                self.peak_kib = max(self.peak_kib, usage.ru_maxrss)
            if pid == self.workload:
                self._end(os.waitstatus_to_exitcode(status))
            if pid == self.bridge:
                self._start_bridge()

    def _end(self, code: int) -> None:
        times = f"{self.user_seconds:.3f} {self.system_seconds:.3f}"
        self.report.say(f"ended {code} {times} {self.peak_kib}")
        os._exit(code if code >= 0 else 128 - code)

    def _start_bridge(self) -> None:
        if not self.sockets or self.bridge_starts >= BRIDGE_RESTARTS_MAX:
            return
        self.bridge_starts += 1
        self.bridge = os.fork()
        if self.bridge == 0:
            try:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                os.close(self.leash)
                os.setpgid(0, 0)
                from freehold.host.inside.serve import serve

                serve(self.sockets, self.resolvers)
            finally:
                os._exit(1)

    def _start_workload(self) -> None:
        error_read, error_write = os.pipe2(os.O_CLOEXEC)
        self.workload = os.fork()
        if self.workload == 0:
            try:
                self._become_workload()
            except OSError as error:
                what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
                os.write(error_write, what.encode(errors="replace")[:1500])
            except ValueError as error:  # a null character in a word or a variable
                os.write(error_write, str(error).encode())
            finally:
                os._exit(127)
        os.close(error_write)
        complaint = os.read(error_read, 2000)
        os.close(error_read)
        if complaint:
            self.report.say(f"failed cannot execute: {complaint.decode(errors='replace')}")
            os._exit(127)
        self.report.say(f"started {self.workload}")

    def _become_workload(self) -> None:
        signal.set_wakeup_fd(-1)
        for number in (
            signal.SIGCHLD,
            signal.SIGTERM,
            signal.SIGPIPE,
            signal.SIGXFSZ,
            signal.SIGINT,
        ):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        argv, environment = self.spec["argv"], self.spec["env"]
        os.chdir(self.spec["cwd"])
        os.umask(self.spec["umask"])
        null = os.open("/dev/null", os.O_RDONLY)
        os.dup2(null, 0)
        sys.stdout.flush()
        os.execvpe(argv[0], argv, environment)  # noqa: S606

"""What a sandbox holds, and the plan by which bubblewrap makes it.

Input: a ``Sandbox`` value and an ``Identity``. Output: a plan of plain data (arguments, small
files, the first process's orders) that ``runners/supervisor.py`` carries out; no secret of it
stands on a command line. Mount first, drop after: as root bubblewrap mounts with all rights and
``inside/init.py`` gives them up; as an ordinary user bubblewrap makes the user namespace.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any, Literal

import msgspec

from freehold.host.sandboxes import seccomp
from freehold.host.sandboxes.limits import Enforcement, Limits

INSIDE = "/run/init"
TMP_BYTES_DEFAULT = 2 * 1024**3
PATH_DEFAULT = "/usr/local/bin:/usr/bin:/bin"
_SYSTEM_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_SYSTEM_ETC = (
    "alternatives", "ca-certificates", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d",
    "localtime", "mime.types", "os-release", "pki", "protocols", "services", "ssl",
)  # fmt: skip


class Bind(msgspec.Struct, frozen=True):
    """A host path shown at ``target``. Read-only unless ``is_writable``."""

    source: str
    target: str
    is_writable: bool = False


class File(msgspec.Struct, frozen=True):
    """A small file made for this sandbox, owned by nobody in it, read-only to the workload."""

    path: str
    text: str
    mode: int = 0o644


class Bridge(msgspec.Struct, frozen=True):
    """127.0.0.1:``port`` inside leads to the unix socket ``socket``, a path inside.

    Bind the socket's directory, never the socket: a restarted server makes a new one.
    """

    port: int
    socket: str


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """What is mounted below a bind's source, for this sandbox alone (``layers.py``).

    ``kind``: ``image`` shows the ext4 image ``source``, ``folder`` the directory ``beneath`` in the
    directory ``source``. It is shown at ``at``, names below ``base``, made for the uid ``owner``
    where they are not. ``ids``: uid and gid on disk, uid and gid inside; None: as they are. One
    that is not ``is_needed`` leaves a word in its place where it cannot be had. ``label``: what
    it is, for messages.
    """

    kind: Literal["image", "folder"]
    source: str
    base: str
    owner: int
    label: str
    beneath: str = ""
    at: tuple[str, ...] = ()
    ids: tuple[int, int, int, int] | None = None
    is_needed: bool = False


class Sandbox(msgspec.Struct, frozen=True, kw_only=True):
    """What a workload sees besides the read-only system.

    ``hosts`` maps names to addresses; ``tmpfs`` are more private directories in memory.
    ``network``: ``none`` has only the bridges; ``host`` shares the machine's network, and with
    it the bridges' ports. ``direct``: it has a network of its own, so that what we do not serve is
    dialled from inside, and names are asked for at 127.0.0.1:53. ``netns``: the path of the network
    namespace that is joined instead, whose rules hold it. Needs root.
    """

    binds: tuple[Bind, ...] = ()
    layers: tuple[Layer, ...] = ()
    files: tuple[File, ...] = ()
    tmpfs: tuple[str, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    hosts: dict[str, str] = {}
    hostname: str = "sandbox"
    network: Literal["none", "host"] = "none"
    direct: bool = False
    netns: str = ""
    user: str = "sagemaker-user"
    home: str = "/home/sagemaker-user"
    tmp_bytes: int = TMP_BYTES_DEFAULT
    umask: int = 0o022


class Identity(msgspec.Struct, frozen=True):
    """The uid and gid of files and processes; ``is_dropped``: we are root and drop to it."""

    uid: int
    gid: int
    is_dropped: bool


def identity(uid: int) -> Identity:
    """The identity for an owner's uid (``host/uids.py``), on this machine, as this user."""
    if os.geteuid() == 0:
        return Identity(uid, uid, True)
    return Identity(os.geteuid(), os.getegid(), False)


def interpreter_binds(prefix: str = sys.base_prefix) -> tuple[Bind, ...]:
    """What a venv needs besides itself: its base interpreter, where that is not the system's.

    Bound at the path that the venv knows and at the real one, which may differ by a link.
    """
    paths = dict.fromkeys((prefix, os.path.realpath(prefix)))
    return tuple(Bind(path, path) for path in paths if not _is_within(path, "/usr"))


def plan(
    sandbox: Sandbox,
    who: Identity,
    *,
    bwrap: str,
    argv: tuple[str, ...],
    env: dict[str, str],
    cwd: str,
    enforcement: Enforcement,
    limits: Limits,
) -> dict[str, Any]:
    """Everything that the supervisor needs to start it, JSON-ready.

    Returns:
        ``command``: bubblewrap, with ``{"fd": "args"}`` and ``{"fd": "init"}`` for descriptors;
        ``args``: its options, with ``{"fd": N}`` for the N-th of ``files``; ``layers``: what is
        mounted first; ``init``: the orders of the first process, but for its pipes, which the
        supervisor adds.
    """
    python = os.path.realpath(sys._base_executable)  # type: ignore[attr-defined]
    start = f"import sys; sys.path.insert(0, {INSIDE!r}); "
    start += "from freehold.host.inside.init import main; main(int(sys.argv[1]))"
    builder = _Builder(sandbox, who)
    return {
        "command": [*_joining(sandbox.netns), bwrap, "--args", {"fd": "args"}, "--",
                    python, "-I", "-S", "-c", start, {"fd": "init"}],
        "args": builder.arguments(),
        "files": builder.files,
        "layers": [msgspec.to_builtins(layer) for layer in sandbox.layers],
        "init": {
            "argv": list(argv),
            "env": {"PATH": PATH_DEFAULT, "HOME": sandbox.home, "USER": sandbox.user, **env},
            "cwd": cwd,
            "umask": sandbox.umask,
            "uid": who.uid if who.is_dropped else None,
            "gid": who.gid if who.is_dropped else None,
            "user_namespace": True,
            "bridges": [[bridge.port, bridge.socket] for bridge in sandbox.bridges],
            "direct": sandbox.direct,
            "rlimits": {name: list(pair) for name, pair in enforcement.rlimits(limits).items()},
            "seccomp": seccomp.program().hex(),
        },
    }  # fmt: skip


class _Builder:
    """Collects bubblewrap's options in the order in which it will carry them out."""

    def __init__(self, sandbox: Sandbox, who: Identity) -> None:
        self.sandbox, self.who = sandbox, who
        self.options: list[Any] = []
        self.files: list[str] = []
        self.covered: list[str] = ["/usr", "/proc", "/dev"]
        self.made: set[str] = {"/"}

    def arguments(self) -> list[Any]:
        self._namespaces()
        self._system()
        size = str(self.sandbox.tmp_bytes)
        self._add("--perms", "1777", "--size", size, "--tmpfs", "/dev/shm")  # noqa: S108
        for path in dict.fromkeys(("/tmp", *self.sandbox.tmpfs)):  # noqa: S108
            self._parents(path)
            self._add("--perms", "1777", "--size", size, "--tmpfs", path)
            self.covered.append(path)
        self._parents("/var/tmp")  # noqa: S108
        self._add("--symlink", "../tmp", "/var/tmp")  # noqa: S108
        self._binds()
        for path, text in self._identity_files().items():
            self._file(File(path, text))
        for file in self.sandbox.files:
            self._file(file)
        self._directory(self.sandbox.home)
        self._add("--remount-ro", "/dev", "--remount-ro", "/")
        return self.options

    def _add(self, *options: Any) -> None:
        self.options.extend(options)

    def _namespaces(self) -> None:
        if not self.who.is_dropped:
            self._add("--unshare-user", "--disable-userns")
            self._add("--uid", str(self.who.uid), "--gid", str(self.who.gid))
        self._add("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try")
        if self.sandbox.network == "none" and not self.sandbox.netns:
            self._add("--unshare-net")
        self._add("--hostname", self.sandbox.hostname, "--new-session", "--die-with-parent")
        self._add("--as-pid-1", "--clearenv", "--chdir", "/")

    def _system(self) -> None:
        self._add("--ro-bind", "/usr", "/usr")
        for name in _SYSTEM_LINKS:
            path = f"/{name}"
            if os.path.islink(path):
                self._add("--symlink", os.readlink(path), path)
            elif os.path.isdir(path):
                self._add("--ro-bind", path, path)
                self.covered.append(path)
        self._add("--proc", "/proc", "--dev", "/dev")
        self._directory("/etc")
        self._directory("/run")
        for name in _SYSTEM_ETC:
            self._add("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")

    def _binds(self) -> None:
        inside = Bind(str(Path(__file__).parents[1] / "inside"), f"{INSIDE}/freehold/host/inside")
        given = (inside, *interpreter_binds(), *self.sandbox.binds)
        unique = {bind.target: bind for bind in given}  # a later one takes an earlier one's place
        for bind in sorted(unique.values(), key=lambda bind: bind.target.count("/")):
            self._parents(bind.target)
            kind = "--bind" if bind.is_writable else "--ro-bind"
            self._add(kind, bind.source, bind.target)
            self.covered.append(bind.target)

    def _file(self, file: File) -> None:
        self._parents(file.path)
        kind = "--ro-bind-data" if self._is_covered(file.path) else "--file"
        self.files.append(file.text)
        self._add("--perms", f"{file.mode:04o}", kind, {"fd": len(self.files) - 1}, file.path)

    def _parents(self, path: str) -> None:
        for parent in reversed(Path(path).parents):
            self._directory(str(parent))

    def _directory(self, path: str) -> None:
        """Make a directory that every uid may pass; bubblewrap's own default is 0700."""
        if path not in self.made and not self._is_covered(path):
            self.made.add(path)
            self._add("--perms", "0755", "--dir", path)

    def _is_covered(self, path: str) -> bool:
        return any(_is_within(path, cover) for cover in self.covered)

    def _identity_files(self) -> dict[str, str]:
        uid, gid = self.who.uid, self.who.gid
        user, home = self.sandbox.user, self.sandbox.home
        passwd = ["root:x:0:0:root:/root:/usr/sbin/nologin"] if uid != 0 else []
        passwd.append(f"{user}:x:{uid}:{gid}::{home}:/bin/bash")
        passwd.append("nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin")
        group = ["root:x:0:"] if gid != 0 else []
        group += [f"{user}:x:{gid}:", "nogroup:x:65534:"]
        hosts = {"localhost": "127.0.0.1", self.sandbox.hostname: "127.0.0.1", **self.sandbox.hosts}
        lines = [f"{address}\t{name}" for name, address in hosts.items()]
        return {
            "/etc/passwd": "\n".join(passwd) + "\n",
            "/etc/group": "\n".join(group) + "\n",
            "/etc/hosts": "\n".join([*lines, "::1\tlocalhost"]) + "\n",
            "/etc/hostname": f"{self.sandbox.hostname}\n",
            "/etc/resolv.conf": _resolvers(self.sandbox),
            "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
        }


def _joining(netns: str) -> tuple[str, ...]:
    """What enters a network namespace before bubblewrap starts: nothing inside can leave it."""
    if not netns:
        return ()
    program = shutil.which("nsenter", path=f"{os.environ.get('PATH', '')}:/usr/bin:/bin")
    return (program or "/usr/bin/nsenter", f"--net={netns}", "--")


def _resolvers(sandbox: Sandbox) -> str:
    if sandbox.direct:
        return "nameserver 127.0.0.1\n"
    if sandbox.network == "none":
        return ""
    try:
        return Path("/etc/resolv.conf").read_text()
    except OSError:
        return ""


def _is_within(path: str, above: str) -> bool:
    return path == above or path.startswith(above.rstrip("/") + "/")

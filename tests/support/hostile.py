"""What hostile code inside an app or a job tries: a program for the sandbox.

``program`` gives the text; run inside, it prints one JSON line ``HOSTILE {...}``: what it could
reach, by the name of the way. An empty object is what we want. It uses the standard library only,
ends by itself, and every loop in it is bounded.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

MARK = "HOSTILE "


@dataclass(frozen=True)
class Prey:
    """What lies outside: the text that must not be found, and where it might be had.

    ``addresses``: (host, port) pairs that answer on the host. ``paths``: files and directories of
    the host. ``pids``: processes of others.
    """

    secret: str
    addresses: list[tuple[str, int]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    pids: list[int] = field(default_factory=list)


def program(prey: Prey) -> str:
    """The program that hunts for ``prey``."""
    told = asdict(prey) | {"secret": prey.secret[::-1]}  # so that it does not find itself
    return f"PREY = {json.dumps(told)!r}\n{_PROGRAM}"


def found(output: str) -> dict[str, object]:
    """What the program said."""
    (line,) = [one for one in output.splitlines() if one.startswith(MARK)]
    said: dict[str, object] = json.loads(line.removeprefix(MARK))
    return said


_PROGRAM = r"""
import ctypes, errno, json, os, signal, socket, stat, subprocess, threading, time
prey = json.loads(PREY)
secret = prey["secret"][::-1].encode()
got = {}
deadline = time.monotonic() + 20
libc = ctypes.CDLL(None, use_errno=True)

def holds(data):
    return secret in data or secret.hex().encode() in data

def files():
    seen = 0
    skip = ("/proc", "/sys", "/usr", "/dev", "/lib", "/bin", "/sbin")
    for root, folders, names in os.walk("/", followlinks=True):
        folders[:] = [n for n in folders if not os.path.join(root, n).startswith(skip)
                      and "site-packages" not in n and not os.path.islink(os.path.join(root, n))]
        for name in names:
            path = os.path.join(root, name)
            seen += 1
            if seen > 30_000 or time.monotonic() > deadline:
                return
            try:
                if stat.S_ISREG(os.stat(path).st_mode):
                    with open(path, "rb") as file:
                        if holds(file.read(65536)):
                            got["file"] = path
            except OSError:
                pass

def paths():
    for path in prey["paths"]:
        for way in (path, "/proc/1/root" + path, "/proc/1/cwd/../../../.." + path):
            try:
                os.listdir(way) if os.path.isdir(way) else open(way, "rb").read(16)
                got["path"] = way
            except OSError:
                pass

def links():
    home = os.path.expanduser("~")
    for number, path in enumerate(prey["paths"]):
        link = os.path.join(home, f"link-{number}")
        try:
            os.symlink(path, link)
        except OSError:
            pass
        try:
            os.link(path, link + "-hard")
            got["hard link"] = path
        except OSError:
            pass

def processes():
    for pid in os.listdir("/proc"):
        if not pid.isdigit():
            continue
        for what in ("environ", "cmdline", "maps"):
            try:
                if holds(open(f"/proc/{pid}/{what}", "rb").read(1 << 20)):
                    got["process"] = f"{pid}/{what}"
            except OSError:
                pass
    for pid in prey["pids"]:
        try:
            os.kill(pid, 0)
            if os.stat(f"/proc/{pid}").st_uid != os.getuid():
                got["signal"] = pid
        except OSError:
            pass
        if libc.ptrace(16, pid, 0, 0) == 0:
            got["ptrace"] = pid
    if libc.ptrace(16, 1, 0, 0) == 0:
        got["ptrace"] = 1
    for path in ("/proc/kcore", "/proc/kmsg", "/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda"):
        try:
            open(path, "rb").close()
            got["kernel"] = path
        except OSError:
            pass
    for path, text in (("/proc/sysrq-trigger", b"h"), ("/proc/sys/kernel/core_pattern", b"|/x"),
                       ("/proc/self/oom_score_adj", b"-1000")):
        try:
            os.write(os.open(path, os.O_WRONLY), text)
            got["kernel"] = path
        except OSError:
            pass

def rights():
    status = open("/proc/self/status").read()
    for line in status.splitlines():
        if line.startswith(("CapPrm", "CapEff", "CapInh", "CapAmb")) and int(line.split()[1], 16):
            got["capability"] = line
    if os.getuid() == 0:
        got["uid"] = 0
    for flag, name in ((0x10000000, "user"), (0x40000000, "net"), (0x00020000, "mount"),
                       (0x20000000, "pid")):
        child = os.fork()
        if child == 0:
            os._exit(0 if libc.unshare(flag) == 0 else 1)
        if os.waitpid(child, 0)[1] == 0:
            got["unshare"] = name
    if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0:
        got["mount"] = "/tmp"
    for call, number in (("keyctl", 250), ("bpf", 321), ("io_uring", 425), ("userfaultfd", 323)):
        ctypes.set_errno(0)
        answer = libc.syscall(number, 0, 0, 0)
        if os.uname().machine == "x86_64" and answer >= 0:
            got["system call"] = call
    for kind in (stat.S_IFBLK, stat.S_IFCHR):
        try:
            os.mknod("/tmp/device", kind | 0o600, os.makedev(8, 0))
            got["device"] = kind
        except OSError:
            pass
    for path in ("/sys/fs/cgroup", "/proc/sys/net/ipv4/ip_forward"):
        try:
            open(os.path.join(path, "cgroup.procs") if "cgroup" in path else path, "w").write("1")
            got["write"] = path
        except OSError:
            pass
    for command in (["sudo", "-n", "id"], ["su", "-c", "id"], ["mount"]):
        try:
            said = subprocess.run(command, capture_output=True, timeout=5, stdin=subprocess.DEVNULL)
            if b"uid=0" in said.stdout:
                got["setuid"] = command[0]
        except (OSError, subprocess.TimeoutExpired):
            pass

def try_tcp(address):
    try:
        with socket.create_connection(tuple(address), 1.0):
            got.setdefault("tcp", []).append(f"{address[0]}:{address[1]}")
    except OSError:
        pass

def network():
    threads = [threading.Thread(target=try_tcp, args=(a,)) for a in prey["addresses"]]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for kind in (socket.SOCK_RAW,):
        for family in (socket.AF_INET, socket.AF_PACKET):
            try:
                socket.socket(family, kind, 1).close()
                got["raw socket"] = int(family)
            except OSError:
                pass
    try:
        for line in open("/proc/net/unix").read().splitlines()[1:]:
            name = line.split()[-1]
            if name.startswith("@"):
                try:
                    with socket.socket(socket.AF_UNIX) as one:
                        one.connect("\0" + name[1:])
                        got["abstract socket"] = name
                except OSError:
                    pass
    except OSError:
        pass
    for family, address in ((socket.AF_VSOCK, (2, 22)),):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as one:
                one.settimeout(1)
                one.connect(address)
                got["vsock"] = list(address)
        except OSError:
            pass

def sockets():
    own = ("/run/freehold/", "/tmp/")
    for root, folders, names in os.walk("/", followlinks=False):
        folders[:] = [n for n in folders if os.path.join(root, n) not in
                      ("/proc", "/sys", "/usr", "/dev")]
        for name in names:
            path = os.path.join(root, name)
            try:
                if stat.S_ISSOCK(os.lstat(path).st_mode) and not path.startswith(own):
                    got["socket"] = path
            except OSError:
                pass
        if time.monotonic() > deadline:
            return

for hunt in (files, paths, links, processes, rights, network, sockets):
    try:
        hunt()
    except Exception as trouble:
        got["hunt " + hunt.__name__] = repr(trouble)
print("HOSTILE " + json.dumps(got), flush=True)
"""

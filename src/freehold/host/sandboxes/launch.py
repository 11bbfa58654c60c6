"""Carry out a sandbox's plan: descriptors, fork, bubblewrap. Standard library only.

Input: the plan of ``host/sandboxes/sandbox.py``. Output: a ``Launched`` with the pipes that the
supervisor listens on. Options, files and environment travel in memory files, never on a
command line.
"""

from __future__ import annotations

import marshal
import os
import signal
from collections.abc import Sequence
from typing import Any

from freehold.host.sandboxes.cgroups import Group


class Launched:
    """A sandbox on its way: bubblewrap's pid and our ends of its pipes (not blocking)."""

    def __init__(self) -> None:
        self.pid = -1
        self.out, self._out = os.pipe2(os.O_CLOEXEC)
        self.err, self._err = os.pipe2(os.O_CLOEXEC)
        self.report, self._report = os.pipe2(os.O_CLOEXEC)
        self.info, self._info = os.pipe2(os.O_CLOEXEC)
        self._leash, self.leash = os.pipe2(os.O_CLOEXEC)
        for descriptor in (self.out, self.err, self.report, self.info):
            os.set_blocking(descriptor, False)

    def start(self, plan: dict[str, Any], group: Group) -> None:
        """Fork bubblewrap inside the work's control groups."""
        orders = {**plan["init"], "leash": self._leash, "report": self._report}
        orders["seccomp"] = bytes.fromhex(orders["seccomp"])
        files = [_memory(text.encode()) for text in plan["files"]]
        options = ["--info-fd", str(self._info)]
        for part in plan["args"]:
            options.append(str(files[part["fd"]]) if isinstance(part, dict) else part)
        named = {
            "args": _memory(b"".join(option.encode() + b"\0" for option in options)),
            "init": _memory(marshal.dumps(orders)),
        }
        argv = [
            str(named[part["fd"]]) if isinstance(part, dict) else part for part in plan["command"]
        ]
        given = [*files, *named.values(), self._leash, self._report, self._info]
        self.pid = os.fork()
        if self.pid == 0:
            self._become(argv, given, group, plan.get("layers", ()))
        for descriptor in (*given, self._out, self._err):
            os.close(descriptor)

    def close(self) -> None:
        """Close our ends. Without its leash the sandbox ends."""
        for descriptor in (self.leash, self.out, self.err, self.report, self.info):
            os.close(descriptor)

    def _become(
        self, argv: list[str], given: list[int], group: Group, layers: Sequence[dict[str, Any]]
    ) -> None:
        what = argv[0]
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGPIPE, signal.SIGTERM, signal.SIGCHLD, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_DFL)
            group.join()
            os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
            os.dup2(self._out, 1)
            os.dup2(self._err, 2)
            if layers:
                from freehold.host.sandboxes.layers import lay  # ctypes costs start-up

                what = "the files"
                lay(layers)
                what = argv[0]
            for descriptor in given:
                os.set_inheritable(descriptor, True)
            os.execv(argv[0], argv)  # noqa: S606
        except OSError as error:
            os.write(self._report, f"failed {what}: {error}\n".encode())
        finally:
            os._exit(126)


def _memory(data: bytes) -> int:
    descriptor = os.memfd_create("freehold", os.MFD_CLOEXEC)
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor

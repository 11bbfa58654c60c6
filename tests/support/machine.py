"""Makes this machine ready for the end-to-end tests: runtimes, and programs that make networks.

``python -m tests.support.machine``; quick when everything is there. What cannot be had is told
and its tests fail, for they are part of what must pass.
"""

from __future__ import annotations

import os
import subprocess
import sys

from freehold.base.errors import Fault
from freehold.host import runtimes
from freehold.host.networks import commands, probe

PACKAGES = ("nftables", "iproute2", "util-linux")


def make_networks_possible() -> None:
    """Install what networks are made with, as root, where apt-get knows how."""
    if os.geteuid() == 0 and commands.missing() and commands.found("apt-get"):
        quiet = {"capture_output": True, "text": True, "check": False}
        subprocess.run(["apt-get", "update"], **quiet)
        options = ["-y", "--no-install-recommends"]
        done = subprocess.run(["apt-get", "install", *options, *PACKAGES], **quiet)
        if done.returncode:
            print(f"networks: {done.stderr.strip()[-500:]}", file=sys.stderr)
    found = probe.examine()
    print(f"networks: {found.mode} ({found.reason})")


def main() -> int:
    make_networks_possible()
    for name in ("jupyterlab", "sklearn"):
        try:
            made = runtimes.install(name, progress=lambda line: print(f"  {line}", flush=True))
        except Fault as fault:
            print(f"runtime {name}: {fault.message}", file=sys.stderr)
            return 1
        print(f"runtime {name}: {made.root}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Makes this machine ready for the end-to-end and browser tests: programs and runtimes.

``python -m tests.support.machine``; quick when everything is there. What cannot be had is told
and its tests fail, for they are part of what must pass. Chromium is Debian's: never a download of
Playwright's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from freehold.base.errors import Fault
from freehold.host import runtimes
from freehold.host.networks import commands, probe

PACKAGES = {  # program: Debian's package
    "nft": "nftables",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "mkfs.ext4": "e2fsprogs",
    "chromium": "chromium",
}


def main() -> int:
    """Install what is missing; 0 if all is there."""
    if not packages():
        return 1
    found = probe.examine()
    print(f"networks: {found.mode} ({found.reason})")
    for name in ("jupyterlab", "sklearn"):
        try:
            made = runtimes.install(name, progress=lambda line: print(f"  {line}", flush=True))
        except Fault as fault:
            print(f"runtime {name}: {fault.message}", file=sys.stderr)
            return 1
        print(f"runtime {name}: {made.root}")
    return 0


def packages() -> bool:
    """See to Debian's packages, as root, where apt-get knows how; whether all is well."""
    missing = [package for program, package in PACKAGES.items() if commands.found(program) is None]
    if not missing:
        return True
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"not installed: {' '.join(missing)} (as root: apt-get install)", file=sys.stderr)
        return True  # the tests that need one say so and are skipped
    words = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    said = _apt(words)
    if said is not None:
        _apt(["apt-get", "update"])
        said = _apt(words)
    print(f"installed: {' '.join(missing)}" if said is None else said, file=sys.stderr)
    return said is None


def _apt(words: list[str]) -> str | None:
    """Run it; None, or the end of what it said when it failed."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    return (done.stderr or done.stdout).strip()[-500:] if done.returncode else None


if __name__ == "__main__":
    sys.exit(main())

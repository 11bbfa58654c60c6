"""Makes this machine ready for the end-to-end tests: the runtimes that they start.

``python -m tests.support.machine``; quick when everything is there. What cannot be had is told
and its tests fail, for they are part of what must pass.
"""

from __future__ import annotations

import sys

from freehold.base.errors import Fault
from freehold.host import runtimes


def main() -> int:
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

"""``python -m tests.bench [PART ...]``: measures, compares with thresholds.json, keeps the results.

Parts: ``throughput``, ``server``, ``domains``, ``notebook``, ``proxy``, ``job``; all of them if
none is named. Exits with 1 if something falls short: by hand, not in the test suite, since a busy
machine measures itself.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.bench import domains, proxying, servers, starting, throughput

HERE = Path(__file__).parent
RESULTS = HERE / "results"
PACKAGES = ("uvicorn", "uvloop", "httptools", "msgspec", "botocore")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--rounds", type=int, default=5, help="of each server and operation")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each round")
    chosen = parser.parse_args()
    parts: dict[str, Callable[[Path], dict[str, Any]]] = {
        "throughput": lambda place: throughput.measure(place, chosen.rounds, chosen.seconds),
        "server": lambda place: {"server": starting.server(place, chosen.rounds)},
        "domains": lambda place: {"domains": domains.measure(place, chosen.rounds)},
        "notebook": lambda place: {"notebook": starting.notebook(place, chosen.rounds)},
        "proxy": lambda place: proxying.measure(place, chosen.rounds),
        "job": lambda place: {"job": starting.job(place, chosen.rounds)},
    }
    unknown = set(chosen.parts) - set(parts)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    found: dict[str, Any] = {}
    for name in chosen.parts or parts:
        with tempfile.TemporaryDirectory(prefix="freehold-bench-") as place:
            found |= parts[name](Path(place))
    kept = keep({"machine": machine(), "rounds": chosen.rounds, "measured": found})
    short = compare(found)
    print(f"results: {kept.relative_to(servers.ROOT)}")
    return 1 if short else 0


def compare(found: dict[str, Any]) -> list[str]:
    """Print what was measured beside what must be reached; the names that fall short."""
    short = []
    for path, bound in json.loads((HERE / "thresholds.json").read_text()).items():
        part, figure = path.split(".")
        if part not in found:
            continue
        value = found[part][figure]
        is_reached = value >= bound.get("at_least", value) and value <= bound.get("at_most", value)
        word, limit = next(iter(bound.items()))
        print(
            f"{path:32s} {value:9.2f}   {word.replace('_', ' ')} {limit:<6g}"
            f" {'reached' if is_reached else 'FALLS SHORT'}"
        )
        if not is_reached:
            short.append(path)
    return short


def machine() -> dict[str, Any]:
    """Where this was measured, and what."""
    git = ["git", "-C", str(servers.ROOT)]
    commit = subprocess.run(
        [*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    changed = subprocess.run(
        [*git, "status", "--porcelain", "src"], capture_output=True, text=True, check=False
    )
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "commit": commit.stdout.strip() + ("+" if changed.stdout.strip() else ""),
        "cpus": os.cpu_count(),
        "load": os.getloadavg(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def keep(results: dict[str, Any]) -> Path:
    """Write the results to a file of their own; git does not see the directory."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / ".gitignore").write_text("*\n")
    file = RESULTS / f"{results['machine']['at'].replace(':', '')}.json"
    file.write_text(json.dumps(results, indent=1) + "\n")
    return file


if __name__ == "__main__":
    sys.exit(main())

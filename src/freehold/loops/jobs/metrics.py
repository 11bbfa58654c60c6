"""The metrics that a training job wrote into its log, found by its own regular expressions.

An expression of a stranger may take for ever, and Python's holds everybody meanwhile. So the
search runs in a process of its own that the kernel ends after CPU_SECONDS_MAX.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from typing import Any

from freehold.base import log
from freehold.runners.runner import LogLine

CPU_SECONDS_MAX = 10
WALL_SECONDS_MAX = 60.0
LINE_CHARACTERS_MAX = 4096

# Reads {"metrics": [[name, regex]]} and then [at_ms, text] lines; the last match of each wins.
_PROGRAM = """
import json, re, resource, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
compiled = []
for name, text in json.loads(sys.stdin.readline())["metrics"]:
    try:
        compiled.append((name, re.compile(text)))
    except re.error:
        pass
found = {}
for line in sys.stdin:
    at, text = json.loads(line)
    for name, expression in compiled:
        match = expression.search(text)
        try:
            if match:
                found[name] = [float(match.group(1)), at]
        except (IndexError, TypeError, ValueError):
            pass
print(json.dumps(found))
"""


def final(metrics: Iterable[tuple[str, str]], lines: Iterable[LogLine]) -> list[dict[str, Any]]:
    """FinalMetricDataList: the last value of each metric, in the order of the definitions.

    Empty if the search took too long. Times are epoch seconds, as the line has them.
    """
    wanted, has_lines = list(metrics), False
    if not wanted:
        return []
    try:
        with tempfile.TemporaryFile() as told:
            told.write(json.dumps({"metrics": wanted}).encode())
            for line in lines:
                text = line.text[:LINE_CHARACTERS_MAX]
                told.write(b"\n" + json.dumps([line.at_ms, text]).encode())
                has_lines = True
            if not has_lines:
                return []
            told.seek(0)
            done = subprocess.run(
                [sys.executable, "-I", "-S", "-c", _PROGRAM, str(CPU_SECONDS_MAX)],
                stdin=told,
                capture_output=True,
                timeout=WALL_SECONDS_MAX,
                env={},
                check=True,
            )
    except (OSError, subprocess.SubprocessError) as error:
        log.event("jobs.metrics_failed", level=30, reason=type(error).__name__)
        return []
    found = json.loads(done.stdout)
    return [
        {"MetricName": name, "Value": found[name][0], "Timestamp": found[name][1] / 1000}
        for name, _ in wanted
        if name in found and math.isfinite(found[name][0])
    ]

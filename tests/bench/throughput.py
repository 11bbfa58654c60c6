"""Answers a second, ours and the other server's in turns: A B A B, medians and their ratio.

Both servers stay up through the whole run, one process each on the same CPU, and only one is asked
at a time; the load comes from another CPU over 32 connections. Beside answers a second stands what
one answer costs the server's process in CPU time, which other work on the machine disturbs less.
Jobs that we are asked to create do start, on the same CPU, and go on after the answers: so creates
are measured last, the other server's first.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench import servers, signing, world

CONNECTIONS = 32
OPERATIONS = (
    "describe_training_job",
    "list_training_jobs",
    "list_tags",
    "add_tags",
    "create_training_job",
)
REQUESTS = 2_000
WARM_SECONDS = 0.5
CREATES_PER_SECOND_MAX = {"freehold": 6_000, "moto": 1_200}


def measure(
    directory: Path, rounds: int, seconds: float, operations: tuple[str, ...] = OPERATIONS
) -> dict[str, Any]:
    """Results by operation: rps, p50 and p99 of both servers, and the ratio of the medians."""
    keys = world.fill(directory / "state")
    found: dict[str, Any] = {}
    with (
        servers.freehold(directory / "state") as ours,
        servers.moto(directory) as theirs,
    ):
        running = {"freehold": ours, "moto": theirs}
        for operation in operations:
            found[operation] = _compare(directory, operation, running, keys, rounds, seconds)
            print(line(operation, found[operation]), flush=True)
        found["jobs_completed_meanwhile"] = _completed(ours.port, keys)
        found["memory_mib_after"] = servers.memory_mib(ours.pid)
    return found


def _compare(
    directory: Path,
    operation: str,
    running: dict[str, servers.Running],
    keys: tuple[str, str],
    rounds: int,
    seconds: float,
) -> dict[str, Any]:
    offsets = dict.fromkeys(running, 0)
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in running}
    for name, server in running.items():
        count = REQUESTS
        if operation == "create_training_job":
            count = int(CREATES_PER_SECOND_MAX[name] * (rounds * seconds + WARM_SECONDS))
        bodies = world.questions(operation, count, f"{name}-{os.getpid()}")
        requests = signing.signed(f"http://127.0.0.1:{server.port}", keys, operation, bodies)
        signing.write(directory / f"{name}.requests", requests)
    turns = [(number, name) for number in range(rounds + 1) for name in running]
    if operation == "create_training_job":  # our jobs start and would disturb the other's turns
        turns.sort(key=lambda turn: turn[1], reverse=True)
    for number, name in turns:
        server = running[name]
        used = servers.cpu_seconds(server.pid)
        lasts = seconds if number else WARM_SECONDS
        run = replay(server.port, directory / f"{name}.requests", lasts, offsets[name])
        run["cpu_us"] = 1e6 * (servers.cpu_seconds(server.pid) - used) / run["answers"]
        offsets[name] = run["next"]
        if run["refused"] or run["lost"]:
            raise SystemExit(f"{name} {operation}: not answered with 200: {run}")
        if number:
            runs[name].append(run)
    result: dict[str, Any] = {
        name: {
            figure: statistics.median(run[figure] for run in of)
            for figure in ("rps", "p50_ms", "p99_ms", "cpu_us")
        }
        for name, of in runs.items()
    }
    for name, of in runs.items():
        result[name]["rps_of_rounds"] = [round(run["rps"]) for run in of]
    result["ratio"] = result["freehold"]["rps"] / result["moto"]["rps"]
    result["cpu_ratio"] = result["moto"]["cpu_us"] / result["freehold"]["cpu_us"]
    return result


def _completed(port: int, keys: tuple[str, str]) -> int:
    """How many of the jobs that the run created have run to their end."""
    sagemaker = signing.client(f"http://127.0.0.1:{port}", keys)
    asked = {"NameContains": "freehold-", "StatusEquals": "Completed"}
    pages = sagemaker.get_paginator("list_training_jobs").paginate(**asked)
    return sum(len(page["TrainingJobSummaries"]) for page in pages)


def replay(port: int, path: Path, seconds: float, offset: int = 0) -> dict[str, Any]:
    """One round of load, from a process of its own."""
    module = [sys.executable, "-m", "tests.bench.load", str(port), str(path)]
    words = [*servers.pinned(servers.LOAD_CPU), *module, str(CONNECTIONS), str(seconds)]
    done = subprocess.run(
        [*words, str(offset)], cwd=servers.ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"the load failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def line(operation: str, one: dict[str, Any]) -> str:
    """One row for people."""
    a, b = one["freehold"], one["moto"]
    return (
        f"{operation:22s} {a['rps']:7.0f} /s (p50 {a['p50_ms']:.2f}, p99 {a['p99_ms']:.2f} ms)"
        f"  against {b['rps']:5.0f} /s (p50 {b['p50_ms']:.1f}, p99 {b['p99_ms']:.1f} ms)"
        f"  = {one['ratio']:.1f} x  (CPU {a['cpu_us']:.0f} against {b['cpu_us']:.0f} us,"
        f" {one['cpu_ratio']:.1f} x)"
    )

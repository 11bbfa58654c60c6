"""What an app's own words mean for its health and its idleness."""

from __future__ import annotations

import json
from typing import Any

import pytest

from freehold.loops.apps.probe import PROBES, Report

AT = "2026-11-28T10:00:00.5Z"
INSTANT = 1795860000.5


def ask(**answers: Any) -> Any:
    def get(path: str) -> bytes | None:
        told = answers.get(path.rpartition("/")[2])
        return told if isinstance(told, bytes) or told is None else json.dumps(told).encode()

    return get


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, Report(True)),
        ({"kernels": [], "terminals": []}, Report(True)),
        (
            {"kernels": [{"execution_state": "idle", "last_activity": AT}]},
            Report(True, False, INSTANT),
        ),
        ({"kernels": [{"execution_state": "busy"}]}, Report(True, True)),
        (
            {
                "kernels": [{"execution_state": "idle", "last_activity": "2026-11-28T09:00:00Z"}],
                "terminals": [{"name": "1", "last_activity": AT}],
            },
            Report(True, False, INSTANT),
        ),
        ({"kernels": {"execution_state": "busy"}}, Report(True)),
        ({"kernels": ["busy", None, 3]}, Report(True)),
        ({"kernels": [{"last_activity": "yesterday"}, {"last_activity": 7}]}, Report(True)),
        ({"kernels": b"<html>"}, Report(True)),
        ({"kernels": b"[" * 100_000}, Report(True)),
    ],
)
def test_jupyter_works_while_a_kernel_computes(answers: Any, expected: Report) -> None:
    assert PROBES["jupyter"](ask(**answers)) == expected

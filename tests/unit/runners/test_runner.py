"""Work and status as values: they survive JSON, for runners on other machines."""

from __future__ import annotations

import msgspec

from freehold.host.sandboxes.limits import Limits
from freehold.host.sandboxes.sandbox import Bind, Bridge, File, Sandbox
from freehold.runners.runner import Status, Work


def test_work_survives_json() -> None:
    work = Work(
        id="w-1",
        kind="training-job",
        argv=("train",),
        uid=200_001,
        env={"A": "1"},
        cwd="/opt/ml",
        sandbox=Sandbox(
            binds=(Bind("/a", "/b", True),),
            files=(File("/c", "x"),),
            bridges=(Bridge(9000, "/run/s"),),
            hosts={"algo-1": "127.0.0.1"},
        ),
        limits=Limits(cpus=0.5),
        max_runtime_seconds=3.5,
    )
    assert msgspec.json.decode(msgspec.json.encode(work), type=Work) == work


def test_status_survives_json() -> None:
    status = Status(state="ended", exit_code=3, stopped_by="stop", message="x")
    assert msgspec.json.decode(msgspec.json.encode(status), type=Status) == status

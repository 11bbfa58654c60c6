"""LookupEvents over a large audit log: ``python -m tests.bench.trail [ENTRIES]`` (a million).

Entries are written as the kernel writes them, indexed by the loop, and asked for in process; each
figure is the median of nine. Nothing is part of the test suite.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from freehold.base import ids
from freehold.base.settings import Settings
from freehold.compose import open_house
from freehold.kernel.trail import Wanted
from freehold.loops.trail import BATCH, TrailIndex
from freehold.store import audit
from freehold.store.records import encode

ARN = "arn:aws:sagemaker:us-east-1:111122223333:"
ROUNDS = 9


def entries(count: int, drawn: random.Random) -> list[audit.Entry]:
    """Calls of 300 people and 2,000 keys on 100,000 jobs; one in ten writes, few are rare."""
    request, decision = encode({"TrainingJobName": "x" * 40}), "identity"
    made = []
    for number in range(count):
        job = f"{ARN}training-job/job-{drawn.randrange(100_000)}"
        is_write = drawn.random() < 0.1
        name = "StopTrainingJob" if is_write else f"Describe{drawn.randrange(150)}"
        asked = [[[f"sagemaker:{name}", job, "allow", decision, "given", "#0", []]]]
        made.append(
            audit.Entry(
                at=1_700_000_000.0 + number / 10,
                request_id=ids.request_id(),
                service="sagemaker",
                operation="DeleteDomain" if number % 100_000 == 7 else name,
                principal=f"arn:aws:iam::111122223333:user/u{drawn.randrange(300)}",
                access_key=f"AKIA{drawn.randrange(2000):016}",
                origin=f"{ARN}user-profile/d-{drawn.randrange(20):012}/p{drawn.randrange(300)}",
                source_ip="127.0.0.1",
                user_agent="Boto3/1.44.4 md/Botocore#1.44.4 ua/2.1 os/linux",
                resource=job,
                error_code=None,
                error=None,
                request=request,
                decision=encode(asked),
            )
        )
    return made


QUESTIONS = {
    "bare": Wanted((("c:0", "c:1"),)),
    "writes": Wanted((("c:1",),)),
    "event, common": Wanted((("n:StopTrainingJob",),)),
    "event, rare": Wanted((("n:DeleteDomain",),)),
    "event, none": Wanted((("n:CreateApp",),)),
    "user": Wanted((("u:u7",),)),
    "key": Wanted((("k:AKIA0000000000000007",),)),
    "one job": Wanted((("r:job-77",),)),
    "domain, writes": Wanted((("r:d-000000000007",), ("c:1", "c:3"))),
    "event and user": Wanted((("n:StopTrainingJob",), ("u:u7",))),
    "two that never meet": Wanted((("n:StopTrainingJob",), ("c:0", "c:2"))),
    "an hour a day ago": Wanted((("c:0", "c:1"),), 1_700_010_000.0, 1_700_013_600.0),
}


def main(count: int) -> None:
    """Write, index, ask."""
    with tempfile.TemporaryDirectory() as place:
        house = open_house(Settings(state=Path(place) / "state", account_id="111122223333"))
        try:
            _measure(house, count)
        finally:
            house.close()


def _measure(house: object, count: int) -> None:
    kernel = house.kernel  # type: ignore[attr-defined]
    drawn = random.Random(7)
    for _ in range(count // 5000):
        batch = entries(5000, drawn)
        kernel.writer.run(lambda unit, batch=batch: audit.append(unit.connection, batch))
    print(f"{count} entries, {kernel.settings.database.stat().st_size >> 20} MiB")
    unit, trail = kernel.own_unit(), kernel.trail
    began = time.perf_counter()
    found, place = trail.page(unit, QUESTIONS["event, rare"], lambda _entry: True, None, 50)
    took = time.perf_counter() - began
    print(f"without the index: {len(found)} found, next page {place is not None}, {took:.2f} s")
    loop = TrailIndex(kernel)
    began = time.perf_counter()
    for _ in range(count // BATCH + 1):
        loop.turn()
    took = time.perf_counter() - began
    size = trail.path.stat().st_size >> 20
    print(f"indexed in {took:.0f} s, {took / count * 1e6:.0f} us an entry, {size} MiB")
    for name, wanted in QUESTIONS.items():
        times = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            found, place = trail.page(unit, wanted, lambda _entry: True, None, 50)
            times.append((time.perf_counter() - began) * 1000)
        print(f"{name:22} {statistics.median(times):8.1f} ms  {len(found)} found")
    loop.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)

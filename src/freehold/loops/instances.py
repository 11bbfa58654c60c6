"""What an instance type stands for: processors, memory, accelerators; read off its name.

Input: ``ml.m5.xlarge``. Output: the limits that a work of this type runs under, for jobs and
apps. The rule follows the families' published shapes (docs/parity.md): sizes double from
``large``, families differ in memory for each processor.
"""

from __future__ import annotations

import re

from freehold.host.sandboxes.limits import Limits

GIB = 1024**3
PROCESSES_PER_CPU = 1024  # ours: processes and threads that a work may have at once
_NAME = re.compile(r"ml\.([a-z]+)(\d[a-z0-9-]*)\.(\d*)([a-z]+)")
_CPUS = {"nano": 2, "micro": 2, "small": 2, "medium": 2, "large": 2, "xlarge": 4}
_GIB = {"nano": 0.5, "micro": 1.0, "small": 2.0, "medium": 4.0}
_GIB_PER_CPU = {"c": 2.0, "m": 4.0, "t": 4.0, "r": 8.0, "x": 16.0, "g": 4.0, "p": 8.0}
_ACCELERATED = frozenset({"g", "p", "trn", "inf", "dl"})


def limits(instance_type: str) -> Limits:
    """What a work on this type may use; a name that we cannot read has the defaults."""
    match = _NAME.fullmatch(instance_type)
    if match is None:
        return Limits(processes=PROCESSES_PER_CPU)
    family, _, times, size = match.groups()
    cpus = _CPUS.get(size, 2) * int(times or 1)
    memory = _GIB.get(size) or cpus * _GIB_PER_CPU.get(family, 4.0)
    return Limits(
        cpus=float(cpus), memory_bytes=int(memory * GIB), processes=PROCESSES_PER_CPU * cpus
    )


def is_accelerated(instance_type: str) -> bool:
    """Whether the type has GPUs or other accelerators."""
    match = _NAME.fullmatch(instance_type)
    return match is not None and match[1] in _ACCELERATED

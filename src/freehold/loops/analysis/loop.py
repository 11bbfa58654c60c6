"""The loop of the built-in analyzer: runs the examination apart, and keeps its answer.

An examination of twenty domains is half a minute of work; in this process it would take that from
every call. It is due when somebody asks (StartResourceScan) and once a day if something changed. A
server that dies in the midst of it begins it again: the record stays due until the answer is kept.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

from freehold.base import log
from freehold.base.errors import Internal
from freehold.kernel import audit
from freehold.kernel.analysis import kept
from freehold.kernel.dispatch import Kernel
from freehold.loops.analysis import findings
from freehold.store import audit as audit_rows
from freehold.store import records
from freehold.store.records import Record
from freehold.store.unit import Unit

ROUND_SECONDS = 86_400.0
RUN_SECONDS_MAX = 1_800.0
REST_SECONDS = 3_600.0
WHY_CHARS_MAX = 500
EVENT = "ResourceScan"  # ours: AWS's analyzers leave no event of their runs
COUNTS = ("principals", "things", "operations", "decisions")


class Analysis:
    """The loop. ``command`` prints the report as JSON and exits 0 or 1, or 2 with a reason."""

    name = kept.MOVER
    kinds = frozenset({kept.KIND})

    def __init__(self, kernel: Kernel, command: Sequence[str]) -> None:
        self._kernel = kernel
        self._command = tuple(command)
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._is_closing = False

    def turn(self) -> float:
        """Run if it is due and there is something new to say."""
        kernel = self._kernel
        unit, now = kernel.own_unit(), kernel.clock.now()
        for record in records.due(unit.connection, kept.MOVER, now, 1):
            if kept.ASKED in record.document or kept.is_stale(unit, record.document):
                self._run(record, kept.fingerprint(unit))
            else:
                kernel.writer.run(partial(_rest, record.arn, now + ROUND_SECONDS))
        due = records.next_due(unit.connection, kept.MOVER)
        return REST_SECONDS if due is None else max(0.0, due - kernel.clock.now())

    def close(self) -> None:
        """End a run in hand; it begins again with the next start."""
        with self._lock:
            self._is_closing = True
            if self._child is not None:
                self._child.kill()

    def _run(self, record: Record, fingerprint: str) -> None:
        kernel = self._kernel
        began = kernel.clock.now()
        kernel.writer.run(partial(_begin, record.arn, began))
        try:
            report = self._report()
        except Internal as fault:
            if not self._is_closing:
                log.event("analysis.failed", level=40, why=fault.message)
                kernel.writer.run(partial(_fail, kernel, record.arn, fault))
            return
        run = {
            "began": began,
            "ended": kernel.clock.now(),
            "fingerprint": fingerprint,
            "isolated": report["isolated"],
            "guards": report["guards"],
            "domains": len(report["domains"]),
            **{name: report[name] for name in COUNTS},
        }
        kernel.writer.run(partial(_keep, kernel, record.arn, run, report))

    def _report(self) -> dict[str, Any]:
        """The examination's answer.

        Raises:
            Internal: It gave none: why.
        """
        with self._lock:
            if self._is_closing:
                raise Internal("The server is stopping.")
            self._child = child = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        try:
            out, err = child.communicate(timeout=RUN_SECONDS_MAX)
            if child.returncode not in (0, 1):
                raise Internal(err.strip()[-WHY_CHARS_MAX:] or f"it ended with {child.returncode}")
            report: dict[str, Any] = json.loads(out)
        except subprocess.TimeoutExpired:
            raise Internal(f"It took longer than {RUN_SECONDS_MAX:.0f} seconds.") from None
        except ValueError as error:
            raise Internal(f"Its answer cannot be read: {error}") from error
        finally:
            with self._lock:
                child.kill()
                child.wait()
                self._child = None
        return report


def _rest(arn: str, until: float, unit: Unit) -> None:
    record = unit.find(arn)
    if record is not None and kept.ASKED not in record.document:
        record.due = until
        unit.save(record, record.modified)


def _begin(arn: str, began: float, unit: Unit) -> None:
    """What was asked for before now is what this run answers."""
    record = unit.find(arn)
    if record is not None:
        record.document[kept.RUNNING] = began
        unit.save(record, began)


def _fail(kernel: Kernel, arn: str, fault: Internal, unit: Unit) -> None:
    now = kernel.clock.now()
    record = unit.find(arn)
    if record is None:
        return
    record.document[kept.FAILURE] = {"at": now, "why": fault.message}
    _end(record, now)
    unit.save(record, now)
    event = audit.of_service(now, "access-analyzer", EVENT, arn, fault=fault)
    audit_rows.append(unit.connection, (event,))


def _keep(
    kernel: Kernel, arn: str, run: dict[str, Any], report: dict[str, Any], unit: Unit
) -> None:
    now = kernel.clock.now()
    record = unit.find(arn)
    if record is None:
        return
    document = record.document
    settings = kernel.settings
    place = f"{settings.region}:{settings.account_id}"
    found = findings.of_report(report, f"arn:{settings.partition}:sagemaker:{place}:domain/")
    document[kept.FINDINGS], run["left-out"] = findings.merged(
        document.get(kept.FINDINGS, {}), found, now
    )
    run["resource"] = document.get(kept.ASKED, {}).get("resource")
    document[kept.RUN] = run
    document.pop(kept.FAILURE, None)
    _end(record, now)
    unit.save(record, now)
    told = {name: run[name] for name in ("isolated", "domains", *COUNTS)}
    event = audit.of_service(now, "access-analyzer", EVENT, arn, request=told)
    audit_rows.append(unit.connection, (event,))


def _end(record: Record, now: float) -> None:
    """The run is over; if somebody asked in the midst of it, the next one is due at once."""
    document = record.document
    began = document.pop(kept.RUNNING, now)
    if document.get(kept.ASKED, {"at": began})["at"] <= began:
        document.pop(kept.ASKED, None)
        record.due = now + ROUND_SECONDS
    else:
        record.due = now

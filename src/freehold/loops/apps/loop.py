"""Moves apps: Pending to InService when the app answers, back up after a crash, away at the end.

Looks at app records and at the runner, acts outside of any transaction, and writes back only
if the app is still in the state and run that were looked at. Every step may be repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from freehold.base import ids, log
from freehold.base.clock import iso
from freehold.base.errors import Fault
from freehold.kernel import doors
from freehold.kernel.call import Record
from freehold.kernel.dispatch import Kernel
from freehold.kernel.records import Writing
from freehold.kernel.studio.app_types import APP_TYPES
from freehold.loops.apps import probe, start, why
from freehold.loops.apps.health import Ask, Health
from freehold.loops.jobs import prepare
from freehold.loops.jobs.watch import pump
from freehold.loops.networks.loop import Networks
from freehold.runners.runner import Runner, Status
from freehold.store import records

APP = "sagemaker:app"
KEPT_SECONDS = 24 * 3600.0  # an ended app is still listed for a day (domains.md 1.7)
RESTARTS_MAX = 5
RESTART_SECONDS_FIRST, RESTART_SECONDS_MAX = 1.0, 60.0  # doubled from crash to crash
STEADY_SECONDS = 600.0  # an app that ran this long may crash anew
WATCH_SECONDS = 1.0
BUSY_SECONDS = 0.05
AT_ONCE = 10_000


class Apps:
    """The loop."""

    name = "apps"
    kinds = frozenset({APP})

    def __init__(
        self,
        kernel: Kernel,
        runner: Runner,
        networks: Networks,
        answers: Callable[[Path, Record], bool] = probe.answers,
        ask: Ask = probe.report,
        pool: Executor | None = None,
    ) -> None:
        """Move ``kernel``'s apps on ``runner``.

        Args:
            kernel: Whose apps they are.
            runner: What runs them.
            networks: What gives them their network.
            answers: Whether one that comes up is well.
            ask: How one that runs fares.
            pool: Where ``ask`` runs; None makes threads for it.
        """
        self._kernel = kernel
        self._networks = networks
        self._answers = answers
        self._runner = runner
        self._health = Health(kernel, ask, pool)
        self._has_opened = False
        self._next_watch = 0.0
        self._stopping: set[str] = set()

    def close(self) -> None:
        """Nothing is held but threads; apps live on with their supervisors."""
        self._health.close()

    def turn(self) -> float:
        """Look at every app that is not at rest; at those that only run once a second."""
        now = self._kernel.clock.now()
        unit = self._kernel.own_unit()
        live = records.due(unit.connection, self.name, now, AT_ONCE)
        if not self._has_opened:
            self._open(live)
        if not self._next_watch - WATCH_SECONDS <= now < self._next_watch:
            self._next_watch = now + WATCH_SECONDS
            self._watch_all([app for app in live if app.status == "InService"], now)
        else:
            live = [app for app in live if app.status != "InService"]
        pump(self._kernel, self._runner, [why.source(app) for app in live if _runs(app)])
        rest = max(0.0, self._next_watch - now)
        for app in live:
            if self._guarded(app, partial(self._look, now=now)):
                rest = min(rest, BUSY_SECONDS)
        following = records.next_due(unit.connection, self.name)
        idle = 3600.0 if following is None else max(0.0, following - now)
        return max(rest, BUSY_SECONDS) if live or idle == 0.0 else idle

    def _guarded(self, app: Record, step: Callable[[Record], bool]) -> bool:
        try:
            return step(app)
        except (Fault, OSError) as trouble:  # one app's trouble is not the others'
            log.event("app.step_failed", level=40, app=app.arn, reason=trouble)
            return False

    def _open(self, live: list[Record]) -> None:
        """After a start of the server: doors and memory are as they were."""
        for app in live:
            if app.status in ("Pending", "InService", "Deleting") and "_Door" in app.document:
                start.open_door(self._kernel, self._networks, app)
        self._kernel.activity.load(self._kernel.own_unit())
        self._has_opened = True

    def _look(self, app: Record, now: float) -> bool:
        """One step of one app; True if the next should come soon."""
        match app.status:
            case "Pending":
                return self._bring_up(app, now)
            case "InService":
                return self._watch(app)
            case "Deleting":
                return self._bring_down(app, now)
            case _:
                self._write(app, lambda writing: writing.remove())
                return False

    # -- up -----------------------------------------------------------------------------------

    def _bring_up(self, app: Record, now: float) -> bool:
        document = app.document
        if "_Run" not in document:
            self._kernel.activity.forget(app.uid)
            self._write(app, lambda writing: _name_run(writing, app))
            return True
        if self._runner.look(document["_Run"]).state == "absent":
            reason = start.start(self._kernel, self._runner, self._networks, app)
            if reason:
                self._fail(app, reason)
                return False
        status = self._runner.look(document["_Run"])
        if status.state == "lost" or (status.state == "ended" and document.get("_Restarts")):
            return self._crashed(app, status, now)
        if status.state == "ended":
            self._fail(app, why.ended(self._kernel, self._runner, app, status))
            return False
        if status.state == "running" and self._answers(self._kernel.settings.state, app):
            self._write(app, _in_service)
            return False
        if now - document["_StartedAt"] > start.seconds_max(app):
            self._runner.stop(document["_Run"], 0)
            title = APP_TYPES[document["AppType"]].title
            waited = f"{title} did not answer within {start.seconds_max(app):.0f} seconds."
            self._fail(app, waited)
            return False
        return True

    # -- while it runs, and down ----------------------------------------------------------------

    def _watch(self, app: Record) -> bool:
        """An app whose process ended is started again, a few times."""
        status = self._runner.look(app.document["_Run"])
        if status.state in ("starting", "running"):
            return False
        return self._crashed(app, status, self._kernel.clock.now())

    def _crashed(self, app: Record, status: Status, now: float) -> bool:
        """Start again, each time later; give up after RESTARTS_MAX that did not last."""
        started = status.started_at or app.document["_StartedAt"]
        is_steady = (status.ended_at or started) - started > STEADY_SECONDS
        restarts = 0 if is_steady else app.document.get("_Restarts", 0)
        reason = why.ended(self._kernel, self._runner, app, status)
        if restarts >= RESTARTS_MAX:
            self._fail(app, f"The app ended {restarts + 1} times. {reason}", status.ended_at)
            return False
        at = now + min(RESTART_SECONDS_FIRST * 2.0**restarts, RESTART_SECONDS_MAX)
        again = f"Started again at {iso(at)} ({restarts + 1} of {RESTARTS_MAX}). {reason}"

        def pending(writing: Writing) -> None:
            document = writing.record.document
            document["_Restarts"] = restarts + 1
            document["_EndedAt"] = status.ended_at or writing.now
            document["_NextStartAt"] = at
            document["FailureReason"] = again[: why.REASON_MAX]
            del document["_Run"]
            writing.rest_until(at)
            writing.update(status="Pending")

        self._write(app, pending)
        log.event("app.crashed", level=30, app=app.arn, restart=restarts + 1, at=iso(at))
        return True

    def _watch_all(self, running: list[Record], now: float) -> None:
        """Health and idleness of all apps in service; what was seen is kept now and then."""
        for app, reason in self._health.look(running, now):
            self._guarded(app, partial(self._shut_down, reason=reason))
        activity = self._kernel.activity
        if activity.is_unsaved(now):
            self._kernel.writer.run(lambda unit: activity.save(unit, now))

    def _shut_down(self, app: Record, reason: str) -> bool:
        """Ask for the end of an app that nobody uses, in SageMaker's own name."""

        def deleting(writing: Writing) -> None:
            document = writing.record.document
            document["_Why"] = reason
            named = ("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName")
            request = {member: document[member] for member in named if member in document}
            writing.tell("DeleteApp", request | {"Reason": reason}, "freehold idle shutdown")
            writing.update(status="Deleting")

        self._write(app, deleting)
        log.event("app.idle", app=app.arn, reason=reason)
        return True

    def _bring_down(self, app: Record, now: float) -> bool:
        run = app.document.get("_Run")
        if run is not None and self._runner.look(run).state in ("starting", "running"):
            if run not in self._stopping:  # asked once: SIGTERM is not repeated
                self._runner.stop(run, start.STOP_SECONDS)
                self._stopping.add(run)
            return True
        self._stopping.discard(run or "")
        self._clear(app)

        def deleted(writing: Writing) -> None:
            writing.rest_until(now + KEPT_SECONDS)
            writing.record.document.pop("FailureReason", None)
            writing.update(status="Deleted")

        self._write(app, deleted)
        return False

    def _fail(self, app: Record, reason: str, ended_at: float | None = None) -> None:
        self._clear(app)

        def failed(writing: Writing) -> None:
            writing.record.document["FailureReason"] = reason[: why.REASON_MAX]
            writing.record.document["_EndedAt"] = ended_at or writing.now
            writing.rest_until(writing.now + KEPT_SECONDS)
            writing.update(status="Failed")

        self._write(app, failed)

    def _clear(self, app: Record) -> None:
        document = app.document
        if "_Run" in document:
            self._runner.stop(document["_Run"], 0)
        if "_Door" in document:
            self._kernel.doors.close(document["_Door"])
            prepare.remove(doors.place(self._kernel.settings.state, document["_Door"]))

    def _write(self, app: Record, change: Callable[[Writing], None]) -> None:
        """Write back, if the app is still what was looked at."""
        Writing.run(
            self._kernel,
            app,
            lambda known: (
                known.status == app.status
                and known.document.get("_Run") == app.document.get("_Run")
            ),
            change,
        )


def _runs(app: Record) -> bool:
    return app.status in ("Pending", "InService", "Deleting") and "_Run" in app.document


def _name_run(writing: Writing, app: Record) -> None:
    document = writing.record.document
    document.setdefault("_Door", app.uid)
    document.setdefault("_Token", ids.token(32))
    document["_Runs"] = document.get("_Runs", 0) + 1
    document["_Run"] = f"app-{app.uid}-{document['_Runs']}"
    document["_StartedAt"] = writing.now
    document.pop("_EndedAt", None)
    document.pop("_NextStartAt", None)
    writing.update()


def _in_service(writing: Writing) -> None:
    document = writing.record.document
    document["_InServiceAt"] = writing.now
    document.pop("FailureReason", None)
    writing.update(status="InService")

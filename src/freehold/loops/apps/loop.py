"""Moves apps: Pending to InService when the app answers, back up after a crash, away at the end.

Looks at app records and at the runner, acts outside of any transaction, and writes back only
if the app is still in the state and run that were looked at. Every step may be repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from freehold.base import ids, log
from freehold.base.errors import Fault
from freehold.kernel import doors
from freehold.kernel.call import Record
from freehold.kernel.dispatch import Kernel
from freehold.kernel.records import Writing
from freehold.loops.apps import probe, start
from freehold.loops.jobs import prepare
from freehold.loops.jobs.watch import Source, pump
from freehold.loops.networks.loop import Networks
from freehold.runners.runner import Runner
from freehold.store import records

APP = "sagemaker:app"
LOG_GROUP = "/aws/sagemaker/studio"
START_SECONDS_MAX = 180.0
KEPT_SECONDS = 24 * 3600.0  # an ended app is still listed for a day (domains.md 1.7)
RESTARTS_MAX = 5
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
    ) -> None:
        """Move ``kernel``'s apps on ``runner``; ``answers`` tells whether one is well."""
        self._kernel = kernel
        self._networks = networks
        self._answers = answers
        self._runner = runner
        self._has_opened = False

    def close(self) -> None:
        """Nothing is held; apps live on with their supervisors."""

    def turn(self) -> float:
        """Look at every app that is not at rest."""
        now = self._kernel.clock.now()
        unit = self._kernel.own_unit()
        live = records.due(unit.connection, self.name, now, AT_ONCE)
        if not self._has_opened:
            for app in live:
                if app.status in ("Pending", "InService", "Deleting") and "_Door" in app.document:
                    start.open_door(self._kernel, self._networks, app)
            self._has_opened = True
        self._pump(live)
        rest = WATCH_SECONDS
        for app in live:
            try:
                if self._look(app, now):
                    rest = BUSY_SECONDS
            except (Fault, OSError) as trouble:  # one app's trouble is not the others'
                log.event("app.step_failed", level=40, app=app.arn, reason=trouble)
        following = records.next_due(unit.connection, self.name)
        return rest if live else (3600.0 if following is None else max(0.0, following - now))

    def _pump(self, live: list[Record]) -> None:
        """What apps say goes to the log group of Studio, a stream for each app's type and owner."""
        sources = []
        for app in live:
            document = app.document
            if "_Run" not in document:
                continue
            owner = document.get("SpaceName") or document.get("UserProfileName")
            stream = f"{document['DomainId']}/{owner}/{document['AppType']}/{document['AppName']}"
            sources.append(Source(document["_Run"], LOG_GROUP, stream))
        pump(self._kernel, self._runner, sources)

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
            self._write(app, lambda writing: _name_run(writing, app))
            return True
        if self._runner.look(document["_Run"]).state == "absent":
            reason = start.start(self._kernel, self._runner, self._networks, app)
            if reason:
                self._fail(app, reason)
                return False
        status = self._runner.look(document["_Run"])
        if status.state in ("ended", "lost"):
            tail = "\n".join(line.text for line in self._runner.logs(document["_Run"]).lines[-8:])
            self._fail(app, f"The app ended while it started. {status.message} {tail}".strip())
            return False
        if status.state == "running" and self._answers(self._kernel.settings.state, app):
            self._write(app, lambda writing: writing.update(status="InService"))
            return False
        if now - document["_StartedAt"] > START_SECONDS_MAX:
            self._runner.stop(document["_Run"], 0)
            self._fail(app, f"The app did not answer within {START_SECONDS_MAX:.0f} seconds.")
            return False
        return True

    # -- while it runs, and down ----------------------------------------------------------------

    def _watch(self, app: Record) -> bool:
        """An app whose process ended is started again, a few times."""
        status = self._runner.look(app.document["_Run"])
        if status.state in ("starting", "running"):
            return False
        started = status.started_at or app.document["_StartedAt"]
        is_steady = (status.ended_at or started) - started > STEADY_SECONDS
        restarts = 0 if is_steady else app.document.get("_Restarts", 0)
        if restarts >= RESTARTS_MAX:
            self._fail(app, f"The app ended {restarts} times. {status.message}", status.ended_at)
            return False

        def again(writing: Writing) -> None:
            document = writing.record.document
            document["_Restarts"] = restarts + 1
            document["_EndedAt"] = status.ended_at or writing.now
            del document["_Run"]
            writing.update(status="Pending")

        self._write(app, again)
        return True

    def _bring_down(self, app: Record, now: float) -> bool:
        run = app.document.get("_Run")
        if run is not None and self._runner.look(run).state in ("starting", "running"):
            self._runner.stop(run, start.STOP_SECONDS)
            return True
        self._clear(app)

        def deleted(writing: Writing) -> None:
            writing.rest_until(now + KEPT_SECONDS)
            writing.update(status="Deleted")

        self._write(app, deleted)
        return False

    def _fail(self, app: Record, reason: str, ended_at: float | None = None) -> None:
        self._clear(app)

        def failed(writing: Writing) -> None:
            writing.record.document["FailureReason"] = reason[:1024]
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


def _name_run(writing: Writing, app: Record) -> None:
    document = writing.record.document
    document.setdefault("_Door", app.uid)
    document.setdefault("_Token", ids.token(32))
    document["_Runs"] = document.get("_Runs", 0) + 1
    document["_Run"] = f"app-{app.uid}-{document['_Runs']}"
    document["_StartedAt"] = writing.now
    document.pop("_EndedAt", None)
    writing.update()

"""Moves apps: Pending to InService when JupyterLab answers, back up after a crash, away at the end.

Looks at app records and at the runner, acts outside of any transaction, and writes back only
if the app is still in the state and run that were looked at. Every step may be repeated.
"""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable
from pathlib import Path

from freehold.base import ids, log
from freehold.base.errors import Fault
from freehold.base.settings import Settings
from freehold.host import runtimes, volumes
from freehold.host.sandboxes.sandbox import Bind, File, Sandbox
from freehold.host.unix_sockets import reachable
from freehold.kernel import doors
from freehold.kernel.call import Record
from freehold.kernel.dispatch import Kernel
from freehold.kernel.doors import Door
from freehold.kernel.records import Writing
from freehold.loops import instances, surroundings
from freehold.loops.jobs import prepare
from freehold.loops.jobs.watch import Source, pump
from freehold.runners.runner import Runner, Work
from freehold.store import records

APP = "sagemaker:app"
RUNTIME = "jupyterlab"
LOG_GROUP = "/aws/sagemaker/studio"
BASE_PATHS = {"JupyterLab": "/jupyterlab/default", "JupyterServer": "/jupyter/default"}
# No pop-up that asks to fetch news from outside, where a sandbox cannot go.
QUIET = '{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}'
HOME = "/home/sagemaker-user"
START_SECONDS_MAX = 180.0
STOP_SECONDS = 20.0
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

    def __init__(self, kernel: Kernel, runner: Runner) -> None:
        self._kernel = kernel
        self._runner = runner
        self._settings: Settings = kernel.settings
        self._has_opened = False

    def close(self) -> None:
        """Nothing is held; apps live on with their supervisors."""

    def turn(self) -> float:
        """Look at every app that is not at rest."""
        self._settings = self._kernel.settings
        now = self._kernel.clock.now()
        unit = self._kernel.own_unit()
        live = records.due(unit.connection, self.name, now, AT_ONCE)
        if not self._has_opened:
            for app in live:
                if app.status in ("Pending", "InService", "Deleting") and "_Door" in app.document:
                    self._open_door(app)
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
            reason = self._start(app)
            if reason:
                self._fail(app, reason)
                return False
        status = self._runner.look(document["_Run"])
        if status.state in ("ended", "lost"):
            tail = "\n".join(line.text for line in self._runner.logs(document["_Run"]).lines[-8:])
            self._fail(app, f"The app ended while it started. {status.message} {tail}".strip())
            return False
        if status.state == "running" and self._answers(app):
            self._write(app, lambda writing: writing.update(status="InService"))
            return False
        if now - document["_StartedAt"] > START_SECONDS_MAX:
            self._runner.stop(document["_Run"], 0)
            self._fail(app, f"The app did not answer within {START_SECONDS_MAX:.0f} seconds.")
            return False
        return True

    def _start(self, app: Record) -> str | None:
        """Make the surroundings and hand the work to the runner; a reason if it cannot be."""
        document = app.document
        found = runtimes.find(RUNTIME, self._settings.runtimes)
        if found is None:
            return (
                f"The runtime {RUNTIME} is not installed on this machine: run "
                f"`freehold runtime install {RUNTIME}`."
            )
        if not document.get("_FileSystem"):
            return "The domain has no file system: set HomeEfsFileSystemCreation to Enabled."
        number = int(document["_Uid"])
        owner = self._kernel.uids.owner(number)
        home = volumes.make_home(self._settings.state, document["_FileSystem"], number, owner)
        place = surroundings.make_place(self._settings, document["_Door"], owner)
        prepare.remove(place / "app" / doors.APP_SOCKET)  # whatever the last run left there
        self._open_door(app)
        self._runner.start(self._work(app, found, home, owner))
        return None

    def _work(self, app: Record, runtime: runtimes.Runtime, home: Path, owner: int) -> Work:
        document, settings = app.document, self._settings
        root = Path(runtime.root)
        place = doors.place(settings.state, document["_Door"])
        base = BASE_PATHS[document["AppType"]]
        return Work(
            id=document["_Run"],
            kind="app",
            uid=owner,
            argv=(
                runtime.python,
                "-m",
                "jupyterlab",
                "--no-browser",
                f"--ServerApp.sock={surroundings.APP}/{doors.APP_SOCKET}",
                "--ServerApp.sock_mode=0600",
                f"--ServerApp.base_url={base}/",
                f"--ServerApp.root_dir={HOME}",
                "--IdentityProvider.token=",
                "--ServerApp.password=",
                "--ServerApp.allow_remote_access=True",
                "--ServerApp.terminals_enabled=True",
                "--KernelManager.transport=ipc",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                "--LabApp.extension_manager=readonly",
            ),
            env=surroundings.environment(settings)
            | {
                "PATH": f"{root}/bin:/usr/local/bin:/usr/bin:/bin",
                "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",  # noqa: S108 - private to the sandbox
                "SAGEMAKER_APP_TYPE": document["AppType"],
                "SAGEMAKER_APP_TYPE_LOWERCASE": document["AppType"].lower(),
                "SAGEMAKER_SPACE_NAME": document.get("SpaceName", ""),
                "SHELL": "/bin/bash",
            },
            cwd=HOME,
            sandbox=Sandbox(
                binds=(
                    *surroundings.binds(settings, document["_Door"], runtime),
                    Bind(str(place / "app"), surroundings.APP, is_writable=True),
                    Bind(str(home), HOME, is_writable=True),
                ),
                files=(
                    *surroundings.files(document["_Token"]),
                    File("/opt/ml/metadata/resource-metadata.json", _metadata(app)),
                    File("/etc/jupyter/labconfig/page_config.json", QUIET),
                ),
                bridges=(surroundings.bridge(),),
                home=HOME,
                hostname="default",
            ),
            limits=instances.limits(document["ResourceSpec"]["InstanceType"]),
            stop_grace_seconds=STOP_SECONDS,
        )

    def _open_door(self, app: Record) -> None:
        document = app.document
        self._kernel.doors.open(
            Door(
                id=document["_Door"],
                socket=doors.place(self._settings.state, document["_Door"])
                / "in"
                / doors.API_SOCKET,
                token=document["_Token"],
                source=app.arn,
                role=document["_Role"],
                origin=document["_Owner"],
            )
        )

    def _answers(self, app: Record) -> bool:
        """Whether JupyterLab's own API answers on the app's socket."""
        path = doors.place(self._settings.state, app.document["_Door"]) / "app" / doors.APP_SOCKET
        connection = _UnixConnection(path)
        try:
            connection.request("GET", f"{BASE_PATHS[app.document['AppType']]}/api")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

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
            self._runner.stop(run, STOP_SECONDS)
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
            prepare.remove(doors.place(self._settings.state, document["_Door"]))

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


def _metadata(app: Record) -> str:
    """Studio's metadata file (domains.md 1.7)."""
    document = app.document
    facts = {
        "AppType": document["AppType"],
        "DomainId": document["DomainId"],
        "ExecutionRoleArn": document["_Role"],
        "ResourceArn": app.arn,
        "ResourceArnCaseSensitive": app.arn,
        "ResourceName": document["AppName"],
        "AppImageVersion": "",
        "IpAddressType": "ipv4",
    }
    for member in ("UserProfileName", "SpaceName"):
        if document.get(member):
            facts[member] = document[member]
    return json.dumps(facts)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=2.0)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        with reachable(self._path) as path:
            self.sock.connect(path)

"""From an app's record to a running process: its home, its door, its sandbox, its command.

Input: a record that ``loop.py`` found to be Pending. Output: a ``Work`` in the runner's hands, or
the reason why there can be none. Facts: domains.md 1.7, runtime.md 5 and 6.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from freehold.base.errors import Fault
from freehold.base.settings import Settings
from freehold.host import runtimes
from freehold.host.sandboxes.sandbox import INSIDE, Bind, File, Sandbox
from freehold.kernel import doors
from freehold.kernel.call import Record
from freehold.kernel.dispatch import Kernel
from freehold.kernel.doors import Door
from freehold.kernel.studio import progress
from freehold.kernel.studio.app_types import APP_TYPES
from freehold.loops import instances, surroundings
from freehold.loops.apps import told
from freehold.loops.files.home import HOME, Files, files_of
from freehold.loops.jobs import prepare
from freehold.loops.networks.loop import Networks
from freehold.runners.runner import Runner, Work

STOP_SECONDS = 10.0  # between SIGTERM and SIGKILL; JupyterLab takes two
ANSWER_SECONDS_MAX = 180.0  # for the app's own command to answer
SCRIPT_SECONDS_MAX = 300.0  # AWS: lifecycle configurations may not run longer than 5 minutes
CLONE_SECONDS_MAX = 120.0  # for all repositories together
STARTER = f"{INSIDE}/freehold/host/inside/starter.py"
ORDERS = "/opt/freehold/start.json"
# Where AWS has it; people know the name from error messages.
SCRIPTS = "/opt/ml/lifecycleconfig/{}/lifecycle_script.sh"
# No pop-up that asks to fetch news from outside, where a sandbox cannot go.
QUIET = '{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}'


class Script(NamedTuple):
    """A lifecycle configuration that runs before the app's command."""

    arn: str
    text: str


class Ground(NamedTuple):
    """What an app stands on: the uid that it runs as, its files, its network, what runs before it.

    ``netns``: the network namespace that it joins; empty for none. ``bucket``: its domain's own.
    """

    owner: int
    files: Files
    netns: str = ""
    scripts: Sequence[Script] = ()
    bucket: str = ""


def start(kernel: Kernel, runner: Runner, networks: Networks, app: Record) -> str | None:
    """Make the surroundings and hand the work to the runner; a reason if it cannot be."""
    document, settings = app.document, kernel.settings
    name = document.get("_Runtime") or APP_TYPES[document["AppType"]].runtime
    found = runtimes.find(name, settings.runtimes)
    if found is None:
        return (
            f"The runtime {name} is not installed on this machine: run "
            f"`freehold runtime install {name}`."
        )
    scripts = _scripts(kernel, app)
    if isinstance(scripts, str):
        return scripts
    files = files_of(kernel, app)
    if isinstance(files, str):
        return files
    owner = kernel.uids.owner(int(document["_Uid"]))
    place = surroundings.make_place(settings, document["_Door"], owner)
    for left in (doors.APP_SOCKET, progress.FILE):
        prepare.remove(place / "app" / left)  # whatever the last run left there
    try:
        netns = networks.join(app).netns
    except Fault as fault:
        return f"The app's network could not be made: {fault.message}"
    open_door(kernel, networks, app)
    ground = Ground(owner, files, netns, scripts, told.bucket(kernel, app))
    runner.start(work(settings, app, found, ground))
    return None


def seconds_max(app: Record) -> float:
    """How long an app may take to come up, scripts and clones included."""
    document = app.document
    scripts = SCRIPT_SECONDS_MAX * len(document.get("_Scripts", ()))
    clones = CLONE_SECONDS_MAX if document.get("_Repositories") else 0.0
    return ANSWER_SECONDS_MAX + scripts + clones


def open_door(kernel: Kernel, networks: Networks, app: Record) -> None:
    """Listen for the app's sandbox; open already is well."""
    document = app.document
    place = doors.place(kernel.settings.state, document["_Door"])
    kernel.doors.open(
        Door(
            id=document["_Door"],
            socket=place / "in" / doors.API_SOCKET,
            token=document["_Token"],
            source=app.arn,
            role=document["_Role"],
            origin=document["_Owner"],
            is_direct=networks.is_direct(document.get("_Run", "")),
            session_name=document.get("_SessionName", doors.SESSION_NAME),
        )
    )


def _scripts(kernel: Kernel, app: Record) -> list[Script] | str:
    """The scripts that this start runs, in order; or why it cannot."""
    unit, found = kernel.own_unit(), []
    for arn in app.document.get("_Scripts", ()):
        record = unit.find(arn)
        if record is None:
            return f"The lifecycle configuration {arn} does not exist any more."
        content = "".join(record.document["StudioLifecycleConfigContent"].split())
        text = base64.b64decode(content).decode()
        found.append(Script(arn, text.replace("\r\n", "\n")))  # written on Windows, as many are
    return found


def work(settings: Settings, app: Record, runtime: runtimes.Runtime, ground: Ground) -> Work:
    """All that the runner needs."""
    document = app.document
    place = doors.place(settings.state, document["_Door"])
    argv, orders = _command(app, runtime), []
    if ground.scripts or document.get("_Repositories"):
        orders = _orders(app, argv, ground.scripts)
        argv = (runtime.python, "-I", "-S", STARTER, ORDERS)
    return Work(
        id=document["_Run"],
        kind="app",
        uid=ground.owner,
        argv=argv,
        env=told.environment(settings, app, runtime, is_direct=bool(ground.netns)),
        cwd=HOME,
        sandbox=Sandbox(
            binds=(
                *surroundings.binds(settings, document["_Door"], runtime),
                Bind(str(place / "app"), surroundings.APP, is_writable=True),
                *ground.files.binds,
            ),
            layers=ground.files.layers,
            files=(
                *surroundings.files(document["_Token"], ground.bucket),
                *orders,
                File("/opt/ml/metadata/resource-metadata.json", told.metadata(app)),
                File("/etc/jupyter/labconfig/page_config.json", QUIET),
            ),
            bridges=(surroundings.bridge(),),
            home=HOME,
            hostname="default",
            netns=ground.netns,
            direct=bool(ground.netns),
        ),
        limits=instances.limits(document["ResourceSpec"]["InstanceType"]),
        stop_grace_seconds=STOP_SECONDS,
    )


def _command(app: Record, runtime: runtimes.Runtime) -> tuple[str, ...]:
    """The type's command; a custom image's own entry point in its place, arguments behind.

    An image's own words may hold ``${FREEHOLD_APP_SOCKET}`` and ``${FREEHOLD_APP_BASE_PATH}``,
    where the app must listen: no shell reads them, so they are filled in here.
    """
    kind = APP_TYPES[app.document["AppType"]]
    container = app.document.get("_Container", {})
    filled = {
        "python": runtime.python,
        "socket": f"{surroundings.APP}/{doors.APP_SOCKET}",
        "base": kind.base_path,
        "home": HOME,
    }
    usual = tuple(part.format(**filled) for part in kind.command)
    own = {told.SOCKET: filled["socket"], told.BASE_PATH: filled["base"]}
    entry, arguments = (
        tuple(_with(own, part) for part in container.get(member, ()))
        for member in ("ContainerEntrypoint", "ContainerArguments")
    )
    return (*(entry or usual), *arguments)


def _with(values: Mapping[str, str], part: str) -> str:
    for name, value in values.items():
        part = part.replace(f"${{{name}}}", value)
    return part


def _orders(app: Record, argv: Sequence[str], scripts: Sequence[Script]) -> list[File]:
    """What ``host/inside/starter.py`` is told, and the scripts that it runs."""
    paths = [SCRIPTS.format(number) for number in range(len(scripts))]
    orders = {
        "argv": list(argv),
        "home": HOME,
        "progress": f"{surroundings.APP}/{progress.FILE}",
        "scripts": [
            {"arn": script.arn, "path": path} for script, path in zip(scripts, paths, strict=True)
        ],
        "script_seconds": SCRIPT_SECONDS_MAX,
        "repositories": [
            {"url": one["Url"], "branch": one["Branch"]}
            for one in app.document.get("_Repositories", ())
        ],
        "clone_seconds": CLONE_SECONDS_MAX,
    }
    texts = [File(path, one.text, 0o755) for path, one in zip(paths, scripts, strict=True)]
    return [File(ORDERS, json.dumps(orders)), *texts]

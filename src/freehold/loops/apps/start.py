"""From an app's record to a running process: its home, its door, its sandbox, its command.

Input: a record that ``loop.py`` found to be Pending. Output: a ``Work`` in the runner's hands, or
the reason why there can be none. Facts: domains.md 1.7, runtime.md 5 and 6.
"""

from __future__ import annotations

import json
from pathlib import Path

from freehold.base.errors import Fault
from freehold.base.settings import Settings
from freehold.host import runtimes, volumes
from freehold.host.sandboxes.sandbox import Bind, File, Sandbox
from freehold.kernel import doors
from freehold.kernel.call import Record
from freehold.kernel.dispatch import Kernel
from freehold.kernel.doors import Door
from freehold.kernel.studio.app_types import APP_TYPES
from freehold.loops import instances, surroundings
from freehold.loops.jobs import prepare
from freehold.loops.networks.loop import Networks
from freehold.runners.runner import Runner, Work

HOME = "/home/sagemaker-user"
STOP_SECONDS = 20.0
# No pop-up that asks to fetch news from outside, where a sandbox cannot go.
QUIET = '{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}'


def start(kernel: Kernel, runner: Runner, networks: Networks, app: Record) -> str | None:
    """Make the surroundings and hand the work to the runner; a reason if it cannot be."""
    document, settings = app.document, kernel.settings
    name = APP_TYPES[document["AppType"]].runtime
    found = runtimes.find(name, settings.runtimes)
    if found is None:
        return (
            f"The runtime {name} is not installed on this machine: run "
            f"`freehold runtime install {name}`."
        )
    if not document.get("_FileSystem"):
        return "The domain has no file system: set HomeEfsFileSystemCreation to Enabled."
    number = int(document["_Uid"])
    owner = kernel.uids.owner(number)
    home = volumes.make_home(settings.state, document["_FileSystem"], number, owner)
    place = surroundings.make_place(settings, document["_Door"], owner)
    prepare.remove(place / "app" / doors.APP_SOCKET)  # whatever the last run left there
    try:
        netns = networks.join(app).netns
    except Fault as fault:
        return f"The app's network could not be made: {fault.message}"
    open_door(kernel, networks, app)
    runner.start(work(settings, app, found, home, owner, netns))
    return None


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
        )
    )


def work(
    settings: Settings, app: Record, runtime: runtimes.Runtime, home: Path, owner: int, netns: str
) -> Work:
    """All that the runner needs. ``home`` belongs to ``owner``, the uid that it runs as."""
    document = app.document
    place = doors.place(settings.state, document["_Door"])
    return Work(
        id=document["_Run"],
        kind="app",
        uid=owner,
        argv=_command(app, runtime),
        env=_environment(settings, app, runtime, is_direct=bool(netns)),
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
            netns=netns,
            direct=bool(netns),
        ),
        limits=instances.limits(document["ResourceSpec"]["InstanceType"]),
        stop_grace_seconds=STOP_SECONDS,
    )


def _command(app: Record, runtime: runtimes.Runtime) -> tuple[str, ...]:
    kind = APP_TYPES[app.document["AppType"]]
    filled = {
        "python": runtime.python,
        "socket": f"{surroundings.APP}/{doors.APP_SOCKET}",
        "base": kind.base_path,
        "home": HOME,
    }
    return tuple(part.format(**filled) for part in kind.command)


def _environment(
    settings: Settings, app: Record, runtime: runtimes.Runtime, *, is_direct: bool
) -> dict[str, str]:
    document = app.document
    return surroundings.environment(settings, is_direct=is_direct) | {
        "PATH": f"{runtime.root}/bin:/usr/local/bin:/usr/bin:/bin",
        "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",  # noqa: S108 - private to the sandbox
        "SAGEMAKER_APP_TYPE": document["AppType"],
        "SAGEMAKER_APP_TYPE_LOWERCASE": document["AppType"].lower(),
        "SAGEMAKER_SPACE_NAME": document.get("SpaceName", ""),
        "SHELL": "/bin/bash",
    }


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

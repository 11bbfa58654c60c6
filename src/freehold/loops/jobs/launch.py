"""From a prepared directory to a running process: the door, the sandbox, the command.

Input: a task, its runtime and its directory. Output: a ``Work`` for the runner. Facts:
jobs-and-sdk.md 1 (facts 4, 5), 3.1, runtime.md 6.
"""

from __future__ import annotations

from pathlib import Path

from freehold.base.settings import Settings
from freehold.host.images import known_image
from freehold.host.runtimes import Runtime
from freehold.host.sandboxes.sandbox import Bind, Sandbox
from freehold.kernel import doors
from freehold.kernel.doors import Door
from freehold.loops import instances, surroundings
from freehold.loops.jobs.task import HOST, ROOT, Task
from freehold.runners.runner import Work

HOME = "/home/sagemaker-user"
NICENESS = 10  # jobs stand behind the server's answers and people's notebooks
DEFAULT_ARGUMENT = "train"  # what SageMaker gives an image that declares nothing


def door(settings: Settings, task: Task, token: str, *, is_direct: bool) -> Door:
    """The job's way to the API, as its role and on behalf of where it was started."""
    return Door(
        id=task.id,
        socket=doors.place(settings.state, task.id) / "in" / doors.API_SOCKET,
        token=token,
        source=task.arn,
        role=task.role,
        origin=task.origin,
        is_direct=is_direct,
    )


def work(
    settings: Settings,
    task: Task,
    runtime: Runtime,
    base: Path,
    uid: int,
    token: str,
    netns: str,
) -> Work:
    """All that the runner needs. ``base`` is the job's directory."""
    binds = [
        *surroundings.binds(settings, task.id, runtime),
        Bind(str(base / "ml"), str(ROOT), is_writable=True),
        Bind(str(base / "home"), HOME, is_writable=True),
    ]
    if task.is_isolated:
        binds = [bind for bind in binds if bind.target != surroundings.IN]
    return Work(
        id=task.work,
        kind=task.kind,
        argv=command(task, runtime),
        uid=uid,
        env=environment(settings, task, runtime, is_direct=bool(netns)),
        cwd=str(ROOT),
        sandbox=Sandbox(
            binds=tuple(binds),
            files=() if task.is_isolated else surroundings.files(token),
            bridges=() if task.is_isolated else (surroundings.bridge(),),
            hosts={HOST: "127.0.0.1"},
            hostname=HOST,
            home=HOME,
            netns=netns,
            direct=bool(netns),
        ),
        limits=instances.limits(task.instance_type),
        max_runtime_seconds=task.max_runtime_seconds,
        niceness=NICENESS,
    )


def command(task: Task, runtime: Runtime) -> tuple[str, ...]:
    """The request's entrypoint with its arguments, else the image's own."""
    if task.argv is not None:
        return (*task.argv, *task.arguments)
    declared = runtime.entrypoint
    if task.kind == "processing-job" and not task.arguments:
        return declared or ("python3",)
    return (*declared, *(task.arguments or (() if declared else (DEFAULT_ARGUMENT,))))


def environment(
    settings: Settings, task: Task, runtime: Runtime, *, is_direct: bool
) -> dict[str, str]:
    """What the process finds; the job's own variables never take the place of ours."""
    ours = surroundings.environment(settings, is_direct=is_direct)
    if task.is_isolated:
        ours = {name: ours[name] for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "LANG")}
    usual = {
        "PATH": f"{runtime.root}/bin:/usr/local/bin:/usr/bin:/bin",
        "SAGEMAKER_REGION": settings.region,
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLCONFIGDIR": "/tmp/matplotlib",  # noqa: S108 - private to the sandbox
    }
    return usual | task.environment | ours


def heading(task: Task, runtime: Runtime) -> str:
    """The first line of the log: what was asked for, and what is given."""
    asked = known_image(task.image)
    given = {"python": runtime.labels.get("python", ""), **runtime.versions}
    told = ", ".join(f"{name} {version}" for name, version in given.items() if version)
    version = f" {asked.version}" if asked and asked.version else ""
    return f"Image {task.image} asks for {runtime.name}{version}; this machine gives {told}."

"""The chapters of real work: JupyterLab opened by presigned URLs, notebooks run, tags shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from freehold.cli.story import browser, notebooks
from freehold.cli.story.browser import Studio, Visit
from freehold.cli.story.cast import Desk, Line
from freehold.cli.story.teller import Shell, StoryFailed, Teller

APP_SECONDS_MAX = 120.0
LOOK_SECONDS = 0.2


def start_apps(admin: Shell, lines: tuple[Line, ...]) -> None:
    """Start all JupyterLab apps, then wait for each: they come up side by side."""
    asked = [(line, desk) for line in lines for desk in line.desks]
    for line, desk in asked:
        admin.aws(
            *("sagemaker", "create-app", *_named(line, desk)),
            *("--query", "AppArn", "--output", "text"),
        )
    for line, desk in asked:
        _wait_for_app(admin, line, desk)


def _named(line: Line, desk: Desk) -> tuple[str, ...]:
    return (
        *("--domain-id", line.domain_id, "--space-name", desk.space),
        *("--app-type", "JupyterLab", "--app-name", "default"),
    )


def _wait_for_app(admin: Shell, line: Line, desk: Desk) -> None:
    words = ("sagemaker", "describe-app", *_named(line, desk))
    query = ("--query", "{Status: Status, FailureReason: FailureReason}")
    deadline = time.monotonic() + APP_SECONDS_MAX
    found = admin.ask(*words, *query)
    while found["Status"] == "Pending" and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
        found = admin.quietly(*words, *query)
    admin.teller.answer(found["Status"])
    if found["Status"] != "InService":
        raise StoryFailed(
            f"the JupyterLab app of {desk.space} is {found['Status']}: {found['FailureReason']}"
        )


def presigned_url(admin: Shell, line: Line, desk: Desk, person: str, landing: str = "") -> str:
    """A URL that opens a space for a person, once, within five minutes."""
    url = admin.aws(
        *("sagemaker", "create-presigned-domain-url", "--domain-id", line.domain_id),
        *("--user-profile-name", person, "--space-name", desk.space),
        *(("--landing-uri", landing) if landing else ()),
        *("--query", "AuthorizedUrl", "--output", "text"),
        shows=False,
    )
    admin.teller.answer(url if landing else f"{url[:72]}...")
    return url


def run_notebooks(admin: Shell, lines: tuple[Line, ...]) -> None:
    """Open every space and run its notebook in a kernel there, all at the same time."""
    visits = []
    for line in lines:
        for desk in line.desks:
            url = presigned_url(admin, line, desk, desk.person)
            visits.append(Visit(desk.person, url, _running(admin.teller, desk)))
    admin.teller.say("JupyterLab is open; the notebooks run in its kernels, with the SageMaker SDK")
    browser.make(visits)


def _running(teller: Teller, desk: Desk) -> Callable[[Studio], Any]:
    async def run(studio: Studio) -> None:
        await studio.run(desk.path, notebooks.told(desk.notebook), says(teller, desk.person))

    return run


def says(teller: Teller, who: str) -> Callable[[str], None]:
    """Tell what a notebook prints, and whose it is."""

    def line(text: str) -> None:
        if text.strip(" .!"):
            teller.print(f"[{teller.seconds:5.1f} s] {who:>6} │ {text}")

    return line


def visit_together(admin: Shell, line: Line) -> None:
    """Another person of the domain opens the shared space and finds what the first one left."""
    desk = next(desk for desk in line.desks if desk.is_shared)
    other = next(person for person in line.people if person != desk.person)
    found: list[str] = []

    async def look(studio: Studio) -> None:
        found.extend(await studio.names())

    browser.make([Visit(other, presigned_url(admin, line, desk, other), look)])
    if desk.path not in found:
        raise StoryFailed(f"{other} does not see {desk.path} in the shared space {desk.space}")
    admin.teller.say(f"{other} sees {desk.person}'s {desk.path} in the shared space {desk.space}")


def learn_arns(admin: Shell, line: Line) -> None:
    """Look up, by name, what a line's notebook made."""
    looks: list[tuple[str, tuple[str, ...]]] = [
        ("experiment", ("describe-experiment", "--experiment-name", line.experiment)),
        ("pipeline", ("describe-pipeline", "--pipeline-name", line.pipeline)),
        ("package", ("list-model-packages", "--model-package-group-name", line.group)),
        ("job", ("list-training-jobs", "--name-contains", line.job)),
    ]
    if line.processing:
        looks.append(("processing", ("list-processing-jobs", "--name-contains", line.processing)))
    for name, words in looks:
        line.made[name] = admin.aws(
            *("sagemaker", *words, "--query", _QUERIES[name], "--output", "text")
        )
    for name in ("job", "processing"):
        if name in line.made and not line.made[name].endswith("Completed"):
            raise StoryFailed(f"{line.name}'s {name} did not complete: {line.made[name]}")
        if name in line.made:
            line.made[name] = line.made[name].split()[0]


_QUERIES = {
    "experiment": "ExperimentArn",
    "pipeline": "PipelineArn",
    "package": "ModelPackageSummaryList[0].ModelPackageArn",
    "job": "TrainingJobSummaries[0].[TrainingJobArn, TrainingJobStatus]",
    "processing": "ProcessingJobSummaries[0].[ProcessingJobArn, ProcessingJobStatus]",
}


def show_tags(admin: Shell, line: Line, names: tuple[str, ...]) -> None:
    """List the tags of what a line made; each must name the line's own domain.

    Raises:
        StoryFailed: One does not.
    """
    for name in names:
        listed = admin.aws(
            *("sagemaker", "list-tags", "--resource-arn", line.made[name]),
            *("--query", "Tags[].[Key, Value]", "--output", "text"),
        )
        tags = dict(row.split("\t") for row in listed.splitlines() if "\t" in row)
        if tags.get("sagemaker:domain-arn") != line.domain_arn:
            raise StoryFailed(f"{line.made[name]} does not carry the tag of its domain")

"""The chapters of real work: JupyterLab opened by presigned URLs, notebooks run, tags shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from freehold.cli.story import browser, notebooks
from freehold.cli.story.browser import Studio, Visit
from freehold.cli.story.cast import Desk, Line
from freehold.cli.story.shell import Shell, Words
from freehold.cli.story.teller import StoryFailed, Teller

APP_SECONDS_MAX = 120.0
LOOK_SECONDS = 0.2


def start_apps(admin: Shell, lines: tuple[Line, ...]) -> None:
    """Start all JupyterLab apps, then wait for them: they come up side by side."""
    admin.together(
        [
            (
                *("sagemaker", "create-app", "--domain-id", line.domain_id),
                *("--space-name", desk.space, "--app-type", "JupyterLab"),
                *("--app-name", "default", "--query", "AppArn", "--output", "text"),
            )
            for line in lines
            for desk in line.desks
        ]
    )
    words = ("sagemaker", "list-apps", "--query", "Apps[].[SpaceName, Status]", "--output", "text")
    deadline = time.monotonic() + APP_SECONDS_MAX
    found = admin.aws(*words, shows=False)
    while "Pending" in found and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
        found = admin.quietly(*words)
    admin.teller.answer(found)
    statuses = [row.split("\t")[1] for row in found.splitlines()]
    if statuses != ["InService"] * sum(len(line.desks) for line in lines):
        raise StoryFailed(f"not every JupyterLab app came up:\n{found}")


def presigned(line: Line, desk: Desk, person: str, landing: str = "") -> Words:
    """The words that ask for a URL that opens a space for a person, once, within five minutes."""
    return (
        *("sagemaker", "create-presigned-domain-url", "--domain-id", line.domain_id),
        *("--user-profile-name", person, "--space-name", desk.space),
        *(("--landing-uri", landing) if landing else ()),
        *("--query", "AuthorizedUrl", "--output", "text"),
    )


def opened(admin: Shell, calls: list[Words]) -> list[str]:
    """Ask for URLs; they are shown as far as they do not open anything."""
    urls = admin.together(calls, shows=False)
    for url in urls:
        admin.teller.answer(f"{url.partition('?')[0]}?token={url.partition('token=')[2][:24]}...")
    return urls


def run_notebooks(admin: Shell, lines: tuple[Line, ...]) -> None:
    """Open every space and run its notebook in a kernel there, all at the same time."""
    desks = [(line, desk) for line in lines for desk in line.desks]
    urls = opened(admin, [presigned(line, desk, desk.person) for line, desk in desks])
    admin.teller.say("JupyterLab is open; the notebooks run in its kernels, with the SageMaker SDK")
    browser.make(
        [
            Visit(desk.person, url, _running(admin.teller, desk))
            for (_, desk), url in zip(desks, urls, strict=True)
        ]
    )


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

    [url] = opened(admin, [presigned(line, desk, other)])
    browser.make([Visit(other, url, look)])
    if desk.path not in found:
        raise StoryFailed(f"{other} does not see {desk.path} in the shared space {desk.space}")
    admin.teller.say(f"{other} sees {desk.person}'s {desk.path} in the shared space {desk.space}")


def learn_arns(admin: Shell, lines: tuple[Line, ...]) -> None:
    """Look up, by name, what the lines' notebooks made; jobs must have completed.

    Raises:
        StoryFailed: Something is missing or did not complete.
    """
    wanted = [(line, name) for line in lines for name in _LOOKS if _words(line, name)]
    found = admin.together([_words(line, name) for line, name in wanted])
    for (line, name), answer in zip(wanted, found, strict=True):
        arn, *status = answer.split() or [""]
        if not arn.startswith("arn:") or status not in ([], ["Completed"]):
            raise StoryFailed(f"{line.name}'s {name} is not as it must be: {answer or 'nothing'}")
        line.made[name] = arn


_LOOKS = {
    "experiment": ("describe-experiment", "--experiment-name", "ExperimentArn"),
    "pipeline": ("describe-pipeline", "--pipeline-name", "PipelineArn"),
    "package": (
        *("list-model-packages", "--model-package-group-name"),
        "ModelPackageSummaryList[0].ModelPackageArn",
    ),
    "job": (
        *("list-training-jobs", "--name-contains"),
        "TrainingJobSummaries[0].[TrainingJobArn, TrainingJobStatus]",
    ),
    "processing": (
        *("list-processing-jobs", "--name-contains"),
        "ProcessingJobSummaries[0].[ProcessingJobArn, ProcessingJobStatus]",
    ),
}


def _words(line: Line, name: str) -> Words:
    value = {
        "experiment": line.experiment,
        "pipeline": line.pipeline,
        "package": line.group,
        "job": line.job,
        "processing": line.processing,
    }[name]
    if value is None:
        return ()
    operation, option, query = _LOOKS[name]
    return ("sagemaker", operation, option, value, "--query", query, "--output", "text")


def show_tags(admin: Shell, shown: list[tuple[Line, str]]) -> None:
    """List the tags of what was made; each must name the domain that it was made in.

    Raises:
        StoryFailed: One does not.
    """
    listed = admin.together(
        [
            (
                *("sagemaker", "list-tags", "--resource-arn", line.made[name]),
                *("--query", "Tags[].[Key, Value]", "--output", "text"),
            )
            for line, name in shown
        ]
    )
    for (line, name), answer in zip(shown, listed, strict=True):
        tags = dict(row.split("\t") for row in answer.splitlines() if "\t" in row)
        if tags.get("sagemaker:domain-arn") != line.domain_arn:
            raise StoryFailed(f"{line.made[name]} does not carry the tag of its domain")

"""The chapters of isolation: two policies in turn, what they refuse, and old things backfilled.

Finance's role loses its broad grants; what it may do to SageMaker then depends on the tag
``sagemaker:domain-arn`` alone. Sources of the policies: AWS's announcement of December 2022
and the page "Isolate domain resources" of its guide.
"""

from __future__ import annotations

import json
from pathlib import Path

from freehold.cli.story import browser, notebooks, work
from freehold.cli.story.browser import Studio, Visit
from freehold.cli.story.cast import OLD_EXPERIMENTS, Line
from freehold.cli.story.ground import BROAD
from freehold.cli.story.shell import Shell
from freehold.cli.story.teller import StoryFailed

KEPT = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def filled(name: str, line: Line) -> str:
    """A policy of ``data/`` for one domain."""
    text = notebooks.told(f"{name}.json")
    for mark, value in (
        ("DOMAIN_ARN", line.domain_arn),
        ("DOMAIN_ID", line.domain_id),
        ("ROLE_ARN", line.role_arn),
    ):
        text = text.replace(mark, value)
    return text


def narrow(admin: Shell, line: Line, directory: Path) -> None:
    """Take the broad grants away; leave what SageMaker's isolation policies do not speak of."""
    admin.teller.say(
        f"{line.name}'s role loses its broad grants; from here the tag sagemaker:domain-arn decides"
    )
    role = ("--role-name", line.role)
    place = _written(directory, "surroundings", line)
    admin.aws(
        *("iam", "put-role-policy", *role, "--policy-name", "surroundings"),
        *("--policy-document", f"file://{place}"),
    )
    admin.aws("iam", "detach-role-policy", *role, "--policy-arn", BROAD)


def attach(admin: Shell, line: Line, name: str, directory: Path) -> str:
    """Make one of the isolation policies and attach it; its ARN."""
    place = _written(directory, name, line)
    admin.run("cat", str(place))
    arn = admin.aws(
        *("iam", "create-policy", "--policy-name", f"{name}-{line.domain_id}"),
        *("--policy-document", f"file://{place}", "--query", "Policy.Arn", "--output", "text"),
    )
    admin.aws("iam", "attach-role-policy", "--role-name", line.role, "--policy-arn", arn)
    return arn


def detach(admin: Shell, line: Line, arn: str) -> None:
    """Take a policy away again."""
    admin.aws("iam", "detach-role-policy", "--role-name", line.role, "--policy-arn", arn)


def _written(directory: Path, name: str, line: Line) -> Path:
    directory.mkdir(exist_ok=True)
    place = directory / f"{name}.json"
    place.write_text(filled(name, line))
    return place


def credentials(admin: Shell, line: Line, state: Path) -> Shell:
    """A shell with what an app of the line's first person would get."""
    answer = admin.run(
        *("freehold", "credentials", "--state", str(state), "--domain-id", line.domain_id),
        *("--user-profile-name", line.people[0], "--format", "json"),
        shows=False,
    )
    made = json.loads(answer)
    admin.teller.answer(f"(keys of {line.people[0]} until {made['Expiration']})")
    values = (made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    return admin.become(f"{line.name} $", dict(zip(KEPT, values, strict=True)))


def try_by_hand(caller: Shell, other: Line) -> None:
    """One of each kind by the aws CLI: describe, update, delete, and a job."""
    caller.refused(
        [
            ("sagemaker", "describe-experiment", "--experiment-name", other.experiment),
            (
                *("sagemaker", "update-pipeline", "--pipeline-name", other.pipeline),
                *("--pipeline-display-name", "ours"),
            ),
            ("sagemaker", "delete-experiment", "--experiment-name", other.experiment),
            (
                *("sagemaker", "describe-training-job", "--training-job-name"),
                _name(other.made["job"]),
            ),
        ]
    )


def try_from_notebook(admin: Shell, line: Line, other: Line) -> None:
    """The whole table from inside the notebook's kernel, by boto3."""
    desk = line.desks[0]
    names = {
        "experiment": other.experiment,
        "pipeline": other.pipeline,
        "group": other.group,
        "package": other.made["package"],
        "job": _name(other.made["job"]),
        "processing": _name(other.made["processing"]),
        "own_experiment": line.experiment,
        "own_job": _name(line.made["job"]),
    }
    text = f"```python\nnames = {names!r}\n```\n" + notebooks.told("attempts.md")

    async def run(studio: Studio) -> None:
        await studio.execute(desk.path, text, work.says(admin.teller, desk.person))

    [url] = work.opened(admin, [work.presigned(line, desk, desk.person)])
    browser.make([Visit(desk.person, url, run)])


def create_inside(caller: Shell, line: Line) -> None:
    """Finance goes on creating, and what it creates is its own from the first instant."""
    arn = caller.aws(
        *("sagemaker", "create-experiment", "--experiment-name", "after-isolation"),
        *("--query", "ExperimentArn", "--output", "text"),
    )
    described = caller.aws(
        *("sagemaker", "describe-experiment", "--experiment-name", "after-isolation"),
        *("--query", "ExperimentArn", "--output", "text"),
    )
    if described != arn:
        raise StoryFailed(f"{line.name} does not see what it made itself")


def still_there(admin: Shell, other: Line) -> None:
    """Nothing of the other line was changed or removed."""
    found = admin.together(
        [
            (
                *("sagemaker", "describe-pipeline", "--pipeline-name", other.pipeline),
                *("--query", "[PipelineDisplayName, PipelineStatus]", "--output", "text"),
            ),
            (
                *("sagemaker", "describe-experiment", "--experiment-name", other.experiment),
                *("--query", "DisplayName", "--output", "text"),
            ),
        ]
    )
    if found != [f"{other.pipeline}\tActive", other.experiment]:
        raise StoryFailed(f"something of {other.name} is not what it was: {', '.join(found)}")


def backfill(admin: Shell, caller: Shell, line: Line) -> None:
    """The announcement's loop over what is older than the domain; then finance sees it."""
    old = OLD_EXPERIMENTS[0]
    caller.refused([("sagemaker", "describe-experiment", "--experiment-name", old)])
    created = admin.aws(
        *("sagemaker", "describe-domain", "--domain-id", line.domain_id),
        *("--query", "CreationTime", "--output", "text"),
    )
    loop = (
        "for arn in $(aws sagemaker list-experiments"
        f" --created-before {created} \\\n"
        "               --query 'ExperimentSummaries[].ExperimentArn' --output text); do\n"
        '  echo "$arn"\n'
        '  aws sagemaker add-tags --resource-arn "$arn"'
        f" --tags Key=sagemaker:domain-arn,Value={line.domain_arn} > /dev/null || exit 1\n"
        "done"
    )
    tagged = admin.script(loop).split()
    if len(tagged) != len(OLD_EXPERIMENTS):
        raise StoryFailed(f"the backfill tagged {len(tagged)} experiments: {', '.join(tagged)}")
    caller.aws(
        *("sagemaker", "describe-experiment", "--experiment-name", old),
        *("--query", "ExperimentArn", "--output", "text"),
    )


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]

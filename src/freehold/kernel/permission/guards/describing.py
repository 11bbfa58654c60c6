"""What "may describe" means for each kind: the IAM action that is asked, and on which ARN.

Asked by the guards on lists and on references. A kind's action is that of its Describe or Get;
the few without one stand here by name.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from freehold.kernel.declare.service import Registry

if TYPE_CHECKING:
    from freehold.kernel.declare.resource import Resource

# Kinds whose Describe goes by another name, or is not on one of them.
ACTIONS = {
    "ec2:dhcp-options": "ec2:DescribeDhcpOptions",
    "logs:log-group": "logs:DescribeLogStreams",
    "iam:mfa-device": "iam:GetMFADevice",
    "s3:bucket": "s3:ListBucket",
    "elasticfilesystem:file-system": "elasticfilesystem:DescribeFileSystems",
}
# Kinds of things in others, whose ARNs begin alike: what stands between the two names.
PARTS = {"budget/": "/action/"}
OPEN = "ec2:"  # kinds whose Describe AWS asks on "*" only: who may call it may see them all
LOG_STREAM = "logs:log-stream"
LOG_GROUP = "logs:log-group"
# Groups that many domains write to: what a stream's name begins with is the name of such a thing.
STREAMS = {
    "/aws/sagemaker/TrainingJobs": ("sagemaker:training-job", "training-job"),
    "/aws/sagemaker/ProcessingJobs": ("sagemaker:processing-job", "processing-job"),
    "/aws/sagemaker/studio": ("sagemaker:app", "app"),
}


@functools.cache
def describe_action(resource: Resource) -> str | None:
    """The action that shows one of this kind; None if there is none."""
    if resource.kind in ACTIONS:
        return ACTIONS[resource.kind]
    if resource.kind.startswith(OPEN):  # its Describes have plurals for names
        return f"{resource.service.prefix}:Describe{resource.name}s"
    for verb in ("Describe", "Get"):
        operation = resource.service.operations.get(f"{verb}{resource.name}")
        if operation is not None:
            return operation.action
    return None


def asked_on(kind: str, arn: str) -> str:
    """The ARN that permission is asked on: AWS asks for a log group as for its streams."""
    if kind.startswith(OPEN):
        return "*"
    return f"{arn}:log-stream:" if kind == LOG_GROUP else arn


def head(arn: str) -> str:
    """What comes before the name in an ARN's last part: ``training-job/``; empty for buckets."""
    tail = arn.split(":", 5)[-1]
    for at, character in enumerate(tail):
        if character in "/:":
            found = tail[: at + 1]
            part = PARTS.get(found)
            return found + part if part is not None and part in tail else found
    return ""


@functools.cache
def kinds(registry: Registry) -> dict[tuple[str, str], Resource]:
    """Declared resources by service and head of their ARNs; log streams count as their group."""
    found: dict[tuple[str, str], Resource] = {}
    for resource in registry.resources():
        tail = resource.tail({})
        found.setdefault((resource.service.prefix, head(f":::::{tail}")), resource)
    return found


def resource_of(registry: Registry, arn: str) -> Resource | None:
    """The declaration of what an ARN names, whether it exists or not."""
    parts = arn.split(":", 3)
    return kinds(registry).get((parts[2], head(arn))) if len(parts) > 3 else None


def thing_of_stream(arn: str) -> tuple[str, str] | None:
    """Kind and ARN of the job or app whose lines a log stream holds; None if it is nobody's."""
    place, _, stream = arn.partition(":log-stream:")
    parts = place.split(":", 6)
    group = parts[-1]
    if group not in STREAMS:
        return None
    kind, noun = STREAMS[group]
    name = stream if noun == "app" else stream.partition("/")[0]
    return kind, ":".join([*parts[:2], "sagemaker", *parts[3:5], f"{noun}/{name}"])

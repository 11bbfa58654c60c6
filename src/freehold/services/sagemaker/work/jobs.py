"""What all jobs share: the role, the image, the fields that we refuse, and how one is stopped.

Called by training_jobs.py and processing_jobs.py; ``loops/jobs`` moves what they create.
Facts: jobs-and-sdk.md 3, 4 and 7 (fields that we do not honour), domains.md 3.5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from freehold.base.errors import Invalid
from freehold.host import runtimes
from freehold.kernel import transitions
from freehold.kernel.call import Call, Page, Record
from freehold.kernel.declare.operation import Document, dig
from freehold.kernel.doors import reference
from freehold.kernel.permission import roles

ENDED = frozenset({"Completed", "Failed", "Stopped"})
LIVE = frozenset({"InProgress", "Stopping"})
MAX_RUNTIME_SECONDS_DEFAULT = 86_400  # AWS's default of StoppingCondition.MaxRuntimeInSeconds
MOVER = "jobs"
FIRST = 0.0  # due before everything that waits
ML = PurePosixPath("/opt/ml")
SUBNET, GROUP = "ec2:subnet", "ec2:security-group"
REFERENCES = {
    "ExperimentConfig.ExperimentName": "sagemaker:experiment",
    "ExperimentConfig.TrialName": "sagemaker:trial",
}


class Refused:
    """Members that we do not honour and that would change results or safety.

    Read once into a tree, since every create walks it.
    """

    def __init__(self, reasons: Mapping[str, str]) -> None:
        """``reasons``: why each dotted path is refused; lists on the way are entered."""
        self._reasons = reasons
        self._tree: Document = {}
        for path in reasons:
            *above, last = path.split(".")
            place = self._tree
            for step in above:
                place = place.setdefault(step, {})
            place[last] = path

    def check(self, document: Document) -> None:
        """Refuse what asks for one of them. Empty, zero and false values ask for nothing.

        Raises:
            Invalid: All that was asked for and is not to be had, each by its name.
        """
        asked = set(_asked(document, self._tree))
        if asked:
            reasons = self._reasons.items()
            raise Invalid(
                "; ".join(
                    f"{path} is not supported: {why}" for path, why in reasons if path in asked
                )
            )


def _asked(value: Any, tree: Document) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _asked(item, tree)
    elif isinstance(value, dict):
        for step in tree.keys() & value.keys():
            below, given = tree[step], value[step]
            if not isinstance(below, str):
                yield from _asked(given, below)
            elif any(given) if isinstance(given, list) else given:
                yield below


def distinct(names: Iterable[str], what: str) -> None:
    """Refuse a name that stands twice.

    Raises:
        Invalid: With the names in question.
    """
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise Invalid(f"{what} must be unique within a job: {', '.join(twice)}.")


def is_below(path: str, root: PurePosixPath) -> bool:
    """Whether an absolute path inside the job lies below ``root``, whatever stands there."""
    place = PurePosixPath(path)
    return ".." not in place.parts and place != root and place.is_relative_to(root)


def check_count(path: str, count: int | None) -> None:
    """One instance a job: more would need a cluster that this server does not have.

    Raises:
        Invalid: Another number was asked for.
    """
    if count != 1:
        raise Invalid(
            f"{path} must be 1: jobs on several instances are not supported by this server."
        )


def check_network(call: Call, config: Document | None) -> None:
    """Subnets and security groups of a VpcConfig exist and are of one VPC.

    Raises:
        Invalid: All that is wrong with them, in EC2's sentences.
    """
    if not config:
        return
    subnets = {name: _vpc_of(call, SUBNET, name) for name in dict.fromkeys(config["Subnets"])}
    groups = {
        name: _vpc_of(call, GROUP, name) for name in dict.fromkeys(config["SecurityGroupIds"])
    }
    wrong = [f"The subnet ID '{name}' does not exist" for name, vpc in subnets.items() if not vpc]
    wrong += [
        f"The security group '{name}' does not exist" for name, vpc in groups.items() if not vpc
    ]
    first = next((pair for pair in subnets.items() if pair[1]), None)
    if first is not None:
        for kind, given in (("Subnet", subnets), ("Security group", groups)):
            wrong += [
                f"{kind} {name} and subnet {first[0]} belong to different networks"
                for name, vpc in given.items()
                if vpc and vpc != first[1]
            ]
    if wrong:
        raise Invalid(f"{'; '.join(wrong)}.")


def _vpc_of(call: Call, kind: str, name: str) -> str | None:
    """The VPC of a subnet or a security group; None if there is none of this id."""
    found = call.unit.records(Page(kind, column="name", after=(name, 0), limit=1))
    return found[0].scope if found and found[0].name == name else None


def accept(call: Call, job: Document, image: str) -> None:
    """Check role and image, and keep who the job belongs to.

    Raises:
        Invalid: SageMaker may not assume the role, or no runtime stands for the image.
    """
    roles.job_role(call.unit, job["RoleArn"], call.principal.source_identity)
    found = runtimes.resolve_image(image, call.kernel.settings.runtimes)
    if found is None:
        raise Invalid(
            f"Cannot find image {image}: no local runtime is registered for it. "
            "`freehold runtime list` shows those that are, `freehold runtime install` adds one."
        )
    origin = call.principal.origin
    job["_Origin"] = None if origin is None else reference(origin)


def stop(call: Call, job: Record, name: str) -> None:
    """Ask the loop to end a job; one that is being stopped already is let pass.

    Raises:
        Invalid: It has ended.
    """
    if job.status in ENDED:
        raise Invalid(f"The request was rejected because the {name} job is in status {job.status}.")
    transitions.advance(job.document, "Stopping", call.now)
    job.status = "Stopping"
    job.document[call.resource_of(job).status_member or "Status"] = "Stopping"
    call.move(job, at=FIRST)


def remove(job: Record, name: str) -> bool:
    """An ended job may be deleted; one that lives may not.

    Raises:
        Invalid: It has not ended.
    """
    if job.status not in ENDED:
        raise Invalid(
            f"The {name} job {job.name} is in status {job.status}: only jobs in status "
            f"{', '.join(sorted(ENDED))} can be deleted."
        )
    return True


def number(path: str) -> Callable[[Call, Document], Any]:
    """A condition key that holds one value, whatever its name ends with."""

    def read(_call: Call, request: Document) -> Any:
        found = dig(request, path)
        return found[0] if found else None

    return read

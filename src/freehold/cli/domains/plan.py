"""What would go with a domain, and what would stay: looked up, and told to people.

Input: AWS clients. Output: a ``Plan``, carried out by ``cascade.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from freehold.base.errors import Conflict
from freehold.cli.domains import asking
from freehold.cli.domains.details import Members, members
from freehold.cli.domains.wording import count, size
from freehold.cli.quick.clients import Clients
from freehold.kernel.tagging import DOMAIN_TAG

NAMES_MAX = 40  # names told of each kind before the rest is a number
GOING = frozenset({"app", "space", "user-profile", "domain", "file-system"})


@dataclass(slots=True)
class Plan:
    """What goes and what stays. ``staying`` counts tagged resources by type."""

    domain: dict[str, Any]
    members: Members
    volume: str | None
    volume_bytes: int
    removes_volume: bool
    staying: Counter[str] = field(default_factory=Counter)


def look(clients: Clients, named: str, volume: str) -> Plan:
    """Look at what is there now.

    Args:
        clients: The administrator's.
        named: The domain's name, id or ARN.
        volume: ``retain`` or ``delete``.

    Raises:
        NotFound: There is no such domain.
    """
    sagemaker = clients("sagemaker")
    domain = asking.domain_named(sagemaker, named)
    file_system = domain.get("HomeEfsFileSystemId")
    measured = 0
    if file_system:
        efs = clients("efs")
        answer = asking.found(lambda: efs.describe_file_systems(FileSystemId=file_system))
        file_system = file_system if answer else None
        measured = int(answer["FileSystems"][0]["SizeInBytes"]["Value"]) if answer else 0
    return Plan(
        domain=domain,
        members=members(sagemaker, domain["DomainId"]),
        volume=file_system,
        volume_bytes=measured,
        removes_volume=volume == "delete",
        staying=_staying(clients("resourcegroupstaggingapi"), domain["DomainArn"]),
    )


def _staying(tagging: Any, domain_arn: str) -> Counter[str]:
    """What carries the domain's tag and is no part of it: jobs, models, experiments, buckets."""
    pages = tagging.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": DOMAIN_TAG, "Values": [domain_arn]}]
    )
    kinds: Counter[str] = Counter()
    for page in pages:
        for one in page["ResourceTagMappingList"]:
            service, tail = one["ResourceARN"].split(":", 5)[2::3]
            kind = tail.partition("/")[0] if "/" in tail else "bucket"
            if kind not in GOING:
                kinds["bucket" if service == "s3" else kind] += 1
    return kinds


def told(what: Plan) -> Iterator[str]:
    """The plan for people."""
    domain, inside = what.domain, what.members
    yield f"Domain {domain['DomainName']} ({domain['DomainId']}, {domain['Status']}). What goes:"
    yield from _names("running app", [app_named(one) for one in inside.apps])
    yield from _names("space", [one["SpaceName"] for one in inside.spaces])
    yield from _names("user profile", [one["UserProfileName"] for one in inside.profiles])
    yield "  the domain itself"
    if what.volume:
        files = f"{what.volume} ({size(what.volume_bytes)} when last measured)"
        if what.removes_volume:
            yield f"  ALL FILES of its people: {files}. They cannot be brought back."
            yield "What stays:"
        else:
            yield "What stays:"
            yield f"  the files: {files}; `freehold volumes` lists it"
    else:
        yield "What stays:"
    if not what.staying:
        yield "  nothing else carries its tag"
    for kind, number in sorted(what.staying.items()):
        yield f"  {count(number, kind)} with its tag {DOMAIN_TAG}"


def _names(noun: str, names: list[str]) -> Iterator[str]:
    if not names:
        return
    listed = ", ".join(names[:NAMES_MAX])
    rest = f" and {len(names) - NAMES_MAX} more" if len(names) > NAMES_MAX else ""
    yield f"  {count(len(names), noun)}: {listed}{rest}"


def app_named(one: dict[str, Any]) -> str:
    """An app for people: type, name, whose it is, status."""
    owner = one.get("SpaceName") or one.get("UserProfileName")
    return f"{one['AppType']}/{one['AppName']} of {owner} ({one['Status']})"


def refuse_while_used(what: Plan) -> None:
    """Without ``--cascade`` a domain goes only when it is empty.

    Raises:
        Conflict: Something is in it; it says what.
    """
    inside = what.members
    if inside.are_none:
        return
    parts = [
        count(len(things), noun)
        for things, noun in (
            (inside.apps, "app"),
            (inside.spaces, "space"),
            (inside.profiles, "user profile"),
        )
        if things
    ]
    raise Conflict(
        f"domain {what.domain['DomainName']} still holds {', '.join(parts)}: nothing was "
        "deleted. With --cascade they go too; --dry-run shows what that means"
    )

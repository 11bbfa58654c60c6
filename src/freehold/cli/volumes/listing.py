"""Which file systems there are, whose they are, and whether one may be removed.

Input: AWS clients. Output: ``Volume`` values, sorted: those of living domains first.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from freehold.base.errors import Conflict, NotFound
from freehold.cli.domains import asking
from freehold.cli.quick.clients import Clients
from freehold.kernel.tagging import DOMAIN_TAG

MANAGED_TAG = "ManagedByAmazonSageMakerResource"  # AWS's own, on the file system of a domain


@dataclass(slots=True)
class Volume:
    """A file system. ``domain`` is the living one that uses it; ``former`` an ARN of a gone one."""

    id: str
    name: str | None
    size_bytes: int
    status: str
    made_at: datetime
    domain: dict[str, Any] | None
    former: str | None
    users: list[str] = field(default_factory=list)

    @property
    def is_used(self) -> bool:
        """Whether a living domain uses it."""
        return self.domain is not None


def volumes(clients: Clients) -> list[Volume]:
    """All of them. Raises what botocore raises."""
    sagemaker = clients("sagemaker")
    domains = asking.every(sagemaker, "list_domains", "Domains")
    used = _used(sagemaker, domains)
    people: dict[str, list[str]] = defaultdict(list)
    for profile in asking.every(sagemaker, "list_user_profiles", "UserProfiles"):
        people[profile["DomainId"]].append(profile["UserProfileName"])
    found = []
    for one in asking.every(clients("efs"), "describe_file_systems", "FileSystems"):
        tags = {tag["Key"]: tag["Value"] for tag in one.get("Tags", ())}
        domain = used.get(one["FileSystemId"])
        former = tags.get(MANAGED_TAG) or tags.get(DOMAIN_TAG)
        found.append(
            Volume(
                id=one["FileSystemId"],
                name=one.get("Name"),
                size_bytes=int(one["SizeInBytes"]["Value"]),
                status=one["LifeCycleState"],
                made_at=one["CreationTime"],
                domain=domain,
                former=None if domain else former,
                users=sorted(people[domain["DomainId"]]) if domain else [],
            )
        )
    return sorted(found, key=lambda one: (not one.is_used, one.id))


def _used(sagemaker: Any, domains: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Living domains by the id of their file system: what they say, not what a tag says."""
    used = {}
    for one in domains:
        answer = asking.found(lambda: sagemaker.describe_domain(DomainId=one["DomainId"]))  # noqa: B023 - asked now
        if answer and answer.get("HomeEfsFileSystemId"):
            used[answer["HomeEfsFileSystemId"]] = answer
    return used


def removable(clients: Clients, named: str) -> Volume:
    """The file system to remove.

    Raises:
        NotFound: There is none of that id.
        Conflict: A living domain uses it.
    """
    found = next((one for one in volumes(clients) if one.id == named), None)
    if found is None:
        raise NotFound(f"there is no file system {named}; `freehold volumes` lists them")
    if found.domain is not None:
        name = found.domain["DomainName"]
        raise Conflict(
            f"{named} holds the files of domain {name}, which lives: nothing was removed. "
            f"`freehold domain delete {name} --cascade --volume delete` removes both"
        )
    return found

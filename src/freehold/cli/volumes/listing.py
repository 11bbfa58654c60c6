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

ATTACH_TAG = "freehold:attach-to-domain"  # its value: the name of the domain to come
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
    waits_for: str | None = None

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
                waits_for=tags.get(ATTACH_TAG),
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


def unused(clients: Clients, named: str) -> Volume:
    """A file system that no living domain uses.

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
            f"{named} holds the files of domain {name}, which lives: nothing was done. "
            f"`freehold domain delete {name} --cascade --volume delete` removes both"
        )
    return found


def attach(clients: Clients, named: str, domain_name: str) -> None:
    """Give a retained file system to the next domain that is made under a name.

    Raises:
        Conflict: A domain of that name lives already, or another file system waits for it.
    """
    for one in asking.every(clients("sagemaker"), "list_domains", "Domains"):
        if one["DomainName"] == domain_name:
            raise Conflict(
                f"domain {domain_name} lives and has its files: a file system is attached when a "
                "domain is made. Choose the name of a domain to come"
            )
    for other in volumes(clients):
        if other.waits_for == domain_name and other.id != named:
            raise Conflict(f"{other.id} waits for a domain {domain_name} already: detach it first")
    tag = {"Key": ATTACH_TAG, "Value": domain_name}
    clients("efs").tag_resource(ResourceId=named, Tags=[tag])


def detach(clients: Clients, named: str) -> None:
    """Take an attachment back that no domain has used yet."""
    clients("efs").untag_resource(ResourceId=named, TagKeys=[ATTACH_TAG])

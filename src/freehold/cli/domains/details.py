"""Everything about one domain, asked through AWS's API; homes are measured on this machine's disk.

Input: AWS clients and the state directory. Output: ``Details``, printed by ``show.py`` and asked
by ``cascade.py`` for what would go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from freehold.base.errors import Invalid
from freehold.cli.domains import asking, gather
from freehold.cli.domains.gather import Money
from freehold.cli.quick.clients import Clients
from freehold.host import volumes
from freehold.host.volumes import Usage
from freehold.kernel.tagging import DOMAIN_TAG, PROFILE_TAG, SPACE_TAG

LIVE = frozenset({"Pending", "InService", "Deleting"})
MEASURE_SECONDS = 10.0  # for all homes together


@dataclass(slots=True)
class Members:
    """Who and what is in a domain now, as the lists tell."""

    profiles: list[dict[str, Any]]
    spaces: list[dict[str, Any]]
    apps: list[dict[str, Any]]  # live ones

    @property
    def are_none(self) -> bool:
        """Whether DeleteDomain would find nothing in its way."""
        return not (self.profiles or self.spaces or self.apps)


@dataclass(slots=True)
class Details:
    """One domain whole."""

    domain: dict[str, Any]
    members: Members
    tags: dict[str, str]
    people_cost: Money
    space_cost: Money
    uids: dict[str, str] = field(default_factory=dict)  # number of the home by ARN
    homes: dict[str, Usage] = field(default_factory=dict)  # by number
    subnets: list[dict[str, Any]] = field(default_factory=list)
    groups: list[dict[str, Any]] = field(default_factory=list)
    group_names: dict[str, str] = field(default_factory=dict)
    refused: tuple[int, bool] = (0, False)
    file_system: dict[str, Any] | None = None


def members(sagemaker: Any, domain_id: str) -> Members:
    """Profiles, spaces and live apps."""
    asked = {"DomainIdEquals": domain_id}
    apps = asking.every(sagemaker, "list_apps", "Apps", **asked)
    return Members(
        asking.every(sagemaker, "list_user_profiles", "UserProfiles", **asked),
        asking.every(sagemaker, "list_spaces", "Spaces", **asked),
        [app for app in apps if app["Status"] in LIVE],
    )


def arn(domain: dict[str, Any], kind: str, name: str) -> str:
    """The ARN of a profile or space of a domain."""
    head = domain["DomainArn"].partition(":domain/")[0]
    return f"{head}:{kind}/{domain['DomainId']}/{name}"


def ask(clients: Clients, state: Path, named: str, now: datetime) -> Details:
    """All of one domain. Raises what botocore raises, and NotFound."""
    sagemaker, ce = clients("sagemaker"), clients("ce")
    domain = asking.domain_named(sagemaker, named)
    domain_id = domain["DomainId"]
    only = {"Tags": {"Key": DOMAIN_TAG, "Values": [domain["DomainArn"]]}}
    found = Details(
        domain=domain,
        members=members(sagemaker, domain_id),
        tags=asking.tags_of(sagemaker, domain["DomainArn"]),
        people_cost=gather.month_cost(ce, PROFILE_TAG, now, only),
        space_cost=gather.month_cost(ce, SPACE_TAG, now, only),
    )
    _homes(found, sagemaker, clients("efs"), state)
    _network(found, clients("ec2"))
    found.refused = gather.refused(clients("logs"), domain_id, now)
    return found


def _homes(found: Details, sagemaker: Any, efs: Any, state: Path) -> None:
    domain_id = found.domain["DomainId"]
    for profile in found.members.profiles:
        name = profile["UserProfileName"]
        told = sagemaker.describe_user_profile(DomainId=domain_id, UserProfileName=name)
        found.uids[told["UserProfileArn"]] = told.get("HomeEfsFileSystemUid", "")
    for space in found.members.spaces:
        told = sagemaker.describe_space(DomainId=domain_id, SpaceName=space["SpaceName"])
        found.uids[told["SpaceArn"]] = told.get("HomeEfsFileSystemUid", "")
    volume = found.domain.get("HomeEfsFileSystemId")
    if not volume:
        return
    systems = asking.found(lambda: efs.describe_file_systems(FileSystemId=volume))
    found.file_system = systems["FileSystems"][0] if systems else None
    found.homes = measured(state, volume, found.uids.values())


def measured(state: Path, file_system_id: str, numbers: Iterable[str]) -> dict[str, Usage]:
    """Bytes in homes by their number, within MEASURE_SECONDS; none if we may not look."""
    homes: dict[str, Usage] = {}
    try:
        place = volumes.volume_path(state, file_system_id)
    except Invalid:
        return homes
    left = MEASURE_SECONDS
    for number in numbers:
        if number and left > 0:
            homes[number] = _usage(state, place, number, left)
            left -= 0.0 if homes[number].is_complete else MEASURE_SECONDS
    return homes


def _usage(state: Path, file_system: Path, number: str, seconds: float) -> Usage:
    """Bytes of a home: in its domain's file system, or on a volume of a space's own."""
    own = state / "volumes" / "spaces" / number
    if (own / "image").is_file():  # an image takes what was written into it
        return Usage((own / "image").stat().st_blocks * 512, 1, True)
    home = own / "home" if (own / "home").is_dir() else file_system / number
    return volumes.usage(home, seconds_max=seconds)


def _network(found: Details, ec2: Any) -> None:
    """Subnets, and every security group that the domain's and its people's settings name."""
    domain = found.domain
    if domain.get("SubnetIds"):
        answer = ec2.describe_subnets(
            Filters=[{"Name": "subnet-id", "Values": domain["SubnetIds"]}]
        )
        found.subnets = answer["Subnets"]
    if not domain.get("VpcId"):
        return
    in_vpc = ec2.describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [domain["VpcId"]]}]
    )["SecurityGroups"]
    named = groups_named(domain)
    found.group_names = {group["GroupId"]: group["GroupName"] for group in in_vpc}
    found.groups = [group for group in in_vpc if group["GroupId"] in named]


def groups_named(domain: dict[str, Any]) -> list[str]:
    """Ids of the security groups in a domain's own settings, each once."""
    return list(
        dict.fromkeys(
            [
                *domain.get("DefaultUserSettings", {}).get("SecurityGroups", ()),
                *domain.get("DefaultSpaceSettings", {}).get("SecurityGroups", ()),
                *domain.get("DomainSettings", {}).get("SecurityGroupIds", ()),
            ]
        )
    )

"""``freehold domain show``: one domain on a screen. Input: ``Details``; output: lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from freehold.cli.domains import rules
from freehold.cli.domains.details import Details, arn
from freehold.cli.domains.wording import NOTHING, Column, count, money, since, size, table

GIB = 1 << 30
PEOPLE = (
    Column("USER", is_flexible=True),
    Column("STATUS"),
    Column("HOME"),
    Column("SIZE", is_number=True),
    Column("MONTH", is_number=True),
)
SPACES = (
    Column("SPACE", is_flexible=True),
    Column("STATUS"),
    Column("KIND"),
    Column("OWNER", is_flexible=True),
    Column("VOLUME", is_number=True),
    Column("USED", is_number=True),
    Column("MONTH", is_number=True),
)
APPS = (
    Column("APP", is_flexible=True),
    Column("OF", is_flexible=True),
    Column("STATUS"),
    Column("INSTANCE"),
    Column("SINCE"),
)


def text(found: Details, now: datetime, width: int | None) -> Iterator[str]:
    """The whole screen."""
    yield from _head(found, now)
    yield ""
    yield f"People ({len(found.members.profiles)})"
    yield from _indented(PEOPLE, [_person(found, one) for one in found.members.profiles], width)
    yield ""
    yield f"Spaces ({len(found.members.spaces)})"
    yield from _indented(SPACES, [_space(found, one) for one in found.members.spaces], width)
    yield ""
    yield f"Apps ({len(found.members.apps)})"
    yield from _indented(APPS, [_app(one, now) for one in found.members.apps], width)
    yield ""
    yield from _network(found)
    yield ""
    yield f"Tags ({len(found.tags)})"
    yield from (f"  {key} = {value}" for key, value in sorted(found.tags.items()))


def _head(found: Details, now: datetime) -> Iterator[str]:
    domain = found.domain
    yield f"{domain['DomainName']}  {domain['DomainId']}  {domain['Status']}"
    if domain.get("FailureReason"):
        yield f"  why      {domain['FailureReason']}"
    yield f"  arn      {domain['DomainArn']}"
    yield f"  made     {since(domain['CreationTime'], now)}"
    for member, word in (("DefaultUserSettings", "users"), ("DefaultSpaceSettings", "spaces")):
        role = domain.get(member, {}).get("ExecutionRole")
        yield f"  role     {role or NOTHING} ({word})"
    volume = domain.get("HomeEfsFileSystemId")
    if not volume:
        yield "  files    none: HomeEfsFileSystemCreation is Disabled"
    elif found.file_system is None:
        yield f"  files    {volume} is missing: it was removed by hand"
    else:
        measured = int(found.file_system["SizeInBytes"]["Value"])
        yield f"  files    {volume}, {size(measured)} when last measured"
    whole = sum(found.people_cost.by_value.values(), start=Decimal(0))
    yield f"  month    {money(whole, found.people_cost.currency)} since the first (UTC)"


def _indented(columns: Any, rows: list[list[str]], width: int | None) -> Iterator[str]:
    if not rows:
        yield "  none"
        return
    for line in table(columns, rows, None if width is None else width - 2):
        yield f"  {line}".rstrip()


def _person(found: Details, one: dict[str, Any]) -> list[str]:
    its = arn(found.domain, "user-profile", one["UserProfileName"])
    spent = money(found.people_cost.of(its), found.people_cost.currency)
    return [one["UserProfileName"], one["Status"], *_home(found, its), spent]


def _home(found: Details, its: str) -> tuple[str, str]:
    number = found.uids.get(its, "")
    known = found.homes.get(number)
    if known is None:
        return number or NOTHING, "?"
    return number, size(known.bytes, is_at_least=not known.is_complete)


def _space(found: Details, one: dict[str, Any]) -> list[str]:
    its = arn(found.domain, "space", one["SpaceName"])
    summary = one.get("SpaceSettingsSummary", {})
    storage = summary.get("SpaceStorageSettings", {}).get("EbsStorageSettings", {})
    given = storage.get("EbsVolumeSizeInGb")
    return [
        one["SpaceName"],
        one["Status"],
        one.get("SpaceSharingSettingsSummary", {}).get("SharingType", "Shared"),
        one.get("OwnershipSettingsSummary", {}).get("OwnerUserProfileName", NOTHING),
        size(given * GIB) if given else NOTHING,
        _home(found, its)[1],
        money(found.space_cost.of(its), found.space_cost.currency),
    ]


def _app(one: dict[str, Any], now: datetime) -> list[str]:
    return [
        f"{one['AppType']}/{one['AppName']}",
        one.get("SpaceName") or one.get("UserProfileName") or NOTHING,
        one["Status"],
        one.get("ResourceSpec", {}).get("InstanceType", NOTHING),
        since(one["CreationTime"], now),
    ]


def _network(found: Details) -> Iterator[str]:
    domain = found.domain
    yield f"Network: {domain.get('AppNetworkAccessType', NOTHING)}, VPC {domain.get('VpcId', '-')}"
    for subnet in found.subnets:
        yield f"  {subnet['SubnetId']}  {subnet['CidrBlock']}  {subnet['AvailabilityZone']}"
    for group in found.groups:
        yield f"  {group['GroupId']}  {group['GroupName']}: {group.get('Description', '')}"
        for line in rules.in_words(group, found.group_names):
            yield f"    {line}"
    if not found.groups:
        yield "  no security groups in its settings"
    packets, is_at_least = found.refused
    more = "at least " if is_at_least else ""
    yield f"  refused in the last 24 hours: {more}{count(packets, 'packet')}"

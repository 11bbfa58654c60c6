"""What a security group lets through, in words. Values in, text out.

Input: EC2's ``DescribeSecurityGroups``. Output: a line for each rule and peer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ANYWHERE = frozenset({"0.0.0.0/0", "::/0"})
ALL = "-1"
PORTS = {22: "ssh", 53: "dns", 80: "http", 443: "https", 2049: "nfs", 5432: "postgresql"}


def in_words(group: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """All rules of a group; ``names`` are those of groups by id. What is not said is refused."""
    lines = [
        *_one_way("in ", "from", group.get("IpPermissions", ()), names),
        *_one_way("out", "to", group.get("IpPermissionsEgress", ()), names),
    ]
    return lines or ["nothing in, nothing out"]


def _one_way(
    way: str, preposition: str, permissions: Any, names: Mapping[str, str]
) -> Iterator[str]:
    for permission in permissions:
        what = _traffic(permission)
        for peer in _peers(permission, names):
            yield f"{way}: {what} {preposition} {peer}"


def _traffic(permission: Mapping[str, Any]) -> str:
    protocol = str(permission["IpProtocol"])
    if protocol == ALL:
        return "everything"
    first, last = permission.get("FromPort", -1), permission.get("ToPort", -1)
    if protocol not in ("tcp", "udp"):
        kind = "" if first in (-1, None) else f" type {first}"
        return f"{protocol}{kind}"
    if (first, last) in ((0, 65535), (-1, -1)):
        return f"all {protocol}"
    if first == last:
        return f"{protocol} {first}" + (f" ({PORTS[first]})" if first in PORTS else "")
    return f"{protocol} {first}-{last}"


def _peers(permission: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    for member, key in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")):
        for one in permission.get(member, ()):
            cidr = one[key]
            yield _told(f"anywhere ({cidr})" if cidr in ANYWHERE else cidr, one)
    for one in permission.get("PrefixListIds", ()):
        yield _told(f"prefix list {one['PrefixListId']}", one)
    for one in permission.get("UserIdGroupPairs", ()):
        group = one.get("GroupId", "?")
        name = names.get(group)
        yield _told(f"members of {group}" + (f" ({name})" if name else ""), one)


def _told(peer: str, one: Mapping[str, Any]) -> str:
    why = one.get("Description")
    return f"{peer}, {why}" if why else peer

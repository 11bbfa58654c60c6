"""What a permission says: AWS's IpPermissions as single rules, and back. Values in, values out.

A permission is a protocol, ports and any number of peers; a rule has exactly one peer, and is
what EC2 counts, names (``sgr-...``) and tags. Facts: EC2 API Reference, IpPermission and
SecurityGroupRule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from freehold.base.errors import Invalid, Unsupported
from freehold.kernel.declare.operation import Document
from freehold.services.ec2 import cidrs

PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}
_NAMES = {str(number): name for name, number in PROTOCOLS.items()}
PORT_MAX = 65_535
ICMP_MAX = 255
DESCRIPTION = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
PEERS = ("CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId")

Resolve = Callable[[Document], str]  # a UserIdGroupPair -> the id of the group that it means


class Rule(NamedTuple):
    """One rule's meaning: two that are equal are duplicates.

    ``protocol`` is -1, tcp, udp, icmp, icmpv6 or a number; ``first`` and ``last`` are ports, or
    ICMP's type and code, or -1 for all; ``peer`` is a member of PEERS.
    """

    protocol: str
    first: int
    last: int
    peer: str
    whom: str

    def spoken(self) -> str:
        """As AWS names it in a refusal."""
        ports = "" if self.first == -1 else f"from port: {self.first}, to port: {self.last}, "
        name = "ALL" if self.protocol == "-1" else self.protocol.upper()
        return f'"peer: {self.whom}, {name}, {ports}ALLOW"'


def protocol(text: str) -> str:
    """A protocol in AWS's spelling.

    Raises:
        Invalid: There is no such protocol.
    """
    name = str(text).lower()
    if name in ("-1", "all"):
        return "-1"
    if name in PROTOCOLS:
        return name
    if name.isascii() and name.isdecimal() and int(name) <= ICMP_MAX:
        return _NAMES.get(str(int(name)), str(int(name)))
    raise Invalid(
        f"Invalid value '{text}' for IP protocol. Unknown protocol.", code="InvalidParameterValue"
    )


def ports(name: str, first: int | None, last: int | None) -> tuple[int, int]:
    """The ports of a protocol, or ICMP's type and code; -1 is all of them.

    Raises:
        Invalid: They are missing or out of range.
    """
    if name in ("tcp", "udp"):
        if first is None or last is None:
            raise _wrong_ports("Must specify both from and to ports with TCP/UDP.")
        if not 0 <= first <= last <= PORT_MAX:
            raise Invalid(
                f"Invalid TCP/UDP port range ({first}:{last})", code="InvalidParameterValue"
            )
        return first, last
    if name in ("icmp", "icmpv6"):
        kind, number = -1 if first is None else first, -1 if last is None else last
        if not (-1 <= kind <= ICMP_MAX and -1 <= number <= ICMP_MAX) or (kind == -1 != number):
            raise Invalid(
                f"ICMP code ({number}) and type ({kind}) are out of range",
                code="InvalidParameterValue",
            )
        return kind, number
    return -1, -1


def _wrong_ports(words: str) -> Invalid:
    return Invalid(f"Invalid value '{words}' for portRange.", code="InvalidParameterValue")


def rules(permissions: Iterable[Document], resolve: Resolve) -> list[tuple[Rule, str | None]]:
    """Each rule that the permissions make, with its description.

    Raises:
        Invalid: A value is wrong, a permission has no peer, or a rule stands twice.
        Unsupported: A group across a peering connection.
    """
    found: list[tuple[Rule, str | None]] = []
    for permission in permissions:
        name = protocol(permission.get("IpProtocol") or "")
        span = ports(name, permission.get("FromPort"), permission.get("ToPort"))
        peers = list(_peers(permission, resolve))
        if not peers:
            raise Invalid(
                "The request must contain a CIDR range, a prefix list or a security group for "
                "each of the ipPermissions",
                code="MissingParameter",
            )
        found += [(Rule(name, *span, peer, whom), words) for peer, whom, words in peers]
    if len({rule for rule, _ in found}) < len(found):
        raise Invalid(
            "The same permission must not appear multiple times", code="InvalidParameterValue"
        )
    return found


def _peers(permission: Document, resolve: Resolve) -> Iterable[tuple[str, str, str | None]]:
    for one in permission.get("IpRanges") or ():
        yield "CidrIpv4", str(cidrs.ipv4(one.get("CidrIp") or "", "cidrIp")), described(one)
    for one in permission.get("Ipv6Ranges") or ():
        yield "CidrIpv6", str(cidrs.ipv6(one.get("CidrIpv6") or "", "cidrIpv6")), described(one)
    for one in permission.get("PrefixListIds") or ():
        yield "PrefixListId", one.get("PrefixListId") or "", described(one)
    for one in permission.get("UserIdGroupPairs") or ():
        if one.get("VpcPeeringConnectionId"):
            raise Unsupported("The parameter VpcPeeringConnectionId is not supported here.")
        yield "ReferencedGroupId", resolve(one), described(one)


def described(one: Document) -> str | None:
    """The description of a range, pair or rule.

    Raises:
        Invalid: It has characters that AWS does not take, or too many.
    """
    words = one.get("Description")
    if words is not None and not DESCRIPTION.fullmatch(words):
        raise Invalid(
            "Invalid rule description. Valid descriptions are strings less than 256 characters "
            "from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
            code="InvalidParameterValue",
        )
    return words or None


def single(request: Document, resolve: Resolve) -> tuple[Rule, str | None]:
    """The rule of a SecurityGroupRuleRequest, which names its one peer by member.

    Raises:
        Invalid: A value is wrong, or there is not exactly one peer.
    """
    given = [member for member in PEERS if request.get(member)]
    if len(given) != 1:
        raise Invalid(
            "Exactly one of cidrIpv4, cidrIpv6, prefixListId or referencedGroupId is required",
            code="InvalidParameterCombination" if given else "MissingParameter",
        )
    name = protocol(request.get("IpProtocol") or "")
    whom = str(request[given[0]])
    if given[0] == "CidrIpv4":
        whom = str(cidrs.ipv4(whom, "cidrIpv4"))
    elif given[0] == "CidrIpv6":
        whom = str(cidrs.ipv6(whom, "cidrIpv6"))
    elif given[0] == "ReferencedGroupId":
        whom = resolve({"GroupId": whom})
    span = ports(name, request.get("FromPort"), request.get("ToPort"))
    return Rule(name, *span, given[0], whom), described(request)


def of_document(rule: Document) -> Rule:
    """What a kept rule means."""
    peer = next((member for member in PEERS if rule.get(member)), "ReferencedGroupId")
    whom = rule["ReferencedGroupInfo"]["GroupId"] if "ReferencedGroupInfo" in rule else rule[peer]
    return Rule(rule["IpProtocol"], rule["FromPort"], rule["ToPort"], peer, whom)


def document(rule: Rule, account: str) -> Document:
    """The members of a kept rule that tell what it means."""
    told: Document = {"IpProtocol": rule.protocol, "FromPort": rule.first, "ToPort": rule.last}
    if rule.peer == "ReferencedGroupId":
        return told | {"ReferencedGroupInfo": {"GroupId": rule.whom, "UserId": account}}
    return told | {rule.peer: rule.whom}


def grouped(kept: Sequence[Document]) -> list[Document]:
    """Rules of one direction as IpPermissions: one for each protocol and ports."""
    found: dict[tuple[str, int, int], Document] = {}
    for one in kept:
        rule = of_document(one)
        key = (rule.protocol, rule.first, rule.last)
        permission = found.setdefault(key, _empty(rule))
        words = {"Description": one["Description"]} if one.get("Description") else {}
        match rule.peer:
            case "CidrIpv4":
                permission["IpRanges"].append({"CidrIp": rule.whom} | words)
            case "CidrIpv6":
                permission["Ipv6Ranges"].append({"CidrIpv6": rule.whom} | words)
            case "PrefixListId":
                permission["PrefixListIds"].append({"PrefixListId": rule.whom} | words)
            case _:
                pair = {"GroupId": rule.whom, "UserId": one["ReferencedGroupInfo"]["UserId"]}
                permission["UserIdGroupPairs"].append(pair | words)
    return list(found.values())


def _empty(rule: Rule) -> Document:
    has_ports = rule.protocol in PROTOCOLS
    return {
        "IpProtocol": rule.protocol,
        **({"FromPort": rule.first, "ToPort": rule.last} if has_ports else {}),
        "IpRanges": [],
        "Ipv6Ranges": [],
        "PrefixListIds": [],
        "UserIdGroupPairs": [],
    }

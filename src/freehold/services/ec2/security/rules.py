"""Rules of security groups: authorized, revoked, changed and described, each a record."""

from __future__ import annotations

from collections.abc import Sequence

from freehold.base import ids
from freehold.base.errors import InUse, Invalid, LimitExceeded, NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.services.ec2 import names
from freehold.services.ec2.entities import (
    RULE,
    SECURITY_GROUP,
    TAG_ACTION,
    ec2,
    group_by_name,
    group_target,
)
from freehold.services.ec2.filters import PAGE_DEFAULT, every, select, shown
from freehold.services.ec2.security import groups, permissions
from freehold.services.ec2.security.permissions import Rule
from freehold.services.ec2.vpcs import ground

RULES_MAX = 60  # of a group, a direction and a family of addresses (VPC quotas)
FILTERS = {"group-id": "GroupId", "security-group-rule-id": "SecurityGroupRuleId"}
FAMILIES = ("CidrIpv4", "CidrIpv6")


def _made_target(call: Call, request: Document) -> list[str]:
    """The group; with tags, the rules to be made as well, as AWS asks."""
    group = group_target(call, request)
    return [call.arn_of(RULE, {}), group] if call.request_tags else [group]


def _resolver(call: Call, group: Record) -> permissions.Resolve:
    """Reads a pair: a group of this account and of the same VPC."""

    def resolve(pair: Document) -> str:
        owner = pair.get("UserId") or call.account_id
        if pair.get("GroupId"):
            names.check_ids(names.GROUP, (pair["GroupId"],))
            found = call.find(SECURITY_GROUP, pair)
        elif pair.get("GroupName"):
            found = group_by_name(call, pair["GroupName"], group.document["VpcId"])
        else:
            raise Invalid("Source group ID missing.", code="MissingParameter")
        if found is None or owner != call.account_id:
            raise names.missing(names.GROUP, pair.get("GroupId") or pair["GroupName"])
        if found.document["VpcId"] != group.document["VpcId"]:
            raise NotFound(
                "You have specified two resources that belong to different networks.",
                code="InvalidGroup.NotFound",
            )
        return found.name

    return resolve


def _asked(call: Call, request: Document, group: Record) -> list[tuple[Rule, str | None]]:
    """The rules of a request: its permissions, or the one that older clients spell out."""
    given = request.get("IpPermissions") or []
    if not given and request.get("IpProtocol"):
        pair = {"GroupName": request.get("SourceSecurityGroupName")}
        given = [
            {
                "IpProtocol": request["IpProtocol"],
                "FromPort": request.get("FromPort"),
                "ToPort": request.get("ToPort"),
                "IpRanges": [{"CidrIp": request["CidrIp"]}] if request.get("CidrIp") else [],
                "UserIdGroupPairs": [pair] if pair["GroupName"] else [],
            }
        ]
    elif not given and request.get("SourceSecurityGroupName"):
        given = [
            {
                "IpProtocol": "-1",
                "UserIdGroupPairs": [{"GroupName": request["SourceSecurityGroupName"]}],
            }
        ]
    if not given:
        raise Invalid(
            "The request must contain the parameter ipPermissions", code="MissingParameter"
        )
    return permissions.rules(given, _resolver(call, group))


def _kept(call: Call, group: Record, *, is_egress: bool) -> list[Record]:
    rules = every(call, RULE, group.name)
    return [rule for rule in rules if rule.document["IsEgress"] is is_egress]


def _authorize(call: Call, request: Document, *, is_egress: bool) -> Document:
    names.refuse_dry_run(request)
    group = groups.load(call, request)
    tags = names.made_tags(call, "security-group-rule")
    asked = _asked(call, request, group)
    kept = [
        permissions.of_document(rule.document) for rule in _kept(call, group, is_egress=is_egress)
    ]
    for rule, _ in asked:
        if rule in kept:
            raise InUse(
                f"the specified rule {rule.spoken()} already exists",
                code="InvalidPermission.Duplicate",
            )
        if rule.peer == "PrefixListId":
            raise NotFound(
                f"The prefix list ID '{rule.whom}' does not exist",
                code="InvalidPrefixListID.NotFound",
            )
    _refuse_too_many([*kept, *(rule for rule, _ in asked)])
    made = []
    for rule, words in asked:
        document: Document = {
            "SecurityGroupRuleId": ids.hex_id("sgr"),
            "GroupId": group.name,
            "GroupOwnerId": call.account_id,
            "IsEgress": is_egress,
            **permissions.document(rule, call.account_id),
            **({"Description": words} if words else {}),
        }
        arn = ground(call).arn(RULE, document)
        made.append(call.create(RULE, document | {"SecurityGroupRuleArn": arn}, tags=tags))
    return {"Return": True, "SecurityGroupRules": [shown(rule) for rule in made]}


def _refuse_too_many(rules: Sequence[Rule]) -> None:
    """A rule for a group counts in both families of addresses."""
    for family in FAMILIES:
        other = FAMILIES[family == FAMILIES[0]]
        if sum(rule.peer != other for rule in rules) > RULES_MAX:
            raise LimitExceeded(
                "The maximum number of rules per security group has been reached.",
                code="RulesPerSecurityGroupLimitExceeded",
            )


@ec2.operation(
    "AuthorizeSecurityGroupIngress",
    on=RULE,
    mode="write",
    is_create=True,
    tag_action=TAG_ACTION,
    target=_made_target,
)
def authorize_security_group_ingress(call: Call, request: Document) -> Document:
    """Let traffic in.

    Raises:
        InUse: ``InvalidPermission.Duplicate``.
        LimitExceeded: ``RulesPerSecurityGroupLimitExceeded``.
    """
    return _authorize(call, request, is_egress=False)


@ec2.operation(
    "AuthorizeSecurityGroupEgress",
    on=RULE,
    mode="write",
    is_create=True,
    tag_action=TAG_ACTION,
    target=_made_target,
)
def authorize_security_group_egress(call: Call, request: Document) -> Document:
    """Let traffic out; errors as of ingress."""
    return _authorize(call, request, is_egress=True)


def _revoke(call: Call, request: Document, *, is_egress: bool) -> Document:
    names.refuse_dry_run(request)
    group = groups.load(call, request)
    kept = _kept(call, group, is_egress=is_egress)
    unknown: list[Document] = []
    if request.get("SecurityGroupRuleIds"):
        gone = _by_id(kept, request["SecurityGroupRuleIds"])
    else:
        known = {permissions.of_document(rule.document): rule for rule in kept}
        asked = [rule for rule, _ in _asked(call, request, group)]
        gone = [known[rule] for rule in asked if rule in known]
        strangers = [rule for rule in asked if rule not in known]
        if strangers and not _is_in_default_vpc(call, group):
            raise NotFound(
                "The specified rule does not exist in this security group.",
                code="InvalidPermission.NotFound",
            )
        unknown = permissions.grouped(
            [permissions.document(rule, call.account_id) for rule in strangers]
        )
    for rule in gone:
        call.remove(rule)
    return {
        "Return": True,
        "UnknownIpPermissions": unknown,
        "RevokedSecurityGroupRules": [_revoked(rule) for rule in gone],
    }


def _is_in_default_vpc(call: Call, group: Record) -> bool:
    vpc = call.unit.named("ec2:vpc", group.document["VpcId"])
    return vpc is not None and bool(vpc.document.get("IsDefault"))


def _revoked(rule: Record) -> Document:
    document = shown(rule)
    pair = document.get("ReferencedGroupInfo")
    return document | ({"ReferencedGroupId": pair["GroupId"]} if pair else {})


def _by_id(kept: Sequence[Record], wanted: Sequence[str]) -> list[Record]:
    names.check_ids(names.RULE, wanted)
    known = {rule.name: rule for rule in kept}
    for one in wanted:
        if one not in known:
            raise names.missing(names.RULE, one)
    return [known[one] for one in dict.fromkeys(wanted)]


@ec2.operation("RevokeSecurityGroupIngress", on=SECURITY_GROUP, mode="write", target=group_target)
def revoke_security_group_ingress(call: Call, request: Document) -> Document:
    """Let traffic in no more, by rule ids or by what the rules say.

    Raises:
        NotFound: A rule id that the group does not have; ``InvalidPermission.NotFound`` outside
            the default VPC, where unknown permissions are answered and nothing more.
    """
    return _revoke(call, request, is_egress=False)


@ec2.operation("RevokeSecurityGroupEgress", on=SECURITY_GROUP, mode="write", target=group_target)
def revoke_security_group_egress(call: Call, request: Document) -> Document:
    """Let traffic out no more; errors as of ingress."""
    return _revoke(call, request, is_egress=True)


def _rules_target(call: Call, request: Document) -> list[str]:
    changed = [
        call.arn_of(RULE, {"SecurityGroupRuleId": one.get("SecurityGroupRuleId")})
        for one in request.get("SecurityGroupRules") or ()
    ]
    return [call.arn_of(SECURITY_GROUP, request), *changed]


@ec2.operation("ModifySecurityGroupRules", mode="write", target=_rules_target)
def modify_security_group_rules(call: Call, request: Document) -> Document:
    """Change what rules say; the kind of peer stays.

    Raises:
        NotFound: A rule that the group does not have.
        InUse: Another rule says the same.
    """
    names.refuse_dry_run(request)
    group = groups.load(call, request)
    kept = every(call, RULE, group.name)
    for one in request["SecurityGroupRules"]:
        (record,) = _by_id(kept, [one.get("SecurityGroupRuleId") or ""])
        rule, words = permissions.single(one.get("SecurityGroupRule") or {}, _resolver(call, group))
        before = permissions.of_document(record.document)
        if rule.peer != before.peer:
            raise Invalid(
                f"The type of the source or destination of {record.name} cannot be changed.",
                code="InvalidParameterValue",
            )
        is_egress = record.document["IsEgress"]
        for other in kept:
            is_same = other.document["IsEgress"] is is_egress and other.name != record.name
            if is_same and permissions.of_document(other.document) == rule:
                raise InUse(
                    f"the specified rule {rule.spoken()} already exists",
                    code="InvalidPermission.Duplicate",
                )
        record.document |= permissions.document(rule, call.account_id)
        _describe(call, record, words)
    return {"Return": True}


def _describe(call: Call, record: Record, words: str | None) -> None:
    record.document.pop("Description", None)
    if words:
        record.document["Description"] = words
    call.update(record)


def _update_descriptions(call: Call, request: Document, *, is_egress: bool) -> Document:
    names.refuse_dry_run(request)
    group = groups.load(call, request)
    kept = _kept(call, group, is_egress=is_egress)
    named = request.get("SecurityGroupRuleDescriptions") or ()
    if named:
        for one in named:
            (record,) = _by_id(kept, [one.get("SecurityGroupRuleId") or ""])
            _describe(call, record, permissions.described(one))
        return {"Return": True}
    known = {permissions.of_document(rule.document): rule for rule in kept}
    for rule, words in _asked(call, request, group):
        if rule not in known:
            raise NotFound(
                "The specified rule does not exist in this security group.",
                code="InvalidPermission.NotFound",
            )
        _describe(call, known[rule], words)
    return {"Return": True}


@ec2.operation(
    "UpdateSecurityGroupRuleDescriptionsIngress",
    on=SECURITY_GROUP,
    mode="write",
    target=group_target,
)
def update_security_group_rule_descriptions_ingress(call: Call, request: Document) -> Document:
    """Describe rules anew, by id or by what they say.

    Raises:
        NotFound: A rule that the group does not have.
    """
    return _update_descriptions(call, request, is_egress=False)


@ec2.operation(
    "UpdateSecurityGroupRuleDescriptionsEgress",
    on=SECURITY_GROUP,
    mode="write",
    target=group_target,
)
def update_security_group_rule_descriptions_egress(call: Call, request: Document) -> Document:
    """Describe rules anew; errors as of ingress."""
    return _update_descriptions(call, request, is_egress=True)


@ec2.operation("DescribeSecurityGroupRules")
def describe_security_group_rules(call: Call, request: Document) -> Document:
    """Rules by id, by the group they belong to, or by tag.

    Raises:
        NotFound: An id that no rule has.
    """
    names.refuse_dry_run(request)
    filters = request.get("Filters") or []
    wanted = request.get("SecurityGroupRuleIds") or []
    if wanted:
        records = [names.load(call, RULE, one) for one in dict.fromkeys(wanted)]
    else:
        of = [
            one["Values"] for one in filters if one.get("Name") == "group-id" and one.get("Values")
        ]
        scopes = of[0] if of and not any("*" in one or "?" in one for one in of[0]) else [None]
        records = [rule for scope in dict.fromkeys(scopes) for rule in every(call, RULE, scope)]
    rules = select([shown(rule) for rule in records], filters, FILTERS)
    limit = int(request.get("MaxResults") or PAGE_DEFAULT)
    found, token = lists.page_of(rules, limit, request.get("NextToken"))
    return {"SecurityGroupRules": list(found)} | ({"NextToken": token} if token else {})

"""Security groups and their rules, described."""

from __future__ import annotations

from freehold.base.errors import NotFound
from freehold.kernel.call import Call
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.services.ec2.entities import SECURITY_GROUP, ec2
from freehold.services.ec2.filters import (
    PAGE_DEFAULT,
    Described,
    describe,
    refuse_dry_run,
    select,
)

GROUPS = Described(
    SECURITY_GROUP,
    "SecurityGroups",
    "GroupIds",
    ("InvalidGroup.NotFound", "The security group '{}' does not exist"),
    {
        "group-id": "GroupId",
        "group-name": "GroupName",
        "vpc-id": "VpcId",
        "description": "Description",
        "owner-id": "OwnerId",
        "ip-permission.cidr": "IpPermissions.IpRanges.CidrIp",
        "ip-permission.from-port": "IpPermissions.FromPort",
        "ip-permission.to-port": "IpPermissions.ToPort",
        "ip-permission.group-id": "IpPermissions.UserIdGroupPairs.GroupId",
        "ip-permission.protocol": "IpPermissions.IpProtocol",
        "egress.ip-permission.cidr": "IpPermissionsEgress.IpRanges.CidrIp",
        "egress.ip-permission.from-port": "IpPermissionsEgress.FromPort",
        "egress.ip-permission.to-port": "IpPermissionsEgress.ToPort",
        "egress.ip-permission.group-id": "IpPermissionsEgress.UserIdGroupPairs.GroupId",
        "egress.ip-permission.protocol": "IpPermissionsEgress.IpProtocol",
    },
)
RULE_FILTERS = {"group-id": "GroupId", "security-group-rule-id": "SecurityGroupRuleId"}


@ec2.operation("DescribeSecurityGroups")
def describe_security_groups(call: Call, request: Document) -> Document:
    """Security groups by id, name (in the default VPC) or filter.

    Raises:
        NotFound: An id or name that nothing has.
    """
    names = request.get("GroupNames") or []
    if not names:
        return describe(call, request, GROUPS)
    filters = [*(request.get("Filters") or []), {"Name": "group-name", "Values": names}]
    answer = describe(call, request | {"Filters": filters}, GROUPS)
    known = {group["GroupName"] for group in answer["SecurityGroups"]}
    for name in names:
        if name not in known and not request.get("Filters"):
            raise NotFound(
                f"The security group '{name}' does not exist", code="InvalidGroup.NotFound"
            )
    return answer


@ec2.operation("DescribeSecurityGroupRules")
def describe_security_group_rules(call: Call, request: Document) -> Document:
    """Rules of security groups by id or by the group they belong to.

    Raises:
        NotFound: An id that no rule has.
    """
    refuse_dry_run(request)
    rules = [
        rule for group in call.all(SECURITY_GROUP) for rule in group.document.get("_Rules", ())
    ]
    wanted = request.get("SecurityGroupRuleIds") or []
    known = {rule["SecurityGroupRuleId"] for rule in rules}
    for rule_id in wanted:
        if rule_id not in known:
            raise NotFound(
                f"The security group rule ID '{rule_id}' does not exist",
                code="InvalidSecurityGroupRuleId.NotFound",
            )
    if wanted:
        rules = [rule for rule in rules if rule["SecurityGroupRuleId"] in wanted]
    rules = select(rules, request.get("Filters") or [], RULE_FILTERS)
    limit = int(request.get("MaxResults") or PAGE_DEFAULT)
    found, token = lists.page_of(rules, limit, request.get("NextToken"))
    return {"SecurityGroupRules": list(found)} | ({"NextToken": token} if token else {})

"""EC2: the default network is made once; a state of before the companions gets them."""

from __future__ import annotations

from typing import Any

from tests.support.inprocess import Aws

from freehold.base.settings import Settings
from freehold.compose import House
from freehold.kernel.call import Page, Record
from freehold.kernel.network.reach import reach
from freehold.services.ec2 import seed
from freehold.services.ec2.defaults import EVERYWHERE
from freehold.store.unit import Unit

NEW = ("dhcp-options", "route-table", "internet-gateway", "network-acl", "security-group-rule")


def everything(unit: Unit, kind: str) -> list[Record]:
    return unit.records(Page(f"ec2:{kind}", limit=100))


def test_a_later_start_makes_nothing_again(aws: Aws, house: House, settings: Settings) -> None:
    ec2 = aws.client("ec2")
    for subnet in ec2.describe_subnets()["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    house.kernel.writer.run(lambda unit: seed(unit, settings, 1.0))
    assert ec2.describe_subnets()["Subnets"] == []
    assert len(ec2.describe_route_tables()["RouteTables"]) == 1


def test_an_older_network_gets_its_companions(aws: Aws, house: House, settings: Settings) -> None:
    ec2 = aws.client("ec2")
    (group,) = ec2.describe_security_groups()["SecurityGroups"]

    def age(unit: Unit) -> None:
        """Leave what a state of before held: rules inside of their group, nothing beside."""
        rules = [rule.document for rule in everything(unit, "security-group-rule")]
        plain = [{k: v for k, v in rule.items() if k[0] != "_"} for rule in rules]
        for kind in NEW:
            for record in everything(unit, kind):
                unit.remove(record, 1.0)
        (kept,) = everything(unit, "security-group")
        kept.document |= {"_Rules": plain, "IpPermissions": [], "IpPermissionsEgress": []}
        unit.save(kept, 1.0)

    house.kernel.writer.run(age)
    assert ec2.describe_route_tables()["RouteTables"] == []
    house.kernel.writer.run(lambda unit: seed(unit, settings, 2.0))
    (again,) = ec2.describe_security_groups()["SecurityGroups"]
    assert again == group
    assert len(ec2.describe_security_group_rules()["SecurityGroupRules"]) == 2
    (table,) = ec2.describe_route_tables()["RouteTables"]
    assert [route["DestinationCidrBlock"] for route in table["Routes"]][-1] == EVERYWHERE
    subnets: list[Any] = ec2.describe_subnets()["Subnets"]
    found = reach(house.kernel.own_unit(), [one["SubnetId"] for one in subnets], [group["GroupId"]])
    assert found.reaches_internet()

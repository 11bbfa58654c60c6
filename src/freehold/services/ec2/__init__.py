"""EC2 as far as networks go: VPCs, subnets, security groups and their rules, routes, tags.

``ec2`` is the service for the catalogue, ``seed`` makes the default network at first start.
What the records mean for traffic is worked out by ``kernel/network``.
"""

from __future__ import annotations

from freehold.services.ec2 import places, subnets, tags, vpcs
from freehold.services.ec2.defaults import seed
from freehold.services.ec2.entities import ec2
from freehold.services.ec2.routing import associations, described, gateways, tables
from freehold.services.ec2.security import groups, rules

__all__ = [
    "associations",
    "described",
    "ec2",
    "gateways",
    "groups",
    "places",
    "rules",
    "seed",
    "subnets",
    "tables",
    "tags",
    "vpcs",
]

"""Where this install is: its one region, that region's zones, and the account's attributes."""

from __future__ import annotations

from freehold.base.errors import Invalid
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.services.ec2.entities import default_vpc, ec2, zone_ids
from freehold.services.ec2.filters import select
from freehold.services.ec2.names import refuse_dry_run

OPT_IN = "opt-in-not-required"
REGION_FILTERS = {
    "region-name": "RegionName",
    "endpoint": "Endpoint",
    "opt-in-status": "OptInStatus",
}
ZONE_FILTERS = {
    "region-name": "RegionName",
    "zone-name": "ZoneName",
    "zone-id": "ZoneId",
    "zone-type": "ZoneType",
    "state": "State",
    "group-name": "GroupName",
    "opt-in-status": "OptInStatus",
}


@ec2.operation("DescribeRegions")
def describe_regions(call: Call, request: Document) -> Document:
    """The region that this install is.

    Raises:
        Invalid: Another region is asked for by name.
    """
    refuse_dry_run(request)
    region = call.region
    for name in request.get("RegionNames") or []:
        if name != region:
            raise Invalid(f"Invalid region: '{name}'", code="InvalidParameterValue")
    ours = {
        "RegionName": region,
        "Endpoint": f"ec2.{region}.amazonaws.com",
        "OptInStatus": OPT_IN,
    }
    return {"Regions": select([ours], request.get("Filters") or [], REGION_FILTERS)}


@ec2.operation("DescribeAvailabilityZones")
def describe_availability_zones(call: Call, request: Document) -> Document:
    """The zones that the default subnets stand in; all of them are this install.

    Raises:
        Invalid: A zone is asked for that is not ours.
    """
    refuse_dry_run(request)
    zones = [
        {
            "ZoneName": name,
            "ZoneId": zone_id,
            "RegionName": call.region,
            "State": "available",
            "OptInStatus": OPT_IN,
            "ZoneType": "availability-zone",
            "GroupName": f"{call.region}-zg-1",
            "NetworkBorderGroup": call.region,
            "Messages": [],
        }
        for name, zone_id in zone_ids(call.region)
    ]
    for member, key in (("ZoneNames", "ZoneName"), ("ZoneIds", "ZoneId")):
        wanted = request.get(member) or []
        known = {zone[key] for zone in zones}
        for one in wanted:
            if one not in known:
                raise Invalid(f"Invalid availability zone: [{one}]", code="InvalidParameterValue")
        if wanted:
            zones = [zone for zone in zones if zone[key] in wanted]
    return {"AvailabilityZones": select(zones, request.get("Filters") or [], ZONE_FILTERS)}


@ec2.operation("DescribeAccountAttributes")
def describe_account_attributes(call: Call, request: Document) -> Document:
    """Which VPC is the default one, and that there is nothing but VPCs."""
    refuse_dry_run(request)
    default = default_vpc(call)
    values = {
        "supported-platforms": ["VPC"],
        "default-vpc": ["none" if default is None else default.name],
    }
    wanted = request.get("AttributeNames") or list(values)
    return {
        "AccountAttributes": [
            {
                "AttributeName": name,
                "AttributeValues": [{"AttributeValue": value} for value in values[name]],
            }
            for name in values
            if name in wanted
        ]
    }

"""Access points: one for each home that people reach from their private spaces, and for kept homes.

Nothing is stored: they follow from profiles, their settings, and the homes that a file system
remembers. Facts: domains.md 5.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from freehold.base.errors import Invalid, NotFound
from freehold.kernel import tagging
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.studio import file_systems, storage
from freehold.services.efs.service import FILE_SYSTEM, PAGE_DEFAULT, efs, load


@efs.operation("DescribeAccessPoints", on=FILE_SYSTEM)
def describe_access_points(call: Call, request: Document) -> Document:
    """Those of a file system, one by its id, or all.

    Raises:
        Invalid: Both an access point and a file system are named.
        NotFound: There is no such access point or file system.
    """
    named, point = request.get("FileSystemId"), request.get("AccessPointId")
    if named and point:
        raise Invalid("Specify either FileSystemId or AccessPointId, not both.", code="BadRequest")
    records = [load(call, named)] if named else call.all(FILE_SYSTEM)
    found = [one for record in records for one in _points(call, record)]
    if point:
        found = [one for one in found if point in (one["AccessPointId"], one["AccessPointArn"])]
        if not found:
            raise NotFound(f"Access point '{point}' does not exist.", code="AccessPointNotFound")
    limit = int(request.get("MaxResults") or PAGE_DEFAULT)
    page, token = lists.page_of(found, limit, request.get("NextToken"))
    return {"AccessPoints": list(page)} | ({"NextToken": token} if token else {})


def _points(call: Call, record: Record) -> Iterator[Document]:
    domain_id = record.document.get(file_systems.DOMAIN_ID)
    if not domain_id:
        return
    domain = call.unit.find(file_systems.domain_arn_of(call, domain_id))
    if domain is not None:
        for profile in call.kind(storage.PROFILE, scope=domain_id):
            if storage.mounts_home(domain.document, profile.document):
                number = int(profile.document["HomeEfsFileSystemUid"])
                yield _point(call, record, number, profile.name, profile.arn, domain.arn)
    for number, home in record.document.get(storage.HOMES, {}).items():
        of = file_systems.domain_arn_of(call, home["Arn"].split("/")[1])
        yield _point(call, record, int(number), home["Name"], home["Arn"], of)


def _point(call: Call, record: Record, number: int, name: str, owner: str, domain: str) -> Document:
    place = call.kernel.settings
    token = f"{record.name}-{number}"
    point = f"fsap-{hashlib.sha256(token.encode()).hexdigest()[:17]}"
    key = tagging.PROFILE_TAG if ":user-profile/" in owner else tagging.SPACE_TAG
    return {
        "ClientToken": token,
        "Name": name,
        "Tags": tagging.as_list(
            {
                "Name": name,
                file_systems.MANAGED_TAG: domain,
                tagging.DOMAIN_TAG: domain,
                key: owner,
            }
        ),
        "AccessPointId": point,
        "AccessPointArn": (
            f"arn:{place.partition}:elasticfilesystem:{call.region}:{call.account_id}:"
            f"access-point/{point}"
        ),
        "FileSystemId": record.name,
        "PosixUser": {"Uid": number, "Gid": number},
        "RootDirectory": {
            "Path": f"/{number}",
            "CreationInfo": {"OwnerUid": number, "OwnerGid": number, "Permissions": "700"},
        },
        "OwnerId": call.account_id,
        "LifeCycleState": "available",
    }

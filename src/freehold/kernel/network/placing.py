"""Where in the network a workload belongs, by its record: nowhere, the internet, or a VPC.

Input: records of apps and jobs, through a ``Unit``. Output: a ``Placement``, for the loops that
start workloads and for whatever holds their traffic. Facts: domains.md sections 1.4 and 6.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from freehold.kernel.network.reach import Reach, reach
from freehold.kernel.studio.settings import effective_settings, is_private
from freehold.store.records import Record
from freehold.store.unit import Unit

SPACE = "sagemaker:space"
USER_PROFILE = "sagemaker:user-profile"


class Placement(NamedTuple):
    """What network a workload is given.

    ``none``: nothing at all. ``public``: out to the internet, and to nobody beside it. ``vpc``:
    what the security groups ``groups`` allow from ``subnets``. ``domain_id`` is whose traffic it
    is, for the flow log; None outside of domains.
    """

    kind: Literal["none", "public", "vpc"]
    domain_id: str | None = None
    subnets: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def reach(self, unit: Unit) -> Reach | None:
        """What it may reach in its VPC; None of any other kind.

        Raises:
            Invalid: It has no security group, or subnets and groups are of several VPCs.
            NotFound: A subnet or a group is gone.
        """
        return reach(unit, self.subnets, self.groups) if self.kind == "vpc" else None


def of_app(unit: Unit, app: Record) -> Placement:
    """As its domain's AppNetworkAccessType and the settings that govern its owner say.

    A domain that is gone places its apps nowhere.
    """
    domain_id = app.document["DomainId"]
    domain = unit.find(f"{app.arn.partition(':app/')[0]}:domain/{domain_id}")
    if domain is None:
        return Placement("none", domain_id)
    if domain.document["AppNetworkAccessType"] != "VpcOnly":
        return Placement("public", domain_id)
    settings = effective_settings(domain.document, *_owners(unit, app))
    return Placement(
        "vpc",
        domain_id,
        tuple(domain.document.get("SubnetIds", ())),
        tuple(sorted(settings.get("SecurityGroups", ()))),
    )


def _owners(unit: Unit, app: Record) -> tuple[dict[str, object], dict[str, object] | None]:
    """The document of the app's profile or space, and that of a private space's owner."""
    domain_id = app.document["DomainId"]
    if not app.document.get("SpaceName"):
        profile = unit.named(USER_PROFILE, app.document["UserProfileName"], domain_id)
        return ({} if profile is None else profile.document), None
    space = unit.named(SPACE, app.document["SpaceName"], domain_id)
    if space is None or not is_private(space.document):
        return ({"SpaceName": ""} if space is None else space.document), None
    name = space.document["OwnershipSettings"]["OwnerUserProfileName"]
    owner = unit.named(USER_PROFILE, name, domain_id)
    return space.document, None if owner is None else owner.document


def of_job(job: Record) -> Placement:
    """As its own VpcConfig and EnableNetworkIsolation say: jobs inherit no domain's network."""
    document = job.document
    config = document.get("NetworkConfig", document)
    origin = (document.get("_Origin") or "").partition("#")[0]
    domain_id = origin.split("/")[1] if origin else None
    if config.get("EnableNetworkIsolation"):
        return Placement("none", domain_id)
    vpc = config.get("VpcConfig")
    if not vpc:
        return Placement("public", domain_id)
    return Placement(
        "vpc",
        domain_id,
        tuple(vpc["Subnets"]),
        tuple(sorted(vpc["SecurityGroupIds"])),
    )

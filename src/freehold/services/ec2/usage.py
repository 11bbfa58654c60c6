"""What hangs on a network: the domains, profiles and running jobs that name its parts.

Asked before a VPC, a subnet or a security group goes. On AWS their network interfaces keep it;
here the records of SageMaker themselves do.
"""

from __future__ import annotations

from collections.abc import Iterator

from freehold.base.errors import InUse
from freehold.kernel.call import Call, Page, Record
from freehold.kernel.declare.operation import dig

DOMAIN = "sagemaker:domain"
PROFILE = "sagemaker:user-profile"
JOBS = {  # kind -> where its jobs keep subnets and groups
    "sagemaker:training-job": "VpcConfig",
    "sagemaker:processing-job": "NetworkConfig.VpcConfig",
}
RUNNING = ("InProgress", "Stopping")
STEP = 500
GROUPS_OF_DOMAIN = (
    "DefaultUserSettings.SecurityGroups",
    "DefaultSpaceSettings.SecurityGroups",
    "DomainSettings.SecurityGroupIds",
    "SecurityGroupIdForDomainBoundary",
)


def refuse_used_vpc(call: Call, vpc: Record) -> None:
    """Refuse to end a VPC that a domain stands in.

    Raises:
        InUse: ``DependencyViolation``.
    """
    if next(_domains(call, vpc.name), None) is not None:
        raise violation("vpc", vpc.name)


def refuse_used_subnet(call: Call, subnet: Record) -> None:
    """Refuse to end a subnet that a domain or a running job names.

    Raises:
        InUse: ``DependencyViolation``.
    """
    name, domains = subnet.name, _domains(call, subnet.document["VpcId"])
    if any(name in domain.document.get("SubnetIds", ()) for domain in domains) or any(
        name in dig(job.document, f"{path}.Subnets") for path, job in _jobs(call)
    ):
        raise violation("subnet", name)


def refuse_used_group(call: Call, group: Record) -> None:
    """Refuse to end a group that a domain, one of its profiles or a running job names.

    Raises:
        InUse: ``DependencyViolation``.
    """
    name = group.name
    for domain in _domains(call, group.document["VpcId"]):
        if any(name in dig(domain.document, path) for path in GROUPS_OF_DOMAIN):
            raise group_violation(name)
        for profile in _every(call, Page(PROFILE, scope=domain.document["DomainId"])):
            if name in dig(profile.document, "UserSettings.SecurityGroups"):
                raise group_violation(name)
    for path, job in _jobs(call):
        if name in dig(job.document, f"{path}.SecurityGroupIds"):
            raise group_violation(name)


def violation(noun: str, name: str) -> InUse:
    """EC2's sentence for something that others hang on."""
    return InUse(
        f"The {noun} '{name}' has dependencies and cannot be deleted.", code="DependencyViolation"
    )


def group_violation(name: str) -> InUse:
    """EC2's sentence for a group that something names."""
    return InUse(f"resource {name} has a dependent object", code="DependencyViolation")


def _domains(call: Call, vpc_id: str) -> Iterator[Record]:
    for domain in _every(call, Page(DOMAIN)):
        if domain.document.get("VpcId") == vpc_id:
            yield domain


def _jobs(call: Call) -> Iterator[tuple[str, Record]]:
    for kind, path in JOBS.items():
        for status in RUNNING:
            for job in _every(call, Page(kind, status=status)):
                yield path, job


def _every(call: Call, page: Page) -> Iterator[Record]:
    page = page._replace(limit=STEP)
    while True:
        records = call.unit.records(page)
        yield from records
        if len(records) < STEP:
            return
        page = page._replace(after=(records[-1].created, records[-1].id))

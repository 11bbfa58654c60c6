"""Which execution role works for whom: of a profile, a space, and whether SageMaker may assume it.

Asked by CreateApp, by the gate that starts an app on a visit, by job creation, and by settings
that name a role.
Facts: domains.md 1.4.
"""

from __future__ import annotations

from freehold.base.errors import Invalid
from freehold.kernel.permission import identity, trust
from freehold.store.records import Record
from freehold.store.unit import Unit

SAGEMAKER = "sagemaker.amazonaws.com"


def execution_role(unit: Unit, domain: Record, owner: Record) -> str:
    """The ARN of the role that apps of a profile or space run with.

    A shared space has the domain's DefaultSpaceSettings, a private one its owner's role.

    Raises:
        Invalid: There is none, or SageMaker may not assume it.
    """
    document = domain.document
    profile: Record | None = owner
    if owner.kind == "sagemaker:space":
        ownership = owner.document.get("OwnershipSettings")
        sharing = owner.document.get("SpaceSharingSettings", {}).get("SharingType")
        profile = None
        if ownership and sharing == "Private":
            named = ownership["OwnerUserProfileName"]
            profile = unit.named("sagemaker:user-profile", named, document["DomainId"])
    arn = None
    if profile is None:
        arn = document.get("DefaultSpaceSettings", {}).get("ExecutionRole")
    else:
        arn = profile.document.get("UserSettings", {}).get("ExecutionRole")
        arn = arn or document.get("DefaultUserSettings", {}).get("ExecutionRole")
    role = unit.find(arn) if arn else None
    if role is None or not trust.may_assume(unit, role, SAGEMAKER):
        raise Invalid(
            f"SageMaker is unable to use your associated ExecutionRole [{arn}] to create app. "
            f"Verify that the role exists and allows principal '{SAGEMAKER}' to assume the role."
        )
    return role.arn


def job_role(unit: Unit, arn: str) -> Record:
    """The role that a job or settings were given.

    Raises:
        Invalid: It does not exist, or SageMaker may not assume it.
    """
    role = unit.find(arn)
    if role is None or role.kind != identity.ROLE or not trust.may_assume(unit, role, SAGEMAKER):
        raise Invalid(
            f"Could not assume role {arn}. Please ensure that the role exists and allows "
            f"principal '{SAGEMAKER}' to assume the role."
        )
    return role

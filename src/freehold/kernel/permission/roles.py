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
    named = None if profile is None else source_identity(domain, profile.name)
    if role is not None and trust.may_assume(unit, role, SAGEMAKER):
        refuse_unnamed(unit, role, named)
    else:
        raise Invalid(
            f"SageMaker is unable to use your associated ExecutionRole [{arn}] to create app. "
            f"Verify that the role exists and allows principal '{SAGEMAKER}' to assume the role."
        )
    return role.arn


def source_identity(domain: Record, profile_name: str) -> str | None:
    """The source identity of sessions that work for a profile; None where the domain has it off.

    Shared spaces have none (domains.md section 4).
    """
    settings = domain.document.get("DomainSettings", {})
    is_on = settings.get("ExecutionRoleIdentityConfig") == "USER_PROFILE_NAME"
    return profile_name if is_on else None


def refuse_unnamed(unit: Unit, role: Record, named: str | None) -> None:
    """Refuse a role on whose sessions SageMaker may not set the source identity ``named``.

    Raises:
        Invalid: The role's trust policy does not allow ``sts:SetSourceIdentity``.
    """
    if named is not None and not trust.may_assume(unit, role, SAGEMAKER, source_identity=named):
        raise Invalid(
            f"SageMaker may not set the source identity {named} on sessions of the role "
            f"{role.arn}: its trust policy must allow principal '{SAGEMAKER}' also "
            f"{trust.SET_SOURCE_IDENTITY}."
        )


def job_role(unit: Unit, arn: str, named: str | None = None) -> Record:
    """The role that a job or settings were given.

    Args:
        unit: Where to look.
        arn: The role's.
        named: The source identity of whoever starts the job, which goes on to the job.

    Raises:
        Invalid: It does not exist, or SageMaker may not assume it.
    """
    role = unit.find(arn)
    if role is None or role.kind != identity.ROLE or not trust.may_assume(unit, role, SAGEMAKER):
        raise Invalid(
            f"Could not assume role {arn}. Please ensure that the role exists and allows "
            f"principal '{SAGEMAKER}' to assume the role."
        )
    refuse_unnamed(unit, role, named)
    return role

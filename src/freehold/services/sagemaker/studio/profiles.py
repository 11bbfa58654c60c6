"""User profiles: a person in a domain, with a home and a uid of their own.

Facts: domains.md 1.5, 1.13. Names ignore case; Describe gives back only what the profile
itself was given, never the domain's defaults (the SDK looks those up itself).
"""

from __future__ import annotations

from freehold.base.errors import InUse, Invalid
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.lists import namesake
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.verbs import merge
from freehold.kernel.studio import file_systems, quotas
from freehold.services.sagemaker.service import sagemaker
from freehold.services.sagemaker.studio import attachments, settings_keys, settings_rules
from freehold.services.sagemaker.studio.domains import DOMAIN, require_groups

SETTLED = frozenset({"Deleted", "Failed"})

USER_PROFILE = sagemaker.resource(
    "UserProfile",
    arn="user-profile/{DomainId}/{UserProfileName}",
    scope="DomainId",
    status="Status",
    starts="InService",
    not_found="UserProfile [{DomainId}/{UserProfileName}] does not exist.",
    passes=("UserSettings.ExecutionRole",),
    references=settings_keys.REFERENCES | {"DomainId": DOMAIN.kind},
    keys={
        "sagemaker:VpcSecurityGroupIds": settings_keys.GROUPS,
        "sagemaker:DomainSharingOutputKmsKey": "UserSettings.SharingSettings.S3KmsKeyId",
        "sagemaker:DomainSharingOutputKmsKeyArn": "UserSettings.SharingSettings.S3KmsKeyId",
    }
    | settings_keys.KEYS,
)


@USER_PROFILE.creates("CreateUserProfile")
def create_user_profile(call: Call, profile: Document) -> None:
    """Refuse a name that differs only in case; give the home its uid."""
    domain = call.load(DOMAIN, profile)
    require_groups(call, domain.document, profile.get("UserSettings", {}).get("SecurityGroups", ()))
    if profile.get("SingleSignOnUserIdentifier") or profile.get("SingleSignOnUserValue"):
        raise Invalid(
            "SingleSignOnUserIdentifier and SingleSignOnUserValue are only for domains of "
            "AuthMode SSO; this domain's is IAM."
        )
    known = namesake(call, USER_PROFILE.kind, profile["UserProfileName"], profile["DomainId"])
    if known is not None:
        raise InUse(
            f"UserProfile [{known.name}] already exists in domain {profile['DomainId']}: "
            "names ignore case. Choose a different name."
        )
    refuse_shared_name(call, "sagemaker:space", profile["DomainId"], profile["UserProfileName"])
    quotas.require(call, "user-profiles", profile["DomainId"])
    attachments.check_roles(call, profile)
    settings = profile.get("UserSettings", {})
    _check_settings(call, settings, settings)
    kept = file_systems.recall(call, domain.document, "user-profile", profile["UserProfileName"])
    profile["HomeEfsFileSystemUid"] = kept or str(call.next_uid(call.arn_of(USER_PROFILE, profile)))


def refuse_shared_name(call: Call, kind: str, domain_id: str, name: str) -> None:
    """A profile and a space never share a name: the ARNs of their apps would be the same.

    Raises:
        InUse: One of the other ``kind`` has it.
    """
    if namesake(call, kind, name, domain_id) is not None:
        noun = "space" if kind == "sagemaker:space" else "user profile"
        raise InUse(
            f"The name {name} is that of a {noun} in domain {domain_id}: profiles and spaces of "
            "one domain have different names here. Choose a different name."
        )


def _check_settings(call: Call, whole: Document, brought: Document) -> None:
    settings_rules.check_settings(call, whole, brought)
    attachments.check_attached(call, brought, images_max=attachments.OWN_IMAGES_MAX)


USER_PROFILE.describes("DescribeUserProfile")
USER_PROFILE.lists("ListUserProfiles")


@USER_PROFILE.updates("UpdateUserProfile")
def update_user_profile(call: Call, profile: Record, request: Document) -> None:
    """Merge the settings given; what is absent stays."""
    domain = call.load(DOMAIN, profile.document)
    require_groups(call, domain.document, request.get("UserSettings", {}).get("SecurityGroups", ()))
    brought = request.get("UserSettings", {})
    posix = brought.get("CustomPosixUserConfig")
    known = profile.document.get("UserSettings", {}).get("CustomPosixUserConfig")
    if posix is not None and posix != known:
        raise Invalid("CustomPosixUserConfig of a user profile cannot be changed.")
    roles = attachments.roles_of(profile.document)
    merge(profile.document, request, without=("DomainId", "UserProfileName"))
    attachments.check_roles(call, profile.document, roles)
    whole = profile.document.get("UserSettings", {})
    _check_settings(call, whole, brought)


@USER_PROFILE.deletes("DeleteUserProfile")
def delete_user_profile(call: Call, profile: Record) -> bool:
    """Refuse while apps run or spaces are owned. The home's files stay on the volume."""
    domain_id = profile.document["DomainId"]
    ended = ended_apps(call, "UserProfile", profile)
    for space in call.every("sagemaker:space", scope=domain_id):
        owner = space.document.get("OwnershipSettings", {}).get("OwnerUserProfileName")
        if owner == profile.name:
            raise InUse(
                f"Unable to delete UserProfile [{profile.arn}] because Space(s) are associated "
                f"with it. Delete space [{space.arn}] first."
            )
    for app in ended:
        call.remove(app)
    file_systems.remember(call, call.load(DOMAIN, profile.document).document, profile)
    return True


def ended_apps(call: Call, noun: str, owner: Record) -> list[Record]:
    """The apps of a profile or space that are over; with their owner they are forgotten.

    Raises:
        InUse: One is not over.
    """
    ended = []
    for app in call.every("sagemaker:app", scope=owner.scope):
        if app.document.get(f"{noun}Name") != owner.name:
            continue
        if app.status not in SETTLED:
            raise InUse(
                f"Unable to delete {noun} [{owner.arn}] because App(s) are associated with it. "
                f"Delete app [{app.arn}] first."
            )
        ended.append(app)
    return ended

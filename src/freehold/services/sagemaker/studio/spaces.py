"""Spaces: where people of a domain work, alone (Private) or together (Shared or ownerless).

Facts: domains.md 1.6, 1.4, 3.4, 3.5.
"""

from __future__ import annotations

from freehold.base.errors import Conflict, InUse, Invalid
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.lists import namesake
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.verbs import merge
from freehold.kernel.studio import file_systems, quotas, storage
from freehold.kernel.studio.app_types import IN_SPACES
from freehold.kernel.studio.settings import effective_settings, is_private
from freehold.services.sagemaker.service import sagemaker
from freehold.services.sagemaker.studio import attachments, settings_keys, settings_rules
from freehold.services.sagemaker.studio.domains import DOMAIN
from freehold.services.sagemaker.studio.profiles import (
    SETTLED,
    USER_PROFILE,
    ended_apps,
    refuse_shared_name,
)


def owner_arn(call: Call, request: Document) -> str | None:
    """``sagemaker:OwnerUserProfileArn`` of the space that a request makes or names."""
    owner = request.get("OwnershipSettings", {}).get("OwnerUserProfileName")
    if owner is None and request.get("SpaceName"):
        space = call.find(SPACE, request)
        owner = space and space.document.get("OwnershipSettings", {}).get("OwnerUserProfileName")
    if not owner:
        return None
    return call.arn_of(
        USER_PROFILE, {"DomainId": request.get("DomainId"), "UserProfileName": owner}
    )


def sharing_type(call: Call, request: Document) -> str | None:
    """``sagemaker:SpaceSharingType``; a space without an owner counts as Shared."""
    sharing = request.get("SpaceSharingSettings", {}).get("SharingType")
    if sharing is None and request.get("SpaceName"):
        space = call.find(SPACE, request)
        if space is None:
            return None if "OwnershipSettings" in request else "Shared"
        sharing = space.document.get("SpaceSharingSettings", {}).get("SharingType", "Shared")
    return None if sharing is None else str(sharing)


SPACE = sagemaker.resource(
    "Space",
    arn="space/{DomainId}/{SpaceName}",
    scope="DomainId",
    status="Status",
    starts="InService",
    not_found="Space [{DomainId}/{SpaceName}] does not exist.",
    references=settings_keys.REFERENCES
    | {
        "DomainId": DOMAIN.kind,
        "OwnershipSettings.OwnerUserProfileName": USER_PROFILE.kind,
    },
    keys={
        "sagemaker:OwnerUserProfileArn": owner_arn,
        "sagemaker:SpaceSharingType": sharing_type,
        "sagemaker:RemoteAccess": "SpaceSettings.RemoteAccess",
    }
    | settings_keys.KEYS,
)


@SPACE.creates("CreateSpace")
def create_space(call: Call, space: Document) -> None:
    """Ownership and sharing come together; a shared space needs the domain's space settings."""
    domain = call.load(DOMAIN, space)
    ownership, sharing = space.get("OwnershipSettings"), space.get("SpaceSharingSettings")
    if bool(ownership) != bool(sharing):
        raise Invalid("OwnershipSettings and SpaceSharingSettings are required together.")
    if ownership:
        named = {"UserProfileName": ownership["OwnerUserProfileName"]}
        call.load(USER_PROFILE, {"DomainId": space["DomainId"], **named})
    app_type = space.get("SpaceSettings", {}).get("AppType")
    if app_type is not None and app_type not in IN_SPACES:
        raise Invalid(f"A space cannot have the AppType {app_type}: use {_listed(IN_SPACES)}.")
    is_shared = not sharing or sharing["SharingType"] == "Shared"
    if is_shared and not domain.document.get("DefaultSpaceSettings", {}).get("ExecutionRole"):
        raise Invalid(
            f"Domain [{domain.arn}] has no DefaultSpaceSettings with an ExecutionRole, which "
            "shared spaces run with: call UpdateDomain with DefaultSpaceSettings first."
        )
    known = namesake(call, SPACE.kind, space["SpaceName"], space["DomainId"])
    if known is not None:
        raise InUse(
            f"Space [{known.name}] already exists in domain {space['DomainId']}. "
            "Choose a different name."
        )
    refuse_shared_name(call, USER_PROFILE.kind, space["DomainId"], space["SpaceName"])
    quotas.require(call, "spaces", space["DomainId"])
    settings = space.get("SpaceSettings", {})
    _check_settings(call, domain, space, settings)
    kept = None
    if not storage.has_own_volume(space):
        kept = file_systems.recall(call, domain.document, "classic-space", space["SpaceName"])
    space["HomeEfsFileSystemUid"] = kept or str(call.next_uid(call.arn_of(SPACE, space)))
    space["Url"] = f"{domain.document['Url']}/jupyterlab/default"
    _summarize(space)


def _check_settings(call: Call, domain: Record, space: Document, brought: Document) -> None:
    """A space's settings stay within those that govern it; what they attach must be there."""
    bare = {key: value for key, value in space.items() if key != "SpaceSettings"}
    governing = effective_settings(domain.document, bare, owner_document(call, space))
    settings_rules.check_space(space, space.get("SpaceSettings", {}), governing)
    attachments.check_attached(call, brought, images_max=attachments.OWN_IMAGES_MAX)


def owner_document(call: Call, space: Document) -> Document | None:
    """The document of the profile that owns a private space; None of any other."""
    if not is_private(space):
        return None
    named = {"UserProfileName": space["OwnershipSettings"]["OwnerUserProfileName"]}
    owner = call.find(USER_PROFILE, {"DomainId": space["DomainId"], **named})
    return None if owner is None else owner.document


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))


def _summarize(space: Document) -> None:
    """Keep the members that ListSpaces shows under names of their own."""
    settings = space.get("SpaceSettings", {})
    kept = ("AppType", "RemoteAccess", "SpaceStorageSettings")
    space["SpaceSettingsSummary"] = {key: settings[key] for key in kept if key in settings}
    if "SpaceSharingSettings" in space:
        space["SpaceSharingSettingsSummary"] = space["SpaceSharingSettings"]
    if "OwnershipSettings" in space:
        space["OwnershipSettingsSummary"] = space["OwnershipSettings"]


SPACE.describes("DescribeSpace")
SPACE.lists("ListSpaces")


@SPACE.updates("UpdateSpace")
def update_space(call: Call, space: Record, request: Document) -> None:
    """Settings and display name change while no app runs; the app type never does."""
    known = space.document.get("SpaceSettings", {}).get("AppType")
    asked = request.get("SpaceSettings", {}).get("AppType")
    if known and asked and asked != known:
        raise Invalid(f"The AppType of a space cannot be changed from {known} to {asked}.")
    for app in call.every("sagemaker:app", scope=space.document["DomainId"]):
        if app.document.get("SpaceName") == space.name and app.status not in SETTLED:
            raise InUse(
                f"Unable to update Space [{space.arn}] because App(s) are associated with it. "
                f"Delete app [{app.arn}] first."
            )
    before = dict(space.document.get("SpaceSettings", {}))
    brought = request.get("SpaceSettings", {})
    if space.status == "Deleting":
        raise Conflict(f"Space [{space.arn}] is being deleted.", code="ResourceInUse")
    settings_rules.refuse_smaller(before, brought, storage.provisioned_gigabytes(space.document))
    merge(space.document, request, without=("DomainId", "SpaceName"))
    _check_settings(call, call.load(DOMAIN, space.document), space.document, brought)
    _summarize(space.document)
    if space.document.get(storage.VOLUME):  # billed from now on, grown at the next start
        space.document[storage.VOLUME] = {"SizeInGb": storage.gigabytes(space.document, {})}


@SPACE.deletes("DeleteSpace")
def delete_space(call: Call, space: Record) -> bool:
    """Refuse while apps run; a space that has a volume goes when the volume is gone."""
    if space.status == "Deleting":
        raise Conflict(f"Space [{space.arn}] is being deleted.", code="ResourceInUse")
    for app in ended_apps(call, "Space", space):
        call.remove(app)
    if not storage.has_own_volume(space.document):
        file_systems.remember(call, call.load(DOMAIN, space.document).document, space)
    if not space.document.get(storage.VOLUME):
        return True
    space.mover, space.due = file_systems.MOVER, call.now
    call.update(space, status="Deleting")
    return False

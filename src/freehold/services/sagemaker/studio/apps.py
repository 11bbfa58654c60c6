"""Apps: a running IDE of a profile or a space. What an app is; ``loops/apps`` moves it.

Facts: domains.md 1.7, 1.1 (spelling of ARNs), 3.5. Types are declared in
``kernel/studio/app_types.py``.
"""

from __future__ import annotations

from freehold.base.errors import Conflict, Denied, InUse, Invalid
from freehold.kernel import tagging
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.resource import Running
from freehold.kernel.permission import identity, roles
from freehold.kernel.studio import app_types, quotas
from freehold.services.sagemaker.service import sagemaker
from freehold.services.sagemaker.studio import launches, settings_keys
from freehold.services.sagemaker.studio.domains import DOMAIN
from freehold.services.sagemaker.studio.profiles import USER_PROFILE
from freehold.services.sagemaker.studio.spaces import (
    SPACE,
    owner_arn,
    sharing_type,
)

LIVE = frozenset({"Pending", "InService", "Deleting"})


def tail(document: Document) -> str:
    """The ARN's last part for an app that a request names."""
    owner = document.get("UserProfileName") or document.get("SpaceName") or "*"
    kind, name = document.get("AppType") or "*", document.get("AppName") or "*"
    return app_types.arn_tail(str(document.get("DomainId")), owner, kind, name)


def instance_of(document: Document) -> str | None:
    """What an app bills as; ``system`` is not billed by instance."""
    instance: str | None = document.get("ResourceSpec", {}).get("InstanceType")
    return instance


APP = sagemaker.resource(
    "App",
    arn=tail,
    scope="DomainId",
    status="Status",
    starts="Pending",
    modified=None,
    ends={"Deleted", "Failed"},
    not_found="App [{arn}] does not exist.",
    runs=Running(
        when=frozenset({"InService"}),
        component=lambda document: app_types.APP_TYPES[document["AppType"]].component,
        instance=instance_of,
        ended="_EndedAt",
    ),
    moved_by="apps",
    references=settings_keys.REFERENCES
    | {
        "DomainId": DOMAIN.kind,
        "UserProfileName": USER_PROFILE.kind,
        "SpaceName": SPACE.kind,
    },
    keys={
        "sagemaker:InstanceTypes": "ResourceSpec.InstanceType",
        "sagemaker:ImageArns": "ResourceSpec.SageMakerImageArn",
        "sagemaker:ImageVersionArns": "ResourceSpec.SageMakerImageVersionArn",
        "sagemaker:StudioLifecycleConfigArns": "ResourceSpec.LifecycleConfigArn",
        "sagemaker:OwnerUserProfileArn": owner_arn,
        "sagemaker:SpaceSharingType": sharing_type,
    },
)


@APP.creates("CreateApp")
def create_app(call: Call, app: Document) -> Record | None:
    """Check owner, type and role, resolve the instance, and leave the rest to the loop."""
    refuse_strangers(call, app["DomainId"])
    domain, owner = _owner(call, app)
    kind = app_types.of_name(app["AppType"])
    if app["AppName"] != app_types.NAME:
        raise Invalid(f"The AppName of a {kind.name} app must be {app_types.NAME}.")
    role = roles.execution_role(call.unit, domain, owner)
    launches.fill_in(call, app, kind, domain, owner)
    app["_Role"] = role
    app["_Owner"] = owner.arn
    app["_FileSystem"] = domain.document.get("HomeEfsFileSystemId")
    app["_Uid"] = owner.document["HomeEfsFileSystemUid"]
    return _replace_ended(call, app, domain, owner)


def refuse_strangers(call: Call, domain_id: str) -> None:
    """An app runs with its owner's role and home: no session of another domain starts or opens it.

    AWS leaves this to policy, and the documented isolation policy lets it through (docs/parity.md).

    Raises:
        Denied: The session was handed out in another domain.
    """
    origin = call.principal.origin
    if origin is not None and origin.domain_id != domain_id:
        raise Denied(
            f"User: {call.principal.arn} is not authorized to perform: {call.operation.action} on "
            f"resource: {call.resource_arn} because its session belongs to domain "
            f"{origin.domain_id}"
        )


def _owner(call: Call, app: Document) -> tuple[Record, Record]:
    domain = call.load(DOMAIN, app)
    if bool(app.get("UserProfileName")) == bool(app.get("SpaceName")):
        raise Invalid("Exactly one of UserProfileName and SpaceName is required.")
    if app.get("SpaceName"):
        space = call.load(SPACE, app)
        if space.status == "Deleting":
            raise Conflict(f"Space [{space.arn}] is being deleted.", code="ResourceInUse")
        wanted = space.document.get("SpaceSettings", {}).get("AppType")
        if wanted and wanted != app["AppType"]:
            raise Invalid(f"Space [{space.arn}] is for apps of the type {wanted}.")
        return domain, space
    return domain, call.load(USER_PROFILE, app)


def _replace_ended(call: Call, app: Document, domain: Record, owner: Record) -> Record | None:
    """An ended app of the same name gives way; a live one does not."""
    arn = call.resource_arn or call.arn_of(APP, app)
    known = call.unit.find(arn)
    if known is not None:
        if known.status in LIVE:
            raise InUse(f"App [{arn}] already exists.")
        call.remove(known)
    quotas.require_app(call, app)
    tags = _inherited(domain, owner) | _custom(call.request_tags or {})
    tags |= call.automatic_tags or tagging.automatic(identity.origin_of(call.unit, domain, owner))
    tagging.check_count(tags)
    return call.create(APP, app, arn=arn, tags=tags)


def _inherited(domain: Record, owner: Record) -> dict[str, str]:
    """Custom tags of domain and profile reach the apps they launch (domains.md 2.4, last rule).

    The automatic ones do not: they tell where domain and owner were made, not where the app is.
    """
    return _custom(domain.tags) | _custom(owner.tags)


def _custom(tags: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if key not in tagging.AUTOMATIC}


def _seen(call: Call, app: Record) -> Document:
    """When the app was last looked at and last used, which no record keeps."""
    seen = call.kernel.activity.of(app.uid)
    times = {
        "LastHealthCheckTimestamp": seen.health_at,
        "LastUserActivityTimestamp": seen.active_at,
    }
    return {member: at for member, at in times.items() if at is not None}


APP.describes("DescribeApp", beside=_seen)
APP.lists("ListApps")


@APP.deletes("DeleteApp")
def delete_app(call: Call, app: Record) -> None:
    """Ask for the end; the loop stops the processes and marks the app Deleted."""
    if app.status == "Deleted":
        raise Invalid(f"App [{app.arn}] has already been deleted.")
    if app.status == "Failed":
        raise Invalid(f"App [{app.arn}] previously failed and was automatically deleted.")
    if app.status == "Deleting":
        raise Conflict(f"App [{app.arn}] is being deleted.", code="ResourceInUse")
    call.move(app)
    call.update(app, status="Deleting")

"""CreatePresignedDomainUrl: the way from an API call into a browser (domains.md section 4)."""

from __future__ import annotations

import os

from freehold.auth import tickets
from freehold.base import ids
from freehold.base.errors import Invalid
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.studio import app_types
from freehold.kernel.studio.settings import effective_settings
from freehold.services.sagemaker.service import sagemaker
from freehold.services.sagemaker.studio.apps import APP, refuse_strangers
from freehold.services.sagemaker.studio.domains import DOMAIN
from freehold.services.sagemaker.studio.profiles import USER_PROFILE
from freehold.services.sagemaker.studio.spaces import SPACE

EXPIRES_SECONDS_DEFAULT = 300
SESSION_SECONDS_DEFAULT = 43_200


@sagemaker.operation(
    "CreatePresignedDomainUrl",
    mode="slow",
    on=USER_PROFILE,
    references={
        "DomainId": DOMAIN.kind,
        "UserProfileName": USER_PROFILE.kind,
        "SpaceName": SPACE.kind,
    },
)
def create_presigned_domain_url(call: Call, request: Document) -> Document:
    """A URL that opens one app once, within ``ExpiresInSeconds``.

    Raises:
        NotFound: Domain, profile or space.
        Invalid: A private space of somebody else, or a landing that no app of ours serves.
        Denied: The session that asks was handed out in another domain.
    """
    refuse_strangers(call, request["DomainId"])
    domain = call.load(DOMAIN, request)
    profile = call.load(USER_PROFILE, request)
    space = call.load(SPACE, request) if request.get("SpaceName") else None
    if space is not None:
        _refuse_others(space, profile)
    app_type, landing = _landing(request, domain, profile, space)
    _refuse_unopened(app_type, space)
    named: Document = {
        "DomainId": request["DomainId"],
        "AppType": app_type,
        "AppName": app_types.NAME,
    }
    if space is None:
        named["UserProfileName"] = profile.name
    else:
        named["SpaceName"] = space.name
    expires = call.now + int(request.get("ExpiresInSeconds") or EXPIRES_SECONDS_DEFAULT)
    ticket = tickets.Ticket(
        id=ids.token(12),
        domain_id=request["DomainId"],
        user_profile_name=profile.name,
        space_name=None if space is None else space.name,
        app_type=app_type,
        landing=landing,
        principal=call.principal,
        expires_at=expires,
        session_seconds=int(
            request.get("SessionExpirationDurationInSeconds") or SESSION_SECONDS_DEFAULT
        ),
    )
    token = tickets.seal_ticket(call.kernel.keyring, ticket, os.urandom(12))
    origin = call.kernel.studio_url(call.arn_of(APP, named), request["DomainId"])
    return {"AuthorizedUrl": f"{origin}/auth?token={token}"}


def _refuse_others(space: Record, profile: Record) -> None:
    sharing = space.document.get("SpaceSharingSettings", {}).get("SharingType")
    owner = space.document.get("OwnershipSettings", {}).get("OwnerUserProfileName")
    if sharing == "Private" and owner != profile.name:
        raise Invalid(f"Space [{space.arn}] is private to the user profile {owner}.")


def _refuse_unopened(app_type: str, space: Record | None) -> None:
    wanted = None if space is None else space.document.get("SpaceSettings", {}).get("AppType")
    if space is not None and wanted and wanted != app_type:
        raise Invalid(f"Space [{space.arn}] is for apps of the type {wanted}, not {app_type}.")
    app_types.of_name(app_type)


def _landing(
    request: Document, domain: Record, profile: Record, space: Record | None
) -> tuple[str, str]:
    """(app type, path behind its root) of a LandingUri, or of the defaults.

    ``studio::`` means the portal, which this server does not have: what opens is the app that
    would open without a LandingUri, at the path that is given.
    """
    uri = request.get("LandingUri") or ""
    kind, _, rest = uri.partition(":")
    if kind == "app":
        app_type, _, path = rest.partition(":")
        if app_type not in app_types.APP_TYPES:
            raise Invalid(
                f"LandingUri {uri}: this server opens apps of the types {app_types.served()} only."
            )
        return app_type, path.lstrip("/")
    if uri and kind != "studio":
        raise Invalid(
            f"LandingUri {uri} must begin with studio: or app:{'|'.join(app_types.APP_TYPES)}:"
        )
    path = rest.lstrip(":/")
    if space is not None:
        wanted = space.document.get("SpaceSettings", {}).get("AppType")
        return wanted or app_types.OF_SPACES, path
    default = effective_settings(domain.document, profile.document).get("DefaultLandingUri", "")
    wanted = default.split(":")[1] if default.startswith("app:") else app_types.OF_PROFILES
    return (wanted if wanted in app_types.APP_TYPES else app_types.OF_PROFILES), path

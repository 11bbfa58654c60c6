"""Tags on a call: what the request says, and what the origin adds before policy is asked.

Automatic tags come from the session's origin and never from the client (design decision 5).
Sources: domains.md 2.1, 2.2, 2.4.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from freehold.base.errors import Denied, Invalid, LimitExceeded

if TYPE_CHECKING:
    from freehold.auth.principal import Origin
    from freehold.kernel.call import Call

TAGS_MAX = 50  # per resource (AWS tag limits); automatic ones count
DOMAIN_TAG = "sagemaker:domain-arn"
PROFILE_TAG = "sagemaker:user-profile-arn"
SPACE_TAG = "sagemaker:space-arn"
AUTOMATIC = frozenset({DOMAIN_TAG, PROFILE_TAG, SPACE_TAG})
RESERVED_PREFIX = "aws:"
ATTACH_TAG = "freehold:attach-to-domain"  # its value: the name of the domain that is to have it


def as_map(tags: list[dict[str, Any]] | dict[str, str] | None) -> dict[str, str]:
    """AWS's list of ``{"Key", "Value"}``, or a map, as a map.

    Raises:
        Invalid: A key is missing, stands twice or begins with ``aws:``.
    """
    if not tags:
        return {}
    if isinstance(tags, dict):
        pairs = list(tags.items())
    else:
        if any("Key" not in tag for tag in tags):
            raise Invalid("Every tag needs a Key.")
        pairs = [(str(tag["Key"]), str(tag.get("Value") or "")) for tag in tags]
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]
        raise Invalid(f"Duplicate tag keys found: {', '.join(twice)}.")
    for key in found:
        if key.lower().startswith(RESERVED_PREFIX):
            raise Invalid(f"Tag key {key} is reserved: keys that begin with aws: are AWS's own.")
    return found


def as_list(tags: dict[str, str]) -> list[dict[str, str]]:
    """A map as AWS's list, by key."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def of_origin(call: Call) -> dict[str, str]:
    """The automatic tags of a call's origin; a private space carries its owner as well."""
    origin = call.principal.origin
    return {} if origin is None else automatic(origin)


def of_caller(call: Call, asked: dict[str, str]) -> dict[str, str]:
    """The tags asked for; a session with an origin says no automatic key, in whatever case."""
    if call.principal.origin is None:
        return asked
    return {key: value for key, value in asked.items() if key.lower() not in AUTOMATIC}


def automatic(origin: Origin) -> dict[str, str]:
    """The automatic tags of what is made in a profile or space."""
    tags = {DOMAIN_TAG: origin.domain_arn}
    if origin.kind == "space":
        tags[SPACE_TAG] = origin.arn
        if origin.owner_arn and origin.sharing == "Private":
            tags[PROFILE_TAG] = origin.owner_arn
    else:
        tags[PROFILE_TAG] = origin.arn
    return tags


def propagated(call: Call) -> dict[str, str]:
    """Custom tags of domain, then profile or space, if the domain's TagPropagation says so."""
    origin = call.principal.origin
    if origin is None:
        return {}
    domain = call.unit.find(origin.domain_arn)
    if domain is None or domain.document.get("TagPropagation") != "ENABLED":
        return {}
    sources = [domain, *(call.unit.find(arn) for arn in (origin.owner_arn, origin.arn) if arn)]
    return {
        key: value
        for source in sources
        if source is not None
        for key, value in source.tags.items()
        if key not in AUTOMATIC and not key.startswith(RESERVED_PREFIX)
    }


def prepare(call: Call) -> None:
    """Set ``call.request_tags``: what the created resource will carry, if anything is tagged.

    Precedence: automatic over request over space over profile over domain (docs/parity.md).

    Raises:
        LimitExceeded: More than 50 together.
    """
    operation = call.operation
    if not operation.is_taggable and not (operation.is_create and call.principal.origin):
        return
    asked = as_map(operation.service.asked_tags(call.request))
    if operation.is_create and operation.resource is not None and operation.resource.is_tagged:
        call.automatic_tags = of_origin(call)
        tags = propagated(call) | of_caller(call, asked) | call.automatic_tags
        check_count(tags)
    else:
        tags = asked
    call.request_tags = tags


def check_count(tags: dict[str, str]) -> None:
    """Refuse more tags than a resource may carry."""
    if len(tags) > TAGS_MAX:
        raise LimitExceeded(
            f"The resource would carry {len(tags)} tags, automatic ones included; "
            f"the limit is {TAGS_MAX}."
        )


def keep_attachment(call: Call, before: dict[str, str], after: dict[str, str]) -> None:
    """Refuse a session of a domain that would say whose a file system shall be, by whatever call.

    Raises:
        Denied: It sets, changes or takes away ATTACH_TAG.
    """
    if call.principal.origin is not None and before.get(ATTACH_TAG) != after.get(ATTACH_TAG):
        raise Denied(f"The tag {ATTACH_TAG} is set by administrators only.")

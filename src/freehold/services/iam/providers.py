"""OpenID Connect identity providers: which issuers' tokens roles may trust, and for which clients.

An administrator names an issuer here; ``services/sts`` holds its tokens against the keys that it
publishes. Nothing is fetched when a provider is made: the first token asks for the keys.
"""

from __future__ import annotations

import re
from typing import Any

from freehold.auth.issuer_urls import is_fetchable
from freehold.base import ids
from freehold.base.errors import Fault, InUse, Invalid, NotFound
from freehold.kernel import tagging
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import trust
from freehold.services.iam.entities import check_tags, iam, limit_of, over, page, tags_of

PROVIDERS_MAX = 100  # IAM quotas: OpenID Connect providers of an account
CLIENT_IDS_MAX = 100
THUMBPRINTS_MAX = 5
URL_CHARS_MAX = 255
ARN = "OpenIDConnectProviderArn"
_THUMBPRINT = re.compile(r"[0-9a-f]{40}\Z")


def _tail(document: Document) -> str:
    url = str(document.get("Url") or "*")
    return f"oidc-provider/{url.partition('://')[2] or url}"


def _named(call: Call, request: Document) -> str:
    return str(request[ARN]) if ARN in request else call.arn_of(PROVIDER, request)


PROVIDER = iam.resource(
    "OpenIDConnectProvider",
    kind=trust.OIDC_PROVIDER,
    arn=_tail,
    locate=_named,
    arn_member="_Arn",
    name_member="Url",
    created="CreateDate",
    modified=None,
    exists_code="EntityAlreadyExists",
    not_found_code="NoSuchEntity",
    global_=True,
)


@iam.operation(
    "CreateOpenIDConnectProvider",
    on=PROVIDER,
    mode="write",
    is_create=True,
    tag_action="iam:TagOpenIDConnectProvider",
)
def create_open_id_connect_provider(call: Call, request: Document) -> Document:
    """Name an issuer by its URL, which is the ``iss`` of its tokens, letter for letter.

    Without thumbprints the issuer's certificate must be signed by a known authority; AWS would
    fetch one, we never ask the issuer before there is a token.

    Raises:
        Invalid: ``InvalidInput``: no https URL (or http on this machine), or a bad thumbprint.
        InUse: ``EntityAlreadyExists``.
        LimitExceeded: Too many providers or client ids.
    """
    scheme, url = _checked_url(request["Url"])
    check_tags(call.request_tags)
    if call.find(PROVIDER, request) is not None:
        raise InUse(
            f"Provider with url {request['Url']} already exists.", code="EntityAlreadyExists"
        )
    if call.count(PROVIDER) >= PROVIDERS_MAX:
        raise over("OpenIdConnectProvidersPerAccount", PROVIDERS_MAX)
    document: Document = {
        "Url": url,
        "_Scheme": scheme,
        "ClientIDList": _checked_clients(request.get("ClientIDList") or []),
        "ThumbprintList": _checked_thumbprints(request.get("ThumbprintList") or []),
    }
    uid = ids.suffix(16)
    record = call.create(PROVIDER, document, tags=call.request_tags, name=url, uid=uid)
    return {ARN: record.arn} | tags_of(record)


def _checked_url(url: str) -> tuple[str, str]:
    """Scheme, and the rest: what the ARN, the condition keys and AWS's answers show."""
    if len(url) > URL_CHARS_MAX or not is_fetchable(url):
        raise _bad_url()
    scheme, _, rest = url.partition("://")
    return scheme, rest


def _bad_url() -> Fault:
    return Invalid(
        "Invalid Open ID Connect Provider URL: it begins with https:// (http:// only for this "
        "machine), and has neither user name, query nor fragment.",
        code="InvalidInput",
    )


def _checked_clients(clients: list[str]) -> list[str]:
    kept = list(dict.fromkeys(clients))
    if len(kept) > CLIENT_IDS_MAX:
        raise over("ClientIdsPerOpenIdConnectProvider", CLIENT_IDS_MAX)
    return kept


def _checked_thumbprints(thumbprints: list[str]) -> list[str]:
    if len(thumbprints) > THUMBPRINTS_MAX:
        raise Invalid(
            f"Thumbprint list must contain at most {THUMBPRINTS_MAX} entries.", code="InvalidInput"
        )
    kept = list(dict.fromkeys(thumbprint.lower() for thumbprint in thumbprints))
    if not all(map(_THUMBPRINT.match, kept)):
        raise Invalid(
            "Thumbprints are the SHA-1 of a certificate: 40 hexadecimal digits.",
            code="InvalidInput",
        )
    return kept


def _load(call: Call, request: Document) -> Record:
    record = call.unit.find(request[ARN])
    if record is None or record.kind != trust.OIDC_PROVIDER:
        raise NotFound(
            f"OpenIDConnect Provider not found for arn {request[ARN]}", code="NoSuchEntity"
        )
    return record


@iam.operation("GetOpenIDConnectProvider", on=PROVIDER)
def get_open_id_connect_provider(call: Call, request: Document) -> Document:
    """One provider; its URL without the scheme, as AWS shows it."""
    record = _load(call, request)
    shown = ("Url", "ClientIDList", "ThumbprintList", "CreateDate")
    return {key: record.document[key] for key in shown} | tags_of(record)


@iam.operation("ListOpenIDConnectProviders")
def list_open_id_connect_providers(call: Call, _request: Document) -> Document:
    """The ARNs of all providers, in one answer."""
    found = call.all(PROVIDER, limit=PROVIDERS_MAX)
    return {"OpenIDConnectProviderList": [{"Arn": record.arn} for record in found]}


@iam.operation("DeleteOpenIDConnectProvider", on=PROVIDER, mode="write")
def delete_open_id_connect_provider(call: Call, request: Document) -> None:
    """Believe an issuer no longer. Roles that trust it stay, and nobody can assume them by it."""
    call.remove(_load(call, request))


@iam.operation("UpdateOpenIDConnectProviderThumbprint", on=PROVIDER, mode="write")
def update_open_id_connect_provider_thumbprint(call: Call, request: Document) -> None:
    """Replace all thumbprints."""
    record = _load(call, request)
    record.document["ThumbprintList"] = _checked_thumbprints(request["ThumbprintList"])
    call.update(record)


@iam.operation("AddClientIDToOpenIDConnectProvider", on=PROVIDER, mode="write")
def add_client_id_to_open_id_connect_provider(call: Call, request: Document) -> None:
    """Let tokens for one more client in; no error if they are already."""
    record = _load(call, request)
    clients = [*record.document["ClientIDList"], request["ClientID"]]
    record.document["ClientIDList"] = _checked_clients(clients)
    call.update(record)


@iam.operation("RemoveClientIDFromOpenIDConnectProvider", on=PROVIDER, mode="write")
def remove_client_id_from_open_id_connect_provider(call: Call, request: Document) -> None:
    """Let tokens for a client in no longer; no error if they were not."""
    record = _load(call, request)
    clients: list[Any] = record.document["ClientIDList"]
    record.document["ClientIDList"] = [one for one in clients if one != request["ClientID"]]
    call.update(record)


@iam.operation("TagOpenIDConnectProvider", on=PROVIDER, mode="write")
def tag_open_id_connect_provider(call: Call, request: Document) -> None:
    """Add or replace tags."""
    record = _load(call, request)
    tags = record.tags | tagging.as_map(request["Tags"])
    check_tags(tags)
    call.retag(record, tags)


@iam.operation("UntagOpenIDConnectProvider", on=PROVIDER, mode="write")
def untag_open_id_connect_provider(call: Call, request: Document) -> None:
    """Take tags away; unknown keys are let pass."""
    record, gone = _load(call, request), set(request["TagKeys"])
    call.retag(record, {key: value for key, value in record.tags.items() if key not in gone})


@iam.operation("ListOpenIDConnectProviderTags", on=PROVIDER)
def list_open_id_connect_provider_tags(call: Call, request: Document) -> Document:
    """Tags by key, in pages."""
    tags = tagging.as_list(_load(call, request).tags)
    found, marker = lists.page_of(tags, limit_of(request), request.get("Marker"))
    return page("Tags", list(found), marker)

"""STS's service value, who the caller is, and what every new session has in common."""

from __future__ import annotations

from freehold.auth.principal import Principal
from freehold.base.errors import Invalid
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.service import Service
from freehold.kernel.permission import credentials, identity

sts = Service("sts")


@sts.operation("GetCallerIdentity", needs_no_permission=True)
def get_caller_identity(call: Call, _request: Document) -> Document:
    """Who the signature proves; cannot be denied, as on AWS."""
    principal = call.principal
    return {"UserId": principal.userid, "Account": call.account_id, "Arn": principal.arn}


@sts.operation("GetAccessKeyInfo")
def get_access_key_info(call: Call, request: Document) -> Document:
    """The account of an access key that this server gave out, whatever its status.

    Keys of sessions are kept nowhere, so every one that looks like ours is taken for ours.

    Raises:
        Invalid: ``ValidationError``: no key of this account.
    """
    key_id = request["AccessKeyId"]
    if not key_id.startswith("ASIA") and credentials.access_key(call, key_id) is None:
        raise Invalid(f"The access key {key_id} is not known here.", code="ValidationError")
    return {"Account": call.account_id}


def minted(call: Call, principal: Principal) -> Document:
    """``Credentials`` of a new session.

    Raises:
        LimitExceeded: ``PackedPolicyTooLarge``: the token would not fit into a header.
    """
    made = identity.mint(call.kernel.keyring, principal)
    return {
        "AccessKeyId": made.access_key_id,
        "SecretAccessKey": made.secret_access_key,
        "SessionToken": made.session_token,
        "Expiration": made.expires_at,
    }


def refuse_reserved(source_identity: str | None) -> None:
    """A source identity that begins with ``aws:`` is AWS's own.

    Raises:
        Invalid: ``ValidationError``.
    """
    if source_identity is not None and source_identity.lower().startswith("aws:"):
        raise Invalid(
            "A source identity cannot begin with aws:, which is reserved.", code="ValidationError"
        )

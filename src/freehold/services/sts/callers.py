"""STS's service value, who the caller is, and what every new session has in common."""

from __future__ import annotations

from freehold.auth.principal import Principal
from freehold.base.errors import Denied
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.service import Service
from freehold.kernel.permission import identity

sts = Service("sts")


@sts.operation("GetCallerIdentity", needs_no_permission=True)
def get_caller_identity(call: Call, _request: Document) -> Document:
    """Who the signature proves; cannot be denied, as on AWS."""
    principal = call.principal
    return {"UserId": principal.userid, "Account": call.account_id, "Arn": principal.arn}


@sts.operation("GetAccessKeyInfo")
def get_access_key_info(call: Call, _request: Document) -> Document:
    """The account of any key id: there is one account here."""
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


def refuse_mfa(request: Document) -> None:
    """Refuse who brings a code of an MFA device: there are none, and it is not passed over.

    Raises:
        Denied: ``AccessDenied`` in AWS's words.
    """
    if request.get("SerialNumber") or request.get("TokenCode"):
        raise Denied(
            "MultiFactorAuthentication failed: this server knows no MFA devices.",
            code="AccessDenied",
        )

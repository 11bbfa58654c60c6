"""Temporary credentials of users: GetSessionToken, and GetFederationToken for their guests."""

from __future__ import annotations

from dataclasses import replace

from freehold.auth.principal import Principal
from freehold.base import ids
from freehold.base.errors import Denied
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.services.sts import mfa
from freehold.services.sts.callers import minted, sts
from freehold.services.sts.sessions import refuse_unserved, session_policies, session_tags

ROOT_SECONDS_MAX = 3600  # GetSessionToken, DurationSeconds
USER_SECONDS_DEFAULT = 43_200  # GetSessionToken and GetFederationToken by a user
# Of STS only AssumeRole, with what it asks for besides, and GetCallerIdentity; GetSessionToken and
# GetFederationToken refuse sessions themselves, in words of their own.
_STS = (
    '"sts:AssumeRoleWith*","sts:AssumeRoot","sts:DecodeAuthorizationMessage",'
    '"sts:GetAccessKeyInfo","sts:GetDelegatedAccessToken","sts:GetServiceBearerToken",'
    '"sts:GetWebIdentityToken"'
)
_ALL_BUT = (
    '{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*"}},'
    '{{"Effect":"Deny","Action":[{}],"Resource":"*"}}]}}'
)
# What credentials of GetSessionToken may not do, with and without MFA (STS API, GetSessionToken).
WITHOUT_STS = _ALL_BUT.format(_STS)
WITHOUT_IAM = _ALL_BUT.format(f'"iam:*",{_STS}')
# What a federated user may never do (STS API, GetFederationToken). Alone it allows nothing.
WITHOUT_IAM_AND_STS = (
    '{"Version":"2012-10-17","Statement":['
    '{"Effect":"Deny","Action":["iam:*","sts:*"],"Resource":"*"}]}'
)


def _refuse_sessions(principal: Principal, action: str) -> None:
    if principal.kind not in ("root", "user") or principal.is_temporary:
        raise Denied(f"Cannot call {action} with session credentials", code="AccessDenied")


@sts.operation("GetSessionToken", mode="write", secrets=("TokenCode",))
def get_session_token(call: Call, request: Document) -> Document:
    """Temporary credentials of the calling user or root, who has the same policies with them.

    Needs no Allow, but may be denied. They call no other operation of STS than AssumeRole and
    GetCallerIdentity, and none of IAM unless MFA was used; the root's, which last an hour at
    most, are not narrowed (docs/parity.md).

    Raises:
        Denied: The caller has temporary credentials already, or a wrong code.
    """
    principal = call.principal
    _refuse_sessions(principal, "GetSessionToken")
    refuse_unserved(request)
    is_mfa = mfa.given(call, request)
    is_root = principal.kind == "root"
    seconds = int(request.get("DurationSeconds") or USER_SECONDS_DEFAULT)
    narrowed = (WITHOUT_STS if is_mfa else WITHOUT_IAM,)
    made = replace(
        principal,
        access_key_id=ids.unique_id("ASIA"),
        session_policies=() if is_root else narrowed,
        issued_at=call.now,
        expires_at=call.now + (min(seconds, ROOT_SECONDS_MAX) if is_root else seconds),
        is_mfa=is_mfa,
        mfa_at=call.now if is_mfa else None,
    )
    return {"Credentials": minted(call, made)}


def _federated_arn(call: Call, request: Document) -> str:
    partition = call.kernel.settings.partition
    return f"arn:{partition}:sts::{call.account_id}:federated-user/{request['Name']}"


@sts.operation("GetFederationToken", target=_federated_arn)
def get_federation_token(call: Call, request: Document) -> Document:
    """Credentials with what a user's own policies and the given session policy both allow.

    Without a session policy they may do nothing; they may call neither IAM nor STS.

    Raises:
        Denied: The caller is no IAM user with a long-term key.
    """
    principal = call.principal
    _refuse_sessions(principal, "GetFederationToken")
    if principal.kind == "root":
        raise Denied(
            "This server gives federation tokens to IAM users only, not to the root.",
            code="AccessDenied",
        )
    refuse_unserved(request)
    tags = session_tags(principal, request)
    refusal = call.refusal("sts:TagSession", _federated_arn(call, request), tags=tags)
    if tags and refusal is not None:
        raise Denied(refusal, code="AccessDenied")
    policies, policy_arns, packed = session_policies(call, request, tags)
    name = request["Name"]
    made = replace(
        principal,
        kind="federated",
        arn=_federated_arn(call, request),
        role_arn=principal.arn,
        user_name=None,
        session_name=name,
        access_key_id=ids.unique_id("ASIA"),
        session_policies=(*policies, WITHOUT_IAM_AND_STS),
        session_policy_arns=policy_arns,
        session_tags=tags,
        issued_at=call.now,
        expires_at=call.now + int(request.get("DurationSeconds") or USER_SECONDS_DEFAULT),
    )
    answer: Document = {
        "Credentials": minted(call, made),
        "FederatedUser": {"FederatedUserId": made.userid, "Arn": made.arn},
    }
    return answer | ({"PackedPolicySize": packed} if packed else {})

"""AssumeRole: a session of a role, for whom its trust policy and their own policies permit it."""

from __future__ import annotations

from typing import Any

from freehold.auth.principal import Principal
from freehold.base.errors import Denied
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import identity, trust
from freehold.services.sts import mfa
from freehold.services.sts.callers import minted, refuse_reserved, sts
from freehold.services.sts.sessions import (
    about,
    refuse_unserved,
    seconds,
    session_policies,
    session_tags,
    transitive,
)

TAG_SESSION = "sts:TagSession"


@sts.operation("AssumeRole", needs_no_permission=True, mode="write", secrets=("TokenCode",))
def assume_role(call: Call, request: Document) -> Document:
    """A session of a role, if its trust policy and the caller's own policies say so.

    Decided here, since the role's trust policy has a say: first whether, then for how long and
    with what. A role that does not exist is refused like one that does not trust. A write, since
    a code of an MFA device is used up by it.

    Raises:
        Denied: Not trusted, or not permitted, or a wrong code.
        Invalid: A session longer than the role or chaining permits, a malformed session policy.
        LimitExceeded: ``PackedPolicyTooLarge``.
        Unsupported: A member that we do not serve.
    """
    call.resource_arn = request["RoleArn"]
    refuse_reserved(request.get("SourceIdentity"))
    role = call.unit.find(request["RoleArn"])
    tags = session_tags(call.principal, request)
    going_on = transitive(call.principal, request)
    source_identity = _authorize(call, request, role, is_mfa=mfa.given(call, request))
    assert role is not None
    refuse_unserved(request)
    policies, policy_arns, packed = session_policies(call, request, tags)
    principal = identity.role_session(
        role,
        call.account_id,
        request["RoleSessionName"],
        now=call.now,
        seconds=seconds(call.principal, role, request),
        origin=call.principal.origin,
        source_identity=source_identity,
        session_policies=policies,
        session_policy_arns=policy_arns,
        session_tags=tags,
        transitive_tag_keys=going_on,
    )
    return session_answer(call, principal, packed)


def session_answer(call: Call, principal: Principal, packed: int) -> Document:
    """What AssumeRole and its kin answer of a role's session."""
    answer: Document = {
        "Credentials": minted(call, principal),
        "AssumedRoleUser": {"AssumedRoleId": principal.userid, "Arn": principal.arn},
    }
    if packed:
        answer["PackedPolicySize"] = packed
    if principal.source_identity is not None:
        answer["SourceIdentity"] = principal.source_identity
    return answer


def _authorize(call: Call, request: Document, role: Record | None, *, is_mfa: bool) -> str | None:
    """Ask for every action that the request means; gives the session's source identity.

    A source identity or transitive tags that the caller brings along are set on the new session
    as well, so they are asked for as if the request named them.
    """
    principal = call.principal
    if role is None or role.kind != identity.ROLE:
        raise _denied(principal, trust.ASSUME, request["RoleArn"])
    asked = request.get("SourceIdentity")
    if asked is not None and principal.source_identity not in (None, asked):
        raise _denied(principal, trust.SET_SOURCE_IDENTITY, role.arn)
    source_identity: str | None = asked or principal.source_identity
    actions = [trust.ASSUME]
    if request.get("Tags") or principal.transitive_tag_keys:
        actions.append(TAG_SESSION)
    if source_identity is not None:
        actions.append(trust.SET_SOURCE_IDENTITY)
    context: dict[str, Any] = call.access.context(call) | about(request, role)
    if source_identity is not None:
        context["sts:sourceidentity"] = source_identity
    if is_mfa:
        context |= {"aws:multifactorauthpresent": "true", "aws:multifactorauthage": "0"}
    for action in actions:
        decision = trust.ask(call, role, action, context)
        call.decisions.append((action, role.arn, decision))
        if not decision.is_allowed:
            call.refused_context = context
            raise Denied(decision.message(principal.arn, action, role.arn), code="AccessDenied")
    return source_identity


def _denied(principal: Principal, action: str, arn: str) -> Denied:
    return Denied(
        f"User: {principal.arn} is not authorized to perform: {action} on resource: {arn}",
        code="AccessDenied",
    )

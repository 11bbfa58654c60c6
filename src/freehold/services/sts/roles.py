"""AssumeRole: a session of a role, for whom its trust policy and their own policies permit it."""

from __future__ import annotations

from typing import Any

from freehold.auth.principal import Principal
from freehold.base.errors import Denied, Invalid, Unsupported
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import identity, trust
from freehold.policy.context import tag_context
from freehold.services.sts.callers import minted, refuse_mfa, sts
from freehold.services.sts.sessions import session_policies, session_tags, transitive

CHAINED_SECONDS_MAX = 3600  # role chaining (STS API, AssumeRole)


@sts.operation("AssumeRole", needs_no_permission=True)
def assume_role(call: Call, request: Document) -> Document:
    """A session of a role, if its trust policy and the caller's own policies say so.

    Decided here, since the role's trust policy has a say: first whether, then for how long and
    with what. A role that does not exist is refused like one that does not trust.

    Raises:
        Denied: Not trusted, or not permitted.
        Invalid: A session longer than the role or chaining permits, a malformed session policy.
        LimitExceeded: ``PackedPolicyTooLarge``.
    """
    call.resource_arn = request["RoleArn"]
    role = call.unit.find(request["RoleArn"])
    tags = session_tags(call.principal, request)
    source_identity = _authorize(call, request, role)
    assert role is not None
    refuse_mfa(request)
    if request.get("ProvidedContexts"):
        raise Unsupported("ProvidedContexts of AssumeRole are not supported by this server.")
    policies, policy_arns, packed = session_policies(call, request, tags)
    principal = identity.role_session(
        role,
        call.account_id,
        request["RoleSessionName"],
        now=call.now,
        seconds=_seconds(call.principal, role, request),
        origin=call.principal.origin,
        source_identity=source_identity,
        session_policies=policies,
        session_policy_arns=policy_arns,
        session_tags=tags,
        transitive_tag_keys=transitive(call.principal, request),
    )
    answer: Document = {
        "Credentials": minted(call, principal),
        "AssumedRoleUser": {"AssumedRoleId": principal.userid, "Arn": principal.arn},
    }
    if packed:
        answer["PackedPolicySize"] = packed
    if source_identity is not None:
        answer["SourceIdentity"] = source_identity
    return answer


def _authorize(call: Call, request: Document, role: Record | None) -> str | None:
    """Ask for every action that the request means; gives the session's source identity."""
    principal = call.principal
    if role is None or role.kind != identity.ROLE:
        raise _denied(principal, trust.ASSUME, request["RoleArn"])
    actions = [trust.ASSUME]
    if request.get("Tags"):
        actions.append("sts:TagSession")
    asked = request.get("SourceIdentity")
    if asked is not None and principal.source_identity not in (None, asked):
        raise _denied(principal, "sts:SetSourceIdentity", role.arn)
    if asked is not None:
        actions.append("sts:SetSourceIdentity")
    context = call.access.context(call) | _about(request, role)
    for action in actions:
        decision = trust.ask(call, role, action, context)
        if not decision.is_allowed:
            raise Denied(decision.message(principal.arn, action, role.arn), code="AccessDenied")
    return asked or principal.source_identity


def _denied(principal: Principal, action: str, arn: str) -> Denied:
    return Denied(
        f"User: {principal.arn} is not authorized to perform: {action} on resource: {arn}",
        code="AccessDenied",
    )


def _about(request: Document, role: Record) -> dict[str, Any]:
    """Condition keys of AssumeRole; absent where the request says nothing."""
    account = role.arn.split(":")[4]
    about: dict[str, Any] = {
        "sts:rolesessionname": request["RoleSessionName"],
        "aws:resourceaccount": account,
    }
    if "ExternalId" in request:
        about["sts:externalid"] = request["ExternalId"]
    if "SourceIdentity" in request:
        about["sts:sourceidentity"] = request["SourceIdentity"]
    if "DurationSeconds" in request:
        about["sts:durationseconds"] = str(request["DurationSeconds"])
    if request.get("TransitiveTagKeys"):
        about["sts:transitivetagkeys"] = tuple(request["TransitiveTagKeys"])
    if request.get("Tags"):
        about["aws:tagkeys"] = tuple(tag["Key"] for tag in request["Tags"])
        about |= tag_context(
            "aws:RequestTag", ((tag["Key"], tag["Value"]) for tag in request["Tags"])
        )
    about |= tag_context("aws:ResourceTag", role.tags.items())
    about |= tag_context("iam:ResourceTag", role.tags.items())
    return about


def _seconds(principal: Principal, role: Record, request: Document) -> float:
    seconds = int(request.get("DurationSeconds") or identity.SESSION_SECONDS_DEFAULT)
    longest = int(role.document.get("MaxSessionDuration") or identity.SESSION_SECONDS_DEFAULT)
    if principal.kind == "session" and seconds > CHAINED_SECONDS_MAX:
        raise Invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining.",
            code="ValidationError",
        )
    if seconds > longest:
        raise Invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            code="ValidationError",
        )
    return float(seconds)

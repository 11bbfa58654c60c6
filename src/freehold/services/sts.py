"""STS: who am I, and temporary credentials: of a role, of a user, of a federated user.

Nothing is stored: ``kernel/identity.py`` seals everything into the token. Whoever asks from
inside a domain gets a session of the same origin: it cannot be washed off (design decision 5).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from freehold.auth.principal import Principal
from freehold.base import ids
from freehold.base.errors import Denied, Invalid, LimitExceeded
from freehold.kernel import identity, trust
from freehold.kernel.call import Call, Record
from freehold.kernel.operation import Document
from freehold.kernel.service import Service
from freehold.policy import document as policy_document
from freehold.policy.context import tag_context

sts = Service("sts")

CHAINED_SECONDS_MAX = 3600  # role chaining (STS API, AssumeRole)
ROOT_SECONDS_MAX = 3600  # GetSessionToken and GetFederationToken by the root
USER_SECONDS_DEFAULT = 43_200  # GetSessionToken and GetFederationToken by a user
PACKED_MAX = 2048  # characters of session policies and ARNs together (IAM and STS quotas)
SESSION_TAGS_MAX = 50
# What credentials of GetSessionToken may not do without MFA (STS API, GetSessionToken).
WITHOUT_IAM = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},'
    '{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}'
)
NOTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'


@sts.operation("GetCallerIdentity", needs_no_permission=True)
def get_caller_identity(call: Call, _request: Document) -> Document:
    """Who the signature proves; cannot be denied, as on AWS."""
    principal = call.principal
    return {"UserId": principal.userid, "Account": call.account_id, "Arn": principal.arn}


@sts.operation("GetAccessKeyInfo")
def get_access_key_info(call: Call, _request: Document) -> Document:
    """The account of any key id: there is one account here."""
    return {"Account": call.account_id}


# -- AssumeRole -----------------------------------------------------------------------------------


@sts.operation("AssumeRole", needs_no_permission=True)
def assume_role(call: Call, request: Document) -> Document:
    """A session of a role, if its trust policy and the caller's own policies say so.

    Decided here, since the role's trust policy has a say: first whether, then for how long and
    with what. A role that does not exist is refused like one that does not trust.

    Raises:
        Denied: Not trusted, or not permitted; the root never is.
        Invalid: A session longer than the role or chaining permits, a malformed session policy.
        LimitExceeded: ``PackedPolicyTooLarge``.
    """
    call.resource_arn = request["RoleArn"]
    role = call.unit.find(request["RoleArn"])
    tags = _session_tags(call.principal, request)
    source_identity = _authorize(call, request, role, tags)
    assert role is not None
    policies, policy_arns, packed = _session_policies(call, request, tags)
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
        transitive_tag_keys=_transitive(call.principal, request),
    )
    answer: Document = {
        "Credentials": _minted(call, principal),
        "AssumedRoleUser": {"AssumedRoleId": principal.userid, "Arn": principal.arn},
    }
    if packed:
        answer["PackedPolicySize"] = packed
    if source_identity is not None:
        answer["SourceIdentity"] = source_identity
    return answer


def _authorize(
    call: Call, request: Document, role: Record | None, tags: dict[str, str]
) -> str | None:
    """Ask for every action that the request means; gives the session's source identity."""
    principal = call.principal
    if principal.kind == "root":
        raise Denied("Roles may not be assumed by root accounts.", code="AccessDenied")
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
    context = call.access.context(call) | _about(request, role, tags)
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


def _about(request: Document, role: Record, tags: dict[str, str]) -> dict[str, Any]:
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
        about |= tag_context("aws:RequestTag", tags.items())
    about |= tag_context("aws:ResourceTag", role.tags.items())
    about |= tag_context("iam:ResourceTag", role.tags.items())
    return about


def _session_tags(principal: Principal, request: Document) -> dict[str, str]:
    """Tags of the new session: the transitive ones of the calling one, and those asked for.

    Raises:
        Invalid: A key stands twice, is AWS's own, or would replace a transitive one.
    """
    inherited = {
        key: value
        for key, value in principal.session_tags.items()
        if key in principal.transitive_tag_keys
    }
    asked = {tag["Key"]: tag["Value"] for tag in request.get("Tags") or ()}
    folded = [tag["Key"].lower() for tag in request.get("Tags") or ()]
    if len(set(folded)) < len(folded):
        raise Invalid(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            code="InvalidParameterValue",
        )
    if {key.lower() for key in inherited} & set(folded):
        raise Invalid(
            "One of the specified transitive tag keys can't be set because it conflicts with a "
            "transitive tag key from the calling session.",
            code="InvalidParameterValue",
        )
    if any(key.startswith("aws:") for key in folded):
        raise Invalid("Tag keys that begin with aws: are AWS's own.", code="InvalidParameterValue")
    if len(inherited) + len(asked) > SESSION_TAGS_MAX:
        raise Invalid(f"A session may carry {SESSION_TAGS_MAX} tags.", code="ValidationError")
    return inherited | asked


def _transitive(principal: Principal, request: Document) -> tuple[str, ...]:
    asked = tuple(request.get("TransitiveTagKeys") or ())
    if not set(asked) <= {tag["Key"] for tag in request.get("Tags") or ()}:
        raise Invalid(
            "The specified transitive tag key must be included in the requested tags.",
            code="ValidationError",
        )
    return principal.transitive_tag_keys + asked


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


def _session_policies(
    call: Call, request: Document, tags: dict[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """(inline texts, managed ARNs, per cent of the packed size) of a session.

    Raises:
        Invalid: A document is malformed, or an ARN names no managed policy.
        LimitExceeded: Together they are too long.
    """
    texts = tuple(text for text in (request.get("Policy"),) if text)
    arns = tuple(item["arn"] for item in request.get("PolicyArns") or () if item.get("arn"))
    for text in texts:
        policy_document.parse(text, "session")
    for arn in arns:
        policy = call.unit.find(arn)
        if policy is None or policy.kind != identity.POLICY:
            raise Invalid(
                f"Policy {arn} does not exist or is not attachable.", code="InvalidParameterValue"
            )
    policy_characters = sum(map(len, texts)) + sum(map(len, arns))
    if policy_characters > PACKED_MAX:
        raise LimitExceeded(
            "Packed policy consumes "
            f"{_per_cent(policy_characters)}% of allotted space, please use smaller policy.",
            code="PackedPolicyTooLarge",
        )
    tag_characters = sum(len(key) + len(value) for key, value in tags.items())
    return texts, arns, min(100, _per_cent(policy_characters + tag_characters))


def _per_cent(characters: int) -> int:
    return -(-characters * 100 // PACKED_MAX)


def _minted(call: Call, principal: Principal) -> Document:
    made = identity.mint(call.kernel.keyring, principal)
    return {
        "AccessKeyId": made.access_key_id,
        "SecretAccessKey": made.secret_access_key,
        "SessionToken": made.session_token,
        "Expiration": made.expires_at,
    }


# -- users ----------------------------------------------------------------------------------------


def _refuse_sessions(principal: Principal, action: str) -> None:
    if principal.kind not in ("root", "user") or principal.is_temporary:
        raise Denied(f"Cannot call {action} with session credentials", code="AccessDenied")


def _refuse_mfa(request: Document) -> None:
    if request.get("SerialNumber") or request.get("TokenCode"):
        raise Denied(
            "MultiFactorAuthentication failed: this server knows no MFA devices.",
            code="AccessDenied",
        )


@sts.operation("GetSessionToken", needs_no_permission=True)
def get_session_token(call: Call, request: Document) -> Document:
    """Temporary credentials of the calling user or root, who has the same policies with them.

    Without MFA they may not call IAM. An hour at most for the root.

    Raises:
        Denied: The caller has temporary credentials already.
    """
    principal = call.principal
    _refuse_sessions(principal, "GetSessionToken")
    _refuse_mfa(request)
    is_root = principal.kind == "root"
    seconds = int(request.get("DurationSeconds") or USER_SECONDS_DEFAULT)
    made = replace(
        principal,
        access_key_id=ids.unique_id("ASIA"),
        session_policies=() if is_root else (WITHOUT_IAM,),
        issued_at=call.now,
        expires_at=call.now + (min(seconds, ROOT_SECONDS_MAX) if is_root else seconds),
        origin=principal.origin,
    )
    return {"Credentials": _minted(call, made)}


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
    tags = _session_tags(principal, request)
    refusal = call.refusal("sts:TagSession", _federated_arn(call, request), tags=tags)
    if tags and refusal is not None:
        raise Denied(refusal, code="AccessDenied")
    policies, policy_arns, packed = _session_policies(call, request, tags)
    name = request["Name"]
    made = replace(
        principal,
        kind="federated",
        arn=_federated_arn(call, request),
        role_arn=principal.arn,
        user_name=None,
        session_name=name,
        access_key_id=ids.unique_id("ASIA"),
        session_policies=policies or (() if policy_arns else (NOTHING,)),
        session_policy_arns=policy_arns,
        session_tags=tags,
        issued_at=call.now,
        expires_at=call.now + int(request.get("DurationSeconds") or USER_SECONDS_DEFAULT),
        origin=principal.origin,
    )
    answer: Document = {
        "Credentials": _minted(call, made),
        "FederatedUser": {"FederatedUserId": made.userid, "Arn": made.arn},
    }
    return answer | ({"PackedPolicySize": packed} if packed else {})

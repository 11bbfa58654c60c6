"""AssumeRoleWithWebIdentity: a session of a role for whom a configured OIDC issuer vouches.

Unsigned, as on AWS: the token says who calls. Until it is proven the caller is nobody, and every
refusal is kept within the bounds of strangers. Runs on a thread that may wait for the issuer.
"""

from __future__ import annotations

from typing import Any

from freehold.auth import web_identity
from freehold.auth.principal import Principal
from freehold.auth.web_identity import Claimed, WebIdentity
from freehold.base.errors import Denied, Fault, Invalid
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import identity, trust
from freehold.services.sts import issuers
from freehold.services.sts.callers import refuse_reserved, sts
from freehold.services.sts.roles import TAG_SESSION, session_answer
from freehold.services.sts.sessions import (
    about,
    refuse_unserved,
    seconds,
    session_policies,
    session_tags,
    transitive,
)
from freehold.spec.check import check

# What a trust policy may ask of a caller who has no identity of ours yet.
OF_THE_REQUEST = (
    "aws:currenttime",
    "aws:epochtime",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:sourceip",
    "aws:useragent",
    "aws:viaawsservice",
)


@sts.operation(
    "AssumeRoleWithWebIdentity",
    needs_no_permission=True,
    mode="slow",
    secrets=("WebIdentityToken",),
)
def assume_role_with_web_identity(call: Call, request: Document) -> Document:
    """A session of a role whose trust policy believes the issuer of the token.

    Asked from inside a domain, the session has the origin of the sandbox or of the session that
    signed the call: it cannot be washed off.

    Raises:
        Invalid: ``InvalidIdentityToken``, ``ExpiredTokenException`` or ``IDPCommunicationError``;
            a session longer than the role permits, a malformed session policy.
        Denied: ``IDPRejectedClaim``, or ``AccessDenied``: the role does not trust, or is not there.
        LimitExceeded: ``PackedPolicyTooLarge``.
    """
    call.resource_arn = request["RoleArn"]
    refuse_unserved(request)
    origin = call.principal.origin
    claimed = web_identity.read(request["WebIdentityToken"])
    provider = _provider(call, claimed)
    caller = _proven(call, request["WebIdentityToken"], claimed, provider)
    call.principal = Principal(
        kind="provider",
        arn=f"{provider.arn}:{caller.audience}:{caller.subject}",  # as CloudTrail names it
        account_id="",
        unique_id=provider.arn,
        access_key_id="",
        federated_provider=provider.arn,
        origin=origin,
    )
    asked = request | _of_claims(caller)
    tags, going_on = _tags(call.principal, asked)
    role = _authorize(call, asked, provider, caller)
    policies, policy_arns, packed = session_policies(call, request, tags)
    principal = identity.role_session(
        role,
        call.account_id,
        request["RoleSessionName"],
        now=call.now,
        seconds=seconds(call.principal, role, request),
        origin=origin,
        source_identity=caller.source_identity,
        session_policies=policies,
        session_policy_arns=policy_arns,
        session_tags=tags,
        transitive_tag_keys=going_on,
        federated_provider=provider.arn,
    )
    return session_answer(call, principal, packed) | {
        "SubjectFromWebIdentityToken": caller.subject,
        "Audience": caller.audience,
        "Provider": caller.issuer,
    }


def _provider(call: Call, claimed: Claimed) -> Record:
    """The identity provider that an administrator configured for a token's issuer."""
    scheme, _, rest = claimed.issuer.partition("://")
    partition = call.kernel.settings.partition
    arn = f"arn:{partition}:iam::{call.account_id}:oidc-provider/{rest}"
    record = call.unit.find(arn) if rest and len(rest) <= 255 else None
    if record is None or record.kind != trust.OIDC_PROVIDER or scheme != record.document["_Scheme"]:
        raise web_identity.invalid(
            f"No OpenIDConnect provider found in your account for {claimed.issuer[:255]}"
        )
    return record


def _proven(call: Call, token: str, claimed: Claimed, provider: Record) -> WebIdentity:
    """Who calls. The claims come first, so that no stranger makes us fetch keys for nothing."""
    document = provider.document
    caller = web_identity.identity(claimed, document["ClientIDList"], call.now)
    thumbprints = tuple(sorted(document["ThumbprintList"]))
    known = issuers.of(call.kernel).keys(claimed, thumbprints, call.now)
    web_identity.prove(token, claimed, known)
    return caller


def _of_claims(caller: WebIdentity) -> Document:
    """What the claims ask for, as AssumeRole's request would spell it."""
    asked: Document = {}
    if caller.tags:
        asked["Tags"] = [{"Key": key, "Value": value} for key, value in caller.tags.items()]
        asked["TransitiveTagKeys"] = list(caller.transitive)
    if caller.source_identity is not None:
        asked["SourceIdentity"] = caller.source_identity
    return asked


def _tags(caller: Principal, asked: Document) -> tuple[dict[str, str], tuple[str, ...]]:
    try:
        refuse_reserved(asked.get("SourceIdentity"))
        _check_form(asked)
        return session_tags(caller, asked), transitive(caller, asked)
    except Invalid as fault:
        raise web_identity.invalid(f"The ID Token's claims are refused: {fault.message}") from None


def _check_form(asked: Document) -> None:
    """Claims keep to the model's own rules for AssumeRole's members."""
    wanted = {name: asked[name] for name in ("Tags", "SourceIdentity") if asked.get(name)}
    call = {"RoleArn": "arn:aws:iam::000000000000:role/x", "RoleSessionName": "xx"} | wanted
    check(sts.model.operations["AssumeRole"], call)


def _authorize(call: Call, asked: Document, provider: Record, caller: WebIdentity) -> Record:
    """The role, if its trust policy lets this caller in, with these tags and source identity."""
    role = call.unit.find(asked["RoleArn"])
    if role is None or role.kind != identity.ROLE:
        raise _refused(trust.ASSUME_BY_PROVIDER)
    every = call.access.context(call)
    context: dict[str, Any] = {key: every[key] for key in OF_THE_REQUEST if key in every}
    context |= about(asked, role)
    head = provider.document["Url"].lower()
    context |= {f"{head}:aud": caller.audience, f"{head}:sub": caller.subject}
    if caller.amr:
        context[f"{head}:amr"] = caller.amr
    context["aws:federatedprovider"] = provider.arn
    actions = [trust.ASSUME_BY_PROVIDER]
    actions += [TAG_SESSION] if caller.tags else []
    actions += [] if caller.source_identity is None else [trust.SET_SOURCE_IDENTITY]
    for action in actions:
        decision = trust.ask_provider(call.unit, role, action, provider.arn, context)
        call.decisions.append((action, role.arn, decision))
        if not decision.is_allowed:
            call.refused_context = context
            raise _refused(action)
    return role


def _refused(action: str) -> Fault:
    return Denied(f"Not authorized to perform {action}", code="AccessDenied")

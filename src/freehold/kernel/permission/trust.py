"""Who may become a role: its trust policy, bound to those whom it named when it was written.

``services/iam`` binds and keeps, ``services/sts`` asks for callers, and whoever starts work
under an execution role asks for AWS's services. A user or role that was deleted and made anew
under the same name is not the principal that the policy named (iam-evaluation.md section 3.5).
"""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from typing import TYPE_CHECKING, Any

from freehold.base.errors import Invalid
from freehold.kernel.permission import identity
from freehold.policy.compile import Compiled, compile_stored
from freehold.policy.decision import Decision
from freehold.policy.document import CODE, PolicyKind, parse
from freehold.policy.evaluate import Attached, Layers, Request, decide
from freehold.store.records import Page, Record
from freehold.store.unit import Unit

if TYPE_CHECKING:
    from freehold.kernel.call import Call

BOUND = "_TrustIds"  # ARN in a trust policy -> unique id of whom it meant
ASSUME = "sts:AssumeRole"
SET_SOURCE_IDENTITY = "sts:SetSourceIdentity"
ASSUME_BY_PROVIDER = "sts:AssumeRoleWithWebIdentity"
OIDC_PROVIDER = "iam:oidc-provider"
COMPILED_MAX = 4096
_ENTITY = re.compile(r"arn:[a-z\-]+:iam::([0-9]{12}):(?:user|role)/")
_SESSION = re.compile(r"arn:[a-z\-]+:sts::([0-9]{12}):assumed-role/([^/]+)/")
_UNIQUE_ID = re.compile(r"A[A-Z0-9]{15,127}\Z")
_PROVIDER = re.compile(
    r"(?:arn:[a-z\-]+:iam::[0-9]{12}:(?:saml|oidc)-provider/[!-~]+|[A-Za-z0-9.\-]+\.[a-z]+)\Z"
)
_SERVICE = re.compile(r"[a-z0-9][a-z0-9.\-]*\.(?:amazonaws\.com(?:\.cn)?|aws\.internal)\Z")


# -- writing a trust policy ---------------------------------------------------------------------


def bind(call: Call, text: str, kind: PolicyKind = "trust") -> dict[str, str]:
    """The unique ids of the users and roles of this account that a policy names.

    Raises:
        Invalid: ``MalformedPolicyDocument``: it does not parse, or names nobody we know.
    """
    bound: dict[str, str] = {}
    for statement in parse(text, kind).statements:
        for type_, value in statement.principals.named if statement.principals else ():
            if type_ == "AWS":
                uid = _unique_id(call, value)
                if uid is not None:
                    bound[value] = uid
            elif type_ == "Service" and not _SERVICE.match(value):
                raise _unknown("SERVICE", value)
            elif type_ == "Federated" and not _PROVIDER.match(value):
                raise Invalid(
                    "Federated principals must be valid domain names or SAML metadata ARNs",
                    code=CODE,
                )
    return bound


def _unique_id(call: Call, principal: str) -> str | None:
    """Whom ``principal`` means now; None for accounts, and for what is not of this account."""
    if _UNIQUE_ID.match(principal):
        if not _has(call, principal):
            raise _unknown("AWS", principal)
        return None
    named = _ENTITY.match(principal) or _SESSION.match(principal)
    if named is None or named[1] != call.account_id:
        return None
    record = _holder(call.unit, principal)
    if record is None:
        raise _unknown("AWS", principal)
    return record.uid


def _holder(unit: Unit, principal: str) -> Record | None:
    """The user or role behind an ARN in a trust policy; of a session, its role."""
    session = _SESSION.match(principal)
    if session is not None:
        return unit.named(identity.ROLE, session[2])
    record = unit.find(principal)
    return record if record and record.kind in (identity.USER, identity.ROLE) else None


def _has(call: Call, uid: str) -> bool:
    """Whether a user or role with this unique id lives. Ids are not indexed: this reads all."""
    return any(
        record.uid == uid
        for kind in (identity.USER, identity.ROLE)
        for record in call.unit.records(Page(kind, limit=100_000))
    )


def _unknown(type_: str, value: str) -> Invalid:
    return Invalid(f'Invalid principal in policy: "{type_}":"{value}"', code=CODE)


# -- reading it -----------------------------------------------------------------------------------


def stale(unit: Unit, role: Record) -> dict[str, str]:
    """What the role's trust policy names and is no more: ARN to the unique id that was meant."""
    found: dict[str, str] = {}
    for principal, uid in role.document.get(BOUND, {}).items():
        record = _holder(unit, principal)
        if record is None or record.uid != uid:
            found[principal] = uid
    return found


def text(unit: Unit, role: Record) -> str:
    """The trust policy as it was sent; whoever is no more stands there by unique id, as on AWS."""
    known: str = role.document[identity.TRUST]
    gone = stale(unit, role)
    if not gone:
        return known
    document = json.loads(known)
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        for element in ("Principal", "NotPrincipal"):
            principals = statement.get(element)
            if isinstance(principals, dict) and "AWS" in principals:
                principals["AWS"] = _by_id(principals["AWS"], gone)
    return json.dumps(document)


def _by_id(named: Any, gone: dict[str, str]) -> Any:
    if isinstance(named, str):
        return gone.get(named, named)
    return [gone.get(name, name) for name in named]


@functools.lru_cache(maxsize=COMPILED_MAX)
def _compiled(document: str, bound: tuple[tuple[str, str], ...]) -> Compiled:
    return compile_stored(document, "trust", dict(bound))


def meant(unit: Unit, record: Record) -> dict[str, str]:
    """What must be matched by unique id: ARNs in the record's policy, and whom they meant."""
    bound = {
        principal: uid
        for principal, uid in record.document.get(BOUND, {}).items()
        if not _SESSION.match(principal)
    }
    return bound | stale(unit, record)


def layer(unit: Unit, role: Record) -> Attached:
    """A role's trust policy as the policy of the resource that is asked for.

    Users and roles match by unique id. A session matches by its ARN while its role is the one
    that was meant; else it matches nobody.
    """
    compiled = _compiled(role.document[identity.TRUST], tuple(sorted(meant(unit, role).items())))
    return Attached(name=role.name, arn=role.arn, kind="trust", compiled=compiled)


# -- questions ------------------------------------------------------------------------------------


def ask(call: Call, role: Record, action: str, context: dict[str, Any]) -> Decision:
    """Whether the caller may do an STS action on ``role``: its trust and the caller's policies.

    ``context`` is complete: the keys that every call has, and those of the call.
    """
    principal, guard = call.principal, layer(call.unit, role)
    if principal.kind == "root":
        # Where we part from AWS (docs/parity.md): the install's root is its only administrator
        # at first, so it may take a role whose trust names the account, like a user with all.
        root = Attached("root", None, "identity", _compiled_all())
        asked = dataclasses.replace(principal, kind="user")
        layers = Layers(identity=(root,), resource=guard)
        return call.access.ask(asked, layers, action, role.arn, context)
    layers = call.access.layers(call.unit, principal)
    return call.access.ask(principal, layers._replace(resource=guard), action, role.arn, context)


def ask_provider(
    unit: Unit, role: Record, action: str, provider: str, context: dict[str, Any]
) -> Decision:
    """Whether whom an identity provider vouches for may do an STS action on ``role``.

    Only the trust policy is asked: they have no policies of their own. ``provider`` is the ARN.
    """
    request = Request(
        principal_arn=provider,
        caller_arn=provider,
        principal_kind="provider",
        principal_account="",
        action=action,
        resource=role.arn,
        resource_account=role.arn.split(":")[4],
        context=context,
    )
    return decide(request, Layers(resource=layer(unit, role)))


@functools.cache
def _compiled_all() -> Compiled:
    statement = '{"Effect": "Allow", "Action": "*", "Resource": "*"}'
    return compile_stored(f'{{"Version": "2012-10-17", "Statement": [{statement}]}}', "identity")


def may_assume(
    unit: Unit,
    role: Record,
    service: str,
    *,
    source_identity: str | None = None,
    source_arn: str | None = None,
) -> bool:
    """Whether AWS's service, such as ``sagemaker.amazonaws.com``, may act under ``role``.

    With ``source_identity``: whether it may also set that one on the session. ``source_arn``: the
    thing on whose behalf it acts (``aws:SourceArn``).
    """
    if source_identity is not None and not may_assume(unit, role, service):
        return False
    context = {} if source_identity is None else {"sts:sourceidentity": source_identity}
    if source_arn is not None:
        context["aws:sourcearn"] = source_arn
    account = role.arn.split(":")[4]
    request = Request(
        principal_arn=service,
        caller_arn=service,
        principal_kind="service",
        principal_account="",
        action=ASSUME if source_identity is None else SET_SOURCE_IDENTITY,
        resource=role.arn,
        resource_account=account,
        context=context | {"aws:sourceaccount": account, "aws:principalisawsservice": "true"},
    )
    return decide(request, Layers(resource=layer(unit, role))).is_allowed

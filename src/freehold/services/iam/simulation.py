"""Simulation: what the policies that bind a user or role would say, without doing anything.

The SageMaker SDK asks this of a role before it uses it. Decided by the engine that decides
real calls, over the context that the caller gives.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from freehold.auth.principal import Principal
from freehold.base.errors import Invalid, NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import identity
from freehold.policy.compile import compile_policy
from freehold.policy.document import PolicyKind, parse
from freehold.policy.evaluate import Attached, Layers
from freehold.services.iam.entities import iam, limit_of, page

DECISIONS = {"allow": "allowed", "explicitDeny": "explicitDeny", "implicitDeny": "implicitDeny"}
LISTS = frozenset({"stringList", "numericList", "booleanList", "ipList", "binaryList", "dateList"})
UNTAKEN = (
    "ResourcePolicy",
    "ResourceOwner",
    "ResourceHandlingOption",
    "PolicyExclusionList",
    "OrderedOrganizationPolicyInputList",
)


def _source(_call: Call, request: Document) -> str:
    return str(request["PolicySourceArn"])


def _principal(call: Call, record: Record) -> Principal:
    if record.kind == identity.USER:
        return identity.user(record, call.account_id, "simulated")
    session = identity.role_session(record, call.account_id, "simulation", now=call.now)
    return dataclasses.replace(session, access_key_id="simulated", arn=record.arn)


def _given(texts: list[str], kind: PolicyKind) -> tuple[Attached, ...]:
    return tuple(
        Attached(f"PolicyInputList.{n}", None, kind, compile_policy(parse(text, kind)))
        for n, text in enumerate(texts, 1)
    )


def _context(entries: list[Document]) -> dict[str, str | tuple[str, ...]]:
    context: dict[str, str | tuple[str, ...]] = {}
    for entry in entries:
        values = tuple(entry.get("ContextKeyValues", ()))
        if entry.get("ContextKeyType") in LISTS:
            context[entry["ContextKeyName"].lower()] = values
        elif values:
            context[entry["ContextKeyName"].lower()] = values[0]
    return context


def _refuse_untaken(request: Document) -> None:
    for member in UNTAKEN:
        if request.get(member):
            raise Invalid(
                f"{member} is not supported by this server's simulation: leave it out.",
                code="InvalidInput",
            )


def _results(
    call: Call,
    principal: Principal,
    layers: Layers,
    request: Document,
    base: dict[str, Any],
) -> Document:
    pairs = [
        (action, resource)
        for action in request["ActionNames"]
        for resource in request.get("ResourceArns") or ["*"]
    ]
    found, marker = lists.page_of(pairs, limit_of(request), request.get("Marker"))
    results: list[Document] = []
    context = base | _context(request.get("ContextEntries", []))
    for action, resource in found:
        decision = call.access.ask(principal, layers, action, resource, context)
        result: Document = {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": DECISIONS[decision.effect],
            "MatchedStatements": [],
            "MissingContextValues": [],
        }
        if decision.policy is not None:
            result["MatchedStatements"] = [{"SourcePolicyId": decision.policy}]
        if layers.boundary is not None:
            result["PermissionsBoundaryDecisionDetail"] = {
                "AllowedByPermissionsBoundary": "boundary" not in decision.missing
                and decision.layer != "boundary"
            }
        results.append(result)
    return page("EvaluationResults", results, marker)


@iam.operation("SimulatePrincipalPolicy", mode="slow", target=_source)
def simulate_principal_policy(call: Call, request: Document) -> Document:
    """What a user's or role's policies say of each action on each resource.

    Raises:
        NotFound: There is no such user or role.
        Invalid: A member that we do not take, or a malformed further policy.
    """
    _refuse_untaken(request)
    arn = request["PolicySourceArn"]
    record = call.unit.find(arn)
    if record is None or record.kind not in (identity.USER, identity.ROLE):
        raise NotFound(f"The entity {arn} cannot be found.", code="NoSuchEntity")
    principal = _principal(call, record)
    layers = call.access.layers(call.unit, principal)
    extra = _given(request.get("PolicyInputList", []), "identity")
    bounds = _given(request.get("PermissionsBoundaryPolicyInputList", []), "boundary")
    layers = layers._replace(
        identity=layers.identity + extra, boundary=bounds[0] if bounds else layers.boundary
    )
    base: dict[str, Any] = {
        "aws:principalarn": record.arn,
        "aws:principalaccount": call.account_id,
        "aws:principaltype": principal.type,
        "aws:userid": principal.userid,
    }
    if principal.user_name:
        base["aws:username"] = principal.user_name
    return _results(call, principal, layers, request, base)


@iam.operation("SimulateCustomPolicy", mode="slow")
def simulate_custom_policy(call: Call, request: Document) -> Document:
    """What policies that are only given, not kept, say of each action on each resource."""
    _refuse_untaken(request)
    bounds = _given(request.get("PermissionsBoundaryPolicyInputList", []), "boundary")
    layers = Layers(
        identity=_given(request["PolicyInputList"], "identity"),
        boundary=bounds[0] if bounds else None,
    )
    principal = Principal(
        kind="user",
        arn=request.get("CallerArn") or identity.root_arn(call.kernel.settings),
        account_id=call.account_id,
        unique_id="simulated",
        access_key_id="simulated",
    )
    return _results(call, principal, layers, request, {})

"""From a request for a simulation to its scene: who asks, under which policies, what is known.

Source: IAM API reference, SimulatePrincipalPolicy and SimulateCustomPolicy, ContextEntry.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from freehold.base.errors import Invalid, NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import identity
from freehold.kernel.permission.context import Context
from freehold.policy import values
from freehold.policy.context import tag_context
from freehold.services.iam.simulation import sources
from freehold.services.iam.simulation.sources import Source
from freehold.services.iam.simulation.verdict import Scene

UNTAKEN = ("ResourceHandlingOption", "OrderedOrganizationPolicyInputList")
SESSION = "simulation"  # of a role that is simulated: it asks as one of its sessions
_ACTION = re.compile(r"[A-Za-z0-9\-]+:[A-Za-z0-9]+\Z")
_ACCOUNT = re.compile(r"(?:arn:[a-z\-]+:iam::)?([0-9]{12})(?::root)?\Z")
_USER = re.compile(r"arn:[a-z\-]+:iam::([0-9]{12}):user/.")
_READ: dict[str, Callable[[str], Any]] = {
    "string": lambda text: text,
    "numeric": values.number,
    "boolean": values.truth,
    "ip": values.network,
    "binary": values.octets,
    "date": values.instant,
}


def _refused(message: str) -> Invalid:
    return Invalid(message, code="InvalidInput")


# -- the two kinds of scenes ----------------------------------------------------------------------


def of_principal(call: Call, request: Document) -> Scene:
    """The scene of a user, group or role with its own policies and those given besides.

    Raises:
        NotFound: ``NoSuchEntity``.
        Invalid: ``InvalidInput``.
    """
    _refuse_untaken(request)
    holder = entity(call, request["PolicySourceArn"])
    excluded = request.get("PolicyExclusionList", [])
    found = sources.without(sources.of_holder(call, holder), excluded)
    found += sources.given(request.get("PolicyInputList", []), "identity")
    arn = request.get("CallerArn")
    if arn is None and holder.kind != identity.USER and request.get("ResourcePolicy"):
        raise _refused("CallerArn is required with ResourcePolicy when the source is not a user.")
    caller = holder if arn is None else _caller(call, arn)
    return _scene(call, request, found, caller, arn or holder.arn, _boundary(call, holder, request))


def of_given(call: Call, request: Document) -> Scene:
    """The scene of policies that only the request brings.

    Raises:
        Invalid: ``InvalidInput``.
    """
    _refuse_untaken(request)
    found = sources.given(request["PolicyInputList"], "identity")
    arn = request.get("CallerArn")
    if arn is None and request.get("ResourcePolicy"):
        raise _refused("CallerArn is required with ResourcePolicy.")
    caller = None if arn is None else _caller(call, arn)
    return _scene(call, request, found, caller, arn or "", _given_boundary(request))


def entity(call: Call, arn: str) -> Record:
    """The user, group or role of a ``PolicySourceArn``.

    Raises:
        NotFound: ``NoSuchEntity``.
        Invalid: ``InvalidInput``: it is the ARN of something else.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[5].partition("/")[0] not in ("user", "group", "role"):
        raise _refused(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    record = call.unit.find(arn)
    if record is None or record.kind not in sources.NOUNS:
        raise NotFound(f"The entity {arn} cannot be found.", code="NoSuchEntity")
    return record


def _caller(call: Call, arn: str) -> Record | None:
    """Who is to be the caller: a user, ours or of another account (then nothing is known)."""
    named = _USER.match(arn)
    if named is None:
        raise _refused(f"CallerArn must be the ARN of an IAM user: {arn}")
    record = call.unit.find(arn)
    if record is None and named[1] == call.account_id:
        raise NotFound(f"The user {arn} cannot be found.", code="NoSuchEntity")
    return record


def _scene(
    call: Call,
    request: Document,
    found: list[Source],
    caller: Record | None,
    arn: str,
    boundary: Source | None,
) -> Scene:
    account = arn.split(":")[4] if arn else call.account_id
    is_role = caller is not None and caller.kind == identity.ROLE
    resource = request.get("ResourcePolicy")
    context = _of_caller(caller, arn, account) | _given_context(request.get("ContextEntries", []))
    return Scene(
        caller_arn=arn,
        caller_kind="role" if is_role else "user",
        account=account,
        owner=_owner(request) or account,
        context=context,
        identity=found,
        boundary=boundary,
        resource=sources.given([resource], "resource", "ResourcePolicy")[0] if resource else None,
    )


def _owner(request: Document) -> str | None:
    owner = request.get("ResourceOwner")
    if not owner:
        return None
    found = _ACCOUNT.match(owner)
    if found is None:
        raise _refused(f"ResourceOwner must be an account: {owner}")
    return found[1]


def _boundary(call: Call, holder: Record, request: Document) -> Source | None:
    """The boundary given instead of the holder's own, or that one unless it is taken out."""
    given = _given_boundary(request)
    arn = holder.document.get(identity.BOUNDARY)
    if given is not None or arn is None:
        return given
    for entry in request.get("PolicyExclusionList", []):
        is_boundary = entry.get("PolicyType", "permission-boundary") == "permission-boundary"
        is_named = entry.get("PolicyArn", arn) == arn
        if is_boundary and is_named and "InlinePolicyIdentifier" not in entry:
            return None
    return next(sources.managed(call, arn, "boundary"), None)


def _given_boundary(request: Document) -> Source | None:
    texts = request.get("PermissionsBoundaryPolicyInputList") or []
    if len(texts) > 1:
        raise _refused("PermissionsBoundaryPolicyInputList may hold one policy.")
    found = sources.given(texts, "boundary", "PermissionsBoundaryPolicyInputList")
    return found[0] if found else None


def _refuse_untaken(request: Document) -> None:
    for member in UNTAKEN:
        if request.get(member):
            raise _refused(f"{member} is not supported by this server's simulation: leave it out.")


# -- what is known --------------------------------------------------------------------------------


def _of_caller(caller: Record | None, arn: str, account: str) -> Context:
    """The keys that come with a caller; a group has none but its account."""
    context: Context = {"aws:principalaccount": account}
    if not arn:
        return {}
    if caller is not None and caller.kind == identity.GROUP:
        return context
    context["aws:principalarn"] = arn
    context["aws:principaltype"] = "User"
    if caller is None:
        return context | {"aws:username": arn.rsplit("/", 1)[-1]}
    context["aws:userid"] = caller.uid
    if caller.kind == identity.USER:
        context["aws:username"] = caller.name
    else:
        context["aws:principaltype"] = "AssumedRole"
        context["aws:userid"] = f"{caller.uid}:{SESSION}"
    return context | tag_context("aws:PrincipalTag", caller.tags.items())


def _given_context(entries: list[Document]) -> Context:
    """``ContextEntries``: each value must be of the type that is said.

    Raises:
        Invalid: ``InvalidInput``.
    """
    context: Context = {}
    for entry in entries:
        name, type_ = entry.get("ContextKeyName"), entry.get("ContextKeyType")
        texts = tuple(entry.get("ContextKeyValues") or ())
        if not name or not type_:
            raise _refused("A context entry needs ContextKeyName and ContextKeyType.")
        read = _READ.get(type_.removesuffix("List"))
        if read is None:
            raise _refused(f"Invalid ContextKeyType {type_} of the context key {name}.")
        if any(read(text) is None for text in texts):
            raise _refused(f"A value of the context key {name} is not of the type {type_}.")
        if type_.endswith("List"):
            context[name.lower()] = texts
        elif len(texts) > 1:
            raise _refused(f"The context key {name} of type {type_} has more than one value.")
        elif texts:
            context[name.lower()] = texts[0]
    return context


# -- what is asked --------------------------------------------------------------------------------


def actions(request: Document) -> list[str]:
    """``ActionNames``: whole names, no patterns.

    Raises:
        Invalid: ``InvalidInput``.
    """
    for action in request["ActionNames"]:
        if not _ACTION.match(action):
            raise _refused(f"Invalid Action: {action}")
    return list(request["ActionNames"])


def resources(request: Document) -> list[str]:
    """``ResourceArns``, each once; none where all resources are meant.

    Raises:
        Invalid: ``InvalidInput``: one is no ARN.
    """
    found = list(dict.fromkeys(request.get("ResourceArns") or ()))
    for arn in found:
        if arn != "*" and not (arn.startswith("arn:") and arn.count(":") >= 5):
            raise _refused(f'Invalid ResourceArn: {arn} must be in ARN format or "*".')
    return [] if found == ["*"] else found

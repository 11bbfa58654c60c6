"""The request context: the condition keys of a call, from who asks, how, and on what.

Called by ``access.py`` for each question; nothing here decides. A key that does not apply is
absent, never empty. Source: iam-evaluation.md section 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from freehold.auth.principal import Principal
from freehold.base.clock import iso
from freehold.kernel.declare import facts
from freehold.kernel.declare.operation import dig
from freehold.policy.context import Clash, tag_context
from freehold.store.records import Record

if TYPE_CHECKING:
    from freehold.kernel.call import Call
    from freehold.kernel.declare.resource import Resource

Context = dict[str, str | tuple[str, ...]]


def of_caller(principal: Principal, tags: dict[str, str]) -> Context:
    """The keys that are the same in all calls of one caller, who bears ``tags`` in IAM."""
    context: Context = {
        "aws:principalarn": principal.principal_arn,
        "aws:principalaccount": principal.account_id,
        "aws:principaltype": principal.type,
        "aws:userid": principal.userid,
    }
    if principal.user_name is not None:
        context["aws:username"] = principal.user_name
    if principal.issued_at is not None:
        context["aws:tokenissuetime"] = iso(principal.issued_at)
        context["aws:multifactorauthpresent"] = "true" if principal.is_mfa else "false"
    if principal.federated_provider is not None:
        context["aws:federatedprovider"] = principal.federated_provider
    if principal.source_identity is not None:
        context["aws:sourceidentity"] = principal.source_identity
    given = {key.lower() for key in principal.session_tags}  # they replace those of the role
    tags = {key: value for key, value in tags.items() if key.lower() not in given}
    tags |= principal.session_tags
    context.update(tag_context("aws:PrincipalTag", tags.items()))
    origin = principal.origin
    if origin is not None:
        context["sagemaker:domainid"] = origin.domain_id
        if origin.kind == "user-profile":
            context["sagemaker:userprofilename"] = origin.name
        elif origin.owner_arn and origin.sharing == "Private":
            context["sagemaker:userprofilename"] = origin.owner_arn.rsplit("/", 1)[-1]
    return context


def of_call(call: Call, caller: Context | None) -> Context:
    """The keys that every call has. ``caller``: the keys of who calls, where they are known."""
    context = of_caller(call.principal, {}) if caller is None else caller.copy()
    context["aws:currenttime"] = iso(call.now)
    context["aws:epochtime"] = str(int(call.now))
    context["aws:requestedregion"] = call.region
    context["aws:securetransport"] = "true" if call.transport_is_secure else "false"
    context["aws:viaawsservice"] = "false"
    if call.principal.mfa_at is not None:
        context["aws:multifactorauthage"] = str(max(0, int(call.now - call.principal.mfa_at)))
    if call.source_ip:
        context["aws:sourceip"] = call.source_ip
    if call.user_agent:
        context["aws:useragent"] = call.user_agent
    return context


def of_resource(call: Call, base: Context, arn: str) -> Context:
    """The keys of a call on one of its resources."""
    context, operation = base.copy(), call.operation
    is_at_hand = arn == call.resource_arn and (call.record or operation.makes_its_target)
    record = call.record if is_at_hand else call.unit.find(arn)
    is_made = operation.is_create and (record is None or _is_of(operation.resource, record))
    if record is not None and not is_made:
        add_resource(context, operation.service.prefix, record)
        context |= _own(call, record, operation.action)
    if call.request_tags and (is_made or not operation.is_create):
        add_tags(context, call.request_tags)
    elif "TagKeys" in call.request:
        context["aws:tagkeys"] = tuple(call.request["TagKeys"])
    for key, source, is_list in operation.readers():
        if callable(source):
            value = source(call, call.request)
            if isinstance(value, dict):  # keys that the request itself names
                context |= folded(key, value)
                continue
        else:
            found = dig(call.request, source)
            value = found[0] if len(found) == 1 and not is_list else tuple(found)
        if value not in (None, (), [], ""):
            context[key] = _text(value)
    return context


def _is_of(resource: Resource | None, record: Record) -> bool:
    return resource is None or resource.kind == record.kind


def _own(call: Call, record: Record, action: str) -> Context:
    """The keys that its kind declares for every thing, as far as AWS gives them to the action."""
    declared = call.kernel.registry.resource(record.kind)
    if declared is None or declared.own_keys is None:
        return {}
    listed = facts.keys_of(action) or frozenset()
    own = declared.own_keys(record).items()
    return {key.lower(): value for key, value in own if key.lower() in listed}


class Bearer(Protocol):
    """Anything with an ARN and tags: a record, or what one would be."""

    @property
    def arn(self) -> str:
        """Its ARN."""
        ...

    @property
    def tags(self) -> Mapping[str, str]:
        """All its tags."""
        ...


def add_resource(context: Context, prefix: str, record: Bearer) -> None:
    """The keys of what is there already; ``prefix`` is the service's own."""
    context["aws:resourceaccount"] = record.arn.split(":")[4]
    for name, value in tag_context("aws:ResourceTag", record.tags.items()).items():
        context[name] = value
        context[f"{prefix}{name[3:]}"] = value  # behind "aws": the service's own spelling


def add_tags(context: Context, tags: dict[str, str]) -> None:
    """The keys of tags that the request brings."""
    context["aws:tagkeys"] = tuple(tags)
    context.update(tag_context("aws:RequestTag", tags.items()))


def folded(prefix: str, named: dict[str, Any]) -> Context:
    """Keys that a request names, in lower case; those that differ in case only clash."""
    found: Context = {}
    for name, value in named.items():
        key = f"{prefix}{name}".lower()
        earlier = found.get(key)
        if isinstance(earlier, str) and isinstance(value, str):
            found[key] = Clash((earlier, value))
        elif isinstance(earlier, Clash) and isinstance(value, str):
            found[key] = Clash((*earlier, value))
        else:
            found[key] = value
    return found


def _text(value: Any) -> str | tuple[str, ...]:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return tuple(str(item) for item in value)
    return str(value)

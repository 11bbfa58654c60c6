"""The guard ``isolation.references``: what a write names must be open to its caller.

Operations declare the members that name other things (``references={"ExperimentName":
"sagemaker:experiment"}``; ``**.`` before a member: at any depth); the caller must be allowed to
Describe each. What stands in a session's own domain by its ARN (the domain, its profiles, spaces
and apps) is not asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from freehold.base.errors import Denied
from freehold.kernel.declare.operation import Document, dig
from freehold.kernel.permission import context as keys
from freehold.kernel.permission import things
from freehold.kernel.permission.guards.describing import asked_on, describe_action

if TYPE_CHECKING:
    from freehold.auth.principal import Origin
    from freehold.kernel.call import Call
    from freehold.kernel.declare.resource import Resource
    from freehold.kernel.permission.access import Access
    from freehold.policy.evaluate import Layers

ANYWHERE = "**."  # of a path: the member at any depth
NAMES = ("Name", "Id")  # members that need not hold an ARN
STUDIO = frozenset({"sagemaker:user-profile", "sagemaker:space", "sagemaker:app"})


def check(call: Call, access: Access, layers: Layers) -> None:
    """Ask Describe on everything that the request names beside what it is about.

    Raises:
        Denied: AWS's sentence about the Describe, and the account setting that asks for it.
    """
    if not call.operation.references or call.principal.kind == "root":
        return
    for resource, arn in named(call):
        is_asked = arn == call.resource_arn and not call.operation.name.startswith("Create")
        if is_asked or _is_own(call.principal.origin, resource.kind, arn):
            continue
        action = describe_action(resource)
        assert action is not None, resource.kind
        asked, context = layers, access.context(call)
        record = call.unit.find(arn)
        if record is not None:
            keys.add_resource(context, action.partition(":")[0], record)
        guarding = resource.service.policy_holder
        if guarding is not None and (holder := guarding(arn)):
            found = things.layer(call.unit, call.unit.find(holder))
            asked = layers if found is None else layers._replace(resource=found)
        on = asked_on(resource.kind, arn)
        decision = access.ask(call.principal, asked, action, on, context)
        call.decisions.append((action, on, decision))
        if not decision.is_allowed:
            call.refused_context = context
            raise Denied(
                f"{decision.message(call.principal.arn, action, on)}; the account setting "
                f"isolation.references asks for it, since {call.operation.name} names this resource"
            )


def named(call: Call) -> Iterator[tuple[Resource, str]]:
    """Every other thing that the request names: its declaration and its ARN."""
    request = call.request
    for path, kind in call.operation.references.items():
        resource = call.kernel.registry.resource(kind)
        member = path.rpartition(".")[2]
        for value in anywhere(request, member) if path.startswith(ANYWHERE) else dig(request, path):
            is_name = isinstance(value, str) and (value[:4] == "arn:" or member.endswith(NAMES))
            if resource is not None and value and is_name:
                yield resource, _arn(call, resource, value, request)


def anywhere(value: Any, member: str) -> Iterator[Any]:
    """What stands under a member of this name at any depth; lists are entered."""
    if isinstance(value, list):
        for item in value:
            yield from anywhere(item, member)
    elif isinstance(value, dict):
        for name, below in value.items():
            if name == member:
                yield from below if isinstance(below, list) else [below]
            else:
                yield from anywhere(below, member)


def _arn(call: Call, resource: Resource, value: str, request: Document) -> str:
    if value.startswith("arn:"):
        return value
    beside = {key: text for key, text in request.items() if isinstance(text, str)}
    return call.arn_of(resource, beside | {resource.name_member: value})


def _is_own(origin: Origin | None, kind: str, arn: str) -> bool:
    if origin is None:
        return False
    if arn == origin.domain_arn:
        return True
    tail = arn.split(":", 5)[-1]
    return kind in STUDIO and tail.partition("/")[2].startswith(f"{origin.domain_id}/")

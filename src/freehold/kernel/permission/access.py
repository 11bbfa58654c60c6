"""Permission: what a call asks of policy, and the decision.

A call may ask several questions (the operation itself on each of its resources, the tags it
brings, the roles it passes); every one must be allowed. ``binding.py`` knows which policies bind
the caller, ``context.py`` the condition keys; each decision is kept on the call for the audit log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from freehold.auth.principal import Principal
from freehold.base.errors import Denied
from freehold.kernel.declare.operation import EVERYTHING, dig
from freehold.kernel.permission import context as keys
from freehold.kernel.permission import guards, things
from freehold.kernel.permission.binding import NO_LAYERS, Policies
from freehold.kernel.permission.context import Context
from freehold.kernel.permission.denials import denied
from freehold.policy.context import Value
from freehold.policy.decision import Decision
from freehold.policy.evaluate import Layers, Request, decide
from freehold.policy.principals import PrincipalKind
from freehold.store.records import Record
from freehold.store.unit import Unit

if TYPE_CHECKING:
    from freehold.kernel.call import Call

KINDS: dict[str, PrincipalKind] = {
    "root": "root",
    "user": "user",
    "session": "role",
    "federated": "federated",
    "service": "service",
    "provider": "provider",
    "anonymous": "anonymous",
}


class Access:
    """Answers whether a call may go on. One for reads, one for the writer."""

    def __init__(self) -> None:
        self.policies = Policies()
        self.guards = guards.InForce()
        self.sights = guards.Remembered()

    @property
    def version(self) -> int:
        """Counts up whenever what was remembered of policies is stale."""
        return self.policies.version

    def touched(self, kinds: set[str]) -> None:
        """Something was written, committed or rolled back."""
        self.policies.touched(kinds)

    def layers(self, unit: Unit, principal: Principal) -> Layers:
        """The policies that bind a principal now; see ``Policies.layers``."""
        return self.policies.layers(unit, principal)

    # -- questions ---------------------------------------------------------------------------

    def authorize(self, call: Call) -> None:
        """Refuse what policy does not allow.

        Raises:
            Denied: AWS's sentence, with the action, the resource and the policy at fault.
            Unauthenticated: The session's role, profile or space no longer exists.
        """
        call.decisions.clear()
        layers = self.layers(call.unit, call.principal)
        arns = self._locate(call)
        _refuse_foreign_roles(call)
        if not call.operation.needs_no_permission:
            if call.principal.kind == "root":
                self._authorize_root(call, arns)
            else:
                self._authorize(call, arns, layers)
        guards.check(call, self, layers)

    def _authorize(self, call: Call, arns: list[str], layers: Layers) -> None:
        guarding = call.operation.service.policy_holder
        for action, arn, context in self._questions(call, arns, self.context(call)):
            asked = layers
            if guarding is not None and (guard := guarding(arn)):
                found = things.layer(call.unit, call.unit.find(guard))
                asked = layers if found is None else layers._replace(resource=found)
            decision = self.ask(call.principal, asked, action, arn, context)
            call.decisions.append((action, arn, decision))
            if not decision.is_allowed:
                call.refused_context = context
                raise denied(call, action, arn, decision)

    def _authorize_root(self, call: Call, arns: list[str]) -> None:
        """The account's root is bound by nothing but the policies on things themselves."""
        guarding = call.operation.service.policy_holder
        for arn in arns if guarding is not None else ():
            guard = guarding(arn) if guarding is not None else None
            found = things.layer(call.unit, call.unit.find(guard)) if guard else None
            if found is not None and not call.operation.is_of_policy:
                context = keys.of_resource(call, self.context(call), arn)
                layers = NO_LAYERS._replace(resource=found)
                decision = self.ask(call.principal, layers, call.operation.action, arn, context)
                call.decisions.append((call.operation.action, arn, decision))
                if not decision.is_allowed:
                    call.refused_context = context
                    raise Denied(decision.message(call.principal.arn, call.operation.action, arn))

    def _locate(self, call: Call) -> list[str]:
        """What the call is about: its ARNs, and the record where there is exactly one."""
        operation = call.operation
        target = operation.target(call, call.request)
        if not isinstance(target, str):
            call.resource_arn = target[0] if len(target) == 1 else None
            return target
        call.resource_arn = target
        if target != EVERYTHING and not operation.is_create:
            call.record = call.unit.find(target)
        return [target]

    def ask(
        self,
        principal: Principal,
        layers: Layers,
        action: str,
        arn: str,
        context: Mapping[str, Value],
    ) -> Decision:
        """One question, one decision."""
        parts = arn.split(":", 5)
        is_owned = len(parts) == 6 and parts[4] not in ("", "aws")  # "aws": AWS-managed policies
        owner = parts[4] if is_owned else principal.account_id
        return decide(
            Request(
                principal_arn=principal.principal_arn,
                caller_arn=principal.arn,
                principal_kind=KINDS[principal.kind],
                principal_account=principal.account_id,
                action=action,
                resource=arn,
                resource_account=owner,
                context=context,
            ),
            layers,
        )

    def refusal(
        self,
        call: Call,
        action: str,
        arn: str,
        record: Record | None,
        tags: dict[str, str],
        tag_keys: tuple[str, ...],
        more: dict[str, str],
    ) -> str | None:
        """A question beside the call's own: None if allowed, else AWS's sentence."""
        layers = self.layers(call.unit, call.principal)
        if call.principal.kind == "root":
            return None
        context = self.context(call)
        if record is not None:
            keys.add_resource(context, action.partition(":")[0], record)
        if tags:
            keys.add_tags(context, tags)
        elif tag_keys:
            context["aws:tagkeys"] = tag_keys
        context.update(keys.folded("", more))
        decision = self.ask(call.principal, layers, action, arn, context)
        return None if decision.is_allowed else decision.message(call.principal.arn, action, arn)

    def _questions(
        self, call: Call, arns: list[str], base: Context
    ) -> Iterator[tuple[str, str, Context]]:
        operation, request = call.operation, call.request
        for arn in arns:
            yield operation.action, arn, keys.of_resource(call, base, arn)
        if operation.is_create and call.request_tags and operation.is_taggable:
            context = base | {"sagemaker:taggingaction": operation.name}
            context[f"{operation.service.prefix}:createaction"] = operation.name  # EC2, EFS
            keys.add_tags(context, call.request_tags)
            action = operation.tag_action or f"{operation.service.prefix}:AddTags"
            yield action, arns[0], context
        for path in operation.passes:
            for role in dig(request, path):
                if isinstance(role, str) and role.startswith("arn:"):
                    yield (
                        "iam:PassRole",
                        role,
                        base | {"iam:passedtoservice": operation.event_source},
                    )

    def context(self, call: Call) -> Context:
        """The keys that every call has."""
        return keys.of_call(call, self.policies.caller(call.principal))


def _refuse_foreign_roles(call: Call) -> None:
    """Nobody passes another account's role, whatever their policies say."""
    for path in call.operation.passes:
        for role in dig(call.request, path):
            parts = str(role).split(":")
            if len(parts) > 5 and parts[4] != call.account_id:
                raise Denied("Cross-account pass role is not allowed.")

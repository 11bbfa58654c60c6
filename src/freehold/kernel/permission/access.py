"""Permission: the policies that bind a principal, the context of a call, and the decision.

A call may ask several questions (the operation itself on each of its resources, the tags it
brings, the roles it passes); every one must be allowed. Compiled policies are cached by a
version that any write of an identity bumps, before and after its COMMIT.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from freehold.auth.principal import Principal
from freehold.base.clock import iso
from freehold.base.errors import Denied, Unauthenticated
from freehold.kernel.declare.operation import EVERYTHING, dig
from freehold.kernel.permission import identity
from freehold.policy.compile import Compiled, compile_stored
from freehold.policy.context import Clash, tag_context
from freehold.policy.decision import Decision
from freehold.policy.evaluate import Attached, Layers, Request, decide
from freehold.policy.principals import PrincipalKind
from freehold.store.records import Record
from freehold.store.unit import Unit

if TYPE_CHECKING:
    from freehold.kernel.call import Call

# A write of one of these makes every cached set of policies stale.
WATCHED = frozenset(
    {
        identity.USER,
        identity.ROLE,
        identity.GROUP,
        identity.POLICY,
        identity.ACCESS_KEY,
        "sagemaker:user-profile",
        "sagemaker:space",
        "sagemaker:domain",
    }
)
KINDS: dict[str, PrincipalKind] = {
    "root": "root",
    "user": "user",
    "session": "role",
    "federated": "federated",
    "service": "service",
}
NO_LAYERS = Layers(identity=())
KEPT_MAX = 10_000
PASSED_TO = "sagemaker.amazonaws.com"
Context = dict[str, str | tuple[str, ...]]


class Access:
    """Answers whether a call may go on. One for reads, one for the writer."""

    def __init__(self) -> None:
        self.version = 0
        self._layers: dict[tuple[str, str], tuple[int, Layers]] = {}
        self._callers: dict[tuple[str, str], Context] = {}
        self._compiled: dict[tuple[str, str], Compiled] = {}

    def touched(self, kinds: set[str]) -> None:
        """Something was written, committed or rolled back."""
        if kinds & WATCHED:
            self.version += 1

    # -- questions ---------------------------------------------------------------------------

    def authorize(self, call: Call) -> None:
        """Refuse what policy does not allow.

        Raises:
            Denied: AWS's sentence, with the action, the resource and the policy at fault.
            Unauthenticated: The session's role, profile or space no longer exists.
        """
        layers = self.layers(call.unit, call.principal)
        arns = self._locate(call)
        _refuse_foreign_roles(call)
        if call.operation.needs_no_permission or call.principal.kind == "root":
            return
        for action, arn, context in self._questions(call, arns, self.context(call)):
            decision = self.ask(call.principal, layers, action, arn, context)
            if not decision.is_allowed:
                raise Denied(decision.message(call.principal.arn, action, arn))

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
        context: Context,
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
            self._resource_tags(context, action.partition(":")[0], record)
        if tags:
            self._tag_keys(context, tags)
        elif tag_keys:
            context["aws:tagkeys"] = tag_keys
        context.update(_folded("", more))
        decision = self.ask(call.principal, layers, action, arn, context)
        return None if decision.is_allowed else decision.message(call.principal.arn, action, arn)

    def _questions(
        self, call: Call, arns: list[str], base: Context
    ) -> Iterator[tuple[str, str, Context]]:
        operation, request = call.operation, call.request
        for arn in arns:
            yield operation.action, arn, self._about(call, base, arn)
        if operation.is_create and call.request_tags and operation.is_taggable:
            context = base | {"sagemaker:taggingaction": operation.name}
            self._tag_keys(context, call.request_tags)
            action = operation.tag_action or f"{operation.service.prefix}:AddTags"
            yield action, arns[0], context
        for path in operation.passes:
            for role in dig(request, path):
                if isinstance(role, str) and role.startswith("arn:"):
                    yield "iam:PassRole", role, base | {"iam:passedtoservice": PASSED_TO}

    # -- context -----------------------------------------------------------------------------

    def context(self, call: Call) -> Context:
        """The keys that every call has (iam-evaluation.md section 6). Names in lower case."""
        principal = call.principal
        known = self._callers.get((principal.access_key_id, principal.unique_id))
        context = _caller(principal, {}) if known is None else known.copy()
        context["aws:currenttime"] = iso(call.now)
        context["aws:epochtime"] = str(int(call.now))
        context["aws:requestedregion"] = call.region
        context["aws:securetransport"] = "true" if call.transport_is_secure else "false"
        if call.source_ip:
            context["aws:sourceip"] = call.source_ip
        if call.user_agent:
            context["aws:useragent"] = call.user_agent
        return context

    def _about(self, call: Call, base: Context, arn: str) -> Context:
        context, operation = dict(base), call.operation
        record = call.record if arn == call.resource_arn else call.unit.find(arn)
        if record is not None and not operation.is_create:
            self._resource_tags(context, operation.service.prefix, record)
        if call.request_tags:
            self._tag_keys(context, call.request_tags)
        elif "TagKeys" in call.request:
            context["aws:tagkeys"] = tuple(call.request["TagKeys"])
        for key, source in operation.keys.items():
            if callable(source):
                value = source(call, call.request)
                if isinstance(value, dict):  # keys that the request itself names
                    context |= _folded(key, value)
                    continue
            else:
                found = dig(call.request, source)
                value = found[0] if len(found) == 1 and not key.endswith("s") else tuple(found)
            if value not in (None, (), [], ""):
                context[key.lower()] = _text(value)
        return context

    def _resource_tags(self, context: Context, prefix: str, record: Record) -> None:
        context["aws:resourceaccount"] = record.arn.split(":")[4]
        for name, value in tag_context("aws:ResourceTag", record.tags.items()).items():
            context[name] = value
            context[f"{prefix}{name[3:]}"] = value  # behind "aws": the service's own spelling

    def _tag_keys(self, context: Context, tags: dict[str, str]) -> None:
        context["aws:tagkeys"] = tuple(tags)
        context.update(tag_context("aws:RequestTag", tags.items()))

    # -- policies ----------------------------------------------------------------------------

    def layers(self, unit: Unit, principal: Principal) -> Layers:
        """The policies that bind a principal now.

        Raises:
            Unauthenticated: A session whose role or origin is gone or was made anew.
        """
        if principal.kind == "root":
            return NO_LAYERS
        origin = principal.origin
        key = (principal.access_key_id, principal.unique_id)
        known = self._layers.get(key)
        if known is not None and known[0] == self.version:
            return known[1]
        version = self.version
        holder = unit.find(principal.role_arn or principal.arn)
        if holder is None or holder.uid != principal.unique_id:
            raise _ended("role" if principal.role_arn else "user")
        if origin is not None:
            bound = unit.find(origin.arn)
            if bound is None or identity.generation(bound) != origin.generation:
                raise _ended(origin.kind)
        layers = Layers(
            identity=tuple(self._attached(unit, holder)),
            boundary=self._managed(unit, holder.document.get(identity.BOUNDARY), "boundary"),
            sessions=self._session(unit, principal),
        )
        if len(self._layers) > KEPT_MAX:
            self._layers.clear()
            self._callers.clear()
        self._callers[key] = _caller(principal, holder.tags)
        self._layers[key] = (version, layers)
        return layers

    def _attached(self, unit: Unit, holder: Record) -> Iterator[Attached]:
        document = holder.document
        for name, text in document.get(identity.INLINE, {}).items():
            yield Attached(
                name=name, arn=None, kind="identity", compiled=self._text(text, "identity")
            )
        for arn in document.get(identity.ATTACHED, ()):
            policy = self._managed(unit, arn, "identity")
            if policy is not None:
                yield policy
        for group in document.get(identity.GROUPS, ()):
            record = unit.find(group)
            if record is not None:
                yield from self._attached(unit, record)

    def _managed(self, unit: Unit, arn: str | None, kind: Any) -> Attached | None:
        if arn is None:
            return None
        record = unit.find(arn)
        if record is None:
            return None if kind == "identity" else Attached(arn, arn, kind, self._text("{}", kind))
        version = record.document[identity.VERSIONS][record.document["DefaultVersionId"]]
        return Attached(
            name=record.name, arn=arn, kind=kind, compiled=self._text(version["Document"], kind)
        )

    def _session(self, unit: Unit, principal: Principal) -> tuple[Attached, ...] | None:
        if not principal.session_policies and not principal.session_policy_arns:
            return None
        found = [
            Attached(f"session-{n}", None, "session", self._text(text, "session"))
            for n, text in enumerate(principal.session_policies)
        ]
        for arn in principal.session_policy_arns:
            policy = self._managed(unit, arn, "session")
            if policy is not None:
                found.append(policy)
        return tuple(found)

    def _text(self, text: str, kind: Any) -> Compiled:
        compiled = self._compiled.get((kind, text))
        if compiled is None:
            if len(self._compiled) > KEPT_MAX:
                self._compiled.clear()
            compiled = self._compiled[kind, text] = compile_stored(text, kind)
        return compiled


def _caller(principal: Principal, tags: dict[str, str]) -> Context:
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
    if principal.source_identity is not None:
        context["aws:sourceidentity"] = principal.source_identity
    tags = tags | dict(principal.session_tags)
    context.update(tag_context("aws:PrincipalTag", tags.items()))
    origin = principal.origin
    if origin is not None:
        context["sagemaker:domainid"] = origin.domain_id
        if origin.kind == "user-profile":
            context["sagemaker:userprofilename"] = origin.name
        elif origin.owner_arn and origin.sharing == "Private":
            context["sagemaker:userprofilename"] = origin.owner_arn.rsplit("/", 1)[-1]
    return context


def _folded(prefix: str, named: dict[str, Any]) -> Context:
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


def _refuse_foreign_roles(call: Call) -> None:
    """Nobody passes another account's role, whatever their policies say."""
    for path in call.operation.passes:
        for role in dig(call.request, path):
            parts = str(role).split(":")
            if len(parts) > 5 and parts[4] != call.account_id:
                raise Denied("Cross-account pass role is not allowed.")


def _ended(what: str) -> Unauthenticated:
    return Unauthenticated(
        f"The security token included in the request is invalid: its {what} no longer exists.",
        code="UnrecognizedClientException",
    )

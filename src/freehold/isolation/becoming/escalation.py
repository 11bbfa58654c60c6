"""Steps through IAM: whoever may change what a principal may do, can do that.

Keys and trust policies make one another principal; policies, groups and boundaries make one more
than one was. What is added is tried out as if it were there; where anything could be written,
everything is taken to be allowed. Source: IAM's actions, Service Authorization Reference.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from freehold.isolation.asking.actors import Actor, Question
from freehold.isolation.asking.field import Answer
from freehold.isolation.becoming.steps import Step, step_of
from freehold.isolation.patterns import FRESH
from freehold.kernel.permission import context as keys
from freehold.kernel.permission import identity
from freehold.policy.compile import Compiled, compile_stored
from freehold.policy.context import Value
from freehold.policy.evaluate import Attached, Layers
from freehold.store.records import Record

if TYPE_CHECKING:
    from freehold.isolation.becoming.reach import People

KEYS_OF_USERS = ("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile")
WRITES = {identity.USER: "iam:PutUserPolicy", identity.ROLE: "iam:PutRolePolicy"}
ATTACHES = {identity.USER: "iam:AttachUserPolicy", identity.ROLE: "iam:AttachRolePolicy"}
UNBINDS = {
    identity.USER: ("iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"),
    identity.ROLE: ("iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"),
}
DROPS = {
    identity.USER: ("iam:DeleteUserPolicy", "iam:DetachUserPolicy"),
    identity.ROLE: ("iam:DeleteRolePolicy", "iam:DetachRolePolicy"),
}
OF_GROUPS = ("iam:PutGroupPolicy", "iam:AttachGroupPolicy")
OF_POLICIES = ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion")
_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
Steps = Iterator[tuple[Actor, Step]]
Ways = Iterator[tuple[str, str, Answer, str, str, Layers]]


def steps(people: People, actor: Actor) -> Steps:
    """Everyone whom an actor can become through IAM."""
    if _is_anything(actor.layers) and actor.layers.boundary is None:
        return  # it may do everything already
    iam = {
        *KEYS_OF_USERS,
        *("iam:UpdateAssumeRolePolicy", "iam:AddUserToGroup", "iam:CreateRole"),
        *OF_GROUPS,
        *OF_POLICIES,
        *(action for found in (WRITES, ATTACHES) for action in found.values()),
        *(action for found in (UNBINDS, DROPS) for pair in found.values() for action in pair),
    }
    if not any(map(actor.may_at_all, iam)):
        return
    yield from _others(people, actor)
    holder = people.house.ground.identities.get(actor.arn)
    if holder is not None:
        yield from _self(people, actor, holder)
    yield from _new(people, actor)


def _asked(people: People, actor: Actor, action: str, record: Record) -> Answer | None:
    """Whether an action of IAM is allowed on a principal, group or policy that is there."""
    if not actor.may_at_all(action):
        return None
    fixed: dict[str, Value] = {}
    keys.add_resource(fixed, "iam", record)
    bound = record.document.get(identity.BOUNDARY)
    free = {"iam:policyarn"}
    if bound and "Boundary" not in action:
        fixed["iam:permissionsboundary"] = bound
    elif "Boundary" in action:
        free.add("iam:permissionsboundary")
    return people.asking(actor).permitted([Question(action, record.arn, fixed, frozenset(free))])


def _others(people: People, actor: Actor) -> Steps:
    for record in people.house.ground.identities.values():
        if record.arn == actor.arn:
            continue
        if record.kind == identity.USER:
            for action in KEYS_OF_USERS:
                answer = _asked(people, actor, action, record)
                if answer is not None:
                    text = f"takes keys of the user {record.name}"
                    yield (
                        people.user(record),
                        step_of("key", text, actor, answer, record.arn, action),
                    )
                    break
        elif record.kind == identity.ROLE:
            action = "iam:UpdateAssumeRolePolicy"
            answer = _asked(people, actor, action, record)
            if answer is not None:
                origins = list(dict.fromkeys(one.principal.origin for one in actor.members))
                text = f"makes the role {record.name} trust it"
                step = step_of("trust", text, actor, answer, record.arn, action)
                yield people.role(record, origins), step


def _self(people: People, actor: Actor, holder: Record) -> Steps:
    """What an actor can make of itself."""
    layers = actor.layers
    for how, text, answer, action, on, more in _ways(people, actor, holder):
        step = step_of(how, text, actor, answer, on, action)
        yield people.other(actor, more), step
    for action in UNBINDS.get(holder.kind, ()):
        if layers.boundary is None:
            break
        found = _asked(people, actor, action, holder)
        if found is not None:
            step = step_of(
                "unbound", "takes its own boundary away", actor, found, holder.arn, action
            )
            yield people.other(actor, layers._replace(boundary=None)), step
            break
    for action in DROPS.get(holder.kind, ()):
        kept = tuple(one for one in layers.identity if not _denies(one))
        if len(kept) == len(layers.identity):
            break
        found = _asked(people, actor, action, holder)
        if found is not None:
            text = "takes the policies that deny away from itself"
            step = step_of("policy", text, actor, found, holder.arn, action)
            yield people.other(actor, layers._replace(identity=kept)), step
            break


def _ways(people: People, actor: Actor, holder: Record) -> Ways:
    """(how, words, answer, action, on what, the policies that it then has)."""
    layers = actor.layers
    anything = layers._replace(identity=(_everything(),))
    action = WRITES.get(holder.kind, "")
    answer = _asked(people, actor, action, holder) if action else None
    if answer is not None:
        text = "gives itself a policy of its own making"
        yield "policy", text, answer, action, holder.arn, anything
    if _is_anything(layers):
        return
    yield from _attached(people, actor, holder)
    yield from _through(people, actor, holder, anything)


def _attached(people: People, actor: Actor, holder: Record) -> Ways:
    """By policies that are there: all that deny nothing at once, each of the others alone."""
    house, layers = people.house, actor.layers
    action = ATTACHES.get(holder.kind, "")
    if not actor.may_at_all(action):
        return
    mine = {one.arn for one in layers.identity}
    together: list[tuple[Attached, Answer]] = []
    for record in house.ground.identities.values():
        if record.kind != identity.POLICY or record.arn in mine:
            continue
        fixed: dict[str, Value] = {"iam:policyarn": record.arn}
        keys.add_resource(fixed, "iam", holder)
        answer = people.asking(actor).permitted([Question(action, holder.arn, fixed)])
        found = house.access.policies.managed(house.unit, record.arn, "identity")
        if answer is None or found is None:
            continue
        if not _denies(found):
            together.append((found, answer))
        elif layers == people.layers(holder):
            text = f"attaches the policy {record.name} to itself"
            more = layers._replace(identity=(*layers.identity, found))
            yield "policy", text, answer, action, record.arn, more
    if together:
        first, answer = together[0]
        rest = f" and {len(together) - 1} more" if len(together) > 1 else ""
        text = f"attaches the policy {first.name}{rest} to itself"
        more = layers._replace(identity=(*layers.identity, *(one for one, _ in together)))
        yield "policy", text, answer, action, first.arn or "", more


def _through(people: People, actor: Actor, holder: Record, anything: Layers) -> Ways:
    """By a policy that is attached to it, or a group that it is in or can join."""
    house, layers = people.house, actor.layers
    mine = set(holder.document.get(identity.GROUPS, ()))
    bearers = [holder, *(one for arn in mine if (one := house.ground.identities.get(arn)))]
    attached = {arn for one in bearers for arn in one.document.get(identity.ATTACHED, ())}
    for record in house.ground.identities.values():
        if record.kind == identity.POLICY and record.arn in attached:
            for action in OF_POLICIES:
                answer = _asked(people, actor, action, record)
                if answer is not None:
                    text = f"rewrites its policy {record.name}"
                    yield "policy", text, answer, action, record.arn, anything
        elif record.kind == identity.GROUP and record.arn in mine:
            for action in OF_GROUPS:
                answer = _asked(people, actor, action, record)
                if answer is not None:
                    text = f"changes what its group {record.name} may do"
                    yield "policy", text, answer, action, record.arn, anything
        elif record.kind == identity.GROUP and holder.kind == identity.USER:
            if layers != people.layers(holder):
                continue
            answer = _asked(people, actor, "iam:AddUserToGroup", record)
            if answer is not None:
                more = tuple(house.access.policies.of(house.unit, record))
                joined = layers._replace(identity=(*layers.identity, *more))
                text = f"joins the group {record.name}"
                yield "group", text, answer, "iam:AddUserToGroup", record.arn, joined


def _new(people: People, actor: Actor) -> Steps:
    """A role of its own making, to which it gives what it likes."""
    if not actor.may_at_all("iam:CreateRole"):
        return
    asking = people.asking(actor)
    settings = people.house.settings
    place = f"arn:{settings.partition}:iam::{settings.account_id}:role/"
    tried = [place + FRESH]
    for statement, has_variables in actor.statements("iam:CreateRole"):
        for text in statement.resources or ():
            if text != "*":
                tried += people.house.below(text, place, actor, has_variables=has_variables)
    for arn in dict.fromkeys(tried):
        for action in (WRITES[identity.ROLE], ATTACHES[identity.ROLE]):
            free = frozenset({"iam:permissionsboundary", "iam:policyarn"})
            answer = asking.permitted(
                [Question("iam:CreateRole", arn, {}, free), Question(action, arn, {}, free)]
            )
            if answer is not None:
                text = "makes a role of its own and gives it what it likes"
                step = step_of("policy", text, actor, answer, arn, "iam:CreateRole")
                bound = answer.witness.get("iam:permissionsboundary")
                yield people.other(actor, _of_new(people, bound)), step
                return


def _of_new(people: People, bound: object) -> Layers:
    house = people.house
    found = None
    if isinstance(bound, str) and bound in house.ground.identities:
        found = house.access.policies.managed(house.unit, bound, "boundary")
    return Layers(identity=(_everything(),), boundary=found)


def _denies(attached: Attached) -> bool:
    return any(statement.is_deny for statement in attached.compiled.policy.statements)


def _is_anything(layers: Layers) -> bool:
    return any(one.compiled is _compiled() for one in layers.identity)


def _everything() -> Attached:
    return Attached("(anything)", None, "identity", _compiled())


@functools.cache
def _compiled() -> Compiled:
    return compile_stored(_ALL, "identity")

"""Whom the principals of a domain can become, step by step, until nobody new is found.

By taking a role, by handing a role to code of theirs, by the keys of a user, by giving a principal
more than it has. From the actors at home to a map of actors with the step that leads to each;
``examine.py`` asks ``crossing.py`` about every one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from freehold.auth.principal import Origin
from freehold.isolation.asking import actors as acting
from freehold.isolation.asking.actors import Actor, Question
from freehold.isolation.asking.field import Field
from freehold.isolation.asking.requests import as_keys
from freehold.isolation.becoming import escalation
from freehold.isolation.becoming.steps import Step, step_of
from freehold.isolation.crossings.every import Asking
from freehold.isolation.patterns import FRESH
from freehold.kernel.doors import SESSION_NAME
from freehold.kernel.permission import context as keys
from freehold.kernel.permission import identity, things, trust
from freehold.policy.context import Value
from freehold.policy.evaluate import Layers
from freehold.store.records import Record

SAGEMAKER = "sagemaker.amazonaws.com"
TAG_SESSION = "sts:TagSession"
_SESSION = re.compile(r"assumed-role/([\w+=,.@\-]+)/([\w+=,.@\-]+)")


@dataclass(slots=True)
class Reach:
    """Whom a domain's principals are or can become, with the last step to each (None: home)."""

    steps: dict[Actor, Step | None] = field(default_factory=dict)

    def chain(self, actor: Actor) -> list[Step]:
        """The steps from home to an actor."""
        found: list[Step] = []
        step = self.steps.get(actor)
        while step is not None:
            found.append(step)
            step = self.steps.get(step.source)
        return found[::-1]


class People:
    """Makes actors of users and roles, the same one each time."""

    def __init__(self, house: Field) -> None:
        self.house = house
        self._known: dict[tuple[object, ...], Actor] = {}
        self._asking: dict[Actor, Asking] = {}
        self._layers: dict[str, Layers] = {}
        self._trusts = [role for role in self._roles() if _names_people(house, role)]

    def asking(self, actor: Actor) -> Asking:
        """The actor before the field."""
        found = self._asking.get(actor)
        if found is None:
            found = self._asking[actor] = Asking(self.house, actor)
        return found

    def _roles(self) -> Iterator[Record]:
        for record in self.house.ground.identities.values():
            if record.kind == identity.ROLE:
                yield record

    def layers(self, holder: Record) -> Layers:
        """The policies of a user or role."""
        found = self._layers.get(holder.arn)
        if found is None:
            policies = self.house.access.policies
            found = self._layers[holder.arn] = Layers(
                identity=tuple(policies.of(self.house.unit, holder)),
                boundary=policies.managed(
                    self.house.unit, holder.document.get(identity.BOUNDARY), "boundary"
                ),
            )
        return found

    def role(
        self,
        role: Record,
        origins: list[Origin | None],
        *,
        has_free_tags: bool = False,
        names: tuple[str, ...] = (SESSION_NAME,),
    ) -> Actor:
        """Sessions of a role, one for each origin and each of the session names."""
        house = self.house
        domain = next((one.domain_id for one in origins if one is not None), None)
        came = tuple(one.arn if one else "" for one in origins)
        key = (role.arn, domain, has_free_tags, came, names)
        found = self._known.get(key)
        if found is None:
            members = [
                acting.member_of(
                    identity.role_session(
                        role, house.settings.account_id, name, now=house.now, origin=origin
                    ),
                    role.tags,
                    house.settings.region,
                )
                for origin in origins
                for name in names
            ]
            if has_free_tags:
                members = [replace(one, keys=_without_tags(one.keys)) for one in members]
            found = self._known[key] = Actor(
                role.arn, self.layers(role), members, domain, has_free_tags, has_free_tags
            )
        return found

    def user(self, user: Record) -> Actor:
        """A user with a key."""
        found = self._known.get((user.arn,))
        if found is None:
            found = self._known[(user.arn,)] = self.fresh_user(user)
        return found

    def fresh_user(self, user: Record) -> Actor:
        """A user with a key, as an actor that may be put together with others."""
        principal = identity.user(user, self.house.settings.account_id, "")
        member = acting.member_of(principal, user.tags, self.house.settings.region)
        return Actor(user.arn, self.layers(user), [member], None)

    def other(self, actor: Actor, layers: Layers) -> Actor:
        """The same callers, bound by other policies; the same actor for the same policies."""
        distinct = {acting.name_of(one): one for one in layers.identity}
        layers = layers._replace(identity=tuple(distinct.values()))
        bound = layers.boundary and acting.name_of(layers.boundary)
        name = (actor.arn, actor.domain, actor.has_free_tags, frozenset(distinct), bound)
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = Actor(
                *(actor.arn, layers, actor.members, actor.domain),
                has_free_tags=actor.has_free_tags,
                is_doubtful=actor.is_doubtful,
            )
        return found

    # -- steps ------------------------------------------------------------------------------------

    def steps(self, actor: Actor) -> Iterator[tuple[Actor, Step]]:
        """Everyone whom an actor can become at once."""
        yield from self._assumed(actor)
        yield from self._passed(actor)
        yield from escalation.steps(self, actor)

    def _assumed(self, actor: Actor) -> Iterator[tuple[Actor, Step]]:
        origins = [member.principal.origin for member in actor.members]
        for role in self._trusts:
            if role.arn == actor.arn:
                continue
            guard = trust.layer(self.house.unit, role)
            question = Question(trust.ASSUME, role.arn, _of_role(role), *_ASSUMING, resource=guard)
            answer = self.asking(actor).permitted([question])
            if answer is None:
                continue
            step = step_of("assume", f"takes the role {role.name}", actor, answer, role.arn)
            names = (SESSION_NAME, *self._session_names.get(role.name, ()))
            came = list(dict.fromkeys(origins))
            yield self.role(role, came, names=names), step
            if self._may_tag(actor, question):
                yield self.role(role, came, has_free_tags=True, names=names), step

    @cached_property
    def _session_names(self) -> dict[str, tuple[str, ...]]:
        """Session names that trust and resource policies speak of, by the role's name."""
        found: dict[str, dict[str, None]] = {}
        records = [*self._trusts, *(record for record, _ in self.house.ground.owned.values())]
        for record in (*records, *self.house.ground.buckets.values()):
            text = record.document.get(identity.TRUST) or things.text(record) or ""
            for role, name in _SESSION.findall(text):
                found.setdefault(role, {}).setdefault(name)
        return {role: tuple(names) for role, names in found.items()}

    def _may_tag(self, actor: Actor, question: Question) -> bool:
        """Whether the session can be given tags of the attacker's choice, which policies trust."""
        if not self._trusted_tags:
            return False
        tagging = Question(
            TAG_SESSION,
            question.arn,
            question.fixed,
            *_ASSUMING,
            is_tagging=True,
            resource=question.resource,
        )
        sets = actor.lines.tag_sets(
            [TAG_SESSION], [{key: FRESH} for key in self._trusted_tags], actor.members[0].keys
        )
        brought = [as_keys(one) for one in sets if one]
        return self.asking(actor).permitted([tagging], frozenset(), brought) is not None

    @cached_property
    def _trusted_tags(self) -> list[str]:
        """Tags of principals that any policy of a user or role looks at."""
        found: dict[str, None] = {}
        for record in self.house.ground.identities.values():
            texts = [*record.document.get(identity.INLINE, {}).values()]
            texts += [
                one["Document"] for one in record.document.get(identity.VERSIONS, {}).values()
            ]
            for text in texts:
                for piece in text.lower().split("aws:principaltag/")[1:]:
                    found.setdefault(re.split(r"[\"}\s]", piece, maxsplit=1)[0].partition(",")[0])
        return list(found)

    def _passed(self, actor: Actor) -> Iterator[tuple[Actor, Step]]:
        asking = self.asking(actor)
        runner = None
        for arn, answer in asking.passes():
            role = self.house.ground.identities[arn]
            if not trust.may_assume(self.house.unit, role, SAGEMAKER):
                continue
            origins = [member.principal.origin for member in actor.members]
            home = actor.domain
            own = self.house.execution_roles.get(home or "", frozenset())
            if "pass-role" in self.house.guards and home is not None and arn not in own:
                continue
            runner = runner or asking.runs_code()
            if runner is None:
                return
            text = f"runs code under the role {role.name} ({runner})"
            step = step_of("pass", text, actor, answer, arn)
            yield self.role(role, list(dict.fromkeys(origins))), step


# Keys that whoever takes a role may choose.
_ASSUMING = (
    frozenset(
        {"sts:rolesessionname", "sts:externalid", "sts:durationseconds", "sts:sourceidentity"}
    ),
    ("sts:",),
)


def _without_tags(known: Mapping[str, Value]) -> dict[str, Value]:
    return {key: v for key, v in known.items() if not key.startswith(acting.VARYING_HEAD)}


def _of_role(role: Record) -> dict[str, Value]:
    fixed: dict[str, Value] = {}
    keys.add_resource(fixed, "iam", role)
    return fixed


def _names_people(house: Field, role: Record) -> bool:
    """Whether a trust policy allows anyone but services and identity providers."""
    policy = trust.layer(house.unit, role).compiled.policy
    return any(
        statement.principals is not None
        and not statement.is_deny
        and (
            statement.principals.is_everyone
            or any(type_ == "AWS" for type_, _ in statement.principals.named)
        )
        for statement in policy.statements
    )


def reach(people: People, at_home: list[Actor]) -> Reach:
    """Everyone whom these actors are or can become, nearest first."""
    found = Reach(dict.fromkeys(at_home))
    waiting = list(at_home)
    while waiting:
        actor = waiting.pop(0)
        for other, step in people.steps(actor):
            if other not in found.steps:
                found.steps[other] = step
                waiting.append(other)
    return found

"""What an actor may do to whose things: every form of every operation, asked of the engine.

Things that no statement can tell apart are asked about once; so are callers. From an actor and
the field of all things to crossings, which ``examine.py`` turns into findings for each pair.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from freehold.base.clock import FakeClock
from freehold.base.settings import Settings
from freehold.isolation import patterns
from freehold.isolation.actors import VARYING_HEAD, Actor, Member, Question
from freehold.isolation.candidates import Lines
from freehold.isolation.choices import TAGS, Choice, search
from freehold.isolation.forms import STRANGERS_REFUSED, Form
from freehold.isolation.ground import Ground
from freehold.isolation.things import KEYS, Thing
from freehold.kernel import tagging
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Operation
from freehold.kernel.declare.resource import Resource
from freehold.kernel.declare.service import Registry
from freehold.kernel.permission import context as keys
from freehold.kernel.permission import things as guarded
from freehold.kernel.permission.access import PASSED_TO, Access
from freehold.kernel.permission.guards.automatic import BACKFILL
from freehold.policy import match
from freehold.policy.context import Value
from freehold.policy.decision import Decision
from freehold.policy.document import Statement
from freehold.policy.evaluate import Attached
from freehold.store.unit import Unit

FRESH = patterns.FRESH
PREFIX = "s3:prefix"
_RESOURCE_TAG = "resourcetag/"
_VISIBILITY = "sagemaker:searchvisibilitycondition/"
_OWN_TAG = f"{_VISIBILITY}tags.{tagging.DOMAIN_TAG}/equalsifexists"


@dataclass(frozen=True, slots=True)
class Crossing:
    """An actor may do something to a domain's things.

    Attributes:
        owner: Id of the domain whose things they are.
        example: ARN of one of them, of ``count`` that are alike.
        decision: The engine's, with policy and statement.
        witness: What the caller chose for it.
        is_exact: False where the search was cut off: then it is possible, not proven.
        readers: Domains that read the same by their own settings.
        sources: Owners of what is handed over, where that is how it reaches (own things retagged).
    """

    form: Form
    owner: str
    example: str
    count: int
    decision: Decision
    member: Member
    witness: Mapping[str, Any]
    is_exact: bool = True
    readers: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()


@dataclass(slots=True)
class Answer:
    """That something is allowed: to whom, by which decisions, with which choices."""

    member: Member
    decisions: list[Decision]
    witness: dict[str, Any]
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Alike:
    """Things and callers that policy treats alike, but for the keys that ``matters`` names."""

    members: Sequence[Member]
    things: list[Thing]
    matters: frozenset[str]


@dataclass(slots=True)
class Field:
    """Everything that stays the same while actors change."""

    unit: Unit
    settings: Settings
    registry: Registry
    ground: Ground
    access: Access
    things: list[Thing]
    forms: list[Form]
    guards: frozenset[str]
    now: float
    arns: patterns.Arns = field(init=False)
    masks: dict[str, int] = field(init=False)
    guarding: dict[int, Attached] = field(init=False)
    execution_roles: dict[str, frozenset[str]] = field(default_factory=dict)
    asked: int = 0
    _below: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    _owned: dict[str, int] = field(default_factory=dict)
    _kernel: Any = None

    def __post_init__(self) -> None:
        self.arns = patterns.Arns([thing.arn for thing in self.things])
        self.masks = {}
        self.guarding = {}
        for place, thing in enumerate(self.things):
            self.masks[thing.kind] = self.masks.get(thing.kind, 0) | 1 << place
        for service in self.registry.services.values():
            if service.policy_holder is not None:
                self._find_guards(service.policy_holder)
        self._kernel = SimpleNamespace(
            settings=self.settings, clock=FakeClock(), registry=self.registry
        )

    def _find_guards(self, holder: Any) -> None:
        known: dict[str, Attached | None] = {}
        for place, thing in enumerate(self.things):
            arn = holder(thing.arn)
            if arn and arn not in known:
                known[arn] = guarded.layer(self.unit, self.unit.find(arn))
            found = known.get(arn or "")
            if found is not None:
                self.guarding[place] = found

    def owned_by(self, domain: str | None) -> int:
        """The bits of the things that are one domain's alone."""
        if domain is None:
            return 0
        bits = self._owned.get(domain)
        if bits is None:
            owners = frozenset({domain})
            bits = 0
            for place, thing in enumerate(self.things):
                if thing.owners == owners:
                    bits |= 1 << place
            self._owned[domain] = bits
        return bits

    def call(self, operation: Operation, principal: Any, request: dict[str, Any]) -> Call:
        """A call that is never run: for what declarations work out of a request."""
        made = Call(self._kernel, operation, principal, request)
        made.unit = self.unit
        return made

    def below(
        self, text: str, prefix: str, actor: Actor, *, has_variables: bool
    ) -> tuple[str, ...]:
        """``patterns.below``, remembered where no variable is in it."""
        if has_variables and "${" in text:
            found: list[str] = []
            for member in actor.members:
                found += patterns.below(text, prefix, member.keys, has_variables=True)
            return tuple(dict.fromkeys(found))[: patterns.EXAMPLES_MAX]
        known = self._below.get((text, prefix))
        if known is None:
            made = patterns.below(text, prefix, {}, has_variables=has_variables)
            known = self._below[text, prefix] = tuple(made)[: patterns.EXAMPLES_MAX]
        return known


class Asking:
    """One actor before the field."""

    def __init__(self, field_: Field, actor: Actor) -> None:
        self.field = field_
        self.actor = actor

    # -- one request ------------------------------------------------------------------------------

    def permitted(
        self,
        questions: Sequence[Question],
        lists: frozenset[str] = frozenset(),
        tag_sets: Sequence[Mapping[str, Value]] = (),
        alike: Alike | None = None,
    ) -> Answer | None:
        """Whether some caller, with some choice, is allowed all questions at once."""
        actor = self.actor
        waiting = list(alike.members if alike else actor.members)
        guards = [q.resource for q in questions if q.resource is not None]
        seen: set[tuple[Any, ...]] = set()
        watched: frozenset[str] = frozenset()
        while waiting:
            member = waiting.pop(0)
            if seen and tuple(member.keys.get(key) for key in watched) in seen:
                continue
            answer, read = self._by(member, questions, lists, tag_sets, guards)
            if answer is not None:
                return answer
            fresh = frozenset(read & (actor.varying if alike is None else alike.matters))
            if not fresh and not guards:
                return None
            if guards:
                continue
            if not fresh <= watched:
                watched |= fresh
                seen.clear()
            seen.add(tuple(member.keys.get(key) for key in watched))
        return None

    def _by(
        self,
        member: Member,
        questions: Sequence[Question],
        lists: frozenset[str],
        tag_sets: Sequence[Mapping[str, Value]],
        guards: Sequence[Attached],
    ) -> tuple[Answer | None, set[str]]:
        actor, house = self.actor, self.field

        def ask(choice: Choice) -> list[Decision] | None:
            made = []
            for question in questions:
                house.asked += 1
                decision = actor.decide(house.access, member, question, choice)
                if not decision.is_allowed:
                    return None
                made.append(decision)
            return made

        def values(key: str) -> Sequence[Any]:
            if key == TAGS:
                return tag_sets
            for question in questions:
                if key in question.limits:
                    return question.limits[key]
            is_list = key in lists
            found = actor.lines.values(key, member.keys, house.now, is_list=is_list)
            if key.startswith(VARYING_HEAD):
                found += _segments(questions)
            for guard in guards:
                more = Lines([guard.compiled.policy])
                found += more.values(key, member.keys, house.now, is_list=is_list)
            return found

        is_tagging = any(question.is_tagging for question in questions)
        if is_tagging and not tag_sets:
            return None, set()
        made, choice, is_complete = search(ask, values, TAGS if is_tagging else None)
        if made is None and is_complete:
            return None, choice.watched
        witness = {key: value for key, value in choice.chosen.items() if value is not None}
        return Answer(member, made or [], witness, is_complete), choice.watched

    # -- all forms --------------------------------------------------------------------------------

    def crossings(self) -> Iterator[Crossing]:
        """Everything that the actor may do to anything of any domain but that of its sessions."""
        for form in self.field.forms:
            if form.shape == "account":
                yield from self._account(form)
            elif form.shape == "plant":
                yield from self._plant(form)
            else:
                yield from self._things(form)

    def hand_overs(self, home: str) -> Iterator[Crossing]:
        """Whether things of the domain that the actor acts for can be given another's tag."""
        for form in self.field.forms:
            if form.shape == "tag":
                yield from self._hand_over(form, home)

    def _things(self, form: Form) -> Iterator[Crossing]:
        house = self.field
        bits = 0
        for kind, mask in house.masks.items():
            if form.concerns(kind):
                bits |= mask
        for place in list(house.guarding):
            if bits >> place & 1:
                bits ^= 1 << place
                yield from self._about(form, [house.things[place]], house.guarding[place])
        bits &= ~house.owned_by(self.actor.domain)
        if not self.actor.may_at_all(form.action) or not bits:
            return
        for alike in self._alike(form, bits):
            yield from self._about(form, alike.things, None, alike)

    def _about(
        self,
        form: Form,
        part: list[Thing],
        guard: Attached | None,
        alike: Alike | None = None,
    ) -> Iterator[Crossing]:
        """One decision for things that are alike, told for each domain that owns some."""
        strangers: dict[str, list[Thing]] = {}
        for thing in part:
            if thing.owners == {self.actor.domain}:
                continue
            for owner in thing.owners:
                if not self._is_refused(form, owner):
                    strangers.setdefault(owner, []).append(thing)
        if not strangers:
            return
        example = next(iter(strangers.values()))[0]
        if example.is_region or form.shape == "listing":
            for owner, found in strangers.items():
                yield from self._regions(form, owner, found, guard)
            return
        answer = self._direct(form, example, guard, alike)
        if answer is None:
            return
        for owner, found in strangers.items():
            yield _crossing(form, owner, found[0].arn, len(found), answer)

    def _is_refused(self, form: Form, owner: str) -> bool:
        """Whether the server itself turns the actor away, as a stranger in that domain."""
        domain = self.actor.domain
        return domain not in (None, owner) and form.first.name in STRANGERS_REFUSED

    def _direct(
        self, form: Form, thing: Thing, guard: Attached | None, alike: Alike | None
    ) -> Answer | None:
        fixed, free, heads, lists = self._keys(form, thing)
        question = Question(
            form.action,
            thing.arn,
            fixed,
            free,
            heads,
            is_tagging=form.shape in ("tag", "untag", "new"),
            resource=guard,
        )
        if form.shape == "untag":
            return self.permitted([question], lists, self._untagged(form), alike)
        if form.shape == "tag":
            return self.permitted([question], lists, self._tagged(form, {}), alike)
        if form.shape == "new":
            sets = self._stamped(form, self._tag_sets(form, []), None)
            questions = [question, *self._beside(form, thing.arn, is_tagged=True)]
            questions += self._referred(thing)
            return self.permitted(questions, lists, sets, alike)
        return self.permitted([question], lists, (), alike)

    def _referred(self, thing: Thing) -> list[Question]:
        """What the guard on references asks besides: whether the group may be described."""
        if "references" not in self.field.guards or thing.record is None:
            return []
        fixed = self._settled(thing.record.tags, thing.record.arn, "sagemaker")
        return [Question("sagemaker:DescribeModelPackageGroup", thing.record.arn, fixed)]

    # -- regions ----------------------------------------------------------------------------------

    def _regions(
        self, form: Form, owner: str, found: list[Thing], guard: Attached | None
    ) -> Iterator[Crossing]:
        """The first of a domain's regions that is reached, and how many there are."""
        shared: Crossing | None = None
        for thing in found:
            made = self._region(form, owner, thing, guard)
            if made is None:
                continue
            made = dataclasses.replace(made, count=len(found))
            if not thing.readers:
                yield made
                return
            shared = shared or made
        if shared is not None:
            yield shared

    def _region(
        self, form: Form, owner: str, thing: Thing, guard: Attached | None
    ) -> Crossing | None:
        if form.shape == "listing":
            answer = self._list(form, thing, guard)
            if answer is None:
                return None
            return _crossing(form, owner, thing.arn, 1, answer, thing.readers)
        for tried in self._in_region(form, thing, guard):
            answer = self._direct(form, tried, guard, None)
            if answer is not None:
                return _crossing(form, owner, tried.arn, 1, answer, thing.readers)
        return None

    def _in_region(self, form: Form, thing: Thing, guard: Attached | None) -> Iterator[Thing]:
        """Examples in a region, one for each way in which a statement can meet it."""
        arns: dict[str, None] = {}
        is_met = guard is not None
        spoken = self.actor.statements(form.action)
        policy = guard.compiled.policy if guard is not None else None
        for statement, has_variables in [
            *spoken,
            *([(one, policy.has_variables) for one in policy.statements] if policy else []),
        ]:
            if statement.is_not_resource and not statement.is_deny:
                is_met = True
            for text in statement.resources or ():
                met = self.field.below(
                    text if text != "*" else "arn:*",
                    thing.arn,
                    self.actor,
                    has_variables=has_variables,
                )
                is_met = is_met or (bool(met) and not statement.is_deny)
                arns.update(dict.fromkeys(met))
        if not is_met:
            return
        arns.setdefault(thing.arn + FRESH)
        if thing.kind == KEYS and not thing.arn.endswith(":::") and thing.arn.count("/") > 1:
            arns.setdefault(thing.arn.rstrip("/"))
        for arn in list(arns)[: patterns.EXAMPLES_MAX]:
            yield Thing(thing.kind, arn, thing.owners, thing.tags, None, request=thing.request)

    def _list(self, form: Form, thing: Thing, guard: Attached | None) -> Answer | None:
        """Whether keys of the region can be listed: with its prefix, a shorter one, or none."""
        bucket, _, region = thing.arn.partition("/")
        wanted: dict[str | None, None] = {None: None, "": None, region: None}
        lines = [self.actor.lines, *([Lines([guard.compiled.policy])] if guard else [])]
        for said in (one for found in lines for one in found.by_key.get(PREFIX, ())):
            for text in said.line.values:
                for member in self.actor.members[:1]:
                    known = member.keys
                    plain = patterns.examples(text, known, has_variables=said.has_variables)
                    wanted.update(dict.fromkeys(one for one in plain if region.startswith(one)))
                    inside = patterns.below(text, region, known, has_variables=said.has_variables)
                    wanted.update(dict.fromkeys(inside))
        if thing.arn.endswith("/") and not region:
            wanted.setdefault(FRESH)
        fixed = self._tags(form, thing.record.tags if thing.record else {}, bucket)
        question = Question(
            form.action,
            bucket,
            fixed,
            frozenset(),
            ("s3:",),
            resource=guard,
            limits={PREFIX: tuple(wanted)},
        )
        return self.permitted([question])

    # -- things that are alike --------------------------------------------------------------------

    def _alike(self, form: Form, bits: int) -> Iterator[Alike]:
        """Parts of the things that no statement about the action can tell apart, and for whom.

        What no Allow covers is left out: nobody may do it.
        """
        actor = self.actor
        spoken = actor.statements(form.action)
        beside = actor.statements(_tag_action(form.first)) if form.first.is_create else []
        always = [one for one, _ in beside]
        for members in self._by_variables(spoken, bits):
            parts, single = [bits], 0
            covered: list[int] = []
            for statement, has_variables in spoken:
                mask, doubtful = 0, 0
                for text in statement.resources or ():
                    found, is_plain = self._mask(text, members[0], has_variables=has_variables)
                    doubtful |= 0 if is_plain else found
                    mask |= found
                    parts = [
                        some for part in parts for some in (part & found, part & ~found) if some
                    ]
                single |= doubtful
                if statement.is_not_resource:
                    mask = ~(mask & ~doubtful)
                covered.append(mask if statement.resources is not None else -1)
            for part in parts:
                met = [one for (one, _), mask in zip(spoken, covered, strict=True) if mask & part]
                if all(statement.is_deny for statement in met):
                    continue
                met += always
                matters = frozenset().union(*(_in_conditions(one, actor.varying) for one in met))
                if single & part:
                    matters |= actor.varying
                for things in self._told_apart(part, single, _names(met)):
                    yield Alike(members, things, matters)

    def _mask(self, text: str, member: Member, *, has_variables: bool) -> tuple[int, bool]:
        """The things that a resource may match, and whether it is plain which those are."""
        plain = patterns.resolved(text, member.keys, has_variables=has_variables)
        if plain is not None:
            return self.field.arns.matching(plain), True
        return self.field.arns.matching(_widened(text)), False

    def _told_apart(self, part: int, single: int, names: frozenset[str]) -> Iterator[list[Thing]]:
        by_tags: dict[tuple[Any, ...], list[Thing]] = {}
        for place in patterns.places(part):
            thing = self.field.things[place]
            told: tuple[Any, ...] = ()
            if thing.is_region or single >> place & 1 or thing.request:
                told = (place,) if single >> place & 1 else (thing.kind, thing.is_region)
            if names:
                told += tuple(
                    sorted((key, v) for key, v in thing.tags.items() if key.lower() in names)
                )
            if thing.request and "*" in names:
                told += tuple(sorted(thing.request.items()))
            by_tags.setdefault(told, []).append(thing)
        yield from by_tags.values()

    def _by_variables(
        self, spoken: Sequence[tuple[Statement, bool]], bits: int
    ) -> Iterator[Sequence[Member]]:
        """Callers for whom variables in resources lead to the same things."""
        texts = dict.fromkeys(
            text
            for statement, has_variables in spoken
            if has_variables
            for text in statement.resources or ()
            if any(f"${{{key}" in text.lower() for key in self.actor.varying)
        )
        if not texts:
            yield self.actor.members
            return
        parts: dict[tuple[int, ...], list[Member]] = {}
        for member in self.actor.members:
            masks = (self._mask(text, member, has_variables=True)[0] & bits for text in texts)
            parts.setdefault(tuple(masks), []).append(member)
        yield from parts.values()

    # -- keys -------------------------------------------------------------------------------------

    def _keys(
        self, form: Form, thing: Thing
    ) -> tuple[dict[str, Value], frozenset[str], tuple[str, ...], frozenset[str]]:
        """(settled, free, beginnings of free, those that are lists) of the keys of a request."""
        operation = form.first
        fixed = self._tags(form, thing.tags, thing.arn) if form.shape != "new" else {}
        free: set[str] = set()
        lists: set[str] = set()
        heads: list[str] = []
        call = None
        for key, source in operation.keys.items():
            lowered = key.lower()
            if not callable(source):
                free.add(lowered)
                if lowered.endswith("s"):
                    lists.add(lowered)
            elif key.endswith((":", "/")):
                heads.append(lowered)
            else:
                value = None
                if thing.request is not None and (thing.record is not None or form.shape == "new"):
                    call = call or self.field.call(
                        operation, self.actor.members[0].principal, dict(thing.request)
                    )
                    value = _worked_out(source, call)
                if value is None:
                    free.add(lowered)
                else:
                    fixed[lowered] = value
        heads = [head for head in heads if head != "aws:"]
        if thing.kind == KEYS:
            fixed["s3:resourceaccount"] = self.field.settings.account_id
        return fixed, frozenset(free), tuple(heads), frozenset(lists)

    def _tags(self, form: Form, tags: Mapping[str, str], arn: str) -> dict[str, Value]:
        return self._settled(tags, arn, form.action.partition(":")[0])

    def _settled(self, tags: Mapping[str, str], arn: str, prefix: str) -> dict[str, Value]:
        fixed: dict[str, Value] = {}
        record = SimpleNamespace(arn=arn, tags=dict(tags))
        keys.add_resource(fixed, prefix, record)  # type: ignore[arg-type]
        if not fixed["aws:resourceaccount"]:
            fixed["aws:resourceaccount"] = self.field.settings.account_id
        return fixed

    # -- tags of requests -------------------------------------------------------------------------

    def _tag_sets(self, form: Form, extra: list[dict[str, str]]) -> list[dict[str, str]]:
        asked = [form.action]
        if form.first.is_create:
            asked.append(_tag_action(form.first))
        found = self.actor.lines.tag_sets(asked, extra, self.actor.members[0].keys)
        if "tags" in self.field.guards and not self._may_backfill():
            found = [one for one in found if not _automatic(one)]
        return found

    def _may_backfill(self) -> bool:
        """Whether the guard on tags lets the actor pass, on anything at all."""
        return self.actor.domain is None and self.actor.may_at_all(BACKFILL)

    def _tagged(self, form: Form, must: Mapping[str, str]) -> list[Mapping[str, Value]]:
        """Tags that AddTags and its like may bring: at least one."""
        found = self._tag_sets(form, [dict(must)] if must else [self._own_tag()])
        return [as_keys(one) for one in found if one and must.items() <= one.items()]

    def _own_tag(self) -> dict[str, str]:
        """The tag that makes a thing the actor's own."""
        domain = self.field.ground.domains.get(self.actor.domain or "")
        return {tagging.DOMAIN_TAG: domain.arn if domain else FRESH}

    def _untagged(self, form: Form) -> list[Mapping[str, Value]]:
        """Keys that DeleteTags and its like may take away."""
        found = self._tag_sets(form, [{tagging.DOMAIN_TAG: ""}])
        return [{"aws:tagkeys": tuple(one)} for one in found if one]

    def _stamped(
        self, form: Form, sets: Iterable[dict[str, str]], goal: str | None
    ) -> list[Mapping[str, Value]]:
        """Tags that a create would carry in the end; with ``goal``, those of that domain only."""
        found: dict[tuple[tuple[str, str], ...], Mapping[str, Value]] = {}
        for one in sets:
            call = self.field.call(form.first, self.actor.members[0].principal, {})
            tags = tagging.propagated(call) | tagging.of_caller(call, one) | tagging.of_origin(call)
            if goal is None or tags.get(tagging.DOMAIN_TAG) == goal:
                found.setdefault(tuple(sorted(tags.items())), as_keys(tags))
        return list(found.values())

    # -- creates ----------------------------------------------------------------------------------

    def _beside(self, form: Form, arn: str, *, is_tagged: bool) -> list[Question]:
        """What a create is asked besides: its tags."""
        operation = form.first
        if not is_tagged or not operation.is_taggable:
            return []
        fixed = {"sagemaker:taggingaction": operation.name}
        return [Question(_tag_action(operation), arn, fixed, is_tagging=True)]

    def _plant(self, form: Form) -> Iterator[Crossing]:
        """Whether something can be made that bears another domain's tag."""
        actor, resource = self.actor, form.first.resource
        if actor.domain is not None or resource is None or not actor.may_at_all(form.action):
            return  # a session of a domain bears that domain's tag, and no word of it changes that
        if _needs_role(form.first) and not self.passable():
            return
        arns = list(self._new_arns(form, resource))
        free, lists = frozenset(k.lower() for k in form.first.keys), _lists(form.first)
        for domain in self.field.ground.domains.values():
            sets = self._stamped(
                form, self._tag_sets(form, [{tagging.DOMAIN_TAG: domain.arn}]), domain.arn
            )
            for arn in arns:
                questions = [
                    Question(form.action, arn, {}, free, is_tagging=True),
                    *self._beside(form, arn, is_tagged=True),
                ]
                answer = self.permitted(questions, lists, sets)
                if answer is not None:
                    yield _crossing(form, domain.id, arn, 1, answer)
                    break

    def _new_arns(self, form: Form, resource: Resource) -> Iterator[str]:
        """ARNs that a new thing of this kind could have."""
        settings = self.field.settings
        head = f"arn:{settings.partition}:{resource.service.prefix}:"
        head += f"{'' if resource.is_global else settings.region}:{settings.account_id}:"
        tail = resource.tail(_Fresh())
        place = head + tail.partition(FRESH)[0]
        yield head + tail
        for statement, has_variables in self.actor.statements(form.action):
            for text in statement.resources or ():
                if text != "*":
                    yield from self.field.below(
                        text, place, self.actor, has_variables=has_variables
                    )

    def _hand_over(self, form: Form, home: str) -> Iterator[Crossing]:
        """Whether a thing of one's own domain can be given another domain's tag."""
        if not self.actor.may_at_all(form.action):
            return
        bits = 0
        for kind, mask in self.field.masks.items():
            if form.concerns(kind):
                bits |= mask
        for alike in self._alike(form, bits):
            own = [thing for thing in alike.things if home in thing.owners and not thing.is_region]
            if not own:
                continue
            for domain in self.field.ground.domains.values():
                if domain.id in own[0].owners:
                    continue
                fixed, free, heads, lists = self._keys(form, own[0])
                question = Question(form.action, own[0].arn, fixed, free, heads, is_tagging=True)
                sets = self._tagged(form, {tagging.DOMAIN_TAG: domain.arn})
                answer = self.permitted([question], lists, sets, alike)
                if answer is not None:
                    made = _crossing(form, domain.id, own[0].arn, len(own), answer)
                    yield dataclasses.replace(made, sources=own[0].owners)

    def runs_code(self) -> str | None:
        """An operation that hands over a role and that the actor may do at all."""
        for operation in self.field.registry.operations():
            members = operation.model.input.members if operation.model.input else {}
            takes_role = any(path.split(".")[0] in members for path in operation.passes)
            if not takes_role or not self.actor.may_at_all(operation.action):
                continue
            if operation.is_create and self._may_create(operation):
                return operation.name
            if not operation.is_create and self._may_change(operation):
                return operation.name
        return None

    def _may_create(self, operation: Operation) -> bool:
        if operation.resource is None:
            return False
        form = Form("plant", operation.action, "leak", operation)
        free = frozenset(key.lower() for key in operation.keys)
        sets = self._stamped(form, self._tag_sets(form, []), None)
        return any(
            self.permitted(
                [
                    Question(form.action, arn, {}, free, is_tagging=True),
                    *(self._beside(form, arn, is_tagged=True)),
                ],
                _lists(operation),
                sets,
            )
            for arn in self._new_arns(form, operation.resource)
        )

    def _may_change(self, operation: Operation) -> bool:
        if operation.resource is None:
            return False
        kind = operation.resource.kind
        form = Form("thing", operation.action, "leak", operation, frozenset({kind}))
        bits = self.field.masks.get(kind, 0)
        return any(
            self._direct(form, alike.things[0], None, alike) is not None
            for alike in self._alike(form, bits)
        )

    def passable(self) -> list[str]:
        """Roles that the actor may hand to SageMaker."""
        return [role for role, _ in self.passes()]

    def passes(self) -> list[tuple[str, Answer]]:
        """Roles that the actor may hand to SageMaker, with what allows it."""
        known = self.__dict__.get("_passes")
        if known is None:
            known = self.__dict__["_passes"] = list(self._passes())
        return list(known)

    def _passes(self) -> Iterator[tuple[str, Answer]]:
        if not self.actor.may_at_all("iam:PassRole"):
            return
        for arn, record in self.field.ground.identities.items():
            if record.kind == "iam:role":
                fixed: dict[str, Value] = {"iam:passedtoservice": PASSED_TO}
                answer = self.permitted([Question("iam:PassRole", arn, fixed)])
                if answer is not None:
                    yield arn, answer

    # -- the whole account ------------------------------------------------------------------------

    def _account(self, form: Form) -> Iterator[Crossing]:
        """Lists and the like, which show every domain's names at once."""
        if "lists" in self.field.guards or not self.actor.may_at_all(form.action):
            return
        settings = self.field.settings
        on = form.on
        if on != "*":
            place = f"arn:{settings.partition}:{form.action.partition(':')[0]}:{settings.region}"
            on = f"{place}:{settings.account_id}:{form.on}"
        heads = tuple(
            key.lower()
            for key, source in form.first.keys.items()
            if callable(source) and key.endswith((":", "/"))
        )
        free = frozenset(k.lower() for k in form.first.keys)
        for domain in self.field.ground.domains.values():
            limits = {_OWN_TAG: (None, domain.arn)} if _VISIBILITY in heads else {}
            question = Question(form.action, on, {}, free, heads, limits=limits)
            answer = self.permitted([question], _lists(form.first))
            if answer is None:
                if not limits:
                    return
                continue
            yield _crossing(form, domain.id, on, 1, answer)


def _crossing(
    form: Form,
    owner: str,
    example: str,
    count: int,
    answer: Answer,
    readers: frozenset[str] = frozenset(),
) -> Crossing:
    decision = answer.decisions[0] if answer.decisions else Decision("implicitDeny")
    return Crossing(
        *(form, owner, example, count, decision, answer.member, answer.witness),
        is_exact=answer.is_exact,
        readers=readers,
    )


def _worked_out(source: Any, call: Call) -> Value | None:
    value = source(call, call.request)
    if value in (None, (), [], ""):
        return None
    if isinstance(value, (list, tuple)):
        return tuple(str(one) for one in value)
    return str(value)


def _segments(questions: Sequence[Question]) -> list[str]:
    """What a free tag of a session could be compared with: tags of the thing, parts of its ARN."""
    found: dict[str, None] = {}
    for question in questions:
        for value in question.fixed.values():
            if isinstance(value, str):
                found.setdefault(value)
        for part in question.arn.replace("/", ":").split(":"):
            found.setdefault(part)
    return [one for one in found if one]


def as_keys(tags: Mapping[str, str]) -> dict[str, Value]:
    """The condition keys that tags of a request make."""
    found: dict[str, Value] = {}
    if tags:
        keys.add_tags(found, dict(tags))
    return found


def _automatic(tags: Mapping[str, str]) -> bool:
    return any(key.lower() in tagging.AUTOMATIC for key in tags)


def _tag_action(operation: Operation) -> str:
    return operation.tag_action or f"{operation.service.prefix}:AddTags"


def _lists(operation: Operation) -> frozenset[str]:
    return frozenset(
        key.lower()
        for key, source in operation.keys.items()
        if not callable(source) and key.endswith("s")
    )


def _needs_role(operation: Operation) -> bool:
    needed = operation.model.input.required if operation.model.input else ()
    return any(path in needed for path in operation.passes)


def _widened(text: str) -> str:
    """A pattern with all its variables as wildcards."""
    found = patterns.pieces(text, has_variables=True)
    return "".join(
        one.value if isinstance(one, match.Wild) else one if isinstance(one, str) else "*"
        for one in found
    )


def _names(statements: Iterable[Statement]) -> frozenset[str]:
    """Tag keys, in lower case, that a statement looks at; ``*``: keys worked out of records."""
    found: set[str] = set()
    for statement in statements:
        texts = list(statement.resources or ())
        for line in statement.lines:
            key = line.key.lower()
            texts += line.values
            if _RESOURCE_TAG in key:
                found.add(key.partition("/")[2])
            elif key.startswith(("sagemaker:owner", "sagemaker:spaces", "iam:")):
                found.add("*")
        for lowered in map(str.lower, texts):
            if "${" in lowered and _RESOURCE_TAG in lowered:
                found |= {
                    piece.partition("}")[0].partition(",")[0]
                    for piece in lowered.split(_RESOURCE_TAG)[1:]
                }
    return frozenset(found)


def _in_conditions(statement: Statement, varying: frozenset[str]) -> frozenset[str]:
    """The keys among ``varying`` that conditions of a statement look at."""
    found = {line.key.lower() for line in statement.lines}
    for line in statement.lines:
        for text in line.values:
            lowered = text.lower()
            if "${" in lowered:
                found |= {key for key in varying if f"${{{key}" in lowered}
    return frozenset(found & varying)


class _Fresh(dict[str, Any]):
    """A document in which every member has the name of something new."""

    def __missing__(self, _key: str) -> str:
        return FRESH

    def get(self, key: str, default: Any = None) -> Any:
        return FRESH if key.lower().endswith(("name", "id", "arn")) else default

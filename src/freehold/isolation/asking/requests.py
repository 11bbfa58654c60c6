"""One request of one actor: its condition keys, the tags that it may bring, and the answer.

A request asks several questions (the action itself, its tags); one caller and one choice must be
allowed all of them. Read by ``sorting.py`` and ``crossings``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from freehold.isolation import patterns
from freehold.isolation.account.things import KEYS, Thing
from freehold.isolation.asking.actors import VARYING_HEAD, Actor, Member, Question
from freehold.isolation.asking.candidates import Lines
from freehold.isolation.asking.choices import TAGS, Choice, search
from freehold.isolation.asking.field import Alike, Answer, Field
from freehold.isolation.asking.forms import Form
from freehold.kernel import tagging
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Operation
from freehold.kernel.permission import context as keys
from freehold.kernel.permission.guards.automatic import BACKFILL
from freehold.policy.context import Value
from freehold.policy.decision import Decision
from freehold.policy.evaluate import Attached

FRESH = patterns.FRESH
PREFIX = "s3:prefix"
_RESOURCE_TAG = "resourcetag/"
_VISIBILITY = "sagemaker:searchvisibilitycondition/"
_OWN_TAG = f"{_VISIBILITY}tags.{tagging.DOMAIN_TAG}/equalsifexists"


class _Bearer(NamedTuple):
    """What a thing would be, as far as its tags are asked."""

    arn: str
    tags: Mapping[str, str]


class Requests:
    """One actor before the field: what it may ask."""

    def __init__(self, field_: Field, actor: Actor) -> None:
        self.field = field_
        self.actor = actor

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
        keys.add_resource(fixed, prefix, _Bearer(arn, tags))
        if not fixed["aws:resourceaccount"]:
            fixed["aws:resourceaccount"] = self.field.settings.account_id
        return fixed

    def _tag_sets(self, form: Form, extra: list[dict[str, str]]) -> list[dict[str, str]]:
        asked = [form.action]
        if form.first.is_create:
            asked.append(tag_action(form.first))
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

    def _beside(self, form: Form, arn: str, *, is_tagged: bool) -> list[Question]:
        """What a create is asked besides: its tags."""
        operation = form.first
        if not is_tagged or not operation.is_taggable:
            return []
        fixed = {"sagemaker:taggingaction": operation.name}
        return [Question(tag_action(operation), arn, fixed, is_tagging=True)]

    def _referred(self, thing: Thing) -> list[Question]:
        """What the guard on references asks besides: whether the group may be described."""
        if "references" not in self.field.guards or thing.record is None:
            return []
        fixed = self._settled(thing.record.tags, thing.record.arn, "sagemaker")
        return [Question("sagemaker:DescribeModelPackageGroup", thing.record.arn, fixed)]

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


def tag_action(operation: Operation) -> str:
    """What a create that brings tags is asked besides."""
    return operation.tag_action or f"{operation.service.prefix}:AddTags"


def list_keys(operation: Operation) -> frozenset[str]:
    """The condition keys of an operation that hold several values."""
    return frozenset(
        key.lower()
        for key, source in operation.keys.items()
        if not callable(source) and key.endswith("s")
    )

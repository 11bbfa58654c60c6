"""What an actor may do to whose things: every form of every operation, asked of the engine.

From an actor and the field of all things to crossings, which ``examine.py`` turns into findings.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from freehold.isolation import patterns
from freehold.isolation.account.things import Thing
from freehold.isolation.asking.actors import Question
from freehold.isolation.asking.field import Alike
from freehold.isolation.asking.forms import STRANGERS_REFUSED, Form
from freehold.isolation.asking.requests import list_keys
from freehold.isolation.crossings.creates import Creates
from freehold.isolation.crossings.crossing import Crossing, crossing_of
from freehold.isolation.crossings.regions import Regions
from freehold.kernel import tagging
from freehold.policy.evaluate import Attached

FRESH = patterns.FRESH
PREFIX = "s3:prefix"
_RESOURCE_TAG = "resourcetag/"
_VISIBILITY = "sagemaker:searchvisibilitycondition/"
_OWN_TAG = f"{_VISIBILITY}tags.{tagging.DOMAIN_TAG}/equalsifexists"


class Asking(Creates, Regions):
    """One actor before the field: everything that it reaches."""

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
        regions = [house.things[place] for place in patterns.places(bits & house.regions)]
        yield from self._about(form, regions, None)
        for alike in self._alike(form, bits & ~house.regions):
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
            yield crossing_of(form, owner, found[0].arn, len(found), answer)

    def _is_refused(self, form: Form, owner: str) -> bool:
        """Whether the server itself turns the actor away, as a stranger in that domain."""
        domain = self.actor.domain
        return domain not in (None, owner) and form.first.name in STRANGERS_REFUSED

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
            return crossing_of(form, owner, thing.arn, 1, answer, thing.readers)
        for tried in self._in_region(form, thing, guard):
            answer = self._direct(form, tried, guard, None)
            if answer is not None:
                return crossing_of(form, owner, tried.arn, 1, answer, thing.readers)
        return None

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
            answer = self.permitted([question], list_keys(form.first))
            if answer is None:
                if not limits:
                    return
                continue
            yield crossing_of(form, domain.id, on, 1, answer)

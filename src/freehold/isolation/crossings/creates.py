"""What an actor can bring into the world: with whose tag, under which role.

Also whether it can hand over what its own domain has, which ends the same way.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from freehold.isolation import patterns
from freehold.isolation.asking.actors import Question
from freehold.isolation.asking.field import Answer
from freehold.isolation.asking.forms import Form
from freehold.isolation.asking.requests import list_keys
from freehold.isolation.asking.sorting import Sorting
from freehold.isolation.crossings.crossing import Crossing, crossing_of
from freehold.kernel import tagging
from freehold.kernel.declare.operation import Operation
from freehold.kernel.declare.resource import Resource
from freehold.kernel.permission.roles import SAGEMAKER
from freehold.policy.context import Value

FRESH = patterns.FRESH
PREFIX = "s3:prefix"
_RESOURCE_TAG = "resourcetag/"
_VISIBILITY = "sagemaker:searchvisibilitycondition/"
_OWN_TAG = f"{_VISIBILITY}tags.{tagging.DOMAIN_TAG}/equalsifexists"


class Creates(Sorting):
    """An actor that makes things."""

    def _plant(self, form: Form) -> Iterator[Crossing]:
        """Whether something can be made that bears another domain's tag."""
        actor, resource = self.actor, form.first.resource
        if actor.domain is not None or resource is None or not actor.may_at_all(form.action):
            return  # a session of a domain bears that domain's tag, and no word of it changes that
        if _needs_role(form.first) and not self.passable():
            return
        arns = list(self._new_arns(form, resource))
        free, lists = frozenset(k.lower() for k in form.first.keys), list_keys(form.first)
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
                    yield crossing_of(form, domain.id, arn, 1, answer)
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
                    made = crossing_of(form, domain.id, own[0].arn, len(own), answer)
                    yield dataclasses.replace(made, sources=own[0].owners)

    def runs_code(self) -> str | None:
        """An operation that hands over a role and that the actor may do at all."""
        for operation in self.field.registry.operations():
            members = operation.model.input.members if operation.model.input else {}
            hands_over = operation.passes if operation.event_source == SAGEMAKER else ()
            takes_role = any(path.split(".")[0] in members for path in hands_over)
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
                list_keys(operation),
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
                fixed: dict[str, Value] = {"iam:passedtoservice": SAGEMAKER}
                answer = self.permitted([Question("iam:PassRole", arn, fixed)])
                if answer is not None:
                    yield arn, answer


def _needs_role(operation: Operation) -> bool:
    needed = operation.model.input.required if operation.model.input else ()
    return any(path in needed for path in operation.passes)


class _Fresh(dict[str, Any]):
    """A document in which every member has the name of something new."""

    def __missing__(self, _key: str) -> str:
        return FRESH

    def get(self, key: str, default: Any = None) -> Any:
        return FRESH if key.lower().endswith(("name", "id", "arn")) else default

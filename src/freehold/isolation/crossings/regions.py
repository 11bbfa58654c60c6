"""Regions: keys below a prefix, names that a new thing could have.

Policy speaks of ARNs and a region holds endlessly many, so examples are made where its statements
meet the region; whether they are allowed decides the engine.
"""

from __future__ import annotations

from collections.abc import Iterator

from freehold.isolation import patterns
from freehold.isolation.account.things import KEYS, Thing
from freehold.isolation.asking.actors import Question
from freehold.isolation.asking.candidates import Lines
from freehold.isolation.asking.field import Answer
from freehold.isolation.asking.forms import Form
from freehold.isolation.asking.requests import Requests
from freehold.kernel import tagging
from freehold.policy.evaluate import Attached

FRESH = patterns.FRESH
PREFIX = "s3:prefix"
_RESOURCE_TAG = "resourcetag/"
_VISIBILITY = "sagemaker:searchvisibilitycondition/"
_OWN_TAG = f"{_VISIBILITY}tags.{tagging.DOMAIN_TAG}/equalsifexists"


class Regions(Requests):
    """An actor that looks into regions."""

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

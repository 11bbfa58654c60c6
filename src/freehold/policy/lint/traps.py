"""Traps of conditions and principals: what holds, or is silent, when a key is absent."""

from __future__ import annotations

from collections.abc import Iterator

from freehold.policy import conditions
from freehold.policy.document import Line, Statement
from freehold.policy.lint.finding import Facts, Finding

MFA = "aws:multifactorauthpresent"
# In every signed call that a client makes itself (iam-evaluation.md section 6).
ALWAYS_THERE = frozenset(
    {"aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid"}
    | {"aws:currenttime", "aws:epochtime", "aws:requestedregion", "aws:securetransport"}
    | {"aws:sourceip", "aws:viaawsservice", "aws:principalisawsservice"}
)


def of_conditions(statement: Statement, label: str) -> Iterator[Finding]:
    """What a condition lets through, or does not see, when its key is absent."""
    present = keys_present(statement)
    if statement.is_deny:
        yield from _silent(statement, label, present)
        return
    for line in statement.lines:
        if line.operator.startswith("ForAllValues:") and line.key.lower() not in present:
            yield _vacuous(line, label)
    if statement.lines and all(map(holds_absent, statement.lines)):
        keys = ", ".join(sorted({line.key for line in statement.lines}))
        yield Finding(
            "absent-is-allowed",
            label,
            f"every condition of this Allow also holds when its key is absent ({keys})",
            'add "Null": {"<key>": "false"}, or a positive operator',
        )


def _vacuous(line: Line, label: str) -> Finding:
    cure = f'add "Null": {{"{line.key}": "false"}}'
    if line.key.lower() == "aws:tagkeys":
        tags = ", ".join(f'"aws:RequestTag/{key}": "<value>"' for key in line.values)
        cure += f', replace by "StringEquals": {{{tags}}}, and keep Update* out'
    return Finding(
        "vacuous-set",
        label,
        f"{line.operator} holds when a call carries no {line.key} at all",
        cure,
    )


def _silent(statement: Statement, label: str, present: frozenset[str]) -> Iterator[Finding]:
    for line in statement.lines:
        found = conditions.operator(line.operator)
        key = line.key.lower()
        if found is None or found.base == "Null" or found.quantifier or found.is_if_exists:
            continue
        if "Not" in found.base or key in ALWAYS_THERE or key in present:
            continue
        cure = f'"{line.operator}IfExists", or a negated operator over what is allowed'
        if key == MFA:
            yield Finding(
                "mfa-unseen",
                label,
                f"long-term access keys have no {line.key}, so this Deny does not see them",
                cure,
            )
        else:
            yield Finding(
                "deny-is-silent",
                label,
                f"this Deny says nothing to calls without {line.key}",
                f"{cure}; or leave it if such calls are meant to pass",
            )


def of_lists(statement: Statement, label: str, facts: Facts) -> Iterator[Finding]:
    """Plain operators over keys that hold lists."""
    for line in statement.lines:
        found = conditions.operator(line.operator)
        is_plain = found is not None and not found.quantifier and found.base != "Null"
        if is_plain and facts.is_multi_valued(line.key):
            yield Finding(
                "plain-over-list",
                label,
                f"{line.key} holds a list, and {line.operator} compares one value",
                f'"ForAnyValue:{line.operator}": {{"{line.key}": ...}}',
            )


def of_principals(statement: Statement, label: str) -> Iterator[Finding]:
    """Whom a trust or resource policy speaks of."""
    principals = statement.principals
    if principals is None:
        return
    if statement.is_not_principal:
        yield Finding(
            "not-principal",
            label,
            "NotPrincipal hits everyone who is not listed: every session and the account itself "
            "must be listed beside a role, and whoever has a permissions boundary is always hit",
            '"Principal": "*" with "ArnNotLike": {"aws:PrincipalArn": [...]}',
        )
    elif principals.is_everyone and not statement.is_deny and not statement.lines:
        yield Finding(
            "everyone",
            label,
            "everyone is allowed, of every account",
            'name the principals, or add "StringEquals": {"aws:PrincipalAccount": "<account>"}',
        )


def keys_present(statement: Statement) -> frozenset[str]:
    """Keys, in lower case, that a ``Null`` line requires to be there."""
    return frozenset(
        line.key.lower()
        for line in statement.lines
        if line.operator == "Null" and [text.lower() for text in line.values] == ["false"]
    )


def holds_absent(line: Line) -> bool:
    """Whether a plain condition line holds when its key is absent."""
    found = conditions.operator(line.operator)
    if found is None or found.base == "Null" or found.quantifier:
        return False
    return found.is_if_exists or "Not" in found.base


def confines(line: Line) -> bool:
    """Whether a line lets through only calls that bring some value of its key."""
    found = conditions.operator(line.operator)
    if found is None or found.base == "Null" or found.is_if_exists or "Not" in found.base:
        return False
    return found.quantifier != "ForAllValues:"

"""Traps of actions and resources: what reaches further than it says, and what never applies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from freehold.policy import conditions, match
from freehold.policy.document import Line, Policy, Statement
from freehold.policy.lint.finding import ActionFacts, Facts, Finding
from freehold.policy.lint.traps import confines

_HANDS_OVER = "iam:passrole"
_PASSED_TO = "iam:passedtoservice"
_TYPELESS = frozenset({"s3", "sns", "sqs", "execute-api"})  # no type before a resource's name
_LISTED_MAX = 4
# Keys that services list by action; all other ``aws:`` keys go with every call.
_LISTED_KEYS = ("aws:requesttag/", "aws:resourcetag/", "aws:tagkeys")


def of_entries(policy: Policy, statement: Statement, label: str) -> Iterator[Finding]:
    """What can be seen without knowing any service."""
    if not statement.is_deny:
        yield from _negated(statement, label)
        yield from _passed(statement, label)
    for entry in statement.resources or ():
        if _is_type_a_pattern(entry):
            yield Finding(
                "wildcard-in-type",
                label,
                f"the wildcard stands in the type of {entry}, where AWS does not promise a match",
                "name the type, and let the wildcard stand behind its slash or colon",
            )
    if not policy.has_variables and (found := _variable(statement)) is not None:
        yield Finding(
            "variables-of-2008",
            label,
            f"without Version 2012-10-17, {found} is plain text, not a variable",
            '"Version": "2012-10-17"',
        )


def _negated(statement: Statement, label: str) -> Iterator[Finding]:
    is_confined = any(map(confines, statement.lines))
    if statement.is_not_action:
        yield Finding(
            "not-action",
            label,
            "NotAction with Allow grants everything else, of every service, also of those to come",
            "list what is allowed in Action; or deny what is meant to be left out",
        )
    elif statement.is_not_resource and not is_confined:
        yield Finding(
            "not-resource",
            label,
            "NotResource with Allow grants every other resource, of everybody",
            'name the resources, or add a condition such as "StringEquals": '
            '{"aws:RequestTag/sagemaker:domain-arn": "<the domain\'s ARN>"}',
        )


def _passed(statement: Statement, label: str) -> Iterator[Finding]:
    test, _ = match.actions(statement.actions)
    if test(_HANDS_OVER) == statement.is_not_action or statement.resources is None:
        return
    to_service = any(line.key.lower() == _PASSED_TO and confines(line) for line in statement.lines)
    is_any = statement.is_not_resource or any(map(_is_any_role, statement.resources))
    cure = (
        '"Resource": "<the role\'s ARN>" and "StringEquals": {"iam:PassedToService": "<service>"}'
    )
    if is_any:
        message = "any role may be passed on, those of other domains too, and what they may do"
        yield Finding("pass-role", label, message, cure)
    elif not to_service and any(":iam:" in entry for entry in statement.resources):
        message = "the role may be passed to every service, not only to the one that it is for"
        yield Finding("pass-role", label, message, cure)


def _is_any_role(entry: str) -> bool:
    if entry == "*":
        return True
    parts = match.arn_parts(entry)
    return len(parts) < match.ARN_PARTS or parts[5] in ("*", "role*", "role/*")


def _is_type_a_pattern(entry: str) -> bool:
    parts = match.arn_parts(entry)
    if len(parts) < match.ARN_PARTS or parts[2] in _TYPELESS:
        return False
    ends = [at for sign in "/:" if (at := parts[5].find(sign)) >= 0]
    head = parts[5][: min(ends)] if ends else ""
    return "${" not in head and any(sign in head for sign in "*?")


def _variable(statement: Statement) -> str | None:
    texts = [
        *(statement.resources or ()),
        *(text for line in statement.lines for text in line.values),
    ]
    return next((text for text in texts if "${" in text), None)


# -- with what AWS says of its actions ------------------------------------------------------------


def of_actions(statement: Statement, label: str, facts: Facts) -> Iterator[Finding]:
    """Actions that do not exist, cannot be confined, or do not know a condition's key."""
    for entry in statement.actions:
        service, colon, _ = entry.lower().partition(":")
        if not colon:
            continue
        known = facts.actions(service)
        meant = [] if known is None else _meant(entry, known)
        if not meant:
            yield _unknown(entry, label, is_service_known=known is not None)
        elif not statement.is_not_action:
            yield from _unconfined(statement, label, entry, meant)
            yield from _dead_keys(statement, label, entry, meant)


def _meant(entry: str, known: Mapping[str, ActionFacts]) -> list[ActionFacts]:
    test, _ = match.actions((entry,))
    service = entry.partition(":")[0].lower()
    return [facts for name, facts in known.items() if test(f"{service}:{name}")]


def _unknown(entry: str, label: str, *, is_service_known: bool) -> Finding:
    service, _, name = entry.partition(":")
    what = f"has no action {name}" if is_service_known else "is no service with such actions"
    if is_service_known and ("*" in name or "?" in name):
        what = f"has no action like {name}"
    return Finding(
        "unknown-action",
        label,
        f"{service} {what}: this entry never applies",
        "see the Service Authorization Reference for the action's name",
    )


def _unconfined(
    statement: Statement, label: str, entry: str, meant: list[ActionFacts]
) -> Iterator[Finding]:
    """``*`` alone reaches an action that knows no resources."""
    if statement.resources is None or statement.is_not_resource or "*" in statement.resources:
        return
    if any(facts.is_confinable for facts in meant):
        return
    effect = "denies nothing" if statement.is_deny else "allows nothing"
    yield Finding(
        "never-confined",
        label,
        f"{entry} cannot be confined to resources, so with a Resource other than * it {effect}",
        f'a statement of its own for {entry} with "Resource": "*"',
    )


def _dead_keys(
    statement: Statement, label: str, entry: str, meant: list[ActionFacts]
) -> Iterator[Finding]:
    for line in statement.lines:
        key = line.key.lower()
        if _goes_with_every_call(key) or any(_knows(facts, key) for facts in meant):
            continue
        if line.operator == "Null" and line.values == ("true",) and len(statement.actions) > 1:
            continue  # said for the other actions; of this one it is true
        yield Finding(
            "dead-key",
            label,
            f"{entry} never has {line.key}: {_outcome(statement, line)}",
            f"a statement of its own for {entry}, without this condition or with a key it knows",
        )


def _goes_with_every_call(key: str) -> bool:
    return key.startswith("aws:") and not key.startswith(_LISTED_KEYS)


def _knows(facts: ActionFacts, key: str) -> bool:
    head = key.partition("/")[0] + "/"
    return key in facts.keys or head in facts.keys


def _outcome(statement: Statement, line: Line) -> str:
    found = conditions.operator(line.operator)
    is_null = found is not None and found.base == "Null"
    holds = line.values == ("true",) if is_null else not confines(line)
    if holds:
        return "the condition always holds, and confines nothing"
    return f"the condition never holds, so this {'Deny' if statement.is_deny else 'Allow'} is dead"

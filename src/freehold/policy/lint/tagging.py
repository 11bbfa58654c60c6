"""Traps of tags: who may write the tags that permission hangs on, and what a create must bring."""

from __future__ import annotations

from collections.abc import Iterator

from freehold.policy import match
from freehold.policy.document import Line, Policy, Statement
from freehold.policy.lint.finding import Finding
from freehold.policy.lint.traps import confines, holds_absent, keys_present

_TAGGING = ("sagemaker:addtags", "sagemaker:deletetags")
_SCOPES = ("sagemaker:taggingaction", "aws:resourcetag/", "sagemaker:resourcetag/")
_REQUEST_TAG = "aws:requesttag/"
_CREATES = ("create", "run", "register", "import")
_CHANGES = ("update", "delete", "put", "stop", "start", "modify", "batch", "set", "remove")


def of_tags(policy: Policy, statement: Statement, label: str) -> Iterator[Finding]:
    """What an Allow leaves open about tags."""
    if statement.is_deny:
        return
    yield from _without_value(statement, label)
    yield from _shared(statement, label)
    if _lets_retag(statement) and not any(map(_keeps_tags, policy.statements)):
        yield Finding(
            "unscoped-tagging",
            label,
            "who may change any tag of any resource may move it to another domain",
            'allow AddTags with "Null": {"sagemaker:TaggingAction": "false"}, and deny AddTags and '
            'DeleteTags with "ForAnyValue:StringLike": {"aws:TagKeys": "sagemaker:*"} and '
            '"Null": {"sagemaker:TaggingAction": "true"}',
        )


def _without_value(statement: Statement, label: str) -> Iterator[Finding]:
    """A tag key that must be there, and may hold anything: another domain's ARN too."""
    with_value = {line.key.lower() for line in statement.lines if confines(line)}
    named = {key for line in statement.lines for key in _named(line)}
    open_ = sorted(key for key in named if f"{_REQUEST_TAG}{key.lower()}" not in with_value)
    if open_:
        values = ", ".join(f'"aws:RequestTag/{key}": "<value>"' for key in open_)
        yield Finding(
            "key-without-value",
            label,
            f"only the key of the tag {', '.join(open_)} is looked at: it may hold any value, such "
            "as another domain's ARN",
            f'add "StringEquals": {{{values}}}',
        )


def _named(line: Line) -> tuple[str, ...]:
    """Tag keys that a line asks a request to bring, whole: patterns stand for no one key."""
    key = line.key.lower()
    if key == "aws:tagkeys" and line.operator != "Null" and not holds_absent(line):
        return tuple(value for value in line.values if "*" not in value and "?" not in value)
    if key.startswith(_REQUEST_TAG) and line.operator == "Null" and "false" in line.values:
        return (line.key[len(_REQUEST_TAG) :],)
    return ()


def _shared(statement: Statement, label: str) -> Iterator[Finding]:
    """Updates beside creates, under a condition that looks at what only creates bring."""
    if statement.is_not_action or not statement.lines:
        return
    present = keys_present(statement)
    for line in statement.lines:
        key = line.key.lower()
        is_of_request = key == "aws:tagkeys" or key.startswith(_REQUEST_TAG)
        is_vacuous = line.operator.startswith("ForAllValues:") or holds_absent(line)
        if not is_of_request or not is_vacuous or key in present:
            return
    creates = _named_like(statement, _CREATES)
    changes = _named_like(statement, _CHANGES)
    if creates and changes:
        yield Finding(
            "shared-create-condition",
            label,
            f"{', '.join(changes)} brings no tags, so the condition that is meant for "
            f"{', '.join(creates)} always holds for it: on everybody's resources",
            f"move {', '.join(changes)} into a statement of its own with "
            '"StringEquals": {"aws:ResourceTag/<key>": "<value>"}',
        )


def _named_like(statement: Statement, heads: tuple[str, ...]) -> list[str]:
    return [
        entry
        for entry in statement.actions
        if (name := entry.partition(":")[2].lower()).startswith(heads) or name == "*"
    ]


def _lets_retag(statement: Statement) -> bool:
    test, _ = match.actions(statement.actions)
    is_named = any(test(action) != statement.is_not_action for action in _TAGGING)
    return is_named and not any(line.key.lower().startswith(_SCOPES) for line in statement.lines)


def _keeps_tags(statement: Statement) -> bool:
    test, _ = match.actions(statement.actions)
    is_over_tags = any(line.key.lower() == "aws:tagkeys" for line in statement.lines)
    is_complete = all(test(action) != statement.is_not_action for action in _TAGGING)
    return statement.is_deny and is_complete and is_over_tags

"""What a request must show for a statement to apply, as far as that can be said beforehand.

Made by ``compile.py`` with each rule, for the index of ``tables.py``. In doubt nothing is said, and
the statement is always asked.
"""

from __future__ import annotations

import re

from freehold.policy import conditions
from freehold.policy.document import Line, Statement
from freehold.policy.finding.tables import Mark, Marks, name_mark
from freehold.policy.patterns.pieces import ARN_PARTS, arn_parts

NONE: Marks = ()
_PATTERN = re.compile(r"[*?]|\$\{")


def of(statement: Statement, *, has_variables: bool) -> Marks:
    """The marks of one statement."""
    choices = [_of_resource(statement, has_variables=has_variables)]
    choices += [_of_line(line, has_variables=has_variables) for line in statement.lines]
    return tuple([choice for choice in choices if choice])


def _of_resource(statement: Statement, *, has_variables: bool) -> tuple[Mark, ...]:
    """How the last part of the ARN must begin: one of these; empty if that cannot be said."""
    if statement.resources is None or statement.is_not_resource:
        return ()
    found: dict[Mark, None] = {}
    for entry in statement.resources:
        if statement.is_deny and "${" in entry:
            return ()  # malformed, it would deny everything
        parts = arn_parts(entry) if has_variables else entry.split(":", ARN_PARTS - 1)
        mark = name_mark(_PATTERN.split(parts[-1], maxsplit=1)[0])
        if len(parts) < ARN_PARTS or mark is None:
            return ()
        found[mark] = None
    return tuple(found)


def _of_line(line: Line, *, has_variables: bool) -> tuple[Mark, ...]:
    """The values that the key must have: for whole texts only, where absence does not hold."""
    found = conditions.operator(line.operator)
    if found is None or found.base != "StringEquals" or found.is_if_exists:
        return ()
    if found.quantifier == "ForAllValues:" or (
        has_variables and any("${" in text for text in line.values)
    ):
        return ()
    key = line.key.lower()
    return tuple([(key, text) for text in dict.fromkeys(line.values)])

"""Why a policy did not allow: its statements that speak of an action, and what in them fails.

Values in, values out. Each part of a statement is put to the engine alone, so what is said here
is what decided. Read by ``evidence.py``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from freehold.base.errors import Invalid
from freehold.policy import match
from freehold.policy.compile import compile_policy
from freehold.policy.context import Context
from freehold.policy.document import Line, Policy, PolicyKind, Statement, parse
from freehold.policy.evaluate import Attached, Layers, Request, decide

SHOWN_MAX = 3  # patterns or values of one list
_ASKED = "asked:once"
_VARIABLE = re.compile(r"\$\{([^},*?$]+)\}")  # without a default
_ACCOUNT = "000000000000"
# What it means that a key is not there, by a part of its name.
_ABSENT = (
    (":resourcetag/", "the resource bears no such tag"),
    (":requesttag/", "the call brought no such tag"),
    (":tagkeys", "the call brought no tags"),
    (":principaltag/", "the caller bears no such tag"),
    ("", "the call had no such key"),
)


class Miss(NamedTuple):
    """A statement that speaks of the action and does not apply; ``reasons`` are whole clauses."""

    statement: str
    reasons: tuple[str, ...]


def misses(
    text: str, kind: PolicyKind, action: str, resource: str, context: Context
) -> tuple[Miss, ...] | None:
    """The Allow statements of one policy that speak of ``action``, with what fails in each.

    Args:
        text: The document.
        kind: What it stands as. Of trust and resource policies the principals are not looked at.
        action: As it was asked.
        resource: The ARN that was asked for, or ``*``.
        context: The condition keys of the call, in lower case.

    Returns:
        None if the document cannot be read. A statement that would apply has no reasons.
    """
    try:
        policy = parse(text, kind)
    except Invalid:
        return None
    found = []
    for index, statement in enumerate(policy.statements):
        if not statement.is_deny and _speaks_of(statement, action):
            reasons = (
                *_of_resource(policy, statement, resource, context),
                *_of_conditions(policy, statement, context),
            )
            found.append(Miss(statement.sid or f"#{index}", reasons))
    return tuple(found)


def _speaks_of(statement: Statement, action: str) -> bool:
    return match.actions(statement.actions).test(action.lower()) != statement.is_not_action


def _of_resource(
    policy: Policy, statement: Statement, resource: str, context: Context
) -> tuple[str, ...]:
    if statement.resources is None:
        return ()
    part = statement._replace(actions=(_ASKED,), is_not_action=False, lines=())
    if _applies(policy, part, _ASKED, resource, context):
        return ()
    if resource == "*":
        return ('the call names no resource, and only Resource "*" covers that',)
    if statement.is_not_resource:
        ones = [
            part._replace(resources=(one,), is_not_resource=False) for one in part.resources or ()
        ]
        names = [one for one in ones if _applies(policy, one, _ASKED, resource, context)]
        left = tuple(entry for one in names for entry in one.resources or ())
        return (f"its NotResource leaves it out: {_listed(left or statement.resources)}",)
    absent = [key for key in _variables(policy, statement.resources) if key.lower() not in context]
    lacks = f"; the call had no {', '.join(absent)}" if absent else ""
    return (f"its Resource does not cover it: {_listed(statement.resources)}{lacks}",)


def _variables(policy: Policy, entries: tuple[str, ...]) -> list[str]:
    if not policy.has_variables:
        return []
    return sorted({key for entry in entries for key in _VARIABLE.findall(entry)})


def _of_conditions(policy: Policy, statement: Statement, context: Context) -> tuple[str, ...]:
    return tuple(
        _told(line, context)
        for line in statement.lines
        if not _applies(policy, _only(statement, line), _ASKED, "*", context)
    )


def _only(statement: Statement, line: Line) -> Statement:
    return statement._replace(
        actions=(_ASKED,),
        is_not_action=False,
        resources=("*",),
        is_not_resource=False,
        lines=(line,),
    )


def _told(line: Line, context: Context) -> str:
    wanted = _listed(line.values)
    had = context.get(line.key.lower())
    if had is None or had == ():
        says = next(words for part, words in _ABSENT if part in line.key.lower())
    else:
        says = f"the call had {_listed((had,) if isinstance(had, str) else had)}"
    return f"its {line.operator} {line.key} asks for {wanted}; {says}"


def _listed(values: tuple[str, ...]) -> str:
    shown = ", ".join(f'"{value}"' for value in values[:SHOWN_MAX])
    more = len(values) - SHOWN_MAX
    return f"{shown} and {more} more" if more > 0 else shown


def _applies(
    policy: Policy, statement: Statement, action: str, resource: str, context: Context
) -> bool:
    """Whether one statement alone would allow, whoever asks."""
    alone = statement._replace(principals=None, is_not_principal=False)
    if alone.resources is None:
        alone = alone._replace(resources=("*",))
    compiled = compile_policy(
        Policy("identity", has_variables=policy.has_variables, statements=(alone,))
    )
    request = Request(
        principal_arn=f"arn:aws:iam::{_ACCOUNT}:user/asked",
        caller_arn=f"arn:aws:iam::{_ACCOUNT}:user/asked",
        principal_kind="user",
        principal_account=_ACCOUNT,
        action=action,
        resource=resource,
        resource_account=_ACCOUNT,
        context=context,
    )
    layers = Layers(identity=(Attached("asked", None, "identity", compiled),))
    return decide(request, layers).is_allowed

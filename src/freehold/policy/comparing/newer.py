"""Whether a new policy grants what an older one does not."""

from __future__ import annotations

from collections.abc import Iterator

from freehold.policy.comparing.examples import Keys, Reason, Undecided, asked, contexts
from freehold.policy.comparing.granted import overlaps, texts
from freehold.policy.comparing.patterns import covers
from freehold.policy.document import Policy, Statement

PAIRS_MAX = 20_000


def newer(new: Policy, old: Policy) -> list[Reason]:
    """The statements of ``new`` that grant what ``old`` does not.

    Raises:
        Undecided: A statement is not contained in the older policy, and no example tells that it
            grants more.
    """
    reasons: list[Reason] = []
    doubtful: list[str] = []
    for place, statement in enumerate(new.statements):
        if statement.is_deny or _is_contained(statement, new, old):
            continue
        proof = _proof(statement, new, old)
        if proof is not None:
            reasons.append(Reason(place, statement.sid, proof))
        else:
            doubtful.append(statement.sid or f"#{place}")
    if doubtful and not reasons:
        raise Undecided(
            f"Whether statement {', '.join(doubtful)} grants more than the existing policy cannot "
            "be decided exactly."
        )
    return reasons


def _is_contained(statement: Statement, new: Policy, old: Policy) -> bool:
    """Whether all that a statement grants is granted by some statement of the older policy."""
    kept = {one._replace(sid="") for one in new.statements if one.is_deny}
    for deny in old.statements:
        if deny.is_deny and deny._replace(sid="") not in kept and _meets(statement, deny):
            return False
    allowing = [one for one in old.statements if not one.is_deny]
    if any(one._replace(sid="") == statement._replace(sid="") for one in allowing):
        return new.has_variables == old.has_variables
    if statement.is_not_action or statement.is_not_resource or statement.is_not_principal:
        return False
    is_plain = new.has_variables == old.has_variables
    return is_plain and all(
        any(_holds(one, statement, action, thing) for one in allowing)
        for action in statement.actions
        for thing in statement.resources or ("*",)
    )


def _meets(statement: Statement, deny: Statement) -> bool:
    if deny.is_not_action or deny.is_not_resource:
        return True
    return any(True for _ in overlaps(statement, deny.actions, deny.resources or ()))


def _holds(one: Statement, statement: Statement, action: str, thing: str) -> bool:
    """Whether a statement of the older policy grants an entry of a newer one whole."""
    if one.is_not_action or one.is_not_resource or one.is_not_principal:
        return False
    who = one.principals is None or one.principals.is_everyone
    if not who and one.principals != statement.principals:
        return False
    return (
        set(one.lines) <= set(statement.lines)
        and any(covers(own.lower(), action.lower()) for own in one.actions)
        and any(covers(own, thing) for own in one.resources or ("*",))
    )


def _proof(statement: Statement, new: Policy, old: Policy) -> tuple[str, str] | None:
    """An example that the new policy allows and the older one does not."""
    denying = [one for one in new.statements if one.is_deny]
    pairs = 0
    for action, resource, more in _examples(statement, old):
        for keys in contexts(statement, *denying):
            for all_keys in (keys, *(extra | keys for extra in more)):
                pairs += 1
                if pairs > PAIRS_MAX:
                    return None
                is_new = asked(new, action, resource, all_keys, statement)
                if is_new and not asked(old, action, resource, all_keys, statement):
                    return action, resource
    return None


def _examples(statement: Statement, old: Policy) -> Iterator[tuple[str, str, list[Keys]]]:
    """Requests that a statement speaks of: any, and those that the older policy denied."""
    actions = ("*",) if statement.is_not_action else statement.actions
    things = ("*",) if statement.is_not_resource else statement.resources or ("*",)
    for entry in actions:
        for thing in things:
            for action in texts(entry.lower(), "*", is_action=True):
                for resource in texts(thing, "*", is_action=False):
                    yield action, resource, []
    for deny in old.statements:
        if deny.is_deny:
            more = list(contexts(deny))
            found = overlaps(statement, deny.actions, deny.resources or ())
            for asked_action, asked_thing, entry, thing in found:
                for action in texts(asked_action, entry, is_action=True):
                    for resource in texts(asked_thing, thing, is_action=False):
                        yield action, resource, more

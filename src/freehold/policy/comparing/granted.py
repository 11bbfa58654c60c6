"""Whether a policy grants some access at all: under any condition, to anybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from freehold.policy.comparing.examples import Reason, Undecided, asked, contexts
from freehold.policy.comparing.patterns import common, covers
from freehold.policy.document import Policy, Statement

PAIRS_MAX = 20_000  # of patterns that one answer compares


def granted(policy: Policy, actions: Sequence[str], resources: Sequence[str]) -> list[Reason]:
    """The statements that grant one of the actions on one of the resources.

    Args:
        policy: Of kind identity or resource.
        actions: Patterns, as a statement has them; none: every action.
        resources: Likewise.

    Raises:
        Undecided: A statement speaks of the access, and it could not be told whether it grants it.
    """
    denying = [one for one in policy.statements if one.is_deny]
    reasons: list[Reason] = []
    doubtful: list[str] = []
    pairs = 0
    for place, statement in enumerate(policy.statements):
        if statement.is_deny:
            continue
        speaks, proof = False, None
        for action, resource, entry, thing in overlaps(statement, actions, resources):
            pairs += 1
            if pairs > PAIRS_MAX:
                raise Undecided("The policy and the access are too long to be compared.")
            if any(_takes_away(one, (action, entry), (resource, thing)) for one in denying):
                continue
            speaks = True
            proof = _proof(policy, statement, denying, (action, entry), (resource, thing))
            if proof is not None:
                reasons.append(Reason(place, statement.sid, proof))
                break
        if speaks and proof is None:
            doubtful.append(statement.sid or f"#{place}")
    if doubtful and not reasons:
        raise Undecided(
            f"Whether statement {', '.join(doubtful)} grants the access cannot be decided exactly."
        )
    return reasons


def overlaps(
    statement: Statement, actions: Sequence[str], resources: Sequence[str]
) -> Iterator[tuple[str, str, str, str]]:
    """Asked action and resource with the entries of a statement that some text has in common."""
    own_actions = ("*",) if statement.is_not_action else statement.actions
    own_resources = ("*",) if statement.is_not_resource else statement.resources or ("*",)
    for action in map(str.lower, actions or ("*",)):
        if statement.is_not_action and _is_left_out(map(str.lower, statement.actions), action):
            continue
        for entry in map(str.lower, own_actions):
            if _meet(action, entry) is None:
                continue
            for resource in resources or ("*",):
                if statement.is_not_resource and _is_left_out(statement.resources or (), resource):
                    continue
                for thing in own_resources:
                    if _meet(resource, thing) is not None:
                        yield action, resource, entry, thing


def _is_left_out(entries: Iterable[str], pattern: str) -> bool:
    return any(covers(entry, pattern) for entry in entries)


def _meet(one: str, other: str) -> str | None:
    try:
        return common(one, other)
    except OverflowError:
        raise Undecided("The policy and the access are too long to be compared.") from None


def _takes_away(deny: Statement, actions: tuple[str, str], resources: tuple[str, str]) -> bool:
    """Whether a Deny without conditions takes all of an overlap: it covers one side of it."""
    everyone = deny.principals is None or (
        deny.principals.is_everyone and not deny.is_not_principal
    )
    if deny.lines or deny.is_not_action or deny.is_not_resource or not everyone:
        return False
    has_actions = any(covers(own.lower(), one) for own in deny.actions for one in actions)
    things = deny.resources or ("*",)
    return has_actions and any(covers(own, one) for own in things for one in resources)


def _proof(
    policy: Policy,
    statement: Statement,
    denying: Sequence[Statement],
    actions: tuple[str, str],
    resources: tuple[str, str],
) -> tuple[str, str] | None:
    """An example that the engine allows."""
    for action in texts(*actions, is_action=True):
        for resource in texts(*resources, is_action=False):
            for keys in contexts(statement, *denying):
                if asked(policy, action, resource, keys, statement):
                    return action, resource
    return None


def texts(one: str, other: str, *, is_action: bool) -> Iterator[str]:
    """Texts that two patterns have in common: the shortest, and one with something in each gap."""
    found = _meet(one, other)
    if found is None:
        return
    longer = [text.replace("*", "?*") for text in (one, other)]
    if is_action:
        longer = ["?*:?*" if text == "?*" else text for text in longer]
    full = _meet(*longer)
    if full is not None:
        yield full
    if not is_action:
        yield found or "*"

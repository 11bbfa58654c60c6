"""Names the traps in a policy that parses: what IAM stores without a word and people regret.

From a parsed policy to findings, each with the tighter form; nothing is refused here and no
decision reads it. ``traps`` looks at conditions and principals, ``reach`` at actions and resources,
``tight`` writes the documented isolation policies anew. Source: iam-evaluation.md section 4.4.
"""

from __future__ import annotations

from collections.abc import Iterator

from freehold.policy.document import Policy
from freehold.policy.lint import reach, tagging, traps
from freehold.policy.lint.finding import ActionFacts, Facts, Finding, Trap
from freehold.policy.lint.tight import Tight, domain_of, tighten

__all__ = ["ActionFacts", "Facts", "Finding", "Tight", "Trap", "domain_of", "lint", "tighten"]


def lint(policy: Policy, facts: Facts | None = None) -> tuple[Finding, ...]:
    """Look for the traps in every statement, in the order of the document.

    Args:
        policy: What ``document.parse`` gave.
        facts: What AWS says of actions and keys; without it, traps that need it are not seen.
    """
    return tuple(_findings(policy, facts))


def _findings(policy: Policy, facts: Facts | None) -> Iterator[Finding]:
    for index, statement in enumerate(policy.statements):
        label = statement.sid or f"#{index}"
        yield from traps.of_conditions(statement, label)
        yield from traps.of_principals(statement, label)
        yield from tagging.of_tags(policy, statement, label)
        yield from reach.of_entries(policy, statement, label)
        if facts is not None:
            yield from traps.of_lists(statement, label, facts)
            yield from reach.of_actions(statement, label, facts)

"""Decisions on what a caller may describe, kept from one call to the next.

A list that a guard confines decides once for each domain, or for each thing where policies speak of
names: a thousand times a call in a house of a thousand domains. The same question has the same
answer: same caller, same policies, same action, same values of all condition keys that some
statement names (``dependence.py``). Time is such a key; policies that ask for it are decided anew.
"""

from __future__ import annotations

from collections.abc import Hashable

Known = dict[Hashable, bool]

QUESTIONS_MAX = 256  # ours: callers times kinds
DECISIONS_MAX = 20_000  # ours: of one question


class Remembered:
    """Answers by question. One for each room of permission; its threads may share it."""

    __slots__ = ("_answers",)

    def __init__(self) -> None:
        self._answers: dict[Hashable, Known] = {}

    def of(self, question: Hashable) -> Known:
        """The answers to a question; the caller adds what it finds.

        ``question``: who asks what under which policies, and all that answers depend on beside
        the thing itself. The policies are part of it, so nothing here grows stale.
        """
        if len(self._answers) > QUESTIONS_MAX:
            self._answers = {}
        known = self._answers.get(question)
        if known is None or len(known) > DECISIONS_MAX:
            known = self._answers[question] = {}
        return known

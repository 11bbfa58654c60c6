"""What the attacker may choose: a request context that is filled in only where it is looked at.

``search`` asks the engine again and again, each time with one more of the keys that it looked at
given a value; keys that it never looks at cannot matter. So a finite set of values a key gives an
exact answer over all their combinations, and the example that was found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from freehold.policy.context import Value

T = TypeVar("T")
QUESTIONS_MAX = 2_000  # of one search; beyond it the answer is "possibly"
TAGS = "@tags"  # stands for all keys that the request's tags give, since they come together
_TAG_HEADS = ("aws:requesttag/", "s3:requestobjecttag/")
_TAG_LISTS = frozenset({"aws:tagkeys", "s3:requestobjecttagkeys"})
Tags = Mapping[str, Value]  # the condition keys that one set of tags makes
Chosen = Mapping[str, Any]  # key to value, to None for absent; TAGS to Tags


class Choice:
    """Values of free keys as far as they were chosen (None: absent), and what was looked at."""

    __slots__ = ("chosen", "read", "watched")

    def __init__(self, chosen: Chosen) -> None:
        self.chosen: dict[str, Any] = dict(chosen)
        self.read: dict[str, None] = {}  # free keys that were looked at and not chosen, in order
        self.watched: set[str] = set()  # keys of the caller that were looked at


class Lazy:
    """A request context that tells ``Choice`` what the engine looks at. Cannot be walked."""

    __slots__ = ("_caller", "_choice", "_fixed", "_has_tags", "_is_free")

    def __init__(
        self,
        caller: Mapping[str, Value],
        fixed: Mapping[str, Value],
        choice: Choice,
        is_free: Callable[[str], bool],
        *,
        has_tags: bool,
    ) -> None:
        self._caller = caller
        self._fixed = fixed
        self._choice = choice
        self._is_free = is_free
        self._has_tags = has_tags

    def get(self, key: str, default: Value | None = None) -> Value | None:
        """The value of a key; what is free and not chosen yet is absent, and noted."""
        value = self._fixed.get(key)
        if value is not None:
            return value
        value = self._caller.get(key)
        choice = self._choice
        if value is not None:
            choice.watched.add(key)
            return value
        if key.startswith(_TAG_HEADS) or key in _TAG_LISTS:
            if not self._has_tags:
                return default
            tags = choice.chosen.get(TAGS)
            if TAGS not in choice.chosen:
                choice.read[TAGS] = None
                return default
            found = tags.get(key) if isinstance(tags, Mapping) else None
            return default if found is None else found
        choice.watched.add(key)
        if key in choice.chosen:
            found = choice.chosen[key]
            return default if found is None else found
        if self._is_free(key):
            choice.read[key] = None
        return default

    def __getitem__(self, key: str) -> Value:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None

    def __iter__(self) -> Iterator[str]:
        raise TypeError("the engine walked a context whose keys are not chosen yet")


def search(
    ask: Callable[[Choice], T | None],
    values: Callable[[str], Sequence[Any]],
    needs: str | None = None,
) -> tuple[T | None, Choice, bool]:
    """Look for values of the free keys with which ``ask`` answers something.

    Args:
        ask: Asks the engine with a choice; None is a refusal.
        values: What a free key may be; absent need not be among them.
        needs: A key that cannot be absent: an answer given without a look at it holds for all
            of its values, one given after a look holds for none yet.

    Returns:
        The answer or None, the choice that gave it or the first one, and whether the search was
        complete. An incomplete one that found nothing must be read as "possibly".
    """
    spent = 0
    first: Choice | None = None
    waiting: list[dict[str, Any]] = [{}]
    watched: set[str] = set()
    while waiting:
        if spent >= QUESTIONS_MAX:
            assert first is not None
            return None, first, False
        spent += 1
        choice = Choice(waiting.pop())
        answer = ask(choice)
        watched |= choice.watched
        if answer is not None and needs not in choice.read:
            choice.watched = watched
            return answer, choice, True
        first = first or choice
        settled, following = choice.chosen, []
        for key in choice.read:
            following += [settled | {key: value} for value in values(key) if value is not None]
            if key == needs:
                break
            settled = settled | {key: None}
        waiting += reversed(following)  # the plainest is tried first
    assert first is not None
    first.watched = watched
    return None, first, True

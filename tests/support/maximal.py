"""The largest request that a model lets through: every member that there is, at one end or other.

Counterpart of ``minimal.py``. What a model cannot know (names of things that must be there, members
that rule each other out) is given by path; what is left away is given by path as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from freehold.spec.model import Shape
from tests.support import minimal

LIST_ITEMS = 2  # where the model allows so many


class Maximal:
    """Makes values of shapes with every member.

    Args:
        end: Which value of an enum and which bound of a number: ``first`` or ``last``.
        known: Values by the end of their path, such as ``UserSettings.ExecutionRole``; the longest
            that fits counts. A callable gets the path.
        without: Ends of paths of members that are left away.
    """

    def __init__(
        self,
        end: str,
        known: Mapping[str, Any | Callable[[str], Any]],
        without: frozenset[str] = frozenset(),
    ) -> None:
        self._is_last = end == "last"
        self._known = known
        self._without = without
        self.left_out: set[str] = set()

    def value(self, shape: Shape, path: str = "") -> Any:
        """A value of ``shape``; all of its members but those left away."""
        found = self._longest(self._known, path)
        if found is not None:
            given = self._known[found]
            return given(path) if callable(given) else given
        if shape.kind == "structure":
            names = [
                name for name in shape.members if not self._is_out(f"{path}.{name}".strip("."))
            ]
            if shape.is_union:
                names = names[-1:] if self._is_last else names[:1]
            return {
                name: self.value(shape.members[name].shape, f"{path}.{name}".strip("."))
                for name in names
            }
        if shape.kind == "list":
            assert shape.item is not None
            count = max(int(shape.min or 0), min(LIST_ITEMS, int(shape.max or LIST_ITEMS)))
            return [self._item(shape.item.shape, path, number) for number in range(count)]
        if shape.kind == "map":
            assert shape.key is not None
            assert shape.value is not None
            return {minimal.value(shape.key.shape): self.value(shape.value.shape, path)}
        return self._scalar(shape)

    def _item(self, shape: Shape, path: str, number: int) -> Any:
        if shape.enum:
            return shape.enum[number % len(shape.enum)]
        return self.value(shape, path)

    def _scalar(self, shape: Shape) -> Any:
        if shape.enum:
            return shape.enum[-1 if self._is_last else 0]
        if shape.kind == "boolean":
            return self._is_last
        if shape.kind in ("integer", "long", "float", "double"):
            most = shape.max if shape.max is not None else 2**31 - 1
            return int(most if self._is_last else shape.min or 0)
        return minimal.value(shape)

    def _is_out(self, path: str) -> bool:
        found = self._longest(self._without, path)
        if found is not None:
            self.left_out.add(found)
        return found is not None

    @staticmethod
    def _longest(ends: Any, path: str) -> str | None:
        fitting = [end for end in ends if path == end or path.endswith(f".{end}")]
        return max(fitting, key=len, default=None)

"""The request context: what condition keys and policy variables are answered from.

The kernel fills it (IAM User Guide, global condition context keys; domains.md section 3.5);
conditions and variables read it. A key that is not in the map is *absent*; so is one that holds an
empty tuple.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Clash(tuple[str, ...]):
    """The values of one single-valued key that was given several times, in different case.

    Only tag keys can do that: ``Team`` and ``team`` are two tags, but one condition key. An Allow
    asks of every value what it would ask of one; a Deny applies if any value makes it apply.
    """

    __slots__ = ()


# ``str``: one value. ``tuple``: a multi-valued key, also where it holds one value only.
Value = str | tuple[str, ...]
Context = Mapping[str, Value]


def tag_context(prefix: str, tags: Iterable[tuple[str, str]]) -> dict[str, Value]:
    """Spell tags as context keys, such as ``aws:requesttag/team``.

    Args:
        prefix: What stands before the slash, in any case.
        tags: Pairs of tag key and value.

    Returns:
        Lower-cased key names. Tags that differ in case only become one ``Clash``.
    """
    context: dict[str, Value] = {}
    head = prefix.lower() + "/"
    for key, value in tags:
        name = head + key.lower()
        earlier = context.get(name)
        if earlier is None:
            context[name] = value
        elif isinstance(earlier, str):
            context[name] = Clash((earlier, value))
        else:
            context[name] = Clash((*earlier, value))
    return context

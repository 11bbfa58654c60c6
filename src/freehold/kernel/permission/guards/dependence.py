"""On what of a record a decision depends: read off the policies, so that equals are decided once.

From the layers that bind a caller and an action to what may tell two records of a kind apart: their
ARN, or the values of the tags that some statement names. Too much is harmless, too little is not:
what is not understood counts as depending on the ARN.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from freehold.policy import match
from freehold.policy.document import Statement
from freehold.policy.evaluate import Attached, Layers

_TAG = re.compile(r"[a-z0-9\-]+:resourcetag/(.*)\Z", re.IGNORECASE | re.DOTALL)
_VARIABLE = re.compile(r"\$\{([^,}]*)")
_WILD = re.compile(r"[*?]")
KEPT_MAX = 4096


class Dependence(NamedTuple):
    """``tag_keys``, in lower case: the tags that count. ``on_arn``: the name counts too.

    ``other_keys``: the condition keys and variables that count beside the thing's own tags.
    """

    tag_keys: frozenset[str]
    on_arn: bool
    other_keys: frozenset[str] = frozenset()


@functools.lru_cache(maxsize=KEPT_MAX)
def dependence(layers: Layers, action: str, head: str) -> Dependence:
    """What decisions on ``action`` depend on among records of one kind.

    Args:
        layers: As ``Access.layers`` gives them; remembered for as long as policies stay.
        action: The question, ``sagemaker:DescribeTrainingJob``.
        head: How the last part of every ARN of the kind begins: ``training-job/``. Empty: unknown.
    """
    tag_keys: set[str] = set()
    other_keys: set[str] = set()
    on_arn = not head
    for statement in _statements(layers, action.lower()):
        texts = list(statement.resources or ())
        on_arn = on_arn or any(_tells_apart(text, head) for text in texts)
        for line in statement.lines:
            _count(line.key, tag_keys, other_keys)
            texts += line.values
        for text in texts:
            for named in _VARIABLE.findall(text):
                _count(named, tag_keys, other_keys)
    return Dependence(frozenset(tag_keys), on_arn, frozenset(other_keys))


def _count(key: str, tag_keys: set[str], other_keys: set[str]) -> None:
    if found := _TAG.match(key):
        tag_keys.add(found[1].lower())
    else:
        other_keys.add(key.lower())


def _statements(layers: Layers, action: str) -> Iterator[Statement]:
    """Every statement that may speak of the action."""
    for attached in _every(layers):
        for statement in attached.compiled.policy.statements:
            test, is_broken = match.actions(statement.actions)
            if is_broken or test(action) != statement.is_not_action:
                yield statement


def _every(layers: Layers) -> Iterator[Attached]:
    yield from layers.identity
    if layers.boundary is not None:
        yield layers.boundary
    yield from layers.sessions or ()
    for levels in (layers.service_controls or (), layers.resource_controls or ()):
        for level in levels:
            yield from level


def _tells_apart(pattern: str, head: str) -> bool:
    """Whether a Resource matches some ARNs that begin their last part with ``head``, and not all.

    The five parts before it are the same in all records of a kind.
    """
    parts = match.arn_parts(pattern)
    if len(parts) < match.ARN_PARTS:
        return not pattern.endswith("*") or "${" in pattern
    tail = parts[-1]
    if "${" in pattern:
        return True
    wild = _WILD.search(tail)
    plain = tail if wild is None else tail[: wild.start()]
    if not plain.startswith(head) and not head.startswith(plain):
        return False
    return not (tail.endswith("*") and tail[:-1] == plain and head.startswith(plain))

"""Policies on things themselves: of a bucket, of a model package group.

Services put them and give them back; ``access.py`` asks them with every call on the thing and on
what stands in it (``Service.policy_holder``). Whoever they name is meant by unique id, as in a
trust policy.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from freehold.kernel.permission import trust
from freehold.policy.compile import Compiled, compile_stored
from freehold.policy.document import parse, size
from freehold.policy.evaluate import Attached
from freehold.store.records import Record
from freehold.store.unit import Unit

if TYPE_CHECKING:
    from freehold.kernel.call import Call
    from freehold.policy.document import Policy

TEXT = "_ResourcePolicy"  # the policy as it was sent
COMPILED_MAX = 1024


def read(call: Call, text: str) -> Policy:
    """A policy that may stand on a thing.

    Raises:
        Invalid: ``MalformedPolicyDocument``: it does not parse, or names nobody we know.
    """
    trust.bind(call, text, "resource")
    return parse(text, "resource")


def put(call: Call, record: Record, text: str) -> None:
    """Keep a policy that ``read`` took. The caller saves the record."""
    record.document[TEXT] = text
    record.document[trust.BOUND] = trust.bind(call, text, "resource")


def drop(record: Record) -> None:
    """Take the policy away. The caller saves the record."""
    record.document.pop(TEXT, None)
    record.document.pop(trust.BOUND, None)


def text(record: Record) -> str | None:
    """The policy as it was sent, or None."""
    found: str | None = record.document.get(TEXT)
    return found


def characters(document: str) -> int:
    """What counts against a limit: all but white space."""
    return size(document)


@functools.lru_cache(maxsize=COMPILED_MAX)
def _compiled(document: str, bound: tuple[tuple[str, str], ...]) -> Compiled:
    return compile_stored(document, "resource", dict(bound))


def layer(unit: Unit, record: Record | None) -> Attached | None:
    """The policy on a thing as a layer of the decision, or None if it has none."""
    document = None if record is None else text(record)
    if record is None or document is None:
        return None
    bound = tuple(sorted(trust.meant(unit, record).items()))
    return Attached(record.name, record.arn, "resource", _compiled(document, bound))

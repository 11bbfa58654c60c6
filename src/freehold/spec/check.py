"""Checking a document that came by another protocol than JSON, or from inside the house.

Input: a document in canonical form or nearly so. Output: the same with known members only,
or ``Invalid`` that lists every violation at once in AWS's wording.
"""

from __future__ import annotations

from typing import Any

from freehold.spec import rules, shapes
from freehold.spec.model import Operation
from freehold.spec.rules import violations

__all__ = ["check", "violations"]

Document = dict[str, Any]


def check(operation: Operation, document: Document) -> Document:
    """The document with known members only.

    Raises:
        Invalid: Under the service's own code, with all violations; ``SerializationException``
            where a value is of another JSON type.
    """
    checked = shapes.convert(operation, document)
    return rules.forgive(operation, document) if checked is None else checked

"""Filter expressions of Cost Explorer and Budgets: one recursive ``Expression``.

Input: the expression in AWS's spelling. Output: a predicate over rows. Values inside one leaf
are OR-ed. Match options beyond EQUALS, CASE_SENSITIVE and (tags) ABSENT belong to cost category
rules and are refused. Source: reference costs, section 4 (Filter, MatchOptions).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from freehold.base.errors import Invalid, Unsupported
from freehold.meter.query.rows import DIMENSIONS, Projection, Row

Predicate = Callable[[Row, Projection], bool]

DEPTH_MAX = 20  # ours; AWS gives no number
OPERANDS_MIN = 2

ROOTS = ("And", "Or", "Not", "Dimensions", "Tags", "CostCategories", "ProductAttributes")
MANY_ROOTS = (
    "Expression has more than one roots. Only one root operator is allowed for each expression: "
    "And, Or, Not, Dimensions, Tags, CostCategories"
)
NO_ROOT = (
    "Expression has no root. One root operator is needed for each expression: "
    "And, Or, Not, Dimensions, Tags, CostCategories"
)


def everything(row: Row, tags: Projection) -> bool:
    """The predicate of a request without a filter."""
    return True


def predicate(
    expression: Mapping[str, Any] | None, *, may_name_resources: bool = False
) -> Predicate:
    """Turn an expression into a predicate.

    Args:
        expression: AWS's ``Expression``; None or a missing filter lets every row through.
        may_name_resources: RESOURCE_ID is a filter only where AWS serves it.

    Raises:
        Invalid: Not exactly one root, a leaf without values, a match option out of place.
        Unsupported: Cost categories and product attributes.
    """
    if expression is None:
        return everything
    return _compile(expression, may_name_resources, 0)


def leaves(expression: Mapping[str, Any] | None) -> list[tuple[str, Mapping[str, Any]]]:
    """Every leaf of a well-formed expression as (root, leaf), from left to right."""
    if not expression:
        return []
    found: list[tuple[str, Mapping[str, Any]]] = []
    for root, body in expression.items():
        if root in ("And", "Or"):
            for operand in body:
                found += leaves(operand)
        elif root == "Not":
            found += leaves(body)
        elif body is not None:
            found.append((root, body))
    return found


def _compile(expression: Mapping[str, Any], may_name_resources: bool, depth: int) -> Predicate:
    if depth > DEPTH_MAX:
        raise Invalid(f"Expression is nested more than {DEPTH_MAX} levels deep.")
    roots = [root for root in ROOTS if expression.get(root) is not None]
    if len(roots) != 1:
        raise Invalid(MANY_ROOTS if roots else NO_ROOT)
    root, body = roots[0], expression[roots[0]]
    if root in ("And", "Or"):
        if len(body) < OPERANDS_MIN:
            raise Invalid(f"{root} needs at least {OPERANDS_MIN} expressions. Give the one alone.")
        parts = [_compile(operand, may_name_resources, depth + 1) for operand in body]
        if root == "And":
            return lambda row, tags: all(part(row, tags) for part in parts)
        return lambda row, tags: any(part(row, tags) for part in parts)
    if root == "Not":
        inner = _compile(body, may_name_resources, depth + 1)
        return lambda row, tags: not inner(row, tags)
    if root == "Dimensions":
        return _dimension(body, may_name_resources)
    if root == "Tags":
        return _tag(body)
    raise Unsupported(f"{root} filters are not served. Filter by Dimensions or Tags.")


def _dimension(leaf: Mapping[str, Any], may_name_resources: bool) -> Predicate:
    key = leaf.get("Key")
    if not key:
        raise Invalid("A Dimensions filter needs a Key.")
    if key not in DIMENSIONS or (key == "RESOURCE_ID" and not may_name_resources):
        raise Invalid(f"Dimension {key} is not supported as a filter of this request.")
    _check_options(f"Dimension {key}", leaf, ("EQUALS", "CASE_SENSITIVE"))
    values = leaf.get("Values")
    if not values:
        raise Invalid(f"Dimension {key} needs at least one value.")
    read, wanted = DIMENSIONS[key], frozenset(values)
    return lambda row, tags: read(row) in wanted


def _tag(leaf: Mapping[str, Any]) -> Predicate:
    key, values = leaf.get("Key"), leaf.get("Values")
    named = f"Tag {key}" if key else "Tags"
    options = _check_options(named, leaf, ("EQUALS", "CASE_SENSITIVE", "ABSENT"))
    if values and (not key or "ABSENT" in options):
        raise Invalid(f"{named}: values need a Key and cannot be combined with ABSENT.")
    if not key:
        return lambda row, tags: not tags.keys(row)
    # An empty value and an absent key are both "no value".
    wanted = frozenset(values or ("",))
    return lambda row, tags: tags.value(row, key) in wanted


def _check_options(named: str, leaf: Mapping[str, Any], allowed: tuple[str, ...]) -> list[str]:
    options = list(leaf.get("MatchOptions") or ())
    for option in options:
        if option not in allowed:
            raise Invalid(
                f"{named}: match option {option} is not supported for this request. "
                f"Valid values are {', '.join(allowed)}."
            )
    return options

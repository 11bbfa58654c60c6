"""GroupBy of Cost Explorer: up to two keys, each a dimension or a tag.

Input: ``GroupBy`` in AWS's spelling. Output: a function that gives a row its group's keys.
A tag's group is ``key$value``, and ``key$`` holds what has no value: it is never dropped.
Source: reference costs, section 4 (GroupBy); AWS's words from public error reports.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from freehold.base.errors import Invalid, Unsupported
from freehold.meter.query.rows import DIMENSIONS, Projection, Row

GROUPS_MAX = 2

GROUP_DIMENSIONS = (
    "AZ",
    "INSTANCE_TYPE",
    "LINKED_ACCOUNT",
    "OPERATION",
    "PURCHASE_TYPE",
    "SERVICE",
    "USAGE_TYPE",
    "PLATFORM",
    "TENANCY",
    "RECORD_TYPE",
    "LEGAL_ENTITY_NAME",
    "INVOICING_ENTITY",
    "DEPLOYMENT_OPTION",
    "DATABASE_ENGINE",
    "CACHE_ENGINE",
    "INSTANCE_TYPE_FAMILY",
    "REGION",
    "BILLING_ENTITY",
    "RESERVATION_ID",
    "SAVINGS_PLANS_TYPE",
    "SAVINGS_PLAN_ARN",
    "OPERATING_SYSTEM",
)

Keys = tuple[str, ...]
KeysOf = Callable[[Row, Projection], Keys]


def keys_of(
    definitions: Sequence[Mapping[str, Any]], *, may_name_resources: bool = False
) -> KeysOf:
    """What gives a row its group: one key per definition, in their order.

    Raises:
        Invalid: Too many definitions, the same twice, or one that is not known, in AWS's words.
        Unsupported: COST_CATEGORY and PRODUCT_ATTRIBUTE.
    """
    if len(definitions) > GROUPS_MAX:
        raise Invalid(f"GroupBy takes at most {GROUPS_MAX} group definitions.")
    parts = [_key(definition, may_name_resources) for definition in definitions]
    if len({(d["Type"], d["Key"]) for d in definitions}) < len(definitions):
        raise Invalid("GroupBy names the same group definition twice.")
    if not parts:
        return lambda row, tags: ()
    first = parts[0]
    if len(parts) == 1:
        return lambda row, tags: (first(row, tags),)
    second = parts[1]
    return lambda row, tags: (first(row, tags), second(row, tags))


def split_tag_group(group: str) -> tuple[str, str]:
    """Key and value of a tag's group; only the first ``$`` parts them."""
    key, _, value = group.partition("$")
    return key, value


def _key(
    definition: Mapping[str, Any], may_name_resources: bool
) -> Callable[[Row, Projection], str]:
    kind, key = definition.get("Type"), definition.get("Key")
    if not kind or not key:
        raise Invalid(
            "Group Definition is invalid. Both type an key need to be set to a non-empty value."
        )
    if kind == "TAG":
        return lambda row, tags: f"{key}${tags.value(row, key)}"
    if kind in ("COST_CATEGORY", "PRODUCT_ATTRIBUTE"):
        raise Unsupported(f"Grouping by {kind} is not served. Group by DIMENSION or TAG.")
    if kind != "DIMENSION":
        raise Invalid("Group Definition type is invalid.")
    valid = (*GROUP_DIMENSIONS, *(("RESOURCE_ID",) if may_name_resources else ()))
    if key not in valid:
        raise Invalid(f"Group Definition dimension is invalid. Valid values are {', '.join(valid)}")
    read = DIMENSIONS[key]
    return lambda row, tags: read(row)

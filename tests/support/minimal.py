"""The smallest request that a model lets through: required members, shortest values."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st

from freehold.spec.model import Operation, Shape

_SETTINGS = settings(
    max_examples=300,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    deadline=None,
)
# Where the model says less than the service: names by member.
KNOWN = {
    "ResourceArn": "arn:aws:sagemaker:us-east-1:111122223333:experiment/nothing",
    "resourceArn": "arn:aws:logs:us-east-1:111122223333:log-group:nothing",
    "PolicyArn": "arn:aws:iam::111122223333:policy/nothing",
    "RoleArn": "arn:aws:iam::111122223333:role/nothing",
    "ExecutionRoleArn": "arn:aws:iam::111122223333:role/nothing",
    "PolicyDocument": "{}",
    "AssumeRolePolicyDocument": "{}",
    "AccountId": "111122223333",
    "BudgetName": "nothing",
    "Bucket": "nothing-here",
    "Key": "nothing",
}


def request_of(operation: Operation) -> dict[str, Any]:
    """A document that the shape accepts."""
    return {} if operation.input is None else _structure(operation.input, 0)


def _structure(shape: Shape, depth: int) -> dict[str, Any]:
    names = list(shape.required)
    if shape.is_union and not names and shape.members:
        names = [next(iter(shape.members))]
    return {
        name: KNOWN[name] if name in KNOWN else value(shape.members[name].shape, depth + 1)
        for name in names
    }


def value(shape: Shape, depth: int = 0) -> Any:
    """The smallest value of a shape."""
    if shape.kind == "structure":
        return _structure(shape, depth)
    if shape.kind == "list":
        assert shape.item is not None
        return [_item(shape.item.shape, depth + 1) for _ in range(int(shape.min or 0) or 1)]
    if shape.kind == "map":
        assert shape.key is not None
        assert shape.value is not None
        return {value(shape.key.shape): value(shape.value.shape)}
    if shape.kind == "boolean":
        return True
    if shape.kind in ("integer", "long", "float", "double"):
        return max(int(shape.min or 0), 1)
    if shape.kind == "timestamp":
        return 1_700_000_000.0
    if shape.kind == "blob":
        return "eA=="
    return _string(shape)


def _item(shape: Shape, depth: int) -> Any:
    """An item with something in it: a form cannot say that a list has an empty one."""
    found = value(shape, depth)
    if shape.kind == "structure" and not found and shape.members:
        first = next(iter(shape.members))
        return {first: value(shape.members[first].shape, depth + 1)}
    return found


def _string(shape: Shape) -> str:
    if shape.enum:
        return shape.enum[0]
    low, high = int(shape.min or 1), int(shape.max or 1000)
    plain = "a" * max(low, 1)
    if not shape.pattern:
        return plain
    pattern = re.compile(
        shape.pattern.replace("\\p{L}", "a-z").replace("\\p{Z}", " ").replace("\\p{N}", "0-9"),
        re.ASCII,
    )
    for candidate in (
        plain,
        "arn:aws:iam::111122223333:role/nothing",
        "arn:aws:sagemaker:us-east-1:111122223333:model/nothing",
        "s3://nothing/here",
        "d-abcdefabcdef",
        "111122223333",
        "2026-01-01",
    ):
        if low <= len(candidate) <= high and pattern.fullmatch(candidate):
            return candidate
    return find(
        st.from_regex(pattern, fullmatch=True).filter(lambda text: low <= len(text) <= high),
        lambda _text: True,
        settings=_SETTINGS,
    )

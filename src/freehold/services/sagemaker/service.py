"""The service object that every noun of SageMaker declares itself on."""

from __future__ import annotations

from freehold.kernel.declare.service import Service

_GROUP, _VERSION = ":model-package-group/", ":model-package/"


def _group_of(arn: str) -> str | None:
    """The model package group whose policy guards a group or a version in it."""
    if _GROUP in arn:
        return arn
    if _VERSION not in arn:
        return None
    head, _, tail = arn.partition(_VERSION)
    return f"{head}{_GROUP}{tail.partition('/')[0]}"


sagemaker = Service("sagemaker", policy_holder=_group_of)

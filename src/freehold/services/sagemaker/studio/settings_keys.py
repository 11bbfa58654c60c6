"""Condition keys of settings: every instance type, image and script that a request would let run.

Settings of domains, profiles and spaces name them at many depths, one place for each app type; a
policy that speaks of ``sagemaker:InstanceTypes`` means all of them. Source: Service Authorization
Reference, Amazon SageMaker AI; domains.md section 3.5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document


def anywhere(*members: str) -> Callable[[Call, Document], list[str]]:
    """A condition key that holds what stands under these members, wherever in the request."""

    def read(_call: Call, request: Document) -> list[str]:
        return list(dict.fromkeys(_found(request, frozenset(members))))

    return read


def _found(value: Any, members: frozenset[str]) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _found(item, members)
    elif isinstance(value, dict):
        for name, below in value.items():
            if name in members:
                yield from below if isinstance(below, list) else [below]
            else:
                yield from _found(below, members)


# What settings name beside roles and networks.
REFERENCES = {
    "**.SageMakerImageArn": "sagemaker:image",
    "**.SageMakerImageVersionArn": "sagemaker:image-version",
    "**.ImageName": "sagemaker:image",
    "**.SageMakerImageName": "sagemaker:image",
    "**.AppImageConfigName": "sagemaker:app-image-config",
    "**.LifecycleConfigArn": "sagemaker:studio-lifecycle-config",
    "**.LifecycleConfigArns": "sagemaker:studio-lifecycle-config",
    "**.BuiltInLifecycleConfigArn": "sagemaker:studio-lifecycle-config",
    "**.FileSystemId": "elasticfilesystem:file-system",
}
GROUPS = anywhere("SecurityGroups", "SecurityGroupIds")
KEYS = {
    "sagemaker:InstanceTypes": anywhere("InstanceType"),
    "sagemaker:ImageArns": anywhere("SageMakerImageArn"),
    "sagemaker:ImageVersionArns": anywhere("SageMakerImageVersionArn"),
    "sagemaker:StudioLifecycleConfigArns": anywhere(
        "LifecycleConfigArn", "LifecycleConfigArns", "BuiltInLifecycleConfigArn"
    ),
}

"""Every member of a served write that names another thing is declared, or says why it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from freehold.kernel.declare.operation import Operation
from freehold.kernel.declare.service import Registry
from freehold.kernel.permission.guards import describing
from freehold.services.catalog import SERVICES
from freehold.spec.model import Shape

REGISTRY = Registry(SERVICES)
NOUNS = sorted({resource.name for resource in REGISTRY.resources()}, key=len, reverse=True)
ENDING = re.compile(r"(Name|Names|Arn|Arns|ARN|Id|Ids)\Z")
# Whole services: what they name is decided by keys or ARNs of their own.
SERVICES_WITHOUT = {
    "iam": "people and policies stand in no domain; iam:PolicyARN and the target's ARN decide",
    "sts": "a role is asked for by sts:AssumeRole itself",
    "s3": "buckets and objects are asked for by S3's own actions, copy sources too",
    "ec2": "AWS asks EC2's Describe on * only",
    "logs": "the group is the target, and its stream is part of it",
    "efs": "the file system is the target",
    "budgets": "the budget is the target; its filters show what their reader may see",
    "ce": "names no things",
    "resourcegroupstaggingapi": "each resource is asked for by its own tagging action",
    "sagemaker-metrics": "the trial component is the target",
    "cloudtrail": "names no things",
    "accessanalyzer": "the analyzer is the target; findings show what their reader may see",
}
# Single members, by their last step.
MEMBERS_WITHOUT = {
    "NearestModelName": "the name of a public model, as free text",
    "AlgorithmName": "algorithms are not served, and refused",
    "ModelPackageGroupArn": "ModelPackageConfig is refused by training jobs",
    "SourceModelPackageArn": "ModelPackageConfig is refused by training jobs",
    "BaseModelArn": "ServerlessJobConfig is refused by training jobs",
    "MlflowExperimentName": "MlflowConfig is refused by training jobs",
    "TrialComponentDisplayName": "a name to show",
    "FeatureGroupName": "feature groups are not served",
    "DomainExecutionRoleArn": "a role, and passed",
    "AmazonForecastRoleArn": "a role for Canvas, which is not served",
    "AmazonBedrockRoleArn": "a role for Canvas, which is not served",
    "CrossAccountModelRegisterRoleArn": "a role for Canvas, which is not served",
    "ExecutionRoleArns": "roles for EMR, which is not served",
    "AssumableRoleArns": "roles for EMR, which is not served",
    "VpcId": "a network: sagemaker:VpcSubnets and its like decide",
    "SubnetIds": "networks: sagemaker:VpcSubnets decides",
    "SecurityGroupIds": "networks: sagemaker:VpcSecurityGroupIds decides",
    "InstanceGroupName": "a part of the job itself",
    "InstanceGroupNames": "parts of the job itself",
    "ClusterRoleArn": "a role for Redshift, which is refused",
}
# Single members, by operation and path.
PLACES_WITHOUT = {
    "UnifiedStudioSettings.DomainId": "a domain of DataZone, not one of ours",
    "UnifiedStudioSettings.DomainAccountId": "an account",
    "FileSystemDataSource.FileSystemId": "refused by training jobs",
    "EmrServerlessSettings.ExecutionRoleArn": "a role for EMR, which is not served",
}
# Kinds that stand in no list.
UNLISTED = {
    "iam:account": "one record: the account's own settings",
    "iam:deletion-task": "asked for by its id",
}
WRITES = [
    operation
    for operation in REGISTRY.operations()
    if (operation.mode == "write" or operation.name.startswith("Create"))
    and not operation.name.startswith("Delete")
]


def leaves(shape: Shape | None, path: tuple[str, ...], above: frozenset[str]) -> Iterator[str]:
    """Dotted paths of the plain members of a shape; lists are entered, maps hold free text."""
    if shape is None or shape.name in above:
        return
    if shape.kind == "structure":
        for name, member in shape.members.items():
            yield from leaves(member.shape, (*path, name), above | {shape.name})
    elif shape.kind == "list":
        assert shape.item is not None
        yield from leaves(shape.item.shape, path, above)
    elif shape.kind != "map":
        yield ".".join(path)


def noun_of(path: str) -> str | None:
    """The served noun that a member's name ends with."""
    stem, count = ENDING.subn("", path.rpartition(".")[2])
    return next((noun for noun in NOUNS if stem.endswith(noun)), None) if count else None


def is_declared(operation: Operation, path: str) -> bool:
    member = path.rpartition(".")[2]
    declared = operation.references
    return path in declared or f"**.{member}" in declared or path in operation.passes


def is_own(operation: Operation, path: str) -> bool:
    """The thing that the operation is about: its ARN is the target."""
    resource = operation.resource
    return resource is not None and path in (
        resource.name_member,
        resource.arn_member,
        f"{resource.name}Name",
        f"{resource.name}Id",
    )


@pytest.mark.parametrize("operation", WRITES, ids=lambda one: f"{one.service.name}:{one.name}")
def test_members_that_name_things_are_declared(operation: Operation) -> None:
    if operation.service.name in SERVICES_WITHOUT:
        return
    bare = [
        path
        for path in leaves(operation.model.input, (), frozenset())
        if noun_of(path) is not None
        and not is_declared(operation, path)
        and not is_own(operation, path)
        and path.rpartition(".")[2] not in MEMBERS_WITHOUT
        and not any(path.endswith(place) for place in PLACES_WITHOUT)
        and not (operation.resource is not None and path == operation.resource.scope_member)
    ]
    assert not bare, "declare references= or give a reason here"


def test_declared_members_exist() -> None:
    for operation in REGISTRY.operations():
        paths = set(leaves(operation.model.input, (), frozenset()))
        for path, kind in operation.references.items():
            of_all = {} if operation.resource is None else operation.resource.references
            if not path.startswith("**.") and path not in of_all:
                assert path in paths, (operation.name, path)
                assert REGISTRY.resource(kind) is not None, kind


def test_every_kind_can_be_described_or_says_why_not() -> None:
    for resource in REGISTRY.resources():
        is_open = resource.kind.startswith(describing.OPEN)
        is_special = resource.kind == describing.LOG_STREAM or resource.kind in UNLISTED
        assert is_open or is_special or describing.describe_action(resource), resource.kind
        arn = f"arn:aws:{resource.service.prefix}:r:1:{resource.tail({})}"
        assert is_special or describing.resource_of(REGISTRY, arn) is resource, resource.kind

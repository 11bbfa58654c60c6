"""What we declare of every operation, held against AWS's own list of actions, things and keys."""

from __future__ import annotations

import pytest

from freehold.kernel.declare import facts
from freehold.kernel.declare.operation import Operation, on_everything
from freehold.services.catalog import SERVICES

OPERATIONS = [operation for service in SERVICES for operation in service.operations.values()]

# Keys that AWS lists and that nothing here ever has, with the reason.
NEVER = {
    "ec2:region": "policies use aws:RequestedRegion, which is the same here",
    "ec2:tenancy": "there is no tenancy",
    "ec2:vpcid": "DescribeVpcAttribute is asked on everything",
    "elasticfilesystem:createaction": "it belongs to the tags of a create, which is not served",
    "iam:roletemplatearn": "there are no role templates",
    "iam:roletemplateid": "there are no role templates",
    "sagemaker:directgatedmodelaccess": "there are no gated models",
    "sagemaker:pipelineversionid": "a pipeline has one version",
    "sagemaker:taggingaction": "the access room sets it for the tags of a create",
    "sagemaker:currentmodellifecyclestage": "set where the package itself is meant, not its tags",
    "sagemaker:currentmodellifecyclestagestatus": "likewise",
    "sagemaker:currentcustomermetadataproperties/": "likewise",
}
# Operations that we ask on everything though AWS knows a kind of thing: the stricter reading.
ON_EVERYTHING = {
    "billingview": "the account's own is the only one",
    "dataset": "the account's metrics are the only ones",
    "vpc": "DescribeVpcAttribute, as its sister operations",
    "model-package": "ListModelPackages, as all lists",
}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.service.name}-{one.name}")
def test_every_action_is_aws_own(operation: Operation) -> None:
    assert facts.keys_of(operation.action) is not None


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.service.name}-{one.name}")
def test_what_can_be_allowed_one_by_one_is_asked_so(operation: Operation) -> None:
    if operation.target is on_everything and not operation.needs_no_permission:
        kinds = set(facts.resource_types(operation.action))
        assert kinds <= set(ON_EVERYTHING)


SAGEMAKER = [operation for operation in OPERATIONS if operation.service.name == "sagemaker"]


@pytest.mark.parametrize("operation", SAGEMAKER, ids=lambda one: one.name)
def test_every_key_of_sagemaker_is_filled_or_never_there(operation: Operation) -> None:
    listed = facts.keys_of(operation.action) or frozenset()
    filled = {key for key, _, _ in operation.readers()}
    missing = {key for key in listed if not key.startswith("aws:")} - filled - set(NEVER)
    assert not {key for key in missing if "resourcetag" not in key}


@pytest.mark.parametrize("operation", SAGEMAKER, ids=lambda one: one.name)
def test_a_key_belongs_to_the_operations_that_aws_gives_it_to(operation: Operation) -> None:
    listed = facts.keys_of(operation.action) or frozenset()
    for key, _, _ in operation.readers():
        is_open = key.startswith("aws:") or key.endswith("/")
        assert is_open or key in listed or key.endswith("kmskey")


def test_keys_that_hold_several_values_are_known() -> None:
    assert facts.is_list("sagemaker:instancetypes")
    assert facts.is_list("sagemaker:vpcsubnets")
    assert not facts.is_list("sagemaker:volumekmskey")
    assert facts.is_list("aws:tagkeys")
    assert not facts.is_list("aws:requesttag/team")
    assert not facts.is_list("nobody:knows")

"""Models, model package groups and model packages through a real client."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_role, make_user, refused, trusting

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
CONTAINER = {"Image": IMAGE, "ModelDataUrl": "s3://bucket/model.tar.gz"}
SPECIFICATION = {
    "Containers": [CONTAINER],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}
PLACE = "arn:aws:sagemaker:us-east-1:111122223333"


@pytest.fixture
def sagemaker(aws: Aws) -> Any:
    return aws.client("sagemaker")


@pytest.fixture
def role(aws: Aws) -> str:
    return make_role(aws, "jobs", trusting({"Service": "sagemaker.amazonaws.com"}))


def make_version(sagemaker: Any, group: str = "g", **more: Any) -> str:
    answer = sagemaker.create_model_package(
        ModelPackageGroupName=group, InferenceSpecification=SPECIFICATION, **more
    )
    return str(answer["ModelPackageArn"])


def tags(sagemaker: Any, arn: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]}


# -- models ---------------------------------------------------------------------------------------


def test_a_model_lives_from_create_to_delete(sagemaker: Any, role: str) -> None:
    made = sagemaker.create_model(
        ModelName="m",
        PrimaryContainer=CONTAINER,
        ExecutionRoleArn=role,
        Tags=[{"Key": "team", "Value": "a"}],
    )
    assert made == {"ModelArn": f"{PLACE}:model/m", "ResponseMetadata": made["ResponseMetadata"]}
    told = sagemaker.describe_model(ModelName="m")
    assert told["PrimaryContainer"] == CONTAINER
    assert told["EnableNetworkIsolation"] is False
    assert tags(sagemaker, made["ModelArn"]) == {"team": "a"}
    sagemaker.create_model(ModelName="n", Containers=[CONTAINER, CONTAINER])
    listed = sagemaker.list_models()["Models"]
    assert [model["ModelName"] for model in listed] == ["n", "m"]
    assert set(listed[0]) == {"ModelName", "ModelArn", "CreationTime"}
    sagemaker.delete_model(ModelName="m")
    with refused("ValidationException", f'Could not find model "{PLACE}:model/m".'):
        sagemaker.describe_model(ModelName="m")


def test_a_second_model_of_one_name_is_refused_in_the_words_of_the_sdk(sagemaker: Any) -> None:
    sagemaker.create_model(ModelName="m", PrimaryContainer=CONTAINER)
    with refused("ValidationException", "Cannot create already existing model"):
        sagemaker.create_model(ModelName="m", PrimaryContainer=CONTAINER)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({}, "either PrimaryContainer or Containers"),
        ({"PrimaryContainer": CONTAINER, "Containers": [CONTAINER]}, "and not both"),
        ({"PrimaryContainer": {"ModelDataUrl": "s3://b/k"}}, "Image or a ModelPackageName"),
        ({"Containers": [CONTAINER] * 16}, "15"),
        ({"PrimaryContainer": {"ModelPackageName": "none"}}, "Could not find model package"),
        (
            {
                "PrimaryContainer": CONTAINER,
                "ExecutionRoleArn": "arn:aws:iam::111122223333:role/none",
            },
            "Could not assume role",
        ),
    ],
)
def test_a_model_that_makes_no_sense_is_refused(
    sagemaker: Any, request_: dict[str, Any], words: str
) -> None:
    with refused("ValidationException", words):
        sagemaker.create_model(ModelName="m", **request_)
    assert sagemaker.list_models()["Models"] == []


def test_only_an_approved_version_becomes_a_model(sagemaker: Any) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    arn = make_version(sagemaker)
    with refused("ValidationException", "not approved"):
        sagemaker.create_model(ModelName="m", PrimaryContainer={"ModelPackageName": arn})
    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    sagemaker.create_model(ModelName="m", Containers=[{"ModelPackageName": arn}])


def test_a_model_passes_its_role(aws: Aws, role: str) -> None:
    keys = make_user(aws, "maker", allow("sagemaker:*"))
    client = aws.client("sagemaker", keys)
    client.create_model(ModelName="m", PrimaryContainer=CONTAINER)
    with refused("AccessDeniedException", "iam:PassRole", role):
        client.create_model(ModelName="n", PrimaryContainer=CONTAINER, ExecutionRoleArn=role)


# -- groups ---------------------------------------------------------------------------------------


def test_a_group_lives_from_create_to_delete(sagemaker: Any) -> None:
    arn = sagemaker.create_model_package_group(
        ModelPackageGroupName="g", ModelPackageGroupDescription="d"
    )["ModelPackageGroupArn"]
    assert arn == f"{PLACE}:model-package-group/g"
    for named in ("g", arn):
        told = sagemaker.describe_model_package_group(ModelPackageGroupName=named)
        assert told["ModelPackageGroupStatus"] == "Completed"
    sagemaker.create_model_package_group(ModelPackageGroupName="h")
    listed = sagemaker.list_model_package_groups(CrossAccountFilterOption="SameAccount")
    names = [one["ModelPackageGroupName"] for one in listed["ModelPackageGroupSummaryList"]]
    assert names == ["g", "h"]
    shared = sagemaker.list_model_package_groups(CrossAccountFilterOption="CrossAccount")
    assert shared["ModelPackageGroupSummaryList"] == []
    with refused("ValidationException", "already exists"):
        sagemaker.create_model_package_group(ModelPackageGroupName="g")
    sagemaker.delete_model_package_group(ModelPackageGroupName="g")
    with refused("ValidationException", "does not exist"):
        sagemaker.describe_model_package_group(ModelPackageGroupName="g")


def test_a_group_that_holds_versions_is_not_deleted(sagemaker: Any) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    arn = make_version(sagemaker)
    with refused("ConflictException", "model packages"):
        sagemaker.delete_model_package_group(ModelPackageGroupName="g")
    sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName="g")


# -- packages -------------------------------------------------------------------------------------


def test_versions_are_counted_and_never_used_again(sagemaker: Any) -> None:
    group = sagemaker.create_model_package_group(ModelPackageGroupName="g")["ModelPackageGroupArn"]
    assert make_version(sagemaker) == f"{PLACE}:model-package/g/1"
    assert make_version(sagemaker, group) == f"{PLACE}:model-package/g/2"
    sagemaker.delete_model_package(ModelPackageName="g/2")
    assert make_version(sagemaker) == f"{PLACE}:model-package/g/3"
    for named in ("g/3", f"{PLACE}:model-package/g/3"):
        told = sagemaker.describe_model_package(ModelPackageName=named)
        assert told["ModelPackageVersion"] == 3
        assert told["ModelPackageGroupName"] == "g"
        assert told["ModelPackageStatus"] == "Completed"
        assert told["ModelApprovalStatus"] == "PendingManualApproval"
        assert told["ModelPackageStatusDetails"]["ValidationStatuses"] == []
        assert told["InferenceSpecification"]["Containers"][0]["Image"] == IMAGE
    with refused("ValidationException", "does not exist"):
        sagemaker.describe_model_package(ModelPackageName="g/2")
    with refused("ValidationException", "does not exist"):
        make_version(sagemaker, "none")


def test_the_same_client_token_makes_one_version(sagemaker: Any) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    first = make_version(sagemaker, ClientToken="t" * 36)
    assert make_version(sagemaker, ClientToken="t" * 36) == first
    assert make_version(sagemaker, ClientToken="u" * 36) != first


def test_packages_are_listed_by_group_type_and_approval(sagemaker: Any) -> None:
    for group in ("g", "h"):
        sagemaker.create_model_package_group(ModelPackageGroupName=group)
    for group in ("g", "g", "g", "h"):
        make_version(sagemaker, group)
    sagemaker.update_model_package(
        ModelPackageArn=f"{PLACE}:model-package/g/2", ModelApprovalStatus="Approved"
    )
    sagemaker.create_model_package(ModelPackageName="alone", InferenceSpecification=SPECIFICATION)

    def names(**request: Any) -> list[str]:
        pages = sagemaker.get_paginator("list_model_packages").paginate(
            **request, PaginationConfig={"PageSize": 2}
        )
        return [
            one["ModelPackageName"] for page in pages for one in page["ModelPackageSummaryList"]
        ]

    assert names() == ["alone"]
    assert names(ModelPackageType="Unversioned") == ["alone"]
    assert names(ModelPackageType="Versioned") == ["g/1", "g/2", "g/3", "h/1"]
    assert names(ModelPackageType="Both") == ["g/1", "g/2", "g/3", "h/1", "alone"]
    assert names(ModelPackageGroupName="g") == ["g/1", "g/2", "g/3"]
    assert names(ModelPackageGroupName=f"{PLACE}:model-package-group/h") == ["h/1"]
    newest = names(ModelPackageGroupName="g", SortBy="CreationTime", SortOrder="Descending")
    assert newest[0] == "g/3"
    assert names(ModelPackageGroupName="g", ModelApprovalStatus="Approved") == ["g/2"]


def test_update_keeps_what_it_is_not_asked_to_change(sagemaker: Any) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    arn = make_version(sagemaker, CustomerMetadataProperties={"a": "1", "b": "2"})
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="good",
        CustomerMetadataProperties={"c": "3"},
        CustomerMetadataPropertiesToRemove=["a"],
        AdditionalInferenceSpecificationsToAdd=[{"Name": "neo", "Containers": [CONTAINER]}],
    )
    told = sagemaker.describe_model_package(ModelPackageName=arn)
    assert told["ModelApprovalStatus"] == "Approved"
    assert told["CustomerMetadataProperties"] == {"b": "2", "c": "3"}
    assert told["InferenceSpecification"] == SPECIFICATION
    with refused("ValidationException", "unique"):
        sagemaker.update_model_package(
            ModelPackageArn=arn,
            AdditionalInferenceSpecificationsToAdd=[{"Name": "neo", "Containers": [CONTAINER]}],
        )
    listed = sagemaker.list_model_packages(ModelPackageGroupName="g")["ModelPackageSummaryList"]
    assert listed[0]["ModelApprovalStatus"] == "Approved"


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({}, "Missing ARN"),
        ({"ModelPackageName": "a", "ModelPackageGroupName": "g"}, "Both ModelPackageName"),
        ({"ModelPackageName": "a"}, "InferenceSpecification is required"),
        (
            {"ModelPackageName": "a", "ModelApprovalStatus": "Approved"},
            "does not apply to unversioned",
        ),
        (
            {"ModelPackageGroupName": "g", "Tags": [{"Key": "a", "Value": "b"}]},
            "uses the tags of the group",
        ),
        (
            {"ModelPackageGroupName": "g", "SecurityConfig": {"KmsKeyId": "k"}},
            "SecurityConfig is not supported",
        ),
        ({"ModelPackageGroupName": "g", "CertifyForMarketplace": True}, "CertifyForMarketplace"),
    ],
)
def test_a_package_that_makes_no_sense_is_refused(
    sagemaker: Any, request_: dict[str, Any], words: str
) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    with refused("ValidationException", words):
        sagemaker.create_model_package(**request_)
    both = sagemaker.list_model_packages(ModelPackageType="Both")
    assert both["ModelPackageSummaryList"] == []


def test_a_version_carries_the_tags_of_its_group(sagemaker: Any) -> None:
    sagemaker.create_model_package_group(
        ModelPackageGroupName="g", Tags=[{"Key": "team", "Value": "a"}]
    )
    assert tags(sagemaker, make_version(sagemaker)) == {"team": "a"}


def test_a_version_takes_over_what_its_source_says(aws: Aws, sagemaker: Any) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    first = make_version(sagemaker)
    model = sagemaker.create_model(ModelName="m", PrimaryContainer=CONTAINER)["ModelArn"]
    for source in (first, model):
        made = sagemaker.create_model_package(ModelPackageGroupName="g", SourceUri=source)
        told = sagemaker.describe_model_package(ModelPackageName=made["ModelPackageArn"])
        assert told["InferenceSpecification"]["Containers"][0]["Image"] == IMAGE
        assert told["SourceUri"] == source
    with refused("ValidationException", "not both"):
        make_version(sagemaker, SourceUri=first)
    with refused("ValidationException", "does not exist"):
        sagemaker.create_model_package(ModelPackageGroupName="g", SourceUri=f"{model}x")
    keys = make_user(aws, "maker", allow("sagemaker:Create*"))
    with refused("AccessDeniedException", "sagemaker:DescribeModel", model):
        aws.client("sagemaker", keys).create_model_package(
            ModelPackageGroupName="g", SourceUri=model
        )


def test_who_may_not_create_is_not_told_the_number(aws: Aws, sagemaker: Any) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    keys = make_user(aws, "nobody")
    with refused("AccessDeniedException", ":model-package/g/*"):
        make_version(aws.client("sagemaker", keys))


def test_approval_is_a_condition_of_policies(aws: Aws, sagemaker: Any) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName="g")
    arn = make_version(sagemaker)
    condition = {"StringEquals": {"sagemaker:ModelApprovalStatus": "Rejected"}}
    keys = make_user(aws, "judge", allow("sagemaker:UpdateModelPackage", Condition=condition))
    client = aws.client("sagemaker", keys)
    client.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Rejected")
    with refused("AccessDeniedException", "UpdateModelPackage"):
        client.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")


# -- search ---------------------------------------------------------------------------------------


def test_search_finds_groups_versions_and_models(sagemaker: Any) -> None:
    for group in ("g", "other"):
        sagemaker.create_model_package_group(ModelPackageGroupName=group)
    make_version(sagemaker, CustomerMetadataProperties={"owner": "x"})
    sagemaker.create_model(
        ModelName="m", PrimaryContainer=CONTAINER, Tags=[{"Key": "team", "Value": "a"}]
    )

    def found(resource: str, name: str, value: str) -> list[dict[str, Any]]:
        expression = {"Filters": [{"Name": name, "Operator": "Equals", "Value": value}]}
        results = sagemaker.search(Resource=resource, SearchExpression=expression)["Results"]
        return [result[resource] for result in results]

    groups = found("ModelPackageGroup", "ModelPackageGroupName", "g")
    assert [group["ModelPackageGroupName"] for group in groups] == ["g"]
    (version,) = found("ModelPackage", "CustomerMetadataProperties.owner", "x")
    assert version["ModelPackageVersion"] == 1
    (model,) = found("Model", "Tags.team", "a")
    assert model["Model"]["ModelName"] == "m"
    assert len(found("Model", "Model.ModelName", "m")) == 1
    assert len(found("Model", "ModelName", "m")) == 1
    with refused("ValidationException", "Unknown property"):
        found("ModelPackage", "_Type", "Versioned")
    with refused("ValidationException", "Search over FeatureGroup is not supported"):
        found("FeatureGroup", "FeatureGroupName", "x")

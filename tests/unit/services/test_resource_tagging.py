from __future__ import annotations

from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused
from tests.support.studio import make_domain, make_profile, make_space, tags_of, work_role

HEAD = "arn:aws:sagemaker:us-east-1:111122223333"


@pytest.fixture
def rgt(aws: Aws) -> Any:
    return aws.unchecked("resourcegroupstaggingapi")


@pytest.fixture
def made(aws: Aws) -> list[str]:
    sm = aws.client("sagemaker")
    return [
        sm.create_experiment(
            ExperimentName=name,
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )["ExperimentArn"]
        for name, tags in (
            ("a", {"team": "x", "env": "dev"}),
            ("b", {"team": "y"}),
            ("c", {"env": "prod"}),
            ("d", {}),
        )
    ]


def arns(answer: Any) -> list[str]:
    return [item["ResourceARN"] for item in answer["ResourceTagMappingList"]]


def ours(found: list[str]) -> list[str]:
    return [arn.rsplit("/", 1)[-1] for arn in found if ":experiment/" in arn]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"TagFilters": [{"Key": "team"}]}, "ab"),
        ({"TagFilters": [{"Key": "team", "Values": ["x", "z"]}]}, "a"),
        ({"TagFilters": [{"Key": "team"}, {"Key": "env"}]}, "a"),
        ({"TagFilters": [{"Key": "none"}]}, ""),
        ({"ResourceTypeFilters": ["sagemaker:experiment"]}, "abc"),
        ({"ResourceTypeFilters": ["sagemaker"]}, "abc"),
        ({"ResourceTypeFilters": ["sagemaker:domain"]}, ""),
        ({}, "abc"),
    ],
)
def test_resources_are_found_by_tag_and_type(
    rgt: Any, made: Any, asked: Any, expected: str
) -> None:
    assert ours(arns(rgt.get_resources(**asked))) == list(expected)


def test_resources_are_found_by_arn_once(rgt: Any, made: list[str]) -> None:
    answer = rgt.get_resources(ResourceARNList=[made[0], made[0], made[3], f"{HEAD}:experiment/z"])
    assert arns(answer) == [made[0]]
    assert answer["ResourceTagMappingList"][0]["Tags"] == [
        {"Key": "env", "Value": "dev"},
        {"Key": "team", "Value": "x"},
    ]


def test_pages_put_together_are_the_whole_list(rgt: Any, made: list[str]) -> None:
    asked = {"ResourceTypeFilters": ["sagemaker"], "ResourcesPerPage": 1}
    found: list[str] = []
    token = ""
    while True:
        answer = rgt.get_resources(**asked, PaginationToken=token)
        found += arns(answer)
        token = answer["PaginationToken"]
        if not token:
            break
        with refused("InvalidParameterException", "PaginationToken"):
            rgt.get_resources(PaginationToken=token)  # of another question
    assert found == made[:3]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"ResourcesPerPage": 0}, "between 1 and 100, not 0"),
        ({"ResourcesPerPage": -5}, "between 1 and 100"),
        ({"ResourcesPerPage": 101}, "between 1 and 100"),
        ({"TagFilters": [{}]}, "needs a Key"),
        ({"TagFilters": [{"Values": ["x"]}]}, "needs a Key"),
        ({"PaginationToken": "nonsense"}, "PaginationToken"),
        (
            {"ResourceARNList": [f"{HEAD}:experiment/a"], "TagFilters": [{"Key": "a"}]},
            "cannot be used together",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(rgt: Any, made: Any, asked: Any, words: str) -> None:
    with refused("InvalidParameterException", words):
        rgt.get_resources(**asked)


def test_keys_and_values_in_use_are_told(rgt: Any, made: Any) -> None:
    assert {"team", "env"} <= set(rgt.get_tag_keys()["TagKeys"])
    assert rgt.get_tag_values(Key="team")["TagValues"] == ["x", "y"]
    assert rgt.get_tag_values(Key="none")["TagValues"] == []
    with refused("InvalidParameterException", "PaginationToken"):
        rgt.get_tag_values(Key="team", PaginationToken="x")


def test_many_values_come_in_pages(rgt: Any, aws: Aws) -> None:
    sm = aws.client("sagemaker")
    for n in range(60):
        tags = [{"Key": "n", "Value": f"{n:03}"}]
        sm.create_experiment(ExperimentName=f"n{n}", Tags=tags)
    first = rgt.get_tag_values(Key="n")
    second = rgt.get_tag_values(Key="n", PaginationToken=first["PaginationToken"])
    assert first["TagValues"] + second["TagValues"] == [f"{n:03}" for n in range(60)]
    assert second["PaginationToken"] == ""


def test_tagging_touches_all_that_it_may_and_tells_the_rest(
    rgt: Any, aws: Aws, made: list[str]
) -> None:
    wrong = [
        f"{HEAD}:experiment/absent",
        "no arn",
        "arn:aws:ec2:us-east-1:111122223333:instance/i-1",
    ]
    answer = rgt.tag_resources(ResourceARNList=[*made, *wrong], Tags={"new": "1"})
    failed = answer["FailedResourcesMap"]
    assert set(failed) == set(wrong)
    assert all(one["ErrorCode"] == "InvalidParameterException" for one in failed.values())
    assert "does not exist" in failed[wrong[0]]["ErrorMessage"]
    assert all(tags_of(aws, arn)["new"] == "1" for arn in made)
    rgt.untag_resources(ResourceARNList=made, TagKeys=["new", "unknown"])
    assert not any("new" in tags_of(aws, arn) for arn in made)


def test_one_resource_with_too_many_tags_does_not_stop_the_others(
    rgt: Any, aws: Aws, made: list[str]
) -> None:
    full = {f"k{n}": "" for n in range(50)}
    rgt.tag_resources(ResourceARNList=[made[3]], Tags=full)
    answer = rgt.tag_resources(ResourceARNList=made, Tags={"new": "1"})
    assert set(answer["FailedResourcesMap"]) == {made[3]}
    assert "51" in answer["FailedResourcesMap"][made[3]]["ErrorMessage"]
    assert "new" not in tags_of(aws, made[3])
    assert tags_of(aws, made[0])["new"] == "1"


def test_the_services_own_permission_is_asked_for_each(aws: Aws, made: list[str]) -> None:
    ana = make_user(
        aws,
        "ana",
        allow("tag:TagResources"),
        allow("sagemaker:AddTags", made[0]),
    )
    rgt = aws.client("resourcegroupstaggingapi", ana)
    failed = rgt.tag_resources(ResourceARNList=made[:2], Tags={"new": "1"})["FailedResourcesMap"]
    assert set(failed) == {made[1]}
    assert "sagemaker:AddTags" in failed[made[1]]["ErrorMessage"]
    assert tags_of(aws, made[0])["new"] == "1"
    assert "new" not in tags_of(aws, made[1])
    nobody = aws.client("resourcegroupstaggingapi", make_user(aws, "nobody"))
    with refused("AccessDeniedException", "tag:TagResources"):
        nobody.tag_resources(ResourceARNList=made[:1], Tags={"new": "1"})


def test_the_guides_backfill_command_tags_domains_profiles_spaces_and_roles(
    rgt: Any, aws: Aws
) -> None:
    role = work_role(aws, "work")
    domain = make_domain(aws, "finance", role)
    every = [
        domain.arn,
        make_profile(aws, domain.id, "ana"),
        make_space(aws, domain.id, "team"),
    ]
    tags = {"sagemaker:domain-arn": domain.arn}
    answer = rgt.tag_resources(ResourceARNList=[*every, role], Tags=tags)
    assert answer["FailedResourcesMap"] == {}
    found = rgt.get_resources(TagFilters=[{"Key": "sagemaker:domain-arn", "Values": [domain.arn]}])
    assert set(every) | {role} <= set(arns(found))
    for arn in every:
        assert tags_of(aws, arn) == tags

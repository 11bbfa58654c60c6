from __future__ import annotations

from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import refused
from tests.support.studio import make_domain, tags_of, work_role

HEAD = "arn:aws:sagemaker:us-east-1:111122223333"


@pytest.fixture
def sm(aws: Aws) -> Any:
    return aws.unchecked("sagemaker")


@pytest.fixture
def arn(sm: Any) -> str:
    return str(sm.create_experiment(ExperimentName="e")["ExperimentArn"])


def tags(**given: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in given.items()]


def test_tags_are_added_overwritten_and_removed(sm: Any, aws: Aws, arn: str) -> None:
    assert sm.add_tags(ResourceArn=arn, Tags=tags(a="1", b=""))["Tags"] == tags(a="1", b="")
    assert sm.add_tags(ResourceArn=arn, Tags=tags(b="2", c="3"))["Tags"] == tags(
        a="1", b="2", c="3"
    )
    sm.delete_tags(ResourceArn=arn, TagKeys=["a", "unknown"])
    assert tags_of(aws, arn) == {"b": "2", "c": "3"}
    sm.add_tags(ResourceArn=arn, Tags=[])
    assert tags_of(aws, arn) == {"b": "2", "c": "3"}


def test_tags_are_paged_by_fifty_and_hold_for_letters_of_all_kinds(
    sm: Any, aws: Aws, arn: str
) -> None:
    given = {f"ключ-{n:02} /=+@": f"値 {n}" for n in range(50)}
    sm.add_tags(ResourceArn=arn, Tags=tags(**given))
    assert tags_of(aws, arn) == given
    answer = sm.list_tags(ResourceArn=arn, MaxResults=50)
    assert len(answer["Tags"]) == 50
    assert "NextToken" not in answer


def test_the_fifty_first_tag_is_refused_and_nothing_of_the_call_is_kept(
    sm: Any, aws: Aws, arn: str
) -> None:
    sm.add_tags(ResourceArn=arn, Tags=tags(**{f"k{n}": "" for n in range(49)}))
    with refused("ResourceLimitExceeded", "51", "50"):
        sm.add_tags(ResourceArn=arn, Tags=tags(k0="new", x="", y=""))
    assert tags_of(aws, arn)["k0"] == ""
    sm.add_tags(ResourceArn=arn, Tags=tags(x=""))
    assert len(tags_of(aws, arn)) == 50


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}], "Duplicate tag keys found: a"),
        ([{"Key": "aws:x", "Value": "1"}], "reserved"),
        ([{"Key": "", "Value": "1"}], "at 'tags.1.member.key'"),
        ([{"Key": "a"}], "Member must not be null"),
        ([{"Key": "a" * 129, "Value": ""}], "at 'tags.1.member.key'"),
        ([{"Key": "a", "Value": "v" * 257}], "at 'tags.1.member.value'"),
        ([{"Key": "a", "Value": "<script>"}], "regular expression pattern"),
        ([{"Key": str(n), "Value": ""} for n in range(51)], "at 'tags'"),
    ],
)
def test_wrong_tags_are_refused_and_nothing_is_kept(
    sm: Any, aws: Aws, arn: str, given: Any, words: str
) -> None:
    with refused("ValidationException", words):
        sm.add_tags(ResourceArn=arn, Tags=given)
    with refused("ValidationException", words):
        sm.create_experiment(ExperimentName="other", Tags=given)
    assert tags_of(aws, arn) == {}
    with refused("ResourceNotFound"):
        sm.describe_experiment(ExperimentName="other")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (f"{HEAD}:experiment/absent", "ResourceNotFound"),
        (f"{HEAD}:domain/d-absent", "ResourceNotFound"),
        (f"{HEAD}:app/d-x/ana/jupyterlab/default", "ResourceNotFound"),
        (f"{HEAD}:experiment/e/", "ResourceNotFound"),
        (f"{HEAD}:experiment/*", "ResourceNotFound"),
        (f"{HEAD}:EXPERIMENT/e", "ResourceNotFound"),
        ("arn:aws:sagemaker:us-east-1:999999999999:experiment/e", "ResourceNotFound"),
        ("arn:aws:sagemaker:eu-west-1:111122223333:experiment/e", "ResourceNotFound"),
        ("arn:aws:iam::111122223333:role/work", "ValidationException"),
        ("experiment/e", "ValidationException"),
        ("", "ValidationException"),
        ("arn:aws:sagemaker:us-east-1:111122223333:" + "x" * 300, "ValidationException"),
    ],
)
def test_wrong_arns_are_refused_by_all_three(sm: Any, arn: str, wrong: str, code: str) -> None:
    with refused(code, wrong[:40]):
        sm.list_tags(ResourceArn=wrong)
    with refused(code):
        sm.add_tags(ResourceArn=wrong, Tags=tags(a="1"))
    with refused(code):
        sm.delete_tags(ResourceArn=wrong, TagKeys=["a"])
    assert sm.list_tags(ResourceArn=arn)["Tags"] == []


@pytest.mark.parametrize("token", ["²", "-1", "9" * 5000, "٣", "0", "nonsense", "\x00"])
def test_a_token_that_is_none_of_ours_is_refused(sm: Any, arn: str, token: str) -> None:
    with refused("ValidationException", "NextToken"):
        sm.list_tags(ResourceArn=arn, NextToken=token)


def test_tags_of_profiles_spaces_and_domains_are_their_own(sm: Any, aws: Aws) -> None:
    domain = make_domain(aws, "finance", work_role(aws, "work"), Tags=tags(a="domain"))
    made = sm.create_user_profile(DomainId=domain.id, UserProfileName="ana", Tags=tags(a="ana"))[
        "UserProfileArn"
    ]
    assert tags_of(aws, domain.arn) == {"a": "domain"}
    assert tags_of(aws, made) == {"a": "ana"}
    sm.delete_user_profile(DomainId=domain.id, UserProfileName="ana")
    again = sm.create_user_profile(DomainId=domain.id, UserProfileName="ana")["UserProfileArn"]
    assert again == made
    assert tags_of(aws, again) == {}

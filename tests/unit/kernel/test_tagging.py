from __future__ import annotations

from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import refused
from tests.support.studio import (
    make_domain,
    make_profile,
    make_space,
    session_keys,
    tags_of,
    work_role,
)

from freehold.base.errors import Invalid, LimitExceeded
from freehold.compose import House
from freehold.kernel import tagging

DOMAIN, PROFILE, SPACE = tagging.DOMAIN_TAG, tagging.PROFILE_TAG, tagging.SPACE_TAG


def as_list(**tags: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def test_a_list_and_a_map_of_tags_mean_the_same() -> None:
    assert tagging.as_map(as_list(a="1", b="")) == tagging.as_map({"a": "1", "b": ""})
    assert tagging.as_map(None) == {}
    assert tagging.as_list({"b": "2", "a": "1"}) == as_list(a="1", b="2")


def test_a_key_stands_once() -> None:
    with pytest.raises(Invalid, match="Duplicate tag keys found: a"):
        tagging.as_map([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}])
    assert len(tagging.as_map([{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])) == 2


@pytest.mark.parametrize("key", ["aws:x", "AWS:createdBy", "Aws:"])
def test_keys_of_aws_itself_are_refused(key: str) -> None:
    with pytest.raises(Invalid, match="reserved"):
        tagging.as_map({key: "1"})


def test_fifty_tags_are_the_limit() -> None:
    tagging.check_count({str(n): "" for n in range(50)})
    with pytest.raises(LimitExceeded, match="51"):
        tagging.check_count({str(n): "" for n in range(51)})


# -- through a real client -----------------------------------------------------------------------


class Studio:
    def __init__(self, aws: Aws, **more: Any) -> None:
        self.role = work_role(aws, "work")
        self.domain = make_domain(aws, "finance", self.role, **more)
        self.ana = make_profile(aws, self.domain.id, "ana")
        self.team = make_space(aws, self.domain.id, "team")
        self.own = make_space(aws, self.domain.id, "own", owner="ana")


def create(aws: Aws, keys: Any, name: str, **tags: str) -> dict[str, str]:
    arn = aws.client("sagemaker", keys).create_experiment(
        ExperimentName=name, Tags=[{"Key": k, "Value": v} for k, v in tags.items()]
    )["ExperimentArn"]
    return tags_of(aws, arn)


def test_a_session_tags_what_it_makes_by_its_origin(aws: Aws, house: House) -> None:
    studio = Studio(aws)
    for origin, expected in (
        (studio.ana, {DOMAIN: studio.domain.arn, PROFILE: studio.ana}),
        (studio.team, {DOMAIN: studio.domain.arn, SPACE: studio.team}),
        (
            studio.own,
            {DOMAIN: studio.domain.arn, SPACE: studio.own, PROFILE: studio.ana},
        ),
    ):
        keys = session_keys(house, studio.role, origin)
        name = origin.rsplit("/", 1)[-1]
        assert create(aws, keys, name) == expected
    assert create(aws, None, "by-admin") == {}


def test_a_session_cannot_say_that_it_comes_from_elsewhere(aws: Aws, house: House) -> None:
    studio = Studio(aws)
    keys = session_keys(house, studio.role, studio.ana)
    lie = {DOMAIN: "arn:aws:sagemaker:us-east-1:111122223333:domain/d-other", PROFILE: "x"}
    lie |= {SPACE: studio.team, "SageMaker:Domain-Arn": "x"}  # what its origin does not say itself
    assert create(aws, keys, "lie", **lie, team="a") == {
        DOMAIN: studio.domain.arn,
        PROFILE: studio.ana,
        "team": "a",
    }


def test_custom_tags_propagate_only_where_the_domain_says_so(aws: Aws, house: House) -> None:
    studio = Studio(aws, Tags=as_list(a="domain", b="domain", c="domain"))
    sm = aws.client("sagemaker")
    sm.add_tags(ResourceArn=studio.ana, Tags=as_list(b="ana", c="ana"))
    keys = session_keys(house, studio.role, studio.ana)
    assert "a" not in create(aws, keys, "before")
    sm.update_domain(DomainId=studio.domain.id, TagPropagation="ENABLED")
    assert create(aws, keys, "after", c="asked") == {
        "a": "domain",
        "b": "ana",
        "c": "asked",
        DOMAIN: studio.domain.arn,
        PROFILE: studio.ana,
    }


def test_space_goes_before_owner_before_domain(aws: Aws, house: House) -> None:
    studio = Studio(aws, Tags=as_list(a="domain", b="domain", c="domain"), TagPropagation="ENABLED")
    sm = aws.client("sagemaker")
    sm.add_tags(ResourceArn=studio.ana, Tags=as_list(b="ana", c="ana"))
    sm.add_tags(ResourceArn=studio.own, Tags=as_list(c="space"))
    found = create(aws, session_keys(house, studio.role, studio.own), "mine")
    assert {key: found[key] for key in "abc"} == {"a": "domain", "b": "ana", "c": "space"}


def test_automatic_tags_count_towards_the_fifty(aws: Aws, house: House) -> None:
    studio = Studio(aws)
    sm = aws.client("sagemaker", session_keys(house, studio.role, studio.ana))
    sm.create_experiment(ExperimentName="fits", Tags=as_list(**{f"k{n}": "" for n in range(48)}))
    with refused("ResourceLimitExceeded", "51", "50"):
        sm.create_experiment(
            ExperimentName="one-more", Tags=as_list(**{f"k{n}": "" for n in range(49)})
        )
    with pytest.raises(sm.exceptions.ResourceNotFound):
        sm.describe_experiment(ExperimentName="one-more")


def test_an_app_inherits_custom_tags_and_carries_where_it_is(aws: Aws, house: House) -> None:
    studio = Studio(aws, Tags=as_list(a="domain", b="domain"))
    sm = aws.client("sagemaker")
    # A space that ana made from inside carries ana; what runs in it for others must not.
    ana = aws.client("sagemaker", session_keys(house, studio.role, studio.ana))
    made = ana.create_space(DomainId=studio.domain.id, SpaceName="hers", Tags=as_list(b="space"))
    assert tags_of(aws, made["SpaceArn"])[PROFILE] == studio.ana
    app = sm.create_app(
        DomainId=studio.domain.id,
        SpaceName="hers",
        AppType="JupyterLab",
        AppName="default",
        Tags=[{"Key": DOMAIN, "Value": "elsewhere"}, {"Key": "c", "Value": "asked"}],
    )["AppArn"]
    assert tags_of(aws, app) == {
        "a": "domain",
        "b": "space",
        "c": "asked",
        DOMAIN: studio.domain.arn,
        SPACE: made["SpaceArn"],
    }


def test_an_app_of_a_private_space_carries_its_owner(aws: Aws) -> None:
    studio = Studio(aws)
    app = aws.client("sagemaker").create_app(
        DomainId=studio.domain.id, SpaceName="own", AppType="JupyterLab", AppName="default"
    )["AppArn"]
    assert tags_of(aws, app) == {
        DOMAIN: studio.domain.arn,
        SPACE: studio.own,
        PROFILE: studio.ana,
    }


def test_inherited_tags_of_an_app_count_towards_the_fifty(aws: Aws) -> None:
    studio = Studio(aws, Tags=as_list(**{f"d{n}": "" for n in range(30)}))
    sm = aws.client("sagemaker")
    sm.add_tags(ResourceArn=studio.ana, Tags=as_list(**{f"p{n}": "" for n in range(30)}))
    with refused("ResourceLimitExceeded", "62"):
        sm.create_app(
            DomainId=studio.domain.id,
            UserProfileName="ana",
            AppType="JupyterServer",
            AppName="default",
        )
    assert sm.list_apps()["Apps"] == []


def test_what_a_session_makes_says_who_made_it(aws: Aws, house: House) -> None:
    studio = Studio(aws)
    ana = aws.client("sagemaker", session_keys(house, studio.role, studio.ana))
    ana.create_experiment(ExperimentName="mine")
    by = ana.describe_experiment(ExperimentName="mine")["CreatedBy"]
    assert by == {
        "UserProfileArn": studio.ana,
        "UserProfileName": "ana",
        "DomainId": studio.domain.id,
    }
    aws.client("sagemaker").update_experiment(ExperimentName="mine", Description="by the admin")
    described = ana.describe_experiment(ExperimentName="mine")
    assert described["CreatedBy"] == by


def test_an_origin_is_not_washed_off_by_another_role(aws: Aws, house: House) -> None:
    studio = Studio(aws)
    other = work_role(aws, "other")
    aws.client("iam").update_assume_role_policy(
        RoleName="other",
        PolicyDocument=(
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
            f'"Principal":{{"AWS":"{studio.role}"}}}}]}}'
        ),
    )
    sts = aws.client("sts", session_keys(house, studio.role, studio.ana))
    made = sts.assume_role(RoleArn=other, RoleSessionName="other")["Credentials"]
    assert create(aws, made, "washed")[PROFILE] == studio.ana

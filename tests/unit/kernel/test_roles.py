from __future__ import annotations

import pytest
from tests.support.inprocess import Aws
from tests.support.people import trusting
from tests.support.studio import make_domain, make_profile, make_space, work_role

from freehold.base.errors import Invalid
from freehold.compose import House
from freehold.kernel.permission import roles
from freehold.store.records import Record


def owner(house: House, arn: str) -> Record:
    found = house.kernel.own_unit().find(arn)
    assert found is not None
    return found


def role_of(house: House, domain: str, arn: str) -> str:
    unit = house.kernel.own_unit()
    return roles.execution_role(unit, owner(house, domain), owner(house, arn))


def test_which_role_works_for_whom(aws: Aws, house: House) -> None:
    shared, users, own = (work_role(aws, name) for name in ("shared", "users", "own"))
    domain = make_domain(aws, "d", users, DefaultSpaceSettings={"ExecutionRole": shared})
    ana = make_profile(aws, domain.id, "ana", UserSettings={"ExecutionRole": own})
    bob = make_profile(aws, domain.id, "bob")
    assert role_of(house, domain.arn, ana) == own
    assert role_of(house, domain.arn, bob) == users
    for name, who, sharing, expected in (
        ("classic", None, "", shared),
        ("team", "ana", "Shared", shared),
        ("anas", "ana", "Private", own),
        ("bobs", "bob", "Private", users),
    ):
        space = make_space(aws, domain.id, name, who, sharing)
        assert role_of(house, domain.arn, space) == expected, name


def test_a_role_that_sagemaker_may_not_assume_is_refused_in_awss_words(
    aws: Aws, house: House
) -> None:
    other = work_role(aws, "lambda")
    domain = make_domain(aws, "d", other)
    ana = make_profile(aws, domain.id, "ana")
    no_longer = trusting({"Service": "lambda.amazonaws.com"})
    aws.client("iam").update_assume_role_policy(RoleName="lambda", PolicyDocument=no_longer)
    with pytest.raises(Invalid, match="unable to use your associated ExecutionRole") as caught:
        role_of(house, domain.arn, ana)
    assert other in caught.value.message
    with pytest.raises(Invalid, match="Could not assume role"):
        roles.job_role(house.kernel.own_unit(), other)
    with pytest.raises(Invalid, match="Could not assume role"):
        roles.job_role(house.kernel.own_unit(), ana)

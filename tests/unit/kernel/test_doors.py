from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.inprocess import Aws
from tests.support.studio import make_domain, make_profile, make_space, work_role

from freehold.base.errors import Denied, NotFound
from freehold.compose import House
from freehold.kernel.doors import Door


@pytest.fixture
def door(aws: Aws) -> Door:
    role = work_role(aws, "work")
    domain = make_domain(aws, "finance", role)
    return Door(
        id="one",
        socket=Path("/nowhere/in/api.sock"),
        token="right",
        source="arn:app",
        role=role,
        origin=make_profile(aws, domain.id, "ana"),
    )


def test_doors_tell_who_listens_once(house: House, door: Door) -> None:
    doors = house.kernel.doors
    told: list[str] = []
    doors.opened = lambda one: told.append(f"+{one.id}")
    doors.closed = lambda one: told.append(f"-{one.id}")
    doors.open(door)
    doors.open(door)
    assert doors.find("one") == door
    doors.close("one")
    doors.close("one")
    doors.close("never")
    assert told == ["+one", "-one"]
    doors.open(door)
    doors.open(replace(door, id="two"))
    doors.close_all()
    assert doors.find("one") is None
    assert doors.find("two") is None


def test_credentials_need_the_doors_own_token(house: House, door: Door, aws: Aws) -> None:
    doors, unit = house.kernel.doors, house.kernel.own_unit()
    doors.open(door)
    doors.open(replace(door, id="two", token="other"))
    for door_id, token in (("one", ""), ("one", "wrong"), ("one", "other"), ("none", "right")):
        with pytest.raises(Denied):
            doors.credentials(door_id, token, unit)
    with pytest.raises(Denied):
        doors.credentials("one", "réponse\udcff".encode("utf-8", "replace").decode(), unit)
    made = doors.credentials("one", "right", unit)
    keys = (made.access_key_id, made.secret_access_key, made.session_token)
    me = aws.client("sts", keys).get_caller_identity()
    assert me["Arn"].endswith(":assumed-role/work/SageMaker")
    doors.close("one")
    with pytest.raises(Denied):
        doors.credentials("one", "right", unit)


def test_credentials_end_with_role_and_profile(house: House, door: Door, aws: Aws) -> None:
    doors, unit = house.kernel.doors, house.kernel.own_unit()
    doors.open(door)
    assert door.origin is not None
    domain_id = door.origin.split("/")[1]
    aws.client("sagemaker").delete_user_profile(DomainId=domain_id, UserProfileName="ana")
    with pytest.raises(NotFound, match="user-profile"):
        doors.credentials("one", "right", unit)
    aws.client("iam").delete_role_policy(RoleName="work", PolicyName="given")
    aws.client("iam").delete_role(RoleName="work")
    with pytest.raises(NotFound, match="role/work"):
        doors.credentials("one", "right", unit)


def test_a_session_knows_what_it_is_bound_to(house: House, door: Door, aws: Aws) -> None:
    kernel = house.kernel
    assert door.origin is not None
    domain_id = door.origin.split("/")[1]
    own = make_space(aws, domain_id, "own", owner="ana")
    unit = kernel.own_unit()
    session = kernel.doors.session(unit, door.role, own)
    assert session.origin is not None
    assert session.origin.kind == "space"
    assert session.origin.sharing == "Private"
    assert session.origin.owner_arn == door.origin
    assert session.is_temporary
    free = kernel.doors.session(unit, door.role, None)
    assert free.origin is None
    with pytest.raises(NotFound):
        kernel.doors.session(unit, door.origin, None)  # a profile is no role

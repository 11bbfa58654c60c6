from __future__ import annotations

import dataclasses

import pytest

from freehold.auth.principal import Principal

SESSION = Principal(
    kind="session",
    arn="arn:aws:sts::000000000001:assumed-role/Data/ana",
    account_id="000000000001",
    unique_id="AROAEXAMPLE",
    access_key_id="ASIAEXAMPLE",
    role_arn="arn:aws:iam::000000000001:role/service-role/Data",
    role_name="Data",
    session_name="ana",
    issued_at=1.0,
    expires_at=2.0,
)
USER = Principal("user", "arn:aws:iam::000000000001:user/x/bo", "000000000001", "AIDAX", "AKIAX")
ROOT = Principal("root", "arn:aws:iam::000000000001:root", "000000000001", "000000000001", "AKIAR")
FEDERATED = dataclasses.replace(
    SESSION, kind="federated", arn="arn:aws:sts::000000000001:federated-user/ana", role_arn=None
)

CASES = [
    (SESSION, SESSION.role_arn, "AROAEXAMPLE:ana", "AssumedRole", True),
    (USER, USER.arn, "AIDAX", "User", False),
    (ROOT, ROOT.arn, "000000000001", "Account", False),
    (FEDERATED, FEDERATED.arn, "000000000001:ana", "FederatedUser", True),
]


@pytest.mark.parametrize(("principal", "arn", "userid", "type_", "is_temporary"), CASES)
def test_a_principal_answers_policy_s_questions(
    principal: Principal, arn: str, userid: str, type_: str, is_temporary: bool
) -> None:
    assert principal.principal_arn == arn
    assert principal.userid == userid
    assert principal.type == type_
    assert principal.is_temporary is is_temporary


def test_a_principal_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        SESSION.arn = "x"  # type: ignore[misc]


def test_the_default_tags_are_nobody_s_to_write() -> None:
    with pytest.raises(TypeError):
        USER.session_tags["a"] = "b"  # type: ignore[index]

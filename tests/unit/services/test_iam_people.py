"""Passwords, MFA devices, renaming: what people are known by and prove themselves with."""

from __future__ import annotations

import json
import time

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_role, make_user, policy, refused, session, trusting

from freehold.auth import totp
from freehold.compose import House
from freehold.kernel.permission import passwords

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
GOOD, BETTER = "Correct-Horse-7", "Battery-Staple-8"
USER = f"arn:aws:iam::{ACCOUNT}:user/"


# -- passwords ------------------------------------------------------------------------------------


def test_a_password_is_given_verified_replaced_and_taken_away(aws: Aws, house: House) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ann")
    with refused("NoSuchEntity", "Login Profile for User ann cannot be found."):
        iam.get_login_profile(UserName="ann")
    made = iam.create_login_profile(UserName="ann", Password=GOOD, PasswordResetRequired=True)
    assert made["LoginProfile"]["UserName"] == "ann"
    assert made["LoginProfile"]["PasswordResetRequired"] is True
    with refused("EntityAlreadyExists", "Login Profile for user ann already exists."):
        iam.create_login_profile(UserName="ann", Password=GOOD)
    user = house.kernel.reader.find(USER + "ann")
    assert passwords.verify_password(user, GOOD)
    assert not passwords.verify_password(user, GOOD + "x")
    assert not passwords.verify_password(None, GOOD)
    with refused("DeleteConflict", "must delete login profile first"):
        iam.delete_user(UserName="ann")
    iam.update_login_profile(UserName="ann", Password=BETTER, PasswordResetRequired=False)
    user = house.kernel.reader.find(USER + "ann")
    assert passwords.verify_password(user, BETTER)
    assert not passwords.verify_password(user, GOOD)
    assert iam.get_login_profile(UserName="ann")["LoginProfile"]["PasswordResetRequired"] is False
    iam.delete_login_profile(UserName="ann")
    with refused("NoSuchEntity"):
        iam.update_login_profile(UserName="ann", Password=GOOD)
    iam.delete_user(UserName="ann")


def test_no_password_is_kept_or_logged(aws: Aws, house: House) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ann")
    iam.create_login_profile(UserName="ann", Password=GOOD)
    with refused("EntityAlreadyExists"):
        iam.create_login_profile(UserName="ann", Password=GOOD)
    house.kernel.flush_audit()
    connection = house.kernel.reader.connection
    rows = connection.execute("select request from audit where operation = 'CreateLoginProfile'")
    requests = [bytes(row[0]) for row in rows]
    assert requests
    assert not any(GOOD.encode() in request for request in requests)
    kept = connection.execute("select document from resource where name = 'ann'").fetchone()[0]
    assert GOOD.encode() not in bytes(kept)


def test_users_change_their_own_password_and_only_theirs(aws: Aws, house: House) -> None:
    iam = aws.client("iam")
    keys = make_user(aws, "ann", allow("iam:ChangePassword", USER + "${aws:username}"))
    mine = aws.client("iam", keys)
    with refused("NoSuchEntity"):
        mine.change_password(OldPassword=GOOD, NewPassword=BETTER)
    iam.create_login_profile(UserName="ann", Password=GOOD)
    with refused("AccessDenied", "The old password was incorrect."):
        mine.change_password(OldPassword=BETTER, NewPassword=BETTER)
    mine.change_password(OldPassword=GOOD, NewPassword=BETTER)
    assert passwords.verify_password(house.kernel.reader.find(USER + "ann"), BETTER)
    with refused("InvalidUserType"):
        iam.change_password(OldPassword=GOOD, NewPassword=BETTER)
    other = aws.client("iam", make_user(aws, "bob"))
    with refused("AccessDenied", "iam:ChangePassword"):
        other.change_password(OldPassword=GOOD, NewPassword=BETTER)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("Ab1-", "minimum length of 8"),
        ("onlysmallletters", "three of"),
        ("small-and-dashes", "three of"),
    ],
)
def test_without_a_policy_the_default_is_enforced(aws: Aws, password: str, words: str) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ann")
    with refused("PasswordPolicyViolation", words):
        iam.create_login_profile(UserName="ann", Password=password)


def test_the_accounts_password_policy_is_kept_and_enforced(aws: Aws) -> None:
    iam = aws.client("iam")
    with refused("NoSuchEntity", f"The Password Policy with domain name {ACCOUNT} cannot be"):
        iam.get_account_password_policy()
    iam.update_account_password_policy(
        MinimumPasswordLength=12, RequireNumbers=True, PasswordReusePrevention=2, MaxPasswordAge=90
    )
    said = iam.get_account_password_policy()["PasswordPolicy"]
    assert said == {
        "MinimumPasswordLength": 12,
        "RequireSymbols": False,
        "RequireNumbers": True,
        "RequireUppercaseCharacters": False,
        "RequireLowercaseCharacters": False,
        "AllowUsersToChangePassword": False,
        "ExpirePasswords": True,
        "MaxPasswordAge": 90,
        "PasswordReusePrevention": 2,
    }
    iam.create_user(UserName="ann")
    with refused("PasswordPolicyViolation", "minimum length of 12"):
        iam.create_login_profile(UserName="ann", Password="short1")
    with refused("PasswordPolicyViolation", "at least one number"):
        iam.create_login_profile(UserName="ann", Password="longwithoutone")
    iam.create_login_profile(UserName="ann", Password="longenough-1")
    iam.update_login_profile(UserName="ann", Password="longenough-2")
    for used in ("longenough-1", "longenough-2"):
        with refused("PasswordPolicyViolation", "used before"):
            iam.update_login_profile(UserName="ann", Password=used)
    iam.update_login_profile(UserName="ann", Password="longenough-3")
    iam.update_login_profile(UserName="ann", Password="longenough-1")
    iam.delete_account_password_policy()
    with refused("NoSuchEntity", "The account policy with name PasswordPolicy cannot be found."):
        iam.delete_account_password_policy()


# -- MFA devices ----------------------------------------------------------------------------------


def make_device(aws: Aws, name: str) -> tuple[str, str]:
    made = aws.client("iam").create_virtual_mfa_device(VirtualMFADeviceName=name)
    device = made["VirtualMFADevice"]
    return device["SerialNumber"], device["Base32StringSeed"].decode()


def codes(seed: str, ahead: int = 0) -> dict[str, str]:
    here = totp.step_of(time.time()) + ahead
    return {
        "AuthenticationCode1": totp.code(seed, here - 1),
        "AuthenticationCode2": totp.code(seed, here),
    }


def test_a_device_is_enabled_by_two_codes_and_guards_its_user(aws: Aws) -> None:
    iam = aws.client("iam")
    make_user(aws, "ann")
    serial, seed = make_device(aws, "phone")
    assert serial == f"arn:aws:iam::{ACCOUNT}:mfa/phone"
    with refused("InvalidAuthenticationCode"):
        iam.enable_mfa_device(
            UserName="ann",
            SerialNumber=serial,
            AuthenticationCode1="000000",
            AuthenticationCode2="000001",
        )
    assert iam.list_mfa_devices(UserName="ann")["MFADevices"] == []
    iam.enable_mfa_device(UserName="ann", SerialNumber=serial, **codes(seed))
    with refused("EntityAlreadyExists"):
        iam.enable_mfa_device(UserName="ann", SerialNumber=serial, **codes(seed, 1))
    listed = iam.list_mfa_devices(UserName="ann")["MFADevices"]
    assert [(one["UserName"], one["SerialNumber"]) for one in listed] == [("ann", serial)]
    assert iam.get_mfa_device(SerialNumber=serial, UserName="ann")["UserName"] == "ann"
    virtual = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert virtual[0]["User"]["UserName"] == "ann"
    assert "Base32StringSeed" not in virtual[0]
    with refused("DeleteConflict", "Must deactivate first"):
        iam.delete_virtual_mfa_device(SerialNumber=serial)
    with refused("DeleteConflict", "must delete MFA device first"):
        for key in iam.list_access_keys(UserName="ann")["AccessKeyMetadata"]:
            iam.delete_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"])
        iam.delete_user(UserName="ann")
    iam.deactivate_mfa_device(UserName="ann", SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    iam.delete_user(UserName="ann")


def test_codes_are_used_once_and_resynchronised(aws: Aws) -> None:
    iam = aws.client("iam")
    make_user(aws, "ann")
    serial, seed = make_device(aws, "phone")
    given = codes(seed)
    iam.enable_mfa_device(UserName="ann", SerialNumber=serial, **given)
    with refused("InvalidAuthenticationCode"):
        iam.resync_mfa_device(UserName="ann", SerialNumber=serial, **given)
    iam.resync_mfa_device(UserName="ann", SerialNumber=serial, **codes(seed, 2))


def test_sts_takes_the_codes_of_an_enabled_device(aws: Aws) -> None:
    keys = make_user(aws, "ann")
    serial, seed = make_device(aws, "phone")
    sts = aws.client("sts", keys)
    code = totp.code(seed, totp.step_of(time.time()) + 1)
    with refused("AccessDenied", "MultiFactorAuthentication failed"):
        sts.get_session_token(SerialNumber=serial, TokenCode=code)
    aws.client("iam").enable_mfa_device(UserName="ann", SerialNumber=serial, **codes(seed))
    sts.get_session_token(SerialNumber=serial, TokenCode=code)
    with refused("AccessDenied", "MultiFactorAuthentication failed"):
        sts.get_session_token(SerialNumber=serial, TokenCode=code)


def test_a_device_is_nobody_elses(aws: Aws) -> None:
    iam = aws.client("iam")
    make_user(aws, "ann")
    make_user(aws, "bob")
    serial, seed = make_device(aws, "phone")
    iam.enable_mfa_device(UserName="ann", SerialNumber=serial, **codes(seed))
    with refused("NoSuchEntity"):
        iam.deactivate_mfa_device(UserName="bob", SerialNumber=serial)
    with refused("NoSuchEntity", "doesn't exist"):
        iam.deactivate_mfa_device(UserName="bob", SerialNumber=serial + "x")
    with refused("EntityAlreadyExists", "same path and name"):
        make_device(aws, "Phone")


def test_devices_are_tagged(aws: Aws) -> None:
    iam = aws.client("iam")
    serial, _ = make_device(aws, "phone")
    iam.tag_mfa_device(SerialNumber=serial, Tags=[{"Key": "a", "Value": "1"}])
    assert iam.list_mfa_device_tags(SerialNumber=serial)["Tags"] == [{"Key": "a", "Value": "1"}]
    iam.untag_mfa_device(SerialNumber=serial, TagKeys=["a"])
    assert iam.list_mfa_device_tags(SerialNumber=serial)["Tags"] == []


# -- other names ----------------------------------------------------------------------------------


def test_a_renamed_user_stays_who_they_are(aws: Aws) -> None:
    iam = aws.client("iam")
    keys = make_user(aws, "ann", allow(["iam:ListUsers", "sts:*"]))
    iam.create_group(GroupName="ops")
    iam.add_user_to_group(GroupName="ops", UserName="ann")
    serial, seed = make_device(aws, "phone")
    iam.enable_mfa_device(UserName="ann", SerialNumber=serial, **codes(seed))
    role = make_role(aws, "exec", trusting(USER + "ann"), allow("s3:*"))
    temporary = aws.client("sts", keys).get_session_token()["Credentials"]
    before = iam.get_user(UserName="ann")["User"]
    iam.update_user(UserName="ann", NewUserName="anna", NewPath="/team/")
    after = iam.get_user(UserName="anna")["User"]
    assert after["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/team/anna"
    assert (after["UserId"], after["CreateDate"]) == (before["UserId"], before["CreateDate"])
    with refused("NoSuchEntity", "The user with name ann cannot be found."):
        iam.get_user(UserName="ann")
    assert aws.client("sts", keys).get_caller_identity()["Arn"] == after["Arn"]
    aws.client("iam", keys).list_users()
    assert iam.get_access_key_last_used(AccessKeyId=keys[0])["UserName"] == "anna"
    members = iam.get_group(GroupName="ops")["Users"]
    assert [user["UserName"] for user in members] == ["anna"]
    assert iam.get_mfa_device(SerialNumber=serial)["UserName"] == "anna"
    trust = iam.get_role(RoleName="exec")["Role"]["AssumeRolePolicyDocument"]
    assert trust["Statement"][0]["Principal"] == {"AWS": after["Arn"]}
    session(aws, keys, role)
    with refused("InvalidClientTokenId"):
        aws.client("iam", temporary).list_users()


def test_the_old_name_inherits_nothing(aws: Aws) -> None:
    iam = aws.client("iam")
    make_user(aws, "ann")
    role = make_role(aws, "exec", trusting(USER + "ann"))
    iam.update_user(UserName="ann", NewUserName="anna")
    impostor = make_user(aws, "ann")
    with refused("AccessDenied"):
        session(aws, impostor, role)


def test_names_are_not_taken_from_others_but_may_change_case(aws: Aws) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ann")
    iam.create_user(UserName="bob")
    with refused("EntityAlreadyExists", "User with name BOB already exists."):
        iam.update_user(UserName="ann", NewUserName="BOB")
    iam.update_user(UserName="ann", NewUserName="Ann")
    iam.update_user(UserName="Ann")
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["Ann", "bob"]


def test_renaming_needs_permission_on_both_names(aws: Aws) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="bob")
    keys = make_user(aws, "ann", allow("iam:UpdateUser", USER + "bob"))
    with refused("AccessDenied", "user/rob"):
        aws.client("iam", keys).update_user(UserName="bob", NewUserName="rob")
    iam.put_user_policy(
        UserName="ann",
        PolicyName="more",
        PolicyDocument=policy(allow("iam:UpdateUser", USER + "rob")),
    )
    aws.client("iam", keys).update_user(UserName="bob", NewUserName="rob")


def test_a_renamed_group_keeps_users_and_policies(aws: Aws) -> None:
    iam = aws.client("iam")
    keys = make_user(aws, "ann")
    iam.create_group(GroupName="ops")
    iam.add_user_to_group(GroupName="ops", UserName="ann")
    text = policy(allow("iam:ListUsers"))
    iam.put_group_policy(GroupName="ops", PolicyName="see", PolicyDocument=text)
    made = iam.create_policy(PolicyName="more", PolicyDocument=text)["Policy"]["Arn"]
    iam.attach_group_policy(GroupName="ops", PolicyArn=made)
    iam.update_group(GroupName="ops", NewGroupName="operators", NewPath="/x/")
    aws.client("iam", keys).list_users()
    groups = iam.list_groups_for_user(UserName="ann")["Groups"]
    assert groups[0]["Arn"] == f"arn:aws:iam::{ACCOUNT}:group/x/operators"
    holders = iam.list_entities_for_policy(PolicyArn=made)["PolicyGroups"]
    assert [group["GroupName"] for group in holders] == ["operators"]
    assert json.dumps(iam.get_group_policy(GroupName="operators", PolicyName="see"), default=str)
    with refused("NoSuchEntity", "The group with name ops cannot be found."):
        iam.get_group(GroupName="ops")

"""Users, roles, groups, keys: their life, their names, what keeps them from being deleted."""

from __future__ import annotations

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_role, make_user, policy, refused, trusting

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def test_a_user_is_made_shown_and_deleted(aws: Aws) -> None:
    iam = aws.client("iam")
    made = iam.create_user(
        UserName="ann", Path="/team/x/", Tags=[{"Key": "Dept", "Value": "Finance"}]
    )["User"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/team/x/ann"
    assert made["UserId"].startswith("AIDA")
    assert len(made["UserId"]) == 20
    shown = iam.get_user(UserName="ann")["User"]
    assert shown == made
    assert shown["Tags"] == [{"Key": "Dept", "Value": "Finance"}]
    assert "Tags" not in iam.list_users()["Users"][0]
    iam.delete_user(UserName="ann")
    with refused("NoSuchEntity", "The user with name ann cannot be found."):
        iam.get_user(UserName="ann")


def test_a_user_asks_for_itself_without_a_name(aws: Aws) -> None:
    keys = make_user(aws, "ann", allow("iam:*", f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"))
    mine = aws.client("iam", keys)
    assert mine.get_user()["User"]["UserName"] == "ann"
    assert len(mine.list_access_keys()["AccessKeyMetadata"]) == 1
    with refused("AccessDenied", "iam:GetUser", "user/bob"):
        mine.get_user(UserName="bob")


def test_the_root_asks_for_itself_without_a_name(aws: Aws) -> None:
    assert aws.client("iam").get_user()["User"]["Arn"] == ROOT


@pytest.mark.parametrize(("taken", "wanted"), [("Ann", "ann"), ("ann", "ANN"), ("ann", "ann")])
def test_names_are_unique_whatever_their_case_and_path(aws: Aws, taken: str, wanted: str) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName=taken)
    with refused("EntityAlreadyExists", f"User with name {wanted} already exists."):
        iam.create_user(UserName=wanted, Path="/elsewhere/")
    make_role(aws, taken, trusting(ROOT))
    with refused("EntityAlreadyExists", f"Role with name {wanted} already exists."):
        make_role(aws, wanted, trusting(ROOT))


def test_a_path_needs_both_slashes(aws: Aws) -> None:
    with refused("ValidationError"):
        aws.client("iam").create_user(UserName="ann", Path="team")


def test_a_role_shows_its_trust_policy_as_it_was_sent(aws: Aws) -> None:
    iam = aws.client("iam")
    text = trusting({"Service": "sagemaker.amazonaws.com"})
    made = iam.create_role(
        RoleName="exec",
        Path="/service-role/",
        AssumeRolePolicyDocument=text,
        Description="of a domain",
        MaxSessionDuration=7200,
    )["Role"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/service-role/exec"
    assert made["RoleId"].startswith("AROA")
    shown = iam.get_role(RoleName="exec")["Role"]
    assert shown["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {
        "Service": "sagemaker.amazonaws.com"
    }
    assert (shown["MaxSessionDuration"], shown["Description"]) == (7200, "of a domain")
    iam.update_role(RoleName="exec", Description="other")
    shown = iam.get_role(RoleName="exec")["Role"]
    assert (shown["MaxSessionDuration"], shown["Description"]) == (7200, "other")


def test_roles_are_listed_by_name_in_pages_and_by_path(aws: Aws) -> None:
    for name in ("c", "a", "e", "b", "d"):
        make_role(aws, name, trusting(ROOT), Path="/x/" if name in "ace" else "/")
    iam = aws.client("iam")
    first = iam.list_roles(MaxItems=2)
    assert first["IsTruncated"]
    pages = iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 2})
    assert [role["RoleName"] for page in pages for role in page["Roles"]] == list("abcde")
    found = iam.list_roles(PathPrefix="/x/")["Roles"]
    assert [role["RoleName"] for role in found] == ["a", "c", "e"]
    for size in range(1, 5):
        pages = iam.get_paginator("list_roles").paginate(
            PathPrefix="/x/", PaginationConfig={"PageSize": size}
        )
        assert [role["RoleName"] for page in pages for role in page["Roles"]] == list("ace")
    with refused("ValidationError"):
        iam.list_roles(Marker="nonsense")


def test_a_role_with_policies_is_not_deleted(aws: Aws) -> None:
    iam = aws.client("iam")
    make_role(aws, "exec", trusting(ROOT), allow("s3:*"))
    iam.attach_role_policy(RoleName="exec", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    with refused("DeleteConflict", "must detach all policies first"):
        iam.delete_role(RoleName="exec")
    iam.detach_role_policy(RoleName="exec", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    with refused("DeleteConflict", "must delete policies first"):
        iam.delete_role(RoleName="exec")
    iam.delete_role_policy(RoleName="exec", PolicyName="given")
    assert iam.list_instance_profiles_for_role(RoleName="exec")["InstanceProfiles"] == []
    iam.delete_role(RoleName="exec")
    with refused("NoSuchEntity", "The role with name exec cannot be found."):
        iam.delete_role(RoleName="exec")


def test_keys_are_made_switched_off_and_deleted(aws: Aws) -> None:
    iam = aws.client("iam")
    keys = make_user(aws, "ann")
    iam.create_access_key(UserName="ann")
    with refused("LimitExceeded", "AccessKeysPerUser: 2"):
        iam.create_access_key(UserName="ann")
    sts = aws.client("sts", keys)
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/ann"
    iam.update_access_key(UserName="ann", AccessKeyId=keys[0], Status="Inactive")
    with refused("InvalidClientTokenId"):
        sts.get_caller_identity()
    iam.update_access_key(UserName="ann", AccessKeyId=keys[0], Status="Active")
    sts.get_caller_identity()
    assert iam.get_access_key_last_used(AccessKeyId=keys[0])["UserName"] == "ann"
    with refused("DeleteConflict", "must delete access keys first"):
        iam.delete_user(UserName="ann")
    for key in iam.list_access_keys(UserName="ann")["AccessKeyMetadata"]:
        assert "SecretAccessKey" not in key
        iam.delete_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"])
    with refused("InvalidClientTokenId"):
        sts.get_caller_identity()
    iam.delete_user(UserName="ann")


def test_a_key_is_changed_only_through_its_own_user(aws: Aws) -> None:
    keys = make_user(aws, "ann")
    make_user(aws, "bob")
    with refused("NoSuchEntity"):
        aws.client("iam").delete_access_key(UserName="bob", AccessKeyId=keys[0])


def test_a_user_made_anew_does_not_get_the_old_keys(aws: Aws) -> None:
    keys = make_user(aws, "ann")
    iam = aws.client("iam")
    iam.delete_access_key(UserName="ann", AccessKeyId=keys[0])
    iam.delete_user(UserName="ann")
    iam.create_user(UserName="ann")
    with refused("InvalidClientTokenId"):
        aws.client("sts", keys).get_caller_identity()


def test_groups_give_their_policies_to_their_users(aws: Aws) -> None:
    iam = aws.client("iam")
    keys = make_user(aws, "ann")
    mine = aws.client("iam", keys)
    iam.create_group(GroupName="ops")
    iam.put_group_policy(
        GroupName="ops", PolicyName="see", PolicyDocument=policy(allow("iam:ListUsers"))
    )
    with refused("AccessDenied"):
        mine.list_users()
    iam.add_user_to_group(GroupName="ops", UserName="ann")
    assert mine.list_users()["Users"]
    assert [user["UserName"] for user in iam.get_group(GroupName="ops")["Users"]] == ["ann"]
    groups = iam.list_groups_for_user(UserName="ann")["Groups"]
    assert [group["GroupName"] for group in groups] == ["ops"]
    with refused("DeleteConflict"):
        iam.delete_group(GroupName="ops")
    iam.remove_user_from_group(GroupName="ops", UserName="ann")
    with refused("AccessDenied"):
        mine.list_users()
    iam.delete_group_policy(GroupName="ops", PolicyName="see")
    iam.delete_group(GroupName="ops")
    assert iam.list_groups()["Groups"] == []


def test_tags_are_set_listed_and_taken_away(aws: Aws) -> None:
    iam = aws.client("iam")
    make_role(aws, "exec", trusting(ROOT), Tags=[{"Key": "a", "Value": "1"}])
    iam.tag_role(RoleName="exec", Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "3"}])
    tags = {tag["Key"]: tag["Value"] for tag in iam.list_role_tags(RoleName="exec")["Tags"]}
    assert tags == {"a": "3", "b": "2"}
    with refused("InvalidInput", "case insensitive"):
        iam.tag_role(RoleName="exec", Tags=[{"Key": "A", "Value": "4"}])
    iam.untag_role(RoleName="exec", TagKeys=["a"])
    assert iam.get_role(RoleName="exec")["Role"]["Tags"] == [{"Key": "b", "Value": "2"}]


def test_tags_decide_who_may_change_a_role(aws: Aws) -> None:
    mine = {"StringEquals": {"aws:ResourceTag/team": "finance"}}
    keys = make_user(aws, "ann", allow("iam:UpdateRole", Condition=mine))
    for name, team in (("ours", "finance"), ("theirs", "research")):
        make_role(aws, name, trusting(ROOT), Tags=[{"Key": "team", "Value": team}])
    ann = aws.client("iam", keys)
    ann.update_role(RoleName="ours", Description="x")
    with refused("AccessDenied"):
        ann.update_role(RoleName="theirs", Description="x")


def test_tagging_a_new_role_needs_tag_role_too(aws: Aws) -> None:
    keys = make_user(aws, "ann", allow("iam:CreateRole"))
    ann = aws.client("iam", keys)
    ann.create_role(RoleName="plain", AssumeRolePolicyDocument=trusting(ROOT))
    with refused("AccessDenied", "iam:TagRole"):
        ann.create_role(
            RoleName="tagged",
            AssumeRolePolicyDocument=trusting(ROOT),
            Tags=[{"Key": "a", "Value": "1"}],
        )


def test_a_denied_caller_does_not_learn_what_exists(aws: Aws) -> None:
    make_role(aws, "exec", trusting(ROOT))
    nobody = aws.client("iam", make_user(aws, "ann"))
    with refused("AccessDenied") as there:
        nobody.get_role(RoleName="exec")
    with refused("AccessDenied") as absent:
        nobody.get_role(RoleName="none")
    assert there.message.replace("exec", "none") == absent.message

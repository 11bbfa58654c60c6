from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import (
    allow,
    deny,
    make_role,
    make_user,
    policy,
    refused,
    session,
    trusting,
)
from tests.support.studio import make_domain, make_profile, make_space, session_keys, work_role

from freehold.compose import House

ACCOUNT = "111122223333"
GONE = "UnrecognizedClientException"


def list_(aws: Aws, keys: Any) -> Any:
    return aws.client("sagemaker", keys).list_experiments()


# -- when a policy changes -----------------------------------------------------------------------


def test_a_policy_change_holds_from_the_next_call_on(aws: Aws) -> None:
    ana = make_user(aws, "ana")
    iam = aws.client("iam")
    with refused("AccessDeniedException", "no identity-based policy allows"):
        list_(aws, ana)
    iam.put_user_policy(
        UserName="ana", PolicyName="p", PolicyDocument=policy(allow("sagemaker:List*"))
    )
    list_(aws, ana)
    iam.put_user_policy(
        UserName="ana", PolicyName="q", PolicyDocument=policy(deny("sagemaker:ListExperiments"))
    )
    with refused("AccessDeniedException", "explicit deny in an identity-based policy"):
        list_(aws, ana)
    iam.delete_user_policy(UserName="ana", PolicyName="q")
    list_(aws, ana)
    iam.delete_user_policy(UserName="ana", PolicyName="p")
    with refused("AccessDeniedException"):
        list_(aws, ana)


def test_a_new_version_of_a_managed_policy_holds_from_the_next_call_on(aws: Aws) -> None:
    ana = make_user(aws, "ana")
    iam = aws.client("iam")
    arn = iam.create_policy(PolicyName="p", PolicyDocument=policy(allow("sagemaker:List*")))[
        "Policy"
    ]["Arn"]
    iam.attach_user_policy(UserName="ana", PolicyArn=arn)
    list_(aws, ana)
    iam.create_policy_version(
        PolicyArn=arn, PolicyDocument=policy(allow("s3:*")), SetAsDefault=True
    )
    with refused("AccessDeniedException"):
        list_(aws, ana)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    list_(aws, ana)
    iam.detach_user_policy(UserName="ana", PolicyArn=arn)
    with refused("AccessDeniedException"):
        list_(aws, ana)


def test_a_groups_policy_binds_its_members_while_they_are_members(aws: Aws) -> None:
    ana = make_user(aws, "ana")
    iam = aws.client("iam")
    iam.create_group(GroupName="g")
    iam.put_group_policy(GroupName="g", PolicyName="p", PolicyDocument=policy(allow("sagemaker:*")))
    with refused("AccessDeniedException"):
        list_(aws, ana)
    iam.add_user_to_group(GroupName="g", UserName="ana")
    list_(aws, ana)
    iam.remove_user_from_group(GroupName="g", UserName="ana")
    with refused("AccessDeniedException"):
        list_(aws, ana)


def test_a_boundary_narrows_and_is_named_in_the_refusal(aws: Aws) -> None:
    ana = make_user(aws, "ana", allow("*"))
    iam = aws.client("iam")
    arn = iam.create_policy(PolicyName="b", PolicyDocument=policy(allow("sagemaker:List*")))[
        "Policy"
    ]["Arn"]
    iam.put_user_permissions_boundary(UserName="ana", PermissionsBoundary=arn)
    list_(aws, ana)
    with refused("AccessDeniedException", "no permissions boundary allows the sagemaker:Create"):
        aws.client("sagemaker", ana).create_experiment(ExperimentName="e")
    iam.delete_user_permissions_boundary(UserName="ana")
    aws.client("sagemaker", ana).create_experiment(ExperimentName="e")


def test_session_policies_narrow_and_never_widen(aws: Aws) -> None:
    ana = make_user(aws, "ana", allow("sts:AssumeRole"))
    role = make_role(
        aws, "r", trusting(f"arn:aws:iam::{ACCOUNT}:user/ana"), allow("sagemaker:List*")
    )
    wide = session(aws, ana, role, Policy=policy(allow("*")))
    list_(aws, wide)
    with refused("AccessDeniedException", "no identity-based policy"):
        aws.client("sagemaker", wide).create_experiment(ExperimentName="e")
    narrow = session(aws, ana, role, Policy=policy(allow("sagemaker:ListDomains")))
    with refused("AccessDeniedException", "no session policy allows"):
        list_(aws, narrow)


def test_a_denied_caller_does_not_learn_what_exists(aws: Aws) -> None:
    nobody = aws.client("sagemaker", make_user(aws, "nobody"))
    aws.client("sagemaker").create_experiment(ExperimentName="there")
    said = []
    for name in ("there", "absent"):
        with refused("AccessDeniedException") as refusal:
            nobody.describe_experiment(ExperimentName=name)
        said.append(refusal.message.replace(name, "NAME"))
    assert said[0] == said[1]


# -- sessions end with what they stand on --------------------------------------------------------


@pytest.fixture
def studio(aws: Aws) -> Any:
    role = work_role(aws, "work")
    return make_domain(aws, "finance", role)


def test_a_deleted_user_ends_its_keys_and_a_new_one_inherits_nothing(aws: Aws) -> None:
    ana = make_user(aws, "ana", allow("*"))
    temporary = aws.client("sts", ana).get_session_token()["Credentials"]
    list_(aws, ana)
    list_(aws, temporary)
    iam = aws.client("iam")
    iam.delete_access_key(UserName="ana", AccessKeyId=ana[0])
    iam.delete_user_policy(UserName="ana", PolicyName="given")
    iam.delete_user(UserName="ana")
    for keys in (ana, temporary):
        with refused(GONE):
            list_(aws, keys)
    make_user(aws, "ana", allow("*"))
    for keys in (ana, temporary):
        with refused(GONE):
            list_(aws, keys)


def test_a_deactivated_key_is_refused_at_once_and_works_again(aws: Aws) -> None:
    ana = make_user(aws, "ana", allow("*"))
    list_(aws, ana)
    iam = aws.client("iam")
    iam.update_access_key(UserName="ana", AccessKeyId=ana[0], Status="Inactive")
    with refused(GONE):
        list_(aws, ana)
    iam.update_access_key(UserName="ana", AccessKeyId=ana[0], Status="Active")
    list_(aws, ana)


def test_a_deleted_role_ends_its_sessions_and_a_new_one_inherits_none(
    aws: Aws, house: House, studio: Any
) -> None:
    ana = make_profile(aws, studio.id, "ana")
    keys = session_keys(house, studio.role, ana)
    list_(aws, keys)
    iam = aws.client("iam")
    iam.delete_role_policy(RoleName="work", PolicyName="given")
    iam.delete_role(RoleName="work")
    with refused(GONE, "role no longer exists"):
        list_(aws, keys)
    work_role(aws, "work")
    with refused(GONE, "role no longer exists"):
        list_(aws, keys)
    list_(aws, session_keys(house, studio.role, ana))


@pytest.mark.parametrize("what", ["profile", "space"])
def test_a_deleted_profile_or_space_ends_its_sessions_and_a_new_one_inherits_none(
    aws: Aws, house: House, studio: Any, what: str
) -> None:
    sm = aws.client("sagemaker")
    if what == "profile":
        arn = make_profile(aws, studio.id, "ana")
        named = {"DomainId": studio.id, "UserProfileName": "ana"}
        delete, again = sm.delete_user_profile, sm.create_user_profile
    else:
        arn = make_space(aws, studio.id, "team")
        named = {"DomainId": studio.id, "SpaceName": "team"}
        delete, again = sm.delete_space, sm.create_space
    keys = session_keys(house, studio.role, arn)
    chained = aws.client("sts", keys).get_caller_identity()
    assert chained["Arn"].endswith("/SageMaker")
    list_(aws, keys)
    delete(**named)
    with refused(GONE, "no longer exists"):
        list_(aws, keys)
    again(**named)
    with refused(GONE, "no longer exists"):
        list_(aws, keys)
    list_(aws, session_keys(house, studio.role, arn))


# -- what a call asks besides --------------------------------------------------------------------


def test_pass_role_is_asked_for_each_role_with_the_service_it_goes_to(aws: Aws) -> None:
    one, two = work_role(aws, "one"), work_role(aws, "two")
    condition = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    ana = make_user(
        aws,
        "ana",
        allow("sagemaker:*"),
        allow("iam:PassRole", one, Condition=condition),
    )
    sm = aws.client("sagemaker", ana)
    settings = {"DomainName": "d", "AuthMode": "IAM"}
    with refused("AccessDeniedException", "iam:PassRole on resource: " + two):
        sm.create_domain(
            **settings,
            DefaultUserSettings={"ExecutionRole": one},
            DefaultSpaceSettings={"ExecutionRole": two},
        )
    made = sm.create_domain(**settings, DefaultUserSettings={"ExecutionRole": one})
    with refused("AccessDeniedException", "iam:PassRole on resource: " + two):
        sm.create_user_profile(
            DomainId=made["DomainId"], UserProfileName="a", UserSettings={"ExecutionRole": two}
        )
    with refused("AccessDeniedException", "iam:PassRole on resource: " + two):
        sm.update_domain(DomainId=made["DomainId"], DefaultUserSettings={"ExecutionRole": two})
    sm.create_user_profile(DomainId=made["DomainId"], UserProfileName="a")
    with refused("AccessDeniedException", "iam:PassRole on resource: " + two):
        sm.update_user_profile(
            DomainId=made["DomainId"], UserProfileName="a", UserSettings={"ExecutionRole": two}
        )


def test_tags_on_create_are_asked_as_add_tags_with_the_tagging_action(aws: Aws) -> None:
    tags = [{"Key": "team", "Value": "a"}]
    ana = make_user(aws, "ana", allow("sagemaker:Create*"))
    sm = aws.client("sagemaker", ana)
    sm.create_experiment(ExperimentName="untagged")
    arn = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:experiment/tagged"
    with refused(
        "AccessDeniedException",
        f"user/ana is not authorized to perform: sagemaker:AddTags on resource: {arn} because no "
        "identity-based policy allows the sagemaker:AddTags action",
    ):
        sm.create_experiment(ExperimentName="tagged", Tags=tags)
    condition = {"StringEquals": {"sagemaker:TaggingAction": "CreateExperiment"}}
    aws.client("iam").put_user_policy(
        UserName="ana",
        PolicyName="tag",
        PolicyDocument=policy(allow("sagemaker:AddTags", Condition=condition)),
    )
    sm.create_experiment(ExperimentName="tagged", Tags=tags)
    with refused("AccessDeniedException", "sagemaker:AddTags"):  # the key is absent here
        sm.add_tags(ResourceArn=arn, Tags=tags)


def test_automatic_tags_are_asked_as_add_tags_too(aws: Aws, house: House) -> None:
    role = work_role(aws, "work", allow("sagemaker:Create*"))
    domain = make_domain(aws, "finance", role)
    ana = make_profile(aws, domain.id, "ana")
    sm = aws.client("sagemaker", session_keys(house, role, ana))
    with refused("AccessDeniedException", "assumed-role/work/SageMaker", "sagemaker:AddTags"):
        sm.create_experiment(ExperimentName="e")
    with refused("AccessDeniedException"):
        sm.describe_experiment(ExperimentName="e")


def test_policy_sees_automatic_tags_of_the_request(aws: Aws, house: House) -> None:
    condition = {
        "ForAllValues:StringEquals": {
            "aws:TagKeys": ["sagemaker:domain-arn", "sagemaker:user-profile-arn"]
        }
    }
    role = work_role(aws, "work", allow("sagemaker:*", Condition=condition))
    domain = make_domain(aws, "finance", role)
    ana = make_profile(aws, domain.id, "ana")
    sm = aws.client("sagemaker", session_keys(house, role, ana))
    sm.create_experiment(ExperimentName="plain")
    with refused("AccessDeniedException"):
        sm.create_experiment(ExperimentName="more", Tags=[{"Key": "x", "Value": "y"}])


def test_resource_tags_are_those_of_the_resource_now(aws: Aws) -> None:
    condition = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    ana = make_user(aws, "ana", allow("sagemaker:DescribeExperiment", Condition=condition))
    admin, sm = aws.client("sagemaker"), aws.client("sagemaker", ana)
    arn = admin.create_experiment(ExperimentName="e")["ExperimentArn"]
    with refused("AccessDeniedException"):
        sm.describe_experiment(ExperimentName="e")
    admin.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "a"}])
    sm.describe_experiment(ExperimentName="e")
    admin.delete_tags(ResourceArn=arn, TagKeys=["team"])
    with refused("AccessDeniedException"):
        sm.describe_experiment(ExperimentName="e")


def test_principal_tags_of_the_role_bind_its_sessions(aws: Aws, house: House) -> None:
    role = work_role(
        aws,
        "work",
        allow("sagemaker:*"),
        deny("sagemaker:List*", Condition={"StringEquals": {"aws:PrincipalTag/team": "b"}}),
    )
    domain = make_domain(aws, "finance", role)
    keys = session_keys(house, role, make_profile(aws, domain.id, "ana"))
    list_(aws, keys)
    aws.client("iam").tag_role(RoleName="work", Tags=[{"Key": "team", "Value": "b"}])
    with refused("AccessDeniedException", "explicit deny"):
        list_(aws, keys)


def test_source_ip_is_the_peers(aws: Aws) -> None:
    inside = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    ana = make_user(aws, "ana", allow("sagemaker:*", Condition=inside))
    aws.client("sagemaker", ana, source_ip="10.1.2.3").list_experiments()
    with refused("AccessDeniedException"):
        aws.client("sagemaker", ana, source_ip="192.0.2.1").list_experiments()


def test_the_root_is_bound_by_no_policy_and_may_be_refused_by_none(aws: Aws) -> None:
    assert aws.client("sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    list_(aws, None)


def test_a_search_is_bound_to_its_visibility_conditions(aws: Aws) -> None:
    mine = "arn:aws:sagemaker:us-east-1:111122223333:domain/d-mine"
    key = "sagemaker:SearchVisibilityCondition/Tags.sagemaker:domain-arn/EqualsIfExists"
    ana = make_user(aws, "ana", allow("sagemaker:Search", Condition={"StringEquals": {key: mine}}))
    admin, sm = aws.client("sagemaker"), aws.client("sagemaker", ana)
    for name, domain in (("mine", mine), ("theirs", mine.replace("mine", "theirs")), ("old", "")):
        tags = [{"Key": "sagemaker:domain-arn", "Value": domain}] if domain else []
        admin.create_experiment(ExperimentName=name, Tags=tags)
    with refused("AccessDeniedException"):
        sm.search(Resource="Experiment")
    conditions = [{"Key": "Tags.sagemaker:domain-arn", "Value": mine}]
    found = sm.search(Resource="Experiment", VisibilityConditions=conditions)["Results"]
    assert {one["Experiment"]["ExperimentName"] for one in found} == {"mine", "old"}
    wrong = [{"Key": "Tags.sagemaker:domain-arn", "Value": mine.replace("mine", "theirs")}]
    with refused("AccessDeniedException"):
        sm.search(Resource="Experiment", VisibilityConditions=wrong)
    assert json.dumps(conditions)


def test_people_who_are_only_made_leave_remembered_policies_as_they_are(
    aws: Aws, house: House
) -> None:
    role = work_role(aws, "work")
    sm = aws.client("sagemaker")

    def changes(ask: Any) -> bool:
        access = (house.kernel.access, house.kernel.writing_access)
        before = [one.version for one in access]
        made.append(ask())
        assert len({one.version == known for one, known in zip(access, before, strict=True)}) == 1
        return access[0].version != before[0]

    made: list[Any] = []
    assert not changes(lambda: make_domain(aws, "d", role))
    named = {"DomainId": made[0].id}
    assert not changes(lambda: make_profile(aws, made[0].id, "ana"))
    assert not changes(lambda: make_space(aws, made[0].id, "team"))
    assert changes(lambda: sm.update_domain(**named, TagPropagation="ENABLED"))
    assert changes(lambda: sm.update_user_profile(**named, UserProfileName="ana", UserSettings={}))
    tag = [{"Key": "a", "Value": "b"}]
    assert changes(lambda: sm.add_tags(ResourceArn=made[1], Tags=tag))
    assert changes(lambda: sm.delete_space(**named, SpaceName="team"))
    assert changes(lambda: sm.delete_user_profile(**named, UserProfileName="ana"))
    assert changes(lambda: sm.delete_domain(**named))

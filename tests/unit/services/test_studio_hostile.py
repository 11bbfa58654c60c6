"""Bad input to Studio's objects: what it says, and that nothing of it is kept."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from tests.support import raw
from tests.support.inprocess import Aws
from tests.support.people import refused
from tests.support.studio import make_domain, make_profile, work_role

SPACE = {"OwnerUserProfileName": "ana"}
CREATE = b'{"DomainName":"d","AuthMode":"IAM","DefaultUserSettings":{}%s}'
SCRIPT = base64.b64encode(b"true\n").decode()


@pytest.fixture
def sm(aws: Aws) -> Any:
    return aws.client("sagemaker")


@pytest.fixture
def role(aws: Aws) -> str:
    return work_role(aws, "work")


# -- bodies ----------------------------------------------------------------------------------------

UNREADABLE = {
    "nothing but a brace": b"{",
    "something behind it": CREATE % b"" + b"x",
    "two documents": (CREATE % b"") * 2,
    "a byte order mark": b"\xef\xbb\xbf" + CREATE % b"",
    "ten thousand lists in an unknown member": CREATE % (b',"X":' + b"[" * 10000 + b"]" * 10000),
    "ten thousand structures": b'{"DefaultUserSettings":' * 10000 + b"{}" + b"}" * 10000,
    "no number": CREATE % b',"SubnetIds":[NaN]',
    "infinity": CREATE % b',"SubnetIds":[Infinity]',
    "no UTF-8": CREATE % b',"VpcId":"\xff\xfe"',
    "half of a character": CREATE % b',"VpcId":"\\ud800"',
    "half of a character in a tag": CREATE % b',"Tags":[{"Key":"\\ud800x","Value":"\\udfff"}]',
    "a comment": CREATE % b"/* ,*/",
    "single quotes": b"{'DomainName':'d'}",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_that_is_no_json_is_a_clear_400(sm: Any, aws: Aws, body: bytes) -> None:
    status, told = raw.ask(aws, "CreateDomain", body)
    assert (status, told["__type"]) == (400, "SerializationException")
    assert told["message"] == "Unable to parse the request body as JSON"
    assert sm.list_domains()["Domains"] == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"null", "Expected structure or map or null"),
        (b"[]", "Start of list found where not expected."),
        (b'"x"', "Expected structure or map or null"),
        (b'{"DomainName":1}', "NUMBER_VALUE can not be converted to a String"),
        (b'{"DomainName":true}', "TRUE_VALUE can not be converted to a String"),
        (b'{"DomainName":{}}', "Start of structure or map found where not expected."),
        (b'{"DefaultUserSettings":[]}', "Start of list found where not expected."),
        (CREATE % b',"SubnetIds":"subnet-1"', "Expected list or null"),
        (
            b'{"DefaultUserSettings":{"CustomPosixUserConfig":{"Uid":1e99,"Gid":2000}}}',
            "can not be converted to a Long",
        ),
    ],
)
def test_a_value_of_another_type_is_told_in_awss_words(
    sm: Any, aws: Aws, body: bytes, words: str
) -> None:
    status, told = raw.ask(aws, "CreateDomain", body)
    assert (status, told["__type"]) == (400, "SerializationException")
    assert words in told["message"]
    assert sm.list_domains()["Domains"] == []


def test_a_body_too_long_is_refused_and_a_long_name_not_sent_back(sm: Any, aws: Aws) -> None:
    status, told = raw.ask(aws, "CreateDomain", CREATE % (b',"X":"' + b"a" * 10_000_000 + b'"'))
    assert (status, told["__type"]) == (400, "RequestEntityTooLargeException")
    long = CREATE.replace(b'"d"', b'"' + b"a" * 5_000_000 + b'"') % b""
    status, told = raw.ask(aws, "CreateDomain", long)
    assert (status, told["__type"]) == (400, "ValidationException")
    assert len(told["message"]) < 2000
    assert sm.list_domains()["Domains"] == []


def test_unknown_members_and_nulls_are_as_if_absent_and_the_last_of_two_counts(
    sm: Any, aws: Aws
) -> None:
    body = CREATE.replace(b"{}", b'{"New":{"a":1},"StudioWebPortal":"ENABLED"}') % (
        b',"Unheard":[1],"Tags":null,"SubnetIds":null,"DomainName":"e"'
    )
    status, made = raw.ask(aws, "CreateDomain", body)
    assert status == 200
    described = sm.describe_domain(DomainId=made["DomainId"])
    assert described["DomainName"] == "e"
    assert described["DefaultUserSettings"] == {"StudioWebPortal": "ENABLED"}
    assert b"Unheard" not in json.dumps(described, default=str).encode()


def test_every_violation_of_a_deep_request_is_told_in_awss_form(sm: Any, aws: Aws) -> None:
    settings = {
        "ExecutionRole": "",
        "SecurityGroups": ["sg-1"] * 6,
        "JupyterLabAppSettings": {
            "DefaultResourceSpec": {"InstanceType": "huge"},
            "AppLifecycleManagement": {"IdleSettings": {"IdleTimeoutInMinutes": 59}},
        },
        "CustomPosixUserConfig": {"Uid": 1},
    }
    body = {
        "DomainName": "-x",
        "AuthMode": "LDAP",
        "DefaultUserSettings": settings,
        "SubnetIds": [],
        "Tags": [{"Key": ""}],
    }
    status, told = raw.ask(aws, "CreateDomain", body)
    assert (status, told["__type"]) == (400, "ValidationException")
    head, _, rest = told["message"].partition(" detected: ")
    found = rest.split("; ")
    assert head == f"{len(found)} validation errors"
    at = "defaultUserSettings"
    idle = f"{at}.jupyterLabAppSettings.appLifecycleManagement.idleSettings.idleTimeoutInMinutes"
    role = r"arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"
    for wanted in (
        "Value '-x' at 'domainName' failed to satisfy constraint: Member must satisfy regular "
        "expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
        "Value 'LDAP' at 'authMode' failed to satisfy constraint: Member must satisfy enum value "
        "set: [SSO, IAM]",
        f"Value '' at '{at}.executionRole' failed to satisfy constraint: Member must have length "
        "greater than or equal to 20",
        f"Value '' at '{at}.executionRole' failed to satisfy constraint: Member must satisfy "
        f"regular expression pattern: {role}",
        f"Value '[sg-1, sg-1, sg-1, sg-1, sg-1, sg-1]' at '{at}.securityGroups' failed to satisfy "
        "constraint: Member must have length less than or equal to 5",
        f"Value '59' at '{idle}' failed to satisfy constraint: Member must have value greater "
        "than or equal to 60",
        f"Value '1' at '{at}.customPosixUserConfig.uid' failed to satisfy constraint: Member must "
        "have value greater than or equal to 10000",
        f"Value null at '{at}.customPosixUserConfig.gid' failed to satisfy constraint: Member "
        "must not be null",
        "Value '[]' at 'subnetIds' failed to satisfy constraint: Member must have length greater "
        "than or equal to 1",
        "Value '' at 'tags.1.member.key' failed to satisfy constraint: Member must have length "
        "greater than or equal to 1",
        "Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null",
    ):
        assert wanted in found, found
    assert sm.list_domains()["Domains"] == []


# -- names -----------------------------------------------------------------------------------------

TRICKS = [
    "-a", "a-", "a_b", "a b", "a.b.", ".", "..", "a/b", "a\\b", "a\nb", "a\n", "\na", "a\x00b",
    "fіnance", "fin\u200bance", "ｆinance", "\u212aelvin", "ﬁnance", "a\u0301", "\u202ea", "日本",
    "a" * 64, "a;drop table resource", "${sagemaker:DomainId}", "*", "a?", "%2e%2e", "",
]  # fmt: skip
NAMED = {
    "Domain": ("DomainName", {"AuthMode": "IAM", "DefaultUserSettings": {}}),
    "UserProfile": ("UserProfileName", {"DomainId": "?"}),
    "Space": ("SpaceName", {"DomainId": "?"}),
    "App": ("AppName", {"DomainId": "?", "UserProfileName": "ana", "AppType": "JupyterLab"}),
    "StudioLifecycleConfig": (
        "StudioLifecycleConfigName",
        {
            "StudioLifecycleConfigContent": SCRIPT,
            "StudioLifecycleConfigAppType": "JupyterLab",
        },
    ),
    "Image": ("ImageName", {"RoleArn": "?"}),
    "AppImageConfig": ("AppImageConfigName", {}),
    "CodeRepository": (
        "CodeRepositoryName",
        {"GitConfig": {"RepositoryUrl": "https://git.example.com/x.git"}},
    ),
}


@pytest.mark.parametrize("noun", NAMED)
def test_names_with_tricks_are_refused_for_every_kind(
    sm: Any, aws: Aws, role: str, noun: str
) -> None:
    domain = make_domain(aws, "known", role)
    make_profile(aws, domain.id, "ana")
    member, more = NAMED[noun]
    fixed = {"DomainId": domain.id, "RoleArn": role}
    request = {name: fixed.get(name, value) for name, value in more.items()}
    at = f"at '{member[0].lower()}{member[1:]}' failed to satisfy constraint"
    for name in TRICKS:
        status, told = raw.ask(aws, f"Create{noun}", request | {member: name})
        assert (status, told.get("__type")) == (400, "ValidationException"), (name, told)
        assert "validation error" in told["message"]
        assert at in told["message"], told
    assert [one["DomainName"] for one in sm.list_domains()["Domains"]] == ["known"]
    assert len(sm.list_user_profiles()["UserProfiles"]) == 1
    for left, listed in (
        ("Spaces", sm.list_spaces()),
        ("Apps", sm.list_apps()),
        ("StudioLifecycleConfigs", sm.list_studio_lifecycle_configs()),
        ("Images", sm.list_images()),
        ("AppImageConfigs", sm.list_app_image_configs()),
        ("CodeRepositorySummaryList", sm.list_code_repositories()),
    ):
        assert listed[left] == []


def test_names_of_63_characters_and_inner_hyphens_are_names(sm: Any, aws: Aws, role: str) -> None:
    name = "a" * 31 + "-" + "B" * 31
    domain = make_domain(aws, name, role)
    make_profile(aws, domain.id, name)
    sm.create_space(DomainId=domain.id, SpaceName="a--b")
    with refused("ResourceInUse", "already exists"):
        make_profile(aws, domain.id, name.swapcase())
    with refused("ResourceInUse", "already exists"):
        sm.create_space(DomainId=domain.id, SpaceName="A--B")


# -- things of others ------------------------------------------------------------------------------


def test_networks_of_another_vpc_are_unknown(sm: Any, aws: Aws, role: str) -> None:
    ec2 = aws.client("ec2")
    mine, theirs = (
        ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"] for block in ("10.1.0.0/16", "10.2.0.0/16")
    )
    subnets = {
        vpc: ec2.create_subnet(VpcId=vpc, CidrBlock=block)["Subnet"]["SubnetId"]
        for vpc, block in ((mine, "10.1.1.0/24"), (theirs, "10.2.1.0/24"))
    }
    group = ec2.create_security_group(GroupName="g", Description="g", VpcId=theirs)["GroupId"]
    place = {"VpcId": mine, "SubnetIds": [subnets[mine]]}
    request = {"DomainName": "d", "AuthMode": "IAM", "DefaultUserSettings": {}} | place
    with refused("ValidationException", f"{subnets[theirs]} does not exist in the VPC {mine}"):
        sm.create_domain(**request | {"SubnetIds": list(subnets.values())})
    words = f"security group {group} does not exist in the VPC {mine}"
    for settings in (
        {"DefaultUserSettings": {"SecurityGroups": [group]}},
        {"DefaultSpaceSettings": {"SecurityGroups": [group]}},
        {"DomainSettings": {"SecurityGroupIds": [group]}},
    ):
        with refused("ValidationException", words):
            sm.create_domain(**request | settings)
    domain_id = sm.create_domain(**request)["DomainId"]
    with refused("ValidationException", words):
        sm.update_domain(DomainId=domain_id, DefaultUserSettings={"SecurityGroups": [group]})
    with refused("ValidationException", f"{subnets[theirs]} does not exist"):
        sm.update_domain(DomainId=domain_id, SubnetIds=[subnets[theirs]])
    with refused("ValidationException", words):
        sm.create_user_profile(
            DomainId=domain_id, UserProfileName="ana", UserSettings={"SecurityGroups": [group]}
        )
    found = sm.describe_domain(DomainId=domain_id)
    assert (found["VpcId"], found["SubnetIds"]) == (mine, [subnets[mine]])


def test_a_role_must_be_there_and_trust_sagemaker(sm: Any, aws: Aws, role: str) -> None:
    gone = role.replace("role/work", "role/gone")
    elsewhere = role.replace("arn:aws:", "arn:aws-cn:")
    foreign = role.replace("111122223333", "444455556666")
    request = {"DomainName": "d", "AuthMode": "IAM", "DefaultUserSettings": {}}
    words = "Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com'"
    domain = make_domain(aws, "known", role)
    for arn, code, said in (
        (gone, "ValidationException", words),
        (elsewhere, "ValidationException", words),
        (foreign, "AccessDeniedException", "Cross-account pass role is not allowed"),
    ):
        for member in ("DefaultUserSettings", "DefaultSpaceSettings"):
            with refused(code, said):
                sm.create_domain(**request | {member: {"ExecutionRole": arn}})
            with refused(code, said):
                sm.update_domain(DomainId=domain.id, **{member: {"ExecutionRole": arn}})
        with refused(code, said):
            make_profile(aws, domain.id, "ana", UserSettings={"ExecutionRole": arn})
    assert sm.list_user_profiles()["UserProfiles"] == []
    # What is there already stays what it is: Terraform sends it again with every update.
    iam = aws.client("iam")
    iam.delete_role_policy(RoleName="work", PolicyName="given")
    iam.delete_role(RoleName="work")
    sm.update_domain(DomainId=domain.id, DefaultUserSettings={"ExecutionRole": role})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ((":us-east-1:", ":eu-west-1:"), "ResourceNotFound"),
        ((":111122223333:", ":444455556666:"), "ResourceNotFound"),
        (("arn:aws:", "arn:aws-cn:"), "ResourceNotFound"),
        ((":domain/", ":domain/x/"), "ResourceNotFound"),
        ((":domain/", ":Domain/"), "ResourceNotFound"),
        ((":sagemaker:", ":s3:"), "ValidationException"),
        (("arn:aws:sagemaker:", "arn:aws:"), "ValidationException"),
        (("arn:", "ARN:"), "ValidationException"),
    ],
)
def test_an_arn_that_is_another_things_reaches_nothing(
    aws: Aws, role: str, change: tuple[str, str], code: str
) -> None:
    domain = make_domain(aws, "d", role, Tags=[{"Key": "a", "Value": "1"}])
    sm = aws.unchecked("sagemaker")
    arn = domain.arn.replace(*change)
    with refused(code):
        sm.add_tags(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    with refused(code):
        sm.list_tags(ResourceArn=arn)
    with refused(code):
        sm.delete_tags(ResourceArn=arn, TagKeys=["a"])
    assert sm.list_tags(ResourceArn=domain.arn)["Tags"] == [{"Key": "a", "Value": "1"}]


def test_scripts_and_images_of_other_places_are_not_attached(sm: Any, aws: Aws, role: str) -> None:
    domain = make_domain(aws, "d", role)
    sm.create_studio_lifecycle_config(
        StudioLifecycleConfigName="s",
        StudioLifecycleConfigContent=SCRIPT,
        StudioLifecycleConfigAppType="JupyterLab",
    )
    arn = domain.arn.rpartition(":domain/")[0] + ":studio-lifecycle-config/s"
    for wrong in (
        arn.replace("us-east-1", "eu-west-1"),
        arn.replace("111122223333", "444455556666"),
        arn + "x",
        arn.replace("studio-lifecycle-config/s", "studio-lifecycle-config/S"),
        domain.arn.replace("domain/", "studio-lifecycle-config/"),
    ):
        settings = {"JupyterLabAppSettings": {"LifecycleConfigArns": [wrong]}}
        with refused("ResourceNotFound", wrong):
            sm.update_domain(DomainId=domain.id, DefaultUserSettings=settings)
    custom = {"CustomImages": [{"ImageName": "nowhere", "AppImageConfigName": "nothing"}]}
    with refused("ResourceNotFound", "nowhere"):
        sm.update_domain(
            DomainId=domain.id, DefaultUserSettings={"KernelGatewayAppSettings": custom}
        )

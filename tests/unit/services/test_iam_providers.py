"""OpenID Connect providers of IAM: named, shown, changed, tagged, deleted; quotas and bad input."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused

ACCOUNT = "111122223333"
URL = "https://login.example.com/realms/lob"
ARN = f"arn:aws:iam::{ACCOUNT}:oidc-provider/login.example.com/realms/lob"
PRINT = "a" * 40


@pytest.fixture
def iam(aws: Aws) -> Any:
    return aws.client("iam")


def test_a_provider_is_shown_as_aws_shows_it(iam: Any) -> None:
    made = iam.create_open_id_connect_provider(
        Url=URL,
        ClientIDList=["one", "two", "one"],
        ThumbprintList=[PRINT.upper()],
        Tags=[{"Key": "team", "Value": "blue"}],
    )
    assert made["OpenIDConnectProviderArn"] == ARN
    assert made["Tags"] == [{"Key": "team", "Value": "blue"}]
    found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=ARN)
    assert found["Url"] == "login.example.com/realms/lob"
    assert (found["ClientIDList"], found["ThumbprintList"]) == (["one", "two"], [PRINT])
    assert found["CreateDate"].year > 2000
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == [{"Arn": ARN}]


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example.com",
        "login.example.com",
        "ftp://login.example.com",
        "https://",
        "https://user@login.example.com",
        "https://login.example.com?x=1",
        "https://login.example.com#x",
        "https://login.example.com/ x",
        "https://login.example.com:99999",
        "https://[::1",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "https://login.exämple.com",
    ],
)
def test_an_issuer_has_an_https_url_and_nothing_else(iam: Any, url: str) -> None:
    with refused("InvalidInput", "Invalid Open ID Connect Provider URL"):
        iam.create_open_id_connect_provider(Url=url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/r", "http://localhost:1", "http://[::1]:5", "https://h:8443/x/"]
)
def test_an_issuer_on_this_machine_may_speak_plainly_and_ports_are_let_pass(
    iam: Any, url: str
) -> None:
    made = iam.create_open_id_connect_provider(Url=url)["OpenIDConnectProviderArn"]
    assert made.endswith(":oidc-provider/" + url.partition("://")[2])
    iam.get_open_id_connect_provider(OpenIDConnectProviderArn=made)


def test_one_issuer_has_one_provider(iam: Any) -> None:
    iam.create_open_id_connect_provider(Url=URL)
    with refused("EntityAlreadyExists", f"Provider with url {URL} already exists."):
        iam.create_open_id_connect_provider(Url=URL)
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=ARN)
    iam.create_open_id_connect_provider(Url=URL)


def test_what_is_not_there_is_not_found(iam: Any) -> None:
    role = iam.create_role(
        RoleName="r",
        AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":{"Effect":"Allow",'
        f'"Principal":{{"AWS":"{ACCOUNT}"}},"Action":"sts:AssumeRole"}}}}',
    )["Role"]["Arn"]
    for arn in (ARN, role):
        for call, more in (
            ("get_open_id_connect_provider", {}),
            ("delete_open_id_connect_provider", {}),
            ("add_client_id_to_open_id_connect_provider", {"ClientID": "x"}),
            ("remove_client_id_from_open_id_connect_provider", {"ClientID": "x"}),
            ("update_open_id_connect_provider_thumbprint", {"ThumbprintList": [PRINT]}),
            ("tag_open_id_connect_provider", {"Tags": [{"Key": "a", "Value": "b"}]}),
            ("untag_open_id_connect_provider", {"TagKeys": ["a"]}),
            ("list_open_id_connect_provider_tags", {}),
        ):
            with refused("NoSuchEntity", f"OpenIDConnect Provider not found for arn {arn}"):
                getattr(iam, call)(OpenIDConnectProviderArn=arn, **more)
    iam.get_role(RoleName="r")


def test_clients_come_and_go(iam: Any) -> None:
    iam.create_open_id_connect_provider(Url=URL)
    named = {"OpenIDConnectProviderArn": ARN}
    for _ in range(2):
        iam.add_client_id_to_open_id_connect_provider(**named, ClientID="one")
    assert iam.get_open_id_connect_provider(**named)["ClientIDList"] == ["one"]
    for _ in range(2):
        iam.remove_client_id_from_open_id_connect_provider(**named, ClientID="one")
    assert iam.get_open_id_connect_provider(**named)["ClientIDList"] == []


def test_quotas_are_iams(iam: Any) -> None:
    with refused("LimitExceeded", "ClientIdsPerOpenIdConnectProvider: 100"):
        iam.create_open_id_connect_provider(Url=URL, ClientIDList=[f"c{n}" for n in range(101)])
    with refused("InvalidInput", "at most 5"):
        iam.create_open_id_connect_provider(Url=URL, ThumbprintList=[PRINT] * 6)
    with refused("InvalidInput", "40 hexadecimal digits"):
        iam.create_open_id_connect_provider(Url=URL, ThumbprintList=["z" * 40])
    iam.create_open_id_connect_provider(Url=URL, ClientIDList=[f"c{n}" for n in range(100)])
    with refused("LimitExceeded"):
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=ARN, ClientID="x")


def test_tags_are_set_listed_and_taken_away(iam: Any) -> None:
    iam.create_open_id_connect_provider(Url=URL)
    named = {"OpenIDConnectProviderArn": ARN}
    iam.tag_open_id_connect_provider(
        **named, Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]
    )
    first = iam.list_open_id_connect_provider_tags(**named, MaxItems=1)
    assert first["Tags"] == [{"Key": "a", "Value": "1"}]
    assert first["IsTruncated"]
    iam.untag_open_id_connect_provider(**named, TagKeys=["a", "none"])
    assert iam.list_open_id_connect_provider_tags(**named)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_permission_is_asked_on_the_providers_arn_and_its_tags(aws: Aws, iam: Any) -> None:
    keys = make_user(aws, "ann", allow("iam:CreateOpenIDConnectProvider", ARN))
    mine = aws.client("iam", keys)
    with refused("AccessDenied", "iam:TagOpenIDConnectProvider"):
        mine.create_open_id_connect_provider(Url=URL, Tags=[{"Key": "a", "Value": "b"}])
    mine.create_open_id_connect_provider(Url=URL)
    with refused("AccessDenied", ":oidc-provider/else.example.com"):
        mine.create_open_id_connect_provider(Url="https://else.example.com")
    with refused("AccessDenied", ARN):
        mine.get_open_id_connect_provider(OpenIDConnectProviderArn=ARN)

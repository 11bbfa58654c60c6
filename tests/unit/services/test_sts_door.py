"""What the edge asks: of a signature its region, of a form its version, of strangers a name."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.conftest import root_keys
from tests.support.inprocess import Aws, answer
from tests.support.people import refused

from freehold.base.clock import SystemClock
from freehold.base.settings import Settings
from freehold.compose import House, open_house

ACCOUNT = "111122223333"


def in_region(house: House, region: str) -> Aws:
    """Clients that sign for another region."""
    return Aws(house.api, region, root_keys(house))


@pytest.fixture
def abroad(tmp_path: Path) -> Any:
    """A house in Ireland."""
    settings = Settings(state=tmp_path / "abroad", account_id=ACCOUNT, region="eu-west-1")
    opened = open_house(settings, SystemClock())
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("service", "call", "code", "words"),
    [
        ("iam", "list_users", "SignatureDoesNotMatch", "to a valid region, not 'eu-west-1'"),
        ("sts", "get_caller_identity", "SignatureDoesNotMatch", "valid region, not 'eu-west-1'"),
        ("sagemaker", "list_domains", "InvalidSignatureException", "valid region"),
        ("ec2", "describe_vpcs", "AuthFailure", "valid region"),
        ("s3", "list_buckets", "AuthorizationHeaderMalformed", "expecting 'us-east-1'"),
    ],
)
def test_a_request_for_another_region_is_refused(
    house: House, service: str, call: str, code: str, words: str
) -> None:
    aws = in_region(house, "eu-west-1")
    try:
        with refused(code, words):
            getattr(aws.client(service), call)()
    finally:
        aws.close()


def test_global_services_take_the_first_region_and_the_installs_own(abroad: House) -> None:
    for region, is_right in (("us-east-1", True), ("eu-west-1", True), ("eu-central-1", False)):
        aws = in_region(abroad, region)
        try:
            for service, call in (("iam", "list_users"), ("sts", "get_caller_identity")):
                if is_right:
                    getattr(aws.client(service), call)()
                else:
                    with refused("SignatureDoesNotMatch", "not 'eu-central-1'"):
                        getattr(aws.client(service), call)()
        finally:
            aws.close()
    here = in_region(abroad, "us-east-1")
    try:
        with refused("AuthorizationHeaderMalformed", "'us-east-1' is wrong; expecting 'eu-west-1'"):
            here.client("s3").list_buckets()
    finally:
        here.close()


@pytest.mark.parametrize(
    ("service", "call", "version", "words"),
    [
        ("iam", "list_users", "2010-05-09", "operation ListUsers for version 2010-05-09"),
        ("iam", "list_users", "2011-06-15", "operation ListUsers for version 2011-06-15"),
        ("iam", "list_users", "", "operation ListUsers for version NO_VERSION_SPECIFIED"),
        ("sts", "get_caller_identity", "2010-05-08", "GetCallerIdentity for version 2010-05-08"),
        ("ec2", "describe_vpcs", "2010-05-08", "DescribeVpcs"),
    ],
)
def test_a_form_names_the_version_of_its_service(
    aws: Aws, service: str, call: str, version: str, words: str
) -> None:
    client = aws.client(service)

    def spell(params: dict[str, Any], **_: Any) -> None:
        params["body"].pop("Version")
        if version:
            params["body"]["Version"] = version

    client.meta.events.register_last("before-call", spell)
    with refused("InvalidAction", words):
        getattr(client, call)()


class Sent:
    """A request without any signature."""

    def __init__(self, method: str, query: str = "", body: str = "") -> None:
        self.method = method
        self.url = f"http://127.0.0.1:7070/?{query}"
        self.body = body
        self.headers = {"host": "127.0.0.1"}
        if method == "POST":
            self.headers["content-length"] = str(len(body))
            self.headers["content-type"] = "application/x-www-form-urlencoded; charset=utf-8"


WEB = {
    "Action": "AssumeRoleWithWebIdentity",
    "Version": "2011-06-15",
    "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/nothing",
    "RoleSessionName": "web",
    "WebIdentityToken": "none",
}


@pytest.mark.parametrize(
    ("method", "form", "code"),
    [
        ("POST", WEB, "InvalidIdentityToken"),
        ("GET", WEB, "InvalidIdentityToken"),
        ("POST", WEB | {"Version": "2010-05-08"}, "MissingAuthenticationToken"),
        ("POST", WEB | {"Version": "2011-06-16"}, "MissingAuthenticationToken"),
        ("POST", WEB | {"Action": "AssumeRole"}, "MissingAuthenticationToken"),
        ("POST", WEB | {"WebIdentityToken": "x" * 20_001}, "ValidationError"),
        ("POST", {k: v for k, v in WEB.items() if k != "RoleArn"}, "ValidationError"),
        ("POST", WEB | {"WebIdentityToken": "x" * 600_000}, "RequestEntityTooLargeException"),
    ],
)
def test_strangers_are_told_apart_by_the_operation_alone(
    aws: Aws, method: str, form: dict[str, str], code: str
) -> None:
    text = urlencode(form)
    sent = Sent(method, text) if method == "GET" else Sent(method, body=text)
    got = answer(aws.app, aws.loop, sent)
    assert f"<Code>{code}</Code>".encode() in got.content
    assert got.status_code in (400, 403)

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.support.inprocess import Aws, answer
from tests.support.people import allow, make_user

from freehold.base.errors import Internal
from freehold.base.settings import Settings
from freehold.compose import House
from freehold.edge import reset


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state=tmp_path / "state", account_id="111122223333", is_ephemeral=True)


@pytest.fixture
def emptied(house: House) -> list[str]:
    """How often it was emptied."""
    told: list[str] = []

    async def empty() -> None:
        told.append("empty")

    reset.join(house.api, empty)
    return told


def ask(
    aws: Aws, keys: Any, *, method: str = "POST", client: str = "127.0.0.1", path: str = reset.RESET
) -> tuple[int, dict[str, str]]:
    request = AWSRequest(method, f"http://127.0.0.1:7070{path}", data=b"")
    if keys is not None:
        SigV4Auth(Credentials(*keys), "freehold", aws.region).add_auth(request)
    reply = answer(aws.app, aws.loop, request.prepare(), client)
    return reply.status_code, json.loads(reply.content)


def test_the_root_may(aws: Aws, emptied: list[str]) -> None:
    assert ask(aws, aws.root) == (200, {"status": "empty"})
    assert ask(aws, aws.root, client="::1")[0] == 200
    assert emptied == ["empty", "empty"]


def test_nobody_else_may(aws: Aws, emptied: list[str]) -> None:
    admin = make_user(aws, "admin", allow("*"))
    temporary = aws.client("sts", admin).get_session_token()["Credentials"]
    session = tuple(temporary[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
    for keys in (None, admin, session, (aws.root[0], "x" * 40), ("AKIAX", "x")):
        status, said = ask(aws, keys)
        assert status == 403, said
        assert said["message"]
    assert emptied == []


def test_only_from_this_machine_and_only_by_post(aws: Aws, emptied: list[str]) -> None:
    for client in ("10.0.0.1", "192.0.2.7", "2001:db8::1", "not an address"):
        assert ask(aws, aws.root, client=client)[0] == 403
    for method in ("GET", "PUT", "DELETE"):
        assert ask(aws, aws.root, method=method)[0] == 404
    assert emptied == []


def test_only_where_it_is_ephemeral(aws: Aws, emptied: list[str], house: House) -> None:
    house.kernel.settings = replace(house.settings, is_ephemeral=False)
    assert ask(aws, aws.root)[0] == 404
    assert emptied == []


def test_what_fails_is_said(aws: Aws, house: House) -> None:
    async def fail() -> None:
        raise Internal("Work does not end: x.", retryable=True)

    reset.join(house.api, fail)
    assert ask(aws, aws.root) == (503, {"code": "Internal", "message": "Work does not end: x."})

"""Users, roles and policies for tests, made as people make them: by calls of the root."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.inprocess import Aws

Keys = tuple[str, str]


def policy(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    """An allowing statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    """A denying statement."""
    return allow(action, resource, **more) | {"Effect": "Deny"}


def trusting(principal: Any, action: Any = "sts:AssumeRole", **more: Any) -> str:
    """A trust policy of one statement."""
    named = {"AWS": principal} if isinstance(principal, str) else principal
    return policy({"Effect": "Allow", "Principal": named, "Action": action, **more})


def make_user(aws: Aws, name: str, *statements: dict[str, Any]) -> Keys:
    """A user with these statements inline, and keys."""
    iam = aws.client("iam")
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="given", PolicyDocument=policy(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def make_role(aws: Aws, name: str, trust: str, *statements: dict[str, Any], **more: Any) -> str:
    """A role with these statements inline; its ARN."""
    iam = aws.client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **more)["Role"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="given", PolicyDocument=policy(*statements))
    return str(made["Arn"])


def session(aws: Aws, keys: Any, role: str, name: str = "session", **more: Any) -> dict[str, Any]:
    """Credentials of a role, asked for by whoever holds ``keys``."""
    sts = aws.client("sts", keys)
    answer = sts.assume_role(RoleArn=role, RoleSessionName=name, **more)
    return dict(answer["Credentials"])


@contextmanager
def refused(code: str, *words: str) -> Iterator[SimpleNamespace]:
    """The call inside must fail with ``code`` and say ``words``."""
    said = SimpleNamespace(message="")
    with pytest.raises(ClientError) as caught:
        yield said
    error = caught.value.response["Error"]
    said.message = error["Message"]
    assert error["Code"] == code, error
    for word in words:
        assert word in error["Message"], error

"""Walks every operation that we serve and asks of each what the house promises.

What is still missing stands in ``owed.txt``, one ``promise service:Operation`` a line. The
file may only get shorter: a debt that is paid but still listed fails as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import root_keys
from tests.support.inprocess import Aws
from tests.support.minimal import request_of

from freehold.base.settings import Settings
from freehold.compose import House, open_house
from freehold.kernel.declare.operation import Operation
from freehold.services.catalog import SERVICES

OWED = frozenset(Path(__file__).with_name("owed.txt").read_text().split("\n")) - {""}
OPERATIONS = [
    operation for service in SERVICES for _, operation in sorted(service.operations.items())
]
IDS = [f"{operation.service.name}:{operation.name}" for operation in OPERATIONS]
ACCOUNT = "111122223333"
# Need no permission on AWS either (STS API reference).
FOR_ALL = frozenset({"sts:GetCallerIdentity", "sts:GetSessionToken"})


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = open_house(Settings(state=tmp_path_factory.mktemp("ledger"), account_id=ACCOUNT))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def aws(house: House) -> Iterator[Aws]:
    made = Aws(house.api, "us-east-1", root_keys(house))
    yield made
    made.close()


@pytest.fixture(scope="module")
def nobody(aws: Aws) -> tuple[str, str]:
    """A user without any policy."""
    iam = aws.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def promise(name: str, operation: Operation, *, is_kept: bool, why: str = "") -> None:
    """Fail where a promise is broken, or kept but still listed as owed."""
    debt = f"{name} {operation.service.name}:{operation.name}"
    if debt in OWED:
        assert not is_kept, f"paid, so strike it from owed.txt: {debt}"
    else:
        assert is_kept, f"{debt}: {why}"


def ask(aws: Aws, operation: Operation, keys: Any, **request: Any) -> Any:
    """The error of a call as a real client sees it."""
    client = aws.client(operation.service.name, keys)
    method = {name: py for py, name in client.meta.method_to_api_mapping.items()}[operation.name]
    with pytest.raises(client.exceptions.ClientError) as caught:
        getattr(client, method)(**(request or _python(operation)))
    return caught.value.response


def _python(operation: Operation) -> dict[str, Any]:
    """The minimal request in boto3's types."""
    request = request_of(operation.model)
    assert operation.model.input is None or set(request) <= set(operation.model.input.members)
    for name in list(request):
        shape = operation.model.input.members[name].shape  # type: ignore[union-attr]
        if shape.kind == "blob":
            request[name] = b"x"
    return request


@pytest.mark.parametrize("operation", OPERATIONS, ids=IDS)
def test_refuses_a_call_without_a_signature(operation: Operation, aws: Aws) -> None:
    client = aws.client(operation.service.name, is_signed=False)
    method = {name: py for py, name in client.meta.method_to_api_mapping.items()}[operation.name]
    with pytest.raises(client.exceptions.ClientError) as caught:
        getattr(client, method)(**_python(operation))
    error = caught.value.response["Error"]
    if operation.is_unsigned:  # on AWS, too: its own token is refused, not the missing signature
        assert error["Code"] == "InvalidIdentityToken", error
        return
    is_kept = error["Code"] in {
        "MissingAuthenticationTokenException",
        "MissingAuthenticationToken",
        "AccessDenied",
        "403",
    }
    promise("unsigned", operation, is_kept=is_kept, why=str(error))


@pytest.mark.parametrize("operation", OPERATIONS, ids=IDS)
def test_refuses_a_caller_without_a_policy(
    operation: Operation, aws: Aws, nobody: tuple[str, str]
) -> None:
    if operation.action in FOR_ALL or operation.is_unsigned:
        return
    response = ask(aws, operation, nobody)
    code = response["Error"]["Code"]
    is_kept = code in {"AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "403"}
    promise("unpermitted", operation, is_kept=is_kept, why=str(response["Error"]))


@pytest.mark.parametrize("operation", OPERATIONS, ids=IDS)
def test_leaves_an_audit_entry(
    operation: Operation, aws: Aws, house: House, nobody: tuple[str, str]
) -> None:
    if operation.action in FOR_ALL:
        return
    house.kernel.waiting.take()
    ask(aws, operation, nobody)
    caller = "anonymous" if operation.is_unsigned else ":user/nobody"
    found = [
        entry
        for entry in house.kernel.waiting.take()
        if entry.operation == operation.name and entry.principal.endswith(caller)
    ]
    promise("audited", operation, is_kept=bool(found) and found[0].error_code is not None)


@pytest.mark.parametrize("operation", OPERATIONS, ids=IDS)
def test_has_a_declared_action_of_its_service(operation: Operation) -> None:
    prefix, _, name = operation.action.partition(":")
    promise("action", operation, is_kept=bool(prefix and name))


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.is_create], ids=lambda o: o.name)
def test_what_can_be_tagged_is_tagged_by_its_origin(operation: Operation) -> None:
    resource = operation.resource
    is_kept = resource is not None and (resource.is_tagged or not operation.is_taggable)
    promise("tagged", operation, is_kept=is_kept)


@pytest.mark.parametrize("operation", OPERATIONS, ids=IDS)
def test_lists_in_pages(operation: Operation) -> None:
    model = operation.model
    if model.input is None or model.output is None or not model.input_token:
        return
    promise("paged", operation, is_kept=bool(model.output_token))


@pytest.mark.parametrize("operation", OPERATIONS, ids=IDS)
def test_is_described_in_the_reference(operation: Operation) -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "operations.md"
    text = page.read_text() if page.exists() else ""
    promise("documented", operation, is_kept=f"`{operation.name}`" in text)


def test_only_what_aws_takes_unsigned_needs_no_signature() -> None:
    unsigned = {operation.action for operation in OPERATIONS if operation.is_unsigned}
    assert unsigned == {"sts:AssumeRoleWithWebIdentity"}


def test_what_runs_is_metered() -> None:
    """A resource that has a life of statuses and a loop says when it bills."""
    for service in SERVICES:
        for resource in service.resources.values():
            if resource.moved_by in ("apps", "jobs"):
                assert resource.runs is not None, resource.kind


def test_an_operation_that_we_do_not_serve_is_refused_by_name(
    aws: Aws, nobody: tuple[str, str]
) -> None:
    client = aws.client("sagemaker")
    with pytest.raises(client.exceptions.ClientError) as caught:
        client.list_clusters()
    error = caught.value.response["Error"]
    assert error["Code"] == "UnsupportedOperationException"
    assert "ListClusters" in error["Message"]
    stranger = aws.client("sagemaker", nobody)
    with pytest.raises(stranger.exceptions.ClientError) as refused:
        stranger.list_clusters()
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


def test_owed_names_only_operations_that_exist() -> None:
    for debt in OWED:
        assert debt.split(" ", 1)[1] in IDS, debt

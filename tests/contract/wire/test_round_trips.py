"""Every operation of every service, with botocore at the other end of the wire, both ways.

Made-up documents over relaxed models (tests/contract/wire/documents.py). EC2, SageMaker and
IAM are sampled; the rest is whole.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from tests.contract.wire.botocore_side import native, read, sent
from tests.contract.wire.documents import documents, relaxed

from freehold.spec import load
from freehold.spec.model import Operation
from freehold.wire import parse, route, serialize

STEP = {"ec2": 23, "sagemaker": 17, "iam": 5, "logs": 5, "s3": 2, "cloudtrail": 6, "ecr": 6}
# Event streams are not served; S3's deprecated twins share names of elements. The body that
# InvokeEndpoint answers is a stream to botocore: tests/unit/wire/test_rest.py has it.
APART = {
    "StartLiveTail",
    "GetLogObject",
    "InvokeEndpoint",
    "InvokeEndpointWithResponseStream",
    "SelectObjectContent",
}
SAMPLE = [
    pytest.param(operation, id=f"{name}.{operation.name}")
    for name in load.SERVICES
    for operation in list(relaxed(name).operations.values())[:: STEP.get(name, 1)]
    if operation.name not in APART and not operation.is_deprecated
]
RULES = settings(
    max_examples=4, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("operation", SAMPLE)
def test_what_botocore_sends_is_what_we_read(operation: Operation):
    if operation.input is None:
        return

    @RULES
    @given(documents(operation.input))
    def check(document: dict[str, Any]) -> None:
        _without_dates_as_text(operation, document)
        assert parse(operation, sent(operation, document)) == document

    check()


@pytest.mark.parametrize("operation", SAMPLE)
def test_what_we_answer_is_what_botocore_reads(operation: Operation):
    output = operation.output
    if output is None:
        return

    @RULES
    @given(documents(output))
    def check(document: dict[str, Any]) -> None:
        _without_dates_as_text(operation, document)
        got = read(operation, serialize(operation, document, "rid"))
        assert _comparable(output, got) == _comparable(output, native(output, document))

    check()


def _without_dates_as_text(operation: Operation, document: dict[str, Any]) -> None:
    """S3's ``Expires`` is text to us (spec/patches.py) and a date to botocore."""
    if operation.service.name == "s3":
        document.pop("Expires", None)


def _comparable(output: Any, document: dict[str, Any]) -> dict[str, Any]:
    """Without bodies, which the edge carries, and without what botocore makes up for none."""
    apart = {output.payload} if output.payload else set()
    if output.payload and output.members[output.payload].shape.kind == "structure":
        apart = set()
    apart |= {"LocationConstraint"}  # read by a handler of botocore's client, tested there
    return {k: v for k, v in document.items() if k not in apart and v != {}}


def _least(shape: Any, depth: int = 0) -> Any:
    """The smallest document: required members only."""
    if shape.kind == "structure":
        if depth > 4:
            return {}
        members = {name: shape.members[name].shape for name in shape.required}
        return {name: _least(inner, depth + 1) for name, inner in members.items()}
    if shape.kind == "list":
        return [_least(shape.item.shape, depth + 1)]
    if shape.kind == "map":
        return {"k": _least(shape.value.shape, depth + 1)}
    plain = {"string": "abc", "boolean": True, "timestamp": 1.0, "blob": "YQ=="}
    return plain.get(shape.kind, 1)


@pytest.mark.parametrize("name", load.SERVICES)
def test_every_operation_is_found_by_its_request(name: str):
    service = load.service(name)
    elsewhere = {"ListDirectoryBuckets", "WriteGetObjectResponse"}
    for operation in relaxed(name).operations.values():
        if operation.is_deprecated or operation.name in elsewhere:
            continue
        document = _least(operation.input) if operation.input else {}
        found = route(sent(operation, document), service.signing_name)
        assert (found.service.name, found.name) == (name, operation.name)

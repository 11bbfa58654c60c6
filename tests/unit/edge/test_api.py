"""Whatever is sent: AWS's code and a reason, never a 5xx, never a half record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import root_keys
from tests.support.inprocess import Aws, answer
from tests.support.minimal import request_of
from tests.support.studio import make_domain, make_profile, make_space, work_role

from freehold.base.settings import Settings
from freehold.compose import House, open_house
from freehold.services.sagemaker import sagemaker
from freehold.services.tagging import resource_tagging

URL = "http://127.0.0.1:7070/"
LAWS = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = open_house(Settings(state=tmp_path_factory.mktemp("api"), account_id="111122223333"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def aws(house: House) -> Iterator[Aws]:
    made = Aws(house.api, "us-east-1", root_keys(house))
    yield made
    made.close()


def send(
    aws: Aws,
    target: str,
    body: bytes,
    *,
    service: str = "sagemaker",
    version: str = "1.1",
    is_signed: bool = True,
    **headers: str,
) -> tuple[int, dict[str, Any]]:
    """POST raw bytes, signed like any client's; status and decoded answer."""
    request = AWSRequest(
        "POST",
        URL,
        data=body,
        headers={
            "Content-Type": f"application/x-amz-json-{version}",
            "X-Amz-Target": target,
            **headers,
        },
    )
    if is_signed:
        SigV4Auth(Credentials(*aws.root), service, aws.region).add_auth(request)
    reply = answer(aws.app, aws.loop, request.prepare())
    text = reply.content
    return reply.status_code, json.loads(text) if text else {}


@pytest.mark.parametrize(
    ("target", "body", "code"),
    [
        ("SageMaker.ListDomains", b"", None),
        ("SageMaker.ListDomains", b"{}", None),
        ("SageMaker.ListDomains", b'{"Unknown": 1}', None),
        ("SageMaker.ListDomains", b'{"NextToken": null}', None),
        ("SageMaker.ListDomains", b"[]", "SerializationException"),
        ("SageMaker.ListDomains", b"null", "SerializationException"),
        ("SageMaker.ListDomains", b'"text"', "SerializationException"),
        ("SageMaker.ListDomains", b"{", "SerializationException"),
        ("SageMaker.ListDomains", b"\xff\xfe", "SerializationException"),
        ("SageMaker.ListDomains", b'{"MaxResults": "ten"}', "SerializationException"),
        ("SageMaker.ListDomains", b'{"MaxResults": 1e400}', "SerializationException"),
        (
            "SageMaker.ListDomains",
            b'{"MaxResults": 99999999999999999999}',
            "SerializationException",
        ),
        ("SageMaker.ListDomains", b'{"MaxResults": 1000}', "ValidationException"),
        ("SageMaker.ListDomains", b'{"MaxResults": true}', "SerializationException"),
        ("SageMaker.ListDomains", b"[" * 100_000, "SerializationException"),
        ("SageMaker.ListDomains", b'{"a":' * 5000 + b"1" + b"}" * 5000, "SerializationException"),
        ("SageMaker.NoSuchThing", b"{}", "UnknownOperationException"),
        ("NoSuchService.ListDomains", b"{}", "UnknownOperationException"),
        ("SageMaker", b"{}", "UnknownOperationException"),
        ("", b"{}", "UnknownOperationException"),
    ],
)
def test_raw_bodies_and_targets(aws: Aws, target: str, body: bytes, code: str | None) -> None:
    status, said = send(aws, target, body)
    if code is None:
        assert status == 200, said
    else:
        assert status == 400, said
        assert said["__type"] == code, said
        assert said["message"] or said["Message"]


def test_no_body_of_a_stranger_is_parsed(aws: Aws) -> None:
    for body in (b"{", b"[" * 50_000, b"{}"):
        status, said = send(aws, "SageMaker.ListDomains", body, is_signed=False)
        assert (status, said["__type"]) == (403, "MissingAuthenticationTokenException") or (
            status,
            said["__type"],
        ) == (400, "MissingAuthenticationTokenException")


def test_a_signature_for_another_service_is_refused(aws: Aws) -> None:
    status, said = send(aws, "SageMaker.ListDomains", b"{}", service="iam")
    assert status in (400, 403)
    assert "service" in said["message"]


def test_a_body_beyond_measure_is_refused(aws: Aws) -> None:
    status, said = send(aws, "SageMaker.ListDomains", b" " * (7 * 1024 * 1024))
    assert status in (400, 413)
    assert "longer than" in said["message"]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 70), 1 << 70)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(
        ["²", "\x00", "../..", "${aws:userid}", "d-" + "a" * 12, "*", "arn:aws:sagemaker:::", "%s"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


NAMES = (
    *("DomainId", "UserProfileName", "SpaceName", "ExperimentName", "TrialName"),
    *("TrialComponentName", "ModelName", "PipelineName", "ModelPackageGroupName", "ResourceArn"),
)
THERE = object()  # stands for the name of what is there, which is not known yet


@pytest.fixture(scope="module")
def there(aws: Aws) -> dict[str, str]:
    """What is there when nonsense comes: names by member."""
    role = work_role(aws, "work")
    domain = make_domain(aws, "finance", role)
    make_profile(aws, domain.id, "ana")
    make_space(aws, domain.id, "team")
    sm = aws.client("sagemaker")
    arn = sm.create_experiment(ExperimentName="thing")["ExperimentArn"]
    sm.create_trial(TrialName="thing", ExperimentName="thing")
    sm.create_trial_component(TrialComponentName="thing")
    sm.create_model_package_group(ModelPackageGroupName="thing")
    named = dict.fromkeys(NAMES, "thing")
    return named | {
        "DomainId": domain.id,
        "UserProfileName": "ana",
        "SpaceName": "team",
        "ResourceArn": arn,
    }


SENT = [
    (operation, request_of(operation.model))
    for service in (sagemaker, resource_tagging)
    for _, operation in sorted(service.operations.items())
]


@st.composite
def nearly_right(draw: st.DrawFn) -> tuple[Any, dict[str, Any]]:
    """An operation and a request in which a few members are anything at all."""
    operation, smallest = draw(st.sampled_from(SENT))
    request = dict(smallest)
    members = operation.model.input.members
    if draw(st.booleans()):
        request |= dict.fromkeys(set(members) & set(NAMES), THERE)
    for name in draw(st.lists(st.sampled_from(sorted(members)), max_size=3)):
        shape = members[name].shape
        if shape.kind == "structure" and draw(st.booleans()):
            inner = draw(st.sampled_from(sorted(shape.members) or ["X"]))
            request[name] = {inner: draw(JSON)}
        else:
            request[name] = draw(JSON)
    return operation, request


@given(nearly_right())
@LAWS
def test_nothing_that_is_sent_is_our_own_mistake(
    aws: Aws, house: House, there: dict[str, str], sent: tuple[Any, dict[str, Any]]
) -> None:
    operation, request = sent
    assert operation.model.input is not None
    members = operation.model.input.members
    request |= {
        key: value for key, value in there.items() if key in members and request.get(key) is THERE
    }
    house.kernel.studio_url = lambda _arn, _domain_id: "http://x.studio.localhost:1"
    service = operation.service.model
    status, said = send(
        aws,
        f"{service.target_prefix}.{operation.name}",
        json.dumps(request).encode(),
        service=service.signing_name,
        version=service.json_version or "1.1",
    )
    assert status < 500, (operation.name, request, said)
    if status != 200:
        assert said["__type"], said
        assert said["message"], said


def test_an_expired_or_foreign_signature_is_refused_in_awss_words(aws: Aws) -> None:
    wrong = Credentials(aws.root[0], "x" * 40)
    request = AWSRequest(
        "POST",
        URL,
        data=b"{}",
        headers={
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "SageMaker.ListDomains",
        },
    )
    SigV4Auth(wrong, "sagemaker", aws.region).add_auth(request)
    reply = answer(aws.app, aws.loop, request.prepare())
    assert json.loads(reply.content)["__type"] == "InvalidSignatureException"


def test_a_full_disk_is_503_and_heals(aws: Aws, house: House) -> None:
    connection = house.kernel.writer._connection
    pages = house.kernel.writer.run(lambda _: connection.execute("pragma page_count").fetchone()[0])
    big = [{"Key": f"k{n}", "Value": "v" * 256} for n in range(50)]
    target = "SageMaker.CreateExperiment"

    def limit(to: int) -> None:
        house.kernel.writer.run(lambda _: connection.execute(f"pragma max_page_count = {to}"))

    limit(pages)
    statuses = []
    for n in range(40):
        body = json.dumps({"ExperimentName": f"big-{n}", "Tags": big}).encode()
        status, said = send(aws, target, body)
        statuses.append(status)
        if status != 200:
            break
    assert status == 503, statuses
    assert "nothing was done" in said["message"]
    assert send(aws, "SageMaker.ListExperiments", b"{}")[0] == 200
    limit(10_000_000)
    assert send(aws, target, body)[0] == 200


@pytest.mark.parametrize(
    ("service", "keys", "code", "status"),
    [
        ("ec2", ("AKIAIOSFODNN7EXAMPLE", "x" * 40, None), "AuthFailure", 401),
        ("ec2", "altered secret", "AuthFailure", 401),
        ("sts", ("AKIAIOSFODNN7EXAMPLE", "x" * 40, None), "InvalidClientTokenId", 403),
        ("sts", "altered secret", "SignatureDoesNotMatch", 403),
    ],
)
def test_a_form_of_a_stranger_is_refused_in_its_services_own_protocol(
    aws: Aws, service: str, keys: Any, code: str, status: int
):
    if isinstance(keys, str):
        keys = (aws.root[0], "x" * 40, None)
    action = "DescribeVpcs&Version=2016-11-15" if service == "ec2" else "GetCallerIdentity"
    request = AWSRequest(
        "POST",
        URL,
        data=f"Action={action}",
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
    )
    SigV4Auth(Credentials(*keys), service, aws.region).add_auth(request)
    reply = answer(aws.app, aws.loop, request.prepare())
    assert reply.status_code == status
    assert f"<Code>{code}</Code>".encode() in reply.content
    opening = b"<Response>" if service == "ec2" else b"https://sts.amazonaws.com/"
    assert opening in reply.content


NOT_SERVED = [
    ("sagemaker", "delete_hub", {"HubName": "?"}, "UnsupportedOperationException"),
    (
        "iam",
        "create_saml_provider",
        {"SAMLMetadataDocument": "x" * 1000, "Name": "?"},
        "UnsupportedOperationException",
    ),
    ("ec2", "delete_snapshot", {"SnapshotId": ""}, "UnsupportedOperation"),
    (
        "efs",
        "put_file_system_policy",
        {"FileSystemId": "?", "Policy": "x"},
        "UnsupportedOperationException",
    ),
    (
        "s3",
        "put_bucket_cors",
        {"Bucket": "lines", "CORSConfiguration": {"CORSRules": []}},
        "NotImplemented",
    ),
]


@pytest.mark.parametrize(("service", "operation", "misshapen", "code"), NOT_SERVED)
def test_what_is_not_served_is_refused_by_name_whatever_its_shape(
    aws: Aws, service: str, operation: str, misshapen: dict[str, Any], code: str
):
    iam = aws.client("iam")
    name = f"stranger-{service}"
    iam.create_user(UserName=name)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    for keys, codes in (
        (None, {code}),
        (
            (made["AccessKeyId"], made["SecretAccessKey"]),
            {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"},
        ),
    ):
        with pytest.raises(ClientError) as refused:
            getattr(aws.client(service, keys), operation)(**misshapen)
        assert refused.value.response["Error"]["Code"] in codes

from __future__ import annotations

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused
from tests.support.studio import make_domain, make_profile, session_keys, work_role

from freehold.base.errors import Fault, Invalid, Unauthenticated
from freehold.compose import House
from freehold.kernel import audit
from freehold.kernel.call import Call
from freehold.store import audit as rows
from freehold.store.records import decode


def entries(house: House, operation: str) -> list[rows.Entry]:
    """What stands in the log of one operation."""
    connection = house.kernel.own_unit().connection
    return [entry for _, entry in rows.read(connection, 0, 10_000) if entry.operation == operation]


def flushed(house: House) -> None:
    house.kernel.flush_audit()
    house.kernel.writer.run(lambda _: None)


def test_a_writes_entry_stands_when_the_call_is_answered(aws: Aws, house: House) -> None:
    aws.client("sagemaker").create_experiment(ExperimentName="e", Description="d")
    (entry,) = entries(house, "CreateExperiment")
    assert entry.service == "sagemaker"
    assert entry.principal == "arn:aws:iam::111122223333:root"
    assert entry.access_key == aws.root[0]
    assert entry.resource == "arn:aws:sagemaker:us-east-1:111122223333:experiment/e"
    assert entry.source_ip == "127.0.0.1"
    assert entry.error_code is None
    assert entry.user_agent is not None
    assert "Boto3" in entry.user_agent
    assert decode(entry.request) == {"ExperimentName": "e", "Description": "d"}


def test_a_writes_entry_is_in_the_writes_own_transaction(house: House) -> None:
    class Stop(Exception):
        pass

    kernel = house.kernel
    operation = kernel.registry.services["sagemaker"].operations["CreateExperiment"]
    from freehold.kernel.permission import identity

    call = Call(kernel, operation, identity.root(house.settings), {"ExperimentName": "e"})

    def write_then_fail(unit: Any) -> None:
        kernel._inside(call, unit)
        raise Stop

    with pytest.raises(Stop):
        kernel.writer.run(write_then_fail)
    assert entries(house, "CreateExperiment") == []
    assert kernel.own_unit().find(call.resource_arn or "") is None


def test_reads_and_refusals_wait_for_the_next_flush(aws: Aws, house: House) -> None:
    nobody = make_user(aws, "nobody")
    aws.client("sagemaker").list_experiments()
    with refused("AccessDeniedException"):
        aws.client("sagemaker", nobody).create_experiment(ExperimentName="e")
    assert entries(house, "ListExperiments") == []
    flushed(house)
    assert len(entries(house, "ListExperiments")) == 1
    (entry,) = entries(house, "CreateExperiment")
    assert entry.principal.endswith(":user/nobody")
    assert entry.error_code == "AccessDeniedException"
    assert "not authorized" in (entry.error or "")


def test_an_entry_tells_how_policy_decided(aws: Aws, house: House) -> None:
    maker = make_user(aws, "maker", {**allow("sagemaker:CreateExperiment"), "Sid": "Make"})
    client = aws.client("sagemaker", maker)
    client.create_experiment(ExperimentName="e")
    with refused("AccessDeniedException"):
        client.create_experiment(ExperimentName="f", Tags=[{"Key": "k", "Value": "v"}])
    aws.client("sagemaker").create_experiment(ExperimentName="g")
    flushed(house)
    allowed, by_root, denied = sorted(
        entries(house, "CreateExperiment"), key=lambda entry: entry.error_code or ""
    )
    assert by_root.decision is None
    arn = "arn:aws:sagemaker:us-east-1:111122223333:experiment/"
    question = ["sagemaker:CreateExperiment", arn + "e", "allow", "identity", "given", "Make", []]
    assert decode(allowed.decision) == [[question]]
    asked, context = decode(denied.decision)
    tagging = ["sagemaker:AddTags", arn + "f", "implicitDeny", "identity", None, None]
    assert asked[1] == [*tagging, ["identity"]]
    assert context["aws:requesttag/k"] == "v"
    assert context["aws:tagkeys"] == ["k"]


@pytest.mark.parametrize(
    ("service", "call", "request_", "code"),
    [
        ("sagemaker", "describe_experiment", {"ExperimentName": "x"}, "ResourceNotFound"),
        ("iam", "get_user", {"UserName": "x"}, "NoSuchEntity"),
        ("ec2", "describe_subnets", {"SubnetIds": ["subnet-0"]}, None),
        ("s3", "list_objects_v2", {"Bucket": "no-such-bucket-here"}, "NoSuchBucket"),
    ],
)
def test_the_code_kept_is_the_one_that_the_client_saw(
    aws: Aws, house: House, service: str, call: str, request_: Any, code: str | None
) -> None:
    for keys, denied in ((None, False), (make_user(aws, "nobody"), True)):
        client = aws.client(service, keys)
        with pytest.raises(ClientError) as caught:
            getattr(client, call)(**request_)
        flushed(house)
        seen = caught.value.response["Error"]["Code"]
        operation = "".join(word.capitalize() for word in call.split("_"))
        entry = entries(house, operation)[-1]
        assert entry.error_code == seen
        assert denied or code in (None, seen)


def test_an_entry_tells_the_origin(aws: Aws, house: House) -> None:
    role = work_role(aws, "work")
    ana = make_profile(aws, make_domain(aws, "finance", role).id, "ana")
    aws.client("sagemaker", session_keys(house, role, ana)).create_experiment(ExperimentName="e")
    (entry,) = entries(house, "CreateExperiment")
    assert entry.origin == ana
    assert entry.principal.endswith("assumed-role/work/SageMaker")


def test_a_request_that_cannot_be_read_is_audited_without_it(aws: Aws, house: House) -> None:
    client = aws.client("sagemaker")
    client.meta.events.register(
        "before-call.sagemaker.ListExperiments",
        lambda params, **_: params.update(body=b"[1, 2"),
    )
    with refused("SerializationException"):
        client.list_experiments()
    flushed(house)
    (entry,) = entries(house, "ListExperiments")
    assert entry.error_code is not None
    assert decode(entry.request) == {}


def test_secrets_are_hidden_and_long_requests_cut(house: House) -> None:
    kernel = house.kernel
    from freehold.kernel.declare.operation import Operation
    from freehold.kernel.permission import identity

    declared = kernel.registry.services["sagemaker"].operations["CreateExperiment"]
    operation = Operation(
        service=declared.service,
        name=declared.name,
        model=declared.model,
        run=declared.run,
        mode="write",
        action=declared.action,
        secrets=("Password",),
    )
    root = identity.root(house.settings)
    call = Call(kernel, operation, root, {"Password": "hunter2", "Name": "n"})
    assert decode(audit.entry(call, None).request or b"") == {
        "Password": audit.HIDDEN,
        "Name": "n",
    }
    long = Call(kernel, operation, root, {"Text": "x" * 100_000})
    assert len(audit.entry(long, None).request or b"") < 1000
    refusal = audit.entry(call, Invalid("y" * 5000))
    assert len(refusal.error or "") == 1024


def stranger(at: float, fault: Fault, n: int = 0) -> rows.Entry:
    return audit.stranger(
        at,
        fault,
        service="sagemaker",
        operation="",
        access_key=f"AKIA{n}",
        source_ip="",
        request_id="",
    )


def test_strangers_are_capped_and_counted() -> None:
    waiting = audit.Waiting()
    fault = Unauthenticated("who?", code="UnrecognizedClientException")
    for n in range(audit.STRANGERS_MAX + 30):
        waiting.add(stranger(1.0, fault, n), is_stranger=True)
    waiting.add(stranger(1.0, fault))  # one that we know finds room all the same
    assert waiting.dropped == 30
    assert len(waiting.take()) == audit.STRANGERS_MAX + 1
    assert waiting.take() == []
    waiting.add(stranger(1.0, fault), is_stranger=True)
    assert len(waiting.take()) == 1


def test_bad_signatures_leave_a_trace(aws: Aws, house: House) -> None:
    with refused("UnrecognizedClientException"):
        aws.client("sagemaker", ("AKIAZZZZZZZZZZZZZZZZ", "x" * 40)).list_experiments()
    flushed(house)
    (entry,) = entries(house, "ListExperiments")
    assert entry.principal == "unauthenticated"
    assert entry.access_key == "AKIAZZZZZZZZZZZZZZZZ"
    assert entry.request is None


def test_entries_that_could_not_be_written_wait_again(aws: Aws, house: House) -> None:
    kernel = house.kernel
    aws.client("sagemaker").list_experiments()
    connection = kernel.writer._connection
    kernel.writer.run(lambda _: connection.execute("alter table audit rename to hidden"))
    kernel.flush_audit()
    kernel.writer.run(lambda _: connection.execute("alter table hidden rename to audit"))
    flushed(house)
    assert len(entries(house, "ListExperiments")) == 1


def test_entries_put_back_keep_order_and_bound() -> None:
    waiting = audit.Waiting()
    fault = Invalid("x")
    first, second = (stranger(at, fault) for at in (1.0, 2.0))
    waiting.add(second)
    waiting.put_back([first])
    assert [entry.at for entry in waiting.take()] == [1.0, 2.0]
    waiting.put_back([first] * (audit.WAITING_MAX + 5))
    assert waiting.dropped == 5
    waiting.add(second)
    assert waiting.dropped == 6


def test_no_entry_is_lost_between_threads() -> None:
    waiting = audit.Waiting()
    entry = stranger(1.0, Invalid("x"))
    taken: list[rows.Entry] = []
    threads = [
        threading.Thread(target=lambda: [waiting.add(entry) for _ in range(2000)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        taken += waiting.take()
    taken += waiting.take()
    assert len(taken) + waiting.dropped == 8000

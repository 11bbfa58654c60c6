from __future__ import annotations

import pytest

from freehold.kernel.declare.resource import Running
from freehold.kernel.declare.service import Registry, Service
from freehold.store.records import Record


def fresh() -> Service:
    return Service("sagemaker")


def test_an_arn_is_filled_from_the_first_member_given() -> None:
    app = fresh().resource("App", arn="app/{DomainId}/{UserProfileName|SpaceName}/{AppName}")
    assert app.tail({"DomainId": "d", "SpaceName": "s", "AppName": "a"}) == "app/d/s/a"
    assert (
        app.tail({"DomainId": "d", "UserProfileName": "u", "SpaceName": "s", "AppName": "a"})
        == "app/d/u/a"
    )
    assert app.tail({"DomainId": "d"}) == "app/d/*/*"
    assert app.kind == "sagemaker:app"
    assert fresh().resource("ModelPackageGroup", arn="x").kind == "sagemaker:model-package-group"


def test_a_name_that_the_model_does_not_have_stops_the_declaration() -> None:
    service = fresh()
    app = service.resource("App", arn="app/{AppName}")
    with pytest.raises(LookupError, match="DescribeApps"):
        service.operation("DescribeApps")(lambda _call, _request: {})
    with pytest.raises(KeyError):
        app.describes("DescribeApps")


def test_an_operation_is_declared_once() -> None:
    service = fresh()
    app = service.resource("App", arn="app/{AppName}")
    app.describes("DescribeApp")
    with pytest.raises(LookupError, match="declared twice"):
        app.describes("DescribeApp")


def test_a_write_takes_keys_and_passed_roles_of_its_resource() -> None:
    service = fresh()
    app = service.resource("App", arn="app/{AppName}", keys={"sagemaker:X": "X"}, passes=("Role",))
    app.describes("DescribeApp")
    app.creates("CreateApp")(lambda _call, _document: None)
    app.deletes("DeleteApp")(lambda _call, _record: True)
    create, describe = service.operations["CreateApp"], service.operations["DescribeApp"]
    assert (create.mode, create.is_create, create.passes) == ("write", True, ("Role",))
    assert create.keys == {"sagemaker:X": "X"}
    assert create.is_taggable
    assert (describe.mode, describe.is_create, dict(describe.keys)) == ("read", False, {})
    assert service.operations["DeleteApp"].keys == {"sagemaker:X": "X"}


def test_the_summary_is_what_the_list_shows() -> None:
    app = fresh().resource("App", arn="app/{AppName}")
    assert app.summary({"AppName": "a"}) is None  # not listed
    app.lists("ListApps")
    assert app.summary({"AppName": "a", "_Secret": 1, "Tags": []}) == b'{"AppName":"a"}'


def running(**more: str) -> Running:
    return Running(
        when=frozenset({"InService"}),
        component="Studio",
        instance="Spec.InstanceType",
        count="Spec.Count",
        **more,
    )


def test_metering_is_told_when_and_what_runs() -> None:
    app = fresh().resource("App", arn="a", runs=running())
    record = Record("sagemaker:app", "arn:a", "a")
    record.document = {"Spec": {"InstanceType": "ml.m5.large", "Count": 3}}
    record.status = "Pending"
    assert app.facts(record) == {"runs": False}
    record.status = "InService"
    assert app.facts(record) == {
        "runs": True,
        "component": "Studio",
        "instance_type": "ml.m5.large",
        "count": 3,
    }
    assert fresh().resource("App", arn="a").facts(record) is None


def test_metering_goes_by_the_times_of_what_really_ran() -> None:
    app = fresh().resource("App", arn="a", runs=running(started="Start", ended="End"))
    record = Record("sagemaker:app", "arn:a", "a")
    record.status = "InService"
    assert app.facts(record) == {"runs": False}
    record.document = {"Start": 5.0}
    facts = app.facts(record)
    assert facts is not None
    assert (facts["runs"], facts["started_at"], facts["count"]) == (True, 5.0, 1)
    record.document["End"] = 9.0
    facts = app.facts(record)
    assert facts is not None
    assert (facts["runs"], facts["ended_at"]) == (False, 9.0)


def test_a_registry_knows_what_it_was_given() -> None:
    service = fresh()
    app = service.resource("App", arn="a")
    app.describes("DescribeApp")
    registry = Registry([service])
    assert registry.resource("sagemaker:app") is app
    assert registry.resource("sagemaker:space") is None
    found = registry.find(service.model.operations["DescribeApp"])
    assert found is service.operations["DescribeApp"]
    assert registry.find(service.model.operations["DescribeSpace"]) is None

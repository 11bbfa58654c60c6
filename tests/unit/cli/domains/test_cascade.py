"""``freehold domain delete``: what it shows, what it refuses, and how it goes on."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from tests.support.inprocess import Aws
from tests.support.studio import make_domain, make_profile, make_space, session_keys, work_role

from freehold.base.errors import Conflict, NotFound
from freehold.cli.domains import asking, plan, talking
from freehold.cli.domains.cascade import Cascade
from freehold.cli.quick.clients import Clients
from freehold.compose import House
from freehold.kernel.records import Writing


@pytest.fixture
def finance(aws: Aws) -> Any:
    domain = make_domain(aws, "finance", work_role(aws, "work"))
    make_profile(aws, domain.id, "ana")
    make_profile(aws, domain.id, "bob")
    make_space(aws, domain.id, "team")
    make_space(aws, domain.id, "hers", owner="ana")
    return domain


def failed_app(aws: Aws, house: House, domain_id: str) -> None:
    """An app that failed, as its loop leaves it."""
    aws.client("sagemaker").create_app(
        DomainId=domain_id, UserProfileName="ana", AppType="JupyterLab", AppName="default"
    )

    arn = f"arn:aws:sagemaker:us-east-1:111122223333:app/{domain_id}/ana/JupyterLab/default"
    app = house.kernel.own_unit().find(arn)
    assert app is not None
    Writing.run(
        house.kernel, app, lambda _known: True, lambda writing: writing.update(status="Failed")
    )


def deleted(clients: Clients, named: str, volume: str = "retain") -> list[str]:
    lines: list[str] = []
    Cascade(clients, plan.look(clients, named, volume), lines.append).run()
    return lines


def test_the_plan_names_what_goes_and_counts_what_stays(
    aws: Aws, house: House, finance: Any
) -> None:
    origin = finance.arn.replace("domain/", "user-profile/") + "/ana"
    inside = aws.client("sagemaker", session_keys(house, finance.role, origin))
    inside.create_experiment(ExperimentName="e1")
    inside.create_experiment(ExperimentName="e2")
    told = "\n".join(plan.told(plan.look(aws.client, "finance", "retain")))
    assert "2 spaces: hers, team" in told or "2 spaces: team, hers" in told
    assert "2 user profiles: ana, bob" in told
    assert "2 experiments with its tag sagemaker:domain-arn" in told
    assert "What stays:\n  the files: fs-" in told
    told = "\n".join(plan.told(plan.look(aws.client, finance.id, "delete")))
    assert "ALL FILES of its people: fs-" in told
    assert "the files:" not in told


def test_without_cascade_it_says_what_is_in_the_way(aws: Aws, finance: Any) -> None:
    with pytest.raises(Conflict, match=r"finance still holds 2 spaces, 2 user profiles: nothing"):
        plan.refuse_while_used(plan.look(aws.client, finance.arn, "retain"))
    empty = make_domain(aws, "empty", finance.role)
    plan.refuse_while_used(plan.look(aws.client, empty.id, "retain"))


def test_everything_goes_in_awss_order_and_the_files_stay(aws: Aws, finance: Any) -> None:
    lines = deleted(aws.client, "finance")
    ends = [line for line in lines if line.startswith("gone: ")]
    assert [line.split()[1] for line in ends] == ["space", "space", "user", "user", "domain"]
    assert lines[-1].startswith("kept: file system fs-")
    assert aws.client("sagemaker").list_domains()["Domains"] == []
    assert len(aws.client("efs").describe_file_systems()["FileSystems"]) == 1
    with pytest.raises(NotFound, match="there is no domain finance"):
        plan.look(aws.client, "finance", "retain")


def test_the_volume_is_waited_for_where_it_goes(aws: Aws, house: House, finance: Any) -> None:
    looks = 0

    def client(service: str) -> Any:
        made = aws.client(service)

        def look(model: Any, **_kwargs: Any) -> None:
            nonlocal looks
            looks += model.name == "DescribeFileSystems"
            if looks == 3:  # the server's loop removed it between two looks
                gone = house.kernel.own_unit().named("elasticfilesystem:file-system", volume)
                assert gone is not None
                assert gone.status == "deleting"
                Writing.run(house.kernel, gone, lambda _one: True, lambda writing: writing.remove())

        made.meta.events.register("before-call", look)
        return made

    described = aws.client("sagemaker").describe_domain(DomainId=finance.id)
    volume = described["HomeEfsFileSystemId"]
    lines = deleted(client, "finance", "delete")
    assert lines[-1] == f"gone: file system {volume}"
    assert looks == 3
    assert aws.client("efs").describe_file_systems()["FileSystems"] == []


def test_a_failed_app_is_in_nobodys_way(aws: Aws, house: House, finance: Any) -> None:
    failed_app(aws, house, finance.id)
    assert not any("app" in line for line in deleted(aws.client, "finance"))
    assert aws.client("sagemaker").list_domains()["Domains"] == []


def interrupted(aws: Aws, operation: str) -> Clients:
    """Clients that are killed right after the server did ``operation``."""

    def client(service: str) -> Any:
        made = aws.client(service)

        def kill(model: Any, **_kwargs: Any) -> None:
            if model.name == operation:
                raise KeyboardInterrupt

        made.meta.events.register("after-call", kill)
        return made

    return client


@pytest.mark.parametrize("operation", ["DeleteSpace", "DeleteUserProfile"])
def test_a_second_run_goes_on_where_the_first_was_killed(
    aws: Aws, finance: Any, operation: str
) -> None:
    with pytest.raises(KeyboardInterrupt):
        deleted(interrupted(aws, operation), "finance")
    before = plan.look(aws.client, "finance", "retain").members
    assert len(before.spaces) + len(before.profiles) in (3, 1)
    lines = deleted(aws.client, "finance")
    assert len([line for line in lines if line.startswith("gone: ")]) in (4, 2)
    assert aws.client("sagemaker").list_domains()["Domains"] == []


def test_a_lost_connection_is_waited_for_and_a_delete_heard_twice_is_well(
    aws: Aws, finance: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "RETRY_SECONDS", 0.01)
    broken = {"DeleteSpace", "DeleteUserProfile", "DeleteDomain", "ListApps"}

    def client(service: str) -> Any:
        made = aws.client(service)

        def cut(model: Any, **_kwargs: Any) -> None:
            if model.name in broken:  # heard, done, and the answer lost
                broken.remove(model.name)
                raise EndpointConnectionError(endpoint_url="http://127.0.0.1:7070/")

        made.meta.events.register("after-call", cut)
        return made

    what = plan.look(aws.client, "finance", "retain")
    lines: list[str] = []
    Cascade(client, what, lines.append).run()
    assert broken == set()
    assert any("the server does not answer" in line for line in lines)
    assert aws.client("sagemaker").list_domains()["Domains"] == []


def test_a_profile_made_meanwhile_goes_in_the_next_round(aws: Aws, finance: Any) -> None:
    late = iter(["carol"])

    def client(service: str) -> Any:
        made = aws.client(service)

        def slip_in(model: Any, **_kwargs: Any) -> None:
            if model.name == "DeleteDomain":
                for name in late:
                    make_profile(aws, finance.id, name)

        made.meta.events.register("before-call", slip_in)
        return made

    lines = deleted(client, "finance")
    assert any(line.startswith("not yet: Unable to delete Domain") for line in lines)
    assert "gone: user profile carol" in lines
    assert lines.index("gone: domain finance") > lines.index("gone: user profile carol")


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "nobody typed a name"), ("Finance\n", "that is not finance"), ("\n", "that is not")],
)
def test_only_the_name_itself_confirms(
    monkeypatch: pytest.MonkeyPatch, typed: str, said: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    with pytest.raises(Conflict, match=said):
        talking.confirm("finance", "the domain's name")
    monkeypatch.setattr("sys.stdin", io.StringIO("finance\n"))
    talking.confirm("finance", "the domain's name")


def test_an_unknown_name_tells_the_one_that_differs_in_case(aws: Aws, finance: Any) -> None:
    with pytest.raises(NotFound, match="did you mean finance"):
        asking.domain_named(aws.client("sagemaker"), "FINANCE")


def test_a_wait_has_an_end() -> None:
    never: Callable[[], bool] = lambda: False  # noqa: E731
    with pytest.raises(Conflict, match="too long"):
        asking.until(never, 0.0, "too long")

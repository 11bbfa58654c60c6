"""The loop of apps over a runner that is a dictionary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.support import networks
from tests.support.inprocess import Aws
from tests.support.jobs import install_runtime
from tests.support.people import refused
from tests.support.studio import make_domain, make_profile, work_role

from freehold.base.errors import Internal
from freehold.base.settings import Settings
from freehold.compose import House
from freehold.loops.apps import loop as apps
from freehold.loops.apps.loop import Apps
from freehold.loops.reset import end_all
from freehold.runners.runner import LogLine, LogPage, Status, Work


class FakeRunner:
    """Work starts at once and ends when it is told to."""

    def __init__(self) -> None:
        self.works: dict[str, Work] = {}
        self.states: dict[str, str] = {}
        self.asked: list[str] = []
        self.refused: set[str] | None = None  # None: all
        self.trouble: Exception | None = None

    def start(self, work: Work) -> None:
        self.asked.append(work.id)
        if self.trouble is not None and (self.refused is None or work.id in self.refused):
            raise self.trouble
        self.works.setdefault(work.id, work)
        self.states.setdefault(work.id, "running")

    def look(self, id: str) -> Status:
        return Status(state=self.states.get(id, "absent"))  # type: ignore[arg-type]

    def stop(self, id: str, grace_seconds: float | None = None) -> None:
        if id in self.states:
            self.states[id] = "ended"

    def forget(self, id: str) -> None:
        self.states.pop(id, None)

    def ids(self) -> list[str]:
        return sorted(self.states)

    def logs(self, id: str, offset: int = 0) -> LogPage:
        return LogPage((LogLine(0, "err", "no such module: lab"),) if offset == 0 else (), 1)


RUNTIME = "jupyterlab"


def _well(_state: Path, _app: Any) -> bool:
    return True


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    place = tmp_path / "runtimes"
    install_runtime(place)
    (place / "tests").rename(place / RUNTIME)
    found = place / RUNTIME / "runtime.json"
    found.write_text(found.read_text().replace('"name":"tests"', f'"name":"{RUNTIME}"'))
    made = Settings(state=tmp_path / "state", account_id="111122223333", runtimes=place)
    (made.state / "tls").mkdir(parents=True)
    (made.state / "tls" / "bundle.pem").write_text("")
    return made


@pytest.fixture
def runner() -> FakeRunner:
    return FakeRunner()


@pytest.fixture
def loop(house: House, runner: FakeRunner) -> Apps:
    return Apps(house.kernel, runner, networks.none(house.kernel), _well)


@pytest.fixture
def named(aws: Aws) -> dict[str, str]:
    domain = make_domain(aws, "finance", work_role(aws, "work"))
    make_profile(aws, domain.id, "ana")
    make_profile(aws, domain.id, "bob")
    return {
        "DomainId": domain.id,
        "UserProfileName": "ana",
        "AppType": "JupyterLab",
        "AppName": "default",
    }


def turns(loop: Apps, times: int = 4) -> None:
    for _ in range(times):
        loop.turn()


def status(aws: Aws, named: dict[str, str]) -> str:
    return str(aws.client("sagemaker").describe_app(**named)["Status"])


def test_an_app_comes_up_and_goes_down(
    aws: Aws, loop: Apps, runner: FakeRunner, named: dict[str, str], house: House
) -> None:
    sm = aws.client("sagemaker")
    sm.create_app(**named)
    turns(loop)
    assert status(aws, named) == "InService"
    (work,) = runner.works.values()
    assert work.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"].startswith("http://127.0.0.1")
    assert work.uid >= 200_001 or work.uid == house.kernel.uids.owner(0)
    assert house.kernel.doors.find(next(iter(house.kernel.doors._doors))) is not None
    sm.delete_app(**named)
    turns(loop)
    assert status(aws, named) == "Deleted"
    assert runner.states[work.id] == "ended"
    assert not house.kernel.doors._doors


def test_an_app_that_crashes_comes_up_again_a_few_times(
    aws: Aws, loop: Apps, runner: FakeRunner, named: dict[str, str]
) -> None:
    sm = aws.client("sagemaker")
    sm.create_app(**named)
    for _ in range(apps.RESTARTS_MAX + 1):
        turns(loop)
        assert status(aws, named) == "InService"
        for work in runner.states:
            runner.states[work] = "ended"
    turns(loop)
    assert len(runner.works) == apps.RESTARTS_MAX + 1
    described = sm.describe_app(**named)
    assert described["Status"] == "Failed"
    assert "ended 5 times" in described["FailureReason"]
    with refused("ValidationException", "previously failed and was automatically deleted"):
        sm.delete_app(**named)
    sm.create_app(**named)  # a failed one gives way
    turns(loop)
    assert status(aws, named) == "InService"


def test_an_app_that_dies_while_it_starts_says_its_last_words(
    aws: Aws, house: House, runner: FakeRunner, named: dict[str, str]
) -> None:
    loop = Apps(house.kernel, runner, networks.none(house.kernel))  # this one never answers
    aws.client("sagemaker").create_app(**named)
    turns(loop, 2)
    for work in runner.states:
        runner.states[work] = "ended"
    turns(loop, 1)
    described = aws.client("sagemaker").describe_app(**named)
    assert described["Status"] == "Failed"
    assert "no such module: lab" in described["FailureReason"]


def test_without_the_runtime_an_app_fails_with_what_to_do(
    aws: Aws, loop: Apps, named: dict[str, str], settings: Settings
) -> None:
    (settings.runtimes / RUNTIME / "runtime.json").unlink()
    aws.client("sagemaker").create_app(**named)
    turns(loop, 2)
    described = aws.client("sagemaker").describe_app(**named)
    assert described["Status"] == "Failed"
    assert "freehold runtime install jupyterlab" in described["FailureReason"]


@pytest.mark.parametrize(
    "trouble", [Internal("disk full", retryable=True), OSError(28, "No space left on device")]
)
def test_one_apps_trouble_is_not_the_others(
    aws: Aws, loop: Apps, runner: FakeRunner, named: dict[str, str], trouble: Exception
) -> None:
    sm = aws.client("sagemaker")
    sm.create_app(**named)
    runner.trouble = trouble
    turns(loop)
    assert status(aws, named) == "Pending"
    runner.refused = set(runner.asked)
    other = named | {"UserProfileName": "bob"}
    sm.create_app(**other)
    turns(loop)
    assert status(aws, named) == "Pending"
    assert status(aws, other) == "InService"
    runner.refused.clear()
    turns(loop)
    assert status(aws, named) == "InService"


def test_a_new_server_adopts_what_runs(
    aws: Aws, loop: Apps, runner: FakeRunner, named: dict[str, str], house: House
) -> None:
    aws.client("sagemaker").create_app(**named)
    turns(loop)
    (door,) = house.kernel.doors._doors
    house.kernel.doors.close_all()
    turns(Apps(house.kernel, runner, networks.none(house.kernel), _well), 2)
    assert list(house.kernel.doors._doors) == [door]
    assert len(runner.works) == 1
    assert status(aws, named) == "InService"


def test_end_all_ends_and_forgets_everything(runner: FakeRunner) -> None:
    runner.states = {"a": "running", "b": "ended"}
    end_all(runner)
    assert runner.ids() == []

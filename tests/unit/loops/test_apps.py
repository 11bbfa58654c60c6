"""The loop of apps over a runner that is a dictionary."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future
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
from freehold.compose import House, open_house
from freehold.host.inside.starter import MARK
from freehold.kernel import doors, logs
from freehold.kernel.account import settings as account_settings
from freehold.kernel.studio import progress
from freehold.kernel.studio.activity import SAVE_SECONDS
from freehold.loops.apps import loop as apps
from freehold.loops.apps.health import LOOK_SECONDS
from freehold.loops.apps.loop import Apps
from freehold.loops.apps.probe import Report
from freehold.loops.reset import end_all
from freehold.loops.surroundings import SDK_CONFIG
from freehold.runners.runner import LogLine, LogPage, Status, Work
from freehold.store import records


class FakeRunner:
    """Work starts at once and ends when it is told to."""

    def __init__(self) -> None:
        self.works: dict[str, Work] = {}
        self.states: dict[str, str] = {}
        self.asked: list[str] = []
        self.refused: set[str] | None = None  # None: all
        self.trouble: Exception | None = None
        self.facts: dict[str, Any] = {}
        self.said = ["no such module: lab"]

    def start(self, work: Work) -> None:
        self.asked.append(work.id)
        if self.trouble is not None and (self.refused is None or work.id in self.refused):
            raise self.trouble
        self.works.setdefault(work.id, work)
        self.states.setdefault(work.id, "running")

    def look(self, id: str) -> Status:
        return Status(state=self.states.get(id, "absent"), **self.facts)  # type: ignore[arg-type]

    def stop(self, id: str, grace_seconds: float | None = None) -> None:
        if id in self.states:
            self.states[id] = "ended"

    def forget(self, id: str) -> None:
        self.states.pop(id, None)

    def ids(self) -> list[str]:
        return sorted(self.states)

    def logs(self, id: str, offset: int = 0) -> LogPage:
        at = int(time.time() * 1000) + 3_600_000 * 24  # in whatever run: never before its start
        lines = [LogLine(at, "err", text) for text in self.said]
        return LogPage(tuple(lines) if offset == 0 else (), 1)


class ShiftedClock:
    """The machine's clock, set forward: signatures are dated by the client."""

    def __init__(self) -> None:
        self.shift = 0.0

    def now(self) -> float:
        return time.time() + self.shift


class Inline(Executor):
    """Asks at once, on the thread that wants to know."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


class Reports:
    """What apps tell of themselves; how often they were asked."""

    def __init__(self) -> None:
        self.now = Report(is_well=True)
        self.asked = 0

    def __call__(self, _state: Path, _app: Any) -> Report:
        self.asked += 1
        return self.now


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
def later() -> ShiftedClock:
    return ShiftedClock()


@pytest.fixture
def house(settings: Settings, later: ShiftedClock) -> Iterator[House]:
    opened = open_house(settings, later)
    yield opened
    opened.close()


@pytest.fixture
def runner() -> FakeRunner:
    return FakeRunner()


@pytest.fixture
def reports() -> Reports:
    return Reports()


def make_loop(house: House, runner: FakeRunner, reports: Reports) -> Apps:
    none = networks.none(house.kernel)
    return Apps(house.kernel, runner, none, _well, reports, Inline())


@pytest.fixture
def loop(house: House, runner: FakeRunner, reports: Reports) -> Apps:
    return make_loop(house, runner, reports)


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


def turns(loop: Apps, times: int = 4, every: float = apps.WATCH_SECONDS) -> None:
    """Turns, each ``every`` seconds after the one before."""
    clock: Any = loop._kernel.clock
    for _ in range(times):
        clock.shift += every
        loop.turn()


def status(aws: Aws, named: dict[str, str]) -> str:
    """As it is kept: a client cannot sign while the house's clock is hours ahead."""
    unit = aws.app.kernel.own_unit()
    found = unit.records(records.Page("sagemaker:app", scope=named["DomainId"], limit=100))
    (app,) = [one for one in found if one.document["UserProfileName"] == named["UserProfileName"]]
    return str(app.status)


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


def crash(runner: FakeRunner, **facts: Any) -> None:
    for work in runner.states:
        runner.states[work] = "ended"
    runner.facts = facts


def recover(runner: FakeRunner) -> None:
    runner.facts = {}


def test_an_app_that_crashes_comes_up_again_each_time_later_and_not_for_ever(
    aws: Aws, loop: Apps, runner: FakeRunner, named: dict[str, str], house: House
) -> None:
    sm = aws.client("sagemaker")
    arn = sm.create_app(**named)["AppArn"]
    waits = []
    turns(loop)
    for number in range(apps.RESTARTS_MAX):
        assert status(aws, named) == "InService"
        assert "FailureReason" not in sm.describe_app(**named)
        crash(runner, exit_code=3)
        turns(loop, 1)
        assert status(aws, named) == "Pending"
        assert f"({number + 1} of {apps.RESTARTS_MAX})" in sm.describe_app(**named)["FailureReason"]
        record = house.kernel.own_unit().find(arn)
        assert record is not None
        waits.append(record.document["_NextStartAt"] - house.kernel.clock.now())
        works = len(runner.works)
        recover(runner)
        turns(loop, 1, every=0.0)
        assert len(runner.works) == works  # not before its time
        turns(loop, 3, every=waits[-1])
    assert [round(wait) for wait in waits] == [1, 2, 4, 8, 16]
    crash(runner, exit_code=3)
    turns(loop, 1)
    described = sm.describe_app(**named)
    assert described["Status"] == "Failed"
    assert "ended 6 times" in described["FailureReason"]
    assert "exit 3. Last lines:\nno such module: lab" in described["FailureReason"]
    with refused("ValidationException", "previously failed and was automatically deleted"):
        sm.delete_app(**named)
    recover(runner)
    sm.create_app(**named)  # a failed one gives way
    turns(loop)
    assert status(aws, named) == "InService"


def test_an_app_that_ran_for_long_is_forgiven(
    aws: Aws, loop: Apps, runner: FakeRunner, named: dict[str, str], house: House
) -> None:
    aws.client("sagemaker").create_app(**named)
    for _ in range(apps.RESTARTS_MAX + 2):
        turns(loop, 4, every=61.0)
        assert status(aws, named) == "InService"
        now = house.kernel.clock.now()
        crash(runner, started_at=now - apps.STEADY_SECONDS - 1, ended_at=now)
        turns(loop, 1)
        recover(runner)
    turns(loop)
    assert status(aws, named) == "InService"


def test_an_app_in_its_back_off_is_deleted_at_once(
    aws: Aws, loop: Apps, runner: FakeRunner, named: dict[str, str]
) -> None:
    sm = aws.client("sagemaker")
    sm.create_app(**named)
    turns(loop)
    crash(runner)
    turns(loop, 1)
    sm.delete_app(**named)
    turns(loop, 1)
    assert status(aws, named) == "Deleted"
    assert "FailureReason" not in sm.describe_app(**named)


def test_a_stop_is_asked_once_however_long_it_takes(
    aws: Aws, loop: Apps, runner: FakeRunner, named: dict[str, str]
) -> None:
    stops: list[str] = []
    runner.stop = lambda id, grace=None: stops.append(id)  # type: ignore[method-assign]
    aws.client("sagemaker").create_app(**named)
    turns(loop)
    aws.client("sagemaker").delete_app(**named)
    turns(loop, 10)
    assert status(aws, named) == "Deleting"
    assert len(stops) == 1


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
    turns(make_loop(house, runner, Reports()), 2)
    assert list(house.kernel.doors._doors) == [door]
    assert len(runner.works) == 1
    assert status(aws, named) == "InService"


def test_end_all_ends_and_forgets_everything(runner: FakeRunner) -> None:
    runner.states = {"a": "running", "b": "ended"}
    end_all(runner)
    assert runner.ids() == []


# -- lifecycle scripts and clones ------------------------------------------------------------------


def with_script(aws: Aws, named: dict[str, str], text: str = "ZXhpdCAzDQo=") -> str:
    """Attach a script to the domain as its default; its ARN."""
    sm = aws.client("sagemaker")
    arn = sm.create_studio_lifecycle_config(
        StudioLifecycleConfigName="setup",
        StudioLifecycleConfigContent=text,
        StudioLifecycleConfigAppType="JupyterLab",
    )["StudioLifecycleConfigArn"]
    lab = {
        "DefaultResourceSpec": {"LifecycleConfigArn": arn},
        "LifecycleConfigArns": [arn],
        "CodeRepositories": [{"RepositoryUrl": "https://git.example.com/team/work.git"}],
    }
    sm.update_domain(DomainId=named["DomainId"], DefaultUserSettings={"JupyterLabAppSettings": lab})
    return str(arn)


def fail_script(house: House, arn: str, app: str, failure: dict[str, Any]) -> None:
    """What the starter tells of a script that failed."""
    record = house.kernel.own_unit().find(app)
    assert record is not None
    place = doors.place(house.settings.state, record.document["_Door"]) / "app" / progress.FILE
    told = {"step": "script", "what": arn, "at": 1.0, "failure": failure}
    place.write_text(json.dumps(told))


def test_scripts_and_clones_come_before_the_command_and_stand_on_no_command_line(
    aws: Aws, loop: Apps, runner: FakeRunner, named: dict[str, str]
) -> None:
    arn = with_script(aws, named)
    aws.client("sagemaker").create_app(**named)
    turns(loop)
    (work,) = runner.works.values()
    assert work.argv[-1] == "/opt/freehold/start.json"
    assert "exit 3" not in " ".join(work.argv)
    texts = {file.path: file for file in work.sandbox.files}
    orders = json.loads(texts["/opt/freehold/start.json"].text)
    assert orders["argv"][1:3] == ["-m", "jupyterlab"]
    assert orders["script_seconds"] == 300
    assert orders["repositories"] == [
        {"url": "https://git.example.com/team/work.git", "branch": None}
    ]
    (script,) = orders["scripts"]
    assert script["arn"] == arn
    assert texts[script["path"]].text == "exit 3\n"  # without the \r of Windows
    assert texts[script["path"]].mode == 0o755


def test_without_scripts_and_repositories_the_command_is_started_itself(
    aws: Aws, loop: Apps, runner: FakeRunner, named: dict[str, str]
) -> None:
    aws.client("sagemaker").create_app(**named)
    turns(loop)
    (work,) = runner.works.values()
    assert work.argv[1:3] == ("-m", "jupyterlab")


def test_the_sdk_is_told_of_the_domains_own_bucket_and_of_nobody_elses(
    aws: Aws, loop: Apps, runner: FakeRunner, named: dict[str, str]
) -> None:
    def config() -> str:
        (work,) = runner.works.values()
        runner.works.clear()
        return next(file.text for file in work.sandbox.files if file.path == SDK_CONFIG)

    def again() -> str:
        aws.client("sagemaker").create_app(**named)
        turns(loop)
        said = config()
        aws.client("sagemaker").delete_app(**named)
        turns(loop)
        return said

    s3, bucket = aws.client("s3"), f"sagemaker-{named['DomainId']}"
    arn = aws.client("sagemaker").describe_domain(DomainId=named["DomainId"])["DomainArn"]
    assert "DefaultS3Bucket" not in again()
    s3.create_bucket(Bucket=bucket)
    assert "DefaultS3Bucket" not in again()
    for value, is_told in ((f"{arn}x", False), (arn, True)):
        tags = [{"Key": "sagemaker:domain-arn", "Value": value}]
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
        assert (f"DefaultS3Bucket: {bucket}\n" in again()) == is_told


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ({"status": 3}, "Lifecycle Config execution failed with exit status 3: '{arn}'"),
        ({"status": -9}, "failed with signal 9: '{arn}'"),
        ({}, "Lifecycle Config '{arn}' for App '{app}' took longer than 5 minutes."),
    ],
)
def test_a_script_that_fails_fails_the_app_and_says_why(
    aws: Aws,
    house: House,
    runner: FakeRunner,
    named: dict[str, str],
    failure: dict[str, Any],
    words: str,
) -> None:
    loop = Apps(
        house.kernel, runner, networks.none(house.kernel), lambda *_: False, Reports(), Inline()
    )
    arn = with_script(aws, named)
    app = aws.client("sagemaker").create_app(**named)["AppArn"]
    runner.said = [f"{MARK}pip: no such package", "a line of the app's own"]
    turns(loop, 2)
    fail_script(house, arn, app, failure)
    crash(runner, exit_code=117)
    turns(loop, 1)
    described = aws.client("sagemaker").describe_app(**named)
    assert described["Status"] == "Failed"
    reason = described["FailureReason"]
    assert words.format(arn=arn, app=app) in reason
    assert reason.endswith("Last lines:\npip: no such package")
    stream = f"{named['DomainId']}/ana/JupyterLab/default/LifecycleConfigOnStart"
    assert stream in reason
    unit = house.kernel.own_unit()
    kept = logs.read_events(unit, "/aws/sagemaker/studio", stream, limit=9)
    assert [event.message for event in kept] == ["pip: no such package"]


def test_an_app_with_scripts_has_time_for_them(
    aws: Aws, house: House, runner: FakeRunner, named: dict[str, str]
) -> None:
    loop = Apps(
        house.kernel, runner, networks.none(house.kernel), lambda *_: False, Reports(), Inline()
    )
    with_script(aws, named)
    aws.client("sagemaker").create_app(**named)
    turns(loop, 2)
    turns(loop, 1, every=180 + 300 + 110)
    assert status(aws, named) == "Pending"
    turns(loop, 1, every=20)
    described = aws.client("sagemaker").describe_app(**named)
    assert described["Status"] == "Failed"
    assert "JupyterLab did not answer within 600 seconds" in described["FailureReason"]


# -- health and idleness ---------------------------------------------------------------------------


def idle_after(aws: Aws, named: dict[str, str], minutes: int = 60, **more: Any) -> None:
    settings = {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": minutes} | more
    lab = {"AppLifecycleManagement": {"IdleSettings": settings}}
    aws.client("sagemaker").update_domain(
        DomainId=named["DomainId"], DefaultUserSettings={"JupyterLabAppSettings": lab}
    )


def test_an_app_says_when_it_was_looked_at_and_used(
    aws: Aws, loop: Apps, reports: Reports, named: dict[str, str], house: House
) -> None:
    sm = aws.client("sagemaker")
    sm.create_app(**named)
    used = house.kernel.clock.now() - 5
    reports.now = Report(is_well=True, active_at=used)
    turns(loop, 6)
    described = sm.describe_app(**named)
    looked = described["LastHealthCheckTimestamp"].timestamp()
    assert abs(looked - house.kernel.clock.now()) < 10
    assert abs(described["LastUserActivityTimestamp"].timestamp() - used) < 0.01


def test_looks_and_writes_are_bounded(
    aws: Aws, loop: Apps, reports: Reports, named: dict[str, str], house: House
) -> None:
    sm = aws.client("sagemaker")
    sm.create_app(**named)
    sm.create_app(**named | {"UserProfileName": "bob"})
    turns(loop, 5)
    reports.asked, written = 0, []
    house.kernel.watchers.append(written.append)
    turns(loop, 600)  # ten minutes
    assert 18 <= reports.asked <= 22  # two apps, once a minute
    assert len(written) <= 600 / SAVE_SECONDS + 1  # however many apps, one row a minute
    assert all(not kinds for kinds in written)  # and no record


def test_an_idle_app_is_shut_down_and_can_be_started_again(
    aws: Aws, loop: Apps, runner: FakeRunner, named: dict[str, str], later: ShiftedClock
) -> None:
    sm = aws.client("sagemaker")
    idle_after(aws, named)
    sm.create_app(**named)
    turns(loop)
    turns(loop, 58, every=LOOK_SECONDS)
    assert status(aws, named) == "InService"
    turns(loop, 5, every=LOOK_SECONDS)
    assert status(aws, named) == "Deleted"
    assert set(runner.states.values()) == {"ended"}
    connection = loop._kernel.own_unit().connection
    row = connection.execute(
        "select principal, operation, request from audit where user_agent = ?",
        ("freehold idle shutdown",),
    ).fetchone()
    assert row[:2] == ("sagemaker.amazonaws.com", "DeleteApp")
    assert "longer than 60 minutes" in json.loads(row[2])["Reason"]
    later.shift = 0.0
    sm.create_app(**named)
    turns(loop)
    assert status(aws, named) == "InService"


@pytest.mark.parametrize("how", ["busy", "kernel", "person", "silent after work"])
def test_what_is_used_stays(
    aws: Aws, loop: Apps, reports: Reports, named: dict[str, str], house: House, how: str
) -> None:
    sm = aws.client("sagemaker")
    idle_after(aws, named)
    arn = sm.create_app(**named)["AppArn"]
    turns(loop)
    record = house.kernel.own_unit().find(arn)
    assert record is not None
    for _ in range(100):
        now = house.kernel.clock.now()
        if how == "busy":
            reports.now = Report(is_well=True, is_busy=True)
        elif how == "kernel":
            reports.now = Report(is_well=True, active_at=now - 600)
        elif how == "person":
            house.kernel.activity.used(record.uid, now)
        else:  # it computed when it last answered, and leaves no time for an answer now
            reports.now = Report(True, True) if not _ else Report(is_well=False)
        turns(loop, 1, every=LOOK_SECONDS)
    assert status(aws, named) == "InService"


def test_without_idle_settings_an_app_runs_for_ever(
    aws: Aws, loop: Apps, named: dict[str, str]
) -> None:
    aws.client("sagemaker").create_app(**named)
    turns(loop, 50, every=86_400.0)
    assert status(aws, named) == "InService"


def test_dear_instances_wait_for_less_where_the_account_says_so(
    aws: Aws, loop: Apps, named: dict[str, str], house: House
) -> None:
    sm = aws.client("sagemaker")
    idle_after(aws, named, 120, MinIdleTimeoutInMinutes=60, MaxIdleTimeoutInMinutes=600)
    cheap, dear = named, named | {"UserProfileName": "bob"}
    arns = [
        sm.create_app(**who, ResourceSpec={"InstanceType": kind})["AppArn"]
        for who, kind in ((cheap, "ml.t3.medium"), (dear, "ml.p3.2xlarge"))
    ]
    turns(loop)

    def minutes() -> list[int | None]:
        unit, now = house.kernel.own_unit(), house.kernel.clock.now()
        found = [unit.find(arn) for arn in arns]
        return [loop._health.minutes(unit, app, now) for app in found if app is not None]

    assert minutes() == [120, 120]
    asked = account_settings.changes(["idle.by-price=on"])
    house.kernel.writer.run(account_settings.work(asked, 0.0, "root"))
    first, second = minutes()
    assert first is not None
    assert second is not None
    assert 60 <= second < first <= 600


def test_activity_outlives_the_server(
    aws: Aws, loop: Apps, reports: Reports, named: dict[str, str], house: House, runner: FakeRunner
) -> None:
    idle_after(aws, named)
    arn = aws.client("sagemaker").create_app(**named)["AppArn"]
    turns(loop)
    record = house.kernel.own_unit().find(arn)
    assert record is not None
    turns(loop, 50, every=LOOK_SECONDS)
    used = house.kernel.clock.now()
    house.kernel.activity.used(record.uid, used)
    turns(loop, 2, every=SAVE_SECONDS)
    house.kernel.activity.keep_only(())  # as a new process knows nothing
    again = make_loop(house, runner, reports)
    turns(again, 1)
    assert house.kernel.activity.of(record.uid).active_at == used
    turns(again, 40, every=LOOK_SECONDS)
    assert status(aws, named) == "InService"

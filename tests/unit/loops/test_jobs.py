"""The loop of jobs on a runner and an S3 in memory: order, bounds, stops, and crashes anywhere."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.support import networks
from tests.support.inprocess import Aws
from tests.support.jobs import (
    TRUST,
    MemoryFiles,
    install_runtime,
    processing_request,
    training_request,
)

from freehold.base.settings import Settings
from freehold.compose import House
from freehold.loops.jobs import Jobs, book
from freehold.runners.runner import LogLine, LogPage, Status, Work
from freehold.store import events


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    install_runtime(tmp_path / "runtimes")
    return Settings(
        state=tmp_path / "state", account_id="111122223333", runtimes=tmp_path / "runtimes"
    )


@pytest.fixture
def role(aws: Aws) -> str:
    made = aws.client("iam").create_role(RoleName="jobs", AssumeRolePolicyDocument=TRUST)
    return str(made["Role"]["Arn"])


@pytest.fixture
def sagemaker(aws: Aws) -> Any:
    return aws.client("sagemaker")


class Crash(BaseException):
    """The server dies here."""


class World:
    """What outlives the server: the runner's works and S3. ``left`` counts down to a crash."""

    def __init__(self) -> None:
        self.files = CrashingFiles(self)
        self.runner = FakeRunner(self)
        self.left = 10**9

    def touch(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Crash


class CrashingFiles(MemoryFiles):
    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def _ask(self, who: Any, at: Any) -> None:
        self._world.touch()
        super()._ask(who, at)


class FakeRunner:
    """Works that run for ``looks`` looks, say two lines and leave one file in the model."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.works: dict[str, Work] = {}
        self.starts: list[str] = []
        self.looks: dict[str, int] = {}
        self.stopped: set[str] = set()
        self.forgotten: list[str] = []
        self.length = 2
        self.exit_code = 0

    def start(self, work: Work) -> None:
        self._world.touch()
        if work.id not in self.works:
            self.works[work.id] = work
            self.starts.append(work.id)
            self.looks[work.id] = 0
            bind = next(bind for bind in work.sandbox.binds if bind.target == "/opt/ml")
            if (Path(bind.source) / "model").is_dir():
                (Path(bind.source) / "model" / "weights").write_text("w")
        self._world.touch()

    def look(self, id: str) -> Status:
        self._world.touch()
        if id not in self.works:
            return Status(state="absent")
        self.looks[id] += 1
        times = {"created_at": 1000.0, "started_at": 1001.0}
        if id in self.stopped:
            return Status(state="ended", signal=15, stopped_by="stop", ended_at=1003.5, **times)
        if self.looks[id] > self.length:
            return Status(state="ended", exit_code=self.exit_code, ended_at=1003.5, **times)
        return Status(state="running", **times)

    def stop(self, id: str, grace_seconds: float | None = None) -> None:
        self._world.touch()
        self.stopped.add(id)

    def forget(self, id: str) -> None:
        self._world.touch()
        self.works.pop(id, None)
        self.forgotten.append(id)

    def ids(self) -> list[str]:
        return sorted(self.works)

    def logs(self, id: str, offset: int = 0) -> LogPage:
        self._world.touch()
        said = [LogLine(1000, "out", "one"), LogLine(2000, "out", "loss=0.5")]
        lines = said[offset:] if id in self.works else []
        return LogPage(tuple(lines), offset + len(lines))


class Inline(Executor):
    """Runs a step when it is submitted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def loop(house: House, world: World, **options: Any) -> Jobs:
    seconds = iter(range(0, 10**9, 10))
    return Jobs(
        house.kernel,
        world.runner,
        networks.none(house.kernel),
        world.files,
        pool=Inline(),
        pulse=lambda: next(seconds),
        **options,
    )


def turns(jobs: Jobs, count: int = 8) -> None:
    for _ in range(count):
        jobs.turn()


def described(sagemaker: Any, name: str) -> dict[str, Any]:
    return dict(sagemaker.describe_training_job(TrainingJobName=name))


def said(aws: Aws, job: str) -> list[str]:
    logs = aws.client("logs")
    group = "/aws/sagemaker/TrainingJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{job}/")
    found: list[str] = []
    for stream in streams["logStreams"]:
        name = stream["logStreamName"]
        page = logs.get_log_events(logGroupName=group, logStreamName=name, startFromHead=True)
        found += [event["message"] for event in page["events"]]
    return found


STEPS = ["Starting", "Downloading", "Training", "Uploading", "Completed"]
CHANNEL = {
    "ChannelName": "train",
    "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/train/"}},
}


def test_a_crash_at_any_point_costs_one_more_look(
    house: House, sagemaker: Any, role: str, aws: Aws
) -> None:
    crashes = 0
    for left in range(200):
        world, name = World(), f"crash-{left}"
        world.files.objects["s3://data/train/a"] = b"a"
        request = training_request(name, role, InputDataConfig=[CHANNEL])
        arn = sagemaker.create_training_job(**request)["TrainingJobArn"]
        world.left = left
        has_crashed = False
        with suppress(Crash):
            has_crashed = True
            turns(loop(house, world))
            has_crashed = False
        crashes += has_crashed
        world.left = 10**9
        turns(loop(house, world))
        job = described(sagemaker, name)
        uri = f"s3://results/training/{name}/output/model.tar.gz"
        assert job["TrainingJobStatus"] == "Completed", (left, job.get("FailureReason"))
        assert [step["Status"] for step in job["SecondaryStatusTransitions"]] == STEPS
        assert job["BillableTimeInSeconds"] == 3
        assert len(world.runner.starts) == 1
        assert set(world.files.objects) == {"s3://data/train/a", uri}
        assert [line for line in said(aws, name) if "Image" not in line] == ["one", "loss=0.5"]
        _is_billed_once(house, arn)
        if not has_crashed:
            break
    assert crashes > 10


def _is_billed_once(house: House, arn: str) -> None:
    connection = house.kernel.own_unit().connection
    changes = [change for change in events.read(connection, 0, 10**6) if change.arn == arn]
    told = [bool(change.facts["runs"]) for change in changes]
    starts = sum(now and not before for before, now in zip([False, *told], told, strict=False))
    last = changes[-1].facts
    assert starts <= 1
    assert not told[-1]
    assert (last["started_at"], last["ended_at"]) == (1001.0, 1003.5)
    assert (last["instance_type"], last["count"]) == ("ml.m5.large", 1)


def test_jobs_run_in_order_of_creation_and_no_more_than_may(
    house: House, sagemaker: Any, role: str
) -> None:
    world = World()
    world.runner.length = 10**9
    for name in ("c", "a", "b"):
        sagemaker.create_training_job(**training_request(name, role))
    jobs = loop(house, world, at_once=2)
    turns(jobs)
    steps = {name: described(sagemaker, name)["SecondaryStatus"] for name in "cab"}
    assert steps == {"c": "Training", "a": "Training", "b": "Pending"}
    world.runner.length = 0
    turns(jobs)
    assert described(sagemaker, "b")["TrainingJobStatus"] == "Completed"


def test_a_job_that_waits_is_stopped_without_a_start(
    house: House, sagemaker: Any, role: str
) -> None:
    world = World()
    world.runner.length = 10**9
    for name in ("runs", *(f"waits-{number}" for number in range(20))):
        sagemaker.create_training_job(**training_request(name, role))
    jobs = loop(house, world, at_once=1)
    turns(jobs, 3)
    sagemaker.stop_training_job(TrainingJobName="waits-19")
    turns(jobs, 1)
    job = described(sagemaker, "waits-19")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert "TrainingStartTime" not in job
    assert len(world.runner.starts) == 1


def test_a_stop_reaches_the_runner_once_and_keeps_the_model(
    house: House, sagemaker: Any, role: str
) -> None:
    world = World()
    world.runner.length = 10**9
    sagemaker.create_training_job(**training_request("s", role))
    jobs = loop(house, world)
    turns(jobs, 4)
    sagemaker.stop_training_job(TrainingJobName="s")
    turns(jobs)
    job = described(sagemaker, "s")
    assert job["SecondaryStatus"] == "Stopped"
    assert "s3://results/training/s/output/model.tar.gz" in world.files.objects


def test_a_failed_upload_fails_the_job(house: House, sagemaker: Any, role: str) -> None:
    world = World()
    world.files.denies.add("results")
    sagemaker.create_training_job(**training_request("u", role))
    turns(loop(house, world))
    job = described(sagemaker, "u")
    assert job["FailureReason"].startswith("ClientError: Artifact upload failed: User:")
    assert "ModelArtifacts" not in job


def test_a_missing_input_is_told_in_awss_words(house: House, sagemaker: Any, role: str) -> None:
    world = World()
    sagemaker.create_training_job(**training_request("n", role, InputDataConfig=[CHANNEL]))
    turns(loop(house, world))
    reason = described(sagemaker, "n")["FailureReason"]
    assert reason.startswith(
        'ClientError: Data download failed: No S3 objects found under S3 URL "s3://data/train/"'
    )


def test_an_ended_job_leaves_nothing_on_this_machine_after_an_hour(
    house: House, sagemaker: Any, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    monkeypatch.setattr(book, "KEPT_SECONDS", -1.0)
    sagemaker.create_training_job(**training_request("old", role))
    turns(loop(house, world))
    assert list((house.settings.state / "jobs").iterdir()) == []
    assert world.runner.forgotten == world.runner.starts


def test_the_remains_of_a_deleted_job_are_swept(house: House, sagemaker: Any, role: str) -> None:
    world = World()
    sagemaker.create_training_job(**training_request("gone", role))
    turns(loop(house, world))
    sagemaker.delete_training_job(TrainingJobName="gone")
    turns(loop(house, world), 1)
    assert list((house.settings.state / "jobs").iterdir()) == []


def test_a_processing_jobs_outputs_keep_their_paths(
    house: House, sagemaker: Any, role: str
) -> None:
    world = World()
    output = {
        "OutputName": "o",
        "S3Output": {
            "S3Uri": "s3://results/p",
            "LocalPath": "/opt/ml/processing/out",
            "S3UploadMode": "EndOfJob",
        },
    }
    sagemaker.create_processing_job(
        **processing_request("p", role, ProcessingOutputConfig={"Outputs": [output]})
    )
    world.runner.length = 1
    jobs = loop(house, world)
    turns(jobs, 3)
    place = next((house.settings.state / "jobs").iterdir()) / "ml" / "processing" / "out"
    (place / "deep").mkdir(exist_ok=True)
    (place / "deep" / "x").write_text("x")
    turns(jobs)
    job = sagemaker.describe_processing_job(ProcessingJobName="p")
    assert job["ProcessingJobStatus"] == "Completed"


def test_an_uncompressed_model_is_written_file_by_file(
    house: House, sagemaker: Any, role: str
) -> None:
    world = World()
    target = {"S3OutputPath": "s3://results/x/", "CompressionType": "NONE"}
    sagemaker.create_training_job(**training_request("plain", role, OutputDataConfig=target))
    turns(loop(house, world))
    job = described(sagemaker, "plain")
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == "s3://results/x/plain/output/model/"
    assert world.files.objects == {"s3://results/x/plain/output/model/weights": b"w"}


@pytest.fixture
def model(house: House, sagemaker: Any, role: str) -> bytes:
    world = World()
    sagemaker.create_training_job(**training_request("m", role))
    turns(loop(house, world))
    return world.files.objects["s3://results/training/m/output/model.tar.gz"]


def test_the_model_is_an_archive_without_owners(model: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(model)) as archive:
        member = archive.getmember("weights")
    assert (member.uid, member.gid, member.uname, member.size) == (0, 0, "", 1)

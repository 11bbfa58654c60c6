"""Jobs as real processes in real sandboxes; only S3 is in memory."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import root_keys
from tests.support import networks
from tests.support.inprocess import Aws
from tests.support.jobs import (
    TRUST,
    MemoryFiles,
    install_runtime,
    processing_request,
    training_request,
)

from freehold.base.clock import SystemClock
from freehold.base.settings import Settings
from freehold.compose import House, open_house
from freehold.loops.jobs import Jobs
from freehold.runners.local import LocalRunner

pytestmark = pytest.mark.e2e

SECONDS_MAX = 60.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    install_runtime(tmp_path / "runtimes")
    found = Settings(
        state=tmp_path / "state", account_id="111122223333", runtimes=tmp_path / "runtimes"
    )
    (found.state / "tls").mkdir(parents=True)
    (found.state / "tls" / "bundle.pem").write_text("")
    return found


@pytest.fixture
def role(aws: Aws) -> str:
    made = aws.client("iam").create_role(RoleName="jobs", AssumeRolePolicyDocument=TRUST)
    return str(made["Role"]["Arn"])


@pytest.fixture
def sagemaker(aws: Aws) -> Any:
    return aws.client("sagemaker")


@pytest.fixture
def files() -> MemoryFiles:
    return MemoryFiles()


class Turning:
    """The loop on a thread, turned as the engine turns it."""

    def __init__(self, house: House, files: MemoryFiles) -> None:
        self.runner = LocalRunner(house.settings.state)
        self.jobs = Jobs(house.kernel, self.runner, networks.none(house.kernel), files)
        self.wake = threading.Event()
        self.ends = threading.Event()
        house.kernel.watchers.append(self._written)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _written(self, kinds: set[str]) -> None:
        if kinds & self.jobs.kinds:
            self.wake.set()

    def _run(self) -> None:
        while not self.ends.is_set():
            self.wake.clear()
            self.wake.wait(self.jobs.turn())

    def close(self) -> None:
        self.ends.set()
        self.wake.set()
        self.thread.join()
        self.jobs.close()


@pytest.fixture
def turning(house: House, files: MemoryFiles) -> Iterator[Turning]:
    made = Turning(house, files)
    yield made
    made.close()
    for work in made.runner.ids():
        made.runner.stop(work, 0)


def until(look: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    """Look again and again until it is as wanted."""
    ends = time.monotonic() + SECONDS_MAX
    while not wanted(found := look()):
        assert time.monotonic() < ends, found
        time.sleep(0.02)
    return found


def trained(sagemaker: Any, name: str) -> dict[str, Any]:
    """The job once it has ended."""
    return dict(
        until(
            lambda: sagemaker.describe_training_job(TrainingJobName=name),
            lambda job: job["TrainingJobStatus"] in ("Completed", "Failed", "Stopped"),
        )
    )


def script(files: MemoryFiles, text: str, **channels: str) -> dict[str, Any]:
    """Members of a request whose job runs ``text``; more channels by name and S3 URI."""
    files.objects["s3://code/script.py"] = text.encode()
    return {
        "AlgorithmSpecification": {
            "ContainerEntrypoint": ["python3", "/opt/ml/input/data/code/script.py"]
        },
        "InputDataConfig": [
            {
                "ChannelName": name,
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
            }
            for name, uri in ({"code": "s3://code/script.py"} | channels).items()
        ],
    }


def results(files: MemoryFiles) -> set[str]:
    return {uri for uri in files.objects if uri.startswith("s3://results/")}


def lines(aws: Aws, group: str) -> list[str]:
    logs = aws.client("logs")
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    found = logs.get_log_events(
        logGroupName=group, logStreamName=streams[0]["logStreamName"], startFromHead=True
    )
    return [event["message"] for event in found["events"]]


TRAIN = """
import json, os, socket
root = '/opt/ml/'
print('loss=0.5'); print('loss=0.25')
print(open(root + 'input/data/train/deep/a.csv').read())
print(json.load(open(root + 'input/config/hyperparameters.json')))
print(json.load(open(root + 'input/config/resourceconfig.json'))['hosts'])
print(socket.gethostbyname('algo-1'), os.environ['TRAINING_JOB_NAME'], os.getcwd())
print(sorted(name for name in os.environ if name.startswith('AWS_')))
open(root + 'model/weights', 'w').write('w' * 100000)
open(root + 'output/data/report', 'w').write('r')
os.symlink('/etc/passwd', root + 'model/link')
"""


def test_a_training_job_trains(
    turning: Turning, sagemaker: Any, role: str, files: MemoryFiles, aws: Aws
) -> None:
    files.objects["s3://data/train/deep/a.csv"] = b"1,2,3"
    members = script(files, TRAIN, train="s3://data/train")
    metric = {"Name": "loss", "Regex": "loss=([0-9.]+)"}
    members["AlgorithmSpecification"]["MetricDefinitions"] = [metric]
    request = training_request("trains", role, HyperParameters={"lr": "0.1"}, **members)
    sagemaker.create_training_job(**request)
    job = trained(sagemaker, "trains")
    said = lines(aws, "/aws/sagemaker/TrainingJobs")
    print("\n".join(said))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert [step["Status"] for step in job["SecondaryStatusTransitions"]] == [
        "Starting",
        "Downloading",
        "Training",
        "Uploading",
        "Completed",
    ]
    assert all("EndTime" in step for step in job["SecondaryStatusTransitions"])
    uri = "s3://results/training/trains/output/model.tar.gz"
    assert job["ModelArtifacts"] == {"S3ModelArtifacts": uri}
    assert job["BillableTimeInSeconds"] >= 1
    assert job["TrainingEndTime"] >= job["TrainingStartTime"]
    assert [(m["MetricName"], m["Value"]) for m in job["FinalMetricDataList"]] == [("loss", 0.25)]
    with tarfile.open(fileobj=io.BytesIO(files.objects[uri])) as archive:
        assert archive.getnames() == ["link", "weights"]
        assert archive.getmember("link").issym()
        assert archive.getmember("weights").size == 100000
    assert "s3://results/training/trains/output/output.tar.gz" in files.objects
    assert "scikit-learn 1.5.2" in said[0]
    assert "1,2,3" in said
    assert "127.0.0.1 trains /opt/ml" in said
    assert files.roles == {role}


FAILURES = [
    ("import sys; sys.exit(3)", "AlgorithmError: , exit code: 3"),
    (
        "open('/opt/ml/output/failure','w').write('no good'); raise SystemExit(1)",
        "AlgorithmError: no good, exit code: 1",
    ),
    (
        "import os; os.rmdir('/opt/ml/output/data'); os.rmdir('/opt/ml/output'); "
        "os.symlink('/etc', '/opt/ml/output'); raise SystemExit(2)",
        "AlgorithmError: , exit code: 2",
    ),
]


@pytest.mark.parametrize(("text", "reason"), FAILURES)
def test_a_failure_is_told_in_awss_words(
    turning: Turning, sagemaker: Any, role: str, files: MemoryFiles, text: str, reason: str
) -> None:
    request = training_request("fails", role, **script(files, text))
    sagemaker.create_training_job(**request)
    job = trained(sagemaker, "fails")
    assert (job["TrainingJobStatus"], job["FailureReason"]) == ("Failed", reason)
    assert not results(files)


def test_an_input_that_may_not_be_read_fails_the_job(
    turning: Turning, sagemaker: Any, role: str, files: MemoryFiles
) -> None:
    files.denies.add("secret")
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://secret/x"}}
    channels = [{"ChannelName": "train", "DataSource": source}]
    sagemaker.create_training_job(**training_request("denied", role, InputDataConfig=channels))
    job = trained(sagemaker, "denied")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: Data download failed: User: arn:aws:sts")
    assert "TrainingStartTime" not in job


def test_a_stopped_job_keeps_its_model(
    turning: Turning, sagemaker: Any, role: str, files: MemoryFiles
) -> None:
    text = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    open('/opt/ml/model/kept', 'w').write('x'); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('ready', flush=True)\n"
        "time.sleep(600)\n"
    )
    request = training_request("stops", role, **script(files, text))
    sagemaker.create_training_job(**request)
    until(lambda: turning.runner.ids(), bool)
    until(
        lambda: turning.runner.logs(turning.runner.ids()[0]).lines,
        lambda found: any(line.text == "ready" for line in found),
    )
    sagemaker.stop_training_job(TrainingJobName="stops")
    job = trained(sagemaker, "stops")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    data = files.objects["s3://results/training/stops/output/model.tar.gz"]
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.getnames() == ["kept"]


def test_a_job_that_runs_too_long_is_ended(
    turning: Turning, sagemaker: Any, role: str, files: MemoryFiles
) -> None:
    sagemaker.create_training_job(
        **training_request(
            "long",
            role,
            **script(files, "import time; time.sleep(600)"),
            StoppingCondition={"MaxRuntimeInSeconds": 1},
        )
    )
    job = trained(sagemaker, "long")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


def test_a_job_lives_through_a_restart_of_its_loop(
    house: House, sagemaker: Any, role: str, files: MemoryFiles, aws: Aws
) -> None:
    first = Turning(house, files)
    text = (
        "import os, time\n"
        "print('begun', flush=True)\n"
        "while not os.path.exists('/opt/ml/model/go'):\n"
        "    time.sleep(0.05)\n"
        "print('done')\n"
    )
    request = training_request("lives", role, **script(files, text))
    sagemaker.create_training_job(**request)
    until(
        lambda: sagemaker.describe_training_job(TrainingJobName="lives"),
        lambda job: job["SecondaryStatus"] == "Training",
    )
    first.close()
    (next((house.settings.state / "jobs").iterdir()) / "ml" / "model" / "go").write_text("")
    second = Turning(house, files)
    job = trained(sagemaker, "lives")
    second.close()
    said = lines(aws, "/aws/sagemaker/TrainingJobs")
    assert job["TrainingJobStatus"] == "Completed"
    assert [line for line in said[1:] if line] == ["begun", "done"]


SERVER = """
import sys, threading
from pathlib import Path
from freehold.base.settings import Settings
from freehold.compose import open_house
from freehold.loops.jobs import Jobs
from freehold.runners.local import LocalRunner
from tests.support import networks
from tests.support.jobs import MemoryFiles
state, runtimes = map(Path, sys.argv[1:])
house = open_house(Settings(state=state, account_id="111122223333", runtimes=runtimes))
files = MemoryFiles()
files.objects["s3://code/script.py"] = sys.stdin.buffer.read()
jobs = Jobs(house.kernel, LocalRunner(state), networks.none(house.kernel), files)
while True:
    threading.Event().wait(min(jobs.turn(), 0.1))
"""


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.1, 0.2, 0.4])
def test_a_job_outlives_a_server_that_is_killed(
    settings: Settings, files: MemoryFiles, seconds: float
) -> None:
    text = "import time\nprint('begun', flush=True)\ntime.sleep(1)\nprint('done')\n"
    with opened(settings) as (house, aws):
        made = aws.client("iam").create_role(RoleName="jobs", AssumeRolePolicyDocument=TRUST)
        request = training_request("killed", made["Role"]["Arn"], **script(files, text))
        aws.client("sagemaker").create_training_job(**request)
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(settings.state), str(settings.runtimes)],
        stdin=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as server:
        assert server.stdin is not None
        server.stdin.write(text.encode())
        server.stdin.close()
        until(lambda: list((settings.state / "jobs").glob("*/ml")), bool)
        time.sleep(seconds)  # not to wait for anything: it chooses the instant of the death
        server.kill()
    with opened(settings) as (house, aws):
        turning = Turning(house, files)
        job = trained(aws.client("sagemaker"), "killed")
        turning.close()
        said = lines(aws, "/aws/sagemaker/TrainingJobs")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert [line for line in said if not line.startswith("Image")] == ["begun", "done"]
    assert len(turning.runner.ids()) == 1
    assert results(files) == {"s3://results/training/killed/output/model.tar.gz"}


@contextmanager
def opened(settings: Settings) -> Iterator[tuple[House, Aws]]:
    """A house for a while, and its clients."""
    house = open_house(settings, SystemClock())
    aws = Aws(house.api, settings.region, root_keys(house))
    try:
        yield house, aws
    finally:
        aws.close()
        house.close()


def test_a_processing_job_processes(
    turning: Turning, sagemaker: Any, role: str, files: MemoryFiles
) -> None:
    files.objects["s3://code/job/script.py"] = (
        b"import os, sys\n"
        b"out = '/opt/ml/processing/output/deep'\n"
        b"os.makedirs(out)\n"
        b"open(out + '/x', 'w').write(sys.argv[1] + os.environ['A'])\n"
        b"open('/opt/ml/output/message', 'w').write('all well')\n"
    )
    sagemaker.create_processing_job(
        **processing_request(
            "processes",
            role,
            AppSpecification={
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/script.py"],
                "ContainerArguments": ["arg-"],
            },
            Environment={"A": "b"},
            ProcessingInputs=[
                {
                    "InputName": "code",
                    "S3Input": {
                        "S3Uri": "s3://code/job/script.py",
                        "LocalPath": "/opt/ml/processing/input/code",
                        "S3DataType": "S3Prefix",
                        "S3InputMode": "File",
                    },
                }
            ],
            ProcessingOutputConfig={
                "Outputs": [
                    {
                        "OutputName": "result",
                        "S3Output": {
                            "S3Uri": "s3://results/processing/",
                            "LocalPath": "/opt/ml/processing/output",
                            "S3UploadMode": "EndOfJob",
                        },
                    }
                ]
            },
        )
    )
    job = until(
        lambda: sagemaker.describe_processing_job(ProcessingJobName="processes"),
        lambda job: job["ProcessingJobStatus"] in ("Completed", "Failed"),
    )
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["ExitMessage"] == "all well"
    assert job["ProcessingEndTime"] >= job["ProcessingStartTime"]
    assert files.objects["s3://results/processing/deep/x"] == b"arg-b"


def test_an_isolated_job_reaches_nothing(
    turning: Turning, sagemaker: Any, role: str, files: MemoryFiles, aws: Aws
) -> None:
    text = (
        "import os, socket\n"
        "print([name for name in os.environ if 'PROXY' in name or 'ENDPOINT' in name])\n"
        "print(os.path.exists('/run/freehold'))\n"
        "try:\n    socket.create_connection(('127.0.0.1', 9000), 1)\n"
        "except OSError as error:\n    print(type(error).__name__)\n"
    )
    sagemaker.create_training_job(
        **training_request("alone", role, **script(files, text), EnableNetworkIsolation=True)
    )
    job = trained(sagemaker, "alone")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert lines(aws, "/aws/sagemaker/TrainingJobs")[1:] == [
        "[]",
        "False",
        "ConnectionRefusedError",
    ]


def test_from_create_to_process_start_is_half_a_second(
    turning: Turning, sagemaker: Any, role: str, files: MemoryFiles
) -> None:
    waits = []
    for number in range(3):
        request = training_request(f"quick-{number}", role, **script(files, "print(1)"))
        sagemaker.create_training_job(**request)
        job = trained(sagemaker, f"quick-{number}")
        waits.append((job["TrainingStartTime"] - job["CreationTime"]).total_seconds())
    print("create to start", waits)
    assert min(waits) <= 0.5, waits

"""A job as the loop sees it: one shape for training and processing, read off the record.

Input: a record of either kind. Output: plain values; nothing here touches the world. Paths are
relative to the directory that the job sees as ``/opt/ml``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

from freehold.loops.jobs.data.files import Place, place
from freehold.store.records import Record

Document = dict[str, Any]
TRAINING = "sagemaker:training-job"
PROCESSING = "sagemaker:processing-job"
ROOT = PurePosixPath("/opt/ml")
HOST = "algo-1"
GROUP = "homogeneousCluster"
CHECKPOINTS_DEFAULT = "/opt/ml/checkpoints"


@dataclass(frozen=True, slots=True)
class Input:
    """What lands in ``path`` before the start. ``is_required``: nothing there is a fault."""

    name: str
    source: Place
    path: str
    is_gzip: bool = False
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Output:
    """What is read from ``path``: file by file, or as one archive if ``archive`` names it.

    ``is_continuous``: also while the job runs. ``is_always``: written though it be empty.
    ``on_failure``: also if the job failed.
    """

    path: str
    target: Place
    archive: str | None = None
    is_continuous: bool = False
    is_always: bool = False
    on_failure: bool = False


GIB = 1024**3
VOLUME_GIB_DEFAULT = 30  # where a client names none, as the SDK does


@dataclass(frozen=True, slots=True)
class Task:
    """One job, complete. ``files``: small files by path; ``argv`` None: the image's own.

    ``volume_bytes`` bounds what one output may hold: no volume could have held more.
    """

    id: str
    arn: str
    name: str
    kind: Literal["training-job", "processing-job"]
    group: str
    image: str
    role: str
    origin: str | None
    instance_type: str
    volume_bytes: int
    is_isolated: bool
    max_runtime_seconds: float
    argv: tuple[str, ...] | None
    arguments: tuple[str, ...]
    environment: dict[str, str]
    directories: tuple[str, ...]
    files: dict[str, str]
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    metrics: tuple[tuple[str, str], ...]

    @property
    def work(self) -> str:
        """The id under which the runner knows it."""
        return f"{self.kind}-{self.id}"


def read(record: Record, interface: str) -> Task:
    """The task of a job's record. ``interface``: what its network interface will be called."""
    return (
        _training(record, interface) if record.kind == TRAINING else _processing(record, interface)
    )


def inside(path: str) -> str:
    """``/opt/ml/x`` as ``x``."""
    return str(PurePosixPath(path).relative_to(ROOT))


def _training(record: Record, interface: str) -> Task:
    job = record.document
    algorithm, resources = job["AlgorithmSpecification"], job["ResourceConfig"]
    channels = job.get("InputDataConfig", ())
    entrypoint = algorithm.get("ContainerEntrypoint")
    return Task(
        id=record.uid,
        arn=record.arn,
        name=record.name,
        kind="training-job",
        group="/aws/sagemaker/TrainingJobs",
        image=algorithm["TrainingImage"],
        role=job["RoleArn"],
        origin=job.get("_Origin"),
        instance_type=resources["InstanceType"],
        volume_bytes=int(resources.get("VolumeSizeInGB") or VOLUME_GIB_DEFAULT) * GIB,
        is_isolated=bool(job.get("EnableNetworkIsolation")),
        max_runtime_seconds=float(job["StoppingCondition"]["MaxRuntimeInSeconds"]),
        argv=tuple(entrypoint) if entrypoint else None,
        arguments=tuple(algorithm.get("ContainerArguments", ())),
        environment=job.get("Environment", {})
        | {"TRAINING_JOB_NAME": record.name, "TRAINING_JOB_ARN": record.arn},
        directories=("input/config", "input/data", "code", "model", "output/data", "checkpoints"),
        files={
            "input/config/hyperparameters.json": json.dumps(job.get("HyperParameters", {})),
            "input/config/inputdataconfig.json": json.dumps(
                {channel["ChannelName"]: _channel_facts(job, channel) for channel in channels}
            ),
            "input/config/resourceconfig.json": resource_facts(
                resources["InstanceType"], interface
            ),
        },
        inputs=(*(_channel(channel) for channel in channels), *_checkpoints_in(job)),
        outputs=(*_artifacts(record), *_checkpoints_out(job)),
        metrics=tuple(
            (metric["Name"], metric["Regex"]) for metric in algorithm.get("MetricDefinitions", ())
        ),
    )


def _processing(record: Record, interface: str) -> Task:
    job = record.document
    specification = job["AppSpecification"]
    cluster = job["ProcessingResources"]["ClusterConfig"]
    outputs = job.get("ProcessingOutputConfig", {}).get("Outputs", ())
    entrypoint = specification.get("ContainerEntrypoint")
    config = {key: value for key, value in job.items() if not key.startswith("_")}
    return Task(
        id=record.uid,
        arn=record.arn,
        name=record.name,
        kind="processing-job",
        group="/aws/sagemaker/ProcessingJobs",
        image=specification["ImageUri"],
        role=job["RoleArn"],
        origin=job.get("_Origin"),
        instance_type=cluster["InstanceType"],
        volume_bytes=int(cluster.get("VolumeSizeInGB") or VOLUME_GIB_DEFAULT) * GIB,
        is_isolated=bool(job.get("NetworkConfig", {}).get("EnableNetworkIsolation")),
        max_runtime_seconds=float(job["StoppingCondition"]["MaxRuntimeInSeconds"]),
        argv=tuple(entrypoint) if entrypoint else None,
        arguments=tuple(specification.get("ContainerArguments", ())),
        environment=job.get("Environment", {})
        | {"PROCESSING_JOB_NAME": record.name, "PROCESSING_JOB_ARN": record.arn},
        directories=(
            "config",
            "output",
            "processing",
            *(inside(one["S3Output"]["LocalPath"]) for one in outputs if _is_ours(one)),
        ),
        files={
            "config/processingjobconfig.json": json.dumps(config),
            "config/resourceconfig.json": resource_facts(cluster["InstanceType"], interface),
        },
        inputs=tuple(
            Input(
                one["InputName"],
                place(one["S3Input"]["S3Uri"]),
                inside(one["S3Input"]["LocalPath"]),
                one["S3Input"].get("S3CompressionType") == "Gzip",
            )
            for one in job.get("ProcessingInputs", ())
            if _is_ours(one)
        ),
        outputs=tuple(_output(one["S3Output"]) for one in outputs if _is_ours(one)),
        metrics=(),
    )


def _is_ours(given: Document) -> bool:
    """Inputs and outputs that the job moves itself are left alone."""
    return not given.get("AppManaged")


def _output(given: Document) -> Output:
    is_continuous = given["S3UploadMode"] == "Continuous"
    return Output(
        inside(given["LocalPath"]),
        place(given["S3Uri"]),
        is_continuous=is_continuous,
        on_failure=is_continuous,
    )


def _channel(channel: Document) -> Input:
    return Input(
        channel["ChannelName"],
        place(channel["DataSource"]["S3DataSource"]["S3Uri"]),
        f"input/data/{channel['ChannelName']}",
        channel.get("CompressionType") == "Gzip",
    )


def _channel_facts(job: Document, channel: Document) -> Document:
    source = channel["DataSource"]["S3DataSource"]
    facts = {
        "TrainingInputMode": channel.get("InputMode")
        or job["AlgorithmSpecification"]["TrainingInputMode"],
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    for member in ("ContentType", "CompressionType"):
        if channel.get(member):
            facts[member] = channel[member]
    return facts


def _artifacts(record: Record) -> tuple[Output, ...]:
    job = record.document
    target = place(job["OutputDataConfig"]["S3OutputPath"]).below(record.name, "output")
    if job["OutputDataConfig"].get("CompressionType") == "NONE":
        return (
            Output("model", target.below("model")),
            Output("output/data", target.below("data")),
        )
    return (
        Output("model", target.below("model.tar.gz"), archive="model.tar.gz", is_always=True),
        Output("output/data", target.below("output.tar.gz"), archive="output.tar.gz"),
    )


def model_artifacts(record: Record) -> str:
    """The URI that DescribeTrainingJob gives of the model."""
    output = _artifacts(record)[0]
    return str(output.target) if output.archive else f"{output.target}/"


def _checkpoints_in(job: Document) -> tuple[Input, ...]:
    config = job.get("CheckpointConfig")
    if not config:
        return ()
    path = inside(config.get("LocalPath") or CHECKPOINTS_DEFAULT)
    return (Input("checkpoints", place(config["S3Uri"]).below(""), path, is_required=False),)


def _checkpoints_out(job: Document) -> tuple[Output, ...]:
    config = job.get("CheckpointConfig")
    if not config:
        return ()
    path = inside(config.get("LocalPath") or CHECKPOINTS_DEFAULT)
    return (Output(path, place(config["S3Uri"]), is_continuous=True, on_failure=True),)


def resource_facts(instance_type: str, interface: str) -> str:
    """The text of resourceconfig.json: one host, and the interface that leads out of it."""
    facts = {
        "current_host": HOST,
        "hosts": [HOST],
        "current_instance_type": instance_type,
        "current_group_name": GROUP,
        "instance_groups": [
            {"instance_group_name": GROUP, "instance_type": instance_type, "hosts": [HOST]}
        ],
        "network_interface_name": interface,
    }
    return json.dumps(facts)

"""Jobs without a cloud: a runtime that is this test's own Python, S3 in memory, requests."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from freehold.auth.principal import Principal
from freehold.base.errors import Denied
from freehold.host.runtimes import Runtime
from freehold.loops.jobs.data.files import Found, Place

IMAGE = "local://venv/tests"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def install_runtime(directory: Path) -> Runtime:
    """Make the image ``IMAGE`` known: it is the Python that runs the tests."""
    found = Runtime(
        name="tests",
        root=sys.prefix,
        prefix=sys.base_prefix,
        python=sys.executable,
        digest="0",
        entrypoint=("python", "-c", "print('the image itself')"),
        labels={"python": sys.version.split()[0]},
        versions={"scikit-learn": "1.5.2"},
    )
    place = directory / "tests"
    place.mkdir(parents=True)
    (place / "runtime.json").write_bytes(msgspec.json.encode(found))
    return found


def training_request(name: str, role: str, **members: Any) -> dict[str, Any]:
    """A request that is accepted."""
    algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": "File"}
    algorithm |= members.pop("AlgorithmSpecification", {})
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": algorithm,
        "RoleArn": role,
        "OutputDataConfig": {"S3OutputPath": "s3://results/training/"},
        "ResourceConfig": {
            "InstanceType": "ml.m5.large",
            "InstanceCount": 1,
            "VolumeSizeInGB": 5,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    } | members


def processing_request(name: str, role: str, **members: Any) -> dict[str, Any]:
    """A request that is accepted."""
    return {
        "ProcessingJobName": name,
        "AppSpecification": {"ImageUri": IMAGE} | members.pop("AppSpecification", {}),
        "RoleArn": role,
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 5,
            }
        },
    } | members


class MemoryFiles:
    """S3 in memory. ``denies``: places whose use is refused."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.denies: set[str] = set()
        self.roles: set[str | None] = set()

    def list(self, who: Principal, at: Place) -> Iterator[Found]:
        self._ask(who, at)
        for uri, data in sorted(self.objects.items()):
            if uri.startswith(str(at)):
                yield Found(uri.removeprefix(f"s3://{at.bucket}/"), len(data))

    def read(self, who: Principal, at: Place) -> Iterator[bytes]:
        self._ask(who, at)
        data = self.objects[str(at)]
        yield from (data[start : start + 1000] for start in range(0, len(data), 1000))

    @contextmanager
    def write(self, who: Principal, at: Place) -> Iterator[_Upload]:
        self._ask(who, at)
        upload = _Upload()
        yield upload
        self.objects[str(at)] = bytes(upload.data)

    def _ask(self, who: Principal, at: Place) -> None:
        self.roles.add(who.role_arn)
        if at.bucket in self.denies:
            raise Denied(f"User: {who.arn} is not authorized: {at.bucket}")


class _Upload:
    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> None:
        self.data += data

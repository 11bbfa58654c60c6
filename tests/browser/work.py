"""A domain's work, made as people make it: jobs that really ran, an experiment, a registry.

The fixture ``work`` of ``test_work.py`` makes it once; all names are told here.
"""

from __future__ import annotations

import io
import json
import time
from typing import Any

from tests.support.people import allow, policy
from tests.support.server import RunningServer, until

from freehold.host import runtimes

BUCKET = "finance-work"
TRAINED, FAILED, CHATTY, OUTSIDE = "forest-1", "prepare-1", "chatty-1", "outside-1"
EXPERIMENT, GROUP, MODEL, PIPELINE = "churn", "churn-models", "churn-live", "churn-weekly"
LINES = 100_000
NASTY = "<b onmouseover=alert(1)>bold</b>"
ENDED = ("Completed", "Failed", "Stopped")

TRAIN = """
import pathlib
for step in range(3):
    print(f"epoch {step} accuracy={0.7 + step / 10};")
pathlib.Path("/opt/ml/model/model.txt").write_text("trees")
"""
FAIL = "import sys; print('reading rows'); print('no column named price'); sys.exit(3)"
CHAT = f"""
for line in range({LINES}):
    print(f"line {{line}} of a long story, with enough words in it to be as wide as logs are")
"""
# What somebody needs who works in one domain and may not list domains (docs/operate/console.md).
SCIENTIST = [
    "sagemaker:Describe*",
    "sagemaker:ListUserProfiles",
    "sagemaker:ListSpaces",
    "sagemaker:ListApps",
    "sagemaker:ListTags",
    "sagemaker:List*Jobs",
    "sagemaker:CreateApp",
    "sagemaker:DeleteApp",
    "sagemaker:CreatePresignedDomainUrl",
    "tag:GetResources",
    "ce:GetCostAndUsage",
    "budgets:ViewBudget",
    "pricing:GetProducts",
]


def image() -> str | None:
    """The image of a runtime that this machine has."""
    for name in ("sklearn", "jupyterlab"):
        if runtimes.find(name) is not None:
            return f"local://venv/{name}"
    return None


class Work:
    """All of it. ``live`` starts a job that runs until it is stopped."""

    def __init__(self, server: RunningServer, role: str, domain: str) -> None:
        self.server, self.role, self.domain = server, role, domain
        self.sagemaker = server.client("sagemaker")
        place = self.sagemaker.describe_domain(DomainId=domain)["DomainArn"]
        self.profile_arn = place.replace(":domain/", ":user-profile/") + "/ana"
        self.tags = [
            {"Key": "sagemaker:domain-arn", "Value": place},
            {"Key": "sagemaker:user-profile-arn", "Value": self.profile_arn},
        ]

    def make(self) -> None:
        """Everything; the jobs run side by side."""
        s3 = self.server.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.upload_fileobj(io.BytesIO(b"price\n1\n"), BUCKET, "raw/rows.csv")
        self.train()
        self.process(FAILED, FAIL, self.tags)
        self.process(CHATTY, CHAT, self.tags)
        self.process(OUTSIDE, "print('alone')", [])
        self.experiment()
        self.registry()
        until(lambda: all(self.status(name) in ENDED for name in (FAILED, CHATTY, OUTSIDE)))
        until(
            lambda: (
                self.sagemaker.describe_training_job(TrainingJobName=TRAINED)["TrainingJobStatus"]
                in ENDED
            )
        )
        self.registered()

    def status(self, name: str) -> str:
        """Of a processing job."""
        job = self.sagemaker.describe_processing_job(ProcessingJobName=name)
        return str(job["ProcessingJobStatus"])

    def train(self) -> None:
        """A training job that measures something and makes a model."""
        self.sagemaker.create_training_job(
            TrainingJobName=TRAINED,
            AlgorithmSpecification={
                "TrainingImage": image(),
                "TrainingInputMode": "File",
                "ContainerEntrypoint": command(TRAIN),
                "MetricDefinitions": [{"Name": "accuracy", "Regex": "accuracy=(.*?);"}],
            },
            HyperParameters={"depth": "4", "note": NASTY},
            Environment={"SEED": "7"},
            RoleArn=self.role,
            InputDataConfig=[
                {
                    "ChannelName": "rows",
                    "DataSource": {
                        "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/raw/"}
                    },
                }
            ],
            OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/models/"},
            ResourceConfig={
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 5,
            },
            StoppingCondition={"MaxRuntimeInSeconds": 600},
            Tags=[*self.tags, {"Key": "team", "Value": "risk"}],
        )

    def process(self, name: str, script: str, tags: list[dict[str, str]]) -> None:
        """A processing job that runs a script of one line."""
        self.sagemaker.create_processing_job(
            ProcessingJobName=name,
            AppSpecification={
                "ImageUri": image(),
                "ContainerEntrypoint": command(script),
            },
            RoleArn=self.role,
            ProcessingResources={
                "ClusterConfig": {
                    "InstanceType": "ml.t3.medium",
                    "InstanceCount": 1,
                    "VolumeSizeInGB": 5,
                }
            },
            Tags=tags,
        )

    def experiment(self) -> None:
        """Three runs whose losses fall."""
        self.sagemaker.create_experiment(ExperimentName=EXPERIMENT, Tags=self.tags)
        self.sagemaker.create_trial(ExperimentName=EXPERIMENT, TrialName="nightly")
        measured = self.server.client("sagemaker-metrics")
        for number in range(3):
            name = f"run-{number}"
            self.sagemaker.create_trial_component(
                TrialComponentName=name,
                Status={"PrimaryStatus": "Completed"},
                StartTime=time.time() - 60,
                EndTime=time.time(),
                Parameters={
                    "depth": {"NumberValue": 2.0 + number},
                    "loss": {"StringValue": "log"},
                },
                OutputArtifacts={"model": {"Value": f"s3://{BUCKET}/runs/{number}.bin"}},
            )
            self.sagemaker.associate_trial_component(TrialComponentName=name, TrialName="nightly")
            for metric in ("loss", "accuracy"):
                measured.batch_put_metrics(
                    TrialComponentName=name,
                    MetricData=[
                        {
                            "MetricName": metric,
                            "Timestamp": int(time.time()),
                            "Step": step,
                            "Value": course(metric, number, step),
                        }
                        for step in range(10)
                    ],
                )

    def registry(self) -> None:
        """A group with a policy, a model, a pipeline."""
        group = self.sagemaker.create_model_package_group(
            ModelPackageGroupName=GROUP,
            ModelPackageGroupDescription="Who leaves, and when",
            Tags=self.tags,
        )["ModelPackageGroupArn"]
        root = {"AWS": self.role}
        self.sagemaker.put_model_package_group_policy(
            ModelPackageGroupName=GROUP,
            ResourcePolicy=policy(
                allow("sagemaker:DescribeModelPackageGroup", group, Principal=root)
            ),
        )
        self.sagemaker.create_model(
            ModelName=MODEL,
            PrimaryContainer={"Image": image(), "ModelDataUrl": f"s3://{BUCKET}/m.tar.gz"},
            ExecutionRoleArn=self.role,
            Tags=self.tags,
        )
        steps = [
            {"Name": "Prepare", "Type": "Processing", "Arguments": {}},
            {
                "Name": "Train",
                "Type": "Training",
                "Arguments": {"In": {"Get": "Steps.Prepare.ProcessingOutputConfig"}},
            },
        ]
        self.sagemaker.create_pipeline(
            PipelineName=PIPELINE,
            ClientRequestToken="x" * 32,
            RoleArn=self.role,
            PipelineDefinition=json.dumps({"Version": "2020-12-01", "Steps": steps}),
            Tags=self.tags,
        )

    def registered(self) -> None:
        """Two versions that wait, of the model that was trained."""
        job = self.sagemaker.describe_training_job(TrainingJobName=TRAINED)
        quality = {"ContentType": "application/json", "S3Uri": f"s3://{BUCKET}/quality.json"}
        for number in (1, 2):
            self.sagemaker.create_model_package(
                ModelPackageGroupName=GROUP,
                ModelPackageDescription=f"Of week {number}",
                ModelApprovalStatus="PendingManualApproval",
                InferenceSpecification={
                    "Containers": [
                        {
                            "Image": image(),
                            "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"],
                        }
                    ],
                    "SupportedContentTypes": ["text/csv"],
                    "SupportedResponseMIMETypes": ["text/csv"],
                },
                ModelMetrics={"ModelQuality": {"Statistics": quality}},
            )


def command(script: str) -> list[str]:
    """On one line, as the API has it."""
    return ["python", "-u", "-c", f"exec({script!r})"]


def course(metric: str, number: int, step: int) -> float:
    """A value of a run at a step: losses fall, accuracies rise."""
    if metric == "loss":
        return 1.0 / (1 + step * (1 + number / 2))
    return 1 - 0.5 / (1 + step + number)


def scientist(server: RunningServer, name: str) -> Any:
    """Keys of a user who may work in domains and not list them."""
    iam = server.client("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy(allow(SCIENTIST)))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]

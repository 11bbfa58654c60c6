"""Training jobs: what one is, and what of it we refuse; ``loops/jobs`` runs it.

Facts: jobs-and-sdk.md 3.1, 3.3, 4 and 7, domains.md 3.5.
"""

from __future__ import annotations

from freehold.base.errors import Invalid
from freehold.kernel import transitions
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document, dig
from freehold.kernel.declare.resource import Running
from freehold.kernel.declare.verbs import merge
from freehold.services.sagemaker.service import sagemaker
from freehold.services.sagemaker.work import jobs

NO_KEYS = "this server has no key service; leave it out"
ONE_INSTANCE = "a job runs on one instance"

REFUSED = jobs.Refused(
    {
        "AlgorithmSpecification.AlgorithmName": "give a TrainingImage instead",
        "AlgorithmSpecification.TrainingImageConfig.TrainingRepositoryAuthConfig": (
            "images are local runtimes and need no registry"
        ),
        "OutputDataConfig.KmsKeyId": NO_KEYS,
        "ResourceConfig.VolumeKmsKeyId": NO_KEYS,
        "ResourceConfig.KeepAlivePeriodInSeconds": (
            "there are no warm pools; leave it out or give 0"
        ),
        "ResourceConfig.InstanceGroups": ONE_INSTANCE,
        "ResourceConfig.InstancePlacementConfig": ONE_INSTANCE,
        "ResourceConfig.InstancePreferences": "give an InstanceType instead",
        "ResourceConfig.TrainingPlanArn": "there are no training plans",
        "StoppingCondition.MaxPendingTimeInSeconds": "it belongs to training plans",
        "DebugRuleConfigurations": "rules would not be evaluated",
        "ProfilerRuleConfigurations": "rules would not be evaluated",
        "TensorBoardOutputConfig": "write to /opt/ml/output/data or to S3 instead",
        "RemoteDebugConfig.EnableRemoteDebug": "there is no Session Manager",
        "SessionChainingConfig.EnableSessionTagChaining": "session tags are not handed on",
        "ServerlessJobConfig": "give a ResourceConfig instead",
        "MlflowConfig": "there is no MLflow tracking server",
        "ModelPackageConfig": "register the model when the job has completed",
        "InputDataConfig.DataSource.FileSystemDataSource": "use an S3DataSource",
        "InputDataConfig.DataSource.DatasetSource": "use an S3DataSource",
        "InputDataConfig.DataSource.S3DataSource.AttributeNames": "they belong to manifests",
        "InputDataConfig.DataSource.S3DataSource.InstanceGroupNames": ONE_INSTANCE,
        "InputDataConfig.DataSource.S3DataSource.HubAccessConfig": "there is no hub",
    }
)
UPDATE_REFUSED = jobs.Refused(
    {
        "ResourceConfig.KeepAlivePeriodInSeconds": "there are no warm pools",
        "ProfilerRuleConfigurations": "rules would not be evaluated",
        "RemoteDebugConfig.EnableRemoteDebug": "there is no Session Manager",
    }
)
# What a member may be where the model knows more than we do.
ONLY = {
    "AlgorithmSpecification.TrainingInputMode": ("File", "FastFile"),
    "AlgorithmSpecification.TrainingImageConfig.TrainingRepositoryAccessMode": ("Platform",),
    "InputDataConfig.InputMode": ("File", "FastFile"),
    "InputDataConfig.RecordWrapperType": ("None",),
    "InputDataConfig.DataSource.S3DataSource.S3DataType": ("S3Prefix",),
}

FILE_SYSTEM = "InputDataConfig.DataSource.FileSystemDataSource"

TRAINING_JOB = sagemaker.resource(
    "TrainingJob",
    arn="training-job/{TrainingJobName}",
    status="TrainingJobStatus",
    starts="InProgress",
    ends=jobs.ENDED,
    exists=(
        "Job name must be unique within an AWS account and region, and a training job with this "
        "name already exists ({arn})"
    ),
    not_found="Requested resource not found.",
    not_found_code="ValidationException",
    runs=Running(
        when=jobs.LIVE,
        component="Train",
        instance="ResourceConfig.InstanceType",
        count="ResourceConfig.InstanceCount",
        started="TrainingStartTime",
        ended="TrainingEndTime",
    ),
    moved_by=jobs.MOVER,
    passes=("RoleArn",),
    references=jobs.REFERENCES,
    keys={
        "sagemaker:InstanceTypes": "ResourceConfig.InstanceType",
        "sagemaker:VpcSubnets": "VpcConfig.Subnets",
        "sagemaker:VpcSecurityGroupIds": "VpcConfig.SecurityGroupIds",
        "sagemaker:NetworkIsolation": "EnableNetworkIsolation",
        "sagemaker:InterContainerTrafficEncryption": "EnableInterContainerTrafficEncryption",
        "sagemaker:MaxRuntimeInSeconds": jobs.number("StoppingCondition.MaxRuntimeInSeconds"),
        "sagemaker:OutputKmsKey": "OutputDataConfig.KmsKeyId",
        "sagemaker:VolumeKmsKey": "ResourceConfig.VolumeKmsKeyId",
        "sagemaker:OutputKmsKeyArn": "OutputDataConfig.KmsKeyId",
        "sagemaker:VolumeKmsKeyArn": "ResourceConfig.VolumeKmsKeyId",
        "sagemaker:KeepAlivePeriod": "ResourceConfig.KeepAlivePeriodInSeconds",
        "sagemaker:EnableRemoteDebug": "RemoteDebugConfig.EnableRemoteDebug",
        "sagemaker:FileSystemId": f"{FILE_SYSTEM}.FileSystemId",
        "sagemaker:FileSystemType": f"{FILE_SYSTEM}.FileSystemType",
        "sagemaker:FileSystemAccessMode": f"{FILE_SYSTEM}.FileSystemAccessMode",
        "sagemaker:FileSystemDirectoryPath": f"{FILE_SYSTEM}.DirectoryPath",
    },
)


@TRAINING_JOB.creates("CreateTrainingJob")
def create_training_job(call: Call, job: Document) -> None:
    """Refuse what we cannot do, fill in AWS's defaults, and leave the rest to the loop."""
    known = call.unit.find(call.resource_arn or "")
    if known is None:
        _check(call, job)
    job.setdefault("HyperParameters", {})
    job["OutputDataConfig"] = {"KmsKeyId": "", "CompressionType": "GZIP"} | job["OutputDataConfig"]
    stopping = job.setdefault("StoppingCondition", {})
    stopping.setdefault("MaxRuntimeInSeconds", jobs.MAX_RUNTIME_SECONDS_DEFAULT)
    for member in (
        "EnableNetworkIsolation",
        "EnableInterContainerTrafficEncryption",
        "EnableManagedSpotTraining",
    ):
        job.setdefault(member, False)
    transitions.begin(job, call.now)


def _check(call: Call, job: Document) -> None:
    REFUSED.check(job)
    for path, allowed in ONLY.items():
        for value in dig(job, path):
            if value not in allowed:
                raise Invalid(
                    f"{path} {value} is not supported: use {' or '.join(allowed)} instead."
                )
    resources = job.get("ResourceConfig", {})
    if not resources.get("InstanceType"):
        raise Invalid("ResourceConfig.InstanceType is required.")
    jobs.check_count("ResourceConfig.InstanceCount", resources.get("InstanceCount"))
    image = job["AlgorithmSpecification"].get("TrainingImage")
    if not image:
        raise Invalid("AlgorithmSpecification.TrainingImage is required.")
    for channel in job.get("InputDataConfig", ()):
        if "S3DataSource" not in channel["DataSource"]:
            raise Invalid(f"Channel {channel['ChannelName']} needs an S3DataSource.")
    jobs.distinct(dig(job, "InputDataConfig.ChannelName"), "Channel names")
    _check_waiting(job)
    local = job.get("CheckpointConfig", {}).get("LocalPath")
    if local and not jobs.is_below(local, jobs.ML):
        raise Invalid(f"CheckpointConfig.LocalPath {local} must lie below {jobs.ML}.")
    jobs.check_network(call, job.get("VpcConfig"))
    jobs.accept(call, job, image)


def _check_waiting(job: Document) -> None:
    """The rules of spot training (jobs-and-sdk.md 3.3)."""
    stopping = job.get("StoppingCondition", {})
    longest = stopping.get("MaxRuntimeInSeconds", jobs.MAX_RUNTIME_SECONDS_DEFAULT)
    waits = stopping.get("MaxWaitTimeInSeconds")
    if not job.get("EnableManagedSpotTraining"):
        if waits is not None:
            raise Invalid(
                "StoppingCondition.MaxWaitTimeInSeconds needs EnableManagedSpotTraining to be true."
            )
    elif waits is None or waits < longest:
        raise Invalid(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
            "MaxRuntimeInSeconds"
        )


TRAINING_JOB.describes("DescribeTrainingJob")
TRAINING_JOB.lists("ListTrainingJobs", descending=True)


@TRAINING_JOB.updates("StopTrainingJob")
def stop_training_job(call: Call, job: Record, _request: Document) -> None:
    """Ask for the end; the loop gives the job its time and keeps what it made."""
    jobs.stop(call, job, "training")


@TRAINING_JOB.updates("UpdateTrainingJob")
def update_training_job(_call: Call, job: Record, request: Document) -> None:
    """The profiler's settings, which are only kept; all else is refused by its name."""
    UPDATE_REFUSED.check(request)
    if job.status in jobs.ENDED:
        raise Invalid(f"Training job {job.name} has ended: it can no longer be updated.")
    merge(job.document, {"ProfilerConfig": request.get("ProfilerConfig", {})})


@TRAINING_JOB.deletes("DeleteTrainingJob")
def delete_training_job(_call: Call, job: Record) -> bool:
    """Gone at once, if it has ended; what it wrote to S3 and its log stay."""
    return jobs.remove(job, "training")

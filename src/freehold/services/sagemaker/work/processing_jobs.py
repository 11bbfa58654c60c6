"""Processing jobs: what one is, and what of it we refuse; ``loops/jobs`` runs it.

Facts: jobs-and-sdk.md 3.4, 4 and 7, domains.md 3.5.
"""

from __future__ import annotations

from freehold.base.errors import Invalid
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document, dig
from freehold.kernel.declare.resource import Running
from freehold.services.sagemaker.service import sagemaker
from freehold.services.sagemaker.work import jobs
from freehold.services.sagemaker.work.training_jobs import NO_KEYS

CLUSTER = "ProcessingResources.ClusterConfig"
ROOT = jobs.ML / "processing"
REFUSED = jobs.Refused(
    {
        "ProcessingInputs.DatasetDefinition": "use an S3Input",
        "ProcessingOutputConfig.KmsKeyId": NO_KEYS,
        "ProcessingOutputConfig.Outputs.FeatureStoreOutput": "there is no feature store",
        f"{CLUSTER}.VolumeKmsKeyId": NO_KEYS,
        f"{CLUSTER}.InstancePreferences": "give an InstanceType instead",
    }
)
ONLY = {
    "ProcessingInputs.S3Input.S3DataType": "S3Prefix",
    "ProcessingInputs.S3Input.S3InputMode": "File",
}

PROCESSING_JOB = sagemaker.resource(
    "ProcessingJob",
    arn="processing-job/{ProcessingJobName}",
    status="ProcessingJobStatus",
    starts="InProgress",
    ends=jobs.ENDED,
    exists=(
        "Job name must be unique within an AWS account and region, and a processing job with "
        "this name already exists ({arn})"
    ),
    not_found="Could not find requested job with name: {ProcessingJobName}",
    not_found_code="ValidationException",
    runs=Running(
        when=jobs.LIVE,
        component="Processing",
        instance=f"{CLUSTER}.InstanceType",
        count=f"{CLUSTER}.InstanceCount",
        started="ProcessingStartTime",
        ended="ProcessingEndTime",
    ),
    moved_by=jobs.MOVER,
    passes=("RoleArn",),
    references=jobs.REFERENCES,
    keys={
        "sagemaker:InstanceTypes": f"{CLUSTER}.InstanceType",
        "sagemaker:VpcSubnets": "NetworkConfig.VpcConfig.Subnets",
        "sagemaker:VpcSecurityGroupIds": "NetworkConfig.VpcConfig.SecurityGroupIds",
        "sagemaker:NetworkIsolation": "NetworkConfig.EnableNetworkIsolation",
        "sagemaker:InterContainerTrafficEncryption": (
            "NetworkConfig.EnableInterContainerTrafficEncryption"
        ),
        "sagemaker:MaxRuntimeInSeconds": jobs.number("StoppingCondition.MaxRuntimeInSeconds"),
        "sagemaker:OutputKmsKey": "ProcessingOutputConfig.KmsKeyId",
        "sagemaker:OutputKmsKeyArn": "ProcessingOutputConfig.KmsKeyId",
        "sagemaker:VolumeKmsKey": f"{CLUSTER}.VolumeKmsKeyId",
        "sagemaker:VolumeKmsKeyArn": f"{CLUSTER}.VolumeKmsKeyId",
    },
)


@PROCESSING_JOB.creates("CreateProcessingJob")
def create_processing_job(call: Call, job: Document) -> None:
    """Refuse what we cannot do, fill in AWS's defaults, and leave the rest to the loop."""
    if call.unit.find(call.resource_arn or "") is None:
        _check(call, job)
    stopping = job.setdefault("StoppingCondition", {})
    stopping.setdefault("MaxRuntimeInSeconds", jobs.MAX_RUNTIME_SECONDS_DEFAULT)


def _check(call: Call, job: Document) -> None:
    REFUSED.check(job)
    for path, allowed in ONLY.items():
        for value in dig(job, path):
            if value != allowed:
                raise Invalid(f"{path} {value} is not supported: use {allowed} instead.")
    cluster = job["ProcessingResources"]["ClusterConfig"]
    if not cluster.get("InstanceType"):
        raise Invalid(f"{CLUSTER}.InstanceType is required.")
    jobs.check_count(f"{CLUSTER}.InstanceCount", cluster.get("InstanceCount"))
    inputs = job.get("ProcessingInputs", ())
    outputs = job.get("ProcessingOutputConfig", {}).get("Outputs", ())
    jobs.distinct((one["InputName"] for one in inputs), "Input names")
    jobs.distinct((one["OutputName"] for one in outputs), "Output names")
    for kind, name, member, given in (
        *(("Input", one["InputName"], "S3Input", one) for one in inputs),
        *(("Output", one["OutputName"], "S3Output", one) for one in outputs),
    ):
        _check_place(kind, name, member, given)
    jobs.check_network(call, job.get("NetworkConfig", {}).get("VpcConfig"))
    jobs.accept(call, job, job["AppSpecification"]["ImageUri"])


def _check_place(kind: str, name: str, member: str, given: Document) -> None:
    """Inputs and outputs lie below /opt/ml/processing, but for those that the job moves itself."""
    if given.get("AppManaged"):
        return
    if member not in given:
        raise Invalid(f"{kind} {name} needs an {member}.")
    path = given[member].get("LocalPath") or ""
    if not jobs.is_below(path, ROOT):
        raise Invalid(
            f"{kind} {name}: LocalPath [{path}] must be an absolute path that begins with {ROOT}."
        )


PROCESSING_JOB.describes("DescribeProcessingJob")
PROCESSING_JOB.lists("ListProcessingJobs", descending=True)


@PROCESSING_JOB.updates("StopProcessingJob")
def stop_processing_job(call: Call, job: Record, _request: Document) -> None:
    """Ask for the end; the loop gives the job its time."""
    jobs.stop(call, job, "processing")


@PROCESSING_JOB.deletes("DeleteProcessingJob")
def delete_processing_job(_call: Call, job: Record) -> bool:
    """Gone at once, if it has ended; what it wrote to S3 and its log stay."""
    return jobs.remove(job, "processing")

"""Price dimensions: how a thing that runs is spelled on a bill.

Input: a component's key (``JupyterLab``, ``Train``, ``VolumeUsage.gp3`` ...), an instance type
and a region. Output: usage type, unit, operation and service as AWS prints them.
Source: reference costs, section 2 (price dimensions).
"""

from __future__ import annotations

from typing import NamedTuple

SAGEMAKER = "Amazon SageMaker"
EFS = "Amazon Elastic File System"
S3 = "Amazon Simple Storage Service"

SERVICE_CODES = {SAGEMAKER: "AmazonSageMaker", EFS: "AmazonEFS", S3: "AmazonS3"}

HOURS = "Hrs"
GB_MONTHS = "GB-Mo"

# eu-west-1 is written EU on real bills; the others are the first letters and a digit.
REGION_PREFIXES = {
    "af-south-1": "AFS1",
    "ap-east-1": "APE1",
    "ap-northeast-1": "APN1",
    "ap-northeast-2": "APN2",
    "ap-northeast-3": "APN3",
    "ap-south-1": "APS3",
    "ap-south-2": "APS5",
    "ap-southeast-1": "APS1",
    "ap-southeast-2": "APS2",
    "ap-southeast-3": "APS4",
    "ap-southeast-4": "APS6",
    "ap-southeast-5": "APS7",
    "ca-central-1": "CAN1",
    "ca-west-1": "CAN2",
    "cn-north-1": "CNN1",
    "cn-northwest-1": "CNW1",
    "eu-central-1": "EUC1",
    "eu-central-2": "EUC2",
    "eu-north-1": "EUN1",
    "eu-south-1": "EUS1",
    "eu-south-2": "EUS2",
    "eu-west-1": "EU",
    "eu-west-2": "EUW2",
    "eu-west-3": "EUW3",
    "il-central-1": "ILC1",
    "me-central-1": "MEC1",
    "me-south-1": "MES1",
    "mx-central-1": "MXC1",
    "sa-east-1": "SAE1",
    "us-east-1": "USE1",
    "us-east-2": "USE2",
    "us-gov-east-1": "UGE1",
    "us-gov-west-1": "UGW1",
    "us-west-1": "USW1",
    "us-west-2": "USW2",
}


class Component(NamedTuple):
    """One billable part. ``pattern`` is the usage type behind the region prefix.

    ``{}`` in the pattern stands for the instance type; a pattern without it is storage.
    """

    service: str
    pattern: str
    unit: str
    operation: str

    @property
    def is_storage(self) -> bool:
        """True where bytes are billed, false where instances are."""
        return self.unit == GB_MONTHS


def _studio(app_type: str) -> Component:
    return Component(SAGEMAKER, f"Studio:{app_type}-{{}}", HOURS, "RunInstance")


def _instances(code: str) -> Component:
    return Component(SAGEMAKER, f"{code}:{{}}", HOURS, "RunInstance")


COMPONENTS = {
    "Train": _instances("Train"),
    "Processing": _instances("Processing"),
    "Tsform": _instances("Tsform"),
    "Host": _instances("Host"),
    "Notebk": _instances("Notebk"),
    "VolumeUsage.gp3": Component(SAGEMAKER, "Studio:VolumeUsage.gp3", GB_MONTHS, "VolumeUsage"),
    "FileSystem": Component(EFS, "TimedStorage-ByteHrs", GB_MONTHS, "Storage"),
    "ObjectStorage": Component(S3, "TimedStorage-ByteHrs", GB_MONTHS, "StandardStorage"),
}


def component_key(name: str) -> str:
    """The key of a component that may be spelled as on the bill (``Studio:JupyterLab``)."""
    return name.removeprefix("Studio:")


def component(key: str) -> Component:
    """The component named ``key``; any other name is a Studio app type (``JupyterLab`` ...)."""
    return COMPONENTS.get(key) or _studio(key)


def region_prefix(region: str) -> str:
    """The short code of ``region``; a region that we do not know gets one of the same make."""
    if known := REGION_PREFIXES.get(region):
        return known
    parts = region.split("-")
    if len(parts) < 3:
        return region.upper()
    return f"{parts[0]}{parts[1][0]}{parts[-1]}".upper()


def usage_type(key: str, instance_type: str, region: str) -> str:
    """``USE1-Train:ml.m5.xlarge``, ``USE1-Studio:JupyterLab-ml.t3.medium``."""
    return f"{region_prefix(region)}-{component(key).pattern.format(instance_type)}"


def instance_type_of(usage_type: str) -> str:
    """The instance type inside a usage type, from the first ``ml.`` on; empty for storage."""
    at = usage_type.find("ml.")
    return usage_type[at:] if at >= 0 else ""


def instance_family(instance_type: str) -> str:
    """``m5`` of ``ml.m5.xlarge``; empty if there is none."""
    parts = instance_type.split(".")
    return parts[1] if len(parts) == 3 else ""

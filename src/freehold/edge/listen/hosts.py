"""Which of AWS's host names we answer for, decided from the name alone.

Input: the region, and who knows our buckets. Output: the predicate that ``forward.py`` asks before
it ends TLS. Whatever is not named here is somebody else's and is passed through untouched.
Source of the names: botocore's endpoint rules, dual-stack names included.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

SUFFIX = "amazonaws.com"

REGIONAL = (
    "api.sagemaker",
    "runtime.sagemaker",
    "metrics.sagemaker",
    "sts",
    "ec2",
    "elasticfilesystem",
    "logs",
    "monitoring",
    "tagging",
    "cloudtrail",
    "access-analyzer",
    "api.pricing",
    "ssm",
)
"""Endpoint prefixes of the services that answer in each region."""

GLOBAL = ("sts", "iam", "budgets", "ce.us-east-1")
"""Endpoint prefixes of the services that have one address for all regions."""

STUDIO = (".sagemaker.aws", ".app.aws")

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")
_TELEMETRY = re.compile(r"sm-pysdk-t-[a-z0-9-]+\.s3\.[a-z0-9-]+\.amazonaws\.com\Z")


def served(
    region: str,
    holds_bucket: Callable[[str], bool],
    *,
    regional: Iterable[str] = REGIONAL,
    everywhere: Iterable[str] = GLOBAL,
) -> Callable[[str], bool]:
    """Make the predicate ``serves(host)`` for one region; ``host`` is lower case, without port.

    Args:
        region: The only region that we serve.
        holds_bucket: Whether we have a bucket of that name. Asked for virtual-host names only.
        regional: Endpoint prefixes that are followed by the region.
        everywhere: Endpoint prefixes that are not.
    """
    names = {f"{prefix}.{region}.{SUFFIX}" for prefix in regional}
    names |= {f"{prefix}.{region}.api.aws" for prefix in regional}
    names |= {f"{prefix}.{SUFFIX}" for prefix in everywhere}
    names |= {f"{prefix}.api.aws" for prefix in everywhere}
    stores = [f"s3.{region}.{SUFFIX}", f"s3.dualstack.{region}.{SUFFIX}"]
    if region == "us-east-1":  # botocore's legacy name for it, still its default there
        stores.append(f"s3.{SUFFIX}")
    names |= set(stores)
    behind = tuple("." + store for store in stores)

    def serves(host: str) -> bool:
        if host in names or host.endswith(STUDIO):
            return True
        for suffix in behind:
            if host.endswith(suffix):
                bucket = host[: -len(suffix)]
                return bool(_BUCKET.match(bucket)) and holds_bucket(bucket)
        return False

    return serves


def is_telemetry(host: str) -> bool:
    """Whether the SageMaker SDK sends its telemetry there, in whatever region."""
    return bool(_TELEMETRY.match(host))

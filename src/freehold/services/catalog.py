"""Every service that we serve: one line each; and what every account has from its first day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from freehold.kernel.declare.service import Service
from freehold.services import (
    access_analyzer,
    budgets,
    ce,
    cloudtrail,
    cloudwatch,
    ec2,
    efs,
    iam,
    logs,
    pricing,
    s3,
    sagemaker,
    sagemaker_metrics,
    ssm,
    sts,
    tagging,
)

SERVICES: tuple[Service, ...] = (
    access_analyzer.access_analyzer,
    budgets.service,
    ce.ce,
    cloudtrail.cloudtrail,
    cloudwatch.cloudwatch,
    ec2.ec2,
    efs.efs,
    iam.iam,
    logs.logs,
    pricing.pricing,
    s3.s3,
    sagemaker.sagemaker,
    sagemaker_metrics.sagemaker_metrics,
    ssm.ssm,
    sts.sts,
    tagging.resource_tagging,
)

# Called with (unit, settings, now) inside the first transaction of each start.
SEEDS: tuple[Callable[[Any, Any, float], None], ...] = (
    access_analyzer.seed,
    ce.seed,
    ec2.seed,
    iam.seed,
)

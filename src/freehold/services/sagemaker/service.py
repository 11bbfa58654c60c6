"""The service object that every noun of SageMaker declares itself on."""

from __future__ import annotations

from freehold.kernel.declare.service import Service

sagemaker = Service("sagemaker")

"""SageMaker: domains and what is made inside them. Each noun declares itself in its own file."""

from freehold.services.sagemaker import (
    apps,
    domains,
    experiments,
    model_groups,
    model_packages,
    models,
    pipelines,
    presigned,
    processing_jobs,
    profiles,
    search,
    spaces,
    tags,
    training_jobs,
    trial_components,
    trials,
)
from freehold.services.sagemaker.service import sagemaker

__all__ = [
    "apps",
    "domains",
    "experiments",
    "model_groups",
    "model_packages",
    "models",
    "pipelines",
    "presigned",
    "processing_jobs",
    "profiles",
    "sagemaker",
    "search",
    "spaces",
    "tags",
    "training_jobs",
    "trial_components",
    "trials",
]

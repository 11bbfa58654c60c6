"""SageMaker: domains and what is made inside them. Each noun declares itself in its own file."""

from freehold.services.sagemaker import search, tags
from freehold.services.sagemaker.images import aliases, app_image_configs, images, versions
from freehold.services.sagemaker.registry import (
    group_policies,
    model_groups,
    model_packages,
    models,
    pipelines,
)
from freehold.services.sagemaker.service import sagemaker
from freehold.services.sagemaker.studio import (
    apps,
    code_repositories,
    domains,
    lifecycle_configs,
    presigned,
    profiles,
    spaces,
)
from freehold.services.sagemaker.tracking import experiments, trial_components, trials
from freehold.services.sagemaker.work import processing_jobs, training_jobs

__all__ = [
    "aliases",
    "app_image_configs",
    "apps",
    "code_repositories",
    "domains",
    "experiments",
    "group_policies",
    "images",
    "lifecycle_configs",
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
    "versions",
]

"""SageMaker: domains and what is made inside them. Each noun declares itself in its own file."""

from freehold.services.sagemaker import (
    domains,
    experiments,
    profiles,
    search,
    spaces,
    tags,
)
from freehold.services.sagemaker.service import sagemaker

__all__ = ["domains", "experiments", "profiles", "sagemaker", "search", "spaces", "tags"]

"""Every service that we serve: one line each; and what every account has from its first day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from freehold.kernel.service import Service
from freehold.services.sagemaker import sagemaker
from freehold.services.tagging import resource_tagging

SERVICES: tuple[Service, ...] = (sagemaker, resource_tagging)

# Called with (unit, settings, now) inside the first transaction of each start.
SEEDS: tuple[Callable[[Any, Any, float], None], ...] = ()

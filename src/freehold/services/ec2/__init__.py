"""EC2, as far as SageMaker's callers look at it: the default network, described.

``ec2`` is the service for the catalogue, ``seed`` makes the network at first start. Nothing is
created or changed by calls yet.
"""

from __future__ import annotations

from freehold.services.ec2 import networks, places, security_groups
from freehold.services.ec2.entities import ec2, seed

__all__ = ["ec2", "networks", "places", "security_groups", "seed"]

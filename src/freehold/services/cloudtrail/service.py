"""The service CloudTrail, which its operations join."""

from __future__ import annotations

from freehold.kernel.declare.service import Service

cloudtrail = Service("cloudtrail")

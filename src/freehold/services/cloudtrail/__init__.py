"""CloudTrail: who did what, from the audit log. Event history only; there are no trails."""

from freehold.services.cloudtrail import lookup, trails
from freehold.services.cloudtrail.service import cloudtrail

__all__ = ["cloudtrail", "lookup", "trails"]

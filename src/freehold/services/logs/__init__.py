"""CloudWatch Logs: what apps and jobs said, in groups and streams, and what clients put there."""

from freehold.services.logs import events, groups, streams
from freehold.services.logs.service import logs

__all__ = ["events", "groups", "logs", "streams"]

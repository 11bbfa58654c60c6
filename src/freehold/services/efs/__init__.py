"""EFS: file systems of domains and of one's own, where they can be mounted, and their tags."""

from freehold.services.efs import access_points, file_systems, mount_targets, tags
from freehold.services.efs.service import FILE_SYSTEM, efs

__all__ = ["FILE_SYSTEM", "access_points", "efs", "file_systems", "mount_targets", "tags"]

"""Files of domains as they are used and ended: homes of apps, volumes that go, volumes too full."""

from freehold.loops.files.home import Files, files_of
from freehold.loops.files.loop import Volumes

__all__ = ["Files", "Volumes", "files_of"]

"""What lies in volumes of spaces, for tests: images are mounted for the reader alone."""

from __future__ import annotations

import os
from pathlib import Path

from freehold.host import volumes
from freehold.host.volumes import trees


def kept_in_spaces(state: Path, name: str) -> list[bytes]:
    """The content of every file of this name at the top of a space's volume."""
    found = []
    for number in volumes.spaces(state):
        volume = volumes.find_space(state, number)
        assert volume is not None
        with trees.opened(volume) as top:
            if name in os.listdir(top):
                descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=top)
                with os.fdopen(descriptor, "rb") as file:
                    found.append(file.read())
    return found

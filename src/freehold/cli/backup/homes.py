"""Where the files of a profile or space lie on disk, to be saved; and where they go back to.

Input: the state directory, a file system's id and a home's number. A space's home is in its
domain's file system, or a volume of its own: a directory, or an image (docs/operate/files.md).
What is brought back goes to the domain's file system: a space's first app makes it the volume.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from freehold.host import volumes
from freehold.host.archives import mounted

SPACES = "spaces"
IN_IMAGE = "home"  # the directory in a space's image that is its home


@contextlib.contextmanager
def source(state: Path, file_system: str | None, number: str) -> Iterator[Path | None]:
    """The directory with a home's files; None if nothing was ever put there.

    Raises:
        Conflict: Its image cannot be mounted.
    """
    own = state / "volumes" / SPACES / number
    if (own / "image").is_file():
        with mounted.image(own / "image") as top:
            yield top / IN_IMAGE
        return
    places = [own / "home"]
    if file_system:
        places.append(volumes.volume_path(state, file_system) / number)
    yield next((one for one in places if one.is_dir() and not one.is_symlink()), None)


def target(state: Path, file_system: str | None, number: int, owner: int) -> Path:
    """An empty home to be filled, made if it is not there: mode 0700, its owner's."""
    if file_system:
        return volumes.make_home(state, file_system, number, owner)
    home = state / "volumes" / SPACES / str(number) / "home"
    home.parent.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    home.parent.mkdir(exist_ok=True, mode=0o700)
    home.mkdir(exist_ok=True, mode=0o700)
    if os.geteuid() == 0:
        os.chown(home, owner, owner, follow_symlinks=False)
    return home


def strangers(state: Path, file_system: str, known: frozenset[str]) -> list[str]:
    """Names in a file system that are nobody's home: of people who are gone, or loose files."""
    try:
        found = os.listdir(volumes.volume_path(state, file_system))
    except FileNotFoundError:
        return []
    return sorted(set(found) - known)

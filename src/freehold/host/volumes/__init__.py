"""Files of domains: where they lie, how much they are, how they are read, kept and removed.

What lies in homes was made by people who may be hostile: nothing here follows a link, no depth
of directories exhausts us, and every scan has a bound.
"""

from freehold.host.volumes.measuring import Usage, space_usage, usage
from freehold.host.volumes.places import (
    SpaceVolume,
    find_space,
    give,
    homes,
    make_home,
    make_shared,
    make_space,
    make_volume,
    space_path,
    spaces,
    volume_path,
    volumes,
)
from freehold.host.volumes.reading import regular_files
from freehold.host.volumes.removal import remove, remove_space, remove_volume, sweep

__all__ = [
    "SpaceVolume",
    "Usage",
    "find_space",
    "give",
    "homes",
    "make_home",
    "make_shared",
    "make_space",
    "make_volume",
    "regular_files",
    "remove",
    "remove_space",
    "remove_volume",
    "space_path",
    "space_usage",
    "spaces",
    "sweep",
    "usage",
    "volume_path",
    "volumes",
]

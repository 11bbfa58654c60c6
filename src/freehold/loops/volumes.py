"""Ends file systems: a domain that was deleted with its volume leaves a record that is deleting.

The directory goes first, the record second: a crash between the two finds the record again.
"""

from __future__ import annotations

from freehold.host import volumes
from freehold.kernel.dispatch import Kernel
from freehold.kernel.records import Writing
from freehold.store import records

FILE_SYSTEM = "elasticfilesystem:file-system"
AT_ONCE = 10


class Volumes:
    """The loop."""

    name = "volumes"
    kinds = frozenset({FILE_SYSTEM})

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def turn(self) -> float:
        """Remove what is due, oldest first."""
        kernel = self._kernel
        volumes.sweep(kernel.settings.state)
        connection = kernel.own_unit().connection
        due = records.due(connection, self.name, kernel.clock.now(), AT_ONCE)
        for volume in due:
            volumes.remove_volume(kernel.settings.state, volume.name)
            Writing.run(
                kernel,
                volume,
                lambda known: known.status == "deleting",
                lambda writing: writing.remove(),
            )
        return 0.0 if len(due) == AT_ONCE else 3600.0

    def close(self) -> None:
        """Nothing is held."""

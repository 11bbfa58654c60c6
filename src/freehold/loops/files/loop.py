"""Ends files whose owners ended, gives spaces of old their volumes, and watches for the too full.

Input: records that are deleting, and what is counted. A file system that goes with its domain, and
a space's volume, leave a record that is deleting: the directory goes first, the record second, so
that a crash between the two finds the record again.
"""

from __future__ import annotations

from freehold.base import log
from freehold.base.errors import Fault
from freehold.host import volumes
from freehold.kernel.call import Page, Record
from freehold.kernel.dispatch import Kernel
from freehold.kernel.records import Writing
from freehold.kernel.studio import storage
from freehold.loops.files import full
from freehold.loops.files.home import domain_arn, former_home, make
from freehold.runners.runner import Runner
from freehold.store import records

AT_ONCE = 10
REST_SECONDS = 10.0


class Volumes:
    """The loop. ``runner`` None: nothing that runs is stopped."""

    name = "volumes"
    kinds = frozenset({storage.FILE_SYSTEM, storage.SPACE})

    def __init__(self, kernel: Kernel, runner: Runner | None = None) -> None:
        self._kernel = kernel
        self._runner = runner
        self._has_begun = False

    def turn(self) -> float:
        """Remove what is due, oldest first."""
        kernel = self._kernel
        if not self._has_begun:
            volumes.sweep(kernel.settings.state)
            adopt_homes(kernel)
            self._has_begun = True
        due = records.due(kernel.own_unit().connection, self.name, kernel.clock.now(), AT_ONCE)
        for record in due:
            self._remove(record)
        if self._runner is not None:
            full.stop(kernel, self._runner)
        return 0.0 if len(due) == AT_ONCE else REST_SECONDS

    def _remove(self, record: Record) -> None:
        if (record.status or "").lower() != "deleting":  # whoever says that it is due is wrong
            return
        state = self._kernel.settings.state
        try:
            if record.kind == storage.SPACE:
                volumes.remove_space(state, int(record.document["HomeEfsFileSystemUid"]))
            else:
                volumes.remove_volume(state, record.name)
        except Fault as fault:  # hidden already; what is left is swept at the next start
            log.event("volume.not_removed", level=40, arn=record.arn, reason=fault)
        Writing.run(
            self._kernel,
            record,
            lambda known: (known.status or "").lower() == "deleting",
            lambda writing: writing.remove(),
        )

    def close(self) -> None:
        """Nothing is held."""


def adopt_homes(kernel: Kernel) -> None:
    """Homes of spaces from before spaces had volumes become their volumes, as they are.

    An app that still runs in one goes on in it: its sandbox has the directory, not the path.
    """
    unit = kernel.own_unit()
    for space in unit.records(Page(storage.SPACE, limit=storage.RECORDS_MAX)):
        if space.document.get(storage.VOLUME) or not storage.has_own_volume(space.document):
            continue
        domain = unit.find(domain_arn(space.arn, space.scope))
        if domain is None:
            continue
        home = former_home(kernel, domain, int(space.document["HomeEfsFileSystemUid"]))
        if home is None or not home.is_dir():
            continue
        try:
            made = make(kernel, domain, space)
        except OSError as error:
            made = str(error)
        if isinstance(made, str):
            log.event("space.not_adopted", level=40, space=space.arn, reason=made)

"""Spaces whose volume is a directory and holds too much: what runs in them is stopped.

Where the host holds sizes itself (images) there is nothing to do here. Else: an app may go over its
volume's size by a margin while it runs, since what it has open should not be lost for a few
bytes; beyond the margin it is told to end, and no app starts there before the volume fits again.
"""

from __future__ import annotations

from freehold.base import log
from freehold.host import volumes
from freehold.kernel.call import Page, Record
from freehold.kernel.dispatch import Kernel
from freehold.kernel.studio import storage
from freehold.runners.runner import Runner

MARGIN_PARTS = 10  # a tenth of the size
STOP_SECONDS = 20.0
COUNT_SECONDS_MAX = 10.0
APP = "sagemaker:app"


def stop(kernel: Kernel, runner: Runner) -> None:
    """Tell the apps of spaces that hold too much to end; the apps' loop then says why."""
    unit = kernel.own_unit()
    over = {
        number: count for number, count in kernel.stored.spaces.items() if count.bytes > storage.GIB
    }
    if not over:
        return
    for space in unit.records(Page(storage.SPACE, limit=storage.RECORDS_MAX)):
        number = int(space.document["HomeEfsFileSystemUid"])
        size = storage.provisioned_gigabytes(space.document) * storage.GIB
        most = size + size // MARGIN_PARTS
        if number not in over or not size or over[number].bytes <= most:
            continue
        found = volumes.find_space(kernel.settings.state, number)
        if found is None or found.image is not None:
            continue
        counted = volumes.usage(found.home, seconds_max=COUNT_SECONDS_MAX)
        if counted.bytes <= most:
            continue  # what was counted last is no longer true
        _stop_apps(kernel, runner, space, counted.bytes, size)


def _stop_apps(kernel: Kernel, runner: Runner, space: Record, held: int, size: int) -> None:
    for app in kernel.own_unit().records(Page(APP, scope=space.scope, limit=storage.RECORDS_MAX)):
        run = app.document.get("_Run")
        if app.document.get("SpaceName") != space.name or run is None:
            continue
        if runner.look(run).state in ("starting", "running"):
            log.event("space.too_full", level=30, space=space.arn, bytes=held, size=size)
            runner.stop(run, STOP_SECONDS)

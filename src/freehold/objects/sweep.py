"""Removing bytes that no row names: left by a crash between bytes and index, or half written.

Run by a loop now and then; ``known`` reads the index, ``older_than`` comes from the loop's
clock. Safe beside writers: what is in use here is passed over, and what is young always is,
since between a writer's end and the commit of its row lie seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from freehold.objects.blobs import FANS, BlobStore, Stored

AGE_SECONDS = 24 * 3600.0  # far above the longest upload of one part and its commit

Known = Callable[[str], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Swept:
    """What one slice removed, and how many it let be."""

    removed: int
    removed_bytes: int
    kept: int


def sweep(store: BlobStore, known: Known, older_than: float) -> Iterator[Swept]:
    """Walk the whole store in 256 slices; do the next slice at each ``next``.

    Args:
        store: Where the bytes lie.
        known: Answers the ids of the index that begin with a given text, such as ``b-3f``,
            from one snapshot. It is asked after the slice was listed, never before: a row
            that appears meanwhile is then seen.
        older_than: Epoch seconds; what was written since is passed over. Pass the clock's
            now less :data:`AGE_SECONDS`.

    Yields:
        One :class:`Swept` a slice.
    """
    for fan in FANS:
        yield _sweep_fan(store, known, older_than, fan)


def _sweep_fan(store: BlobStore, known: Known, older_than: float, fan: str) -> Swept:
    seen = list(store.stored(fan))
    old = [one for one in seen if one.modified < older_than and not store.is_held(one.id)]
    wanted = set(known(f"b-{fan}")) if old else set()
    orphans = [one for one in old if _is_unfinished(one) or one.id not in wanted]
    for one in orphans:
        if _is_unfinished(one):
            store.remove_unfinished(one)
        else:
            store.remove((one.id,))
    return Swept(len(orphans), sum(one.size for one in orphans), len(seen) - len(orphans))


def _is_unfinished(stored: Stored) -> bool:
    return stored.name != stored.id

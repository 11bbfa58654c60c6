"""The word ``backup``: a whole install to one file; and its way back, for ``whole_back.py``.

Both work on the state directory, beside a running server or without one; uids stay what they are.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from freehold import __version__
from freehold.base.errors import Conflict, Invalid
from freehold.base.settings import state_directory
from freehold.cli.access.printing import show
from freehold.cli.backup import homes, records, saving, snapshot
from freehold.cli.backup.telling import so_far, told_left
from freehold.cli.domains.overview import Progress
from freehold.cli.domains.wording import count, size
from freehold.host import uids, volumes
from freehold.host.archives import checking, mounted, squeeze
from freehold.host.archives.checking import Summary
from freehold.host.archives.members import Member
from freehold.host.archives.placing import Placer
from freehold.host.archives.writing import ArchiveWriter
from freehold.store.database import SCHEMA_VERSION

FORMAT = "freehold-state"
VERSION = 1
TREE = "state"
VOLUMES = "volumes"
PASSED = 0o755  # its directories are; the state above it is nobody else's


def add_to(words: Any) -> None:
    """Declare the word ``backup``."""
    word: argparse.ArgumentParser = words.add_parser(
        "backup",
        help="the whole install to one file, while it runs",
        description="Write a whole state directory to one archive with checksums, while its "
        "server runs. Exits 1 if something with contents could not be kept.",
    )
    word.add_argument("--to", type=Path, required=True, metavar="FILE.tar.zst|FILE.tar.gz")
    word.add_argument("--state", type=Path, help="directory of the install")
    word.set_defaults(run=run_backup)


def run_backup(chosen: argparse.Namespace) -> int:
    """Save and say what was saved."""
    try:
        squeeze.require_ending(chosen.to)
    except Invalid as fault:
        print(f"freehold backup: {fault.message}", file=sys.stderr)
        return 2
    state = (chosen.state or state_directory()).absolute()
    progress = Progress()
    try:
        archive, digest = save(state, chosen.to.absolute(), progress)
    finally:
        progress.end()
    show(told_left(archive.left, archive.lost, archive.changed))
    print(f"{chosen.to}: {count(archive.members, 'member')}, {size(archive.bytes)}")
    print(f"SHA-256 {digest}")
    return 1 if archive.lost else 0


def save(state: Path, to: Path, progress: Progress) -> tuple[ArchiveWriter, str]:
    """Write the archive; what was written, and its SHA-256.

    Raises:
        NotFound: There is no install.
        Conflict: The file exists, or another backup runs.
        Denied: The state is another user's.
    """
    with (
        ArchiveWriter(to, lambda *told: progress.tell(so_far(*told))) as archive,
        snapshot.taken(state, to) as found,
    ):
        saving.require_files(state)
        about = {
            "format": FORMAT,
            "version": VERSION,
            "freehold": __version__,
            "schema": SCHEMA_VERSION,
            "made_at": datetime.now(UTC),
            "as_root": os.geteuid() == 0,
        }
        archive.document("about.json", records.encoded(about))
        archive.directory(TREE)
        for name, path in found.items():
            if name == VOLUMES:
                _volumes(archive, path)
            else:
                archive.add(path, f"{TREE}/{name}", _label)
        return archive, archive.finish()


def _label(uid: int) -> str:
    return f"uid:{uid}"


def _volumes(archive: ArchiveWriter, place: Path) -> None:
    """All files of people. A space's volume that is an image may be mounted: what is in it is kept.

    The space then has a directory for its volume, where it is restored.
    """
    top = f"{TREE}/{VOLUMES}"
    archive.directory(top, PASSED)
    for path in _entries(place):
        if path.name != homes.SPACES:
            archive.add(path, f"{top}/{path.name}", _label)
            continue
        archive.directory(f"{top}/{homes.SPACES}")
        for space in _entries(path):
            name = f"{top}/{homes.SPACES}/{space.name}"
            if not (space / "image").is_file():
                archive.add(space, name, _label)
                continue
            archive.directory(name)
            with mounted.image(space / "image") as inside:
                archive.tree(inside / homes.IN_IMAGE, f"{name}/home", _label)


def _entries(place: Path) -> list[Path]:
    """What is in a directory of ours, in an archive's order, without what is being removed."""
    found = sorted(place.iterdir(), key=lambda path: os.fsencode(path.name))
    return [path for path in found if not path.name.startswith(".gone-")]


def restored(archive: Path, state: Path, summary: Summary) -> None:
    """Unpack beside the state's name, look at the database, give it its name: all or nothing.

    Raises:
        Conflict: There is something already.
        Internal: The database is not whole.
    """
    if state.exists() and (not state.is_dir() or any(state.iterdir())):
        raise Conflict(f"{state} holds something: choose a directory that is empty or not there")
    staged = state.with_name(f"{state.name}.restoring")
    volumes.remove(staged)
    staged.mkdir(mode=0o700, parents=True)
    placer = Placer(staged, _owner_of(require_whole(summary)["as_root"]))
    try:
        read = checking.read(archive, placer.place)
    finally:
        placer.close()
    if read.digest != summary.digest:
        raise Conflict(f"{archive} changed while it was read; run this again")
    snapshot.check(staged / TREE / snapshot.DATABASES[0])
    if (staged / TREE / snapshot.DATABASES[1]).exists():
        uids.take_over(staged / TREE)
    os.sync()
    os.rename(staged / TREE, state)
    volumes.remove(staged)


def require_whole(summary: Summary) -> dict[str, Any]:
    """What the archive says of itself.

    Raises:
        Invalid: It is no backup of an install, of another form, or of another kind of user.
    """
    try:
        about = json.loads(summary.documents["about.json"])
        told = about["format"], about["version"], about["as_root"]
    except (KeyError, TypeError, ValueError):
        raise Invalid("this is no backup of an install") from None
    if told[0] != FORMAT:
        hint = ": use `freehold domain restore`" if told[0] == saving.FORMAT else ""
        raise Invalid(f"this is a {told[0]}, no backup of an install{hint}")
    if told[1] != VERSION:
        raise Invalid(f"this archive has the form {told[1]}, this Freehold knows {VERSION}")
    found: dict[str, Any] = about
    return found


def _owner_of(was_root: bool) -> Callable[[Member], int]:
    """As root uids stay; an ordinary user's install had one uid, and a home tells whose it is."""

    def owner(member: Member) -> int:
        kind, _, text = member.owner.partition(":")
        if not was_root:
            _, place, *rest = (*member.parts, b"", b"")
            text = os.fsdecode(rest[1]) if place == b"volumes" and len(rest) > 1 else ""
        elif kind != "uid":
            text = ""
        is_number = text.isascii() and text.isdigit()
        return int(text) if is_number and uids.is_ours(int(text)) else os.geteuid()

    return owner

"""``freehold domain backup``: one domain to one file, while everything runs.

Input: AWS clients for the records, the state directory for the files. Output: an archive as
``docs/operate/backup.md`` describes it. Apps that run may change files while they are read: that
is told, file by file where it was seen, unless the apps are stopped first.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from freehold import __version__
from freehold.base.errors import Denied
from freehold.cli.backup import homes as places
from freehold.cli.backup import records
from freehold.cli.backup.records import Document
from freehold.cli.domains import asking, cascade
from freehold.cli.domains.details import members
from freehold.cli.domains.wording import count
from freehold.cli.quick.clients import Clients
from freehold.host.archives.trees import Left
from freehold.host.archives.writing import ArchiveWriter, Tell

FORMAT = "freehold-domain"
VERSION = 1
HOMES = "homes"
# In the order of their labels, which is an archive's.
KINDS = (("Spaces", "space", "SpaceName"), ("UserProfiles", "user-profile", "UserProfileName"))

Say = Callable[[str], None]


@dataclass(slots=True)
class Saved:
    """What was written."""

    digest: str
    members: int
    bytes: int
    left: list[Left]
    lost: int
    changed: list[str]


def require_files(state: Path) -> None:
    """Homes belong to their owners: only root, or who runs the server, may read them all.

    Raises:
        Denied: We are neither.
    """
    if os.geteuid() not in (0, state.stat().st_uid):
        raise Denied(
            f"files of people lie in {state}, which belongs to another user: run this as the "
            "user who runs the server, on its machine"
        )


def save(
    clients: Clients, state: Path, named: str, to: Path, *, stops_apps: bool, say: Say, tell: Tell
) -> Saved:
    """Write the archive.

    Args:
        clients: The administrator's.
        state: The install's.
        named: The domain's name, id or ARN.
        to: The file; its ending says the compression.
        stops_apps: Delete running apps first, so that nothing changes files.
        say: Gets lines of what happens.
        tell: Gets members and bytes so far.

    Raises:
        NotFound: There is no such domain.
        Conflict: The file exists, or apps do not end.
    """
    require_files(state)
    sagemaker = clients("sagemaker")
    domain = asking.domain_named(sagemaker, named)
    with ArchiveWriter(to, tell) as archive:
        apps = members(sagemaker, domain["DomainId"]).apps
        if apps and stops_apps:
            cascade.end_apps(clients, domain["DomainId"], say)
            apps = members(sagemaker, domain["DomainId"]).apps
        if apps:
            say(
                f"{count(len(apps), 'app')} running: files may change while they are read; "
                "--stop-apps stops them first"
            )
        whole = records.of_domain(clients, domain)
        archive.document("about.json", records.encoded(_about(domain, len(apps))))
        archive.document("domain.json", records.encoded(whole))
        _homes(archive, state, whole)
        digest = archive.finish()
    return Saved(
        digest, archive.members, archive.bytes, archive.left, archive.lost, archive.changed
    )


def _about(domain: Document, running: int) -> Document:
    return {
        "format": FORMAT,
        "version": VERSION,
        "freehold": __version__,
        "made_at": datetime.now(UTC),
        "DomainName": domain["DomainName"],
        "DomainArn": domain["DomainArn"],
        "running_apps": running,
    }


def homes(whole: Document) -> dict[str, str]:
    """Numbers of homes by label: ``{"user-profile/ana": "200001"}``."""
    return {
        f"{kind}/{one[name]}": one["HomeEfsFileSystemUid"]
        for member, kind, name in KINDS
        for one in whole[member]
        if one.get("HomeEfsFileSystemUid")
    }


def _homes(archive: ArchiveWriter, state: Path, whole: Document) -> None:
    """Each home under its owner's name. Homes of people who are gone are told, not kept."""
    file_system = whole["Domain"].get("HomeEfsFileSystemId")
    known = homes(whole)
    labels = {int(number): label for label, number in known.items()}
    archive.directory(HOMES)
    for member, kind, name in KINDS:
        archive.directory(f"{HOMES}/{kind}")
        for one in sorted(whole[member], key=lambda one: str(one[name]).encode()):
            label = f"{kind}/{one[name]}"
            if label not in known:
                continue
            with places.source(state, file_system, known[label]) as home:
                if home is not None:
                    archive.tree(home, f"{HOMES}/{label}", _labeller(labels, label))
    if file_system:
        for name in places.strangers(state, file_system, frozenset(known.values())):
            archive.leave(Left(f"{file_system}/{name}", "the home of nobody", False))


def _labeller(labels: dict[int, str], own: str) -> Callable[[int], str]:
    """A uid's label; as an ordinary user every file is ours, and its home tells whose it is."""
    if os.geteuid() != 0:
        return lambda _uid: own
    return lambda uid: labels.get(uid, f"uid:{uid}")

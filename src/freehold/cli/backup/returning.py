"""``freehold domain restore``: a new domain out of an archive, records by AWS's API, files beside.

Input: a checked archive, AWS clients, the state directory. Output: a domain of a new id. While it
is not whole it carries MARK with the archive's SHA-256: a second run of the same command goes on,
any other is refused. Files are put down in a directory of the state that nobody else may enter,
read once more from the archive as a whole, and only then moved to their homes.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from freehold.base.errors import Conflict, Invalid
from freehold.cli.backup import homes, rewriting, saving
from freehold.cli.backup.records import Document
from freehold.cli.backup.rewriting import Names
from freehold.cli.domains import asking
from freehold.cli.domains.wording import size
from freehold.cli.quick.clients import Clients
from freehold.cli.volumes.listing import ATTACH_TAG
from freehold.host import volumes
from freehold.host.archives import checking
from freehold.host.archives.checking import Summary
from freehold.host.archives.members import Member
from freehold.host.archives.placing import Placer

MARK = "freehold:restoring"  # tag of a domain that is not whole yet
PLACED = "files-placed"
SPARE_BYTES = 64 << 20  # left free on the disk
READY = "ready"
MADE_SECONDS = 60.0

Say = Callable[[str], None]


class Return:
    """One run of a restore."""

    def __init__(
        self, clients: Clients, state: Path, archive: Path, summary: Summary, name: str, say: Say
    ) -> None:
        self._clients = clients
        self._sagemaker = clients("sagemaker")
        self._state = state
        self._archive = archive
        self._summary = summary
        self._name = name
        self._say = say
        self._records = contents(summary)

    def run(self, names: Names) -> Document:
        """Make it, or go on with it; what DescribeDomain says of it then.

        Args:
            names: What the administrator and ``needs.py`` mapped; the domain is added here.

        Raises:
            Conflict: A step was refused; what is made stays, for the next run or for
                ``freehold domain delete``.
        """
        domain = self._domain(names)
        names = Names(
            names.old_arn,
            domain["DomainArn"],
            dict(names.whole) | self._file_system(domain),
        )
        self._settings(domain, names)
        self._members(domain["DomainId"], names)
        self._files(domain)
        self._tags(domain, names)
        self._sagemaker.delete_tags(ResourceArn=domain["DomainArn"], TagKeys=[MARK])
        return self._describe(domain["DomainId"])

    def require_place(self) -> None:
        """Look whether it can be made here, before anything is.

        Raises:
            Denied: We may not write people's files.
            Conflict: The name is taken, or the disk is too small.
        """
        saving.require_files(self._state)
        self._begun()
        for one in asking.every(self._clients("efs"), "describe_file_systems", "FileSystems"):
            if {"Key": ATTACH_TAG, "Value": self._name} in one.get("Tags", ()):
                raise Conflict(
                    f"file system {one['FileSystemId']} waits for a domain {self._name}, and its "
                    "homes would be in the way: nothing was made. `freehold volumes detach "
                    f"{one['FileSystemId']}` frees the name"
                )
        room = shutil.disk_usage(self._state).free - SPARE_BYTES
        if self._summary.stored_bytes > room:
            raise Conflict(
                f"the files need {size(self._summary.stored_bytes)}, and {self._state} has "
                f"{size(max(0, room))} free: nothing was made"
            )

    def _describe(self, domain_id: str) -> Document:
        answer: Document = self._sagemaker.describe_domain(DomainId=domain_id)
        return answer

    def _takes(self, operation: str) -> list[str]:
        model = self._sagemaker.meta.service_model
        return list(model.operation_model(operation).input_shape.members)

    # -- records -------------------------------------------------------------------------------

    def _begun(self) -> Document | None:
        """The domain of our name that an earlier run of this very restore began."""
        for one in asking.every(self._sagemaker, "list_domains", "Domains"):
            if one["DomainName"] != self._name:
                continue
            mark = asking.tags_of(self._sagemaker, one["DomainArn"]).get(MARK, "")
            if mark.partition("/")[0] == self._summary.digest:
                return one
            other = " that is restored from another archive" if mark else ""
            raise Conflict(f"there is a domain {self._name} already{other}: choose another --name")
        return None

    def _domain(self, names: Names) -> Document:
        """The one that an earlier run began, or a new one with the mark on it."""
        known = self._begun()
        if known is not None:
            self._say(f"going on with domain {self._name} ({known['DomainId']})")
            return self._describe(known["DomainId"])
        old = self._records["Domain"]
        asked = rewriting.picked(
            names.of(rewriting.without_own_files(old)), self._takes("CreateDomain")
        )
        tags = rewriting.own_tags(old["Tags"]) | {MARK: self._summary.digest}
        asked |= {"DomainName": self._name, "Tags": rewriting.as_list(tags)}
        made = self._sagemaker.create_domain(**asked)
        self._say(f"made domain {self._name} ({made['DomainId']})")
        asking.until(
            lambda: self._describe(made["DomainId"])["Status"] != "Pending",
            MADE_SECONDS,
            "the domain is still being made; run the same command again to go on",
        )
        return self._describe(made["DomainId"])

    def _file_system(self, domain: Document) -> dict[str, str]:
        old = self._records["Domain"].get("HomeEfsFileSystemId")
        new = domain.get("HomeEfsFileSystemId")
        return {old: new} if old and new else {}

    def _settings(self, domain: Document, names: Names) -> None:
        """Settings that mount the domain's own file system, now that it has one."""
        old = self._records["Domain"]
        changed = {
            member: names.of(old[member])
            for member in rewriting.SETTINGS
            if old.get(member) and rewriting.without_own_files(old)[member] != old[member]
        }
        if changed:
            self._sagemaker.update_domain(DomainId=domain["DomainId"], **changed)

    def _members(self, domain_id: str, names: Names) -> None:
        for member, kind, name in reversed(saving.KINDS):  # people first: spaces have owners
            operation = f"Create{kind.title().replace('-', '')}"
            make = getattr(self._sagemaker, f"create_{kind.replace('-', '_')}")
            for old in self._records[member]:
                asked = rewriting.picked(names.of(old), self._takes(operation))
                asked |= {"DomainId": domain_id, name: old[name]}
                tags = rewriting.own_tags(names.of(old["Tags"]))
                asked.pop("Tags", None)
                if tags:
                    asked["Tags"] = rewriting.as_list(tags)
                if _is_new(lambda make=make, asked=asked: make(**asked)):  # type: ignore[misc]
                    self._say(f"made {kind} {old[name]}")

    def _tags(self, domain: Document, names: Names) -> None:
        """Automatic tags, which tell where a thing was made: their ARNs exist now."""
        olds = [("DomainArn", self._records["Domain"])]
        olds += [("UserProfileArn", one) for one in self._records["UserProfiles"]]
        olds += [("SpaceArn", one) for one in self._records["Spaces"]]
        for member, old in olds:
            tags = rewriting.automatic_tags(names.of(old["Tags"]))
            if tags:
                arn = domain["DomainArn"] if member == "DomainArn" else names.of(old[member])
                self._sagemaker.add_tags(ResourceArn=arn, Tags=rewriting.as_list(tags))

    # -- files ---------------------------------------------------------------------------------

    def _numbers(self, domain_id: str) -> dict[str, int]:
        """Numbers of the new homes by label."""
        found = {}
        for member, kind, name in saving.KINDS:
            describe = getattr(self._sagemaker, f"describe_{kind.replace('-', '_')}")
            for old in self._records[member]:
                answer = describe(DomainId=domain_id, **{name: old[name]})
                found[f"{kind}/{old[name]}"] = int(answer["HomeEfsFileSystemUid"])
        return found

    def _files(self, domain: Document) -> None:
        mark = asking.tags_of(self._sagemaker, domain["DomainArn"]).get(MARK, "")
        file_system = domain.get("HomeEfsFileSystemId")
        if mark.endswith(f"/{PLACED}"):
            return
        staged = self._state / "volumes" / f".restore-{domain['DomainId']}"
        numbers = self._numbers(domain["DomainId"])
        if not (staged / READY).exists():
            self._unpack(staged, numbers)
        for label, number in numbers.items():
            self._place(staged / "tree" / saving.HOMES / label, file_system, number, label)
        placed = {"Key": MARK, "Value": f"{self._summary.digest}/{PLACED}"}
        self._sagemaker.add_tags(ResourceArn=domain["DomainArn"], Tags=[placed])
        volumes.remove(staged)

    def _unpack(self, staged: Path, numbers: Mapping[str, int]) -> None:
        """All files into the state, apart; READY stands only when the archive was right."""
        volumes.remove(staged)
        staged.parent.mkdir(exist_ok=True)
        staged.mkdir(mode=0o700)
        (staged / "tree").mkdir(mode=0o700)
        self._say("unpacking files")
        placer = Placer(staged / "tree", lambda member: _owner(member, numbers))
        try:
            read = checking.read(self._archive, placer.place)
        finally:
            placer.close()
        if read.digest != self._summary.digest:
            raise Conflict(f"{self._archive} changed while it was read; run this again")
        os.sync()
        (staged / READY).touch()

    def _place(self, home: Path, file_system: str | None, number: int, label: str) -> None:
        """Move a home to where apps find it; one that was moved already is not there any more."""
        if not home.is_dir():
            return
        owner = number if os.geteuid() == 0 else os.geteuid()
        target = homes.target(self._state, file_system, number, owner)
        try:
            os.rename(home, target)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            raise Conflict(
                f"the home of {label} is not empty: somebody worked in domain {self._name} before "
                f"it was whole. Clean up with `freehold domain delete {self._name} --cascade "
                "--volume delete` and restore again"
            ) from error
        target.chmod(0o700)
        if os.geteuid() == 0:
            os.chown(target, owner, owner, follow_symlinks=False)


def contents(summary: Summary) -> Document:
    """An archive's records.

    Raises:
        Invalid: It is no archive of a domain, or of a form that we do not know.
    """
    about = _json(summary, "about.json")
    if about.get("format") != saving.FORMAT:
        raise Invalid(f"this is an archive of {about.get('format', 'something else')}")
    if about.get("version") != saving.VERSION:
        raise Invalid(
            f"this archive has the form {about.get('version')}, this Freehold knows "
            f"{saving.VERSION}: use the version that wrote it ({about.get('freehold')})"
        )
    found = _json(summary, "domain.json")
    if not {"Domain", "UserProfiles", "Spaces"} <= found.keys():
        raise Invalid("domain.json of the archive is not whole")
    return found


def _json(summary: Summary, name: str) -> Document:
    try:
        found = json.loads(summary.documents[name])
    except (KeyError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise Invalid(f"the archive has no {name}: it is no backup of a domain")
    return found


def _owner(member: Member, numbers: Mapping[str, int]) -> int:
    """Whose a file is now: its owner's, or its home's where that is somebody else's."""
    own = "/".join(os.fsdecode(part) for part in member.parts[1:3])
    return numbers.get(member.owner, numbers.get(own, os.geteuid()))


def _is_new(make: Callable[[], Any]) -> bool:
    """Make something; False if an earlier run did."""
    try:
        make()
    except ClientError as error:
        if asking.code_of(error) == "ResourceInUse":
            return False
        raise
    return True

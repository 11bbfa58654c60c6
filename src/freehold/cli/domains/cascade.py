"""``freehold domain delete``: what would go, and its end in AWS's order, again after a crash.

Input: AWS clients. Output: lines of progress. The plan is what is there now, asked anew by every
run: whoever runs it again after an interruption goes on with what is left. Nothing is remembered
here. Order: apps, spaces, user profiles, the domain (domains.md 1.13).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from freehold.base.errors import Conflict
from freehold.cli.domains import asking
from freehold.cli.domains.details import LIVE, Members, members
from freehold.cli.domains.wording import count, size
from freehold.cli.quick.clients import Clients
from freehold.kernel.tagging import DOMAIN_TAG

APPS_SECONDS = 300.0  # an app has 20 seconds to end by itself, and a busy machine many apps
STEP_SECONDS = 120.0
NAMES_MAX = 40  # names told of each kind before the rest is a number
ROUNDS_MAX = 20  # apps and spaces that people make meanwhile are taken too, not for ever
GOING = frozenset({"app", "space", "user-profile", "domain", "file-system"})
KEPT_AFTER = {"retain": "Retain", "delete": "Delete"}

Say = Callable[[str], None]


@dataclass(slots=True)
class Plan:
    """What goes and what stays. ``staying`` counts tagged resources by type."""

    domain: dict[str, Any]
    members: Members
    volume: str | None
    volume_bytes: int
    removes_volume: bool
    staying: Counter[str] = field(default_factory=Counter)


def plan(clients: Clients, named: str, volume: str) -> Plan:
    """Look at what is there now.

    Args:
        clients: The administrator's.
        named: The domain's name, id or ARN.
        volume: ``retain`` or ``delete``.

    Raises:
        NotFound: There is no such domain.
    """
    sagemaker = clients("sagemaker")
    domain = asking.domain_named(sagemaker, named)
    file_system = domain.get("HomeEfsFileSystemId")
    measured = 0
    if file_system:
        efs = clients("efs")
        answer = asking.found(lambda: efs.describe_file_systems(FileSystemId=file_system))
        file_system = file_system if answer else None
        measured = int(answer["FileSystems"][0]["SizeInBytes"]["Value"]) if answer else 0
    return Plan(
        domain=domain,
        members=members(sagemaker, domain["DomainId"]),
        volume=file_system,
        volume_bytes=measured,
        removes_volume=volume == "delete",
        staying=_staying(clients("resourcegroupstaggingapi"), domain["DomainArn"]),
    )


def _staying(tagging: Any, domain_arn: str) -> Counter[str]:
    """What carries the domain's tag and is no part of it: jobs, models, experiments, buckets."""
    pages = tagging.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": DOMAIN_TAG, "Values": [domain_arn]}]
    )
    kinds: Counter[str] = Counter()
    for page in pages:
        for one in page["ResourceTagMappingList"]:
            service, tail = one["ResourceARN"].split(":", 5)[2::3]
            kind = tail.partition("/")[0] if "/" in tail else "bucket"
            if kind not in GOING:
                kinds["bucket" if service == "s3" else kind] += 1
    return kinds


def told(what: Plan) -> Iterator[str]:
    """The plan for people."""
    domain, inside = what.domain, what.members
    yield f"Domain {domain['DomainName']} ({domain['DomainId']}, {domain['Status']}). What goes:"
    yield from _names("running app", [_app(one) for one in inside.apps])
    yield from _names("space", [one["SpaceName"] for one in inside.spaces])
    yield from _names("user profile", [one["UserProfileName"] for one in inside.profiles])
    yield "  the domain itself"
    if what.volume:
        files = f"{what.volume} ({size(what.volume_bytes)} when last measured)"
        if what.removes_volume:
            yield f"  ALL FILES of its people: {files}. They cannot be brought back."
            yield "What stays:"
        else:
            yield "What stays:"
            yield f"  the files: {files}; `freehold volumes` lists it"
    else:
        yield "What stays:"
    if not what.staying:
        yield "  nothing else carries its tag"
    for kind, number in sorted(what.staying.items()):
        yield f"  {count(number, kind)} with its tag {DOMAIN_TAG}"


def _names(noun: str, names: list[str]) -> Iterator[str]:
    if not names:
        return
    listed = ", ".join(names[:NAMES_MAX])
    rest = f" and {len(names) - NAMES_MAX} more" if len(names) > NAMES_MAX else ""
    yield f"  {count(len(names), noun)}: {listed}{rest}"


def _app(one: dict[str, Any]) -> str:
    owner = one.get("SpaceName") or one.get("UserProfileName")
    return f"{one['AppType']}/{one['AppName']} of {owner} ({one['Status']})"


def refuse_while_used(what: Plan) -> None:
    """Without ``--cascade`` a domain goes only when it is empty.

    Raises:
        Conflict: Something is in it; it says what.
    """
    inside = what.members
    if inside.are_none:
        return
    parts = [
        count(len(things), noun)
        for things, noun in (
            (inside.apps, "app"),
            (inside.spaces, "space"),
            (inside.profiles, "user profile"),
        )
        if things
    ]
    raise Conflict(
        f"domain {what.domain['DomainName']} still holds {', '.join(parts)}: nothing was "
        "deleted. With --cascade they go too; --dry-run shows what that means"
    )


class Cascade:
    """One run. Every step looks first, so that a second run does what the first did not."""

    def __init__(self, clients: Clients, what: Plan, say: Say) -> None:
        self._sagemaker = clients("sagemaker")
        self._efs = clients("efs")
        self._plan = what
        self._id: str = what.domain["DomainId"]
        self._say = say

    def run(self) -> None:
        """All of it.

        Raises:
            Conflict: A step was refused or took longer than its bound; what was done stays done.
        """
        for _round in range(ROUNDS_MAX):
            inside = self._ask(lambda: members(self._sagemaker, self._id))
            self._apps(inside)
            self._spaces(inside)
            self._profiles(inside)
            if inside.are_none and self._domain():
                self._volume()
                return
        raise Conflict(
            f"new apps, spaces or people kept coming into domain {self._plan.domain['DomainName']} "
            "while it was deleted: keep its people out, and run the same command again"
        )

    def _ask(self, call: Callable[[], Any]) -> Any:
        return asking.patiently(call, self._say)

    def _delete(self, call: Callable[[], Any]) -> None:
        """Ask for an end; what has ended or is ending already is well."""

        def again() -> None:
            try:
                call()
            except ClientError as error:
                if not _is_ended(error):
                    raise

        self._ask(again)

    # -- apps ----------------------------------------------------------------------------------

    def _apps(self, inside: Members) -> None:
        waiting = {_key(app): app for app in inside.apps}
        for app in inside.apps:
            if app["Status"] != "Deleting":
                self._say(f"deleting app {_app(app)}")
                self._delete(lambda app=app: self._sagemaker.delete_app(**_named(app)))  # type: ignore[misc]

        def are_gone() -> bool:
            alive = {_key(app) for app in self._live_apps()}
            for key in [key for key in waiting if key not in alive]:
                app = waiting.pop(key)
                self._say(f"gone: app {app['AppType']}/{app['AppName']} of {_owner(app)}")
            return not waiting

        names = ", ".join(sorted(_app(app) for app in inside.apps))
        asking.until(are_gone, APPS_SECONDS, _late(f"apps do not end: {names}", APPS_SECONDS))

    def _live_apps(self) -> list[dict[str, Any]]:
        apps = self._ask(
            lambda: asking.every(self._sagemaker, "list_apps", "Apps", DomainIdEquals=self._id)
        )
        return [app for app in apps if app["Status"] in LIVE]

    # -- spaces, profiles, domain --------------------------------------------------------------

    def _spaces(self, inside: Members) -> None:
        for space in inside.spaces:
            named = {"DomainId": self._id, "SpaceName": space["SpaceName"]}
            self._end(
                f"space {space['SpaceName']}",
                lambda named=named: self._sagemaker.delete_space(**named),  # type: ignore[misc]
                lambda named=named: self._sagemaker.describe_space(**named),  # type: ignore[misc]
            )

    def _profiles(self, inside: Members) -> None:
        for profile in inside.profiles:
            named = {"DomainId": self._id, "UserProfileName": profile["UserProfileName"]}
            self._end(
                f"user profile {profile['UserProfileName']}",
                lambda named=named: self._sagemaker.delete_user_profile(**named),  # type: ignore[misc]
                lambda named=named: self._sagemaker.describe_user_profile(**named),  # type: ignore[misc]
            )

    def _domain(self) -> bool:
        policy = KEPT_AFTER["delete" if self._plan.removes_volume else "retain"]
        name = self._plan.domain["DomainName"]
        return self._end(
            f"domain {name}",
            lambda: self._sagemaker.delete_domain(
                DomainId=self._id, RetentionPolicy={"HomeEfsFileSystem": policy}
            ),
            lambda: self._sagemaker.describe_domain(DomainId=self._id),
        )

    def _volume(self) -> None:
        volume = self._plan.volume
        if volume is None:
            return
        if not self._plan.removes_volume:
            self._say(f"kept: file system {volume}")
            return
        self._wait(
            f"file system {volume}", lambda: self._efs.describe_file_systems(FileSystemId=volume)
        )

    def _end(self, what: str, delete: Callable[[], Any], look: Callable[[], Any]) -> bool:
        """Delete and wait; False if something came into it meanwhile, for the next round."""
        known = self._ask(lambda: asking.found(look))
        if known is not None and known.get("Status") != "Deleting":
            self._say(f"deleting {what}")
            try:
                self._delete(delete)
            except ClientError as error:
                if asking.code_of(error) != "ResourceInUse":
                    raise
                self._say(f"not yet: {error.response['Error']['Message']}")
                return False
        self._wait(what, look)
        return True

    def _wait(self, what: str, look: Callable[[], Any]) -> None:
        def is_gone() -> bool:
            answer = self._ask(lambda: asking.found(look))
            if answer is not None and answer.get("Status") == "Delete_Failed":
                raise Conflict(f"{what}: {answer['Status']}: {answer.get('FailureReason', '?')}")
            return answer is None

        asking.until(is_gone, STEP_SECONDS, _late(f"{what} is still there", STEP_SECONDS))
        self._say(f"gone: {what}")


def _late(what: str, seconds: float) -> str:
    return f"{what} after {seconds:.0f} seconds; run the same command again to go on"


def _owner(app: dict[str, Any]) -> str:
    return str(app.get("SpaceName") or app.get("UserProfileName"))


def _key(app: dict[str, Any]) -> tuple[str, str, str]:
    return app["AppType"], app["AppName"], _owner(app)


def _named(app: dict[str, Any]) -> dict[str, str]:
    members_named = ("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName")
    return {member: app[member] for member in members_named if app.get(member)}


def _is_ended(error: ClientError) -> bool:
    """Whether a delete was refused because it is done or under way."""
    code, said = asking.code_of(error), error.response["Error"]["Message"]
    if code in asking.ABSENT:
        return True
    if code == "ValidationException":  # DeleteApp's words (services/sagemaker/studio/apps.py)
        return "already been deleted" in said or "previously failed" in said
    return code == "ResourceInUse" and "is being deleted" in said

"""``freehold domain delete``: a domain's end in AWS's order, again after a crash.

Input: AWS clients and a ``Plan``. Output: lines of progress. What goes is what is there now,
asked anew by every run: whoever runs it again after an interruption goes on with what is left.
Nothing is remembered here. Order: apps, spaces, user profiles, the domain (domains.md 1.13).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from freehold.base.errors import Conflict
from freehold.cli.domains import asking
from freehold.cli.domains.details import LIVE, Members, members
from freehold.cli.domains.plan import Plan, app_named
from freehold.cli.quick.clients import Clients

APPS_SECONDS = 300.0  # an app has 20 seconds to end by itself, and a busy machine many apps
STEP_SECONDS = 120.0
ROUNDS_MAX = 20  # apps and spaces that people make meanwhile are taken too, not for ever
KEPT_AFTER = {"retain": "Retain", "delete": "Delete"}

Say = Callable[[str], None]


def delete_once(call: Callable[[], Any], say: Say) -> None:
    """Ask for an end; what has ended or is ending already is well."""

    def again() -> None:
        try:
            call()
        except ClientError as error:
            if not _is_ended(error):
                raise

    asking.patiently(again, say)


def end_apps(clients: Clients, domain_id: str, say: Say) -> None:
    """Delete a domain's live apps and wait until they are gone.

    Raises:
        Conflict: Some do not end within APPS_SECONDS.
    """
    sagemaker = clients("sagemaker")

    def live() -> dict[tuple[str, str, str], dict[str, Any]]:
        asked = {"DomainIdEquals": domain_id}
        apps = asking.patiently(lambda: asking.every(sagemaker, "list_apps", "Apps", **asked), say)
        return {_key(app): app for app in apps if app["Status"] in LIVE}

    waiting = live()
    for app in waiting.values():
        if app["Status"] != "Deleting":
            say(f"deleting app {app_named(app)}")
            delete_once(lambda app=app: sagemaker.delete_app(**_named(app)), say)  # type: ignore[misc]

    def are_gone() -> bool:
        alive = live()
        for key in [key for key in waiting if key not in alive]:
            app = waiting.pop(key)
            say(f"gone: app {app['AppType']}/{app['AppName']} of {_owner(app)}")
        return not waiting

    names = ", ".join(sorted(app_named(app) for app in waiting.values()))
    asking.until(are_gone, APPS_SECONDS, _late(f"apps do not end: {names}", APPS_SECONDS))


class Cascade:
    """One run. Every step looks first, so that a second run does what the first did not."""

    def __init__(self, clients: Clients, what: Plan, say: Say) -> None:
        self._clients = clients
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
            end_apps(self._clients, self._id, self._say)
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
                delete_once(delete, self._say)
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

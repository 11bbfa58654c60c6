"""A client that behaves as Terraform's AWS provider does: create, wait, read, plan, update, delete.

It knows of a resource what it was configured with and what Describe answers, and nothing else. A
plan is empty only if every member that was configured reads as it was given, and no other member
reads at all, but for those that the provider marks as computed. Pollers take the provider's sets of
statuses; any other status is an error. Source: domains.md 1.10.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

WAIT_SECONDS = 60.0
PAUSE_SECONDS = 0.02
Document = dict[str, Any]


class Unexpected(AssertionError):
    """What would make ``terraform apply`` fail."""


@dataclass(frozen=True)
class Kind:
    """One type of resource as the provider has it.

    ``noun`` names the operations. ``keys``: members that name it. ``found``: whether an error says
    that it is gone. ``computed``: members that may read without having been configured, by dotted
    path. ``update``: what an update sends, given configuration and changed members; None: it has
    none, and any change but of tags is a replacement. ``renamed``: members of Describe under the
    configuration's names.
    """

    noun: str
    arn: str
    keys: tuple[str, ...]
    status: str | None = None
    pending: frozenset[str] = frozenset({"Pending", "Updating"})
    target: frozenset[str] = frozenset({"InService"})
    going: frozenset[str] = frozenset({"Deleting"})
    computed: frozenset[str] = frozenset()
    update: Callable[[Document, set[str]], Document] | None = None
    unread: frozenset[str] = frozenset()
    delete: Document = field(default_factory=dict)
    is_gone: Callable[[ClientError], bool] = lambda error: _code(error) == "ResourceNotFound"


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _said(error: ClientError) -> str:
    return str(error.response["Error"]["Message"])


def _whole(*members: str) -> Callable[[Document, set[str]], Document]:
    """An update that sends these members whenever they are configured."""
    return lambda config, _changed: {name: config[name] for name in members if name in config}


def _changed_only(config: Document, changed: set[str]) -> Document:
    return {name: config[name] for name in changed if name in config}


def _domain_update(config: Document, changed: set[str]) -> Document:
    """What changed, and the network mode again, unchanged or not (terraform-provider-aws#45528)."""
    sent = _changed_only(config, changed)
    if "DomainSettings" in sent:
        sent["DomainSettingsForUpdate"] = sent.pop("DomainSettings")
    if "AppNetworkAccessType" in config:
        sent["AppNetworkAccessType"] = config["AppNetworkAccessType"]
    return sent


def _image_update(config: Document, changed: set[str]) -> Document:
    sent = _changed_only(config, changed)
    gone = [name for name in changed if name not in config]
    return sent | ({"DeleteProperties": gone} if gone else {})


DOMAIN = Kind(
    noun="domain",
    arn="DomainArn",
    keys=("DomainId",),
    status="Status",
    computed=frozenset(
        {
            *("AppNetworkAccessType", "TagPropagation", "HomeEfsFileSystemCreation"),
            *("HomeEfsFileSystemId", "Url", "SubnetIds", "VpcId", "DomainId"),
            "DefaultUserSettings.SpaceStorageSettings",
            "DefaultSpaceSettings.SpaceStorageSettings",
        }
    ),
    update=_domain_update,
    delete={"RetentionPolicy": {"HomeEfsFileSystem": "Delete"}},
)
PROFILE = Kind(
    noun="user_profile",
    arn="UserProfileArn",
    keys=("DomainId", "UserProfileName"),
    status="Status",
    computed=frozenset({"HomeEfsFileSystemUid", "UserSettings.SpaceStorageSettings"}),
    update=_whole("UserSettings"),
)
SPACE = Kind(
    noun="space",
    arn="SpaceArn",
    keys=("DomainId", "SpaceName"),
    status="Status",
    computed=frozenset({"HomeEfsFileSystemUid", "Url", "SpaceSettings.SpaceStorageSettings"}),
    update=_changed_only,
    is_gone=lambda error: _code(error) == "ResourceNotFound" or "RecordNotFound" in _said(error),
)
APP = Kind(
    noun="app",
    arn="AppArn",
    keys=("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName"),
    status="Status",
    pending=frozenset({"Pending"}),
    computed=frozenset({"ResourceSpec"}),
)
LIFECYCLE_CONFIG = Kind(
    noun="studio_lifecycle_config",
    arn="StudioLifecycleConfigArn",
    keys=("StudioLifecycleConfigName",),
)
IMAGE = Kind(
    noun="image",
    arn="ImageArn",
    keys=("ImageName",),
    status="ImageStatus",
    pending=frozenset({"CREATING", "UPDATING"}),
    target=frozenset({"CREATED"}),
    going=frozenset({"DELETING"}),
    update=_image_update,
    is_gone=lambda error: _code(error) == "ResourceNotFound" and "does not exist" in _said(error),
)
IMAGE_VERSION = Kind(
    noun="image_version",
    arn="ImageVersionArn",
    keys=("ImageName", "Version"),
    status="ImageVersionStatus",
    pending=frozenset({"CREATING"}),
    target=frozenset({"CREATED"}),
    going=frozenset({"DELETING"}),
    computed=frozenset({"ContainerImage", "ImageArn", "Version"}),
    update=_changed_only,
    unread=frozenset({"ImageName", "ClientToken"}),
    is_gone=lambda error: _code(error) == "ResourceNotFound" and "does not exist" in _said(error),
)
APP_IMAGE_CONFIG = Kind(
    noun="app_image_config",
    arn="AppImageConfigArn",
    keys=("AppImageConfigName",),
    update=_whole(
        "KernelGatewayImageConfig", "JupyterLabAppImageConfig", "CodeEditorAppImageConfig"
    ),
)
CODE_REPOSITORY = Kind(
    noun="code_repository",
    arn="CodeRepositoryArn",
    keys=("CodeRepositoryName",),
    update=lambda config, _changed: {"GitConfig": {"SecretArn": config["GitConfig"]["SecretArn"]}},
    is_gone=lambda error: (
        _code(error) == "ValidationException" and "Cannot find CodeRepository" in _said(error)
    ),
)
# What every Describe has beside what was configured.
BESIDE = frozenset({"CreationTime", "LastModifiedTime", "ResponseMetadata"})
CLASSIC = {
    name.lower(): name
    for name in ("JupyterServer", "KernelGateway", "TensorBoard", "RStudioServerPro")
}


class Managed:
    """One resource in Terraform's hands. ``config`` is what its block says."""

    def __init__(self, sagemaker: Any, kind: Kind, config: Document, tags: Any = None) -> None:
        self._sagemaker = sagemaker
        self._kind = kind
        self.config = config
        self.tags: dict[str, str] = dict(tags or {})
        self.names: Document = {}
        self.arn = ""

    def _call(self, verb: str, **request: Any) -> Document:
        answer: Document = getattr(self._sagemaker, f"{verb}_{self._kind.noun}")(**request)
        return answer

    # -- what Terraform does -------------------------------------------------------------------

    def apply(self) -> Managed:
        """Create it, wait, read, and see that nothing is left to do."""
        tags = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        made = self._call("create", **self.config, **({"Tags": tags} if tags else {}))
        self.arn = made[self._kind.arn]
        self.names = self._decoded(self.arn)
        self._wait()
        self.require_no_plan()
        return self

    def change(self, config: Document, tags: Any = None) -> None:
        """Another configuration: update, wait, read, and see that nothing is left to do."""
        self.config = config
        changed = self.plan()
        if tags is not None:
            self._retag(dict(tags))
        if changed:
            if self._kind.update is None:
                raise Unexpected(f"{self._kind.noun} would be replaced: {changed}")
            members = {path.split(".")[0] for path in changed}
            self._call("update", **self.names, **self._kind.update(config, members))
            self._wait()
        self.require_no_plan()

    def imported(self) -> Managed:
        """The same resource as a new state learns it from nothing but its id."""
        other = Managed(self._sagemaker, self._kind, self.config, self.tags)
        other.arn, other.names = self.arn, self._decoded(self.arn)
        other.require_no_plan()
        return other

    def destroy(self) -> None:
        """Delete it and wait until it is gone."""
        try:
            self._call("delete", **self.names, **self._kind.delete)
        except ClientError as error:
            if not self._is_gone_app(error) and not self._kind.is_gone(error):
                raise
        ends = time.monotonic() + WAIT_SECONDS
        while (found := self.read()) is not None:
            status = found.get(self._kind.status or "")
            if status not in self._kind.going or time.monotonic() > ends:
                raise Unexpected(f"{self.arn} is {status}: {found.get('FailureReason')}")
            time.sleep(PAUSE_SECONDS)

    # -- reading -------------------------------------------------------------------------------

    def read(self) -> Document | None:
        """What Describe answers; None if it is gone."""
        try:
            if self._kind is APP:
                listed = self._sagemaker.list_apps(DomainIdEquals=self.names["DomainId"])["Apps"]
                if not any(self._is_me(app) for app in listed):
                    return None
            found = self._call("describe", **self.names)
        except ClientError as error:
            if self._kind.is_gone(error):
                return None
            raise
        return None if found.get(self._kind.status or "") == "Deleted" else found

    def _is_me(self, app: Document) -> bool:
        return all(app.get(name) == value for name, value in self.names.items())

    def plan(self) -> list[str]:
        """Paths of what differs between the configuration and what reads."""
        found = self.read()
        if found is None:
            raise Unexpected(f"{self.arn} is gone")
        kept = {
            name: value
            for name, value in found.items()
            if name not in BESIDE and name not in (self._kind.arn, self._kind.status)
        }
        config = {n: v for n, v in self.config.items() if n not in self._kind.unread}
        if self._kind is IMAGE_VERSION:
            listed = self._sagemaker.list_aliases(**self.names)["SageMakerImageVersionAliases"]
            kept |= {"Aliases": listed} if listed or "Aliases" in config else {}
        return list(_differences(config, kept, "", self._kind.computed))

    def require_no_plan(self) -> None:
        """Nothing to do, of members and of tags."""
        changed = self.plan()
        if changed:
            raise Unexpected(f"{self._kind.noun} {self.arn} differs after apply: {changed}")
        if self._kind is not IMAGE_VERSION:
            listed = self._sagemaker.list_tags(ResourceArn=self.arn)["Tags"]
            tags = {tag["Key"]: tag["Value"] for tag in listed}
            if self._kind is APP:  # those of domain and profile reach it, on AWS as well
                tags = {key: value for key, value in tags.items() if key in self.tags}
            if tags != self.tags:
                raise Unexpected(f"tags of {self.arn}: {tags} instead of {self.tags}")

    # -- small things --------------------------------------------------------------------------

    def _wait(self) -> None:
        kind, ends = self._kind, time.monotonic() + WAIT_SECONDS
        while kind.status is not None:
            found = self.read()
            status = None if found is None else found[kind.status]
            if status in kind.target:
                return
            if status not in kind.pending or time.monotonic() > ends:
                reason = (found or {}).get("FailureReason")
                raise Unexpected(f"{self.arn} is {status}: {reason}")
            time.sleep(PAUSE_SECONDS)

    def _retag(self, tags: dict[str, str]) -> None:
        gone = [key for key in self.tags if key not in tags]
        if gone:
            self._sagemaker.delete_tags(ResourceArn=self.arn, TagKeys=gone)
        new = [{"Key": k, "Value": v} for k, v in tags.items() if self.tags.get(k) != v]
        if new:
            self._sagemaker.add_tags(ResourceArn=self.arn, Tags=new)
        self.tags = tags

    def _decoded(self, arn: str) -> Document:
        """The names that an ARN or id holds, as the provider takes it apart."""
        parts = arn.split(":", 5)[5].split("/")[1:]
        if self._kind is APP:
            if len(parts) != 4:
                raise Unexpected(f"unexpected format of ID {arn}")
            owner = "SpaceName" if "SpaceName" in self.config else "UserProfileName"
            kind = CLASSIC.get(parts[2], parts[2])
            return dict(
                zip(("DomainId", owner, "AppType", "AppName"), (*parts[:2], kind, parts[3]),
                    strict=True)
            )  # fmt: skip
        names: Document = dict(zip(self._kind.keys, parts, strict=True))
        if "Version" in names:
            names = {"ImageName": self.config["ImageName"], "Version": int(names["Version"])}
        return names

    def _is_gone_app(self, error: ClientError) -> bool:
        said = _said(error)
        is_over = "has already been deleted" in said or (
            "previously failed and was automatically deleted" in said
        )
        return self._kind is APP and _code(error) == "ValidationException" and is_over


def _differences(config: Any, found: Any, path: str, computed: frozenset[str]) -> Any:
    """Paths at which the two are not the same."""
    if not isinstance(config, dict) or not isinstance(found, dict):
        if config != found:
            yield path
        return
    for name in sorted({*config, *found}):
        at = f"{path}.{name}".strip(".")
        if name not in config:
            if at not in computed and not at.startswith(tuple(f"{one}." for one in computed)):
                yield at
        elif name not in found:
            yield at
        else:
            yield from _differences(config[name], found[name], at, computed)

"""What settings must obey beyond their shapes: sizes in order, files that are theirs, our modes.

Called by every create and update of a domain, a profile or a space. ``whole`` is the settings as
they would be kept, ``changed`` what the request brings. Facts: domains.md 1.3, 1.6, 1.12, 5.4, 8.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from freehold.base.errors import Invalid
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.studio.app_types import IDLE_SETTINGS

FILE_SYSTEM = "elasticfilesystem:file-system"


def check_settings(call: Call, whole: Document, changed: Document) -> None:
    """Rules that UserSettings of a domain or profile and DefaultSpaceSettings share."""
    _check_storage(whole)
    _check_idle(whole)
    if whole.get("DefaultLandingUri", "").startswith("studio::") and (
        whole.get("StudioWebPortal") == "DISABLED"
    ):
        raise Invalid("DefaultLandingUri studio:: needs StudioWebPortal to be ENABLED.")
    for system in changed.get("CustomFileSystemConfigs", ()):
        _check_file_system(call, system)


def check_domain_settings(settings: Document) -> None:
    """Refuse what only domains of AuthMode SSO have, as AWS does in IAM mode."""
    for member in ("AmazonQSettings", "TrustedIdentityPropagationSettings"):
        if settings.get(member, {}).get("Status") == "ENABLED":
            raise Invalid(f"{member} can only be ENABLED in domains of AuthMode SSO.")


def check_user_settings_of_domain(settings: Document) -> None:
    """A domain has nothing above it to take a default from."""
    if settings.get("AutoMountHomeEFS") == "DefaultAsDomain":
        raise Invalid(
            "AutoMountHomeEFS DefaultAsDomain is for user profiles: use Enabled or Disabled."
        )


def check_space_settings_of_domain(settings: Document) -> None:
    """Shared spaces reach a file system by a role that must be named with it."""
    if settings.get("CustomFileSystemConfigs") and not settings.get("ExecutionRole"):
        raise Invalid("DefaultSpaceSettings with CustomFileSystemConfigs needs an ExecutionRole.")


def check_security_groups(document: Document) -> None:
    """AppSecurityGroupManagement is RStudio's."""
    rstudio = document.get("DomainSettings", {}).get("RStudioServerProDomainSettings")
    asked = document.get("AppSecurityGroupManagement")
    if asked and not rstudio:
        raise Invalid("AppSecurityGroupManagement can only be set for Rstudio enabled domains.")
    if not rstudio:
        return
    if asked == "Customer":
        raise Invalid("AppSecurityGroupManagement must be Service for Rstudio enabled domains.")
    if document.get("AppNetworkAccessType") == "VpcOnly" and not asked:
        raise Invalid(
            "AppSecurityGroupManagement is required for Rstudio enabled domains in VpcOnly mode."
        )


def check_space(space: Document, settings: Document, effective: Document) -> None:
    """A space's own settings, within those that govern it.

    Args:
        space: The space's document.
        settings: SpaceSettings as they would be kept.
        effective: What governs the space without its own (kernel/studio/settings.py).
    """
    if settings.get("SpaceManagedResources") == "ENABLED":
        raise Invalid(
            "SpaceManagedResources ENABLED is not supported by this server: create the user "
            "profile and the app yourself."
        )
    asked = settings.get("SpaceStorageSettings", {}).get("EbsStorageSettings", {})
    bounds = effective.get("SpaceStorageSettings", {}).get("DefaultEbsStorageSettings", {})
    size, most = asked.get("EbsVolumeSizeInGb"), bounds.get("MaximumEbsVolumeSizeInGb")
    if size is not None and most is not None and size > most:
        raise Invalid(
            f"EbsVolumeSizeInGb {size} of space {space['SpaceName']} is above the "
            f"MaximumEbsVolumeSizeInGb {most} of the settings that govern it."
        )
    for member, minutes in _idle_minutes(settings):
        bounds = _idle(effective.get(member, {}))
        low, high = bounds.get("MinIdleTimeoutInMinutes"), bounds.get("MaxIdleTimeoutInMinutes")
        if (low is not None and minutes < low) or (high is not None and minutes > high):
            raise Invalid(
                f"IdleTimeoutInMinutes {minutes} of {member} must be between {low or 60} and "
                f"{high or 525600}, as the settings that govern the space say."
            )
    allowed = {_named(one) for one in effective.get("CustomFileSystemConfigs", ())}
    for system in settings.get("CustomFileSystems", ()):
        if _named(system) not in allowed:
            raise Invalid(
                f"The file system {_named(system)} is not among the CustomFileSystemConfigs of "
                "the settings that govern the space."
            )


def refuse_smaller(before: Document, after: Document, provisioned: int = 0) -> None:
    """A volume never shrinks, whether its size was asked for or is the default it was made with.

    Raises:
        Invalid: It would.
    """
    old, new = (
        one.get("SpaceStorageSettings", {}).get("EbsStorageSettings", {}).get("EbsVolumeSizeInGb")
        for one in (before, after)
    )
    least = max(old or 0, provisioned)
    if new is not None and new < least:
        raise Invalid(f"EbsVolumeSizeInGb cannot be decreased from {least} to {new}.")


def _check_storage(settings: Document) -> None:
    sizes = settings.get("SpaceStorageSettings", {}).get("DefaultEbsStorageSettings")
    if sizes and sizes["DefaultEbsVolumeSizeInGb"] > sizes["MaximumEbsVolumeSizeInGb"]:
        raise Invalid(
            f"DefaultEbsVolumeSizeInGb {sizes['DefaultEbsVolumeSizeInGb']} is above "
            f"MaximumEbsVolumeSizeInGb {sizes['MaximumEbsVolumeSizeInGb']}."
        )


def _check_idle(settings: Document) -> None:
    for member in IDLE_SETTINGS:
        idle = _idle(settings.get(member, {}))
        order = ("MinIdleTimeoutInMinutes", "IdleTimeoutInMinutes", "MaxIdleTimeoutInMinutes")
        given = [(name, idle[name]) for name in order if idle.get(name) is not None]
        for (low, less), (high, more) in itertools.pairwise(given):
            if less > more:
                raise Invalid(f"{low} {less} of {member} is above {high} {more}.")


def _idle(settings: Document) -> Document:
    found: Document = settings.get("AppLifecycleManagement", {}).get("IdleSettings", {})
    return found


def _idle_minutes(settings: Document) -> Iterator[tuple[str, int]]:
    for member in IDLE_SETTINGS:
        minutes = _idle(settings.get(member, {})).get("IdleTimeoutInMinutes")
        if minutes is not None:
            yield member, minutes


def _named(system: Document) -> str:
    """The id or address of a file system of any kind."""
    for value in system.values():
        return str(value.get("FileSystemId") or value.get("S3Uri"))
    return ""


def _check_file_system(call: Call, system: Document) -> None:
    """A volume that is there and holds nobody's homes.

    Whoever mounts one says by CustomPosixUserConfig as whom: as the owner of a home, too.

    Raises:
        Invalid: It is not there, is or was a domain's own, or is of a kind we do not have.
    """
    if "FSxLustreFileSystemConfig" in system:
        raise Invalid(f"The file system {_named(system)} does not exist: there is no FSx here.")
    if "EFSFileSystemConfig" not in system:
        return
    volume = call.unit.named(FILE_SYSTEM, _named(system))
    if volume is None:
        raise Invalid(f"The file system {_named(system)} does not exist.")
    if volume.status != "available":
        raise Invalid(f"The file system {volume.name} is being deleted.")
    if home_of := volume.document.get("_DomainId"):
        raise Invalid(
            f"The file system {volume.name} belongs to domain {home_of}: it holds people's homes "
            "and is no custom file system. AutoMountHomeEFS shows each their own."
        )
    path = system["EFSFileSystemConfig"].get("FileSystemPath", "/")
    if ".." in path.split("/"):
        raise Invalid(f"The FileSystemPath {path} must not lead upwards.")
    if "\0" in path:  # where the kernel would take the path to end
        raise Invalid("The FileSystemPath must not hold a null character.")

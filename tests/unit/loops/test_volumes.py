"""The loop of files: what goes, what becomes a space's volume, who is too full; and taking over."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import allow, make_user, refused
from tests.support.studio import make_domain, make_profile, make_space, session_keys, work_role

from freehold.base.settings import Settings
from freehold.compose import House
from freehold.host import volumes
from freehold.kernel.call import Record
from freehold.kernel.studio import storage
from freehold.kernel.studio.file_systems import ATTACH_TAG
from freehold.kernel.studio.storage import Count, Stored
from freehold.loops.files import Volumes, files_of
from freehold.runners.runner import Status

GIB = 1 << 30


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Volumes are directories: what is tried here is not what holds them."""
    return Settings(state=tmp_path / "state", account_id="111122223333", has_hard_volumes=False)


@pytest.fixture
def finance(aws: Aws) -> SimpleNamespace:
    """A domain of ana with her own space and the classic space team."""
    domain = make_domain(aws, "finance", work_role(aws, "work"))
    make_profile(aws, domain.id, "ana")
    make_space(aws, domain.id, "own", "ana")
    make_space(aws, domain.id, "team")
    sm = aws.client("sagemaker")
    system = sm.describe_domain(DomainId=domain.id)["HomeEfsFileSystemId"]
    return SimpleNamespace(id=domain.id, arn=domain.arn, role=domain.role, system=system, sm=sm)


def app_of(house: House, finance: Any, space: str = "", profile: str = "") -> Record:
    """An app's record, as far as its files ask for it."""
    owner = space or profile
    arn = f"arn:aws:sagemaker:us-east-1:111122223333:app/{finance.id}/{owner}/JupyterLab/default"
    app = Record("sagemaker:app", arn, "default", scope=finance.id)
    kind = storage.SPACE if space else storage.PROFILE
    record = house.kernel.own_unit().named(kind, owner, finance.id)
    assert record is not None
    app.document = {
        "DomainId": finance.id,
        "AppType": "JupyterLab",
        "SpaceName" if space else "UserProfileName": owner,
        "_Uid": record.document["HomeEfsFileSystemUid"],
        "_FileSystem": finance.system,
    }
    return app


def home_of(house: House, finance: Any, **named: str) -> Path:
    found = files_of(house.kernel, app_of(house, finance, **named))
    assert not isinstance(found, str), found
    return Path(found.binds[0].source)


def number(finance: Any, **named: str) -> str:
    if "SpaceName" in named:
        return str(finance.sm.describe_space(DomainId=finance.id, **named)["HomeEfsFileSystemUid"])
    described = finance.sm.describe_user_profile(DomainId=finance.id, **named)
    return str(described["HomeEfsFileSystemUid"])


def test_a_volume_goes_only_if_its_domain_was_deleted_with_it(aws: Aws, house: House) -> None:
    sagemaker, efs = aws.client("sagemaker"), aws.client("efs")
    role = work_role(aws, "work")
    state = house.settings.state
    kept = make_domain(aws, "kept", role)
    gone = make_domain(aws, "gone", role)
    for domain in (kept, gone):
        described = sagemaker.describe_domain(DomainId=domain.id)
        volumes.make_volume(state, described["HomeEfsFileSystemId"])
    kept_id = sagemaker.describe_domain(DomainId=kept.id)["HomeEfsFileSystemId"]
    sagemaker.delete_domain(DomainId=kept.id)
    sagemaker.delete_domain(DomainId=gone.id, RetentionPolicy={"HomeEfsFileSystem": "Delete"})
    loop = Volumes(house.kernel)
    loop.turn()
    loop.turn()
    assert volumes.volumes(state) == [kept_id]
    (left,) = efs.describe_file_systems()["FileSystems"]
    assert (left["FileSystemId"], left["NumberOfMountTargets"]) == (kept_id, 0)


# -- a space's own volume --------------------------------------------------------------------------


def test_people_and_classic_spaces_live_in_the_file_system_and_spaces_in_volumes(
    house: House, finance: SimpleNamespace
) -> None:
    state = house.settings.state
    system = volumes.volume_path(state, finance.system)
    assert home_of(house, finance, profile="ana").parent == system
    assert home_of(house, finance, space="team").parent == system
    own = home_of(house, finance, space="own")
    assert own == state / "volumes" / "spaces" / number(finance, SpaceName="own") / "home"
    assert own.stat().st_mode & 0o777 == 0o700
    described = finance.sm.describe_space(DomainId=finance.id, SpaceName="own")
    assert "SpaceStorageSettings" not in described["SpaceSettings"]  # nothing is invented
    record = house.kernel.own_unit().named(storage.SPACE, "own", finance.id)
    assert record is not None
    assert storage.provisioned_gigabytes(record.document) == storage.GIGABYTES_DEFAULT


def test_the_owners_home_is_shown_unless_somebody_opted_out(
    house: House, finance: SimpleNamespace
) -> None:
    def shown() -> list[tuple[str, ...]]:
        found = files_of(house.kernel, app_of(house, finance, space="own"))
        assert not isinstance(found, str)
        return [layer.at for layer in found.layers]

    assert shown() == [("user-default-efs",)]
    finance.sm.update_domain(
        DomainId=finance.id, DefaultUserSettings={"AutoMountHomeEFS": "Disabled"}
    )
    assert shown() == []
    profile = {"DomainId": finance.id, "UserProfileName": "ana"}
    for value, expected in (("Enabled", 1), ("DefaultAsDomain", 0), ("Disabled", 0)):
        finance.sm.update_user_profile(**profile, UserSettings={"AutoMountHomeEFS": value})
        assert len(shown()) == expected


def test_custom_file_systems_are_shown_where_space_and_settings_agree(
    aws: Aws, house: House, finance: SimpleNamespace
) -> None:
    made = aws.client("efs").create_file_system(CreationToken="shared")["FileSystemId"]
    config = {"FileSystemId": made, "FileSystemPath": "/team"}
    posix = {"Uid": 20_000, "Gid": 2_000}
    finance.sm.update_domain(
        DomainId=finance.id,
        DefaultUserSettings={"CustomFileSystemConfigs": [{"EFSFileSystemConfig": config}]},
    )
    named = {"DomainId": finance.id, "UserProfileName": "bob"}
    finance.sm.create_user_profile(**named, UserSettings={"CustomPosixUserConfig": posix})
    finance.sm.create_space(
        DomainId=finance.id,
        SpaceName="bobs",
        OwnershipSettings={"OwnerUserProfileName": "bob"},
        SpaceSharingSettings={"SharingType": "Private"},
        SpaceSettings={
            "AppType": "JupyterLab",
            "CustomFileSystems": [{"EFSFileSystem": {"FileSystemId": made}}],
        },
    )
    found = files_of(house.kernel, app_of(house, finance, space="bobs"))
    assert not isinstance(found, str)
    layer = found.layers[-1]
    assert layer.at == ("custom-file-systems", "efs", made)
    assert layer.beneath == "/team"
    assert layer.ids is not None
    assert layer.ids[:2] == (20_000, 2_000)
    with refused("FileSystemInUse", "the settings of"):
        aws.client("efs").delete_file_system(FileSystemId=made)


def test_a_home_from_before_volumes_becomes_the_spaces_volume(
    house: House, finance: SimpleNamespace
) -> None:
    state, mine = house.settings.state, int(number(finance, SpaceName="own"))
    team = int(number(finance, SpaceName="team"))
    for one in (mine, team):
        home = volumes.make_home(state, finance.system, one, os.geteuid())
        (home / "kept.txt").write_text("by ana")
    (volumes.space_path(state, mine)).mkdir(parents=True)  # a server was killed here
    Volumes(house.kernel).turn()
    own = home_of(house, finance, space="own")
    assert (own / "kept.txt").read_text() == "by ana"
    assert mine not in volumes.homes(state, finance.system)
    assert (home_of(house, finance, space="team") / "kept.txt").exists()


def test_a_deleted_spaces_volume_goes_before_its_record(
    house: House, finance: SimpleNamespace
) -> None:
    own = home_of(house, finance, space="own")
    (own / "file").write_text("x")
    named = {"DomainId": finance.id, "SpaceName": "own"}
    finance.sm.delete_space(**named)
    assert finance.sm.describe_space(**named)["Status"] == "Deleting"
    app = {"AppType": "JupyterLab", "AppName": "default"}
    for call in (
        lambda: finance.sm.create_app(**named, **app),
        lambda: finance.sm.update_space(**named, SpaceDisplayName="x"),
        lambda: finance.sm.delete_space(**named),
    ):
        with refused("ResourceInUse", "is being deleted"):
            call()
    with refused("ResourceInUse"):
        finance.sm.delete_user_profile(DomainId=finance.id, UserProfileName="ana")
    Volumes(house.kernel).turn()
    assert not own.parent.exists()
    with refused("ResourceNotFound"):
        finance.sm.describe_space(**named)
    finance.sm.delete_space(DomainId=finance.id, SpaceName="team")  # never started: gone at once
    with refused("ResourceNotFound"):
        finance.sm.describe_space(DomainId=finance.id, SpaceName="team")


def test_a_volume_that_was_made_with_the_default_size_never_shrinks(
    house: House, finance: SimpleNamespace
) -> None:
    sizes = {"DefaultEbsVolumeSizeInGb": 20, "MaximumEbsVolumeSizeInGb": 50}
    default = {"SpaceStorageSettings": {"DefaultEbsStorageSettings": sizes}}
    finance.sm.update_domain(DomainId=finance.id, DefaultUserSettings=default)
    home_of(house, finance, space="own")

    def ask(size: int) -> None:
        given = {"EbsStorageSettings": {"EbsVolumeSizeInGb": size}}
        finance.sm.update_space(
            DomainId=finance.id, SpaceName="own", SpaceSettings={"SpaceStorageSettings": given}
        )

    with refused("ValidationException", "cannot be decreased from 20 to 10"):
        ask(10)
    ask(30)
    record = house.kernel.own_unit().named(storage.SPACE, "own", finance.id)
    assert record is not None
    assert storage.provisioned_gigabytes(record.document) == 30  # billed from now on


# -- too full --------------------------------------------------------------------------------------


class Stopping:
    """A runner of which only the end is of interest."""

    def __init__(self) -> None:
        self.stopped: list[str] = []

    def look(self, _id: str) -> Status:
        return Status(state="running")

    def stop(self, id: str, _grace: float | None = None) -> None:
        self.stopped.append(id)


def test_an_app_of_a_directory_that_holds_too_much_is_stopped_and_not_started_again(
    house: House, finance: SimpleNamespace
) -> None:
    own = home_of(house, finance, space="own")
    file = os.open(own / "big", os.O_RDWR | os.O_CREAT)
    os.posix_fallocate(file, 0, 6 * GIB)
    os.close(file)
    app = app_of(house, finance, space="own")
    app.document["_Run"] = "app-1"
    house.kernel.writer.run(lambda unit: unit.create(app))
    runner = Stopping()
    loop = Volumes(house.kernel, runner)  # type: ignore[arg-type]
    loop.turn()
    assert runner.stopped == []  # nothing is counted yet
    mine = int(number(finance, SpaceName="own"))
    house.kernel.stored = Stored(spaces={mine: Count(6 * GIB)})
    loop.turn()
    assert runner.stopped == ["app-1"]
    reason = files_of(house.kernel, app)
    assert isinstance(reason, str)
    assert "is full: it holds 6.00 GiB of 5 GiB" in reason
    (own / "big").unlink()
    assert not isinstance(files_of(house.kernel, app), str)
    loop.turn()
    assert runner.stopped == ["app-1"]  # what was counted last is looked at again first


# -- kept file systems -----------------------------------------------------------------------------


def take_over(aws: Aws, house: House, finance: SimpleNamespace) -> str:
    """Delete all of finance but its files, which wait for the next domain of that name."""
    for profile in ("ana", "bob"):
        if profile == "bob":
            make_profile(aws, finance.id, "bob")
        home = home_of(house, finance, profile=profile)
        (home / "whose").write_text(profile)
    (home_of(house, finance, space="team") / "whose").write_text("team")
    for space in ("own", "team"):
        finance.sm.delete_space(DomainId=finance.id, SpaceName=space)
    for profile in ("ana", "bob"):
        finance.sm.delete_user_profile(DomainId=finance.id, UserProfileName=profile)
    finance.sm.delete_domain(DomainId=finance.id)
    tags = [{"Key": ATTACH_TAG, "Value": "finance"}]
    aws.client("efs").tag_resource(ResourceId=finance.system, Tags=tags)
    return str(finance.system)


def test_a_kept_file_system_is_found_with_the_homes_in_it_and_taken_over(
    aws: Aws, house: House, finance: SimpleNamespace
) -> None:
    efs = aws.client("efs")
    system = take_over(aws, house, finance)
    points = efs.describe_access_points(FileSystemId=system)["AccessPoints"]
    assert sorted(point["Name"] for point in points) == ["ana", "bob", "team"]
    other = make_domain(aws, "other", finance.role)
    assert finance.sm.describe_domain(DomainId=other.id)["HomeEfsFileSystemId"] != system
    again = make_domain(aws, "finance", finance.role)
    assert finance.sm.describe_domain(DomainId=again.id)["HomeEfsFileSystemId"] == system
    (shown,) = efs.describe_file_systems(FileSystemId=system)["FileSystems"]
    tags = {tag["Key"]: tag["Value"] for tag in shown["Tags"]}
    assert ATTACH_TAG not in tags
    assert tags["sagemaker:domain-arn"] == again.arn
    anew = SimpleNamespace(id=again.id, system=system, sm=finance.sm)
    for name in ("ANA", "carl", "bob"):
        make_profile(aws, again.id, name)
    make_space(aws, again.id, "team")
    assert (home_of(house, anew, profile="ANA") / "whose").read_text() == "ana"
    assert (home_of(house, anew, profile="bob") / "whose").read_text() == "bob"
    assert (home_of(house, anew, space="team") / "whose").read_text() == "team"
    assert os.listdir(home_of(house, anew, profile="carl")) == []
    # Whoever is deleted and made again within a domain is somebody else, as far as we know.
    finance.sm.delete_user_profile(DomainId=again.id, UserProfileName="bob")
    make_profile(aws, again.id, "bob")
    assert os.listdir(home_of(house, anew, profile="bob")) == []


def test_a_kept_file_system_is_not_taken_over_by_those_who_may_not(
    aws: Aws, house: House, finance: SimpleNamespace
) -> None:
    member = session_keys(
        house, finance.role, finance.arn.replace("domain", "user-profile") + "/ana"
    )
    with refused("AccessDeniedException", "administrators only"):
        aws.client("efs", member).tag_resource(
            ResourceId=finance.system, Tags=[{"Key": ATTACH_TAG, "Value": "x"}]
        )
    tagging = aws.client("resourcegroupstaggingapi", member)
    (arn,) = (
        one["FileSystemArn"] for one in aws.client("efs").describe_file_systems()["FileSystems"]
    )
    answer = tagging.tag_resources(ResourceARNList=[arn], Tags={ATTACH_TAG: "x"})
    assert answer["FailedResourcesMap"][arn]["ErrorCode"] == "AccessDeniedException"
    with refused("AccessDeniedException", "administrators only"):
        aws.client("efs", member).create_file_system(
            CreationToken="bait", Tags=[{"Key": ATTACH_TAG, "Value": "x"}]
        )
    system = take_over(aws, house, finance)
    elsewhere = make_domain(aws, "other", finance.role)
    other = session_keys(house, finance.role, make_profile(aws, elsewhere.id, "mal"))
    untagged = aws.client("resourcegroupstaggingapi", other).untag_resources(
        ResourceARNList=[arn], TagKeys=[ATTACH_TAG]
    )
    assert untagged["FailedResourcesMap"][arn]["ErrorCode"] == "AccessDeniedException"
    eve = make_user(aws, "eve", allow("sagemaker:*"), allow("iam:PassRole"))
    asked: dict[str, Any] = {
        "DomainName": "finance",
        "AuthMode": "IAM",
        "DefaultUserSettings": {"ExecutionRole": finance.role},
    }
    with refused("AccessDeniedException", "elasticfilesystem:UpdateFileSystem"):
        aws.client("sagemaker", eve).create_domain(**asked)
    (shown,) = aws.client("efs").describe_file_systems(FileSystemId=system)["FileSystems"]
    assert shown["CreationToken"] == finance.id


def test_a_kept_file_system_is_removed_when_asked(
    aws: Aws, house: House, finance: SimpleNamespace
) -> None:
    efs = aws.client("efs")
    with refused("FileSystemInUse", f"domain {finance.id} lives on it"):
        efs.delete_file_system(FileSystemId=finance.system)
    system = take_over(aws, house, finance)
    efs.delete_file_system(FileSystemId=system)
    (shown,) = efs.describe_file_systems(FileSystemId=system)["FileSystems"]
    assert shown["LifeCycleState"] == "deleting"
    Volumes(house.kernel).turn()
    assert volumes.volumes(house.settings.state) == []
    with refused("FileSystemNotFound"):
        efs.describe_file_systems(FileSystemId=system)

"""A domain saved and brought back: its records renamed, its files whole, others' untouched."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.studio import make_domain, make_profile, make_space, tags_of, work_role

from freehold.base.errors import Conflict, Fault, Invalid
from freehold.cli.backup import needs, records, returning, saving
from freehold.cli.backup.rewriting import Names
from freehold.cli.quick.clients import Clients
from freehold.compose import House
from freehold.host import volumes
from freehold.host.archives import checking

Studio = tuple[Any, dict[str, Path]]


@pytest.fixture
def state(house: House) -> Path:
    return house.settings.state


def home_of(aws: Aws, house: House, domain_id: str, kind: str, name: str) -> Path:
    sagemaker = aws.client("sagemaker")
    fs = sagemaker.describe_domain(DomainId=domain_id)["HomeEfsFileSystemId"]
    member = "UserProfileName" if kind == "user_profile" else "SpaceName"
    told = getattr(sagemaker, f"describe_{kind}")(DomainId=domain_id, **{member: name})
    number = int(told["HomeEfsFileSystemUid"])
    return volumes.make_home(house.settings.state, fs, number, house.kernel.uids.owner(number))


@pytest.fixture
def finance(aws: Aws, house: House) -> Studio:
    """A domain of ana, bob and the space team, with files; beside it another one."""
    role = work_role(aws, "work")
    script = aws.client("sagemaker").create_studio_lifecycle_config(
        StudioLifecycleConfigName="setup",
        StudioLifecycleConfigContent="ZWNobyBoaQ==",
        StudioLifecycleConfigAppType="JupyterLab",
    )["StudioLifecycleConfigArn"]
    domain = make_domain(
        aws,
        "finance",
        role,
        Tags=[{"Key": "cost-center", "Value": "42"}],
        DefaultUserSettings={
            "ExecutionRole": role,
            "JupyterLabAppSettings": {"LifecycleConfigArns": [script]},
        },
    )
    make_profile(aws, domain.id, "ana", Tags=[{"Key": "boss", "Value": f"{domain.arn}"}])
    make_profile(aws, domain.id, "bob", UserSettings={"ExecutionRole": work_role(aws, "bob")})
    make_space(aws, domain.id, "team")
    make_space(aws, domain.id, "hers", owner="ana")
    homes = {
        "ana": home_of(aws, house, domain.id, "user_profile", "ana"),
        "team": home_of(aws, house, domain.id, "space", "team"),
    }
    for name, home in homes.items():
        (home / "notes.txt").write_text(f"notes of {name}")
        (home / "link").symlink_to("notes.txt")
        volumes.give(home, os.stat(home).st_uid)
        home.chmod(0o700)
    return domain, homes


def save(aws: Aws, state: Path, to: Path, named: str = "finance") -> saving.Saved:
    return saving.save(
        aws.client, state, named, to, stops_apps=False, say=print, tell=lambda *_: None
    )


def restore(
    clients: Clients, state: Path, archive: Path, name: str, **given: str
) -> tuple[Any, list[str]]:
    summary = checking.read(archive)
    lines: list[str] = []
    work = returning.Return(clients, state, archive, summary, name, lines.append)
    work.require_place()
    found = returning.contents(summary)
    return work.run(needs.met(clients, found, given, lines.append)), lines


def digests(home: Path) -> dict[str, str]:
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def test_a_domain_comes_back_under_a_new_name(
    aws: Aws, house: House, state: Path, finance: Studio, tmp_path: Path
) -> None:
    old, homes = finance
    before = digests(state / "volumes")
    saved = save(aws, state, tmp_path / "f.tar.zst")
    assert (saved.lost, saved.changed) == (0, [])
    new, _ = restore(aws.client, state, tmp_path / "f.tar.zst", "finance2")
    sagemaker = aws.client("sagemaker")
    asked = {"DomainIdEquals": new["DomainId"]}
    assert [
        p["UserProfileName"] for p in sagemaker.list_user_profiles(**asked)["UserProfiles"]
    ] == ["ana", "bob"]
    assert {s["SpaceName"] for s in sagemaker.list_spaces(**asked)["Spaces"]} == {"team", "hers"}
    described = sagemaker.describe_domain(DomainId=old.id)
    for member in ("DefaultUserSettings", "DefaultSpaceSettings", "VpcId", "SubnetIds"):
        assert new[member] == described[member]
    assert new["HomeEfsFileSystemId"] != described["HomeEfsFileSystemId"]
    assert tags_of(aws, new["DomainArn"]) == {"cost-center": "42"}  # the mark is gone
    ana = sagemaker.describe_user_profile(DomainId=new["DomainId"], UserProfileName="ana")
    assert tags_of(aws, ana["UserProfileArn"]) == {"boss": new["DomainArn"]}
    for kind, name in (("user_profile", "ana"), ("space", "team")):
        home = home_of(aws, house, new["DomainId"], kind, name)
        assert digests(home) == digests(homes[name])
        assert os.readlink(home / "link") == "notes.txt"
        number = int(home.name)
        wanted = house.kernel.uids.owner(number)
        owners = {os.lstat(path).st_uid for path in (home, *home.rglob("*"))}
        assert owners == {wanted}
        assert home.stat().st_mode & 0o777 == 0o700
    assert {k: v for k, v in digests(state / "volumes").items() if k in before} == before
    assert not list((state / "volumes").glob(".*"))


def test_the_name_must_be_free_and_the_disk_have_room(
    aws: Aws, state: Path, finance: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(aws, state, tmp_path / "f.tar.gz")
    with pytest.raises(Conflict, match="there is a domain finance already: choose"):
        restore(aws.client, state, tmp_path / "f.tar.gz", "finance")
    monkeypatch.setattr(returning, "SPARE_BYTES", 1 << 62)
    with pytest.raises(Conflict, match="nothing was made"):
        restore(aws.client, state, tmp_path / "f.tar.gz", "other")
    assert len(aws.client("sagemaker").list_domains()["Domains"]) == 1


def killed_after(aws: Aws, operation: str, times: int = 1) -> Clients:
    """Clients whose process ends right after the server did ``operation`` so many times."""
    left = iter(range(times - 1))

    def client(service: str) -> Any:
        made = aws.client(service)

        def kill(model: Any, **_kwargs: Any) -> None:
            if model.name == operation and next(left, None) is None:
                raise KeyboardInterrupt

        made.meta.events.register("after-call", kill)
        return made

    return client


@pytest.mark.parametrize(
    ("operation", "times"),
    [
        ("CreateDomain", 1),
        ("CreateUserProfile", 1),
        ("CreateSpace", 2),
        ("DescribeUserProfile", 1),
        ("AddTags", 1),
        ("DeleteTags", 1),
    ],
)
def test_an_interrupted_restore_is_gone_on_with(
    aws: Aws,
    house: House,
    state: Path,
    finance: Studio,
    tmp_path: Path,
    operation: str,
    times: int,
) -> None:
    _, homes = finance
    archive = tmp_path / "f.tar.gz"
    save(aws, state, archive)
    with pytest.raises(KeyboardInterrupt):
        restore(killed_after(aws, operation, times), state, archive, "again")
    if operation != "DeleteTags":
        new, lines = restore(aws.client, state, archive, "again")
        assert lines[0].startswith("going on with domain again")
    else:  # it was done, only not told
        new = aws.client("sagemaker").list_domains()["Domains"][0]
    assert len(aws.client("sagemaker").list_domains()["Domains"]) == 2
    assert tags_of(aws, new["DomainArn"]) == {"cost-center": "42"}
    home = home_of(aws, house, new["DomainId"], "user_profile", "ana")
    assert digests(home) == digests(homes["ana"])


@pytest.mark.parametrize("moved", [0, 1])
def test_a_kill_while_homes_are_moved_loses_and_doubles_nothing(
    aws: Aws,
    house: House,
    state: Path,
    finance: Studio,
    tmp_path: Path,
    moved: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, homes = finance
    archive = tmp_path / "f.tar.gz"
    save(aws, state, archive)
    rename, left = os.rename, iter(range(moved))

    def cut(source: Any, target: Any, **more: Any) -> None:
        if "tree/homes" in str(source) and next(left, None) is None:
            raise KeyboardInterrupt
        rename(source, target, **more)

    monkeypatch.setattr(os, "rename", cut)
    with pytest.raises(KeyboardInterrupt):
        restore(aws.client, state, archive, "again")
    monkeypatch.setattr(os, "rename", rename)
    new, _ = restore(aws.client, state, archive, "again")
    for kind, name in (("user_profile", "ana"), ("space", "team")):
        home = home_of(aws, house, new["DomainId"], kind, name)
        assert digests(home) == digests(homes[name])


def test_another_archive_does_not_go_on_with_a_domain_half_made(
    aws: Aws, state: Path, finance: Studio, tmp_path: Path
) -> None:
    save(aws, state, tmp_path / "one.tar.gz")
    (finance[1]["ana"] / "more").write_text("later")
    save(aws, state, tmp_path / "two.tar.gz")
    with pytest.raises(KeyboardInterrupt):
        restore(killed_after(aws, "CreateDomain"), state, tmp_path / "one.tar.gz", "again")
    with pytest.raises(Conflict, match="restored from another archive"):
        restore(aws.client, state, tmp_path / "two.tar.gz", "again")


def test_what_is_missing_here_is_named_before_anything_is_made(
    aws: Aws, state: Path, finance: Studio, tmp_path: Path
) -> None:
    save(aws, state, tmp_path / "f.tar.gz")
    iam = aws.client("iam")
    iam.delete_role_policy(RoleName="bob", PolicyName="given")
    iam.delete_role(RoleName="bob")
    old = "arn:aws:iam::111122223333:role/bob"
    with pytest.raises(Conflict, match=f"nothing was made:\n  role {old}\n"):
        restore(aws.client, state, tmp_path / "f.tar.gz", "again")
    assert len(aws.client("sagemaker").list_domains()["Domains"]) == 1
    new, _ = restore(
        aws.client, state, tmp_path / "f.tar.gz", "again", **{old: work_role(aws, "robert")}
    )
    bob = aws.client("sagemaker").describe_user_profile(
        DomainId=new["DomainId"], UserProfileName="bob"
    )
    assert bob["UserSettings"]["ExecutionRole"].endswith("role/robert")


def test_a_lifecycle_configuration_that_is_gone_is_made_again(
    aws: Aws, state: Path, finance: Studio, tmp_path: Path
) -> None:
    save(aws, state, tmp_path / "f.tar.gz")
    sagemaker = aws.client("sagemaker")
    for profile in ("hers", "team"):
        sagemaker.delete_space(DomainId=finance[0].id, SpaceName=profile)
    for name in ("ana", "bob"):
        sagemaker.delete_user_profile(DomainId=finance[0].id, UserProfileName=name)
    sagemaker.delete_domain(DomainId=finance[0].id)
    sagemaker.delete_studio_lifecycle_config(StudioLifecycleConfigName="setup")
    _, lines = restore(aws.client, state, tmp_path / "f.tar.gz", "finance")
    assert "made lifecycle configuration setup" in lines
    told = sagemaker.describe_studio_lifecycle_config(StudioLifecycleConfigName="setup")
    assert told["StudioLifecycleConfigContent"] == "ZWNobyBoaQ=="


Change = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda body: body.replace(b"notes of ana", b"notes of eve"), "ana/notes.txt is damaged"),
        (lambda body: body.replace(b'"finance"', b'"fanance"', 1), "about.json is damaged"),
        (lambda body: body[:4096], "cut off"),
    ],
)
def test_a_damaged_archive_makes_nothing(
    aws: Aws, state: Path, finance: Studio, tmp_path: Path, change: Change, said: str
) -> None:
    save(aws, state, tmp_path / "f.tar.gz")
    body = gzip.decompress((tmp_path / "f.tar.gz").read_bytes())
    (tmp_path / "bad.tar.gz").write_bytes(gzip.compress(change(body)))
    with pytest.raises(Invalid, match=said):
        restore(aws.client, state, tmp_path / "bad.tar.gz", "again")
    assert len(aws.client("sagemaker").list_domains()["Domains"]) == 1


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    from freehold.host.archives.writing import ArchiveWriter

    with ArchiveWriter(tmp_path / "x.tar.gz") as archive:
        archive.document("about.json", records.encoded({"format": "freehold-domain", "version": 9}))
        archive.document("domain.json", b"{}")
        archive.finish()
    with pytest.raises(Fault, match="this archive has the form 9, this Freehold knows 1"):
        returning.contents(checking.read(tmp_path / "x.tar.gz"))


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("arn:aws:sagemaker:r:1:domain/d-old", "arn:aws:sagemaker:s:2:domain/d-new"),
        ("arn:aws:sagemaker:r:1:app/d-old/a/b/c", "arn:aws:sagemaker:s:2:app/d-new/a/b/c"),
        ("arn:aws:sagemaker:r:1:space/d-old/a-d-old", "arn:aws:sagemaker:s:2:space/d-new/a-d-old"),
        ("arn:aws:sagemaker:r:1:domain/d-older", "arn:aws:sagemaker:r:1:domain/d-older"),
        ("arn:aws:sagemaker:r:1:model/d-old", "arn:aws:sagemaker:r:1:model/d-old"),
        ("s3://bucket/d-old/x", "s3://bucket/d-old/x"),
        ("fs-1", "fs-2"),
    ],
)  # fmt: skip
def test_only_what_names_the_domain_itself_is_renamed(text: str, becomes: str) -> None:
    names = Names(
        "arn:aws:sagemaker:r:1:domain/d-old", "arn:aws:sagemaker:s:2:domain/d-new", {"fs-1": "fs-2"}
    )
    assert names.of({"a": [text]}) == {"a": [becomes]}

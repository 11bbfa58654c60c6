"""Layers as a sandbox has them: real mounts in a real sandbox, and files that bar their way."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.server import until

from freehold.base.errors import Internal
from freehold.host import volumes
from freehold.host.sandboxes import limits, mounts, probe
from freehold.host.sandboxes.cgroups import Group
from freehold.host.sandboxes.launch import Launched
from freehold.host.sandboxes.sandbox import Bind, Layer, Sandbox, identity, plan
from freehold.host.volumes import images

pytestmark = pytest.mark.skipif(bool(probe.bubblewrap().trouble), reason="needs sandboxes")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="ids are mapped as root only")
needs_images = pytest.mark.skipif(bool(images.trouble()), reason=f"no images: {images.trouble()}")

NOBODYS = limits.Enforcement(kind="watchdog", bases={}, reason="")
ME, ANA, POSIX = 1_899_999_990, 1_899_999_991, 1_899_999_992
HOME = "/home/sagemaker-user"
MIB = 1 << 20


def sh(script: str, home: Path, *layers: Layer) -> tuple[str, str]:
    """Run a script in a sandbox whose home is ``home``; what it said, and what went wrong."""
    given = plan(
        Sandbox(binds=(Bind(str(home), HOME, is_writable=True),), layers=layers),
        identity(ME),
        bwrap=probe.bubblewrap().path or "",
        argv=("/bin/sh", "-c", script),
        env={},
        cwd=HOME,
        enforcement=NOBODYS,
        limits=limits.Limits(),
    )
    launched = Launched()
    launched.start(given, Group(NOBODYS.plan("", limits.Limits())))
    said = {launched.out: b"", launched.err: b"", launched.report: b""}
    poll = select.poll()
    for descriptor in said:
        poll.register(descriptor, select.POLLIN)
    is_open = set(said)
    while is_open:
        for descriptor, _ in poll.poll(20_000):
            data = os.read(descriptor, 65536)
            said[descriptor] += data
            if not data:
                poll.unregister(descriptor)
                is_open.discard(descriptor)
    launched.close()
    os.waitpid(launched.pid, 0)
    failed = b"\n".join(x for x in said[launched.report].splitlines() if x.startswith(b"failed"))
    return said[launched.out].decode().strip(), (said[launched.err] + failed).decode()


def me() -> int:
    return ME if os.geteuid() == 0 else os.geteuid()


def own(path: Path, owner: int) -> Path:
    path.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(path, owner, owner)
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return own(tmp_path / "home", me())


def folder(source: Path, home: Path, *at: str, owner: int | None = None, path: str = "") -> Layer:
    ids = None if owner is None else (owner, owner, me(), me())
    return Layer(
        kind="folder",
        source=str(source),
        beneath=path,
        base=str(home),
        at=at,
        owner=me(),
        ids=ids,
        label="The folder",
    )


# -- folders ---------------------------------------------------------------------------------------


@needs_root
def test_another_uids_home_is_shown_as_ones_own_and_stays_theirs(
    tmp_path: Path, home: Path
) -> None:
    theirs = own(tmp_path / "ana", ANA)
    (theirs / "notes").write_text("of ana")
    os.chown(theirs / "notes", ANA, ANA)
    (theirs / "notes").chmod(0o600)
    script = "cd efs && cat notes && stat -c ' %u' notes && echo new > made && chmod 600 made"
    said, wrong = sh(script, home, folder(theirs, home, "efs", owner=ANA))
    assert (said, wrong) == (f"of ana {ME}", "")
    assert (theirs / "made").stat().st_uid == ANA
    assert theirs.stat().st_mode & 0o777 == 0o700
    assert os.listdir(home / "efs") == []  # nothing is mounted but in the sandbox


@needs_root
def test_the_one_posix_user_of_a_shared_folder_opens_no_home_in_it(
    tmp_path: Path, home: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    (own(shared / "ana", ANA) / "secret").write_text("of ana")
    script = (
        "cd fs && echo mine > mine && cat mine; cat ana/secret; ls ana; rm -rf ana; "
        "chmod 4755 mine; mknod dev c 1 3; ls"
    )
    said, wrong = sh(script, home, folder(shared, home, "fs", owner=POSIX))
    assert said.split() == ["mine", "ana", "mine"]
    assert wrong.count("Permission denied") >= 2
    assert (shared / "ana" / "secret").exists()
    assert (shared / "mine").stat().st_uid == POSIX


def test_a_folder_is_shown_below_a_path(tmp_path: Path, home: Path) -> None:
    source = tmp_path / "source"
    (source / "a" / "b").mkdir(parents=True)
    (source / "a" / "b" / "file").write_text("x")
    said, wrong = sh(
        "cat custom-file-systems/efs/fs-1/file; stat -c ' %a' custom-file-systems",
        home,
        folder(source, home, "custom-file-systems", "efs", "fs-1", path="/a/b"),
    )
    assert (said, wrong) == ("x 755", "")


@pytest.mark.parametrize(
    "path", ["/link", "/link/deeper", "/../secret", "/none", "/a/../../secret"]
)
def test_a_path_that_leads_out_leaves_a_word_and_no_files(
    tmp_path: Path, home: Path, path: str
) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "deeper").mkdir()
    source = tmp_path / "source"
    (source / "a").mkdir(parents=True)
    (source / "link").symlink_to(tmp_path / "secret")
    said, wrong = sh("ls efs; cat efs/error.txt", home, folder(source, home, "efs", path=path))
    assert said.startswith("error.txt\nThe folder could not be mounted: ")
    assert "could not be mounted" in wrong  # and in the app's log
    said, _ = sh("ls efs", home, folder(source, home, "efs", path="/a"))
    assert said == ""  # the word of before lies below the mount


@pytest.mark.parametrize("kind", ["link", "file", "fifo", "link-in-the-way", "error-fifo"])
def test_a_home_cannot_lead_a_mount_elsewhere(tmp_path: Path, home: Path, kind: str) -> None:
    outside = own(tmp_path / "outside", me())
    source = own(tmp_path / "source", me())
    (source / "file").write_text("x")
    at, path = ("efs", "below"), ""
    match kind:
        case "link":
            (home / "efs").mkdir()
            (home / "efs" / "below").symlink_to(outside)
        case "file":
            (home / "efs").write_text("")
        case "fifo":
            os.mkfifo(home / "efs")
        case "link-in-the-way":
            (home / "efs").symlink_to(outside)
        case "error-fifo":
            (home / "efs" / "below").mkdir(parents=True)
            os.mkfifo(home / "efs" / "below" / "error.txt")
            path = "/none"
    said, wrong = sh("echo well", home, folder(source, home, *at, path=path))
    assert said == "well"
    assert "The folder could not be mounted" in wrong
    assert os.listdir(outside) == []


def test_what_must_be_there_and_is_not_ends_the_start(tmp_path: Path, home: Path) -> None:
    layer = Layer(
        kind="image",
        source=str(tmp_path / "none"),
        base=str(home),
        owner=me(),
        label="The volume",
        is_needed=True,
    )
    said, wrong = sh("echo well", home, layer)
    assert said == ""
    assert "failed the files" in wrong
    assert "The volume could not be mounted" in wrong


# -- images ----------------------------------------------------------------------------------------


def image_layer(made: volumes.SpaceVolume) -> Layer:
    return Layer(
        kind="image",
        source=str(made.image),
        base=str(made.home),
        owner=ME,
        label="The volume",
        is_needed=True,
    )


def make(state: Path, size: int) -> volumes.SpaceVolume:
    made = volumes.make_space(state, 7, ME, size=size, is_hard=True)
    assert made.image is not None
    return made


@needs_images
def test_a_full_volume_is_full_for_its_app_and_for_nobody_else(tmp_path: Path) -> None:
    made = make(tmp_path, 64 * MIB)
    script = (
        "head -c 99999999 /dev/zero > big; echo $?; rm big; echo kept > file; ls -A; stat -c %a ."
    )
    said, wrong = sh(script, made.home, image_layer(made))
    assert said.split() == ["1", "file", "700"]
    assert "No space left on device" in wrong
    (tmp_path / "other").write_bytes(b"x" * MIB)
    assert os.listdir(made.home) == []
    said, _ = sh("cat file", made.home, image_layer(made))  # mounted anew
    assert said == "kept"
    until(lambda: used(tmp_path) < 40 * MIB)  # what was deleted is given back with the mount


def used(state: Path) -> int:
    found = volumes.space_usage(state, 7)
    assert found is not None
    assert found.is_complete
    return found.bytes


@needs_images
def test_a_volume_grows_with_what_is_in_it(tmp_path: Path) -> None:
    made = make(tmp_path, 32 * MIB)
    sh("echo kept > file", made.home, image_layer(made))
    again = volumes.make_space(tmp_path, 7, ME, size=128 * MIB, is_hard=True)
    assert images.capacity(tmp_path / "volumes/spaces/7/image") == 128 * MIB
    said, _ = sh(
        "cat file; head -c 90000000 /dev/zero > big; echo $?", again.home, image_layer(again)
    )
    assert said.split() == ["kept", "0"]
    smaller = volumes.make_space(tmp_path, 7, ME, size=32 * MIB, is_hard=True)
    assert smaller == again
    assert images.capacity(tmp_path / "volumes/spaces/7/image") == 128 * MIB


@needs_images
def test_growing_that_was_killed_half_way_is_done_the_next_time(tmp_path: Path) -> None:
    made = make(tmp_path, 32 * MIB)
    assert made.image is not None
    os.truncate(made.image, 64 * MIB)  # killed between the file and what is in it
    assert images.capacity(made.image) == 32 * MIB
    make(tmp_path, 64 * MIB)
    assert images.capacity(made.image) == 64 * MIB


@needs_images
def test_an_image_mounted_twice_is_one_file_system(tmp_path: Path) -> None:
    made = make(tmp_path, 32 * MIB)
    first, second = mounts.image(str(made.image)), mounts.image(str(made.image))
    try:
        os.mkdir("seen", dir_fd=first)
        os.close(mounts.open_beneath(second, "seen"))
        assert mounts.is_attached(str(made.image))
    finally:
        os.close(first)
        os.close(second)


@needs_images
def test_a_device_that_another_image_has_meanwhile_is_not_taken(tmp_path: Path) -> None:
    mine, other = (make(tmp_path / name, 32 * MIB).image for name in ("mine", "other"))
    whole = mounts.image(str(mine))
    try:
        held = {
            name: (mounts.held(name, str(mine)), mounts.held(name, str(other)))
            for name in os.listdir("/sys/block")
            if name.startswith("loop")
        }
        ((device, nothing),) = [found for found in held.values() if found != (None, None)]
        assert device is not None
        assert nothing is None
        os.close(device)
    finally:
        os.close(whole)


@needs_images
def test_an_image_is_not_mounted_while_it_is_grown_nor_grown_by_two(tmp_path: Path) -> None:
    image = str(make(tmp_path, 32 * MIB).image)
    with ThreadPoolExecutor(2) as pool:
        with mounts.locked(image):
            grown = pool.submit(images.grow, Path(image), 64 * MIB)
            mounted = pool.submit(mounts.image, image)
            until(lambda: waiting(image) == 2)
            assert not mounts.is_attached(image)
            assert images.capacity(Path(image)) == 32 * MIB
        grown.result()
        os.close(mounted.result())


def waiting(path: str) -> int:
    """How many wait for a file's lock."""
    inode = f":{os.stat(path).st_ino} "
    lines = Path("/proc/locks").read_text().splitlines()
    return sum(" -> FLOCK " in line and inode in line for line in lines)


@needs_images
def test_what_grows_an_image_keeps_others_away_when_the_server_is_killed(tmp_path: Path) -> None:
    image = make(tmp_path, 32 * MIB).image
    assert image is not None
    code = """
import os, sys
from pathlib import Path
from freehold.host.volumes import images
images.PATH = sys.argv[2]  # a check that takes its time
images.grow(Path(sys.argv[1]), 64 << 20)
"""
    slow = tmp_path / "bin" / "e2fsck"
    slow.parent.mkdir()
    slow.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/begun\nexec sleep 60\n")
    slow.chmod(0o755)
    server = subprocess.Popen([sys.executable, "-c", code, str(image), f"{slow.parent}:/bin"])
    until(lambda: (tmp_path / "begun").exists() and (tmp_path / "begun").read_text().strip())
    server.kill()
    server.wait()
    check = int((tmp_path / "begun").read_text())
    with ThreadPoolExecutor(1) as pool:
        mounted = pool.submit(mounts.image, str(image))
        until(lambda: waiting(str(image)) == 1)
        os.kill(check, signal.SIGKILL)
        os.close(mounted.result())


@needs_images
def test_nothing_half_made_is_left(tmp_path: Path) -> None:
    place = tmp_path / "volumes" / "spaces" / "7"
    place.mkdir(parents=True)
    (place / "image.new").write_text("killed here")
    made = make(tmp_path, 32 * MIB)
    assert sorted(os.listdir(place)) == ["home", "image"]
    assert made.image is not None
    made.image.write_bytes(b"\0" * MIB)
    with pytest.raises(Internal):
        images.grow(made.image, 64 * MIB)

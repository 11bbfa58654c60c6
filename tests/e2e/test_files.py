"""Files as people have them: in real apps, over restarts, and where somebody means harm."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
from tests.support import needs
from tests.support.people import allow, policy, trusting
from tests.support.server import RunningServer, until
from tests.support.visits import Visit

from freehold.host.volumes import images

pytestmark = needs.sandboxes("jupyterlab")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    yield from needs.shared_server(tmp_path_factory, "files")


@pytest.fixture(scope="module")
def studio(server: RunningServer) -> SimpleNamespace:
    """A domain whose people share a file system; ana and bob each have a private space."""
    iam, sm, efs = server.client("iam"), server.client("sagemaker"), server.client("efs")
    role = iam.create_role(
        RoleName="work",
        AssumeRolePolicyDocument=trusting({"Service": "sagemaker.amazonaws.com"}),
    )["Role"]["Arn"]
    iam.put_role_policy(RoleName="work", PolicyName="p", PolicyDocument=policy(allow("*")))
    shared = efs.create_file_system(CreationToken="shared")["FileSystemId"]
    settings = {
        "ExecutionRole": role,
        "CustomFileSystemConfigs": [{"EFSFileSystemConfig": {"FileSystemId": shared}}],
    }
    domain = sm.create_domain(
        DomainName="finance",
        AuthMode="IAM",
        DefaultUserSettings=settings,
        DefaultSpaceSettings={"ExecutionRole": role},
    )["DomainId"]
    for name in ("ana", "bob"):
        sm.create_user_profile(DomainId=domain, UserProfileName=name)
        sm.create_space(
            DomainId=domain,
            SpaceName=f"of-{name}",
            OwnershipSettings={"OwnerUserProfileName": name},
            SpaceSharingSettings={"SharingType": "Private"},
            SpaceSettings={
                "AppType": "JupyterLab",
                "CustomFileSystems": [{"EFSFileSystem": {"FileSystemId": shared}}],
            },
        )
    return SimpleNamespace(id=domain, sm=sm, shared=shared, efs=efs)


def run(studio: SimpleNamespace, who: str, code: str, **more: Any) -> str:
    """Open, run code in a new kernel, leave."""

    async def go() -> str:
        asked = {"DomainId": studio.id, "UserProfileName": who} | more
        async with Visit(studio.sm.create_presigned_domain_url(**asked)["AuthorizedUrl"]) as seen:
            await seen.open()
            return (await seen.run(code)).strip()

    return asyncio.run(go())


WRITE = """
import json, os
os.chdir(os.path.expanduser("~"))
open("in-space", "w").write("of ana")
open("user-default-efs/in-home", "w").write("of ana")
open("custom-file-systems/efs/SHARED/for-all", "w").write("of ana")
print(json.dumps({"uid": os.stat("user-default-efs/in-home").st_uid == os.getuid(),
                  "listed": sorted(n for n in os.listdir(".") if n[0] != ".")}))
"""
READ = """
import json, os
os.chdir(os.path.expanduser("~"))
print(json.dumps([open("custom-file-systems/efs/SHARED/for-all").read(),
                  os.path.exists("in-space"), os.listdir("user-default-efs")]))
"""


def test_a_space_has_a_volume_its_owners_home_and_what_all_share(studio: SimpleNamespace) -> None:
    said = json.loads(
        run(studio, "ana", WRITE.replace("SHARED", studio.shared), SpaceName="of-ana")
    )
    assert said == {
        "uid": True,
        "listed": ["custom-file-systems", "in-space", "user-default-efs"],
    }
    code = 'import os; print(open("in-home").read(), os.path.exists("in-space"))'
    assert run(studio, "ana", code) == "of ana False"  # her JupyterServer, in the file system
    read = READ.replace("SHARED", studio.shared)
    assert json.loads(run(studio, "bob", read, SpaceName="of-bob")) == ["of ana", False, []]


def test_usage_is_told_by_person_and_space(studio: SimpleNamespace, server: RunningServer) -> None:
    def told() -> Any:
        request = AWSRequest("POST", f"{server.url}/_freehold/storage", data=b"[]")
        env = server.environment()
        keys = Credentials(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"])
        SigV4Auth(keys, "sagemaker", "us-east-1").add_auth(request)
        session = URLLib3Session(proxies={})
        answer = session.send(request.prepare())
        session.close()
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)["Storage"]

    until(lambda: told()[0]["bytes"])
    domain, shared = told()
    assert (domain["domain_id"], shared["file_system_id"]) == (studio.id, studio.shared)
    held = {one["name"]: one for one in domain["holdings"]}
    assert set(held) == {"ana", "bob", "of-ana", "of-bob"}
    assert held["of-ana"]["provisioned_bytes"] == 5 << 30
    assert held["ana"]["bytes"] > 0


FILL = """
import os
descriptor = os.open("big", os.O_CREAT | os.O_RDWR)
try:
    os.posix_fallocate(descriptor, 0, 6 << 30)
    print("held", os.statvfs(".").f_blocks * os.statvfs(".").f_frsize >> 30)
except OSError as error:
    print(error.strerror, os.statvfs(".").f_blocks * os.statvfs(".").f_frsize >> 30)
os.close(descriptor)
os.unlink("big")
"""


@pytest.mark.skipif(bool(images.trouble()), reason=f"no images: {images.trouble()}")
def test_a_volume_holds_its_size_in_a_real_app(studio: SimpleNamespace) -> None:
    assert run(studio, "bob", FILL, SpaceName="of-bob") == "No space left on device 4"


PLANT = """
import os, shutil
os.chdir(os.path.expanduser("~"))
for name in ("plain", "new\\nline", "\\x1b[31m", "-rf"):
    open(name, "w").write("x")
os.mkfifo("fifo")
os.symlink("/etc/shadow", "shadow")
os.symlink("TARGET", "custom-file-systems/efs/SHARED/way-out")
try:
    os.mknod("device", 0o20666, os.makedev(1, 3)); print("device")
except OSError: pass
try:
    os.link("custom-file-systems/efs/SHARED/for-all", "linked"); print("linked")
except OSError: pass
shutil.copy("/bin/sh", "setuid"); os.chmod("setuid", 0o4755)
at = os.getcwd()
for _ in range(600):
    os.mkdir("d" * 20); os.chdir("d" * 20)
os.chdir(at)
print([l for l in open("/proc/self/mountinfo") if " /home" in l and "nosuid,nodev" not in l])
"""


def test_what_is_planted_leads_nowhere_and_is_removed_with_the_space(
    studio: SimpleNamespace, server: RunningServer
) -> None:
    target = str(server.state)
    code = PLANT.replace("SHARED", studio.shared).replace("TARGET", target)
    assert run(studio, "bob", code, SpaceName="of-bob") == "[]"
    settings = {"FileSystemId": studio.shared, "FileSystemPath": "/way-out"}
    studio.sm.update_user_profile(
        DomainId=studio.id,
        UserProfileName="bob",
        UserSettings={"CustomFileSystemConfigs": [{"EFSFileSystemConfig": settings}]},
    )
    app = {"DomainId": studio.id, "SpaceName": "of-bob", "AppType": "JupyterLab"}
    studio.sm.delete_app(**app, AppName="default")
    until(lambda: studio.sm.describe_app(**app, AppName="default")["Status"] == "Deleted")
    place = f"/home/sagemaker-user/custom-file-systems/efs/{studio.shared}"
    code = f"import os; print(os.listdir({place!r}), open({place!r} + '/error.txt').read())"
    said = run(studio, "bob", code, SpaceName="of-bob")
    assert said.startswith("['error.txt'] The file system")
    studio.sm.delete_app(**app, AppName="default")
    until(lambda: studio.sm.describe_app(**app, AppName="default")["Status"] == "Deleted")
    known = studio.sm.describe_space(DomainId=studio.id, SpaceName="of-bob")
    volume = server.state / "volumes" / "spaces" / known["HomeEfsFileSystemUid"]
    assert volume.exists()
    studio.sm.delete_space(DomainId=studio.id, SpaceName="of-bob")
    until(lambda: not volume.exists())
    until(lambda: "of-bob" not in str(studio.sm.list_spaces(DomainIdEquals=studio.id)["Spaces"]))


def test_files_outlive_a_killed_server_and_its_apps_keep_theirs(
    studio: SimpleNamespace, server: RunningServer
) -> None:
    pid = run(studio, "ana", "print(1)", SpaceName="of-ana")
    assert pid == "1"
    server.kill()
    server.start()
    code = 'print(open("in-space").read(), open("user-default-efs/in-home").read())'
    assert run(studio, "ana", code, SpaceName="of-ana") == "of ana of ana"
    app = {"DomainId": studio.id, "SpaceName": "of-ana", "AppType": "JupyterLab"}
    studio.sm.delete_app(**app, AppName="default")
    until(lambda: studio.sm.describe_app(**app, AppName="default")["Status"] == "Deleted")
    assert run(studio, "ana", code, SpaceName="of-ana") == "of ana of ana"
    with open("/proc/self/mountinfo") as mounts:
        assert str(server.state) not in mounts.read()  # nothing is mounted outside of sandboxes
    assert os.path.exists(server.state / "volumes")

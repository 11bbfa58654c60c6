"""Notebooks as a browser sees them: real JupyterLab in real sandboxes, behind presigned URLs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from tests.support import needs
from tests.support.people import allow, deny, policy, refused, trusting
from tests.support.server import RunningServer, until
from tests.support.visits import Refused, Visit

from freehold.loops.apps import probe as probe_apps
from freehold.store.records import Record

pytestmark = needs.sandboxes("jupyterlab")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    yield from needs.shared_server(tmp_path_factory, "apps")


@pytest.fixture(scope="module")
def studio(server: RunningServer) -> SimpleNamespace:
    """A domain of ana and bob with the space team, all working as one role."""
    iam, sm = server.client("iam"), server.client("sagemaker")
    role = iam.create_role(
        RoleName="work",
        AssumeRolePolicyDocument=trusting({"Service": "sagemaker.amazonaws.com"}),
    )["Role"]["Arn"]
    iam.put_role_policy(RoleName="work", PolicyName="p", PolicyDocument=policy(allow("*")))
    settings = {"ExecutionRole": role}
    made = sm.create_domain(
        DomainName="finance",
        AuthMode="IAM",
        DefaultUserSettings=settings,
        DefaultSpaceSettings=settings,
    )
    domain = made["DomainId"]
    arns = {
        name: sm.create_user_profile(DomainId=domain, UserProfileName=name)["UserProfileArn"]
        for name in ("ana", "bob")
    }
    arns["team"] = sm.create_space(DomainId=domain, SpaceName="team")["SpaceArn"]
    return SimpleNamespace(id=domain, arn=made["DomainArn"], role=role, sm=sm, iam=iam, **arns)


def visit(studio: SimpleNamespace, who: str, sm: Any = None, **more: Any) -> Visit:
    """A browser that was given a fresh URL."""
    asked = {"DomainId": studio.id, "UserProfileName": who} | more
    answer = (sm or studio.sm).create_presigned_domain_url(**asked)
    return Visit(answer["AuthorizedUrl"])


def tags_of(studio: SimpleNamespace, arn: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in studio.sm.list_tags(ResourceArn=arn)["Tags"]}


def run(studio: SimpleNamespace, who: str, code: str, **more: Any) -> str:
    """Open, run code in a new kernel, leave."""

    async def go() -> str:
        async with visit(studio, who, **more) as browser:
            await browser.open()
            return await browser.run(code)

    return asyncio.run(go())


INSIDE = """
import boto3, json, os
arn = boto3.client("sts").get_caller_identity()["Arn"]
made = boto3.client("sagemaker").create_experiment(ExperimentName="NAME")["ExperimentArn"]
facts = json.load(open("/opt/ml/metadata/resource-metadata.json"))
print(json.dumps({"arn": arn, "made": made, "facts": facts, "home": os.getcwd()}))
"""


def test_a_profiles_jupyterserver_works_as_the_profile(studio: SimpleNamespace) -> None:
    said = json.loads(run(studio, "ana", INSIDE.replace("NAME", "by-ana")))
    assert said["arn"].endswith(":assumed-role/work/SageMaker")
    assert said["facts"]["UserProfileName"] == "ana"
    assert said["facts"]["AppType"] == "JupyterServer"
    assert said["facts"]["ExecutionRoleArn"] == studio.role
    assert said["home"] == "/home/sagemaker-user"
    assert tags_of(studio, said["made"]) == {
        "sagemaker:domain-arn": studio.arn,
        "sagemaker:user-profile-arn": studio.ana,
    }
    by = studio.sm.describe_experiment(ExperimentName="by-ana")["CreatedBy"]
    assert by["UserProfileName"] == "ana"


def test_a_spaces_jupyterlab_works_as_the_space(studio: SimpleNamespace) -> None:
    said = json.loads(run(studio, "ana", INSIDE.replace("NAME", "by-team"), SpaceName="team"))
    assert said["facts"]["SpaceName"] == "team"
    assert said["facts"]["AppType"] == "JupyterLab"
    assert tags_of(studio, said["made"]) == {
        "sagemaker:domain-arn": studio.arn,
        "sagemaker:space-arn": studio.team,
    }
    app = studio.sm.describe_app(
        DomainId=studio.id, SpaceName="team", AppType="JupyterLab", AppName="default"
    )
    assert app["Status"] == "InService"
    assert tags_of(studio, app["AppArn"])["sagemaker:space-arn"] == studio.team


def test_a_home_outlives_its_app(studio: SimpleNamespace) -> None:
    named = {
        "DomainId": studio.id,
        "UserProfileName": "bob",
        "AppType": "JupyterServer",
        "AppName": "default",
    }
    run(studio, "bob", 'open("kept.txt", "w").write("by bob")')
    studio.sm.delete_app(**named)
    until(lambda: studio.sm.describe_app(**named)["Status"] == "Deleted")
    with refused("ValidationException", "has already been deleted"):
        studio.sm.delete_app(**named)
    assert run(studio, "bob", 'print(open("kept.txt").read())').strip() == "by bob"
    assert studio.sm.describe_app(**named)["Status"] == "InService"


LOOK_AROUND = """
import os
found = []
for root, folders, files in os.walk("/home", followlinks=False):
    found += [os.path.join(root, name) for name in files if "secret" in name]
for place in PLACES:
    try:
        found += os.listdir(place)
    except OSError as error:
        pass
print(found, len([name for name in os.listdir("/proc") if name.isdigit()]) < 40)
"""


def test_what_is_anas_is_not_seen_by_bob(studio: SimpleNamespace, server: RunningServer) -> None:
    run(studio, "ana", 'open("secret.txt", "w").write("of ana")')
    (home,) = [path.parent for path in (server.state / "volumes").glob("fs-*/*/secret.txt")]
    assert home.stat().st_mode & 0o077 == 0
    places = [str(home), str(home.parent), str(server.state), str(server.state / "doors")]
    said = run(studio, "bob", LOOK_AROUND.replace("PLACES", repr(places)))
    assert said.strip() == "[] True"


def test_a_url_opens_once(studio: SimpleNamespace) -> None:
    async def go() -> None:
        first = visit(studio, "ana")
        async with first, Visit(first.url) as second:
            await first.open()
            with pytest.raises(Refused) as caught:
                await second.open()
            assert caught.value.status in (401, 403)
            assert await first.status() == 200
            async with Visit(first.url.replace("token=", "token=x")) as forged:
                with pytest.raises(Refused):
                    await forged.open()

    asyncio.run(go())


def test_a_cookie_of_one_app_opens_no_other(studio: SimpleNamespace) -> None:
    async def go() -> None:
        async with visit(studio, "ana") as ana, visit(studio, "bob") as bob:
            await ana.open()
            await bob.open()
            assert ana.origin != bob.origin
            (cookie,) = [c for c in ana.session.cookie_jar if "freehold" in c.key]
            assert cookie["httponly"]
            async with aiohttp.ClientSession() as thief:
                stolen = {"Cookie": f"{cookie.key}={cookie.value}"}
                for origin, expected in ((ana.origin, 200), (bob.origin, 403)):
                    async with thief.get(
                        f"{origin}{ana.base}/api/status", headers=stolen
                    ) as answer:
                        assert answer.status in (expected, 401 if expected == 403 else expected)
                # Another page's script may read nothing and do nothing here.
                evil = stolen | {"Origin": bob.origin}
                async with thief.post(
                    f"{ana.origin}{ana.base}/api/kernels", json={}, headers=evil
                ) as answer:
                    assert answer.status == 403

    asyncio.run(go())


CREDENTIALS = """
import json, os, urllib.error, urllib.request
url = os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
right = open(os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]).read()
def ask(token):
    request = urllib.request.Request(url, headers={"Authorization": token} if token else {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        return opener.open(request, timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code
print(json.dumps([ask(right), ask(right[:-1]), ask(""), ask("Bearer " + right)]))
"""


def test_credentials_are_given_inside_and_to_the_right_token_only(
    studio: SimpleNamespace, server: RunningServer
) -> None:
    assert json.loads(run(studio, "ana", CREDENTIALS)) == [200, 403, 403, 403]
    session = URLLib3Session(proxies={})
    request = AWSRequest("GET", f"{server.url}/_freehold/credentials")
    assert session.send(request.prepare()).status_code == 404
    session.close()


BORROWED = """
import boto3
from botocore.exceptions import ClientError
keys = KEYS
try:
    print(boto3.client("sts", aws_access_key_id=keys[0], aws_secret_access_key=keys[1],
                       aws_session_token="").get_caller_identity()["Arn"])
except ClientError as error:
    print(error.response["Error"]["Code"])
"""


def test_nobody_elses_keys_work_from_inside(studio: SimpleNamespace, server: RunningServer) -> None:
    env = server.environment()
    keys = (env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"])
    said = run(studio, "ana", BORROWED.replace("KEYS", repr(keys)))
    assert said.strip() == "InvalidClientTokenId"


def test_a_policy_change_cuts_the_browser_off(
    studio: SimpleNamespace, server: RunningServer
) -> None:
    studio.iam.create_user(UserName="visitor")
    key = studio.iam.create_access_key(UserName="visitor")["AccessKey"]
    given = {"UserName": "visitor", "PolicyName": "p"}
    studio.iam.put_user_policy(**given, PolicyDocument=policy(allow("sagemaker:*")))
    sm = server.client("sagemaker", key)

    async def go() -> None:
        async with visit(studio, "ana", sm=sm) as browser, visit(studio, "ana", sm=sm) as late:
            await browser.open()
            kernel = await browser.kernel()
            socket = await browser.channels(kernel)
            denied = policy(allow("sagemaker:*"), deny("sagemaker:CreatePresignedDomainUrl"))
            await asyncio.to_thread(studio.iam.put_user_policy, **given, PolicyDocument=denied)
            assert await browser.status() == 403
            with pytest.raises(Refused):
                await late.open()
            # Nothing passes, and it is cut all the same.
            closed = await asyncio.wait_for(_closed(socket), 30)
            assert closed
            assert socket.close_code == 1008
            await asyncio.to_thread(
                studio.iam.put_user_policy, **given, PolicyDocument=policy(allow("sagemaker:*"))
            )
            assert await browser.status() == 200

    asyncio.run(go())


async def _closed(socket: aiohttp.ClientWebSocketResponse) -> bool:
    async for _ in socket:
        pass
    return socket.closed


def test_an_app_outlives_a_killed_server(studio: SimpleNamespace, server: RunningServer) -> None:
    async def go() -> None:
        async with visit(studio, "ana") as browser:
            await browser.open()
            kernel = await browser.kernel()
            pid = await browser.run("import os; x = 41; print(os.getpid())", kernel)
            await asyncio.to_thread(restart)
            # The tab is still open: its cookie holds, and its WebSockets come back.
            assert await again(browser) == 200
            assert await browser.run("print(os.getpid())", kernel) == pid
            assert (await browser.run("print(x + 1)", kernel)).strip() == "42"
            # Its way to us is open again too, with fresh credentials.
            asked = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
            assert "assumed-role/work/SageMaker" in await browser.run(asked, kernel)

    async def again(browser: Visit) -> int:
        """As a page does that lost its server: it asks until somebody answers."""
        deadline = time.monotonic() + 30
        while True:
            try:
                return await browser.status()
            except aiohttp.ClientConnectionError:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.1)

    def restart() -> None:
        created.append(studio.sm.describe_app(**named)["CreationTime"])
        server.kill()
        server.start()

    created: list[Any] = []
    named = {
        "DomainId": studio.id,
        "UserProfileName": "ana",
        "AppType": "JupyterServer",
        "AppName": "default",
    }
    asyncio.run(go())
    assert studio.sm.describe_app(**named)["Status"] == "InService"
    assert [studio.sm.describe_app(**named)["CreationTime"]] == created


GREEDY = """
import asyncio, os, signal, subprocess, sys
hungry = "[bytearray(1 << 28) for _ in iter(int, 1)]"
starved = subprocess.run([sys.executable, "-c", hungry]).returncode
bomb = '''import os, signal, sys
try:
    while os.fork():
        pass
    signal.pause()
except OSError:
    os._exit(11)
'''
refused = subprocess.run([sys.executable, "-I", "-S", "-c", bomb]).returncode
print(starved, refused)
# What is stopped does not hear SIGTERM.
asyncio.get_event_loop().call_later(0.5, os.kill, os.getppid(), signal.SIGSTOP)
"""


def test_an_app_that_takes_all_it_can_get_harms_nobody_else(studio: SimpleNamespace) -> None:
    named = {
        "DomainId": studio.id,
        "UserProfileName": "bob",
        "AppType": "JupyterServer",
        "AppName": "default",
    }

    async def go() -> None:
        async with visit(studio, "ana") as ana, visit(studio, "bob") as bob:
            await ana.open()
            await bob.open()
            kernel = await ana.kernel()
            assert (await bob.run(GREEDY)).split() == ["-9", "11"]
            began = time.monotonic()
            assert (await ana.run("print(6 * 7)", kernel)).strip() == "42"
            await asyncio.to_thread(studio.sm.describe_domain, DomainId=studio.id)
            assert time.monotonic() - began < 5

    asyncio.run(go())
    uid = studio.sm.describe_user_profile(DomainId=studio.id, UserProfileName="bob")
    studio.sm.delete_app(**named)
    until(lambda: studio.sm.describe_app(**named)["Status"] == "Deleted")
    if os.geteuid() == 0:
        until(lambda: processes_of(int(uid["HomeEfsFileSystemUid"])) == [])


def processes_of(uid: int) -> list[str]:
    """What runs under a uid on this machine."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if place.stat().st_uid == uid:
                found.append((place / "comm").read_text().strip())
    return found


def test_what_a_kernel_does_is_told_by_the_app_itself(
    studio: SimpleNamespace, server: RunningServer
) -> None:
    """What idle shutdown goes by, from a real JupyterLab."""

    async def go() -> tuple[probe_apps.Report, probe_apps.Report]:
        async with visit(studio, "ana") as browser:
            await browser.open()
            kernel = await browser.kernel()
            socket = await browser.channels(kernel)
            await browser.run("x = 1", kernel)
            rest = await asyncio.to_thread(report, server)
            work = asyncio.ensure_future(browser.run("import time; time.sleep(3)", kernel))
            await asyncio.to_thread(until, lambda: report(server).is_busy, 3)
            busy = await asyncio.to_thread(report, server)
            await work
            await socket.close()
            return rest, busy

    rest, busy = asyncio.run(go())
    assert (rest.is_well, rest.is_busy, busy.is_busy) == (True, False, True)
    assert rest.active_at is not None
    assert abs(rest.active_at - time.time()) < 60


def report(server: RunningServer) -> probe_apps.Report:
    """Of the one app whose socket answers as ana's JupyterServer."""
    reports = []
    for place in (server.state / "doors").iterdir():
        app = Record("sagemaker:app", "arn", "default")
        app.document = {"AppType": "JupyterServer", "_Door": place.name}
        reports.append(probe_apps.report(server.state, app))
    return max(reports, key=lambda one: (one.is_busy, one.active_at or 0.0))


def test_a_deleted_app_leaves_no_process_and_no_way_in(
    studio: SimpleNamespace, server: RunningServer
) -> None:
    named = {"DomainId": studio.id, "SpaceName": "team", "AppType": "JupyterLab"}
    run(studio, "ana", "print(1)", SpaceName="team")
    doors = set((server.state / "doors").iterdir())
    studio.sm.delete_app(**named, AppName="default")
    until(lambda: studio.sm.describe_app(**named, AppName="default")["Status"] == "Deleted")
    assert len(doors - set((server.state / "doors").iterdir())) == 1
    studio.sm.delete_space(DomainId=studio.id, SpaceName="team")

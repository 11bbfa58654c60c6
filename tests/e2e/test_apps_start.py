"""How apps start: scripts, clones, custom images, and under whose name their sessions run."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from tests.support import needs
from tests.support.people import allow, policy
from tests.support.server import RunningServer, until
from tests.support.visits import Visit

pytestmark = needs.sandboxes("jupyterlab")

LAB = {"AppType": "JupyterLab", "AppName": "default"}
URL = "https://git.example.com/team/work.git"
TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"],
    },
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    yield from needs.shared_server(tmp_path_factory, "starts")


@pytest.fixture(scope="module")
def studio(server: RunningServer) -> SimpleNamespace:
    """A domain that puts the profile's name on sessions, and sessions under the visitor's."""
    iam, sm = server.client("iam"), server.client("sagemaker")
    role = iam.create_role(RoleName="work", AssumeRolePolicyDocument=json.dumps(TRUST))
    arn = role["Role"]["Arn"]
    iam.put_role_policy(RoleName="work", PolicyName="p", PolicyDocument=policy(allow("*")))
    domain = sm.create_domain(
        DomainName="starts",
        AuthMode="IAM",
        DefaultUserSettings={
            "ExecutionRole": arn,
            "StudioWebPortalSettings": {"ExecutionRoleSessionNameMode": "USER_IDENTITY"},
        },
        DefaultSpaceSettings={"ExecutionRole": arn},
        DomainSettings={"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"},
    )["DomainId"]
    return SimpleNamespace(id=domain, role=arn, sm=sm, iam=iam, server=server)


def script(studio: SimpleNamespace, name: str, text: str) -> str:
    return str(
        studio.sm.create_studio_lifecycle_config(
            StudioLifecycleConfigName=name,
            StudioLifecycleConfigContent=base64.b64encode(text.encode()).decode(),
            StudioLifecycleConfigAppType="JupyterLab",
        )["StudioLifecycleConfigArn"]
    )


def profile(studio: SimpleNamespace, name: str, arn: str = "", **lab: Any) -> dict[str, str]:
    """Somebody whose JupyterLab starts with a script; what names their app."""
    if arn:
        lab |= {
            "LifecycleConfigArns": [arn],
            "DefaultResourceSpec": {"LifecycleConfigArn": arn},
        }
    studio.sm.create_user_profile(
        DomainId=studio.id, UserProfileName=name, UserSettings={"JupyterLabAppSettings": lab}
    )
    return {"DomainId": studio.id, "UserProfileName": name, **LAB}


def wait(studio: SimpleNamespace, app: dict[str, str], wanted: str) -> dict[str, Any]:
    until(lambda: studio.sm.describe_app(**app)["Status"] in (wanted, "Failed", "Deleted"))
    described: dict[str, Any] = studio.sm.describe_app(**app)
    assert described["Status"] == wanted, described.get("FailureReason")
    return described


def said(studio: SimpleNamespace, app: dict[str, str]) -> list[str]:
    """What scripts of an app said, as CloudWatch Logs has it."""
    stream = f"{studio.id}/{app['UserProfileName']}/JupyterLab/default/LifecycleConfigOnStart"
    found = studio.server.client("logs").get_log_events(
        logGroupName="/aws/sagemaker/studio", logStreamName=stream, startFromHead=True
    )
    return [event["message"] for event in found["events"]]


def home(server: RunningServer, name: str) -> Path:
    """The home that holds a file of this name."""
    (found,) = (server.state / "volumes").glob(f"fs-*/*/{name}")
    return found.parent


async def look(url: str) -> tuple[int, str]:
    """The page that a browser sees at once behind a presigned URL."""
    async with Visit(url) as visit:
        async with visit.session.get(url, allow_redirects=False) as answer:
            landing = answer.headers["Location"]
        headers = {"Accept": "text/html"}
        async with visit.session.get(visit.origin + landing, headers=headers) as answer:
            return answer.status, await answer.text()


def open_url(studio: SimpleNamespace, name: str, sm: Any = None) -> str:
    asked = {"DomainId": studio.id, "UserProfileName": name, "LandingUri": "app:JupyterLab:lab"}
    return str((sm or studio.sm).create_presigned_domain_url(**asked)["AuthorizedUrl"])


SETUP = f"""#!/bin/bash
set -eu
echo "hello of $(id -un) in $PWD for $SAGEMAKER_USER_PROFILE_NAME"
git init -q -b main origins/work.git
cd origins/work.git
git config user.name a && git config user.email a@example.com
echo text > read.me && git add . && git commit -qm one
cd
git config --global url."file://$HOME/origins/".insteadOf {URL.removesuffix("work.git")}
nohup sleep 1234 > /dev/null 2>&1 &
echo "$!" > left.pid
"""

INSIDE = """
import boto3, json, os, subprocess
pid = open("/home/sagemaker-user/left.pid").read().strip()
print(json.dumps({
    "arn": boto3.client("sts").get_caller_identity()["Arn"],
    "left": open(f"/proc/{pid}/comm").read().strip(),
    "cloned": open("/home/sagemaker-user/work/read.me").read().strip(),
    "scripts": [one for one in os.listdir("/proc") if one.isdigit()
                and b"hello of" in open(f"/proc/{one}/cmdline", "rb").read()],
    "facts": json.load(open("/opt/ml/metadata/resource-metadata.json")),
    "region": os.environ["AWS_DEFAULT_REGION"],
}))
"""


def test_a_script_runs_what_it_leaves_lives_on_and_repositories_are_cloned(
    studio: SimpleNamespace, server: RunningServer
) -> None:
    arn = script(studio, "setup", SETUP)
    app = profile(studio, "ana", arn, CodeRepositories=[{"RepositoryUrl": URL}])
    studio.iam.create_user(UserName="visitor-a")
    key = studio.iam.create_access_key(UserName="visitor-a")["AccessKey"]
    studio.iam.put_user_policy(
        UserName="visitor-a", PolicyName="p", PolicyDocument=policy(allow("sagemaker:*"))
    )
    sm = server.client("sagemaker", key)

    async def go() -> dict[str, Any]:
        async with Visit(open_url(studio, "ana", sm)) as visit:
            await visit.open()
            return dict(json.loads(await visit.run(INSIDE)))

    found = asyncio.run(go())
    assert (found["left"], found["cloned"]) == ("sleep", "text")
    assert found["scripts"] == []
    assert said(studio, app) == ["hello of sagemaker-user in /home/sagemaker-user for ana"]
    # USER_IDENTITY: the session is called as whoever stood behind the presigned URL.
    assert found["arn"].endswith(":assumed-role/work/visitor-a")
    assert found["facts"]["IpAddressType"] == "ipv4"
    assert found["region"] == "us-east-1"
    described = studio.sm.describe_app(**app)
    assert described["ResourceSpec"]["LifecycleConfigArn"] == arn
    # USER_PROFILE_NAME: what its session does carries the profile as its source identity.
    credentials = json.loads(asyncio.run(_credentials(studio)))
    assumed = server.client("sts", credentials)
    with pytest.raises(assumed.exceptions.ClientError) as caught:
        assumed.assume_role(RoleArn=studio.role, RoleSessionName="again", SourceIdentity="bob")
    assert "sts:SetSourceIdentity" in str(caught.value)


CREDENTIALS = """
import boto3, json
made = boto3.Session().get_credentials().get_frozen_credentials()
print(json.dumps({"AccessKeyId": made.access_key, "SecretAccessKey": made.secret_key,
                  "SessionToken": made.token}))
"""


async def _credentials(studio: SimpleNamespace) -> str:
    async with Visit(open_url(studio, "ana")) as visit:
        await visit.open()
        return await visit.run(CREDENTIALS)


def test_a_script_that_fails_fails_the_app_and_the_page_says_why(studio: SimpleNamespace) -> None:
    arn = script(studio, "broken", "echo first; echo '<b>no such package</b>' >&2; exit 7")
    app = profile(studio, "bob", arn)
    asyncio.run(look(open_url(studio, "bob")))  # a visit starts it
    reason = wait(studio, app, "Failed")["FailureReason"]
    assert f"failed with exit status 7: '{arn}'" in reason
    assert reason.endswith("first\n<b>no such package</b>")
    # Whoever comes back with the same cookie is told; a new URL would start it again.
    studio.sm.create_app(**app, ResourceSpec={"LifecycleConfigArn": "None"})
    wait(studio, app, "InService")
    studio.sm.delete_app(**app)
    wait(studio, app, "Deleted")


WAITS = """
touch waits
echo waiting for go
while [ ! -e go ]; do sleep 0.1; done
echo gone on
"""


def test_a_killed_server_changes_nothing_for_a_script_under_way(
    studio: SimpleNamespace, server: RunningServer
) -> None:
    app = profile(studio, "cy", script(studio, "waits", WAITS))
    asyncio.run(look(open_url(studio, "cy")))
    until(lambda: any((server.state / "volumes").glob("fs-*/*/waits")))
    until(lambda: "waiting for go" in said(studio, app) if _has_said(studio, app) else False)
    status, page = asyncio.run(look(open_url(studio, "cy")))
    assert status == 503
    assert "Running the lifecycle configuration waits" in page
    assert "waiting for go" in page
    assert "(under way)" in page
    server.kill()
    server.start()
    assert studio.sm.describe_app(**app)["Status"] == "Pending"
    (home(server, "waits") / "go").touch()
    wait(studio, app, "InService")
    assert said(studio, app) == ["waiting for go", "gone on"]
    studio.sm.delete_app(**app)


def _has_said(studio: SimpleNamespace, app: dict[str, str]) -> bool:
    try:
        return bool(said(studio, app))
    except studio.server.client("logs").exceptions.ResourceNotFoundException:
        return False


def test_a_custom_images_variables_and_arguments_are_applied(studio: SimpleNamespace) -> None:
    sm = studio.sm
    sm.create_image(ImageName="lab", RoleArn=studio.role)
    sm.create_image_version(ImageName="lab", BaseImage="local://venv/jupyterlab")
    sm.create_app_image_config(
        AppImageConfigName="how",
        JupyterLabAppImageConfig={
            "ContainerConfig": {
                "ContainerEntrypoint": ["jupyter-lab"],
                "ContainerArguments": [
                    "--no-browser",
                    "--ServerApp.sock=${FREEHOLD_APP_SOCKET}",
                    "--ServerApp.base_url=${FREEHOLD_APP_BASE_PATH}/",
                    "--ServerApp.allow_remote_access=True",
                    "--IdentityProvider.token=",
                    "--KernelManager.transport=ipc",
                ],
                "ContainerEnvironmentVariables": {"TEAM": "blue", "AWS_ENDPOINT_URL": "http://x"},
            }
        },
    )
    app = profile(studio, "dan", CustomImages=[{"ImageName": "lab", "AppImageConfigName": "how"}])
    arn = sm.describe_image_version(ImageName="lab")["ImageVersionArn"]
    sm.create_app(**app, ResourceSpec={"SageMakerImageVersionArn": arn})
    wait(studio, app, "InService")

    async def go() -> str:
        async with Visit(open_url(studio, "dan")) as visit:
            await visit.open()
            return await visit.run(
                "import os, json\n"
                "facts = json.load(open('/opt/ml/metadata/resource-metadata.json'))\n"
                "print(os.environ['TEAM'], os.environ['AWS_ENDPOINT_URL'], "
                "facts['AppImageVersion'])"
            )

    assert asyncio.run(go()).split() == ["blue", "http://127.0.0.1:9000", "1"]
    sm.delete_app(**app)


def test_the_page_of_a_stranger_tells_nothing(studio: SimpleNamespace) -> None:
    """Where an app stands is told to whoever may open it, and to nobody else."""
    profile(studio, "eve")

    async def go() -> None:
        page = f"{Visit(open_url(studio, 'eve')).origin}/jupyterlab/default/lab"
        headers = {"Accept": "text/html"}
        async with (
            aiohttp.ClientSession() as stranger,
            stranger.get(page, headers=headers) as answer,
        ):
            assert answer.status == 401
            assert "lifecycle" not in (await answer.text()).lower()

    asyncio.run(go())

"""Networks without namespaces: real apps reach by the server what their domain allows, or nothing.

The host that they reach is in a network namespace of the test's own (``tests/support/outside.py``).
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.support import outside as support
from tests.support.outside import NAME, Outside, SealedServer
from tests.support.people import allow, policy, trusting
from tests.support.server import FREEHOLD, until
from tests.support.visits import Visit

from freehold.edge.listen import tls
from freehold.host import runtimes
from freehold.host.sandboxes import probe

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.runtime,
    pytest.mark.root,
    pytest.mark.skipif(
        runtimes.find("jupyterlab") is None,
        reason="needs a runtime: freehold runtime install jupyterlab",
    ),
    pytest.mark.skipif(bool(probe.bubblewrap().trouble), reason="needs sandboxes"),
    pytest.mark.skipif(bool(support.trouble()), reason=support.trouble() or "it can be had"),
]
EVERYWHERE = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
USER = 1000


def may_run_as(uid: int) -> bool:
    """Whether an ordinary user may use this interpreter and the runtime."""
    user = ("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "env")
    made = runtimes.find("jupyterlab")
    commands = ((FREEHOLD, "--help"), (made.python if made else "false", "-c", ""))
    return all(
        subprocess.run((*user, *command), capture_output=True, check=False).returncode == 0
        for command in commands
    )


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    place = Path(tempfile.mkdtemp(prefix="fh-outside-"))
    made = Outside(place, tls.authority(place).leaf("localhost"))
    yield made
    made.end()
    shutil.rmtree(place)


@pytest.fixture(scope="module", params=[None, USER], ids=["root", "user"])
def server(request: pytest.FixtureRequest, outside: Outside) -> Iterator[SealedServer]:
    if request.param is not None and not may_run_as(request.param):
        pytest.skip(f"{sys.executable} or the runtime is nothing that user {USER} may read")
    place = Path(tempfile.mkdtemp(prefix="fh-proxy-"))
    place.chmod(0o755)
    made = SealedServer(place, outside, request.param)
    try:
        made.start()
        yield made
    finally:
        made.end()
        shutil.rmtree(place)


@pytest.fixture(scope="module")
def world(server: SealedServer, outside: Outside) -> SimpleNamespace:
    """A public domain and one in a VPC whose group has no rule, each with ana's JupyterLab."""
    iam, sm, ec2 = (server.client(name) for name in ("iam", "sagemaker", "ec2"))
    role = iam.create_role(
        RoleName="work",
        AssumeRolePolicyDocument=trusting({"Service": "sagemaker.amazonaws.com"}),
    )["Role"]["Arn"]
    iam.put_role_policy(RoleName="work", PolicyName="p", PolicyDocument=policy(allow("*")))
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnet = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"][0]
    group = ec2.create_security_group(GroupName="shut", Description="x", VpcId=vpc)["GroupId"]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=EVERYWHERE)
    made = SimpleNamespace(sm=sm, ec2=ec2, group=group, server=server, outside=outside)
    sealed = {"AppNetworkAccessType": "VpcOnly", "VpcId": vpc, "SubnetIds": [subnet["SubnetId"]]}
    for name, more in (("public", {}), ("sealed", sealed)):
        settings = {"ExecutionRole": role} | ({"SecurityGroups": [group]} if more else {})
        domain = sm.create_domain(
            DomainName=name,
            AuthMode="IAM",
            DefaultUserSettings=settings,
            DefaultSpaceSettings={"ExecutionRole": role},
            **more,
        )["DomainId"]
        sm.create_user_profile(DomainId=domain, UserProfileName="ana")
        setattr(made, name, domain)
        sm.create_app(
            DomainId=domain, UserProfileName="ana", AppType="JupyterServer", AppName="default"
        )
    for domain in (made.public, made.sealed):
        until(lambda domain=domain: app_status(made, domain) == "InService", 60)
    return made


def app_status(world: SimpleNamespace, domain: str) -> str:
    named = {"DomainId": domain, "UserProfileName": "ana", "AppType": "JupyterServer"}
    return str(world.sm.describe_app(**named, AppName="default")["Status"])


def run(world: SimpleNamespace, domain: str, code: str) -> Any:
    """Run code in a kernel of ana's; what it put into ``said``."""
    url = world.sm.create_presigned_domain_url(DomainId=domain, UserProfileName="ana")

    async def go() -> str:
        async with Visit(url["AuthorizedUrl"]) as browser:
            await browser.open()
            return await browser.run(f"import json\nsaid = {{}}\n{code}\nprint(json.dumps(said))")

    return json.loads(asyncio.run(go()))


def door(world: SimpleNamespace, domain: str) -> Path:
    """The socket of the domain's app, as its bridge connects to it."""
    found = {}
    for place in (world.server.state / "runs").iterdir():
        uid = place.name.removeprefix("app-").rpartition("-")[0]
        found[uid] = world.server.state / "doors" / uid / "in" / "api.sock"
    for socket_path in found.values():
        with connect(socket_path, "127.0.0.1:1") as asked:
            if f"Domain {domain} " in said_by(asked):
                return socket_path
    raise AssertionError("no door of this domain")


def connect(path: Path, target: str) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.settimeout(10)
    made.connect(str(path))
    made.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    return made


def answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as made:
        return made.connect_ex(str(path)) == 0


def said_by(made: socket.socket) -> str:
    """The answer to a CONNECT, to its end if it is a refusal."""
    heard = made.recv(65536)
    while heard.startswith(b"HTTP/1.1 4") and (more := made.recv(65536)):
        heard += more
    return heard.decode()


def heard_the_end(made: socket.socket) -> bool:
    """Wait for a connection to be cut."""
    try:
        return made.recv(100) == b""
    except ConnectionResetError:
        return True


OUT = """
import os, requests, shutil, subprocess, urllib.request, warnings
warnings.simplefilter("ignore")
said["requests"] = requests.get("http://NAME/a?b=").text
said["posted"] = requests.post("http://NAME/", data=b"x" * 1_000_000).text
said["chunked"] = requests.post("http://NAME/", data=iter([b"x" * 1000] * 100)).text
said["tls"] = requests.get("https://NAME/t", verify=False).text
with requests.Session() as session:
    said["kept"] = [session.get(f"http://{host}/k").text for host in ("NAME", "HOST", "NAME")]
try:
    requests.get("https://NAME/t")
except requests.exceptions.SSLError as error:
    said["strict"] = "CERTIFICATE_VERIFY_FAILED" in str(error)
said["urllib"] = urllib.request.urlopen("http://NAME/u").read().decode()
APT = "/usr/lib/apt/apt-helper"
COMMANDS = {
    "curl http": ["curl", "-sS", "http://NAME/c"],
    "curl https": ["curl", "-sSk", "https://NAME/d"],
    "git http": ["git", "ls-remote", "http://NAME/repo.git"],
    "git https": ["git", "-c", "http.sslVerify=false", "ls-remote", "https://NAME/repo.git"],
    "apt": ["sh", "-c", f"{APT} download-file http://NAME/e e >&2 && cat e"],
}
for name, command in COMMANDS.items():
    if shutil.which(APT if name == "apt" else command[0]):
        done = subprocess.run(command, capture_output=True, text=True, cwd="/tmp")
        said[name] = done.stdout.strip() or done.stderr
said["bytes"] = len(requests.get("https://NAME/?size=20000000", verify=False).content)
"""


def test_a_public_domains_app_reaches_the_internet(world: SimpleNamespace) -> None:
    host = world.outside.host
    said = run(world, world.public, OUT.replace("NAME", NAME).replace("HOST", host))
    assert said["requests"] == f"GET /a?b= {NAME}"
    assert said["tls"] == f"GET /t {NAME}"
    assert (said["posted"], said["chunked"]) == ("1000000", "100000")
    assert said["kept"] == [f"GET /k {NAME}", f"GET /k {host}", f"GET /k {NAME}"]
    assert said["strict"] is True
    assert said["urllib"] == f"GET /u {NAME}"
    assert said["bytes"] == 20_000_000
    refs = "a" * 40 + "\trefs/heads/main"
    expected = {"curl http": f"GET /c {NAME}", "curl https": f"GET /d {NAME}"}
    expected |= {"git http": refs, "git https": refs, "apt": f"GET /e {NAME}"}
    assert {name: said.get(name, told) for name, told in expected.items()} == expected


TRIED = """
import http.client
for target in TARGETS:
    made = http.client.HTTPConnection("127.0.0.1", 9000, timeout=15)
    made.request("CONNECT", target)
    answer = made.getresponse()
    said[target] = [answer.status, answer.read().decode()]
    made.close()
import requests
for url in URLS:
    answer = requests.get(url, allow_redirects=False)
    said[url] = [answer.status_code, answer.text]
"""
TARGETS = [
    "127.0.0.1:22", "127.1:80", "2130706433:80", "0x7f000001:80", "0177.0.0.1:80", "0:80",
    "localhost:22", "localhost.:22", "loop.test:80", "loop.test.:80", "myself.test:22",
    "169.254.169.254:80", "metadata.test:80", "0xa9fea9fe:80", "[::ffff:169.254.169.254]:80",
    "[::1]:80", "[fe80::1]:80", "10.0.0.9:5432", "inner.test:80", "192.168.1.1:80",
    "100.100.100.200:80", "224.0.0.1:80", "255.255.255.255:80",
]  # fmt: skip
URLS = [
    "http://metadata.test/latest/meta-data/", "http://169.254.169.254/", "http://inner.test/",
    "http://loop.test:22/", "http://0x7f000001/", "http://2130706433/",
]  # fmt: skip


def test_no_spelling_of_an_address_leads_to_this_machine_or_an_inner_network(
    world: SimpleNamespace,
) -> None:
    targets = [*TARGETS, f"{world.outside.here}:22", f"127.0.0.1:{world.server.facts()['port']}"]
    said = run(world, world.public, f"TARGETS = {targets!r}\nURLS = {URLS!r}\n{TRIED}")
    assert set(said) == {*targets, *URLS}
    for target, (status, text) in said.items():
        assert status == 403 or (status == 400 and "::" in target), (target, status, text)
        if status == 403:
            assert text.startswith(f"Domain {world.public} may not connect to "), text
    assert "169.254.169.254): it is loopback, link-local" in said["metadata.test:80"][1]


ODD = ["mirror.test:0", "mirror.test:99999", "mirror.test", ":80", "a b:80", "nowhere.test:80"]


def test_odd_requests_get_one_clear_answer(world: SimpleNamespace) -> None:
    path = door(world, world.public)
    codes = []
    for target in (*ODD, "x" * 9000 + ":80"):
        with connect(path, target) as made:
            codes.append(said_by(made).split(" ")[1])
    assert codes == ["400", "400", "400", "400", "400", "502", "400"]


def test_a_sealed_domains_app_reaches_nothing_but_the_api(world: SimpleNamespace) -> None:
    code = f"""
import boto3, requests
said["arn"] = boto3.client("sts").get_caller_identity()["Arn"]
said["http"] = requests.get("http://{NAME}/a").text
try:
    requests.get("https://{NAME}/a", verify=False)
except requests.exceptions.ProxyError as error:
    said["https"] = str(error)
"""
    said = run(world, world.sealed, code)
    assert said["arn"].endswith(":assumed-role/work/SageMaker")
    assert f"Domain {world.sealed} may not connect to {NAME}:80: " in said["http"]
    assert "403" in said["https"]


def test_refused_connections_stand_in_the_domains_flow_log(world: SimpleNamespace) -> None:
    logs = world.server.client("logs")
    with connect(door(world, world.sealed), f"{world.outside.host}:5432") as shut:
        assert said_by(shut).startswith("HTTP/1.1 403 ")
    with connect(door(world, world.public), "10.0.0.9:5432") as inner:
        assert said_by(inner).startswith("HTTP/1.1 403 ")

    def is_told(domain: str, address: str) -> bool:
        groups = logs.describe_log_groups(logGroupNamePrefix=f"/freehold/flow-logs/{domain}")
        if not groups["logGroups"]:
            return False
        found = logs.filter_log_events(logGroupName=groups["logGroups"][0]["logGroupName"])
        lines = [event["message"] for event in found["events"]]
        return any(f" {address} - 5432 6 " in line and "REJECT" in line for line in lines)

    until(lambda: is_told(world.public, "10.0.0.9"), 20)
    until(lambda: is_told(world.sealed, "-"), 20)  # no way out: nothing was looked up


def test_an_app_whose_network_cannot_be_told_does_not_start(world: SimpleNamespace) -> None:
    lost = {"DomainId": world.sealed, "SpaceName": "lost"}
    world.sm.create_space(**lost)  # a space has no group: the domain names none for spaces
    app = lost | {"AppType": "JupyterLab", "AppName": "default"}
    world.sm.create_app(**app)
    until(lambda: world.sm.describe_app(**app)["Status"] == "Failed", 20)
    assert "security group" in world.sm.describe_app(**app)["FailureReason"]


def test_a_rule_opens_within_a_second_and_its_end_cuts_within_a_second(
    world: SimpleNamespace,
) -> None:
    path, target = door(world, world.sealed), f"{world.outside.host}:7000"
    rule = {"IpProtocol": "tcp", "FromPort": 7000, "ToPort": 7000}
    rules = [rule | {"IpRanges": [{"CidrIp": f"{world.outside.host}/32"}]}]
    with connect(path, target) as shut:
        assert said_by(shut).startswith("HTTP/1.1 403 ")
    world.ec2.authorize_security_group_egress(GroupId=world.group, IpPermissions=rules)
    began = time.monotonic()
    with connect(path, target) as tunnel, connect(path, f"{world.outside.host}:80") as other:
        assert said_by(tunnel).startswith("HTTP/1.1 200 ")
        assert time.monotonic() - began < 1
        assert f"no outbound rule of {world.group} allows tcp 80" in said_by(other)
        tunnel.sendall(b"still there?")
        assert tunnel.recv(100) == b"still there?"
        world.ec2.revoke_security_group_egress(GroupId=world.group, IpPermissions=rules)
        began = time.monotonic()
        assert heard_the_end(tunnel)
        assert time.monotonic() - began < 1
    with connect(path, target) as again:
        assert said_by(again).startswith("HTTP/1.1 403 ")


def test_the_way_out_is_found_again_after_a_restart_of_the_server(world: SimpleNamespace) -> None:
    world.server.kill()
    world.server.start()
    for path in (world.server.state / "doors").glob("*/in/api.sock"):
        until(lambda path=path: answers(path))
    path = door(world, world.public)
    with connect(path, f"{NAME}:7000") as tunnel:
        assert said_by(tunnel).startswith("HTTP/1.1 200 ")

"""A real ``freehold up`` and unmodified clients: it answers, it ends, it comes back."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from tests.support.server import RunningServer, clean_environment, freehold, one_line, up

from freehold.base.settings import runtimes_directory

pytestmark = pytest.mark.e2e
Make = Callable[..., RunningServer]


def aws_command() -> list[str]:
    """The real aws CLI: of the JupyterLab runtime, else of this machine."""
    for place in (
        *runtimes_directory().glob("jupyterlab*/bin/aws"),
        *runtimes_directory().glob("jupyterlab*/*/bin/aws"),
    ):
        return [str(place)]
    found = shutil.which("aws")
    if found is None:
        pytest.skip("there is no aws CLI: freehold runtime install jupyterlab")
    return [found]


def cli(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """One call of the aws CLI."""
    return subprocess.run(
        [*aws_command(), *words, "--output", "json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=clean_environment(AWS_EC2_METADATA_DISABLED="true", **variables),
    )


# -- it answers --------------------------------------------------------------------------------


def test_the_aws_cli_tells_the_story_over_http(server: RunningServer) -> None:
    env = server.environment()
    assert set(env) >= {
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_DEFAULT_REGION",
        "AWS_CA_BUNDLE",
        "REQUESTS_CA_BUNDLE",
        "HTTPS_PROXY",
        "NO_PROXY",
        "SAGEMAKER_USER_CONFIG_OVERRIDE",
    }
    made = cli(
        *("sagemaker", "create-domain", "--domain-name", "finance", "--auth-mode", "IAM"),
        *("--default-user-settings", "{}", "--tags", "Key=team,Value=a"),
        **env,
    )
    assert made.returncode == 0, made.stderr
    domain = json.loads(made.stdout)
    listed = cli("sagemaker", "list-tags", "--resource-arn", domain["DomainArn"], **env)
    assert json.loads(listed.stdout)["Tags"] == [{"Key": "team", "Value": "a"}]
    wrong = cli("sagemaker", "describe-domain", "--domain-id", "d-absent123456", **env)
    assert wrong.returncode != 0
    assert "(ResourceNotFound)" in wrong.stderr
    assert "d-absent123456" in wrong.stderr
    who = cli("sts", "get-caller-identity", **env)
    assert json.loads(who.stdout)["Arn"].endswith(":root")


def test_the_aws_cli_reaches_awss_own_names_through_the_proxy(server: RunningServer) -> None:
    """Without an endpoint: HTTPS_PROXY and our certificate alone, as the SDK calls STS."""
    env = server.environment()
    del env["AWS_ENDPOINT_URL"]
    who = cli("sts", "get-caller-identity", **env)
    assert who.returncode == 0, who.stderr
    assert json.loads(who.stdout)["Account"] == "000000000001"
    listed = cli("sagemaker", "list-domains", **env)
    assert listed.returncode == 0, listed.stderr
    assert json.loads(listed.stdout) == {"Domains": []}


def test_boto3_speaks_tls_with_our_certificate_and_through_the_proxy(
    server: RunningServer,
) -> None:
    env = server.environment()
    session = boto3.Session(
        env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1"
    )
    config = boto3.session.Config(proxies={"https": env["HTTPS_PROXY"]})
    proxied = session.client("sagemaker", verify=env["AWS_CA_BUNDLE"], config=config)
    assert proxied.list_domains()["Domains"] == []
    port = server.facts()["tls_port"]
    direct = session.client(
        "sagemaker", endpoint_url=f"https://localhost:{port}", verify=env["AWS_CA_BUNDLE"]
    )
    assert direct.list_domains()["Domains"] == []


def test_credentials_of_a_profile_are_what_its_app_would_get(server: RunningServer) -> None:
    iam, sm = server.client("iam"), server.client("sagemaker")
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    role = iam.create_role(
        RoleName="work",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}),
    )["Role"]["Arn"]
    every = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.put_role_policy(
        RoleName="work",
        PolicyName="p",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": every}),
    )
    domain = sm.create_domain(
        DomainName="finance",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": role},
        DefaultSpaceSettings={"ExecutionRole": role},
    )
    profile = sm.create_user_profile(DomainId=domain["DomainId"], UserProfileName="ana")
    sm.create_space(DomainId=domain["DomainId"], SpaceName="team")
    asked = ["credentials", "--state", str(server.state), "--domain-id", domain["DomainId"]]
    done = freehold(*asked, "--user-profile-name", "ana", "--format", "json")
    assert done.returncode == 0, done.stderr
    inside = server.client("sagemaker", json.loads(done.stdout))
    arn = inside.create_experiment(ExperimentName="e")["ExperimentArn"]
    tags = {tag["Key"]: tag["Value"] for tag in sm.list_tags(ResourceArn=arn)["Tags"]}
    assert tags == {
        "sagemaker:domain-arn": domain["DomainArn"],
        "sagemaker:user-profile-arn": profile["UserProfileArn"],
    }
    exported = freehold(*asked, "--space-name", "team").stdout
    assert [line.split("=")[0] for line in exported.splitlines()] == [
        "export AWS_ACCESS_KEY_ID",
        "export AWS_SECRET_ACCESS_KEY",
        "export AWS_SESSION_TOKEN",
    ]
    database = sqlite3.connect(server.state / "freehold.db")
    given = database.execute(
        "select origin from audit where operation = 'HandOutCredentials'"
    ).fetchall()
    database.close()
    assert [row[0].rsplit(":", 1)[1].split("/")[0] for row in given] == ["user-profile", "space"]
    for wrong in (["--user-profile-name", "nobody"], ["--space-name", "nowhere"]):
        failed = freehold(*asked, *wrong)
        assert failed.returncode == 1
        assert failed.stdout == ""
        assert len(failed.stderr.splitlines()) == 1
        assert wrong[1] in failed.stderr


# -- it ends, and comes back -------------------------------------------------------------------


def test_kill_9_loses_no_acknowledged_write(server: RunningServer) -> None:
    acknowledged: list[list[str]] = [[] for _ in range(8)]
    enough = threading.Event()

    def create(number: int) -> None:
        sm = server.client("sagemaker")
        for n in range(10_000):
            name = f"e-{number}-{n}"
            try:
                sm.create_experiment(ExperimentName=name, Tags=[{"Key": "name", "Value": name}])
            except (BotoCoreError, ClientError):
                return
            acknowledged[number].append(name)
            if sum(map(len, acknowledged)) >= 400:
                enough.set()

    threads = [threading.Thread(target=create, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    server.kill()
    for thread in threads:
        thread.join(60)
    server.start()
    sm = server.client("sagemaker")
    found = {
        item["ExperimentName"]: item["ExperimentArn"]
        for page in sm.get_paginator("list_experiments").paginate(MaxResults=100)
        for item in page["ExperimentSummaries"]
    }
    for names in acknowledged:
        assert set(names) <= set(found)
    assert len(found) - sum(map(len, acknowledged)) <= 8  # at most the one each that was cut off
    database = sqlite3.connect(server.state / "freehold.db")
    halves = {
        "tags": "select count(*) from tag where k = 'name' and v like 'e-%'",
        "events": "select count(*) from change where verb = 'create' and kind like '%experiment'",
        "audit": "select count(*) from audit where operation = 'CreateExperiment' and "
        "error_code is null",
    }
    counted = {name: database.execute(sql).fetchone()[0] for name, sql in halves.items()}
    whole = database.execute("pragma integrity_check").fetchone()[0]
    database.close()
    assert counted == dict.fromkeys(halves, len(found))
    assert whole == "ok"


def test_a_full_disk_gives_503_loses_nothing_and_heals(server: RunningServer) -> None:
    sm = server.client("sagemaker")
    kept: list[str] = []
    refusals: list[ClientError] = []
    wal = server.state / "freehold.db-wal"
    _, most = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    limit = max(wal.stat().st_size, (server.state / "freehold.db").stat().st_size) + 256 * 1024
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (limit, most))
    for n in range(2000):
        name = f"e-{n}"
        try:
            sm.create_experiment(ExperimentName=name, Description="x" * 3000)
        except ClientError as error:
            refusals.append(error)
            if len(refusals) == 3:
                break
        else:
            kept.append(name)
    assert kept
    assert len(refusals) == 3
    for refusal in refusals:
        assert refusal.response["ResponseMetadata"]["HTTPStatusCode"] == 503
        assert "nothing was done" in refusal.response["Error"]["Message"]
    sm.list_experiments()  # reading goes on
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (most, most))
    sm.create_experiment(ExperimentName="after")
    server.kill()
    server.start()
    sm = server.client("sagemaker")
    found = {
        item["ExperimentName"]
        for page in sm.get_paginator("list_experiments").paginate(MaxResults=100)
        for item in page["ExperimentSummaries"]
    }
    assert found == {*kept, "after"}


def test_sigterm_ends_it_cleanly_and_nothing_is_forgotten(server: RunningServer) -> None:
    sm = server.client("sagemaker")
    sm.create_experiment(ExperimentName="kept")
    sm.list_experiments()
    keys = server.environment()["AWS_ACCESS_KEY_ID"]
    assert server.stop() == 0
    database = sqlite3.connect(server.state / "freehold.db")
    operations = {row[0] for row in database.execute("select operation from audit")}
    database.close()
    assert {"CreateExperiment", "ListExperiments"} <= operations  # what waited was written
    server.start()
    assert server.environment()["AWS_ACCESS_KEY_ID"] == keys
    assert server.client("sagemaker").describe_experiment(ExperimentName="kept")


def test_an_interrupt_ends_it_like_a_term(server: RunningServer) -> None:
    assert server._end(signal.SIGINT) in (0, 130)


def test_a_port_in_use_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        state = ("--state", str(tmp_path / "s"))
        one_line(up(*state, "--port", port, "--tls-port", "0"), port)
        one_line(up(*state, "--port", "0", "--tls-port", port), port)


def test_a_second_server_on_the_same_state_is_told_who_has_it(server: RunningServer) -> None:
    words = ("--state", str(server.state), "--port", "0", "--tls-port", "0")
    one_line(up(*words), str(server.state), f"process {server.pid}")
    assert server.client("sagemaker").list_domains()["Domains"] == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("version", "schema version 999"),
        ("foreign", "not a Freehold database"),
        ("letter", "not a Freehold database"),
    ],
)
def test_a_state_that_is_not_ours_is_left_as_it_is(
    tmp_path: Path, content: str, words: str
) -> None:
    state = tmp_path / "s"
    state.mkdir()
    place = state / "freehold.db"
    if content == "letter":
        place.write_text("dear diary\n" * 200)
    else:
        other = sqlite3.connect(place)
        table = "meta" if content == "version" else "photos"
        other.execute(f"create table {table} (key text primary key, value blob)")
        other.execute(f"insert into {table} values ('schema_version', '999')")
        other.commit()
        other.close()
    before = place.read_bytes()
    one_line(up("--state", str(state), "--port", "0", "--tls-port", "0"), words, str(place))
    assert place.read_bytes() == before


def test_a_state_that_cannot_be_is_told_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a directory")
    one_line(up("--state", str(file), "--port", "0", "--tls-port", "0"), str(file))
    one_line(up("--state", str(file / "below"), "--port", "0", "--tls-port", "0"), str(file))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--port", "70000"), "--port"),
        (("--account-id", "12"), "twelve digits"),
        (("--region", "Mars"), "us-east-1"),
    ],
)
def test_options_that_make_no_sense_are_told_in_one_line(
    tmp_path: Path, options: tuple[str, str], words: str
) -> None:
    one_line(up("--state", str(tmp_path / "s"), *options), words)


def test_an_install_keeps_its_account_and_region(make_server: Make) -> None:
    server = make_server("s", "--account-id", "123456789012", "--region", "eu-central-1")
    server.start()
    assert server.client("sts").get_caller_identity()["Account"] == "123456789012"
    server.stop()
    words = ("--state", str(server.state), "--port", "0", "--tls-port", "0")
    one_line(up(*words, "--account-id", "111111111111"), "123456789012")
    one_line(up(*words, "--region", "us-east-1"), "eu-central-1")
    server.options = ()
    server.start()
    assert server.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_env_of_a_state_without_a_server_says_what_to_do(tmp_path: Path) -> None:
    done = freehold("env", "--state", str(tmp_path / "none"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "freehold up --state" in done.stderr

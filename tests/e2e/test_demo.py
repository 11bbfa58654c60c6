"""The whole story, played once as a new user would, then looked at by clients of our own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.support.server import FREEHOLD, clean_environment
from tests.support.volumes import kept_in_spaces

from freehold.cli.story import house
from freehold.cli.story.shell import exports
from freehold.host import runtimes
from freehold.host.sandboxes import probe

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.runtime,
    pytest.mark.timeout(420),
    pytest.mark.skipif(
        not all(runtimes.find(name) for name in house.RUNTIMES),
        reason="needs runtimes: freehold runtime install jupyterlab; ... install sklearn",
    ),
    pytest.mark.skipif(bool(probe.bubblewrap().trouble), reason="needs sandboxes"),
]
SECONDS_MAX = 400


def freehold(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [FREEHOLD, *words],
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
        env=clean_environment(),
    )


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """One played story: its state, what it printed, and clients of its server."""
    state = tmp_path_factory.mktemp("demo") / "state"
    done = freehold("demo", "--state", str(state))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr

    def client(service: str, keys: dict[str, str] | None = None) -> Any:
        made = exports(freehold("env", "--state", str(state)).stdout) | (keys or {})
        return boto3.client(
            service,
            endpoint_url=made["AWS_ENDPOINT_URL"],
            region_name=made["AWS_DEFAULT_REGION"],
            aws_access_key_id=made["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=made["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=made.get("AWS_SESSION_TOKEN"),
            config=Config(proxies={}),
        )

    domains = {d["DomainName"]: d for d in client("sagemaker").list_domains()["Domains"]}
    yield SimpleNamespace(state=state, told=done.stdout, client=client, domains=domains)
    assert freehold("demo", "--state", str(state), "--stop").returncode == 0
    assert house.server_of(state) is None


def test_it_tells_each_command_and_what_to_type_next(story: SimpleNamespace) -> None:
    for command in ("create-domain", "list-tags", "add-tags", "create-budget", "describe-budget"):
        assert command in story.told
    assert "--stop" in story.told
    assert "/auth?token=" in story.told


def test_the_server_goes_on_running_with_its_notebooks(story: SimpleNamespace) -> None:
    assert (
        house.server_of(story.state) == json.loads((story.state / "server.json").read_text())["pid"]
    )
    apps = story.client("sagemaker").list_apps()["Apps"]
    assert [app["Status"] for app in apps] == ["InService"] * 3


def test_the_jobs_ran_and_carry_their_domain(story: SimpleNamespace) -> None:
    sagemaker = story.client("sagemaker")
    jobs = sagemaker.list_training_jobs()["TrainingJobSummaries"]
    assert [job["TrainingJobStatus"] for job in jobs] == ["Completed"] * 2
    found = {
        tag["Value"]
        for job in jobs
        for tag in sagemaker.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"]
        if tag["Key"] == "sagemaker:domain-arn"
    }
    assert found == {domain["DomainArn"] for domain in story.domains.values()}
    [processing] = sagemaker.list_processing_jobs()["ProcessingJobSummaries"]
    assert processing["ProcessingJobStatus"] == "Completed"


def test_the_training_learned_from_real_data(story: SimpleNamespace) -> None:
    sagemaker = story.client("sagemaker")
    for job in sagemaker.list_training_jobs()["TrainingJobSummaries"]:
        told = sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"])
        [metric] = told["FinalMetricDataList"]
        assert 0 < metric["Value"] < 3
        place = told["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://")
        bucket, _, key = place.partition("/")
        assert story.client("s3").head_object(Bucket=bucket, Key=key)["ContentLength"] > 100


def test_finance_is_still_refused_what_is_sustainabilitys(story: SimpleNamespace) -> None:
    domain_id = story.domains["finance"]["DomainId"]
    words = ("--domain-id", domain_id, "--user-profile-name", "bruno")
    keys = exports(freehold("credentials", "--state", str(story.state), *words).stdout)
    finance = story.client("sagemaker", keys)
    with pytest.raises(ClientError, match="no identity-based policy allows") as refused:
        finance.describe_experiment(ExperimentName="carbon-trend")
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert finance.describe_experiment(ExperimentName="unemployment-forecast")


def test_old_experiments_are_finances_now(story: SimpleNamespace) -> None:
    sagemaker = story.client("sagemaker")
    arn = sagemaker.describe_experiment(ExperimentName="loan-losses-2021")["ExperimentArn"]
    tags = {t["Key"]: t["Value"] for t in sagemaker.list_tags(ResourceArn=arn)["Tags"]}
    assert tags == {"sagemaker:domain-arn": story.domains["finance"]["DomainArn"]}


def test_the_budget_has_used_what_finance_spent(story: SimpleNamespace) -> None:
    account = story.domains["finance"]["DomainArn"].split(":")[4]
    told = story.client("budgets").describe_budget(AccountId=account, BudgetName="finance-monthly")[
        "Budget"
    ]
    assert 0 < float(told["CalculatedSpend"]["ActualSpend"]["Amount"]) < 1


def test_the_picture_is_there(story: SimpleNamespace) -> None:
    assert (story.state / "costs.png").read_bytes().startswith(b"\x89PNG")
    assert "costs.png" in story.told


def test_the_notebook_was_kept_with_its_outputs(story: SimpleNamespace) -> None:
    [notebook] = kept_in_spaces(story.state, "finance.ipynb")
    cells = json.loads(notebook)["cells"]
    printed = [
        "".join(output["text"])
        for cell in cells
        for output in cell.get("outputs", [])
        if output.get("name") == "stdout"
    ]
    assert any("Completed" in text for text in printed)


def test_another_server_on_its_state_is_refused_in_one_line(story: SimpleNamespace) -> None:
    done = freehold("up", "--state", str(story.state), "--port", "0", "--tls-port", "0")
    assert done.returncode == 1
    assert "in use" in done.stderr

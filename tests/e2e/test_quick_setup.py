"""Quick setup, explain and policy lint as an administrator types them, beside a running server."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError
from tests.support.server import RunningServer, freehold

pytestmark = pytest.mark.e2e


def test_a_domain_is_set_up_and_a_refusal_in_it_explained(server: RunningServer) -> None:
    state = ("--state", str(server.state))
    people = ("--user-profile-name", "ana", "bruno")
    done = freehold("quick-setup", *state, "--domain-name", "finance", *people)
    assert done.returncode == 0, done.stderr
    assert "made    domain" in done.stdout
    again = freehold("quick-setup", *state, "--domain-name", "finance", *people)
    assert again.returncode == 0, again.stderr
    assert "made " not in again.stdout
    [domain] = server.client("sagemaker").list_domains()["Domains"]
    admin = server.client("sagemaker")
    admin.create_experiment(ExperimentName="theirs")

    given = freehold(
        *("credentials", *state, "--domain-id", domain["DomainId"]),
        *("--user-profile-name", "ana", "--format", "json"),
    )
    ana = server.client("sagemaker", json.loads(given.stdout))
    ana.create_experiment(ExperimentName="ours")
    assert ana.describe_experiment(ExperimentName="ours")["ExperimentName"] == "ours"
    with pytest.raises(ClientError, match="AccessDenied") as caught:
        ana.describe_experiment(ExperimentName="theirs")
    request_id = caught.value.response["ResponseMetadata"]["RequestId"]

    told = freehold("explain", request_id, *state)  # at once: the entry is not written yet
    assert told.returncode == 0, told.stderr
    assert "refused" in told.stdout.splitlines()[0]
    assert "DENIED: no identity-based policy allows it" in told.stdout
    assert "statement OwnWork" in told.stdout
    assert "the resource bears no such tag" in told.stdout
    assert freehold("explain", request_id[:-4] + "0000", *state).returncode == 2

    other = freehold("quick-setup", *state, "--domain-name", "research")  # guards are on by now
    assert other.returncode == 0, other.stderr
    assert "exists  guards" in other.stdout
    assert "made    bucket" in other.stdout
    seen = ana.list_experiments()["ExperimentSummaries"]
    assert [one["ExperimentName"] for one in seen] == ["ours"]
    role = domain["DomainName"]
    linted = freehold("policy", "lint", *state, "--role-name", f"AmazonSageMaker-{role}")
    assert linted.returncode == 0, linted.stdout
    server.stop()
    assert freehold("explain", request_id, *state).returncode == 0  # and without a server
    failed = freehold("quick-setup", *state, "--domain-name", "third")
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert len(failed.stderr.splitlines()) == 1

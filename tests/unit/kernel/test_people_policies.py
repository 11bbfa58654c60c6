"""The policies of a domain's people keep an IAM user to one domain and one profile."""

from __future__ import annotations

import functools
import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import make_user, refused
from tests.support.studio import make_domain, make_profile, work_role

from freehold.compose import House
from freehold.kernel.permission.tight import own_policy, people_policy
from freehold.store.records import Record
from freehold.store.unit import Unit

COPY = Path(__file__).parents[3] / "console/src/people/making/policies.json"
NAMES = ("partition", "region", "account", "domain-arn", "domain-id", "role-arn", "bucket")
MANAGED_CHARS_MAX, INLINE_CHARS_MAX = 6144, 2048  # IAM quotas
LONGEST = (
    "aws",
    "ap-southeast-2",
    "000000000001",
    "arn:aws:sagemaker:ap-southeast-2:000000000001:domain/d-abcdefghijkl",
    "d-abcdefghijkl",
    "arn:aws:iam::000000000001:role/service-role/" + "r" * 64,
    "sagemaker-d-abcdefghijkl",
)


def test_the_consoles_copy_is_what_python_says() -> None:
    wanted = {
        "domain": people_policy(*(f"@{name}@" for name in NAMES)),
        "own": own_policy("@partition@", "@domain-id@", "@profile@"),
    }
    assert json.loads(COPY.read_text()) == wanted, f"write it anew: {json.dumps(wanted)}"


def test_they_fit_what_iam_holds() -> None:
    shared, own = people_policy(*LONGEST), own_policy("aws", LONGEST[4], "p" * 63)
    assert len(json.dumps(shared, separators=(",", ":"))) <= MANAGED_CHARS_MAX
    assert len(json.dumps(own, separators=(",", ":"))) <= INLINE_CHARS_MAX


@pytest.fixture
def two(aws: Aws) -> SimpleNamespace:
    """Domains finance (of ana and bert) and risk (of rita), and ana's client."""
    role = work_role(aws, "work")
    finance, risk = make_domain(aws, "finance", role), make_domain(aws, "risk", role)
    for domain, name in ((finance, "ana-v"), (finance, "bert"), (risk, "rita")):
        make_profile(aws, domain.id, name)
    region, account = finance.arn.split(":")[3:5]
    place = ("aws", region, account)
    keys = make_user(aws, "ana")
    iam = aws.client("iam")
    shared = people_policy(*place, finance.arn, finance.id, role, f"sagemaker-{finance.id}")
    made = iam.create_policy(PolicyName="people", PolicyDocument=json.dumps(shared))["Policy"]
    iam.attach_user_policy(UserName="ana", PolicyArn=made["Arn"])
    own = own_policy("aws", finance.id, "ana-v")
    iam.put_user_policy(UserName="ana", PolicyName="own", PolicyDocument=json.dumps(own))
    return SimpleNamespace(
        finance=finance.id,
        risk=risk.id,
        sagemaker=aws.client("sagemaker", keys),
        keys=keys,
        arn=finance.arn,
    )


def test_they_let_a_person_work_in_their_own_profile_and_spaces(two: SimpleNamespace) -> None:
    sagemaker = two.sagemaker
    mine: dict[str, Any] = {"DomainId": two.finance, "UserProfileName": "ana-v"}
    app = {"AppType": "JupyterLab", "AppName": "default"}
    assert sagemaker.describe_user_profile(**mine)["Status"]
    sagemaker.create_app(**mine, **app)
    sagemaker.create_space(
        DomainId=two.finance,
        SpaceName="hers",
        OwnershipSettings={"OwnerUserProfileName": "ana-v"},
        SpaceSharingSettings={"SharingType": "Private"},
    )
    sagemaker.create_app(DomainId=two.finance, SpaceName="hers", **app)


def test_they_refuse_a_colleagues_profile_and_another_domain(two: SimpleNamespace) -> None:
    sagemaker = two.sagemaker
    app = {"AppType": "JupyterLab", "AppName": "default"}
    for domain, name in ((two.finance, "bert"), (two.risk, "rita")):
        named = {"DomainId": domain, "UserProfileName": name}
        with refused("AccessDeniedException", "sagemaker:CreateApp"):
            sagemaker.create_app(**named, **app)
        with refused("AccessDeniedException", "sagemaker:CreatePresignedDomainUrl"):
            sagemaker.create_presigned_domain_url(**named)
    with refused("AccessDeniedException", "sagemaker:DescribeDomain"):
        sagemaker.describe_domain(DomainId=two.risk)
    with refused("AccessDeniedException", "sagemaker:AddTags"):
        sagemaker.add_tags(
            ResourceArn=sagemaker.describe_user_profile(
                DomainId=two.finance, UserProfileName="bert"
            )["UserProfileArn"],
            Tags=[{"Key": "freehold:user", "Value": "ana"}],
        )


def test_they_let_nobody_raise_themselves(two: SimpleNamespace, aws: Aws) -> None:
    iam = aws.client("iam", two.keys)
    with refused("AccessDenied", "iam:AttachUserPolicy"):
        iam.attach_user_policy(
            UserName="ana", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
        )
    with refused("AccessDenied", "iam:CreateAccessKey"):
        iam.create_access_key(UserName="ana")


def test_job_logs_are_read_by_the_people_of_the_jobs_domain(
    two: SimpleNamespace, aws: Aws, house: House
) -> None:
    group, logs = "/aws/sagemaker/TrainingJobs", aws.client("logs")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="reborn/algo-1-1")
    for name, domain in (("forest", two.finance), ("tide", two.risk), ("reborn", two.finance)):
        place = two.arn.rpartition(":")[0]
        job = Record("sagemaker:training-job", f"{place}:training-job/{name}", name, at=time.time())
        job.tags = {"sagemaker:domain-arn": f"{place}:domain/{domain}"}
        house.kernel.writer.run(functools.partial(Unit.create, record=job))
    for name in ("forest", "tide", "nobody"):
        logs.create_log_stream(logGroupName=group, logStreamName=f"{name}/algo-1-1")
    hers = aws.client("logs", two.keys)
    found = hers.describe_log_streams(logGroupName=group, logStreamNamePrefix="forest")
    assert [one["logStreamName"] for one in found["logStreams"]] == ["forest/algo-1-1"]
    hers.get_log_events(logGroupName=group, logStreamName="forest/algo-1-1")
    # another domain's, nobody's, and one from before the job that has its name now
    for name in ("tide", "nobody", "reborn"):
        with refused("AccessDeniedException", "logs:GetLogEvents"):
            hers.get_log_events(logGroupName=group, logStreamName=f"{name}/algo-1-1")

"""An account of two lines of business, each with a tight role and things of every kind."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.people import make_role, policy
from tests.support.studio import SERVICE, make_domain, make_profile

from freehold.compose import House
from freehold.isolation.examine import Wanted, examine
from freehold.isolation.report import Report
from freehold.kernel.permission.tight import tight_policy

ACCOUNT = "111122223333"
REGION = "us-east-1"


class Account:
    """A house with lines of business, and what is asked of it."""

    def __init__(self, house: House, aws: Aws) -> None:
        self.house = house
        self.aws = aws
        self.iam = aws.client("iam")
        self.sagemaker = aws.client("sagemaker")
        self.lines: dict[str, SimpleNamespace] = {}

    def line(self, name: str, profiles: tuple[str, ...] = ("anna",)) -> SimpleNamespace:
        """A domain with profiles, a bucket and things that bear its tag."""
        role = make_role(self.aws, f"work-{name}", SERVICE)
        domain = make_domain(self.aws, name, role)
        made = SimpleNamespace(
            name=name, id=domain.id, arn=domain.arn, role=role, bucket=f"{name}-files"
        )
        self.aws.client("s3").create_bucket(Bucket=made.bucket)
        for profile in profiles:
            make_profile(self.aws, domain.id, profile)
        self.tighten(made)
        tags = [{"Key": "sagemaker:domain-arn", "Value": domain.arn}]
        self.sagemaker.create_experiment(ExperimentName=f"{name}-experiment", Tags=tags)
        self.sagemaker.create_model_package_group(ModelPackageGroupName=f"{name}-models", Tags=tags)
        self.sagemaker.create_model(
            ModelName=f"{name}-model",
            ExecutionRoleArn=role,
            PrimaryContainer={"Image": "x", "ModelDataUrl": f"s3://{made.bucket}/m.tar.gz"},
            Tags=tags,
        )
        self.lines[name] = made
        return made

    def tighten(self, line: SimpleNamespace, **more: Any) -> None:
        """Give a line's role the tight policy."""
        document = tight_policy(
            "aws", REGION, ACCOUNT, line.arn, line.id, line.role, line.bucket, **more
        )
        self.allow(line, *document["Statement"], name="tight")

    def allow(
        self, line: SimpleNamespace, *statements: dict[str, Any], name: str = "loose"
    ) -> None:
        """Add statements to a line's role."""
        self.iam.put_role_policy(
            RoleName=line.role.rpartition("/")[2],
            PolicyName=name,
            PolicyDocument=policy(*statements),
        )

    def examine(self, **wanted: Any) -> Report:
        """The report."""
        kernel = self.house.kernel
        return examine(
            kernel.own_unit(), kernel.settings, kernel.registry, Wanted(**wanted), time.time()
        )


@pytest.fixture
def account(house: House, aws: Aws) -> Account:
    made = Account(house, aws)
    made.line("finance")
    made.line("risk")
    return made

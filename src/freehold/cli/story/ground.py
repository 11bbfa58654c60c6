"""First chapters: what was there before, then roles, domains, people and spaces, by the aws CLI."""

from __future__ import annotations

import json

from freehold.cli.story.cast import OLD_EXPERIMENTS, Line
from freehold.cli.story.teller import Shell

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
BROAD = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"


def make_old_experiments(admin: Shell) -> None:
    """Experiments of an administrator: outside of any domain, so without a tag."""
    for name in OLD_EXPERIMENTS:
        admin.aws("sagemaker", "create-experiment", "--experiment-name", name)


def make_role(admin: Shell, line: Line) -> None:
    """An execution role that SageMaker may assume, with broad grants at first."""
    trust = json.dumps(TRUST)
    role = ("--role-name", line.role)
    line.role_arn = admin.aws(
        *("iam", "create-role", *role, "--assume-role-policy-document", trust),
        *("--query", "Role.Arn", "--output", "text"),
    )
    admin.aws("iam", "attach-role-policy", *role, "--policy-arn", BROAD)


def make_domain(admin: Shell, line: Line, vpc_id: str, subnet_ids: list[str]) -> None:
    """The domain, its profiles and its spaces."""
    made = admin.ask(
        *("sagemaker", "create-domain", "--domain-name", line.name, "--auth-mode", "IAM"),
        *("--vpc-id", vpc_id, "--subnet-ids", *subnet_ids),
        *("--default-user-settings", f"ExecutionRole={line.role_arn}"),
        *("--default-space-settings", f"ExecutionRole={line.role_arn}"),
        shows=True,
    )
    line.domain_arn = made["DomainArn"]
    line.domain_id = line.domain_arn.rpartition("/")[2]
    domain = ("--domain-id", line.domain_id)
    for person in line.people:
        admin.aws(
            *("sagemaker", "create-user-profile", *domain, "--user-profile-name", person),
            *("--query", "UserProfileArn", "--output", "text"),
        )
    for desk in line.desks:
        owned = (
            *("--ownership-settings", f"OwnerUserProfileName={desk.person}"),
            *("--space-sharing-settings", "SharingType=Private"),
        )
        admin.aws(
            *("sagemaker", "create-space", *domain, "--space-name", desk.space),
            *(() if desk.is_shared else owned),
            *("--space-settings", "AppType=JupyterLab"),
            *("--query", "SpaceArn", "--output", "text"),
        )


def default_network(admin: Shell) -> tuple[str, list[str]]:
    """The default VPC and its subnets."""
    subnets = admin.ask(
        *("ec2", "describe-subnets", "--filters", "Name=default-for-az,Values=true"),
        *("--query", "Subnets[].[VpcId, SubnetId]"),
        shows=True,
    )
    return subnets[0][0], [subnet_id for _, subnet_id in subnets[:2]]

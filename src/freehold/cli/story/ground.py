"""First chapters: what was there before, then roles, domains, people and spaces, by the aws CLI."""

from __future__ import annotations

import json

from freehold.cli.story.cast import OLD_EXPERIMENTS, Line
from freehold.cli.story.shell import Shell

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
TEXT = ("--output", "text")


def make_old_experiments(admin: Shell) -> None:
    """Experiments of an administrator: outside of any domain, so without a tag."""
    admin.teller.say("experiments as they were made before: by an administrator, without a tag")
    made = ("sagemaker", "create-experiment", "--query", "ExperimentArn", *TEXT)
    admin.together([(*made, "--experiment-name", name) for name in OLD_EXPERIMENTS])


def make_roles(admin: Shell, lines: tuple[Line, ...]) -> None:
    """An execution role each that SageMaker may assume, with broad grants at first."""
    made = ("iam", "create-role", "--assume-role-policy-document", json.dumps(TRUST))
    arns = admin.together(
        [(*made, "--role-name", line.role, "--query", "Role.Arn", *TEXT) for line in lines]
    )
    for line, arn in zip(lines, arns, strict=True):
        line.role_arn = arn
    attached = ("iam", "attach-role-policy", "--policy-arn", BROAD)
    admin.together([(*attached, "--role-name", line.role) for line in lines])


def make_domains(admin: Shell, lines: tuple[Line, ...]) -> None:
    """A domain each, in the default VPC, with default settings for its spaces."""
    subnets = json.loads(
        admin.aws(
            *("ec2", "describe-subnets", "--filters", "Name=default-for-az,Values=true"),
            *("--query", "Subnets[:2].[VpcId, SubnetId]", "--output", "json"),
            shows=False,
        )
    )
    admin.teller.answer(", ".join(" ".join(subnet) for subnet in subnets))
    network = ("--vpc-id", subnets[0][0], "--subnet-ids", *(subnet_id for _, subnet_id in subnets))
    arns = admin.together(
        [
            (
                *("sagemaker", "create-domain", "--domain-name", line.name),
                *("--auth-mode", "IAM", *network),
                *("--default-user-settings", f"ExecutionRole={line.role_arn}"),
                *("--default-space-settings", f"ExecutionRole={line.role_arn}"),
                *("--query", "DomainArn", *TEXT),
            )
            for line in lines
        ]
    )
    for line, arn in zip(lines, arns, strict=True):
        line.domain_arn = arn
        line.domain_id = arn.rpartition("/")[2]


def make_people(admin: Shell, lines: tuple[Line, ...]) -> None:
    """The domains' user profiles, then a private space for some and a shared one."""
    admin.together(
        [
            (
                *("sagemaker", "create-user-profile", "--domain-id", line.domain_id),
                *("--user-profile-name", person, "--query", "UserProfileArn", *TEXT),
            )
            for line in lines
            for person in line.people
        ]
    )
    calls = []
    for line in lines:
        for desk in line.desks:
            owned = (
                *("--ownership-settings", f"OwnerUserProfileName={desk.person}"),
                *("--space-sharing-settings", "SharingType=Private"),
            )
            calls.append(
                (
                    *("sagemaker", "create-space", "--domain-id", line.domain_id),
                    *("--space-name", desk.space, *(() if desk.is_shared else owned)),
                    *("--space-settings", "AppType=JupyterLab", "--query", "SpaceArn", *TEXT),
                )
            )
    admin.together(calls)

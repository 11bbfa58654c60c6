"""The shapes that IAM demands of actions, resources and principals when a policy is written.

``document.py`` asks; each refusal is IAM's own sentence (iam-evaluation.md section 2.2). Shape
only: that the thing exists is for whoever stores the policy to check.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# "*" stands for any partition: moto and LocalStack, written against AWS's answers, let it pass.
PARTITIONS = frozenset(
    {"aws", "aws-cn", "aws-us-gov", "aws-eusc", "*"}
    | {"aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f"}
)
# What needs no second look.
_PLAIN_ACTION = re.compile(r"[a-zA-Z0-9\-.]+:[^:]*\Z")
_PLAIN_ARN = re.compile(r"arn:aws:(?!iam:)[a-z0-9\-]+:[^:]*:[^:]*:")
_IAM_HEADS = (
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
)
_AWS_PRINCIPAL = re.compile(
    r"\*|[0-9]{12}|A[A-Z0-9]{15,127}"
    r"|arn:[a-z\-]+:iam::[0-9]{12}:(?:root|(?:user|role)/[^*?\s]+)"
    r"|arn:[a-z\-]+:sts::[0-9]{12}:(?:assumed-role/[^*?/\s]+/[^*?/\s]+|federated-user/[^*?/\s]+)"
)


class Misshapen(Exception):
    """An entry that IAM refuses; the text is what the caller reads."""


def check_actions(entries: Iterable[str]) -> None:
    """Refuse what is not ``vendor:Name`` or ``*``."""
    for entry in entries:
        if _PLAIN_ACTION.match(entry) or entry == "*":
            continue
        vendor, colon, name = entry.partition(":")
        if not colon:
            raise Misshapen(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
            )
        if ":" in name:
            raise Misshapen("Actions/Condition can contain only one colon.")
        raise Misshapen(f"Vendor {vendor} is not valid")


def check_trust_actions(entries: Iterable[str]) -> None:
    """Refuse in a trust policy what is outside STS."""
    if not all(entry[:4].lower() == "sts:" for entry in entries):
        raise Misshapen("AssumeRole policy may only specify STS AssumeRole actions.")


def is_broken_arn(entry: str) -> bool:
    """What fails "legacy parsing": too few colons with two of them together, or no service."""
    if _PLAIN_ARN.match(entry) or entry == "*" or ":" not in entry:
        return False
    parts = entry.split(":")
    return (len(parts) < 6 and "::" in entry) or (len(parts) > 2 and not parts[2])


def check_resources(entries: Iterable[str]) -> None:
    """Refuse resources that are neither ``*`` nor shaped like an ARN."""
    for entry in entries:
        if entry != "*" and not _PLAIN_ARN.match(entry):
            _check_arn(entry)


def _check_arn(entry: str) -> None:
    arn, colon, rest = entry.partition(":")
    if not colon:
        raise Misshapen(f'Resource {entry} must be in ARN format or "*".')
    partition, *others = rest.split(":", 4)
    if partition not in PARTITIONS:
        named = [] if others == [""] else others
        padded = ":".join([*named, "*", "*", "*", "*"][: max(len(named), 4)])
        raise Misshapen(
            f'Partition "{partition}" is not valid for resource "arn:{partition}:{padded}".'
        )
    if arn != "arn":
        raise Misshapen(f'Resource {entry} must be in ARN format or "*".')
    if not others or any(sign in others[0] for sign in "*?"):
        raise Misshapen("Resource vendor must be fully qualified and cannot contain regexes.")
    if others[0] == "iam":
        _check_iam_arn(entry, others)


def _check_iam_arn(entry: str, others: list[str]) -> None:
    if len(others) > 1 and others[1]:
        raise Misshapen(f"IAM resource {entry} cannot contain region information.")
    path = others[3] if len(others) > 3 else "*"
    if path != "*" and not path.startswith(_IAM_HEADS):
        heads = ", ".join(_IAM_HEADS)
        raise Misshapen(f'IAM resource path must either be "*" or start with {heads}.')


def is_aws_principal(text: str) -> bool:
    """Everyone, an account, a unique id, or the ARN of a user, role or session; no wildcards."""
    return _AWS_PRINCIPAL.fullmatch(text) is not None

"""What to change so that a way is closed: one sentence for each kind of way.

Called by ``report.py``; the tight form that the sentences point at is
``kernel/permission/tight.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from freehold.isolation.becoming.steps import Step
from freehold.isolation.crossings.crossing import Crossing
from freehold.kernel.tagging import DOMAIN_TAG

STEPS = {
    "assume": "take {source} out of the role's trust policy, or out of sts:AssumeRole",
    "pass": "limit iam:PassRole in {policy} {statement} to the domain's own role",
    "key": "take {action} out of {policy} {statement}",
    "trust": "take {action} out of {policy} {statement}",
    "policy": "take {action} out of {policy} {statement}, or bind the principal by a boundary",
    "group": "limit {action} in {policy} {statement} to groups of the domain",
    "unbound": "deny {action} in the boundary itself",
}
OWN = f'"StringEquals": {{"aws:ResourceTag/{DOMAIN_TAG}": "<its own domain\'s ARN>"}}'


def cure(home: str, chain: Sequence[Step], crossing: Crossing) -> str:
    """One sentence. Where there is a chain, its last step is the one to cut."""
    del home
    decision = crossing.decision
    where = f"{decision.policy} {decision.statement}"
    if chain:
        step = chain[-1]
        return STEPS[step.how].format(
            source=step.source.arn,
            action=step.action,
            policy=step.decision.policy,
            statement=step.decision.statement,
        )
    shape = crossing.form.shape
    if shape == "account":
        return "turn the guard isolation.lists on: no policy can confine this action"
    if shape == "plant":
        return (
            f'ask for "StringEquals": {{"aws:RequestTag/{DOMAIN_TAG}": "<its own domain\'s ARN>"}} '
            f"in {where}"
        )
    if shape in ("tag", "untag"):
        return (
            f'in {where} allow AddTags with "Null": {{"sagemaker:TaggingAction": "false"}} only, '
            "and no DeleteTags"
        )
    if shape in ("keys", "listing"):
        return f"limit Resource (for lists: s3:prefix) in {where} to the domain's own folder"
    if shape == "new":
        return f"limit Resource in {where} to the domain's own ARNs"
    if decision.layer in ("resource", "trust"):
        return f"take the principal out of the policy on {decision.policy}"
    return f"in {where} narrow Resource, or add {OWN}"

"""IAM users with the policies that the console gives to people find no way out of their domain."""

from __future__ import annotations

import json

from tests.unit.isolation.conftest import ACCOUNT, REGION, Account

from freehold.kernel.permission.tight import own_policy, people_policy


def test_people_of_two_domains_reach_nothing_of_each_other(account: Account) -> None:
    iam = account.iam
    for name, line in account.lines.items():
        user = f"anna-of-{name}"
        home = [{"Key": "sagemaker:domain-arn", "Value": line.arn}]
        iam.create_user(UserName=user, Tags=home)
        shared = people_policy("aws", REGION, ACCOUNT, line.arn, line.id, line.role, line.bucket)
        text = json.dumps(shared)
        made = iam.create_policy(PolicyName=f"people-{name}", PolicyDocument=text)["Policy"]
        iam.attach_user_policy(UserName=user, PolicyArn=made["Arn"])
        own = json.dumps(own_policy("aws", line.id, "anna"))
        iam.put_user_policy(UserName=user, PolicyName="own", PolicyDocument=own)
    report = account.examine()
    assert report.principals == 4  # two roles, two people
    assert report.is_isolated(), report.findings.keys()
    assert not report.is_isolated(is_strict=True)  # without the guards lists tell names

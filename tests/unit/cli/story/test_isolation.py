"""The isolation policies as they are handed out: AWS's statements, filled for one domain."""

from __future__ import annotations

import json

import pytest

from freehold.cli.story import cast
from freehold.cli.story.isolation import filled
from freehold.policy.document import parse

NAMES = ("isolation-2022", "isolation-today", "surroundings")


def line() -> cast.Line:
    made = cast.finance()
    made.role_arn = "arn:aws:iam::111122223333:role/finance"
    made.domain_id = "d-1"
    made.domain_arn = "arn:aws:sagemaker:us-east-1:111122223333:domain/d-1"
    return made


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_is_filled_and_one_that_iam_takes(name: str) -> None:
    text = filled(name, line())
    parse(text, "identity")
    assert not {"DOMAIN_ARN", "DOMAIN_ID", "ROLE_ARN"} & set(text.replace('"', " ").split())


def test_the_policies_have_the_sids_of_their_sources() -> None:
    def sids(name: str) -> list[str]:
        return [statement["Sid"] for statement in json.loads(filled(name, line()))["Statement"]]

    assert sids("isolation-2022") == ["CreateRequireDomainTag", "ResourceAccessRequireDomainTag"]
    assert sids("isolation-today") == [
        "CreateAPIs",
        "ResourceAccessRequireDomainTag",
        "AllowActionsThatDontSupportTagging",
        "DeleteDefaultApp",
    ]


def test_what_stays_beside_them_grants_no_access_to_sagemakers_resources() -> None:
    for statement in json.loads(filled("surroundings", line()))["Statement"]:
        assert not [
            action
            for action in statement["Action"]
            if action.startswith(("sagemaker:Describe", "sagemaker:Update", "sagemaker:Delete"))
        ]

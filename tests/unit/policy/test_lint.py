"""The traps are named, and the tight forms are not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from freehold.policy.document import parse
from freehold.policy.lint import lint

CASES = Path(__file__).parents[2] / "contract" / "policy" / "cases"


def traps(*statements: dict[str, Any]) -> list[tuple[str, str]]:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return [(found.trap, found.statement) for found in lint(parse(text, "identity"))]


def stored(sheet: str, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((CASES / sheet).read_text())["documents"][name][
        "Statement"
    ]
    return found


def allow(**condition: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": "sagemaker:Create*",
        "Resource": "*",
        "Condition": condition,
    }


def test_the_2022_form_is_vacuous_and_the_tight_form_is_clean() -> None:
    assert traps(*stored("isolation_2022.json", "isolation-2022")) == [
        ("vacuous-set", "CreateUpdateRequireDomainTag")
    ]
    assert traps(*stored("isolation_2022.json", "tight")) == []
    assert traps(*stored("spaces.json", "spaces")) == []


def test_a_set_operator_with_presence_is_clean() -> None:
    each = {"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}
    assert traps(allow(**each)) == [("vacuous-set", "#0")]
    assert traps(allow(**each, Null={"AWS:TagKeys": "false"})) == []


def test_a_plain_operator_over_a_list_is_named() -> None:
    assert traps(allow(StringEquals={"sagemaker:InstanceTypes": "ml.t3.medium"})) == [
        ("plain-over-list", "#0")
    ]


def test_an_allow_that_holds_on_absence_is_named() -> None:
    assert traps(allow(StringNotEquals={"aws:PrincipalTag/team": "x"})) == [
        ("absent-is-allowed", "#0")
    ]
    assert traps(allow(BoolIfExists={"aws:SecureTransport": "true"})) == [
        ("absent-is-allowed", "#0")
    ]


def test_tagging_without_scope_is_named_unless_tags_are_kept() -> None:
    everything = {"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}
    assert traps(everything) == [("unscoped-tagging", "#0")]
    kept = next(one for one in stored("isolation_2022.json", "tight") if one["Effect"] == "Deny")
    assert traps(everything, kept) == []

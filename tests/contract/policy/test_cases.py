"""Every case of ``cases/*.json``: policies by kind, one request, the decision and its reason.

A file holds ``source``, ``principals`` and ``documents`` by name, and ``cases`` that refer to
them. In a context a string is one value, a list a multi-valued key, ``{"clash": [...]}`` a tag key
given twice in different case.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from freehold.policy.compile import compile_policy
from freehold.policy.context import Clash, Value
from freehold.policy.document import PolicyKind, parse
from freehold.policy.evaluate import Attached, Layers, Request, decide

ACCOUNT = "000000000001"
FILES = sorted((Path(__file__).parent / "cases").glob("*.json"))


def _value(raw: Any) -> Value:
    if isinstance(raw, dict):
        return Clash(raw["clash"])
    return tuple(raw) if isinstance(raw, list) else raw


def _attached(document: Any, name: str, kind: PolicyKind) -> Attached:
    return Attached(name, None, kind, compile_policy(parse(json.dumps(document), kind)))


def _layers(documents: dict[str, Any], policies: dict[str, Any]) -> Layers:
    def several(names: list[str], kind: PolicyKind) -> tuple[Attached, ...]:
        return tuple(_attached(documents[name], name, kind) for name in names)

    def one(name: str | None, kind: PolicyKind) -> Attached | None:
        return _attached(documents[name], name, kind) if name else None

    def levels(found: list[list[str]] | None) -> tuple[tuple[Attached, ...], ...] | None:
        return None if found is None else tuple(several(names, "control") for names in found)

    resource = policies.get("resource")
    return Layers(
        identity=several(policies.get("identity", []), "identity"),
        boundary=one(policies.get("boundary"), "boundary"),
        sessions=several(policies["sessions"], "session") if "sessions" in policies else None,
        resource=one(resource, "trust" if (resource or "").startswith("trust") else "resource"),
        service_controls=levels(policies.get("service_controls")),
        resource_controls=levels(policies.get("resource_controls")),
    )


def _request(principal: dict[str, Any], raw: dict[str, Any]) -> Request:
    return Request(
        principal_arn=principal["arn"],
        caller_arn=principal.get("caller", principal["arn"]),
        principal_kind=principal["kind"],
        principal_account=principal["account"],
        action=raw["action"],
        resource=raw["resource"],
        resource_account=raw.get("account", ACCOUNT),
        context={key.lower(): _value(value) for key, value in raw.get("context", {}).items()},
    )


def _cases() -> list[Any]:
    found = []
    for path in FILES:
        sheet = json.loads(path.read_text())
        assert sheet["source"]
        for case in sheet["cases"]:
            found.append(pytest.param(sheet, case, id=f"{path.stem}: {case['name']}"))
    return found


@pytest.mark.parametrize(("sheet", "case"), _cases())
def test_the_decision_and_its_reason_are_the_documented_ones(
    sheet: dict[str, Any], case: dict[str, Any]
) -> None:
    request = _request(sheet["principals"][case["principal"]], case["request"])

    decision = decide(request, _layers(sheet["documents"], case["policies"]))

    expected = case["expected"]
    assert decision.effect == expected["effect"]
    if "layer" in expected:
        assert decision.layer == expected["layer"]
    if "statement" in expected:
        assert decision.statement == expected["statement"]
    message = decision.message(request.caller_arn, request.action, request.resource)
    assert message.startswith(f"User: {request.caller_arn} is not authorized to perform: ")
    if "reason" in expected:
        assert message.endswith(f"on resource: {request.resource} {expected['reason']}")

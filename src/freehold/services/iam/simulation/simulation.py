"""SimulatePrincipalPolicy and SimulateCustomPolicy: what policies would say, nothing done.

The SageMaker SDK asks this of a role before it uses it. ``scenes.py`` reads the request,
``verdict.py`` judges each action on each resource.
"""

from __future__ import annotations

from freehold.kernel.call import Call
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.services.iam.entities import iam, limit_of, page
from freehold.services.iam.simulation import scenes
from freehold.services.iam.simulation.verdict import Scene, result

_WORST = ("explicitDeny", "implicitDeny", "allowed")
_SPECIFIC = (
    "MatchedStatements",
    "MissingContextValues",
    "EvalDecisionDetails",
    "PermissionsBoundaryDecisionDetail",
)


def _source(_call: Call, request: Document) -> str:
    return str(request["PolicySourceArn"])


@iam.operation("SimulatePrincipalPolicy", mode="slow", target=_source)
def simulate_principal_policy(call: Call, request: Document) -> Document:
    """What the policies of a user, group or role say of each action on each resource.

    Raises:
        NotFound: There is no such user, group or role.
        Invalid: ``InvalidInput``: a member that we do not take, or that makes no sense.
    """
    return _results(scenes.of_principal(call, request), request)


@iam.operation("SimulateCustomPolicy", mode="slow")
def simulate_custom_policy(call: Call, request: Document) -> Document:
    """What policies that are only given, not kept, say of each action on each resource."""
    return _results(scenes.of_given(call, request), request)


def _results(scene: Scene, request: Document) -> Document:
    """A page of results, one an action; those of named resources stand within it, as on AWS."""
    actions = scenes.actions(request)
    resources = scenes.resources(request)
    found, marker = lists.page_of(actions, limit_of(request), request.get("Marker"))
    results = [_result(scene, action, resources) for action in found]
    return page("EvaluationResults", results, marker)


def _result(scene: Scene, action: str, resources: list[str]) -> Document:
    if not resources:
        return {"EvalActionName": action, "EvalResourceName": "*"} | result(scene, action, "*")
    found = [(arn, result(scene, action, arn)) for arn in resources]
    decisions = {one["EvalDecision"] for _, one in found}
    matched: list[Document] = []
    for _, one in found:
        matched += [statement for statement in one["MatchedStatements"] if statement not in matched]
    return {
        "EvalActionName": action,
        "EvalResourceName": resources[0] if len(resources) == 1 else "*",
        "EvalDecision": next(decision for decision in _WORST if decision in decisions),
        "MatchedStatements": matched,
        "MissingContextValues": [],
        "ResourceSpecificResults": [_specific(arn, one) for arn, one in found],
    }


def _specific(arn: str, one: Document) -> Document:
    return {"EvalResourceName": arn, "EvalResourceDecision": one["EvalDecision"]} | {
        member: one[member] for member in _SPECIFIC if member in one
    }

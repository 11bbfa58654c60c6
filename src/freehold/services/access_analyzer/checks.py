"""CheckAccessNotGranted and CheckNoNewAccess: answered exactly, or refused.

A FAIL is proven by a request that the policy engine allows, a PASS by the policies' text. What is
neither is ``UnprocessableEntityException``: it is never guessed.
"""

from __future__ import annotations

from collections.abc import Callable

from freehold.base.errors import Invalid
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.policy.comparing import Reason, Undecided, granted, newer
from freehold.policy.document import Policy, parse
from freehold.services.access_analyzer.service import access_analyzer
from freehold.services.access_analyzer.validation import KINDS

GRANTS = "The policy document grants access to perform one or more of the listed actions"
NOT_GRANTED = "The policy document does not grant access to perform the listed actions"
NEW = "The modified permissions grant new access compared to your existing policy."
NOT_NEW = "The modified permissions do not grant new access compared to your existing policy."


@access_analyzer.operation("CheckAccessNotGranted", mode="slow")
def check_access_not_granted(_call: Call, request: Document) -> Document:
    """FAIL if the policy grants one of the actions on one of the resources, under any condition.

    Raises:
        Invalid: The policy is none, no access is named, or it cannot be decided exactly.
    """
    policy = _policy(request["policyDocument"], request["policyType"])
    asked = (request.get("access") or [{}])[0]
    actions, resources = asked.get("actions", []), asked.get("resources", [])
    if not actions and not resources:
        raise Invalid("access must name actions or resources.", code="InvalidParameterException")
    for action in actions:
        if action != "*" and ":" not in action:
            raise Invalid(
                f"{action} is no action: write service:Name.", code="InvalidParameterException"
            )
    reasons = _decided(lambda: granted(policy, actions, resources))
    message = f"{GRANTS if reasons else NOT_GRANTED}{' or resources' if resources else ''}."
    return _answer(reasons, message)


@access_analyzer.operation("CheckNoNewAccess", mode="slow")
def check_no_new_access(_call: Call, request: Document) -> Document:
    """FAIL if the new policy grants what the existing one does not.

    Raises:
        Invalid: One of the policies is none, or it cannot be decided exactly.
    """
    new = _policy(request["newPolicyDocument"], request["policyType"])
    old = _policy(request["existingPolicyDocument"], request["policyType"])
    reasons = _decided(lambda: newer(new, old))
    return _answer(reasons, NEW if reasons else NOT_NEW)


def _policy(text: str, type_: str) -> Policy:
    try:
        return parse(text, KINDS[type_])
    except Invalid as fault:
        raise Invalid(
            f"The policy document cannot be read: {fault.message}", code="InvalidParameterException"
        ) from None


def _decided(answer: Callable[[], list[Reason]]) -> list[Reason]:
    try:
        return answer()
    except Undecided as undecided:
        raise Invalid(str(undecided), code="UnprocessableEntityException") from None


def _answer(reasons: list[Reason], message: str) -> Document:
    return {
        "result": "FAIL" if reasons else "PASS",
        "message": message,
        "reasons": [_reason(one) for one in reasons],
    }


def _reason(one: Reason) -> Document:
    name = f"statement {one.sid}" if one.sid else f"the statement with index: {one.place}"
    action, resource = one.example
    found: Document = {
        "description": f"Found in {name}; it allows, for example, {action} on {resource}.",
        "statementIndex": one.place,
    }
    return found | ({"statementId": one.sid} if one.sid else {})

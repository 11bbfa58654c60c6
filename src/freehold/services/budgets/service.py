"""The service and its two kinds of things, and what all of its operations ask first.

Imported by every file of this folder; the rules of a budget itself stand in ``meter/budgets.py``.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from freehold.base.errors import Denied, Invalid
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.service import Service

budgets = Service("budgets", tag_member="ResourceTags")

PAGE_DEFAULT = 100  # Describe*, MaxResults
VIEW, MODIFY = "budgets:ViewBudget", "budgets:ModifyBudget"


def _tail(document: Document) -> str:
    """A budget is named in the request itself or in the budget that it brings."""
    given = document.get("Budget") or document.get("NewBudget") or document
    return f"budget/{given.get('BudgetName') or '*'}"


BUDGET = budgets.resource(
    "Budget",
    arn=_tail,
    arn_member="_Arn",
    created="_CreatedAt",
    modified=None,
    not_found="Unable to get budget: {BudgetName} - the budget doesn't exist.",
    global_=True,
)


def name_action(_call: Call, request: Document) -> None:
    """Give an action its id before permission is asked on its ARN."""
    request["ActionId"] = str(uuid.uuid4())


ACTION = budgets.resource(
    "BudgetAction",
    arn="budget/{BudgetName}/action/{ActionId}",
    name_member="ActionId",
    scope="BudgetName",
    arn_member="_Arn",
    created="_CreatedAt",
    modified=None,
    identify=name_action,
    not_found="Unable to get action: {ActionId} - the action doesn't exist.",
    passes=("ExecutionRoleArn",),
    global_=True,
)


def check_account(call: Call, request: Document) -> None:
    """Refuse another account's id.

    Raises:
        Denied: It is not ours.
    """
    if request["AccountId"] != call.account_id:
        raise Denied(
            f"Account {request['AccountId']} is not yours: this server has account "
            f"{call.account_id} only."
        )


def load_budget(call: Call, request: Document) -> Record:
    """The budget that a request names."""
    check_account(call, request)
    return call.load(BUDGET, request.get("NewBudget") or request)


def page(items: Sequence[Document], request: Document, member: str) -> Document:
    """One page of a list that is at hand.

    Raises:
        Invalid: ``InvalidNextTokenException``.
    """
    limit = int(request.get("MaxResults") or PAGE_DEFAULT)
    try:
        found, token = lists.page_of(items, limit, request.get("NextToken"))
    except Invalid as fault:
        raise Invalid(fault.message, code="InvalidNextTokenException") from fault
    return {member: list(found), **({"NextToken": token} if token else {})}

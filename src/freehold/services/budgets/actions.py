"""Actions of budgets: a policy that is attached when a limit is passed, and taken away again.

The service keeps what is wanted; ``loops/budgets`` attaches and detaches, under the execution role
and with its rights. Of AWS's three types one is served: there are no organizations and no Systems
Manager here. Source: reference costs, section 5; AWS Budgets API, CreateBudgetAction.
"""

from __future__ import annotations

from typing import Any

from freehold.base.errors import Conflict, Denied, Invalid, LimitExceeded, NotFound, Unsupported
from freehold.kernel.budgets import actions as life
from freehold.kernel.budgets import kept
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import identity, trust
from freehold.services.budgets.budgets import end_action
from freehold.services.budgets.notifications import check_subscribers
from freehold.services.budgets.service import (
    ACTION,
    BUDGET,
    budgets,
    check_account,
    load_budget,
    page,
)

ACTIONS_MAX = 10  # of one budget; ours
WRONG = "InvalidParameterException"
UNSERVED = {
    "APPLY_SCP_POLICY": "this server has no AWS Organizations",
    "RUN_SSM_DOCUMENTS": "this server has no Systems Manager",
}


# -- rules ------------------------------------------------------------------------------------


def _check(call: Call, action: Document) -> None:
    """Refuse an action that could not do what it says.

    Raises:
        Unsupported: A type of action that is not served; a subscriber by SNS.
        Invalid: Its policy or one of its targets does not exist; a definition of another type.
        Denied: AWS Budgets may not act under the execution role.
    """
    kind = action["ActionType"]
    if kind in UNSERVED:
        raise Unsupported(
            f"The ActionType {kind} is not supported: {UNSERVED[kind]}. Use APPLY_IAM_POLICY."
        )
    given = [name for name, value in action["Definition"].items() if value]
    if given != ["IamActionDefinition"]:
        raise Invalid("Definition must hold IamActionDefinition, and that alone.", code=WRONG)
    check_subscribers(action["Subscribers"])
    definition = action["Definition"]["IamActionDefinition"]
    policy = call.unit.find(definition["PolicyArn"])
    if policy is None or policy.kind != identity.POLICY:
        raise Invalid(f"The policy {definition['PolicyArn']} does not exist.", code=WRONG)
    targets = life.targets(action["Definition"])
    if not targets:
        raise Invalid("IamActionDefinition needs Roles, Groups or Users.", code=WRONG)
    for target in targets:
        if life.holder(call.unit, target) is None:
            raise Invalid(f"The {target[0].lower()} {target[1]} does not exist.", code=WRONG)
    _check_role(call, action)


def _check_role(call: Call, action: Document) -> None:
    arn = action["ExecutionRoleArn"]
    role = call.unit.find(arn)
    budget = call.arn_of(BUDGET, action)
    is_trusting = (
        role is not None
        and role.kind == identity.ROLE
        and trust.may_assume(call.unit, role, life.PRINCIPAL, source_arn=budget)
    )
    if not is_trusting:
        raise Denied(
            f"Budgets permission required to assume [ExecutionRole: {arn}]: verify that the role "
            f"exists and that its trust policy allows {life.PRINCIPAL} to assume it."
        )


def _load(call: Call, request: Document) -> Record:
    """The action that a request names.

    Raises:
        NotFound: The budget, or its action, does not exist.
    """
    load_budget(call, request)
    record = call.load(ACTION, request)
    if record.document.get(kept.IS_DELETED):
        raise NotFound(f"Unable to get action: {request['ActionId']} - the action doesn't exist.")
    return record


def _refuse_busy(record: Record) -> None:
    if record.document["Status"] in life.BUSY:
        raise Conflict(
            f"The action {record.document['ActionId']} is locked while its status is "
            f"{record.document['Status']}. Try again when it is done.",
            code="ResourceLockedException",
        )


def _about(request: Document, **more: Any) -> Document:
    return {key: request[key] for key in ("AccountId", "BudgetName")} | more


# -- operations -------------------------------------------------------------------------------


@budgets.operation(
    "CreateBudgetAction",
    on=ACTION,
    mode="write",
    is_create=True,
    tag_action="budgets:TagResource",
    passes=("ExecutionRoleArn",),
)
def create_budget_action(call: Call, request: Document) -> Document:
    """Keep an action, in STANDBY until its threshold is passed.

    Raises:
        NotFound: The budget does not exist.
        LimitExceeded: It has ten actions.
    """
    budget = load_budget(call, request)
    action = {
        key: value
        for key, value in request.items()
        if key not in ("AccountId", "ResourceTags") and value is not None
    }
    _check(call, action)
    known = kept.actions_of(call.unit, budget.name)
    if len([one for one in known if not one.document.get(kept.IS_DELETED)]) >= ACTIONS_MAX:
        raise LimitExceeded(
            f"A budget takes at most {ACTIONS_MAX} actions.", code="CreationLimitExceededException"
        )
    action["Status"] = life.STANDBY
    record = call.create(ACTION, action, tags=call.request_tags)
    life.move(record, life.STANDBY, "CREATE_ACTION", "The action was created.", call.now)
    call.update(record)
    return _about(request, ActionId=action["ActionId"])


@budgets.operation("DescribeBudgetAction", on=ACTION)
def describe_budget_action(call: Call, request: Document) -> Document:
    """An action as it stands."""
    return _about(request, Action=kept.plain(_load(call, request)))


@budgets.operation("UpdateBudgetAction", on=ACTION, mode="write", passes=("ExecutionRoleArn",))
def update_budget_action(call: Call, request: Document) -> Document:
    """Change an action that has attached nothing.

    Raises:
        Conflict: It is being carried out, or has been: reverse it first.
    """
    record = _load(call, request)
    _refuse_busy(record)
    if record.document.get(kept.GIVEN):
        raise Conflict(
            f"The action {request['ActionId']} has attached its policy: reverse or reset it first.",
            code="ResourceLockedException",
        )
    before = kept.plain(record)
    changes = {
        key: value for key, value in request.items() if key != "AccountId" and value is not None
    }
    _check(call, before | changes)
    record.document = record.document | changes
    life.move(record, life.STANDBY, "UPDATE_ACTION", "The action was changed.", call.now)
    call.update(record)
    return _about(request, OldAction=before, NewAction=kept.plain(record))


@budgets.operation("DeleteBudgetAction", on=ACTION, mode="write")
def delete_budget_action(call: Call, request: Document) -> Document:
    """Delete an action; where its policy still binds somebody, it is taken away first.

    Raises:
        Conflict: It is being carried out.
    """
    record = _load(call, request)
    _refuse_busy(record)
    shown = kept.plain(record)
    end_action(call, record)
    return _about(request, Action=shown)


@budgets.operation("ExecuteBudgetAction", on=ACTION, mode="write")
def execute_budget_action(call: Call, request: Document) -> Document:
    """Approve, retry, reverse or reset; the loop carries it out.

    Raises:
        Conflict: It is being carried out.
        Invalid: Its status does not allow it.
    """
    record = _load(call, request)
    _refuse_busy(record)
    execution = request["ExecutionType"]
    life.execute(call.unit, record, execution, call.principal.arn, call.now)
    call.update(record)
    return _about(request, ActionId=request["ActionId"], ExecutionType=execution)


# -- lists ------------------------------------------------------------------------------------


@budgets.operation("DescribeBudgetActionsForBudget", on=BUDGET)
def describe_budget_actions_for_budget(call: Call, request: Document) -> Document:
    """A budget's actions, oldest first."""
    budget = load_budget(call, request)
    return page(_shown(kept.actions_of(call.unit, budget.name)), request, "Actions")


@budgets.operation("DescribeBudgetActionsForAccount", mode="slow")
def describe_budget_actions_for_account(call: Call, request: Document) -> Document:
    """The actions of all budgets, oldest first."""
    check_account(call, request)
    return page(_shown(call.every(ACTION.kind)), request, "Actions")


@budgets.operation("DescribeBudgetActionHistories", on=ACTION)
def describe_budget_action_histories(call: Call, request: Document) -> Document:
    """What became of an action, newest first."""
    record = _load(call, request)
    asked = request.get("TimePeriod") or {}
    since, until = asked.get("Start"), asked.get("End")
    found = [
        one
        for one in reversed(record.document.get(kept.HISTORY, ()))
        if (since is None or one["Timestamp"] >= since)
        and (until is None or one["Timestamp"] < until)
    ]
    return page(found, request, "ActionHistories")


def _shown(records: Any) -> list[Document]:
    return [kept.plain(one) for one in records if not one.document.get(kept.IS_DELETED)]

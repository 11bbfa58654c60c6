"""An action's life: STANDBY, then what a crossed threshold, a person or a new period makes of it.

Asked by ``services/budgets`` (what people say) and ``loops/budgets`` (what the ledger says). Both
write what these functions change in a transaction of theirs; what ends in ``_IN_PROGRESS`` the
loop carries out. Source: reference costs, section 5; AWS Budgets user guide, "Configuring actions".
"""

from __future__ import annotations

from freehold.base.errors import Invalid
from freehold.kernel.budgets import kept
from freehold.kernel.permission import identity
from freehold.store.records import Document, Record
from freehold.store.unit import Unit

STANDBY, PENDING = "STANDBY", "PENDING"
RUNNING, DONE, FAILED = "EXECUTION_IN_PROGRESS", "EXECUTION_SUCCESS", "EXECUTION_FAILURE"
REVERSING, REVERSED, NOT_REVERSED = "REVERSE_IN_PROGRESS", "REVERSE_SUCCESS", "REVERSE_FAILURE"
RESETTING, NOT_RESET = "RESET_IN_PROGRESS", "RESET_FAILURE"
BUSY = frozenset({RUNNING, REVERSING, RESETTING})
PRINCIPAL = "budgets.amazonaws.com"  # whom an execution role must trust
HISTORY_MAX = 100  # ours; the oldest go first
SYSTEM, EXECUTE = "SYSTEM", "EXECUTE_ACTION"
NOUNS = {"Roles": "Role", "Groups": "Group", "Users": "User"}
KINDS = {"Role": identity.ROLE, "Group": identity.GROUP, "User": identity.USER}
Target = list[str]  # noun and name


def targets(definition: Document) -> list[Target]:
    """Whom the policy is for: noun and name, without a path."""
    given = definition["IamActionDefinition"]
    return [
        [noun, name.rpartition("/")[2]]
        for member, noun in NOUNS.items()
        for name in given.get(member) or ()
    ]


def holder(unit: Unit, target: Target) -> Record | None:
    """The role, group or user of a target."""
    noun, name = target
    return unit.named(KINDS[noun], name)


def move(record: Record, status: str, event: str, message: str, now: float) -> None:
    """Give an action a status, and its history a line. The caller saves the record."""
    document = record.document
    record.status = document["Status"] = status
    told = {
        "Timestamp": now,
        "Status": status,
        "EventType": event,
        "ActionHistoryDetails": {"Message": message, "Action": kept.plain(record)},
    }
    document[kept.HISTORY] = [*document.get(kept.HISTORY, ()), told][-HISTORY_MAX:]
    is_busy = status in BUSY
    record.mover, record.due = (kept.MOVER, now) if is_busy else (None, None)


def begin(unit: Unit, record: Record, event: str, message: str, now: float) -> None:
    """Ask the loop to attach the policy.

    Who does not have it now is noted in the same write: only from them it will be taken again.
    """
    document = record.document
    policy = document["Definition"]["IamActionDefinition"]["PolicyArn"]
    given = [list(one) for one in document.get(kept.GIVEN, ())]
    for target in targets(document["Definition"]):
        found = holder(unit, target)
        has_it = found is not None and policy in found.document.get(identity.ATTACHED, ())
        if not has_it and target not in given:
            given.append(target)
    document[kept.GIVEN] = given
    document.pop(kept.THEN, None)
    move(record, RUNNING, event, message, now)


def undo(record: Record, event: str, message: str, now: float, *, then: str | None = None) -> None:
    """Ask the loop to take the policy away again; ``then``: what follows when that is done."""
    document = record.document
    document.pop(kept.THEN, None)
    if then is not None:
        document[kept.THEN] = then
    move(record, REVERSING, event, message, now)


def execute(unit: Unit, record: Record, execution: str, who: str, now: float) -> None:
    """What a person asks for by ExecuteBudgetAction.

    Raises:
        Invalid: The status does not allow it.
    """
    status, by = record.document["Status"], f"{execution} by {who}"
    asked = (execution, status)
    if asked in (("APPROVE_BUDGET_ACTION", PENDING), ("RETRY_BUDGET_ACTION", FAILED)):
        begin(unit, record, EXECUTE, by, now)
    elif asked == ("RETRY_BUDGET_ACTION", NOT_REVERSED):
        undo(record, EXECUTE, by, now, then=record.document.get(kept.THEN))
    elif execution == "REVERSE_BUDGET_ACTION" and status in (DONE, FAILED, NOT_REVERSED, NOT_RESET):
        undo(record, EXECUTE, by, now)
    elif execution == "RESET_BUDGET_ACTION" and status not in (STANDBY, *BUSY):
        move(record, RESETTING, EXECUTE, by, now)
    else:
        raise Invalid(
            f"Unable to execute the action {record.document['ActionId']}: {execution} is not "
            f"possible while its status is {status}.",
            code="InvalidParameterException",
        )


def look(unit: Unit, record: Record, period: float, now: float, *, crossed: bool) -> bool:
    """What a look at the ledger makes of an action; True if the record is to be saved.

    Args:
        unit: Of the write.
        record: The action.
        period: Start of the budget's period; a new one takes back what the one before brought.
        now: Epoch seconds.
        crossed: Whether the action's threshold is passed.
    """
    document = record.document
    status = document["Status"]
    if status in BUSY or document.get(kept.IS_DELETED):
        return False
    is_new = document.get(kept.PERIOD) not in (None, period)
    changed = document.get(kept.PERIOD) != period
    document[kept.PERIOD] = period
    if is_new and document.get(kept.GIVEN):
        undo(record, SYSTEM, "The budget's next period began.", now, then=STANDBY)
        return True
    if is_new and status != STANDBY:
        move(record, STANDBY, SYSTEM, "The budget's next period began.", now)
        return True
    if status == STANDBY and crossed:
        if document["ApprovalModel"] == "AUTOMATIC":
            begin(unit, record, SYSTEM, "The threshold was passed.", now)
        else:
            message = "The threshold was passed: the action waits for approval."
            move(record, PENDING, SYSTEM, message, now)
        return True
    if status == PENDING and not crossed:
        move(record, STANDBY, SYSTEM, "The threshold is no longer passed.", now)
        return True
    return changed

"""Carries actions of budgets out: attaches a policy, or takes it away, under the execution role.

Each attaching and detaching is a call like anybody's, by a session of the role that the action was
given: policy may refuse it, and it is audited. Both may be repeated, so a server that is killed in
the midst of it begins again; the outcome is written only if the action is still in that state.
"""

from __future__ import annotations

from freehold.base.errors import Denied, Fault, Throttled
from freehold.kernel import audit
from freehold.kernel.budgets import actions, kept, mail
from freehold.kernel.dispatch import Kernel
from freehold.kernel.permission import identity, trust
from freehold.loops.budgets import words
from freehold.store import audit as audit_rows
from freehold.store.records import Document, Record
from freehold.store.unit import Unit

SESSION = "BudgetsAction"  # what sessions of the execution role are called
REASON_CHARS_MAX = 1000
GONE = "NoSuchEntity"
ENDS = {  # status: of success, of failure
    actions.RUNNING: (actions.DONE, actions.FAILED),
    actions.REVERSING: (actions.REVERSED, actions.NOT_REVERSED),
    actions.RESETTING: (actions.STANDBY, actions.NOT_RESET),
}


class Acting:
    """Does what actions are asked."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def carry_out(self, record: Record) -> None:
        """Do it, and write what became of it."""
        status = record.document["Status"]
        if status not in ENDS:
            return
        is_attaching = status == actions.RUNNING
        wanted = actions.targets(record.document["Definition"])
        given = [list(one) for one in record.document.get(kept.GIVEN, ())]
        troubles = [
            f"{target[0].lower()} {target[1]}: {trouble}"
            for target in (wanted if is_attaching else given)
            if (trouble := self._call(record, target, is_attaching=is_attaching))
        ]

        def write(unit: Unit) -> None:
            now = unit.find(record.arn)
            if now is not None and (now.uid, now.document["Status"]) == (record.uid, status):
                self._write(unit, now, troubles)

        self._kernel.writer.run(write)

    def _call(self, record: Record, target: actions.Target, *, is_attaching: bool) -> str | None:
        """One call of IAM by the role; what went wrong, if anything did."""
        noun, name = target
        verb = "Attach" if is_attaching else "Detach"
        policy = record.document["Definition"]["IamActionDefinition"]["PolicyArn"]
        request = {f"{noun}Name": name, "PolicyArn": policy}
        try:
            role = self._role(record)
            principal = identity.role_session(
                role, self._kernel.settings.account_id, SESSION, now=self._kernel.clock.now()
            )
            self._kernel.call("iam", f"{verb}{noun}Policy", principal, request)
        except Throttled:
            raise  # nothing was done: the next turn tries again
        except Fault as fault:
            if fault.code == GONE and not is_attaching:
                return None  # it is not there any more: that is what was wanted
            return fault.message
        return None

    def _role(self, record: Record) -> Record:
        """The execution role.

        Raises:
            Denied: It is gone, or trusts AWS Budgets no longer.
        """
        arn = record.document["ExecutionRoleArn"]
        unit = self._kernel.own_unit()
        role, budget = unit.find(arn), record.arn.partition("/action/")[0]
        if role is None or role.kind != identity.ROLE:
            raise Denied(f"The execution role {arn} does not exist any more.")
        if not trust.may_assume(unit, role, actions.PRINCIPAL, source_arn=budget):
            raise Denied(f"{actions.PRINCIPAL} may not assume the execution role {arn}.")
        return role

    # -- the outcome --------------------------------------------------------------------------

    def _write(self, unit: Unit, record: Record, troubles: list[str]) -> None:
        now, document = self._kernel.clock.now(), record.document
        status = document["Status"]
        well, ill = ENDS[status]
        if troubles:
            message = f"It failed: {'; '.join(troubles)}"[:REASON_CHARS_MAX]
            actions.move(record, ill, actions.SYSTEM, message, now)
        else:
            done = "attached" if status == actions.RUNNING else "taken away"
            actions.move(record, well, actions.SYSTEM, f"The policy was {done}.", now)
            if status != actions.RUNNING:
                document[kept.GIVEN] = []
                self._go_on(record, now)
        self._tell(unit, record, now, troubles)
        if document.get(kept.IS_DELETED):
            unit.remove(record, now)
        else:
            unit.save(record, now)

    def _go_on(self, record: Record, now: float) -> None:
        then = record.document.pop(kept.THEN, None)
        if then is not None:
            actions.move(record, then, actions.SYSTEM, "It waits for its threshold again.", now)

    def _tell(self, unit: Unit, record: Record, now: float, troubles: list[str]) -> None:
        """Audit entry and mails, in the outcome's transaction."""
        document: Document = record.document
        budget = record.arn.partition("/action/")[0]
        message = document[kept.HISTORY][-1]["ActionHistoryDetails"]["Message"]
        request = {
            "BudgetName": document["BudgetName"],
            "ActionId": document["ActionId"],
            "Status": document["Status"],
            "Message": message,
        }
        fault = Denied(troubles[0], code="ExecutionFailure") if troubles else None
        entry = audit.of_service(
            now, "budgets", words.ACTION_EVENT, budget, request=request, fault=fault
        )
        audit_rows.append(unit.connection, (entry,))
        text = words.outcome(document["BudgetName"], document, message)
        mail.queue(unit, self._kernel.settings, now, budget, document["Subscribers"], text)

"""The loop of budgets: holds what was spent against thresholds, alerts, and carries actions out.

Input: the ledger that ``loops/metering`` writes, budgets and actions as they are kept. Output: for
each budget one transaction with the states of its alerts, their audit entries, the mails that wait
to be sent, and what its actions are asked to do; a server that is killed before it has not alerted,
after it will not alert again. An alert is given once for a threshold and period.
"""

from __future__ import annotations

from typing import Any

from freehold.base import log
from freehold.kernel import audit, ledger
from freehold.kernel.budgets import actions, kept, mail
from freehold.kernel.dispatch import Kernel
from freehold.loops.budgets import words
from freehold.loops.budgets.act import Acting
from freehold.meter import alarms, spend
from freehold.store import audit as audit_rows
from freehold.store import records
from freehold.store.records import Document, Page, Record
from freehold.store.unit import Unit

LOOK_SECONDS = 15.0  # while something runs its cost grows: no oftener is it added up for budgets
ROUND_SECONDS = 3600.0  # a forecast changes with time alone; AWS Budgets looks every 8 to 12 hours
PACE_SECONDS = 5.0
ACT_BATCH = 20
SERVICE = "budgets"
ALERT = "BudgetAlert"  # ours: AWS leaves no event of it


class Budgets:
    """The loop. It is woken when somebody writes a budget or an action."""

    name = kept.MOVER
    kinds = frozenset({kept.BUDGET, kept.ACTION})

    def __init__(self, kernel: Kernel, look_seconds: float = LOOK_SECONDS) -> None:
        self._kernel = kernel
        self._look_seconds = look_seconds
        self._acting = Acting(kernel)
        self._is_closing = False
        self._written: Any = None
        self._priced: Any = None
        self._looked_at = 0.0

    def turn(self) -> float:
        """Look where something may have changed, then do what actions are asked."""
        now, unit = self._kernel.clock.now(), self._kernel.own_unit()
        written, priced = _written(unit), (ledger.pricings(unit), now // ROUND_SECONDS)
        is_due = priced != self._priced and now - self._looked_at >= self._look_seconds
        if written != self._written or is_due:
            self._look(unit, now)
            self._written, self._priced, self._looked_at = written, priced, now
        for record in records.due(unit.connection, kept.MOVER, now, ACT_BATCH):
            if self._is_closing:
                break
            self._acting.carry_out(record)
        return PACE_SECONDS

    def close(self) -> None:
        """The action in hand is the last."""
        self._is_closing = True

    def _look(self, unit: Unit, now: float) -> None:
        """Every budget that watches something, one after the other; the ledger is read once."""
        watching = [
            (record, [one for one in acting if not one.document.get(kept.IS_DELETED)])
            for record in kept.every(unit, kept.BUDGET)
            if (acting := kept.actions_of(unit, record.name))
            or record.document.get(kept.NOTIFICATIONS)
        ]
        spent = kept.spends(unit, [kept.plain(record) for record, _ in watching], now)
        for (record, acting), one in zip(watching, spent, strict=True):
            if self._is_closing:
                return
            look = Look(self._kernel, record, one)
            if look.has_news(acting):
                self._kernel.writer.run(look.write)


def _written(unit: Unit) -> Any:
    """What changes with every write of a budget or an action by people."""
    found: list[Any] = []
    for kind in (kept.BUDGET, kept.ACTION):
        newest = unit.records(Page(kind, column="modified", descending=True, limit=1))
        found.append((unit.count(kind), newest[0].modified if newest else None))
    return found


class Look:
    """One budget held against what was spent: as it was seen, and as it is written."""

    def __init__(self, kernel: Kernel, seen: Record, spent: Document) -> None:
        self._kernel = kernel
        self._seen = seen
        self._spent = spent
        self._budget = kept.plain(seen)
        self._now = kernel.clock.now()
        end = float(self._budget["TimePeriod"]["End"])
        start = spend.period_at(self._budget, self._now).start
        self._period = end if kept.is_over(self._budget, self._now) else start

    def has_news(self, acting: list[Record]) -> bool:
        """Whether there is something to write. Changes copies only."""
        entries = self._seen.document.get(kept.NOTIFICATIONS, ())
        if any(self._changes(entry) for entry in entries):
            return True
        return any(
            one.document["Status"] not in actions.BUSY
            and (
                one.document.get(kept.PERIOD) != self._period
                or (one.document["Status"] == actions.STANDBY and self._is_due(one))
                or (one.document["Status"] == actions.PENDING and not self._is_due(one))
            )
            for one in acting
        )

    def write(self, unit: Unit) -> None:
        """Write it, if the budget is still the one that was seen."""
        record = unit.find(self._seen.arn)
        seen = self._seen
        if record is None or (record.uid, record.modified) != (seen.uid, seen.modified):
            return
        for entry in record.document.get(kept.NOTIFICATIONS, ()):
            if self._changes(entry):
                self._note(unit, entry)
        unit.save(record, record.modified)
        for action in kept.actions_of(unit, record.name):
            before = action.document["Status"]
            crossed = self._is_due(action)
            if actions.look(unit, action, self._period, self._now, crossed=crossed):
                unit.save(action, action.modified)
            if action.document["Status"] != before:
                self._acted(unit, action)

    # -- notifications ------------------------------------------------------------------------

    def _state(self, entry: Document) -> str:
        threshold = alarms.of_notification(entry[kept.NOTIFICATION])
        crossed = kept.is_crossed(threshold, self._budget, self._spent, self._now)
        return "ALARM" if crossed else "OK"

    def _changes(self, entry: Document) -> bool:
        state = self._state(entry)
        if state == "ALARM" and entry[kept.ALERTED] != self._period:
            return True
        return bool(state != entry[kept.STATE])

    def _note(self, unit: Unit, entry: Document) -> None:
        """The new state, its audit entry, and once a period the mails."""
        state = self._state(entry)
        if state != entry[kept.STATE]:
            entry[kept.STATE], entry[kept.CHANGED_AT] = state, self._now
        is_first = state == "ALARM" and entry[kept.ALERTED] != self._period
        self._tell(unit, ALERT, {"NotificationState": state, **entry[kept.NOTIFICATION]})
        if is_first:
            entry[kept.ALERTED] = self._period
            threshold = alarms.of_notification(entry[kept.NOTIFICATION])
            message = words.alert(self._budget, threshold, self._spent, self._now)
            self._mail(unit, entry[kept.SUBSCRIBERS], message)

    # -- actions ------------------------------------------------------------------------------

    def _is_due(self, action: Record) -> bool:
        threshold = alarms.of_action(action.document)
        return kept.is_crossed(threshold, self._budget, self._spent, self._now)

    def _acted(self, unit: Unit, action: Record) -> None:
        document = action.document
        told = document[kept.HISTORY][-1]["ActionHistoryDetails"]["Message"]
        self._tell(
            unit,
            words.ACTION_EVENT,
            {"ActionId": document["ActionId"], "Status": document["Status"], "Message": told},
        )
        if document["Status"] == actions.PENDING:
            self._mail(unit, document["Subscribers"], words.pending(self._budget, document))

    # -- both ---------------------------------------------------------------------------------

    def _tell(self, unit: Unit, event: str, request: Document) -> None:
        limit = spend.limit_at(self._budget, self._now)
        request = {
            "BudgetName": self._budget["BudgetName"],
            **request,
            "CalculatedSpend": self._spent,
            **({"BudgetLimit": limit} if limit else {}),
        }
        told = audit.of_service(self._now, SERVICE, event, self._seen.arn, request=request)
        audit_rows.append(unit.connection, (told,))
        log.event(f"budgets.{event}", budget=repr(self._budget["BudgetName"]))

    def _mail(self, unit: Unit, subscribers: list[Document], message: tuple[str, str]) -> None:
        settings = self._kernel.settings
        mail.queue(unit, settings, self._now, self._seen.arn, subscribers, message)

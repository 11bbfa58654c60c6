"""How a loop writes back: one record, in one transaction, only if it is still what was seen.

The counterpart of ``Call`` for what moves by itself. A loop looks at a record, acts outside of
any transaction, then comes here with the change and with the test that it still applies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from freehold.kernel.audit import of_service
from freehold.store import audit
from freehold.store.records import Document, Record
from freehold.store.unit import Unit

if TYPE_CHECKING:
    from freehold.kernel.declare.resource import Resource
    from freehold.kernel.dispatch import Kernel


class Writing:
    """One record under the writer's hand. ``now`` is the instant of the write."""

    __slots__ = ("_resource", "_unit", "now", "record")

    def __init__(self, unit: Unit, record: Record, resource: Resource, now: float) -> None:
        self._unit = unit
        self._resource = resource
        self.record = record
        self.now = now

    @staticmethod
    def run(
        kernel: Kernel,
        seen: Record,
        still: Callable[[Record], bool],
        change: Callable[[Writing], None],
    ) -> bool:
        """Make ``change`` of the record that was ``seen``, if it is there and ``still`` holds.

        Waits for the COMMIT; True if the change was made. Never called on the event loop.
        """
        resource = kernel.registry.resource(seen.kind)
        assert resource is not None, seen.kind

        def work(unit: Unit) -> bool:
            record = unit.find(seen.arn)
            if record is None or record.uid != seen.uid or not still(record):
                return False
            change(Writing(unit, record, resource, kernel.clock.now()))
            return True

        return kernel.writer.run(work)

    def update(self, status: str | None = None) -> None:
        """Write the record as it now stands, with a new status if given."""
        resource, record = self._resource, self.record
        if resource.modified_member is not None:
            record.document[resource.modified_member] = self.now
        if status is not None:
            record.status = status
            if resource.status_member is not None:
                record.document[resource.status_member] = status
        record.summary = resource.summary(record.document)
        self._unit.save(record, self.now, resource.facts(record))

    def tell(self, operation: str, request: Document, user_agent: str) -> None:
        """Leave an audit entry: SageMaker itself did ``operation`` to the record, and why."""
        service = self._resource.service.prefix
        entry = of_service(
            self.now, service, operation, self.record.arn, request=request, user_agent=user_agent
        )
        audit.append(self._unit.connection, (entry,))

    def note(self) -> None:
        """Write what only we see: to its owner the thing was not modified."""
        record = self.record
        self._unit.save(record, record.modified, self._resource.facts(record))

    def rest(self) -> None:
        """The loop has nothing more to do here. Kept by ``update``."""
        self.record.mover = self.record.due = None

    def rest_until(self, at: float) -> None:
        """The loop looks again at ``at``. Kept by ``update``."""
        self.record.due = at

    def remove(self) -> None:
        """Delete the record."""
        self._unit.remove(self.record, self.now)

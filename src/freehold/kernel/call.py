"""A call: who asks what, and the unit of work through which its function reads and writes.

Made by the edge or by a loop, filled in by ``kernel/dispatch.py`` on the way, handed to the
operation's function. All that an operation may do to the world is a method here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from freehold.auth.principal import Principal
from freehold.base import ids
from freehold.base.errors import InUse, NotFound
from freehold.kernel import tagging
from freehold.kernel.permission import guards
from freehold.store import records
from freehold.store.records import Page, Record
from freehold.store.unit import Unit

if TYPE_CHECKING:
    from freehold.kernel.declare.operation import Document, Operation
    from freehold.kernel.declare.resource import Resource
    from freehold.kernel.dispatch import Kernel
    from freehold.kernel.permission.access import Access
    from freehold.kernel.permission.context import Context
    from freehold.policy.decision import Decision


__all__ = ["Call", "Page", "Record"]

STEP = 500  # records read at a time where all of a kind are looked at


class Call:
    """One call on its road. ``unit`` is set when its turn comes.

    ``decisions`` are what policy said to each question: (action, ARN, decision); of a refusal
    ``refused_context`` holds the condition keys. ``internal`` is what the edge or a loop hands
    over beside the request, such as bytes that were stored already; no client can say any of it,
    and no audit entry holds it.
    """

    __slots__ = (
        "automatic_tags",
        "decisions",
        "internal",
        "kernel",
        "now",
        "operation",
        "principal",
        "record",
        "refused_context",
        "request",
        "request_id",
        "request_tags",
        "resource_arn",
        "source_ip",
        "transport_is_secure",
        "unit",
        "user_agent",
    )

    unit: Unit

    def __init__(
        self,
        kernel: Kernel,
        operation: Operation,
        principal: Principal,
        request: Document,
        *,
        request_id: str = "",
        source_ip: str = "",
        user_agent: str = "",
        transport_is_secure: bool = False,
        internal: Document | None = None,
    ) -> None:
        self.kernel = kernel
        self.operation = operation
        self.principal = principal
        self.request = request
        self.request_id = request_id or ids.request_id()
        self.source_ip = source_ip
        self.user_agent = user_agent
        self.transport_is_secure = transport_is_secure
        self.internal = {} if internal is None else internal
        self.now = kernel.clock.now()
        self.record: Record | None = None
        self.resource_arn: str | None = None
        self.request_tags: dict[str, str] | None = None
        self.automatic_tags: dict[str, str] = {}
        self.decisions: list[tuple[str, str, Decision]] = []
        self.refused_context: Context | None = None

    # -- names ----------------------------------------------------------------------------------

    @property
    def access(self) -> Access:
        """The permission room that fits the call's connection."""
        return self.kernel.writing_access if self.unit.is_writing else self.kernel.access

    @property
    def account_id(self) -> str:
        """The account that this install serves."""
        return self.kernel.settings.account_id

    @property
    def region(self) -> str:
        """The region that this install is."""
        return self.kernel.settings.region

    def arn_of(self, resource: Resource, document: Document) -> str:
        """The ARN of the thing of this kind that ``document`` names."""
        settings = self.kernel.settings
        region = "" if resource.is_global else settings.region
        return (
            f"arn:{settings.partition}:{resource.service.prefix}:{region}:"
            f"{settings.account_id}:{resource.tail(document)}"
        )

    # -- reading ----------------------------------------------------------------------------------

    def find(self, resource: Resource, document: Document) -> Record | None:
        """The record that ``document`` names, or None."""
        return self.unit.find(self.arn_of(resource, document))

    def load(self, resource: Resource, document: Document) -> Record:
        """The record that ``document`` names.

        Raises:
            NotFound: There is none; the resource's own words.
        """
        return self.load_arn(resource, self.arn_of(resource, document), document)

    def load_arn(self, resource: Resource, arn: str, document: Document | None = None) -> Record:
        """The record of ``arn``, which must be of this kind."""
        record = self.record if self.record and self.record.arn == arn else self.unit.find(arn)
        if record is None or record.kind != resource.kind:
            raise NotFound(
                resource.not_found.format_map(_Names(document or {}, arn)),
                code=resource.not_found_code,
            )
        return record

    def all(
        self, resource: Resource, scope: str | None = None, limit: int = 10_000
    ) -> list[Record]:
        """Records of a kind, oldest first."""
        return self.unit.records(Page(resource.kind, scope=scope, limit=limit))

    def kind(self, kind: str, scope: str | None = None, limit: int = 10_000) -> list[Record]:
        """Records of a kind that another service may declare, oldest first."""
        return self.unit.records(Page(kind, scope=scope, limit=limit))

    def every(self, kind: str, scope: str | None = None) -> Iterator[Record]:
        """All records of a kind, oldest first, however many there are."""
        page = Page(kind, scope=scope, limit=STEP)
        while True:
            batch = self.unit.records(page)
            yield from batch
            if len(batch) < STEP:
                return
            page = page._replace(after=(batch[-1].created, batch[-1].id))

    def every_resource(self) -> Iterator[Record]:
        """All records of all kinds, in the order of their making."""
        after = 0
        while True:
            batch = list(records.scan(self.unit.connection, after, STEP))
            yield from batch
            if len(batch) < STEP:
                return
            after = batch[-1].id

    def resources_by_arn(self, after: str = "") -> Iterator[Record]:
        """All records of all kinds, ordered by ARN, from behind ``after``."""
        while True:
            batch = list(records.scan_by_arn(self.unit.connection, after, STEP))
            yield from batch
            if len(batch) < STEP:
                return
            after = batch[-1].arn

    def refusal(
        self,
        action: str,
        arn: str,
        record: Record | None = None,
        *,
        tags: dict[str, str] | None = None,
        tag_keys: tuple[str, ...] = (),
        more: dict[str, str] | None = None,
    ) -> str | None:
        """AWS's sentence if the caller may not do ``action`` on ``arn``; None if they may.

        ``more``: further condition keys that the question has, in any case.
        """
        return self.access.refusal(self, action, arn, record, tags or {}, tag_keys, more or {})

    def count(self, resource: Resource, scope: str | None = None) -> int:
        """How many there are, in ``scope`` if given."""
        return self.unit.count(resource.kind, scope)

    # -- writing ----------------------------------------------------------------------------------

    def create(
        self,
        resource: Resource,
        document: Document,
        *,
        arn: str | None = None,
        tags: dict[str, str] | None = None,
        name: str | None = None,
        uid: str | None = None,
    ) -> Record:
        """Keep a new thing. ``document`` gains its ARN, times and status.

        Raises:
            InUse: The ARN is taken.
        """
        arn = arn or self.arn_of(resource, document)
        record = Record(
            resource.kind,
            arn,
            name or str(document.get(resource.name_member) or arn.rsplit("/", 1)[-1]),
            scope=resource.scope(document),
            uid=uid or ids.suffix(16),
            at=self.now,
        )
        document[resource.arn_member] = arn
        document[resource.created_member] = self.now
        record.document = document
        record.tags = dict(tags or {})
        self._stamp(resource, record, resource.starts)
        if resource.moved_by is not None:
            record.mover, record.due = resource.moved_by, self.now
        try:
            self.unit.create(record, resource.facts(record))
        except InUse:
            raise InUse(
                resource.exists.format_map(_Names(document, arn)), code=resource.exists_code
            ) from None
        return record

    def keep(self, record: Record) -> None:
        """Keep a record that another service declares, as it stands."""
        resource = self.kernel.registry.resource(record.kind)
        record.summary = None if resource is None else resource.summary(record.document)
        self.unit.create(record, None if resource is None else resource.facts(record))

    def save(self, record: Record) -> None:
        """Write a changed record that another service declares, as it stands."""
        resource = self.kernel.registry.resource(record.kind)
        record.summary = None if resource is None else resource.summary(record.document)
        self.unit.save(record, self.now, None if resource is None else resource.facts(record))

    def update(self, record: Record, *, status: str | None = None) -> None:
        """Write a changed record, with a new status if given."""
        resource = self.resource_of(record)
        self._stamp(resource, record, status if status is not None else record.status)
        self.unit.save(record, self.now, resource.facts(record))

    def retag(self, record: Record, tags: dict[str, str]) -> None:
        """Replace a record's tags.

        Raises:
            Denied: The guard isolation.tags keeps an automatic tag as it is, or the caller may
                not say which domain a file system is meant for.
        """
        tagging.keep_attachment(self, record.tags, tags)
        guards.check_tags(self, record.arn, record, record.tags, tags)
        record.tags = tags
        self.unit.retag(record, self.now, self.resource_of(record).facts(record))

    def remove(self, record: Record) -> None:
        """Delete a record."""
        self.unit.remove(record, self.now)

    def move(self, record: Record, *, at: float | None = None) -> None:
        """Ask the record's loop to look at it, now or not before ``at``. Kept by ``update``."""
        record.mover = self.resource_of(record).moved_by
        record.due = self.now if at is None else at

    def rest(self, record: Record) -> None:
        """Tell the record's loop that there is nothing more to do. Kept by ``update``."""
        record.mover = record.due = None

    def next_uid(self, arn: str) -> int:
        """A uid for the owner ``arn``, never given before on this machine (host/uids.py)."""
        return self.kernel.uids.number(f"{arn} {self.now:.6f}")

    def resource_of(self, record: Record) -> Resource:
        """The declaration behind a record."""
        resource = self.kernel.registry.resource(record.kind)
        assert resource is not None, record.kind
        return resource

    def _stamp(self, resource: Resource, record: Record, status: str | None) -> None:
        document = record.document
        record.modified = self.now
        if resource.modified_member is not None:
            document[resource.modified_member] = self.now
        if resource.status_member is not None and status is not None:
            record.status = document[resource.status_member] = status
        else:
            record.status = status
        record.summary = resource.summary(document)


class _Names(dict[str, Any]):
    """Members of a request for messages; what is absent reads as nothing."""

    def __init__(self, document: Document, arn: str) -> None:
        super().__init__(document)
        self["arn"] = arn

    def __missing__(self, key: str) -> str:
        return ""

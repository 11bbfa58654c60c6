"""The heart: tag, authorize, run, audit, commit. Every call of every door passes here.

``Kernel`` holds what is shared; ``dispatch`` is one call's road and is plain: the edge runs
it inline for reads, on a pool for slow reads, on the writer for writes.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from freehold.auth.principal import Principal
from freehold.auth.sealing import Keyring
from freehold.base import log
from freehold.base.clock import Clock
from freehold.base.errors import Fault, Internal, Throttled, Unsupported
from freehold.base.settings import Settings
from freehold.host.uids import Uids
from freehold.kernel import audit, tagging
from freehold.kernel.account.prices import Prices
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document, Operation
from freehold.kernel.declare.service import Registry
from freehold.kernel.doors import Doors
from freehold.kernel.network.refusals import Refusals
from freehold.kernel.permission.access import Access
from freehold.kernel.permission.identity import Identities
from freehold.kernel.studio.activity import Activity
from freehold.kernel.studio.storage import Stored
from freehold.kernel.trail import Trail
from freehold.objects.blobs import BlobStore
from freehold.spec.check import check
from freehold.store import audit as audit_rows
from freehold.store import keys
from freehold.store.database import connect
from freehold.store.reserve import Reserve
from freehold.store.unit import Unit
from freehold.store.writer import Done, Writer

POOL_THREADS = 2
OUTSIDE_THREADS = 4  # for calls that may wait for somebody else's server: identity providers
DATA_THREADS = 8  # for bytes of S3 objects, which wait for disks and never for the pool above


class Kernel:
    """What every call shares. Built once by ``compose``."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        registry: Registry,
        keyring: Keyring,
        blobs: BlobStore | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.registry = registry
        self.keyring = keyring
        self.blobs = blobs or BlobStore.in_directory(settings.state / "objects")
        self.identities = Identities(settings, keyring)
        self.access = Access()
        self.writing_access = Access()
        self.waiting = audit.Waiting()
        self.answered = 0  # calls, about: two threads count, and nobody waits for the other
        self._used: dict[str, float] = {}
        self.watchers: list[Callable[[set[str]], None]] = []
        self.doors = Doors(self)
        self.refusals = Refusals()
        self.activity = Activity()
        self.uids = Uids(settings.state)
        self.stored = Stored()
        self.prices = Prices(settings.state)
        self.trail = Trail(settings.state)
        self.studio_url: Callable[[str, str], str] = _no_studio
        self.reader = Unit(connect(settings.database, read_only=True), is_writing=False)
        self._local = threading.local()
        self.pool = ThreadPoolExecutor(POOL_THREADS, thread_name_prefix="slow")
        self.data = ThreadPoolExecutor(DATA_THREADS, thread_name_prefix="data")
        self.outside = ThreadPoolExecutor(OUTSIDE_THREADS, thread_name_prefix="outside")
        self.reserve = Reserve(settings.state)
        self.writer = Writer(settings.database, self._touched, self._committed, self.reserve)

    def _touched(self, kinds: set[str]) -> None:
        self.access.touched(kinds)
        self.writing_access.touched(kinds)

    def _committed(self, kinds: set[str]) -> None:
        for watcher in self.watchers:
            watcher(kinds)

    # -- roads -------------------------------------------------------------------------------

    def read(self, call: Call) -> Document:
        """Run a read here and now on the event loop's own connection."""
        call.unit = self.reader
        return self._outside(call)

    def is_quick(self, operation: Operation) -> bool:
        """Whether a read may run inline: a list that a guard confines may take milliseconds."""
        if operation.mode != "read" or not operation.is_list:
            return operation.mode == "read"
        return "lists" not in self.access.guards.now(self.reader, self.access.version)

    def read_slowly(self, call: Call) -> Document:
        """Run a read on a pool thread, which has a connection of its own."""
        call.unit = self.own_unit()
        return self._outside(call)

    def own_unit(self) -> Unit:
        """A reading unit for the calling thread."""
        unit = getattr(self._local, "unit", None)
        if unit is None:
            connection = connect(self.settings.database, read_only=True)
            unit = self._local.unit = Unit(connection, is_writing=False)
        return unit

    def write(self, call: Call) -> Future[Document]:
        """Queue a write; the future resolves after its COMMIT."""
        return self.writer.submit(partial(self._inside, call))

    def write_all(self, calls: Sequence[Call], done: Done, ran: Callable[[], None]) -> None:
        """Queue writes that are answered together: see ``store/writer.py``."""
        self.writer.submit_all([partial(self._inside, call) for call in calls], done, ran)

    def permit(self, call: Call, unit: Unit) -> None:
        """Authorize a write ahead of its transaction, and do what it does ahead of it.

        The transaction authorizes again: what holds now need not hold then.

        Raises:
            Fault: It may not be done; the refusal is audited.
        """
        call.unit = unit
        try:
            prepare(call, call.access)
            if call.operation.ahead is not None:
                call.operation.ahead(call, call.request)
        except Fault as fault:
            self.refused(call, fault)
            raise
        except sqlite3.Error as error:
            raise Internal("The store could not be read.", detail=str(error)) from error

    def permit_slowly(self, call: Call) -> None:
        """``permit`` on a pool thread, which has a connection of its own."""
        self.permit(call, self.own_unit())

    def run(self, call: Call) -> Document:
        """Run a call to its end on any thread but the event loop's: loops and commands do."""
        if call.operation.mode == "write":
            if call.operation.ahead is not None:
                self.permit(call, self.own_unit())
            try:
                return self.write(call).result()
            except Fault as fault:
                self.refused(call, fault)
                raise
        return self.read_slowly(call)

    def call(
        self,
        service: str,
        operation: str,
        principal: Principal,
        request: Document,
        *,
        internal: Document | None = None,
    ) -> Document:
        """A call from inside the house, checked, authorized and audited like any other.

        ``internal`` is what no client could say: see ``Call``.
        """
        found = self.registry.services[service].operations[operation]
        document = check(found.model, request)
        return self.run(
            Call(
                self,
                found,
                principal,
                document,
                user_agent="freehold.internal",
                internal=internal,
            )
        )

    # -- the two sides of a call -------------------------------------------------------------

    def _outside(self, call: Call) -> Document:
        self.answered += 1
        try:
            answer = dispatch(call, self.access)
        except Fault as fault:
            self.refused(call, fault)
            raise
        except sqlite3.Error as error:
            raise Internal("The store could not be read.", detail=str(error)) from error
        self.waiting.add(audit.entry(call, None))
        return answer

    def _inside(self, call: Call, unit: Unit) -> Document:
        self.answered += 1
        call.unit = unit
        call.now = self.clock.now()
        answer = dispatch(call, self.writing_access)
        audit_rows.append(unit.connection, (audit.entry(call, None),))
        if not call.principal.is_temporary:
            self._used[call.principal.access_key_id] = call.now
        return answer

    def refused(self, call: Call, fault: Fault) -> None:
        """Remember a refusal; of a caller who proved nothing, within the bounds of strangers."""
        is_stranger = call.principal.kind == "anonymous"
        self.waiting.add(audit.entry(call, fault), is_stranger=is_stranger)

    def has_bucket(self, name: str) -> bool:
        """Whether we hold an S3 bucket of that name. Asked on the event loop."""
        return self.reader.find(f"arn:{self.settings.partition}:s3:::{name}") is not None

    def spend_ticket(self, ticket: str, expires: float) -> bool:
        """Use a one-time ticket; False if it was used before. Never on the event loop."""
        now = self.clock.now()
        return self.writer.run(lambda unit: keys.spend(unit.connection, ticket, expires, now))

    def stranger(self, fault: Fault, **facts: str) -> None:
        """Remember somebody whose signature does not hold, within bounds."""
        self.waiting.add(audit.stranger(self.clock.now(), fault, **facts), is_stranger=True)

    def flush_audit(self) -> None:
        """Write the entries that wait. Called by the engine every second and at the end."""
        entries = self.waiting.take()
        if not entries and not self._used:
            return
        used, self._used = self._used, {}
        used |= {entry.access_key: entry.at for entry in entries if entry.access_key[:4] == "AKIA"}

        def work(unit: Unit) -> None:
            audit_rows.append(unit.connection, entries)
            keys.used(unit.connection, used)

        def settled(done: Future[None]) -> None:
            if done.cancelled() or done.exception() is not None:
                self.waiting.put_back(entries)

        try:
            written = self.writer.submit(work)
        except Throttled:
            self.waiting.put_back(entries)
        else:
            written.add_done_callback(settled)

    def close(self) -> None:
        """Write what waits and close the file."""
        self.pool.shutdown()
        self.data.shutdown()
        self.outside.shutdown(cancel_futures=True)
        self.flush_audit()
        self.writer.stop()
        self.reader.connection.close()


def dispatch(call: Call, access: Access) -> Document:
    """Automatic tags, permission, then the operation's own function.

    The shape was checked by whoever made the call. The audit entry and the COMMIT are the
    caller's, since a write's entry stands in its transaction.
    """
    prepare(call, access)
    return call.operation.run(call, call.request) or {}


def prepare(call: Call, access: Access) -> None:
    """Automatic tags, names that the server gives, permission."""
    tagging.prepare(call)
    operation = call.operation
    if operation.resource is not None and operation.is_create and operation.resource.identify:
        operation.resource.identify(call, call.request)
    access.authorize(call)


def unsupported(operation: Operation) -> Unsupported:
    """The refusal of an operation that AWS has and we do not."""
    return Unsupported(
        f"The operation {operation.name} of {operation.service.name} is not supported by this "
        "server. The operations that are stand in docs/reference/operations.md."
    )


def refuse_unserved(_call: Call, _request: Document) -> Document:
    """What runs in place of an operation that we do not serve, once it is authorized."""
    raise unsupported(_call.operation)


def _no_studio(_arn: str, _domain_id: str) -> str:
    raise Internal("This process serves no apps: start the server with `freehold up`.")


def log_fault(fault: Fault) -> None:
    """Internal faults leave a line in the log; refusals do not."""
    if isinstance(fault, Internal):
        log.event("internal", level=40, message=fault.message, detail=fault.detail)

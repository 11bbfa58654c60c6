"""Who may visit which app: presigned URLs redeemed, cookies admitted, rights asked again.

Called by ``edge/apps/proxy.py``; asks the kernel. Whoever asked for the URL must still be allowed
to ask for it, from the visitor's address: every request compares one number, and only when a
policy, tag or identity changed meanwhile is the question put anew (domains.md section 4).
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

from freehold.auth import tickets
from freehold.base import ids
from freehold.base.errors import Denied, Fault, InUse, NotFound, Unauthenticated
from freehold.edge.apps import waiting
from freehold.edge.apps.pages import NotReady
from freehold.edge.apps.proxy import Session, Upstream
from freehold.kernel import doors, logs
from freehold.kernel.call import Call, Record
from freehold.kernel.dispatch import Kernel
from freehold.kernel.permission import roles
from freehold.kernel.studio import app_types, progress
from freehold.kernel.studio.app_types import APP_TYPES

ACTION = "CreatePresignedDomainUrl"
RIGHTS_MAX = 10_000  # visitors whose right is remembered at once


class Gate:
    """The proxy's gatekeeper, over one kernel."""

    def __init__(self, kernel: Kernel, url_of: Callable[[str, str], str]) -> None:
        """Guard ``kernel``'s apps; ``url_of(arn, domain_id)`` is an app's origin."""
        self._kernel = kernel
        self._url_of = url_of
        self._rights: dict[tuple[str, str, bool], int] = {}

    async def redeem(self, token: str, host: str, client: str, *, is_secure: bool) -> Session:
        """Use a presigned URL once; start the app if it does not run.

        Raises:
            Unauthenticated: Not ours, expired, or used before.
            Denied: The asker lost the right, or the app's role may not create apps.
        """
        kernel = self._kernel
        now = kernel.clock.now()
        ticket = tickets.open_ticket(kernel.keyring, token, now)
        arn = self._arn(ticket)
        if self._url_of(arn, ticket.domain_id).partition("//")[2].rpartition(":")[0] != host:
            raise Unauthenticated("This URL belongs to another app.")
        is_fresh = await asyncio.to_thread(kernel.spend_ticket, ticket.id, ticket.expires_at)
        if not is_fresh:
            raise Unauthenticated("This URL was used before: ask for a new presigned URL.")
        self._ask(ticket, client, is_secure=is_secure)
        await asyncio.to_thread(self._start, ticket, arn)
        session = tickets.BrowserSession(
            id=ids.token(12),
            ticket_id=ticket.id,
            host=host,
            domain_id=ticket.domain_id,
            user_profile_name=ticket.user_profile_name,
            space_name=ticket.space_name,
            app_type=ticket.app_type,
            principal=ticket.principal,
            issued_at=now,
            expires_at=now + ticket.session_seconds,
        )
        cookie = tickets.seal_browser_session(kernel.keyring, session, os.urandom(12))
        kind = APP_TYPES[ticket.app_type]
        landing = f"{kind.base_path}/{ticket.landing or kind.landing}"
        return Session(cookie, ticket.session_seconds, landing)

    def admit(
        self, cookie: str, host: str, client: str, _method: str, *, is_secure: bool
    ) -> Upstream | NotReady:
        """Let a request in, or say what it waits for.

        Raises:
            Unauthenticated: No session of this host.
            Denied: The asker lost the right.
            NotFound: The app is gone.
        """
        kernel = self._kernel
        session = tickets.open_browser_session(kernel.keyring, cookie, kernel.clock.now(), host)
        self._hold(session, client, is_secure=is_secure)
        app = kernel.reader.find(self._arn(session))
        if app is None:
            raise NotFound("This app does not run: ask for a new presigned URL to start it.")
        if app.status != "InService":
            return self._waiting(app)
        place = doors.place(kernel.settings.state, app.document["_Door"])
        socket: Path = place / "app" / doors.APP_SOCKET
        ends = time.monotonic() + session.expires_at - kernel.clock.now()
        started = app.document.get("_Run")

        def still_valid() -> bool:
            if time.monotonic() >= ends:
                return False
            if self._rights.get((session.id, client, is_secure)) == kernel.access.version:
                return True
            try:
                self._hold(session, client, is_secure=is_secure)
            except Fault:
                return False
            known = kernel.reader.find(app.arn)
            return known is not None and known.document.get("_Run") == started

        def acted() -> None:
            kernel.activity.used(app.uid, kernel.clock.now())

        return Upstream(socket, APP_TYPES[session.app_type].base_path, still_valid, acted)

    def _waiting(self, app: Record) -> NotReady:
        """What a visitor is told of an app that is not in service. Microseconds."""
        kernel, document = self._kernel, app.document
        where, lines = None, []
        if app.status == "Pending" and "_Run" in document:
            where = progress.read(kernel.settings.state, document["_Door"])
        if where is not None and where.step == "script":
            lines = logs.read_events(
                kernel.reader,
                progress.LOG_GROUP,
                f"{progress.stream(document)}/{progress.SCRIPT_STREAM}",
                before=logs.END,
                start=int(document["_StartedAt"] * 1000),
                limit=waiting.LINES,
            )
        said = tuple(line.message for line in lines)
        return waiting.told(app.status or "", document, where, said, kernel.clock.now())

    def _arn(self, ticket: tickets.Ticket | tickets.BrowserSession) -> str:
        settings = self._kernel.settings
        owner = ticket.space_name or ticket.user_profile_name
        tail = app_types.arn_tail(ticket.domain_id, owner, ticket.app_type)
        return f"arn:{settings.partition}:sagemaker:{settings.region}:{settings.account_id}:{tail}"

    def _hold(self, session: tickets.BrowserSession, client: str, *, is_secure: bool) -> None:
        """Ask for the right again if anything changed since it was asked last."""
        version = self._kernel.access.version
        if self._rights.get((session.id, client, is_secure)) != version:
            self._ask(session, client, is_secure=is_secure)
            if len(self._rights) > RIGHTS_MAX:
                self._rights.clear()
            self._rights[session.id, client, is_secure] = version

    def _ask(
        self, asked: tickets.Ticket | tickets.BrowserSession, client: str, *, is_secure: bool
    ) -> None:
        kernel = self._kernel
        operation = kernel.registry.services["sagemaker"].operations[ACTION]
        named = {"DomainId": asked.domain_id, "UserProfileName": asked.user_profile_name}
        call = Call(
            kernel,
            operation,
            asked.principal,
            named,
            source_ip=client,
            transport_is_secure=is_secure,
        )
        call.unit = kernel.reader
        assert operation.resource is not None
        arn = call.arn_of(operation.resource, named)
        profile = kernel.reader.find(arn)
        if profile is None:
            raise NotFound(f"The user profile {asked.user_profile_name} does not exist any more.")
        refusal = call.refusal(operation.action, arn, profile)
        if refusal is not None:
            raise Denied(refusal)

    def _start(self, ticket: tickets.Ticket, arn: str) -> None:
        """Create the app as the profile's or space's own execution role, if it does not run."""
        kernel = self._kernel
        unit = kernel.own_unit()
        known = unit.find(arn)
        if known is not None and known.status in ("Pending", "InService"):
            return
        request = {"DomainId": ticket.domain_id, "AppType": ticket.app_type}
        request["AppName"] = app_types.NAME
        if ticket.space_name:
            request["SpaceName"] = ticket.space_name
        else:
            request["UserProfileName"] = ticket.user_profile_name
        head = arn.rpartition(":app/")[0]
        kind = "space" if ticket.space_name else "user-profile"
        name = ticket.space_name or ticket.user_profile_name
        owner = f"{head}:{kind}/{ticket.domain_id}/{name}"
        owner_record, domain = unit.find(owner), unit.find(f"{head}:domain/{ticket.domain_id}")
        if owner_record is None or domain is None:
            raise NotFound(f"{owner} does not exist any more.")
        role = roles.execution_role(unit, domain, owner_record)
        try:
            kernel.call(
                "sagemaker",
                "CreateApp",
                kernel.doors.session(unit, role, owner),
                request,
                internal={"session_name": ticket.principal.plain_name},
            )
        except InUse:
            return

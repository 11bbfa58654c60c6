"""A console session's life: begun by whoever proved who they are, renewed, ended.

The edge hands over a proven principal (keys) or a name and password; out come keys for fifteen
minutes and the sealed session that renews them. MFA and an explicit deny are asked of
``sts:GetSessionToken`` by the road that every call takes. Every sign-in leaves a ``ConsoleLogin``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from freehold.auth import console_session
from freehold.auth.console_session import ConsoleSession, ended
from freehold.auth.principal import Principal
from freehold.base import ids
from freehold.base.errors import Denied, Fault
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.dispatch import Kernel
from freehold.kernel.permission import identity, passwords
from freehold.spec.check import check
from freehold.store import keys
from freehold.store.audit import Entry
from freehold.store.records import Record, encode
from freehold.store.unit import Unit

KEY_SECONDS = 900
"""How long the page's keys live: the least that GetSessionToken gives. A stolen key dies soon."""
SESSION_SECONDS = 12 * 3600
"""How long one sign-in lasts, as in AWS's console."""
DEVICES = "_MfaDevices"  # of a user: serial numbers (services/iam)
WRONG = "The user name, the password or the account is wrong."


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a sign-in comes from, for policy and for the audit."""

    source_ip: str
    user_agent: str
    is_secure: bool
    request_id: str


@dataclass(frozen=True, slots=True)
class Given:
    """Keys for the page, and whose they are. ``cookie`` is "" where it stays as it is."""

    credentials: identity.Credentials
    session: ConsoleSession
    cookie: str


class Sessions:
    """Begins, renews and ends sessions of one kernel. Never on the event loop."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    # -- begin -------------------------------------------------------------------------------

    def begin(self, principal: Principal, code: str, asked: Asked) -> Given:
        """Sign in whoever signed the request, by their own keys or by temporary ones.

        Raises:
            Denied: A wrong code, or policy forbids it; audited.
        """
        with_mfa = f"{'Yes' if code else 'No'}"
        try:
            proven = self._proven(principal, code, asked)
        except Fault as fault:
            self._note(asked, principal, fault, {"MFAUsed": with_mfa})
            raise
        key_id = "" if principal.is_temporary else principal.access_key_id
        given = self._given(proven, key_id, None)
        self._note(asked, principal, None, {"MFAUsed": with_mfa})
        return given

    def begin_by_password(
        self, account: str, name: str, password: str, code: str, new: str, asked: Asked
    ) -> Given:
        """Sign in an IAM user by password.

        Args:
            account: The account's id; "" means this one.
            name: The user's.
            password: In clear; verified against a hash, in a tenth of a second.
            code: Of the user's MFA device; required where they have one.
            new: The password that replaces it, where it must be replaced; else "".
            asked: Where it comes from.

        Raises:
            Denied: ``MfaRequired``, ``PasswordResetRequired``, or wrong in any way; audited.
        """
        unit = self._kernel.own_unit()
        user = unit.named(identity.USER, name)
        is_ours = account in ("", self._kernel.settings.account_id)
        is_right = passwords.verify_password(user if is_ours else None, password)
        facts: Document = {"UserName": name if user is not None else "HIDDEN", "MFAUsed": "No"}
        if user is None or not is_right:
            fault = Denied(WRONG, code="WrongSignIn")
            self._note(asked, None, fault, facts)
            raise fault
        principal = identity.user(user, self._kernel.settings.account_id, "")
        try:
            if user.document.get(DEVICES) and not code:
                raise Denied(
                    "This user signs in with a code of their MFA device.", code="MfaRequired"
                )
            proven = self._proven(principal, code, asked)
            user = self._with_new_password(unit, user, proven, password, new, asked)
        except Fault as fault:
            self._note(asked, principal, fault, facts)
            raise
        given = self._given(proven, "", user.document[passwords.PASSWORD]["At"])
        self._used(user.arn)
        self._note(asked, principal, None, facts | {"MFAUsed": "Yes" if code else "No"})
        return given

    def _used(self, arn: str) -> None:
        """Keep when a user's password signed them in, as ``GetUser`` tells it."""
        now = self._kernel.clock.now()

        def keep(unit: Unit) -> None:
            user = unit.find(arn)
            if user is not None:
                user.document["PasswordLastUsed"] = now
                unit.save(user, now)

        self._kernel.writer.run(keep)

    def _proven(self, principal: Principal, code: str, asked: Asked) -> Principal:
        """The principal with what MFA adds; a temporary one is what it is."""
        if principal.is_temporary:
            self._kernel.access.layers(self._kernel.own_unit(), principal)
            return principal
        request: Document = {"DurationSeconds": KEY_SECONDS}
        if code:
            request |= {"SerialNumber": self._device_of(principal), "TokenCode": code}
        self._call("sts", "GetSessionToken", principal, request, asked)
        at = self._kernel.clock.now()
        return replace(principal, is_mfa=bool(code), mfa_at=at if code else None)

    def _device_of(self, principal: Principal) -> str:
        """Serial number of the caller's first device.

        Raises:
            Denied: They have none.
        """
        user = self._kernel.own_unit().find(principal.arn)
        devices = [] if user is None else user.document.get(DEVICES) or []
        if not devices:
            raise Denied(
                "No MFA device is enabled for you: leave the code empty.", code="NoMfaDevice"
            )
        return str(devices[0])

    def _with_new_password(
        self,
        unit: Unit,
        user: Record,
        principal: Principal,
        password: str,
        new: str,
        asked: Asked,
    ) -> Record:
        """The user as they are once a password that must be replaced is replaced."""
        if not user.document[passwords.PASSWORD].get("Reset"):
            return user
        if not new:
            raise Denied("Choose a new password to go on.", code="PasswordResetRequired")
        request = {"OldPassword": password, "NewPassword": new}
        self._call("iam", "ChangePassword", principal, request, asked)
        changed = unit.find(user.arn)
        if changed is None or not changed.document.get(passwords.PASSWORD):
            raise ended("This user was deleted meanwhile.")
        return changed

    # -- go on -------------------------------------------------------------------------------

    def renew(self, cookie: str) -> Given:
        """Fresh keys for a session that still stands.

        Raises:
            Unauthenticated: ``SessionEnded``: signed out, expired, or what it was bought with
                (key, password, user, role) is gone or was changed.
        """
        session = console_session.open(self._kernel.keyring, cookie, self._kernel.clock.now())
        unit = self._kernel.own_unit()
        if keys.is_spent(unit.connection, session.id):
            raise ended("You signed out: sign in again.")
        principal = session.principal
        try:
            self._kernel.access.layers(unit, principal)
        except Fault as fault:
            raise ended("Whoever signed in here no longer exists.", detail=fault.message) from None
        if session.key_id:
            key = keys.find(unit.connection, session.key_id)
            if key is None or key.status != "Active" or key.owner != principal.arn:
                raise ended("The access key that you signed in with was deactivated or deleted.")
        elif session.password_at is not None:
            user = unit.find(principal.arn)
            kept = {} if user is None else user.document.get(passwords.PASSWORD) or {}
            if kept.get("At") != session.password_at:
                raise ended("Your password was changed: sign in again.")
        return Given(self._keys(session), session, "")

    def end(self, cookie: str) -> ConsoleSession | None:
        """Sign out: nothing is renewed from this cookie any more. None where it was none."""
        try:
            session = console_session.open(self._kernel.keyring, cookie, self._kernel.clock.now())
        except Fault:
            return None
        self._kernel.spend_ticket(session.id, session.expires_at)
        return session

    # -- what they share ---------------------------------------------------------------------

    def _given(self, principal: Principal, key_id: str, password_at: float | None) -> Given:
        now = self._kernel.clock.now()
        until = min(now + SESSION_SECONDS, principal.expires_at or now + SESSION_SECONDS)
        session = ConsoleSession(
            id=ids.token(12),
            principal=replace(principal, access_key_id=""),
            key_id=key_id,
            password_at=password_at,
            signed_in_at=now,
            expires_at=until,
        )
        cookie = console_session.seal(self._kernel.keyring, session, os.urandom(12))
        return Given(self._keys(session), session, cookie)

    def _keys(self, session: ConsoleSession) -> identity.Credentials:
        now = self._kernel.clock.now()
        principal = replace(
            session.principal,
            access_key_id=ids.unique_id("ASIA"),
            issued_at=session.principal.issued_at or session.signed_in_at,
            expires_at=min(now + KEY_SECONDS, session.expires_at),
        )
        return identity.mint(self._kernel.keyring, principal)

    def _call(
        self, service: str, name: str, principal: Principal, request: Document, asked: Asked
    ) -> None:
        operation = self._kernel.registry.services[service].operations[name]
        self._kernel.run(
            Call(
                self._kernel,
                operation,
                principal,
                check(operation.model, request),
                source_ip=asked.source_ip,
                user_agent=asked.user_agent,
                transport_is_secure=asked.is_secure,
            )
        )

    def _note(
        self, asked: Asked, principal: Principal | None, fault: Fault | None, facts: Document
    ) -> None:
        """CloudTrail's ConsoleLogin: who, from where, with MFA or without, and how it ended."""
        known = "Failure" if fault is not None else "Success"
        entry = Entry(
            at=self._kernel.clock.now(),
            request_id=asked.request_id,
            service="signin",
            operation="ConsoleLogin",
            principal="unauthenticated" if principal is None else principal.arn,
            access_key="" if principal is None else principal.access_key_id,
            origin=None if principal is None or principal.origin is None else principal.origin.arn,
            source_ip=asked.source_ip,
            user_agent=asked.user_agent,
            resource=None,
            error_code=None if fault is None else fault.code or type(fault).__name__,
            error=None if fault is None else fault.message[:1024],
            request=encode(facts | {"ConsoleLogin": known}),
        )
        self._kernel.waiting.add(entry, is_stranger=principal is None)

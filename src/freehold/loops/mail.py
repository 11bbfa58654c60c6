"""The loop that sends mail: what waits goes out by the SMTP server that the operator named.

One record is one message to one address (``kernel/budgets/mail.py``). It is removed in the
transaction that notes in the audit log that the server took it, so each is delivered at least once:
a server of ours that is killed in between sends it again, under the same Message-ID and Date, by
which mail programs know a double. What is refused is tried again, ever later, for about a day.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate

from freehold.base import log
from freehold.base.errors import Fault, Internal
from freehold.base.settings import Smtp
from freehold.kernel import audit
from freehold.kernel.budgets import mail
from freehold.kernel.dispatch import Kernel
from freehold.store import audit as audit_rows
from freehold.store import records
from freehold.store.records import Record
from freehold.store.unit import Unit

BATCH = 20
TIMEOUT_SECONDS = 10.0  # of each step of the conversation
SEND_SECONDS_MAX = 30.0  # of one message, whatever the server does
RETRY_SECONDS = (30.0, 120.0, 600.0, 1800.0, 3600.0)  # then the last, again and again
TRIES_MAX = 28  # about a day
REST_SECONDS = 30.0
PASSWORD_BYTES_MAX = 4096
EVENT = "SendBudgetAlert"  # ours
Send = Callable[[Smtp, EmailMessage], None]


class Mail:
    """The loop. ``send`` hands one message to the server or raises OSError or SMTPException."""

    name = mail.MOVER
    kinds = frozenset({mail.KIND})

    def __init__(self, kernel: Kernel, send: Send | None = None) -> None:
        self._kernel = kernel
        self._sender = Sender()
        self._send = send or self._sender.send
        self._is_closing = False

    def turn(self) -> float:
        """Send what is due."""
        kernel = self._kernel
        smtp, unit = kernel.settings.smtp, kernel.own_unit()
        if smtp is None:
            return REST_SECONDS  # it waits for a start that names a server again
        now = kernel.clock.now()
        for record in records.due(unit.connection, mail.MOVER, now, BATCH):
            if self._is_closing:
                return REST_SECONDS
            self._try(smtp, record)
        due = records.next_due(unit.connection, mail.MOVER)
        return REST_SECONDS if due is None else max(0.0, due - kernel.clock.now())

    def close(self) -> None:
        """Cut the conversation in hand; the message is sent again after the next start."""
        self._is_closing = True
        self._sender.cut()

    def _try(self, smtp: Smtp, record: Record) -> None:
        kernel = self._kernel
        fault: Fault | None = None
        try:
            self._send(smtp, message(smtp, record, kernel.settings.account_id))
        except (OSError, smtplib.SMTPException, ValueError) as error:
            fault = Internal(f"{smtp.host}:{smtp.port} did not take it: {reason(error)}")
            if self._is_closing:
                return

        def write(unit: Unit) -> None:
            now = kernel.clock.now()
            known = unit.find(record.arn)
            if known is None or known.uid != record.uid:
                return
            known.document["Tries"] += 1
            tries = known.document["Tries"]
            is_last = fault is None or tries >= TRIES_MAX
            if is_last:
                unit.remove(known, now)
            else:
                known.due = now + RETRY_SECONDS[min(tries, len(RETRY_SECONDS)) - 1]
                unit.save(known, now)
            if is_last or tries == 1:
                about = {key: known.document[key] for key in ("To", "Subject")}
                entry = audit.of_service(
                    now, "budgets", EVENT, known.document["About"], request=about, fault=fault
                )
                audit_rows.append(unit.connection, (entry,))

        kernel.writer.run(write)
        if fault is not None:
            log.event("mail.failed", level=30, why=fault.message)


def message(smtp: Smtp, record: Record, account_id: str) -> EmailMessage:
    """The message as it goes out: the same at each try."""
    document = record.document
    made = EmailMessage()
    made["From"] = smtp.sender
    made["To"] = document["To"]
    made["Subject"] = document["Subject"]
    made["Date"] = formatdate(document["QueuedAt"])
    made["Message-ID"] = f"<{record.uid}@{account_id}.freehold.invalid>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers by machines
    made.set_content(document["Text"])
    return made


def reason(error: Exception) -> str:
    """Why, in one line, without what was sent."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [f"{code} {text!r}" for code, text in error.recipients.values()]
        return f"the recipient was refused ({', '.join(codes)})"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {error.smtp_error!r}"
    return f"{type(error).__name__}: {error}"


def password(smtp: Smtp) -> str:
    """The password, read anew so that it may be changed while we run.

    Raises:
        OSError: The file cannot be read.
    """
    assert smtp.password_file is not None
    with smtp.password_file.open("rb") as file:
        return file.read(PASSWORD_BYTES_MAX).decode().strip("\r\n")


class Sender:
    """One conversation with an SMTP server at a time, bounded as a whole and cut from outside."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def send(self, smtp: Smtp, made: EmailMessage) -> None:
        """Hand a message over.

        Raises:
            OSError: The server cannot be reached, is too slow, or its certificate does not hold.
            SMTPException: It refused.
        """
        bound = threading.Timer(SEND_SECONDS_MAX, self.cut)
        bound.start()
        try:
            with self._client(smtp) as client:
                self._hold(client.sock)
                if smtp.security == "starttls":
                    client.starttls(context=ssl.create_default_context())
                    self._hold(client.sock)
                if smtp.user is not None:
                    client.login(smtp.user, password(smtp))
                client.send_message(made)
        finally:
            bound.cancel()
            self._hold(None)

    def cut(self) -> None:
        """End the conversation in hand, wherever it is."""
        with self._lock:
            if self._socket is not None:
                try:
                    self._socket.shutdown(socket.SHUT_RDWR)
                except OSError:
                    return  # it is over already

    def _hold(self, found: socket.socket | None) -> None:
        with self._lock:
            self._socket = found

    @staticmethod
    def _client(smtp: Smtp) -> smtplib.SMTP:
        if smtp.security == "tls":
            return smtplib.SMTP_SSL(
                smtp.host, smtp.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        return smtplib.SMTP(smtp.host, smtp.port, timeout=TIMEOUT_SECONDS)

"""Mails that wait to be sent: one record for each message and address, written with its cause.

Queued in the transaction that found the cause; ``loops/mail.py`` sends. Where the operator named
no SMTP server nothing is queued: the alert stands in the budget's state and in the audit log.
"""

from __future__ import annotations

from collections.abc import Iterable

from freehold.base import ids, log
from freehold.base.settings import Settings
from freehold.store.records import Document, Record
from freehold.store.unit import Unit

KIND = "budgets:mail"
MOVER = "mail"
WAITING_MAX = 2_000  # ours: whoever may change budgets cannot fill the disk with mail


def addresses(subscribers: Iterable[Document]) -> list[str]:
    """Whom to write to."""
    return [one["Address"] for one in subscribers if one["SubscriptionType"] == "EMAIL"]


def queue(
    unit: Unit,
    settings: Settings,
    now: float,
    about: str,
    subscribers: Iterable[Document],
    message: tuple[str, str],
) -> None:
    """Write a mail to each subscriber, if this install sends any.

    ``about``: ARN of the budget. ``message``: subject, of one line, and text.
    """
    if settings.smtp is None:
        return
    subject, text = message
    room = WAITING_MAX - unit.count(KIND)
    wanted = addresses(subscribers)
    if len(wanted) > room:
        log.event("mail.dropped", level=30, about=about, mails=len(wanted) - max(0, room))
    for address in wanted[: max(0, room)]:
        uid = ids.token(24)
        record = Record(KIND, f"{about}/mail/{uid}", uid, uid=uid, at=now)
        record.document = {
            "About": about,
            "To": address,
            "Subject": " ".join(subject.split()),
            "Text": text,
            "QueuedAt": now,
            "Tries": 0,
        }
        record.mover, record.due = MOVER, now
        unit.create(record)

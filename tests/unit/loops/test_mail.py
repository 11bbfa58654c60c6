"""The loop that sends mail: at least once, ever later when refused, nothing secret told."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from tests.support.budgets import ACCOUNT, told

from freehold.base.clock import FakeClock
from freehold.base.settings import Settings, Smtp
from freehold.compose import House, open_house
from freehold.kernel.budgets import mail as waiting
from freehold.loops import mail
from freehold.loops.mail import Mail

ABOUT = f"arn:aws:budgets::{ACCOUNT}:budget/finance"


class Server:
    """What an SMTP server would have taken, or a refusal."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.refusal: Exception | None = None

    def __call__(self, _smtp: Smtp, made: EmailMessage) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.taken.append(made)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1_790_000_000.0)


@pytest.fixture
def post(tmp_path: Path, clock: FakeClock) -> Iterator[House]:
    smtp = Smtp("mail.example.com", 587, "budgets@example.com")
    made = open_house(Settings(state=tmp_path / "state", account_id=ACCOUNT, smtp=smtp), clock)
    yield made
    made.close()


def queue(house: House, *addresses: str, subject: str = "Budget finance: passed") -> None:
    to = [{"SubscriptionType": "EMAIL", "Address": one} for one in addresses]
    house.kernel.writer.run(
        lambda unit: waiting.queue(
            unit, house.settings, house.kernel.clock.now(), ABOUT, to, (subject, "Spent: 5 USD")
        )
    )


def left(house: House) -> int:
    return house.kernel.own_unit().count(waiting.KIND)


def test_what_waits_is_sent_and_gone(post: House) -> None:
    server = Server()
    queue(post, "a@example.com", "b@example.com")
    Mail(post.kernel, server).turn()
    assert sorted(one["To"] for one in server.taken) == ["a@example.com", "b@example.com"]
    assert server.taken[0]["From"] == "budgets@example.com"
    assert left(post) == 0
    assert {one["To"] for one in told(post, mail.EVENT)} == {"a@example.com", "b@example.com"}
    Mail(post.kernel, server).turn()
    assert len(server.taken) == 2


def test_a_refused_mail_is_tried_again_as_the_same_message(post: House, clock: FakeClock) -> None:
    server = Server()
    server.refusal = smtplib.SMTPServerDisconnected("gone")
    queue(post, "a@example.com")
    loop = Mail(post.kernel, server)
    assert loop.turn() == pytest.approx(mail.RETRY_SECONDS[0])
    server.refusal = None
    loop.turn()
    assert server.taken == [], "it is not due yet"
    clock.advance(mail.RETRY_SECONDS[0] + 1)
    loop.turn()
    [sent] = server.taken
    assert sent["Message-ID"].startswith("<")
    assert sent["Date"] == "Mon, 21 Sep 2026 14:13:20 -0000", "when it was written, not sent"
    rows = post.kernel.own_unit().connection.execute(
        "select error_code, error from audit where operation = ? order by seq", (mail.EVENT,)
    )
    codes = rows.fetchall()
    assert [bool(code) for code, _ in codes] == [True, False]
    assert "gone" in codes[0][1]


def test_after_a_day_of_refusals_it_is_given_up_and_said(post: House, clock: FakeClock) -> None:
    server = Server()
    server.refusal = smtplib.SMTPRecipientsRefused({"a@example.com": (550, b"no such user")})
    queue(post, "a@example.com")
    loop = Mail(post.kernel, server)
    began = clock.now()
    for _ in range(mail.TRIES_MAX):
        assert left(post) == 1
        clock.advance(loop.turn() + 1)
    assert left(post) == 0
    assert 20 * 3600 < clock.now() - began < 30 * 3600
    assert len(told(post, mail.EVENT)) == 2, "the first refusal and the last"


def test_a_subject_is_one_line(post: House) -> None:
    server = Server()
    queue(post, "a@example.com", subject="Budget a\r\nBcc: b@example.com")
    Mail(post.kernel, server).turn()
    assert server.taken[0]["Subject"] == "Budget a Bcc: b@example.com"
    assert server.taken[0]["Bcc"] is None


def test_the_password_is_read_from_its_file_at_each_sending(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("first\n")
    smtp = Smtp("h", 1, "a@b", user="u", password_file=file)
    assert mail.password(smtp) == "first"
    file.write_text("second")
    assert mail.password(smtp) == "second"


def test_without_a_server_what_waits_goes_on_waiting(tmp_path: Path, post: House) -> None:
    queue(post, "a@example.com")
    post.kernel.settings = Settings(state=post.settings.state, account_id=ACCOUNT)
    server = Server()
    Mail(post.kernel, server).turn()
    assert server.taken == []
    assert left(post) == 1


def test_the_mails_that_wait_are_bounded(post: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "WAITING_MAX", 3)
    queue(post, "a@example.com", "b@example.com")
    queue(post, "c@example.com", "d@example.com")
    queue(post, "e@example.com")
    assert left(post) == 3

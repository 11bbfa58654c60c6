"""Options that name a mail server."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from freehold.base.errors import Invalid
from freehold.base.settings import Smtp
from freehold.cli import smtp


def chosen(*words: str) -> Smtp | None:
    parser = argparse.ArgumentParser()
    smtp.add_to(parser)
    return smtp.chosen_server(parser.parse_args(words))


def test_nothing_named_nothing_sent() -> None:
    assert chosen() is None


def test_ports_follow_the_encryption() -> None:
    sender = ("--smtp-from", "a@example.com")
    assert chosen("--smtp", "mail.example.com", *sender) == Smtp(
        "mail.example.com", 587, "a@example.com"
    )
    tls = chosen("--smtp", "mail.example.com", *sender, "--smtp-tls", "tls")
    assert tls is not None
    assert (tls.port, tls.security) == (465, "tls")
    local = chosen("--smtp", "[::1]:2525", *sender, "--smtp-tls", "none")
    assert local is not None
    assert (local.host, local.port) == ("::1", 2525)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--smtp-from", "a@example.com"], "need --smtp"),
        (["--smtp", "mail.example.com"], "--smtp-from"),
        (["--smtp", "mail example", "--smtp-from", "a@b.c"], "HOST"),
        (["--smtp", "mail:99999", "--smtp-from", "a@b.c"], "HOST"),
        (["--smtp", "mail", "--smtp-from", "a@b.c", "--smtp-user", "u"], "go together"),
    ],
)
def test_what_is_half_said_is_refused(words: list[str], why: str) -> None:
    with pytest.raises(Invalid, match=why):
        chosen(*words)


def test_a_password_never_crosses_a_network_in_the_clear(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("secret")
    sign_in = ("--smtp-user", "u", "--smtp-password-file", str(file), "--smtp-tls", "none")
    with pytest.raises(Invalid, match="in the clear"):
        chosen("--smtp", "mail.example.com", "--smtp-from", "a@b.c", *sign_in)
    local = chosen("--smtp", "127.0.0.1:25", "--smtp-from", "a@b.c", *sign_in)
    assert local is not None
    assert local.password_file == file
    file.unlink()
    with pytest.raises(Invalid, match="is no file"):
        chosen("--smtp", "localhost:25", "--smtp-from", "a@b.c", *sign_in)

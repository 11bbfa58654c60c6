"""Options of ``freehold up`` that name a mail server; without them no mail ever leaves.

Output: ``Smtp`` of the settings, or None. The password stands in a file, so that neither a list of
processes nor a log shows it.
"""

from __future__ import annotations

import argparse
import ipaddress
import re
from pathlib import Path

from freehold.base.errors import Invalid
from freehold.base.settings import Smtp

PORTS = {"starttls": 587, "tls": 465, "none": 25}
SENDER = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9.\-]{1,189}")


def add_to(word: argparse.ArgumentParser) -> None:
    """Declare the options."""
    word.add_argument("--smtp", metavar="HOST[:PORT]", help="send budget alerts by this server")
    word.add_argument("--smtp-from", metavar="ADDRESS", help="the sender of alerts")
    word.add_argument(
        "--smtp-tls",
        choices=tuple(PORTS),
        default="starttls",
        help="how the connection is encrypted (default: starttls)",
    )
    word.add_argument("--smtp-user", metavar="NAME", help="sign in at the mail server")
    word.add_argument("--smtp-password-file", type=Path, metavar="FILE", help="its only content")


def chosen_server(chosen: argparse.Namespace) -> Smtp | None:
    """The server that was named.

    Raises:
        Invalid: Something is missing, or a password would cross a network in the clear.
    """
    if chosen.smtp is None:
        if chosen.smtp_from or chosen.smtp_user or chosen.smtp_password_file:
            raise Invalid("--smtp-from, --smtp-user and --smtp-password-file need --smtp HOST")
        return None
    host, port = _place(chosen.smtp, PORTS[chosen.smtp_tls])
    if not chosen.smtp_from or not SENDER.fullmatch(chosen.smtp_from):
        raise Invalid("--smtp needs --smtp-from with an e-mail address")
    if (chosen.smtp_user is None) != (chosen.smtp_password_file is None):
        raise Invalid("--smtp-user and --smtp-password-file go together")
    if chosen.smtp_user is not None:
        if chosen.smtp_tls == "none" and not _is_loopback(host):
            raise Invalid(f"--smtp-tls none would send the password to {host} in the clear")
        if not chosen.smtp_password_file.is_file():
            raise Invalid(f"--smtp-password-file {chosen.smtp_password_file} is no file")
    password_file = chosen.smtp_password_file
    return Smtp(
        host=host,
        port=port,
        sender=chosen.smtp_from,
        security=chosen.smtp_tls,
        user=chosen.smtp_user,
        password_file=None if password_file is None else password_file.absolute(),
    )


def _place(text: str, port: int) -> tuple[str, int]:
    """``host``, ``host:port`` or ``[address]:port``."""
    found = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.\-]+))(?::(\d{1,5}))?", text)
    if found is None or not 0 < int(found[3] or port) <= 65535:
        raise Invalid(f"--smtp {text!r} must be HOST or HOST:PORT")
    return found[1] or found[2], int(found[3] or port)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

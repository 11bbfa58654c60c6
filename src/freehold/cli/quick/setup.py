"""The word ``quick-setup``: makes one isolated domain on a running server, or nothing.

A client of the AWS API as any other, with the install's administrator's keys. Design section 4:
new domains get one execution role each with a tight policy, and the guards are on.
"""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from freehold.base.errors import Conflict, Fault, Invalid
from freehold.base.settings import state_directory
from freehold.cli.quick import guards
from freehold.cli.quick.clients import administrators_clients
from freehold.cli.quick.steps import Setup

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
DOMAIN_CHARS_MAX = 48  # with "AmazonSageMaker-" it is a role's name
WIDTH = 17


def add_to(words: Any) -> None:
    """Declare the word."""
    word: argparse.ArgumentParser = words.add_parser(
        "quick-setup",
        help="one isolated domain with its people, on a running server",
        description="Make a domain with an execution role of its own, a policy that keeps it to "
        "itself, a bucket and user profiles, and turn the account's isolation guards on. What is "
        "there already is left as it is; on a failure what was made is taken back.",
    )
    word.add_argument("--domain-name", required=True)
    word.add_argument("--user-profile-name", nargs="+", action="extend", default=[], metavar="NAME")
    word.add_argument("--state", type=Path, help="directory of the install")
    word.add_argument(
        "--parity", action="store_true", help="leave the guards as they are: AWS's own behaviour"
    )
    word.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Make it and say what it is."""
    state = (chosen.state or state_directory()).absolute()
    people = list(dict.fromkeys(chosen.user_profile_name))
    for option, name in (
        ("--domain-name", chosen.domain_name),
        *(("--user-profile-name", one) for one in people),
    ):
        longest = DOMAIN_CHARS_MAX if option == "--domain-name" else 63
        if not NAME.fullmatch(name) or len(name) > longest:
            raise Invalid(
                f"{option} {name!r}: letters, digits and hyphens between them, {longest} at most"
            )
    setup = Setup(administrators_clients(state), chosen.domain_name, _say)
    switch = None if chosen.parity else guards.Switch(state)
    set_up(setup, people, switch)
    print("\n" + "\n".join(next_words(setup, people, state)))
    return 0


def _say(how: str, what: str, name: str) -> None:
    print(f"  {how:7} {what:{WIDTH}} {name}", flush=True)


def set_up(setup: Setup, people: Sequence[str], switch: guards.Turns | None) -> None:
    """Every step in order; all of this run's or none.

    Args:
        setup: Fresh.
        people: Names of user profiles.
        switch: Turns the account's guards on; None leaves them as they are.

    Raises:
        Conflict: Something else has a name that is needed, or a step failed; the message tells
            what could not be taken back.
    """
    try:
        setup.role()
        setup.domain()
        setup.files()
        is_guarded = guard(setup, switch)
        setup.policy(with_lists=is_guarded)
        for name in people:
            setup.profile(name)
    except (Fault, BotoCoreError, ClientError, KeyboardInterrupt) as error:
        left = setup.take_back()
        told = error.message if isinstance(error, Fault) else (str(error) or "interrupted")
        rest = f"; still there: {', '.join(left)}" if left else ""
        raise Conflict(f"{told}{rest}") from error


def guard(setup: Setup, switch: guards.Turns | None) -> bool:
    """Turn the guards on; whether lists are confined now."""
    if switch is None:
        return False
    if switch.is_on():
        setup.say("exists", "guards", guards.STRICT)
        return True
    back: Callable[[], None] = switch.turn_on()
    setup.will_undo("guards isolation", back)
    setup.say("made", "guards", guards.STRICT)
    return True


def next_words(setup: Setup, people: Sequence[str], state: Path) -> list[str]:
    """What to type next."""
    given = f"--state {shlex.quote(str(state))}"
    person = people[0] if people else "NAME"
    lines = [f"The domain {setup.domain_name} ({setup.domain_id}) is ready. Type next:"]
    lines.append(f'  eval "$(freehold env {given})"')
    if not people:
        lines.append(
            f"  aws sagemaker create-user-profile --domain-id {setup.domain_id} "
            f"--user-profile-name {person}"
        )
    lines += [
        f"  aws sagemaker create-presigned-domain-url --domain-id {setup.domain_id} "
        f"--user-profile-name {person}",
        f'  eval "$(freehold credentials {given} --domain-id {setup.domain_id} '
        f'--user-profile-name {person})"    # or be them in this shell',
        "In notebooks, the SDK's files go to the domain's own bucket. Elsewhere, say so:",
        f'  sagemaker.Session(default_bucket="{setup.bucket}")',
        "Prove that nobody crosses:",
        f"  freehold isolation {given}",
    ]
    return lines

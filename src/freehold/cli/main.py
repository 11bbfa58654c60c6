"""Entry of the command: reads the words, calls the word's file, turns faults into one line.

Only the chosen word's file is imported: `freehold env` should not wait for the server's code.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from freehold import __version__
from freehold.base.errors import Fault
from freehold.cli.access.printing import show

WORDS = {
    "up": "start the server",
    "env": "export lines for an administrator's shell",
    "console": "where the web console is, and how to sign in",
    "credentials": "credentials of a profile or space, for this machine's administrator",
    "runtime": "install or list runtimes",
    "doctor": "what this host can do, and how to mend what it cannot",
    "demo": "two lines of business, end to end, on this machine",
    "quick-setup": "one isolated domain with its people, on a running server",
    "settings": "account settings: isolation guards, idle shutdown by price, quotas",
    "explain": "why a call was allowed or refused",
    "policy": "name the traps in policies, and their cures",
    "isolation": "prove that domains cannot reach each other, or show how they can",
    "domains": "every domain with its people, apps, files, network and money",
    "domain": "one domain: show it, delete it, back it up, restore it",
    "volumes": "file systems, also those that outlived their domains",
    "backup": "the whole install to one file, while it runs",
    "restore": "an install out of such a file",
}
# Where a word's file is not named for it.
PLACES = {
    "quick-setup": "quick.setup",
    "explain": "access.explain",
    "policy": "access.policy",
    "domains": "domains.overview",
    "domain": "domain.word",
    "volumes": "volumes.word",
    "backup": "backup.whole",
    "restore": "backup.whole_back",
}


def parser(chosen: str | None) -> argparse.ArgumentParser:
    """The chosen word with its options; without one, all words."""
    top = argparse.ArgumentParser(
        prog="freehold",
        description="SageMaker's domains on machines you own, behind AWS's own API.",
    )
    top.add_argument("--version", action="version", version=f"freehold {__version__}")
    words = top.add_subparsers(dest="word", metavar="COMMAND", required=True)
    for word, text in WORDS.items():
        if word == chosen:
            importlib.import_module(f"freehold.cli.{PLACES.get(word, word)}").add_to(words)
        else:
            words.add_parser(word, help=text)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 only if it did what it was asked."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given:
        top = parser(None)
        top.print_help(sys.stderr)
        top.exit(2, "\nStart with: freehold up --state ./state\n")
    word = next((text for text in given if not text.startswith("-")), None)
    try:
        chosen = parser(word).parse_args(given)
        return int(chosen.run(chosen) or 0)
    except Fault as fault:
        show([f"freehold {word}: {fault.message}"], sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 130

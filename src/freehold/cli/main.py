"""Entry of the command: reads the words, calls the word's file, turns faults into one line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from freehold import __version__
from freehold.base.errors import Fault
from freehold.cli import credentials, doctor, env, runtime, up

WORDS = (up, env, credentials, runtime, doctor)


def parser() -> argparse.ArgumentParser:
    """All words and their options."""
    top = argparse.ArgumentParser(
        prog="freehold",
        description="SageMaker's domains on machines you own, behind AWS's own API.",
    )
    top.add_argument("--version", action="version", version=f"freehold {__version__}")
    words = top.add_subparsers(dest="word", metavar="COMMAND", required=True)
    for word in WORDS:
        word.add_to(words)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 only if it did what it was asked."""
    chosen = parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen) or 0)
    except Fault as fault:
        print(f"freehold {chosen.word}: {fault.message}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 130

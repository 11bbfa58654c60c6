"""``freehold doctor``: what this host can do, and the one command that mends what it cannot."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import msgspec

from freehold.base.settings import Settings, state_directory
from freehold.host import doctor

MARKS = {"ok": "ok      ", "degraded": "degraded", "missing": "MISSING "}


def add_to(words: Any) -> None:
    """Declare the word."""
    word: argparse.ArgumentParser = words.add_parser(
        "doctor",
        help="what this host can do",
        description="Examine this host. Exits 1 if something that is needed is missing.",
    )
    word.add_argument("--state", type=Path, help="directory of the install")
    word.add_argument("--json", action="store_true", help="for programs")
    word.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print each finding with its reason, and the mend where there is one."""
    state = (chosen.state or state_directory()).absolute()
    findings = doctor.examine(Settings(state=state))
    if chosen.json:
        print(json.dumps([msgspec.to_builtins(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            print(f"{MARKS[finding.state]}  {finding.name}: {finding.reason}")
            if finding.mend:
                print(f"          mend: {finding.mend}")
    return 1 if any(finding.state == "missing" for finding in findings) else 0

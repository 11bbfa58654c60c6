"""Runs ``ip``, ``nft`` and ``nsenter``: the only way in which networks are changed here.

Input travels on stdin, so that neither its length nor its content matters to a shell. A command
that fails is an ``Internal`` with what it said; a namespace that is gone is told apart.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

from freehold.base.errors import Internal
from freehold.host.networks.names import path

PROGRAMS = ("ip", "nft", "nsenter")
SECONDS_MAX = 30.0
_SBIN = "/usr/sbin:/sbin:/usr/bin:/bin"


def found(program: str) -> str | None:
    """Where a program is; they lie in sbin, which not everybody's PATH has."""
    return shutil.which(program) or shutil.which(program, path=_SBIN)


def missing() -> list[str]:
    """What is not installed here."""
    return [program for program in PROGRAMS if found(program) is None]


def run(*argv: str, given: str = "") -> str:
    """What a command says.

    Raises:
        Internal: It is not there, failed, or did not end.
    """
    program = found(argv[0]) or argv[0]
    try:
        done = subprocess.run(
            (program, *argv[1:]),
            input=given,
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
            env={"PATH": _SBIN, "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Internal(f"{argv[0]} does not run: {error}", retryable=True) from error
    if done.returncode:
        said = " ".join(done.stderr.split()) or f"status {done.returncode}"
        raise Internal(f"{' '.join(argv)} failed: {said[:500]}", detail=given, retryable=True)
    return done.stdout


def within(namespace: str, *argv: str, given: str = "") -> str:
    """The same inside a network namespace of ours."""
    return run("nsenter", f"--net={path(namespace)}", "--", found(argv[0]) or argv[0], *argv[1:],
               given=given)  # fmt: skip


def ip(lines: list[str], namespace: str = "", *, forgives: bool = False) -> None:
    """Carry out lines of ``ip``, in order, in one process. ``forgives``: go on after a failure."""
    options = [*(("-n", namespace) if namespace else ()), *(("-force",) if forgives else ())]
    try:
        run("ip", *options, "-batch", "-", given="\n".join(lines) + "\n")
    except Internal:
        if not forgives:
            raise


def ask(*words: str, namespace: str = "") -> list[dict[str, Any]]:
    """What ``ip`` shows, as it tells programs."""
    options = ("-n", namespace) if namespace else ()
    answer = run("ip", *options, "-j", "-4", *words)
    return [one for one in json.loads(answer or "[]") if one]


def nft(text: str, namespace: str = "") -> None:
    """Carry out rules: all of them or none."""
    if namespace:
        within(namespace, "nft", "-f", "-", given=text)
    else:
        run("nft", "-f", "-", given=text)

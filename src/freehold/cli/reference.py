"""Writes ``docs/reference/``: what we serve, read off the registry, and what we refuse by name.

Input: the declared services and AWS's own models. Output: Markdown, the same for the same code.
``python -m freehold.cli.reference docs/reference [--check]``; with ``--check`` nothing is
written, and the exit code is 1 where a page is stale.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from freehold.kernel.declare.operation import Operation, on_everything
from freehold.kernel.declare.service import Service
from freehold.services.catalog import SERVICES
from freehold.spec import load

COMMAND = "python -m freehold.cli.reference docs/reference"
HEAD = f"""\
# Operations

Made from the registry by `{COMMAND}`: do not edit.
AWS's own models are those of botocore {version("botocore")}.

Every operation below is signed, authorized by policy and audited. *Action* is what policies name;
*resource* is what permission is asked on (`*`: everything, as AWS has it; "any": what the
request names); *tags* tells whether the request may carry tags; *mode* is how it runs: `read` at
once, `slow` on a pool, `write` in a transaction. *Keys* are condition keys beside the global ones
and those of tags; `+iam:PassRole` says that a role is handed over, which is asked as well.

An operation that AWS has and we do not is refused by its name, after authorization: HTTP 400,
`UnsupportedOperationException` (EC2: `UnsupportedOperation`, S3: `NotImplemented`).
"""


def pages() -> dict[str, str]:
    """All pages by file name."""
    return {"operations.md": operations(SERVICES)}


def operations(services: Iterable[Service]) -> str:
    """The page of operations: a summary, then each service with what it serves and refuses."""
    ordered = sorted(services, key=lambda service: service.name)
    parts = [HEAD, *_summary(ordered)]
    for service in ordered:
        parts += ["", f"## {service.name}", "", *_served(service), "", *_refused(service)]
    known = {service.name for service in ordered}
    absent = sorted(name for name in load.SERVICES if name not in known)
    if absent:
        parts += ["", "## Services that are only refused", ""]
        parts += ["Their calls are understood, and every one is refused by name.", ""]
        parts += [
            f"- {name}: {_plural(len(load.service(name).operations), 'operation')}"
            for name in absent
        ]
    return "\n".join(parts) + "\n"


def _summary(services: Sequence[Service]) -> Iterator[str]:
    yield "| service | served | refused | AWS has |"
    yield "| --- | ---: | ---: | ---: |"
    for service in services:
        served, known = len(service.operations), len(service.model.operations)
        yield f"| [{service.name}](#{service.name}) | {served} | {known - served} | {known} |"


def _served(service: Service) -> Iterator[str]:
    yield f"{_plural(len(service.operations), 'operation')} served."
    yield ""
    yield "| operation | action | resource | tags | mode | keys |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name in sorted(service.operations):
        operation = service.operations[name]
        cells = (
            f"`{name}`",
            _action(operation),
            _resource(operation),
            "yes" if operation.is_taggable else "",
            operation.mode,
            _keys(operation),
        )
        yield f"|{'|'.join(f' {cell} ' if cell else ' ' for cell in cells)}|"


def _action(operation: Operation) -> str:
    return "none needed" if operation.needs_no_permission else f"`{operation.action}`"


def _resource(operation: Operation) -> str:
    if operation.needs_no_permission:
        return ""
    if operation.target is on_everything:
        return "`*`"
    return "any" if operation.resource is None else operation.resource.name


def _keys(operation: Operation) -> str:
    known = {key for key, _, _ in operation.readers()}
    keys = [f"`{key}`" for key in sorted(operation.keys) if key.lower() in known]
    if operation.passes:
        keys.append("`+iam:PassRole`")
    return ", ".join(keys)


def _refused(service: Service) -> Iterator[str]:
    names = sorted(set(service.model.operations) - set(service.operations))
    yield f"{_plural(len(names), 'operation')} refused by name{':' if names else '.'}"
    if names:
        yield ""
        yield "<details><summary>show</summary>"
        yield ""
        yield ", ".join(names) + "."
        yield ""
        yield "</details>"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or with ``--check`` tell which are stale."""
    parser = argparse.ArgumentParser(prog="python -m freehold.cli.reference")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 where stale")
    chosen = parser.parse_args(arguments)
    stale = [name for name, text in pages().items() if _read(chosen.directory / name) != text]
    if chosen.check:
        for name in stale:
            print(f"{chosen.directory / name} is stale: run `{COMMAND}`", file=sys.stderr)
        return 1 if stale else 0
    chosen.directory.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (chosen.directory / name).write_text(pages()[name])
    return 0


def _read(place: Path) -> str | None:
    return place.read_text() if place.exists() else None


if __name__ == "__main__":
    raise SystemExit(main())

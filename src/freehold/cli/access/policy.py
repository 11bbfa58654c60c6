"""``freehold policy lint``: the traps in a policy, and the form that has none.

Reads a file, standard input, or the policies of a state directory; changes nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

from freehold.base.errors import Fault, Invalid, NotFound
from freehold.base.settings import state_directory
from freehold.cli.access import stored
from freehold.cli.access.misses import misses
from freehold.cli.access.printing import show
from freehold.cli.access.reading import reader
from freehold.cli.access.stored import Stored
from freehold.kernel.declare.aws_facts import AwsFacts
from freehold.kernel.permission import identity
from freehold.policy.document import PolicyKind, parse
from freehold.policy.lint import Facts, Finding, Tight, domain_of, lint, tighten
from freehold.store.unit import Unit

CLEAN, FOUND, UNREADABLE = 0, 1, 2
# What nobody confined to a domain does to another's resources.
_PROBES = ("sagemaker:DescribeModel", "sagemaker:UpdatePipeline", "sagemaker:DeleteExperiment")


class Report(NamedTuple):
    """What was found in one policy."""

    place: str
    arn: str | None
    findings: tuple[Finding, ...]
    tight: Tight | None


def add_to(words: Any) -> None:
    """Declare the word."""
    word: argparse.ArgumentParser = words.add_parser(
        "policy",
        help="name the traps in policies, and their cures",
        description="Work on policy documents.",
    )
    actions = word.add_subparsers(dest="action", metavar="ACTION", required=True)
    linting = actions.add_parser(
        "lint",
        help="name the traps, and offer the tight form",
        description="Name the traps in policies: what IAM stores without a word and people regret."
        " Exit code 0: none, 1: some, 2: cannot be read.",
    )
    what = linting.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", metavar="FILE", help="a policy document; - is stdin")
    what.add_argument("--all", action="store_true", help="every policy of the install")
    what.add_argument("--policy-arn", metavar="ARN", help="a managed policy of the install")
    what.add_argument("--role-name", help="all policies of a role, its trust policy too")
    what.add_argument("--user-name", help="all policies of a user, its groups' too")
    linting.add_argument("--kind", choices=get_args(PolicyKind), help="what the FILE will stand as")
    linting.add_argument("--state", type=Path, help="directory of the install")
    shown = linting.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="a JSON document for programs")
    shown.add_argument("--tight", action="store_true", help="print the tight form and nothing else")
    linting.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print what was found."""
    try:
        reports = list(_reports(chosen))
    except Fault as fault:
        print(f"freehold policy lint: {fault.message}", file=sys.stderr)
        return UNREADABLE
    if chosen.tight:
        return _print_tight(reports)
    if chosen.json:
        print(json.dumps([_document(report) for report in reports], indent=2))
    else:
        for report in reports:
            show(_told(report))
        if len(reports) != 1:
            faulty = sum(bool(report.findings) for report in reports)
            print(f"{len(reports)} policies, {faulty} with findings")
    return FOUND if any(report.findings for report in reports) else CLEAN


def _print_tight(reports: list[Report]) -> int:
    offered = [report.tight for report in reports if report.tight is not None]
    if len(offered) != 1:
        print(
            "freehold policy lint: a tight form is offered for the documented isolation policies, "
            f"one at a time; {len(offered)} of them are here",
            file=sys.stderr,
        )
        return FOUND
    print(json.dumps(offered[0].document, indent=2))
    return CLEAN


# -- what is looked at ----------------------------------------------------------------------------


def _reports(chosen: argparse.Namespace) -> Iterator[Report]:
    facts = AwsFacts()
    if chosen.file is not None:
        text = _read(chosen.file)
        kind = chosen.kind or _kind(text)
        place = "standard input" if chosen.file == "-" else chosen.file
        yield _report(Stored(kind, place, None, text, place, 0.0), facts)
        return
    if chosen.kind is not None:
        raise Invalid("--kind is for a FILE; stored policies are read as what they are")
    with reader((chosen.state or state_directory()).absolute()) as unit:
        if chosen.all:
            yield from (_report(one, facts) for one in stored.of_account(unit))
        elif chosen.policy_arn:
            yield _report(_managed(unit, chosen.policy_arn), facts)
        else:
            yield from _of_holder(unit, chosen, facts)


def _read(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{name} cannot be read: {error}") from error


def _kind(text: str) -> PolicyKind:
    """What a document is by its looks: only some kinds name principals."""
    try:
        found = json.loads(text)["Statement"]
        statements = [one for one in (found if isinstance(found, list) else [found]) if one]
        if not any("Principal" in one or "NotPrincipal" in one for one in statements):
            return "identity"
        return "resource" if any("Resource" in one for one in statements) else "trust"
    except (ValueError, KeyError, TypeError, RecursionError):
        return "identity"


def _managed(unit: Unit, arn: str) -> Stored:
    found = stored.managed(unit, arn)
    if found is None:
        raise NotFound(f"there is no policy {arn}")
    return found


def _of_holder(unit: Unit, chosen: argparse.Namespace, facts: Facts) -> Iterator[Report]:
    kind = identity.ROLE if chosen.role_name else identity.USER
    name = chosen.role_name or chosen.user_name
    holder = unit.named(kind, name)
    if holder is None:
        raise NotFound(f"there is no {kind.rpartition(':')[2]} {name}")
    policies = list(stored.of_holder(unit, holder))
    reports = [_report(one, facts) for one in policies]
    isolating = [one for one in policies if domain_of(one.text) is not None]
    for one, report in zip(policies, reports, strict=True):
        beside = [other.place for other in isolating if other is not one]
        broad = _broad(one, holder.arn, beside) if beside and one not in isolating else ()
        yield report._replace(findings=(*report.findings, *broad))
    for more in (stored.boundary(unit, holder), stored.on(holder)):
        if more is not None:
            yield _report(more, facts)


def _broad(one: Stored, holder: str, beside: list[str]) -> Iterator[Finding]:
    """Grants without regard to tags: allows are a union, so they undo an isolation policy."""
    partition, account = holder.split(":")[1], holder.split(":")[4]
    resource = f"arn:{partition}:sagemaker:us-east-1:{account}:model/of-another-domain"
    foreign = {
        "aws:resourcetag/sagemaker:domain-arn": "another",
        "aws:requestedregion": "us-east-1",
    }
    labels: dict[str, list[str]] = {}
    for action in _PROBES:
        for miss in misses(one.text, one.kind, action, resource, foreign) or ():
            if not miss.reasons:
                labels.setdefault(miss.statement, []).append(action)
    for label, actions in labels.items():
        yield Finding(
            "beside-broad-grant",
            label,
            f"this allows {', '.join(actions)} on every domain's resources, so that "
            f"{', '.join(beside)} isolates nothing: what any policy allows is allowed",
            "detach it, or give it the same condition on aws:ResourceTag/sagemaker:domain-arn",
        )


def _report(one: Stored, facts: Facts) -> Report:
    try:
        findings = lint(parse(one.text, one.kind), facts)
    except Invalid as fault:
        raise Invalid(f"{one.place}: {fault.code}: {fault.message}") from fault
    tight = tighten(one.text) if findings and one.kind == "identity" else None
    return Report(one.place, one.arn, findings, tight)


# -- how it is told -------------------------------------------------------------------------------


def _document(report: Report) -> dict[str, Any]:
    return {
        "Policy": report.place,
        "Arn": report.arn,
        "Findings": [
            {
                "Trap": found.trap,
                "Statement": found.statement,
                "Message": found.message,
                "Instead": found.instead,
            }
            for found in report.findings
        ],
        "Tight": None if report.tight is None else report.tight.document,
        "TightNotes": [] if report.tight is None else list(report.tight.notes),
    }


def _told(report: Report) -> Iterator[str]:
    count = len(report.findings)
    yield f"{report.place}: {'clean' if not count else f'{count} finding' + 's' * (count > 1)}"
    for found in report.findings:
        yield f"  {found.trap} (statement {found.statement})"
        yield f"    {found.message}"
        yield f"    instead: {found.instead}"
    if report.tight is not None:
        yield "  This is the documented isolation policy. Attach this in its place:"
        yield from (f"  - {note}" for note in report.tight.notes)
        yield json.dumps(report.tight.document, indent=2)

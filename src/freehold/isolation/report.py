"""What was found, pair by pair: for people at night, and for programs.

``examine.py`` adds findings; ``cli/isolation.py`` prints. Findings that say the same (who, how,
by which statement) are one block that names all its operations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from freehold.isolation.asking.actors import Actor
from freehold.isolation.asking.choices import TAGS
from freehold.isolation.becoming.steps import Step
from freehold.isolation.crossings.crossing import Crossing
from freehold.isolation.cures import cure

Severity = Literal["leak", "shared", "lists"]
BLOCKS_MAX = 12  # of a pair, unless all are asked for
NAMES_MAX = 6


@dataclass(frozen=True, slots=True)
class Finding:
    """One way from ``home`` to ``other`` (domain ids). ``why``: the principal's home is known."""

    home: str
    other: str
    first: Actor
    chain: list[Step]
    actor: Actor
    crossing: Crossing
    why: str

    @property
    def severity(self) -> Severity:
        """leak; shared: the first reads it by its own settings; lists: names are shown only."""
        crossing = self.crossing
        if crossing.form.severity == "lists":
            return "lists"
        if self.home in crossing.readers and crossing.form.reads:
            return "shared"
        return "leak"

    @property
    def is_exact(self) -> bool:
        """False: possible, where the search was cut off or a principal taken for more."""
        steps = all(step.is_exact for step in self.chain)
        return self.crossing.is_exact and steps and not self.actor.is_doubtful

    @property
    def statement(self) -> str:
        """The policy and statement that let the last step."""
        decision = self.crossing.decision
        return f"{decision.policy} {decision.statement}"

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal for findings that are one block."""
        steps = tuple((step.how, step.on) for step in self.chain)
        kind = {"tag": "tags", "untag": "tags", "listing": "keys"}.get(shape := self.shape, shape)
        return (self.first.arn, steps, self.actor.arn, self.statement, self.severity, kind)

    @property
    def shape(self) -> str:
        """What kind of way the last step is."""
        return self.crossing.form.shape


@dataclass(slots=True)
class Block:
    """Findings that differ in operation only."""

    findings: list[Finding]

    @property
    def first(self) -> Finding:
        """The one that speaks for them: what changes something, before what only reads."""
        return min(self.findings, key=lambda one: one.crossing.form.reads)

    @property
    def operations(self) -> list[str]:
        """All operations, by name."""
        return sorted({name for one in self.findings for name in one.crossing.form.names})


@dataclass(slots=True)
class Report:
    """All pairs with all findings."""

    domains: dict[str, str]
    only: str | None = None
    guards: frozenset[str] = frozenset()
    unexamined: list[str] = field(default_factory=list)
    homeless: list[str] = field(default_factory=list)
    principals: int = 0
    things: int = 0
    operations: int = 0
    asked: int = 0
    findings: dict[tuple[str, str], dict[tuple[Any, ...], Block]] = field(default_factory=dict)

    def concerns(self, home: str, other: str) -> bool:
        """Whether a pair was asked for."""
        return self.only is None or self.only in (home, other)

    def add(self, finding: Finding) -> None:
        """Add a way that was found."""
        blocks = self.findings.setdefault((finding.home, finding.other), {})
        blocks.setdefault(finding.key, Block([])).findings.append(finding)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every ordered pair that was asked for."""
        for home in self.domains:
            for other in self.domains:
                if home != other and self.concerns(home, other):
                    yield home, other

    def blocks(self, home: str, other: str, *severities: Severity) -> list[Block]:
        """The blocks of a pair, shortest chain first."""
        found = [
            block
            for block in self.findings.get((home, other), {}).values()
            if block.first.severity in severities
        ]
        return sorted(found, key=lambda block: (len(block.first.chain), block.first.key))

    def is_isolated(self, *, is_strict: bool = False) -> bool:
        """Whether nothing leaks. Strict: names and what both use count, too."""
        return not any(self.blocks(*pair, *_counted(is_strict)) for pair in self.pairs())


def _counted(is_strict: bool) -> tuple[Severity, ...]:
    return ("leak", "shared", "lists") if is_strict else ("leak",)


# -- for people -----------------------------------------------------------------------------------


def text(report: Report, *, is_strict: bool = False, is_verbose: bool = False) -> Iterator[str]:
    """Lines to print: the table of pairs, then one short block a leak."""
    names = report.domains
    width = max((len(name) for name in names.values()), default=0)
    pairs = list(report.pairs())
    if not pairs:
        yield "There are fewer than two domains: nothing can cross."
    for home, other in pairs:
        leaks = report.blocks(home, other, *_counted(is_strict))
        lesser = report.blocks(home, other, "lists", "shared") if not is_strict else []
        verdict = f"LEAK {len(leaks)}" if leaks else "isolated"
        note = _note(lesser)
        yield f"{names[home]:>{width}} -> {names[other]:<{width}}  {verdict}{note}"
    for home, other in pairs:
        shown = _counted(is_strict or is_verbose)
        blocks = report.blocks(home, other, *shown)
        limit = len(blocks) if is_verbose else BLOCKS_MAX
        for block in blocks[:limit]:
            yield ""
            yield from _block(report, block)
        if len(blocks) > limit:
            yield ""
            yield (
                f"... and {len(blocks) - limit} more ways from {names[home]} to {names[other]}: "
                "--verbose"
            )
    yield ""
    yield from _closing(report, is_verbose=is_verbose)


def _note(lesser: list[Block]) -> str:
    said = []
    if any(block.first.severity == "lists" for block in lesser):
        said.append("sees names")
    if any(block.first.severity == "shared" for block in lesser):
        said.append("reads what both use")
    return f" ({', '.join(said)})" if said else ""


def _block(report: Report, block: Block) -> Iterator[str]:
    finding = block.first
    crossing = finding.crossing
    names = report.domains
    word = {"leak": "LEAK", "shared": "SHARED", "lists": "NAMES"}[finding.severity]
    doubt = "" if finding.is_exact else "  (possible, not proven)"
    yield f"{word}  {names[finding.home]} -> {names[finding.other]}{doubt}"
    yield f"  who    {finding.first.arn}" + (f"  ({finding.why})" if finding.why else "")
    for step in finding.chain:
        yield f"  then   {step.text}"
        yield f"         by {step.action}: {step.decision.policy} {step.decision.statement}"
    operations = block.operations
    shown = ", ".join(operations[:NAMES_MAX])
    rest = f" and {len(operations) - NAMES_MAX} more" if len(operations) > NAMES_MAX else ""
    yield f"  may    {shown}{rest}"
    count = max(one.crossing.count for one in block.findings)
    more = f"  (and {count - 1} like it)" if count > 1 else ""
    yield f"  on     {crossing.example}{more}"
    chosen = witness(crossing)
    if chosen:
        yield f"  with   {', '.join(f'{key} = {value}' for key, value in chosen.items())}"
    yield f"  since  policy {crossing.decision.policy}, statement {crossing.decision.statement}"
    yield f"  cure   {cure(finding.home, finding.chain, crossing)}"


def witness(crossing: Crossing) -> dict[str, str]:
    """What the caller chose, so that the statement held."""
    found: dict[str, str] = {}
    for key, value in crossing.witness.items():
        if key == TAGS and crossing.form.shape != "new":  # what the server stamps is no choice
            tags = {name: one for name, one in value.items() if "/" in name}
            found |= {name: _plain(one) for name, one in (tags or value).items()}
        elif key == TAGS:
            continue
        elif value is not None:
            found[key] = _plain(value)
    return found


def _plain(value: Any) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _closing(report: Report, *, is_verbose: bool) -> Iterator[str]:
    yield (
        f"{len(report.domains)} domains, {report.principals} principals, {report.things} things, "
        f"{report.operations} operations: {report.asked:,} decisions."
    )
    if report.homeless:
        yield (
            f"{len(report.homeless)} users and roles belong to no domain and were not asked about "
            "(administrators?): --home ARN=DOMAIN gives one a home."
        )
        if is_verbose:
            yield from (f"  {arn}" for arn in report.homeless)
    if report.unexamined and is_verbose:
        yield f"Operations of no known form, not examined: {', '.join(report.unexamined)}"


# -- for programs ---------------------------------------------------------------------------------


def document(report: Report, *, is_strict: bool = False) -> dict[str, Any]:
    """The report as JSON."""
    return {
        "isolated": report.is_isolated(is_strict=is_strict),
        "domains": report.domains,
        "guards": sorted(report.guards),
        "pairs": [
            {
                "from": home,
                "to": other,
                "isolated": not report.blocks(home, other, *_counted(is_strict)),
                "findings": [
                    _as_json(block)
                    for block in report.blocks(home, other, "leak", "shared", "lists")
                ],
            }
            for home, other in report.pairs()
        ],
        "principals": report.principals,
        "things": report.things,
        "operations": report.operations,
        "decisions": report.asked,
        "homeless": report.homeless,
        "unexamined": report.unexamined,
    }


def _as_json(block: Block) -> dict[str, Any]:
    finding = block.first
    crossing = finding.crossing
    return {
        "severity": finding.severity,
        "exact": finding.is_exact,
        "principal": finding.first.arn,
        "home_because": finding.why,
        "chain": [
            {
                "how": step.how,
                "text": step.text,
                "action": step.action,
                "on": step.on,
                "policy": step.decision.policy,
                "statement": step.decision.statement,
            }
            for step in finding.chain
        ],
        "operations": block.operations,
        "actions": sorted({one.crossing.form.action for one in block.findings}),
        "example": crossing.example,
        "count": max(one.crossing.count for one in block.findings),
        "policy": crossing.decision.policy,
        "statement": crossing.decision.statement,
        "layer": crossing.decision.layer,
        "witness": witness(crossing),
        "cure": cure(finding.home, finding.chain, crossing),
    }

"""From the report of an examination to findings that are kept, and their life from run to run.

A way that is found again keeps its id and its age; one that is found no more is RESOLVED. Ways that
only show names, or read what both domains use, are ARCHIVED from the start, as an archive rule
would do it. The report is ``isolation/report.py``'s document.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]

FINDINGS_MAX = 5_000  # kept at once; the run tells how many were left out
RESOLVED_SECONDS = 90 * 86_400.0  # AWS deletes resolved findings after 90 days


def merged(known: Document, found: list[Document], now: float) -> tuple[Document, int]:
    """What is kept after a run, by id, and how many findings were left out.

    Args:
        known: What was kept before.
        found: From ``of_report``.
        now: Epoch seconds.
    """
    kept: Document = {}
    for one in found[:FINDINGS_MAX]:
        before = known.get(one["id"])
        is_again = before is not None and before["status"] != "RESOLVED"
        first = "ACTIVE" if one["condition"]["freehold:severity"] == "leak" else "ARCHIVED"
        kept[one["id"]] = one | {
            "status": before["status"] if before is not None and is_again else first,
            "createdAt": now if before is None else before["createdAt"],
            "updatedAt": before["updatedAt"] if before is not None and is_again else now,
            "analyzedAt": now,
        }
    for key, one in known.items():
        if key in kept or len(kept) >= FINDINGS_MAX:
            continue
        if one["status"] != "RESOLVED":
            kept[key] = one | {"status": "RESOLVED", "updatedAt": now, "analyzedAt": now}
        elif now - one["updatedAt"] < RESOLVED_SECONDS:
            kept[key] = one
    return kept, max(0, len(found) - FINDINGS_MAX)


def of_report(report: Document, prefix: str) -> list[Document]:
    """The findings of a report, leaks first; ``prefix`` comes before a domain's id in its ARN."""
    order = {"leak": 0, "shared": 1, "lists": 2}
    found = [
        _finding(report, pair, one, prefix) for pair in report["pairs"] for one in pair["findings"]
    ]
    found.sort(key=lambda one: order[one["condition"]["freehold:severity"]])
    return list(_numbered(found))


def _numbered(found: list[Document]) -> Iterator[Document]:
    """Ids of their own for ways that are told alike."""
    seen: dict[str, int] = {}
    for one in found:
        name = one["id"]
        seen[name] = seen.get(name, 0) + 1
        name = name if seen[name] == 1 else f"{name}#{seen[name]}"
        yield one | {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, name))}


def _finding(report: Document, pair: Document, one: Document, prefix: str) -> Document:
    names = report["domains"]
    steps = [[step["how"], step["on"]] for step in one["chain"]]
    same = [pair["from"], pair["to"], one["principal"], steps, one["policy"], one["statement"]]
    told = {
        "severity": one["severity"],
        "from": f"{names[pair['from']]} ({pair['from']})",
        "to": f"{names[pair['to']]} ({pair['to']})",
        "policy": one["policy"],
        "statement": one["statement"],
        "layer": one["layer"],
        "operations": ", ".join(one["operations"]),
        "count": str(one["count"]),
        "exact": str(one["exact"]).lower(),
        "chain": "; ".join(step["text"] for step in one["chain"]),
        "home-because": one["home_because"],
        "cure": one["cure"],
    }
    condition = {f"freehold:{key}": str(value) for key, value in told.items() if value}
    return {
        "id": json.dumps([*same, one["severity"]]),
        "from": prefix + pair["from"],
        "to": prefix + pair["to"],
        "principal": one["principal"],
        "actions": one["actions"],
        "resource": one["example"],
        "condition": condition | {key: str(value) for key, value in one["witness"].items()},
    }

"""The analyzer ``freehold-isolation``: when it looked last, at what, and a way to make it look.

It is of type ACCOUNT, and its zone of trust is the domain: a finding is a way from one domain to
another. Its tags, all under ``freehold:``, tell what AWS's members cannot.
"""

from __future__ import annotations

from typing import Any

from freehold.base.clock import iso
from freehold.base.errors import Invalid
from freehold.kernel.analysis import kept
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.services.access_analyzer.service import ANALYZER, access_analyzer, analyzer_of


@access_analyzer.operation("ListAnalyzers")
def list_analyzers(call: Call, request: Document) -> Document:
    """The one analyzer, if it is of the type asked for.

    Raises:
        Invalid: With a token: there is no page behind the first.
    """
    if request.get("nextToken"):
        raise Invalid("The nextToken is none of ours: there is one analyzer, and one page.")
    if request.get("type", "ACCOUNT") != "ACCOUNT":
        return {"analyzers": []}
    return {"analyzers": [shown(call, record) for record in call.all(ANALYZER)]}


@access_analyzer.operation("GetAnalyzer", on=ANALYZER)
def get_analyzer(call: Call, request: Document) -> Document:
    """The analyzer with its last run."""
    return {"analyzer": shown(call, analyzer_of(call, request))}


@access_analyzer.operation("StartResourceScan", on=ANALYZER, mode="write")
def start_resource_scan(call: Call, request: Document) -> None:
    """Ask for a fresh run, which looks at all domains, whichever resource is named.

    It begins as soon as the one in hand, if any, has ended; asking twice is asking once.

    Raises:
        Invalid: The resource is another account's.
    """
    record = analyzer_of(call, request)
    owner = request.get("resourceOwnerAccount", call.account_id)
    if owner != call.account_id:
        raise Invalid(f"resourceOwnerAccount can only be {call.account_id}, not {owner}.")
    document = record.document
    document[kept.ASKED] = {"at": call.now, "resource": request["resourceArn"]}
    call.move(record)
    call.update(record)


def shown(call: Call, record: Record) -> Document:
    """The analyzer as answers give it."""
    document = record.document
    found = {key: value for key, value in document.items() if not key.startswith("_")}
    found |= {"status": "ACTIVE", "tags": _tags(call, document)}
    run = document.get(kept.RUN)
    if run is not None:
        found["lastResourceAnalyzedAt"] = run["ended"]
        found["lastResourceAnalyzed"] = run.get("resource") or record.arn
    return found


def _tags(call: Call, document: dict[str, Any]) -> dict[str, str]:
    tags = {"freehold:run": _state(document)}
    if (since := document.get(kept.RUNNING)) is not None:
        tags["freehold:running-since"] = iso(since)
    run = document.get(kept.RUN)
    if run is not None:
        tags |= {
            "freehold:verdict": "isolated" if run["isolated"] else "leaks",
            "freehold:began": iso(run["began"]),
            "freehold:stale": str(kept.is_stale(call.unit, document)).lower(),
            "freehold:guards": ",".join(run["guards"]) or "none",
        }
        tags |= {f"freehold:{name}": str(run[name]) for name in COUNTS}
    if (failure := document.get(kept.FAILURE)) is not None:
        tags |= {"freehold:failed-at": iso(failure["at"]), "freehold:failure": failure["why"]}
    return tags


COUNTS = ("domains", "principals", "things", "operations", "decisions", "left-out")


def _state(document: dict[str, Any]) -> str:
    """running, queued, failed (the last run), done, or never."""
    if kept.RUNNING in document:
        return "running"
    if kept.ASKED in document:
        return "queued"
    if kept.FAILURE in document:
        return "failed"
    return "done" if kept.RUN in document else "never"

"""Findings of the analyzer: each is one way from one domain to things of another.

What AWS's members cannot say stands in ``condition``, under ``freehold:``: from which domain to
which, by which statement of which policy, through which chain, and its cure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from freehold.base.errors import Invalid, NotFound
from freehold.kernel.analysis import kept
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.trail import terms
from freehold.services.access_analyzer.service import ANALYZER, access_analyzer, analyzer_of

PAGE_DEFAULT = 100
SORTS = ("id", "resource", "resourceType", "status", "createdAt", "updatedAt", "analyzedAt")
TYPE = "ExternalAccess"
# The second versions have no actions of their own (Service Authorization Reference).
LIST, GET = "access-analyzer:ListFindings", "access-analyzer:GetFinding"
Show = Callable[[Call, Document], Document]


@access_analyzer.operation("ListFindings", on=ANALYZER, mode="slow")
def list_findings(call: Call, request: Document) -> Document:
    """Findings that fit the filter, whole."""
    return _listed(call, request, first)


@access_analyzer.operation("ListFindingsV2", on=ANALYZER, mode="slow", action=LIST)
def list_findings_v2(call: Call, request: Document) -> Document:
    """Findings that fit the filter, in short."""
    return _listed(call, request, second)


@access_analyzer.operation("GetFinding", on=ANALYZER, mode="slow")
def get_finding(call: Call, request: Document) -> Document:
    """One finding.

    Raises:
        NotFound: There is none of that id, or its domains are not the caller's to see.
    """
    return {"finding": first(call, _one(call, request))}


@access_analyzer.operation("GetFindingV2", on=ANALYZER, mode="slow", action=GET)
def get_finding_v2(call: Call, request: Document) -> Document:
    """One finding with its details: one page of one.

    Raises:
        NotFound: There is none of that id, or its domains are not the caller's to see.
    """
    if request.get("nextToken"):
        raise Invalid("The nextToken is none of ours: a finding has one page.")
    whole = first(call, _one(call, request))
    members = ("action", "condition", "isPublic", "principal", "sources")
    details = {name: whole[name] for name in members}
    return second(call, _one(call, request)) | {
        "findingDetails": [{"externalAccessDetails": details}]
    }


@access_analyzer.operation("GetFindingsStatistics", on=ANALYZER, mode="slow")
def get_findings_statistics(call: Call, request: Document) -> Document:
    """How many findings there are, by status and by type of resource."""
    record = analyzer_of(call, request)
    found = _seen(call, record)
    by_status = Counter(one["status"] for one in found)
    active = [one for one in found if one["status"] == "ACTIVE"]
    by_type = Counter(terms.resource_type(one["resource"]) for one in active)
    statistics = {
        "resourceTypeStatistics": {
            name: {"totalActivePublic": 0, "totalActiveCrossAccount": count, "totalActiveErrors": 0}
            for name, count in sorted(by_type.items())
        },
        "totalActiveFindings": by_status["ACTIVE"],
        "totalArchivedFindings": by_status["ARCHIVED"],
        "totalResolvedFindings": by_status["RESOLVED"],
    }
    answer: Document = {"findingsStatistics": [{"externalAccessFindingsStatistics": statistics}]}
    run = record.document.get(kept.RUN)
    return answer | ({} if run is None else {"lastUpdatedAt": run["ended"]})


@access_analyzer.operation("UpdateFindings", on=ANALYZER, mode="write")
def update_findings(call: Call, request: Document) -> None:
    """Archive findings, or take them back; by id, or all of one resource.

    Raises:
        Invalid: Neither ids nor a resource, or both.
        NotFound: There is no finding of one of the ids; nothing was changed.
    """
    ids, resource = request.get("ids"), request.get("resourceArn")
    if bool(ids) == bool(resource):
        raise Invalid("Give either ids or resourceArn.")
    record = analyzer_of(call, request)
    findings = record.document.get(kept.FINDINGS, {})
    meant = list(ids or ()) or [key for key, one in findings.items() if one["resource"] == resource]
    for key in meant:
        if key not in findings:
            raise NotFound(f"Finding {key} does not exist.")
        if findings[key]["status"] not in ("RESOLVED", request["status"]):
            findings[key] |= {"status": request["status"], "updatedAt": call.now}
    call.update(record)


def _one(call: Call, request: Document) -> Document:
    record = analyzer_of(call, request)
    found: Document | None = record.document.get(kept.FINDINGS, {}).get(request["id"])
    if found is None or not kept.sees(call, found["from"], found["to"]):
        raise NotFound(f"Finding {request['id']} does not exist.")
    return found


def _seen(call: Call, record: Record) -> list[Document]:
    found = record.document.get(kept.FINDINGS, {}).values()
    return [one for one in found if kept.sees(call, one["from"], one["to"])]


def _listed(call: Call, request: Document, show: Show) -> Document:
    wanted = [(key, criterion) for key, criterion in (request.get("filter") or {}).items()]
    found = [
        one
        for one in _seen(call, analyzer_of(call, request))
        if all(_fits(call, one, key, criterion) for key, criterion in wanted)
    ]
    sort = request.get("sort") or {}
    name = sort.get("attributeName", "id")
    if name not in SORTS:
        raise Invalid(f"Findings cannot be sorted by {name}: use one of {', '.join(SORTS)}.")
    found.sort(key=lambda one: (first(call, one)[name], one["id"]))
    if sort.get("orderBy") == "DESC":
        found.reverse()
    limit = int(request.get("maxResults") or PAGE_DEFAULT)
    page, token = lists.page_of(found, limit, request.get("nextToken"))
    answer: Document = {"findings": [show(call, one) for one in page]}
    return answer | ({"nextToken": token} if token else {})


def _fits(call: Call, one: Document, key: str, criterion: Document) -> bool:
    """Whether a finding fits one criterion; its operators must all hold.

    Raises:
        Invalid: Findings have no such attribute.
    """
    values = _values(call, one, key)
    texts = criterion.get("eq")
    if texts is not None and not any(value in texts for value in values):
        return False
    if any(value in criterion.get("neq", ()) for value in values):
        return False
    parts = criterion.get("contains")
    if parts is not None and not any(part in value for part in parts for value in values):
        return False
    exists = criterion.get("exists")
    return exists is None or exists == bool(values)


def _values(call: Call, one: Document, key: str) -> list[str]:
    whole = first(call, one) | {"findingType": TYPE}
    head, dot, rest = key.partition(".")
    if dot and head in ("principal", "condition"):
        value: Any = whole[head].get(rest)
    elif key in whole and not isinstance(whole[key], dict):
        value = whole[key]
    elif key == "error":
        value = None
    else:
        raise Invalid(f"Findings have no attribute {key} to filter by.")
    if value is None:
        return []
    listed = value if isinstance(value, list) else [value]
    return [str(text).lower() if isinstance(text, bool) else str(text) for text in listed]


# -- how they are told ----------------------------------------------------------------------------


def second(call: Call, one: Document) -> Document:
    """A finding as ListFindingsV2 tells it."""
    times = {name: one[name] for name in ("createdAt", "updatedAt", "analyzedAt")}
    return times | {
        "id": one["id"],
        "resource": one["resource"],
        "resourceType": terms.resource_type(one["resource"]),
        "resourceOwnerAccount": call.account_id,
        "status": one["status"],
        "findingType": TYPE,
    }


def first(call: Call, one: Document) -> Document:
    """A finding as ListFindings and GetFinding tell it."""
    found = second(call, one)
    del found["findingType"]
    return found | {
        "principal": {"AWS": one["principal"]},
        "action": one["actions"],
        "isPublic": False,
        "condition": one["condition"],
        "sources": [{"type": "POLICY"}],
    }

"""The service Access Analyzer, its one analyzer, and how it comes into every account."""

from __future__ import annotations

from typing import Any

from freehold.base.errors import NotFound
from freehold.base.settings import Settings
from freehold.kernel.analysis import kept
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.service import Service

access_analyzer = Service("accessanalyzer")
ROUND_SECONDS = 86_400.0  # AWS looks at its analyzers' resources once a day


def _about(call: Call, request: Document) -> str:
    """The analyzer that a request names, by ARN or by name."""
    named = request.get("analyzerArn")
    return str(named) if named else call.arn_of(ANALYZER, {"name": request.get("analyzerName")})


ANALYZER = access_analyzer.resource(
    "Analyzer",
    arn="analyzer/{name}",
    kind=kept.KIND,
    name_member="name",
    arn_member="arn",
    created="createdAt",
    modified=None,
    locate=_about,
    moved_by=kept.MOVER,
    not_found="Analyzer {arn} does not exist: the one here is freehold-isolation.",
    tagged=False,
)


def analyzer_of(call: Call, request: Document) -> Record:
    """The analyzer that a request names.

    Raises:
        NotFound: There is none of that name or ARN.
    """
    record = call.unit.find(_about(call, request))
    if record is None or record.kind != ANALYZER.kind:
        arn = _about(call, request)
        raise NotFound(f"Analyzer {arn} does not exist: the one here is {kept.NAME}.")
    return record


def seed(unit: Any, settings: Settings, now: float) -> None:
    """The analyzer is there from an install's first start."""
    arn = kept.arn(settings)
    if unit.find(arn) is not None:
        return
    record = Record(kept.KIND, arn, kept.NAME, uid=kept.NAME, at=now)
    record.document = {"name": kept.NAME, "arn": arn, "type": "ACCOUNT", "createdAt": now}
    record.mover, record.due = kept.MOVER, now + ROUND_SECONDS
    unit.create(record)

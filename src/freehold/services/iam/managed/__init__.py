"""AWS-managed policies: our own documents of the same effect, under AWS's names and ARNs.

One JSON file a policy: ``Path``, ``Description``, ``Document``. ``seed`` keeps them as records
at every start; a document that changed with a release becomes a new default version.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from freehold.base import ids
from freehold.base.settings import Settings
from freehold.kernel.call import Record
from freehold.kernel.permission import identity
from freehold.services.iam.entities import ACCOUNT_OF_AWS

VERSIONS_MAX = 5  # IAM quotas
MARK = " (Freehold's own document of the same effect, for what this server serves.)"


def seed(unit: Any, settings: Settings, now: float) -> None:
    """Keep every policy of this folder; what is there unchanged is left alone."""
    folder = resources.files(__name__)
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".json"):
            text = file.read_text().replace("arn:aws:", f"arn:{settings.partition}:")
            _keep(unit, settings, now, file.name.removesuffix(".json"), json.loads(text))


def _keep(unit: Any, settings: Settings, now: float, name: str, given: dict[str, Any]) -> None:
    path = given.get("Path", "/")
    arn = f"arn:{settings.partition}:iam::{ACCOUNT_OF_AWS}:policy{path}{name}"
    text = json.dumps(given["Document"])
    known = unit.find(arn)
    if known is not None:
        _renew(unit, known, text, now)
        return
    policy_id = ids.unique_id("ANPA")
    record = Record(identity.POLICY, arn, name, scope=ACCOUNT_OF_AWS, uid=policy_id, at=now)
    record.document = {
        "Path": path,
        "PolicyName": name,
        "PolicyId": policy_id,
        "Arn": arn,
        "Description": given["Description"] + MARK,
        "DefaultVersionId": "v1",
        "CreateDate": now,
        "UpdateDate": now,
        identity.VERSIONS: {"v1": {"Document": text, "CreateDate": now}},
    }
    unit.create(record)


def _renew(unit: Any, record: Record, text: str, now: float) -> None:
    document = record.document
    versions = document[identity.VERSIONS]
    if versions[document["DefaultVersionId"]]["Document"] == text:
        return
    highest = document.get("_HighestVersion", 1) + 1
    if len(versions) >= VERSIONS_MAX:
        del versions[next(iter(versions))]
    versions[f"v{highest}"] = {"Document": text, "CreateDate": now}
    document |= {
        "_HighestVersion": highest,
        "DefaultVersionId": f"v{highest}",
        "UpdateDate": now,
    }
    unit.save(record, now)

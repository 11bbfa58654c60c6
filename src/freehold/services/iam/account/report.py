"""The credential report: every user's password, keys and devices as one CSV file, as AWS's.

GenerateCredentialReport makes it and keeps it for four hours; GetCredentialReport gives it.
Source: IAM user guide, "Generate credential reports", report format.
"""

from __future__ import annotations

import csv
import io
from base64 import b64encode
from typing import Any

from freehold.base.clock import iso
from freehold.base.errors import NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import credentials, identity
from freehold.kernel.permission.passwords import PASSWORD
from freehold.services.iam.entities import DEVICES, USER, iam
from freehold.services.iam.people import sign_in

FRESH_SECONDS = 4 * 3600.0
DAY_SECONDS = 86_400
KEYS = 2
NOT_APPLICABLE, NO_INFORMATION, NOT_SUPPORTED = "N/A", "no_information", "not_supported"
_KEY_COLUMNS = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
COLUMNS = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    *(f"access_key_{n}_{column}" for n in range(1, KEYS + 1) for column in _KEY_COLUMNS),
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
)
Row = list[str]


@iam.operation("GenerateCredentialReport", mode="write")
def generate_credential_report(call: Call, _request: Document) -> Document:
    """Make a report, unless there is one of the last four hours."""
    record = sign_in.to_write(call)
    known = record.document.get(sign_in.REPORT)
    if known is not None and call.now - known["GeneratedTime"] < FRESH_SECONDS:
        return {"State": "COMPLETE"}
    content = b64encode(_text(call).encode()).decode()
    record.document[sign_in.REPORT] = {"Content": content, "GeneratedTime": call.now}
    call.update(record)
    return {
        "State": "STARTED",
        "Description": "No report exists. Starting a new report generation task",
    }


@iam.operation("GetCredentialReport")
def get_credential_report(call: Call, _request: Document) -> Document:
    """The report that was made last.

    Raises:
        NotFound: ``ReportNotPresent``, or ``ReportExpired``: it is older than four hours.
    """
    known: Document | None = sign_in.read(call).get(sign_in.REPORT)
    if known is None:
        raise NotFound("Credential report not found.", code="ReportNotPresent")
    if call.now - known["GeneratedTime"] >= FRESH_SECONDS:
        raise NotFound("Credential report has expired: generate a new one.", code="ReportExpired")
    return known | {"ReportFormat": "text/csv"}


# -- rows -----------------------------------------------------------------------------------------


def _text(call: Call) -> str:
    policy = sign_in.read(call).get(sign_in.PASSWORDS) or {}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerow(_root(call))
    writer.writerows(_user(call, user, policy) for user in call.all(USER))
    return out.getvalue().rstrip("\n")


def _root(call: Call) -> Row:
    arn = identity.root_arn(call.kernel.settings)
    keys = credentials.access_keys(call, arn)
    born = _when(min((key.created for key in keys), default=None))
    unsaid = [NOT_SUPPORTED] * 4
    return ["<root_account>", arn, born, *unsaid, "false", *_keys(call, arn), *_certificates()]


def _user(call: Call, user: Record, policy: Document) -> Row:
    password: Document | None = user.document.get(PASSWORD)
    row = [user.name, user.arn, _when(user.created)]
    if password is None:
        row += ["false", NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE]
    else:
        days = policy.get("MaxPasswordAge")
        used = user.document.get("PasswordLastUsed")
        row += [
            "true",
            NO_INFORMATION if used is None else _when(used),
            _when(password["At"]),
            NOT_APPLICABLE if days is None else _when(password["At"] + days * DAY_SECONDS),
        ]
    has_device = "true" if user.document.get(DEVICES) else "false"
    return [*row, has_device, *_keys(call, user.arn), *_certificates()]


def _keys(call: Call, owner: str) -> Row:
    row: Row = []
    for key in credentials.access_keys(call, owner)[:KEYS]:
        row += [str(key.status == "Active").lower(), _when(key.created), _when(key.used)]
        row += [NOT_APPLICABLE if key.used is None else call.region, NOT_APPLICABLE]
    none = ["false", *[NOT_APPLICABLE] * (len(_KEY_COLUMNS) - 1)]
    return row + none * (KEYS - len(row) // len(_KEY_COLUMNS))


def _certificates() -> Row:
    return ["false", NOT_APPLICABLE] * 2


def _when(at: Any) -> str:
    return NOT_APPLICABLE if at is None else iso(at).replace("Z", "+00:00")

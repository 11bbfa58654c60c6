"""An audit entry as a CloudTrail event: the item of LookupEvents and the record inside it.

The record says what the log holds and leaves out what it does not: no answers, no secrets, and of
members that AWS's model calls sensitive only that they were there. Source: CloudTrail User Guide,
"CloudTrail record contents for management, data, and network activity events", version 1.11.
"""

from __future__ import annotations

import json
from typing import Any

from freehold.base.clock import iso
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.service import Service
from freehold.kernel.trail import Entry, asked, terms
from freehold.services.cloudtrail.who import identity_of
from freehold.spec.model import Shape

VERSION = "1.11"
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
# S3's events name members otherwise than its model.
S3_MEMBERS = {"Bucket": "bucketName"}


def event(call: Call, entry: Entry) -> Document:
    """The item of a list; its time is that of the record, with milliseconds."""
    found: Document = {
        "EventId": entry.request_id,
        "EventName": terms.event_name(entry),
        "ReadOnly": str(terms.is_read_only(entry)).lower(),
        "EventTime": terms.instant(entry),
        "EventSource": terms.event_source(entry),
        "Resources": [
            {"ResourceType": terms.resource_type(arn), "ResourceName": arn}
            for arn in terms.resources(entry)
        ],
        "CloudTrailEvent": json.dumps(record(call, entry), separators=(",", ":")),
    }
    if entry.access_key:
        found["AccessKeyId"] = entry.access_key
    if (name := terms.username(entry)) is not None:
        found["Username"] = name
    return found


def record(call: Call, entry: Entry) -> Document:
    """The event as CloudTrail's log files hold it."""
    is_data = terms.is_data(entry)
    is_service = entry.principal.endswith(terms.SERVICE_SUFFIX)
    found: Document = {
        "eventVersion": VERSION,
        "userIdentity": identity_of(call, entry),
        "eventTime": iso(entry.at),
        "eventSource": terms.event_source(entry),
        "eventName": terms.event_name(entry),
        "awsRegion": call.region,
        "sourceIPAddress": entry.source_ip or entry.principal,
        "userAgent": entry.user_agent or entry.principal,
    }
    if entry.error_code:
        found |= {"errorCode": entry.error_code, "errorMessage": entry.error or ""}
    found |= {
        "requestParameters": _parameters(call, entry),
        "responseElements": None,
        "additionalEventData": _more(entry),
        "requestID": entry.request_id,
        "eventID": entry.request_id,
        "readOnly": terms.is_read_only(entry),
        "resources": [
            {
                "ARN": arn,
                "accountId": arn.split(":")[4] or call.account_id,
                "type": terms.resource_type(arn),
            }
            for arn in terms.resources(entry)
        ],
        "eventType": "AwsServiceEvent" if is_service else "AwsApiCall",
        "managementEvent": not is_data,
        "recipientAccountId": call.account_id,
        "eventCategory": "Data" if is_data else "Management",
    }
    return {key: value for key, value in found.items() if value not in ({}, [])}


def _more(entry: Entry) -> Document:
    """What AWS's records cannot tell: why policy decided as it did, and from where it came."""
    found: Document = {"outcome": asked.outcome(entry)}
    if decisions := asked.decisions(entry):
        found["decisions"] = decisions
    if context := asked.context(entry):
        found["conditionKeys"] = context
    if entry.origin:
        found["origin"] = entry.origin
    return found


# -- what was asked for ---------------------------------------------------------------------------


def _parameters(call: Call, entry: Entry) -> Any:
    request = asked.request(entry)
    if request is None:
        return None
    for service in call.kernel.registry.services.values():
        model = _operation(service, entry)
        if model is not None:
            names = S3_MEMBERS if service.name == "s3" else {}
            return _told(model, request, names)
    return request


def _operation(service: Service, entry: Entry) -> Shape | None:
    """The input that an entry's operation takes, if it is one of this service's."""
    if service.prefix != entry.service:
        return None
    operation = service.model.operations.get(entry.operation)
    return None if operation is None else operation.input


def _told(shape: Shape, value: Any, names: dict[str, str]) -> Any:
    """A value with its members in CloudTrail's spelling; what is sensitive is not told."""
    if shape.is_sensitive:
        return HIDDEN
    if isinstance(value, dict) and shape.kind == "structure":
        return {
            names.get(key, key[:1].lower() + key[1:]): (
                _told(shape.members[key].shape, item, names) if key in shape.members else item
            )
            for key, item in value.items()
        }
    if isinstance(value, list) and shape.item is not None:
        return [_told(shape.item.shape, item, names) for item in value]
    return value

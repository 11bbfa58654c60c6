"""An audit entry read as CloudTrail speaks of it: user name, resources, read or write, terms.

Asked by the loop that indexes the log, by look-ups where the index does not reach yet, and by
``services/cloudtrail``; all three see an entry alike. Values in, values out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from freehold.store.audit import Entry
from freehold.store.records import decode

STRANGER = "unauthenticated"
UNKNOWN = "Unknown"  # the operation of a stranger whose request nobody read
SERVICE_SUFFIX = ".amazonaws.com"
# How names of operations that change nothing begin. STS hands out, and changes nothing.
READS = (
    *("Get", "List", "Describe", "Head", "Search", "Lookup", "BatchGet", "BatchDescribe"),
    *("Check", "Validate", "Simulate", "Decode", "Query", "Scan", "Select", "Filter"),
)
# What AWS counts as data events: bytes, metrics and lines, not the things that hold them.
OF_BYTES = ("Object", "Upload", "Part")
DATA = frozenset({"sagemaker:BatchPutMetrics", "sagemaker:BatchGetMetrics", "s3:HeadBucket"})
# CloudFormation's names of services and types, where they are not the ARN's in capitals.
SERVICES = {
    "sagemaker": "SageMaker",
    "iam": "IAM",
    "s3": "S3",
    "ec2": "EC2",
    "sts": "STS",
    "elasticfilesystem": "EFS",
    "access-analyzer": "AccessAnalyzer",
    "cloudtrail": "CloudTrail",
}
TYPES = {
    "vpc": "VPC",
    "dhcp-options": "DHCPOptions",
    "mfa": "MFADevice",
    "saml-provider": "SAMLProvider",
}
IN_DOMAINS = frozenset({"app", "space", "user-profile"})


def instant(entry: Entry) -> float:
    """When, to the millisecond and never later: what a look-up's bounds are held against."""
    return int(entry.at * 1000) / 1000


def username(entry: Entry) -> str | None:
    """The user's name, the session's, or ``root``; None of a stranger and of a service."""
    _, _, tail = entry.principal.rpartition(":")
    if not entry.principal.startswith("arn:"):
        return None
    return tail.rpartition("/")[2]


def is_read_only(entry: Entry) -> bool:
    """Whether the call changes nothing, told by its name as AWS names its operations."""
    return entry.service == "sts" or entry.operation.startswith(READS)


def is_data(entry: Entry) -> bool:
    """Whether AWS would call it a data event, which its event history does not show."""
    if entry.service == "s3":
        return any(word in entry.operation for word in OF_BYTES) or entry.operation == "HeadBucket"
    return f"{entry.service}:{entry.operation}" in DATA or entry.operation == "PutLogEvents"


def kind(entry: Entry) -> int:
    """0: a management read, 1: a management write, 2: a data read, 3: a data write."""
    return 2 * is_data(entry) + (not is_read_only(entry))


def subjects(entry: Entry) -> list[str]:
    """The ARNs that the call is about: its own, or those that its own question was asked on."""
    if entry.resource and entry.resource.startswith("arn:"):
        return [entry.resource]
    asked = _asked(entry)
    own = asked[0][0] if asked else None
    return [arn for action, arn in asked if action == own]


def resources(entry: Entry) -> list[str]:
    """All ARNs that the entry tells of: subjects, what else was asked about, and where it was."""
    found = dict.fromkeys([*subjects(entry), *(arn for _, arn in _asked(entry))])
    if entry.origin:
        found[entry.origin] = None
    for arn in list(found):
        domain = domain_of(arn)
        if domain is not None:
            found[domain] = None
    return list(found)


def domain_of(arn: str) -> str | None:
    """The domain's ARN, of the ARN of what carries its id."""
    head, _, tail = arn.rpartition(":")
    parts = tail.split("/")
    if ":sagemaker:" not in head or parts[0] not in IN_DOMAINS or len(parts) < 3:
        return None
    return f"{head}:domain/{parts[1]}"


def _asked(entry: Entry) -> list[tuple[str, str]]:
    if entry.decision is None:
        return []
    return [(row[0], row[1]) for row in decode(entry.decision)[0] if row[1].startswith("arn:")]


def resource_type(arn: str) -> str:
    """``AWS::SageMaker::TrainingJob``: CloudFormation's name of what an ARN names.

    What is no ARN (``*``: a list, the whole account) is the account's: ``AWS::::Account``, as
    CloudFormation spells it.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return "AWS::::Account"
    service, tail = parts[2], parts[-1]
    if service == "s3":
        return "AWS::S3::Object" if "/" in tail else "AWS::S3::Bucket"
    noun = tail.replace(":", "/").partition("/")[0]
    name = TYPES.get(noun) or "".join(word.capitalize() for word in noun.split("-"))
    return f"AWS::{SERVICES.get(service, service.capitalize())}::{name}"


def resource_name(arn: str) -> str:
    """The last part of an ARN, which people know a thing by."""
    service, tail = arn.split(":", 5)[2], arn.split(":", 5)[-1]
    if service in ("s3", "logs"):
        return tail.removeprefix("log-group:").removesuffix(":*")
    return tail.rpartition("/")[2]


def event_name(entry: Entry) -> str:
    """The operation."""
    return entry.operation or UNKNOWN


def event_source(entry: Entry) -> str:
    """``sagemaker.amazonaws.com``."""
    return f"{entry.service or UNKNOWN.lower()}{SERVICE_SUFFIX}"


def _of_resources(entry: Entry) -> Iterator[str]:
    for arn in resources(entry):
        yield f"r:{arn}"
        yield f"r:{resource_name(arn)}"


# The words that an entry is found by, by the letter that they begin with.
_LETTERS: dict[str, Callable[[Entry], Iterable[str]]] = {
    "n": lambda entry: (f"n:{event_name(entry)}",),
    "s": lambda entry: (f"s:{event_source(entry)}",),
    "c": lambda entry: (f"c:{kind(entry)}",),
    "u": lambda entry: () if (name := username(entry)) is None else (f"u:{name}",),
    "k": lambda entry: (f"k:{entry.access_key}",) if entry.access_key else (),
    "r": _of_resources,
    "t": lambda entry: (f"t:{resource_type(arn)}" for arn in resources(entry)),
}


def terms(entry: Entry) -> Iterator[str]:
    """All words that an entry is found by; see ``lookup.Wanted``."""
    for words in _LETTERS.values():
        yield from words(entry)


def has(entry: Entry, group: Collection[str]) -> bool:
    """Whether an entry has one of these words, which begin with one letter."""
    letter = next(iter(group))[0]
    return any(word in group for word in _LETTERS[letter](entry))

"""Where AWS, or AWS's own clients, behave otherwise than the model says.

Input: a service's trimmed model while ``spec/load.py`` makes it. Output: the same, corrected.
Each entry carries its evidence. Raise VERSION with any change: cached models hang on it.
"""

from __future__ import annotations

from typing import Any

VERSION = 1

# What the model's first word says and what boto3 1.44.4 sends differ: botocore takes the first
# of ``utils.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS`` (json, rest-json, rest-xml,
# smithy-rpc-v2-cbor, query, ec2) that stands in ``metadata.protocols``. Seen on the wire:
# both services send X-Amz-Target with application/x-amz-json-1.0 / 1.1, never CBOR.
PROTOCOLS: dict[str, str] = {
    "cloudwatch": "json",
    "resourcegroupstaggingapi": "json",
}

# Laid over the model's shapes: service, shape, what to set (None: take away).
SHAPES: dict[str, dict[str, dict[str, Any]]] = {
    # People store what is no date as `Expires`, and S3 gives it back as it came: botocore's
    # handlers.handle_expires_header reads the raw string. As a string it survives unread.
    "s3": {"Expires": {"type": "string", "timestampFormat": None}},
}

# Patterns that take exponential time where they fail, and patterns of the same language that
# do not. Found by pumping each pattern of the served models (tests/unit/spec/test_patterns.py).
# Faults go on showing AWS's own text.
PATTERNS: dict[str, str] = {
    # An optional blank between runs of anything: true of every text.
    r".*(?:[ \r\n\t].*)*": r"[\s\S]*",
    r".*(?:[ \r\n\t].*)*.*": r"[\s\S]*",
    r"(.*[\n\r\t\f\ ]?)*": r"[\s\S]*",
    r"[a-z0-9]([-a-z0-9]*[a-z0-9]){0,39}?": r"[a-z0-9]([-a-z0-9]*[a-z0-9])?",
    r"https://([.\-_a-zA-Z0-9]+/?){3,1016}": (
        r"https://(?=[.\-_a-zA-Z0-9](?:/?[.\-_a-zA-Z0-9]){2})"
        r"[.\-_a-zA-Z0-9]+(?:/[.\-_a-zA-Z0-9]+)*/?"
    ),
    r"^[a-z0-9*](?:[._\-/a-z0-9*]?[a-z0-9*]+)*$": r"[a-z0-9*](?:[._\-/]?[a-z0-9*])*",
}


def apply(name: str, model: dict[str, Any]) -> None:
    """Correct ``model`` (metadata, operations, shapes) in place."""
    if name in PROTOCOLS:
        model["metadata"]["protocol"] = PROTOCOLS[name]
    for shape_name, changes in SHAPES.get(name, {}).items():
        shape = model["shapes"][shape_name]
        for key, value in changes.items():
            if value is None:
                shape.pop(key, None)
            else:
                shape[key] = value

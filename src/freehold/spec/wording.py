"""How each AWS service says that a document breaks the rules: the sentences and the codes.

Input: a shape and a value that ``spec/rules.py`` looks at. Output: sentences, and faults.
Source of the sentences: transcripts of real services (terraform-provider-aws#27990 shows two
violations joined by "; "; lists and maps of scalars are named whole, as in
"Value '{..}' at 'hyperParameters' failed to satisfy constraint: Map value must satisfy
constraint: [Member must have length less than or equal to 2500, ..]").
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from freehold.base.errors import Invalid
from freehold.spec import patterns
from freehold.spec.model import Shape

MALFORMED_XML = (
    "The XML you provided was not well-formed or did not validate against our published schema"
)
NOT_NULL = "Member must not be null"
# A value is shown this long in a fault: it may be a whole file.
SHOWN_CHARS_MAX = 1024

# The code under which a service refuses what breaks its model. EC2 tells a missing parameter
# from a wrong one; see ``refusal``. Sources: each model's exceptions; for CE, whose model has
# none, real answers (reference: ValidationException).
CODES: dict[str, str] = {
    "sagemaker": "ValidationException",
    "sagemaker-runtime": "ValidationError",
    "sagemaker-metrics": "ValidationException",
    "iam": "ValidationError",
    "sts": "ValidationError",
    "ec2": "InvalidParameterValue",
    "efs": "BadRequest",
    "logs": "InvalidParameterException",
    "cloudwatch": "ValidationError",
    "ce": "ValidationException",
    "budgets": "InvalidParameterException",
    "resourcegroupstaggingapi": "InvalidParameterException",
    "s3": "InvalidArgument",
    "cloudtrail": "InvalidParameterException",
    "accessanalyzer": "ValidationException",
    "pricing": "InvalidParameterException",
    "ssm": "ValidationException",
    "ecr": "InvalidParameterException",
}
_NAMES = {
    "integer": "an Integer",
    "long": "a Long",
    "float": "a Float",
    "double": "a Double",
    "boolean": "a Boolean",
    "timestamp": "a Timestamp",
    "blob": "a ByteBuffer",
}


def refusal(service: str, shape: Shape, document: dict[str, Any], found: list[str]) -> Invalid:
    """The service's own fault for a document that breaks the rules in ``found``."""
    if service == "ec2":
        return _ec2(shape, document, found)
    if service == "s3" and shape.payload and f" at '{lower(shape.payload)}" in found[0]:
        return Invalid(f"{MALFORMED_XML}: {found[0]}", code="MalformedXML")
    count = len(found)
    words = "1 validation error" if count == 1 else f"{count} validation errors"
    message = f"{words} detected: {'; '.join(found)}"
    return Invalid(message, code=CODES.get(service, "ValidationException"))


def _ec2(shape: Shape, document: dict[str, Any], found: list[str]) -> Invalid:
    for name in shape.required:
        if document.get(name) is None:
            message = f"The request must contain the parameter {name}"
            return Invalid(message, code="MissingParameter")
    return Invalid(found[0], code=CODES["ec2"])


def mistyped(message: str) -> Invalid:
    """The fault for a value of another type than the model's."""
    return Invalid(message, code="SerializationException")


def wrong_type(shape: Shape, value: Any) -> Invalid:
    """The fault for a JSON value of another type, in the words of AWS's JSON reader."""
    if isinstance(value, dict):
        return mistyped("Start of structure or map found where not expected.")
    if isinstance(value, list):
        return mistyped("Start of list found where not expected.")
    if shape.kind == "list":
        return mistyped("Expected list or null")
    if shape.kind in {"structure", "map"}:
        return mistyped("Expected structure or map or null")
    return mistyped(f"{_token(value)} can not be converted to {article(shape)}")


def article(shape: Shape) -> str:
    """``an Integer``, ``a String``, ..."""
    return _NAMES.get(shape.kind, "a String")


def _token(value: Any) -> str:
    if value is None:
        return "NULL_VALUE"
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    if isinstance(value, float):
        return "DECIMAL_VALUE"
    return "NUMBER_VALUE" if isinstance(value, int) else "STRING_VALUE"


def sentence(shape: Shape, value: Any, path: str, words: str) -> str:
    """One violation as AWS words it."""
    text = "***Sensitive Data Redacted***" if shape.is_sensitive else shown(value)
    return f"Value '{text}' at '{path}' failed to satisfy constraint: {words}"


def constraints(shape: Shape, value: Any, *, full: bool = False) -> list[str]:
    """The shape's own rules that the value breaks; ``full``: all its rules, if it breaks any.

    AWS lists every rule of an item of a list or map, once one is broken.
    """
    rules = _rules(shape, value)
    broken = [words for words, is_kept in rules if not is_kept]
    return [words for words, _ in rules] if full and broken else broken


def _rules(shape: Shape, value: Any) -> list[tuple[str, bool]]:
    if shape.enum and shape.kind == "string":
        words = f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
        return [(words, value in shape.enum)]
    if shape.kind in {"structure", "boolean", "timestamp"}:
        return []
    rules: list[tuple[str, bool]] = []
    is_number = shape.kind in {"integer", "long", "float", "double"}
    size = value if is_number else _size(shape, value)
    noun = "value" if is_number else "length"
    is_too_long = shape.max is not None and not size <= shape.max
    if shape.max is not None:
        rules.append((_bound(noun, "less", shape.max), not is_too_long))
    if shape.min is not None:
        rules.append((_bound(noun, "greater", shape.min), size >= shape.min))
    if shape.pattern and shape.kind == "string":
        words = f"Member must satisfy regular expression pattern: {shape.pattern}"
        rules.append((words, is_too_long or _matches(shape.pattern, value)))
    return rules


def _size(shape: Shape, value: Any) -> int:
    if shape.kind != "blob":
        return len(value)
    try:
        return len(base64.b64decode(value))
    except (binascii.Error, ValueError):
        return len(value)


def _bound(noun: str, direction: str, bound: float) -> str:
    limit = int(bound) if float(bound).is_integer() else bound
    return f"Member must have {noun} {direction} than or equal to {limit}"


def _matches(pattern: str, value: str) -> bool:
    """Text longer than PATTERN_CHARS_MAX is tried only where that is sure to be cheap."""
    if len(value) > patterns.PATTERN_CHARS_MAX and not patterns.is_bounded(pattern):
        return True
    rule = patterns.compiled(pattern)
    return rule is None or rule.search(value) is not None


def shown(value: Any) -> str:
    """A value as AWS's faults print it: Java's way, cut to SHOWN_CHARS_MAX."""
    text = _java(value)
    return text if len(text) <= SHOWN_CHARS_MAX else text[:SHOWN_CHARS_MAX] + "..."


def _java(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_java(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_java(item) for item in value) + "]"
    return "null" if value is None else str(value)


def lower(name: str) -> str:
    """The member's name as AWS's paths spell it: ``defaultSpaceSettings``, ``kmsKeyId``."""
    return name[:1].lower() + name[1:]


def instant(text: str) -> float | None:
    """Epoch seconds of an ISO 8601 or RFC 822 date, or of a number as text; None if none."""
    try:
        return float(text) if _is_number(text) else _moment(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _is_number(text: str) -> bool:
    return text.strip().lstrip("-").replace(".", "", 1).isdecimal()


def _moment(text: str) -> datetime:
    moment = parsedate_to_datetime(text) if text[:1].isalpha() else datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

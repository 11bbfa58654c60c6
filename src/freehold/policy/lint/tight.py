"""The documented isolation policies, written anew so that they isolate.

Knows two forms by what they do: that of AWS's announcement of December 2022 (``ForAllValues`` over
``aws:TagKeys``) and that of today's guide (creates without a condition, ``NotResource`` of three
kinds). Sources: iam-evaluation.md section 4.4, domains.md 3.1 and 3.2.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from freehold.policy import match

Document = dict[str, Any]
DOMAIN_TAG = "sagemaker:domain-arn"
# What stands in a domain by its name, not by a tag that a create brings.
STUDIO = ("domain", "user-profile", "space", "app")
_DOMAIN = re.compile(r"arn:[a-z\-]+:sagemaker:[a-z0-9\-]+:[0-9]{12}:domain/[a-z0-9\-]+")
_UNTAGGED = frozenset({"sagemaker:describeimageversion", "sagemaker:updateimageversion"})


class Tight(NamedTuple):
    """A whole document to attach in place of the other, and what it takes away, in words."""

    document: Document
    notes: tuple[str, ...]


def tighten(text: str) -> Tight | None:
    """The tight form of a documented isolation policy, or None if ``text`` is none.

    Statements that are not of the documented forms are kept as they are. What the documented forms
    leave open, because it cannot be told by tags, is left out and named.

    Args:
        text: A policy that ``document.parse`` takes.
    """
    try:
        given: Document = json.loads(text)
    except ValueError:  # a number that Python does not read: no documented policy has one
        return None
    statements = (
        given["Statement"] if isinstance(given["Statement"], list) else [given["Statement"]]
    )
    domain_arn = _domain(statements)
    if domain_arn is None or not any(map(_creates_loosely, statements)):
        return None
    made = _made(domain_arn)
    taken = {one["Sid"] for one in made}
    kept = [
        {**one, "Sid": f"Kept{one['Sid']}"} if one.get("Sid") in taken else one
        for one in statements
        if not _is_replaced(one) and one not in made
    ]
    whole = {**given, "Version": "2012-10-17", "Statement": [*made, *kept]}
    return Tight(whole, _notes(statements))


def domain_of(text: str) -> str | None:
    """The ARN of the domain that an isolation policy is for; None if ``text`` is none."""
    try:
        found = json.loads(text)["Statement"]
    except ValueError:
        return None
    return _domain(found if isinstance(found, list) else [found])


def _domain(statements: list[Document]) -> str | None:
    return next((arn for one in statements if (arn := _own(one)) is not None), None)


def _own(one: Document) -> str | None:
    """The domain's ARN, if this statement grants what bears its tag."""
    if one["Effect"] != "Allow":
        return None
    for operator in ("StringEquals", "StringLike", "ArnEquals", "ArnLike"):
        for key, value in one.get("Condition", {}).get(operator, {}).items():
            is_tag = key.lower().endswith(f":resourcetag/{DOMAIN_TAG}")
            values = value if isinstance(value, list) else [value]
            if is_tag and len(values) == 1 and _DOMAIN.fullmatch(str(values[0])):
                return str(values[0])
    return None


def _creates_loosely(one: Document) -> bool:
    """An Allow of creates whose conditions do not ask for the tag's value."""
    if one["Effect"] != "Allow" or not _covers(one, "sagemaker:createmodel"):
        return False
    keys = {
        key.lower()
        for operator, named in one.get("Condition", {}).items()
        if operator in ("StringEquals", "StringLike", "ArnEquals", "ArnLike")
        for key in named
    }
    return f"aws:requesttag/{DOMAIN_TAG}" not in keys


def _is_replaced(one: Document) -> bool:
    if one["Effect"] != "Allow":
        return False
    tags = _covers(one, "sagemaker:addtags") or _covers(one, "sagemaker:deletetags")
    is_loose_tagging = tags and "Condition" not in one
    return _creates_loosely(one) or is_loose_tagging or _is_of_untagged(one)


def _is_of_untagged(one: Document) -> bool:
    return "Condition" not in one and _UNTAGGED.issubset(map(str.lower, _actions(one)))


def _covers(one: Document, action: str) -> bool:
    if "NotAction" in one:
        return False
    return match.actions(_actions(one)).test(action)


def _actions(one: Document) -> list[str]:
    found = one.get("Action", [])
    return [found] if isinstance(found, str) else list(found)


def _made(domain_arn: str) -> list[Document]:
    partition = domain_arn.split(":")[1]
    domain_id = domain_arn.rpartition("/")[2]
    place = f"arn:{partition}:sagemaker:*:*:"
    own = {f"aws:RequestTag/{DOMAIN_TAG}": domain_arn}
    return [
        {
            "Sid": "CreateRequireDomainTag",
            "Effect": "Allow",
            "Action": "sagemaker:Create*",
            "NotResource": [f"{place}{kind}/*" for kind in STUDIO],
            "Condition": {"Null": {"aws:TagKeys": "false"}, "StringEquals": own},
        },
        {
            "Sid": "TagOnCreate",
            "Effect": "Allow",
            "Action": "sagemaker:AddTags",
            "Resource": "*",
            "Condition": {"Null": {"sagemaker:TaggingAction": "false"}, "StringEquals": own},
        },
        {
            "Sid": "KeepDomainTags",
            "Effect": "Deny",
            "Action": ["sagemaker:AddTags", "sagemaker:DeleteTags"],
            "Resource": "*",
            "Condition": {
                "Null": {"sagemaker:TaggingAction": "true"},
                "ForAnyValue:StringLike": {"aws:TagKeys": "sagemaker:*"},
            },
        },
        {
            "Sid": "AppsOfTheDomain",
            "Effect": "Allow",
            "Action": ["sagemaker:CreateApp", "sagemaker:DeleteApp"],
            "Resource": f"{place}app/{domain_id}/*",
        },
    ]


def _notes(statements: list[Document]) -> tuple[str, ...]:
    notes = ["Creates must bring the domain's own ARN as tag; apps are made in the domain only."]
    if any(
        _covers(one, "sagemaker:updatemodelpackage") for one in statements if _creates_loosely(one)
    ):
        notes.append("Updates need the domain's tag on the resource: they are no longer creates.")
    if any(map(_is_of_untagged, statements)):
        notes.append(
            "Actions on what bears no tags (image versions, model card export jobs) are left out: "
            "they would reach every domain's."
        )
    return tuple(notes)

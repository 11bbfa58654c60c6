"""ValidatePolicy: the traps of ``policy/lint``, told as Access Analyzer tells its own.

A document that IAM would refuse gives one finding of type ERROR, in IAM's words; one that it would
keep gives its traps, each with where its statement stands. What each code means:
docs/operate/access-analyzer.md.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator

from freehold.base.errors import Invalid, Unsupported
from freehold.kernel.call import Call
from freehold.kernel.declare import lists
from freehold.kernel.declare.aws_facts import AwsFacts
from freehold.kernel.declare.operation import Document
from freehold.policy.document import PolicyKind, parse
from freehold.policy.grammar import positions
from freehold.policy.lint import Finding, Trap, lint
from freehold.services.access_analyzer.service import access_analyzer

PAGE_DEFAULT = 100
LEARN_MORE = "docs/operate/access-analyzer.md"
KINDS: dict[str, PolicyKind] = {"IDENTITY_POLICY": "identity", "RESOURCE_POLICY": "resource"}
OF_RESOURCES: dict[str, PolicyKind] = {
    "AWS::S3::Bucket": "resource",
    "AWS::IAM::AssumeRolePolicyDocument": "trust",
}
ERRORS: tuple[Trap, ...] = ("unknown-action",)
WARNINGS: tuple[Trap, ...] = (
    *("plain-over-list", "deny-is-silent", "wildcard-in-type", "never-confined", "dead-key"),
    *("variables-of-2008", "not-principal"),
)
# AWS's own codes where its check is the same; else the trap's name in capitals.
CODES: dict[Trap, str] = {"unknown-action": "INVALID_ACTION"}
# How sentences of IAM about a document that it refuses begin, and AWS's codes for them.
REFUSALS = {
    "Policy statement must contain actions": "MISSING_ACTION",
    "Policy statement must contain resources": "MISSING_RESOURCE",
    "Statement IDs (SID) in a single policy": "UNIQUE_SIDS_REQUIRED",
    "Statement IDs (SID) must be": "UNSUPPORTED_SID",
    "Policy document should not specify": "UNSUPPORTED_PRINCIPAL",
    "Missing required field Principal": "MISSING_PRINCIPAL",
    "Invalid principal": "INVALID_PRINCIPAL_FORMAT",
    "Partition ": "INVALID_PARTITION",
    "Resource ": "INVALID_ARN_PREFIX",
}


@functools.cache
def facts() -> AwsFacts:
    """What AWS says of its actions; a service's part is read when first asked for."""
    return AwsFacts()


@access_analyzer.operation("ValidatePolicy", mode="slow")
def validate_policy(_call: Call, request: Document) -> Document:
    """Findings in the order of the document.

    Raises:
        Unsupported: Control policies, other resources than buckets and roles, other languages.
    """
    if request.get("locale", "EN") != "EN":
        raise Unsupported(f"Findings are told in English only, not in {request['locale']}.")
    text = request["policyDocument"]
    found = list(_findings(text, kind_of(request)))
    limit = int(request.get("maxResults") or PAGE_DEFAULT)
    page, token = lists.page_of(found, limit, request.get("nextToken"))
    return {"findings": list(page)} | ({"nextToken": token} if token else {})


def kind_of(request: Document) -> PolicyKind:
    """What the document will stand as.

    Raises:
        Unsupported: What policies of that kind may say is not known here.
    """
    type_, on = request["policyType"], request.get("validatePolicyResourceType")
    if type_ not in KINDS:
        raise Unsupported(f"Policies of type {type_} are not served: there are no organizations.")
    if on is None:
        return KINDS[type_]
    if type_ != "RESOURCE_POLICY":
        raise Invalid("validatePolicyResourceType is for policies of type RESOURCE_POLICY.")
    if on not in OF_RESOURCES:
        known = ", ".join(OF_RESOURCES)
        raise Unsupported(f"Policies on {on} are not served; those on {known} are.")
    return OF_RESOURCES[on]


def _findings(text: str, kind: PolicyKind) -> Iterator[Document]:
    try:
        policy = parse(text, kind)
    except Invalid as refused:
        yield _refusal(text, kind, refused.message)
        return
    labels = [one.sid or f"#{index}" for index, one in enumerate(policy.statements)]
    spans = positions.offsets(text)
    is_list = isinstance(json.loads(text)["Statement"], list)
    for finding in lint(policy, facts()):
        index = labels.index(finding.statement)
        yield _told(text, finding, index if is_list else None, spans[index])


def _told(text: str, finding: Finding, index: int | None, span: tuple[int, int]) -> Document:
    type_ = "SECURITY_WARNING"
    if finding.trap in ERRORS:
        type_ = "ERROR"
    elif finding.trap in WARNINGS:
        type_ = "WARNING"
    return {
        "findingType": type_,
        "issueCode": CODES.get(finding.trap) or finding.trap.replace("-", "_").upper(),
        "findingDetails": f"{_sentence(finding.message)} Instead: {finding.instead}",
        "learnMoreLink": f"{LEARN_MORE}#{finding.trap}",
        "locations": [_location(text, index, *span)],
    }


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _location(text: str, index: int | None, start: int, end: int) -> Document:
    path: list[Document] = [{"value": "Statement"}]
    if index is not None:
        path.append({"index": index})
    return {"path": path, "span": {"start": _place(text, start), "end": _place(text, end)}}


def _place(text: str, offset: int) -> Document:
    """Lines from 1, columns and offsets from 0, as Access Analyzer counts."""
    line, column = positions.place(text, offset)
    return {"line": line, "column": column - 1, "offset": offset}


# -- what IAM would refuse ------------------------------------------------------------------------


def _refusal(text: str, kind: PolicyKind, message: str) -> Document:
    code = next((code for head, code in REFUSALS.items() if message.startswith(head)), None)
    whole = {"path": [], "span": {"start": _place(text, 0), "end": _place(text, len(text))}}
    found: Document = {
        "findingType": "ERROR",
        "issueCode": code or "POLICY_SYNTAX_ERROR",
        "findingDetails": message,
        "learnMoreLink": f"{LEARN_MORE}#errors",
        "locations": [whole],
    }
    try:
        top = json.loads(text)
    except json.JSONDecodeError as error:
        place = _place(text, error.pos)
        located = {"path": [], "span": {"start": place, "end": place}}
        told = f"{message}: {error.msg} at line {error.lineno}, column {error.colno}"
        return found | {
            "issueCode": "JSON_SYNTAX_ERROR",
            "findingDetails": told,
            "locations": [located],
        }
    except (ValueError, RecursionError):
        return found
    if not isinstance(top, dict) or not isinstance(top.get("Statement"), (dict, list)):
        return found
    spans = positions.offsets(text)
    at = _first_refused(text, spans, kind)
    if at is not None:
        index = at if isinstance(top["Statement"], list) else None
        found["locations"] = [_location(text, index, *spans[at])]
    return found


def _first_refused(text: str, spans: list[tuple[int, int]], kind: PolicyKind) -> int | None:
    """The first statement that IAM refuses by itself; None where it is the whole that is wrong."""
    for index, (start, end) in enumerate(spans):
        alone = f'{{"Version": "2012-10-17", "Statement": [{text[start:end]}]}}'
        try:
            parse(alone, kind)
        except Invalid:
            return index
    return None

"""IAM's own service value and its four kinds of things: users, roles, groups, policies.

Declares where each is found and what it is called; every file of this folder adds its
operations to ``iam``. Names are looked up by (kind, name), since an ARN holds a path that
requests do not give.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from freehold.base.errors import InUse, Invalid, LimitExceeded
from freehold.kernel import tagging
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.resource import Resource
from freehold.kernel.declare.service import Service
from freehold.kernel.permission import identity
from freehold.policy import document as policy_document

PAGE_DEFAULT = 100  # IAM's MaxItems where none is given
ACCOUNT_OF_AWS = "aws"  # stands in the ARN of AWS-managed policies

iam = Service("iam")


def _pathed(head: str, member: str) -> Callable[[Document], str]:
    def tail(document: Document) -> str:
        return f"{head}{document.get('Path') or '/'}{document.get(member) or '*'}"

    return tail


def _locator(kind: str, head: str, member: str) -> Callable[[Call, Document], str]:
    def locate(call: Call, request: Document) -> str:
        name = str(request.get(member) or own_name(call))
        record = call.unit.named(kind, name)
        if record is not None:
            return record.arn
        return f"arn:{call.kernel.settings.partition}:iam::{call.account_id}:{head}/{name}"

    return locate


def own_name(call: Call) -> str:
    """The user who calls; root and sessions have none, and an empty name matches nobody."""
    return call.principal.user_name or ""


def _declare(name: str, kind: str, **declaration: Any) -> Resource:
    low = name.lower()
    return iam.resource(
        name,
        kind=kind,
        arn=_pathed(low, f"{name}Name"),
        locate=_locator(kind, low, f"{name}Name"),
        arn_member="Arn",
        created="CreateDate",
        modified=None,
        exists=f"{name} with name {{{name}Name}} already exists.",
        exists_code="EntityAlreadyExists",
        not_found=f"The {low} with name {{{name}Name}} cannot be found.",
        not_found_code="NoSuchEntity",
        global_=True,
        **declaration,
    )


def _policy_named(call: Call, request: Document) -> str:
    return str(request["PolicyArn"]) if "PolicyArn" in request else call.arn_of(POLICY, request)


BOUND = {"iam:PermissionsBoundary": "PermissionsBoundary"}
USER = _declare("User", identity.USER, keys=BOUND)
ROLE = _declare("Role", identity.ROLE, keys=BOUND)
GROUP = _declare("Group", identity.GROUP, tagged=False)
POLICY = iam.resource(
    "Policy",
    kind=identity.POLICY,
    arn=_pathed("policy", "PolicyName"),
    locate=_policy_named,
    arn_member="Arn",
    created="CreateDate",
    modified=None,
    scope="_Scope",
    exists="A policy called {PolicyName} already exists. Duplicate names are not allowed.",
    exists_code="EntityAlreadyExists",
    not_found="Policy {PolicyArn} was not found.",
    not_found_code="NoSuchEntity",
    global_=True,
)
HOLDERS: dict[str, Resource] = {"User": USER, "Role": ROLE, "Group": GROUP}
UNIQUE = {
    identity.USER: "AIDA",
    identity.ROLE: "AROA",
    identity.GROUP: "AGPA",
    identity.POLICY: "ANPA",
}


# -- what every kind shares -----------------------------------------------------------------------


def new_arn(resource: Resource) -> Callable[[Call, Document], str]:
    """The target of a Create: the ARN that the thing will have, path included."""

    def target(call: Call, request: Document) -> str:
        return call.arn_of(resource, request)

    return target


def holder(call: Call, resource: Resource, request: Document) -> Record:
    """The user, role or group that the request names.

    Raises:
        NotFound: ``NoSuchEntity`` in IAM's words.
    """
    if resource is USER and not request.get("UserName") and call.principal.kind != "user":
        raise Invalid(
            "Must specify userName when calling with non-User credentials",
            code="ValidationError",
        )
    named = {"UserName": own_name(call)} | request
    return call.load_arn(resource, call.resource_arn or resource.target(call, request), named)


def refuse_namesake(call: Call, resource: Resource, request: Document) -> None:
    """Names of one kind are unique without regard to case and path.

    Raises:
        InUse: ``EntityAlreadyExists``.
    """
    taken = lists.namesake(call, resource, str(request[resource.name_member]))
    if taken is not None and taken.arn.split(":")[4] != ACCOUNT_OF_AWS:
        raise InUse(resource.exists.format_map(request), code=resource.exists_code)


def check_tags(tags: dict[str, str] | None) -> None:
    """Tag keys of IAM differ in more than case, and there are fifty at most.

    Raises:
        Invalid: ``InvalidInput`` in IAM's words.
        LimitExceeded: There are more.
    """
    tags = tags or {}
    if len({key.lower() for key in tags}) < len(tags):
        raise Invalid(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            code="InvalidInput",
        )
    tagging.check_count(tags)


def check_path(path: str) -> None:
    """A path begins and ends with a slash.

    Raises:
        Invalid: ``ValidationError`` in IAM's words.
    """
    if not (path.startswith("/") and path.endswith("/")):
        raise Invalid(
            "The specified value for path is invalid. It must begin and end with / and contain "
            "only alphanumeric characters and/or / characters.",
            code="ValidationError",
        )


def check_document(text: str, kind: policy_document.PolicyKind) -> int:
    """Refuse a policy document that IAM would not take.

    Returns:
        Its size as IAM counts it: without white space.

    Raises:
        Invalid: ``MalformedPolicyDocument`` with IAM's reason.
    """
    policy_document.parse(text, kind)
    return policy_document.size(text)


def over(quota: str, most: int) -> LimitExceeded:
    """IAM's sentence for a quota that would be passed."""
    return LimitExceeded(f"Cannot exceed quota for {quota}: {most}", code="LimitExceeded")


def page(items_member: str, items: list[Any], marker: str | None) -> Document:
    """An answer of IAM's lists."""
    answer: Document = {items_member: items, "IsTruncated": marker is not None}
    if marker is not None:
        answer["Marker"] = marker
    return answer


def limit_of(request: Document) -> int:
    """``MaxItems``, or IAM's default."""
    return int(request.get("MaxItems") or PAGE_DEFAULT)


def path_of(record: Record) -> str:
    """The path in a record's ARN, without decoding its document."""
    tail = record.arn.split(":", 5)[5]
    return tail[tail.index("/") : tail.rindex("/") + 1]


def under(request: Document) -> Callable[[Record], bool] | None:
    """The condition of ``PathPrefix``."""
    prefix = request.get("PathPrefix")
    if not prefix or prefix == "/":
        return None
    return lambda record: path_of(record).startswith(prefix)


def boundary_of(record: Record) -> Document:
    """``PermissionsBoundary`` of an answer, if there is one."""
    arn = record.document.get(identity.BOUNDARY)
    if arn is None:
        return {}
    return {
        "PermissionsBoundary": {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": arn,
        }
    }


def tags_of(record: Record) -> Document:
    """``Tags`` of an answer, if there are any."""
    tags = [{"Key": key, "Value": value} for key, value in sorted(record.tags.items())]
    return {"Tags": tags} if tags else {}

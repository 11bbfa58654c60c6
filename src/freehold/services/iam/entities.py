"""IAM's own service value and its kinds of things: users, roles, groups, policies and the rest.

Declares where each is found and what it is called; every file of this folder adds its
operations to ``iam``. Names are looked up by (kind, name), since an ARN holds a path that
requests do not give.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from freehold.base.errors import InUse, Invalid, LimitExceeded
from freehold.kernel import tagging
from freehold.kernel.call import Call, Page, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.resource import Resource
from freehold.kernel.declare.service import Service
from freehold.kernel.permission import identity
from freehold.policy import document as policy_document

PAGE_DEFAULT = 100  # IAM's MaxItems where none is given
ACCOUNT_OF_AWS = "aws"  # stands in the ARN of AWS-managed policies
SERVICE_LINKED_PATH = "/aws-service-role/"
RESERVED_PATHS = (SERVICE_LINKED_PATH, "/aws-reserved/")
# IAM quotas of an account. Where AWS raises one on request, this is how far: nobody is here to ask.
MOST = {"User": 5000, "Role": 5000, "Group": 500, "Policy": 5000, "InstanceProfile": 5000}
PLURALS = {"Policy": "Policies"}
SCAN_STEP = 200

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
INSTANCE_PROFILE = iam.resource(
    "InstanceProfile",
    kind="iam:instance-profile",
    arn=_pathed("instance-profile", "InstanceProfileName"),
    locate=_locator("iam:instance-profile", "instance-profile", "InstanceProfileName"),
    arn_member="Arn",
    created="CreateDate",
    modified=None,
    exists="Instance Profile {InstanceProfileName} already exists.",
    exists_code="EntityAlreadyExists",
    not_found="Instance Profile {InstanceProfileName} cannot be found.",
    not_found_code="NoSuchEntity",
    global_=True,
)


def _device(call: Call, request: Document) -> str:
    serial = request.get("SerialNumber")
    return str(serial) if serial else call.arn_of(MFA_DEVICE, request)


MFA_DEVICE = iam.resource(
    "VirtualMFADevice",
    kind="iam:mfa-device",
    arn=_pathed("mfa", "VirtualMFADeviceName"),
    locate=_device,
    arn_member="SerialNumber",
    created="_CreateDate",
    modified=None,
    exists="MFADevice entity at the same path and name already exists.",
    exists_code="EntityAlreadyExists",
    not_found="VirtualMFADevice with serial number {SerialNumber} doesn't exist.",
    not_found_code="NoSuchEntity",
    global_=True,
)
ACCOUNT = iam.resource(
    "Account",
    kind="iam:account",
    arn=lambda _document: "account-settings",
    arn_member="_Arn",
    created="_CreateDate",
    modified=None,
    global_=True,
    tagged=False,
)
PROFILES = "_InstanceProfiles"  # of a role: ARNs of the instance profiles that hold it
DEVICES = "_MfaDevices"  # of a user: serial numbers, in order of enabling
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
    """Names of one kind are unique without regard to case and path, and their number is bounded.

    Raises:
        InUse: ``EntityAlreadyExists``.
        LimitExceeded: The account has as many as it may have.
    """
    if namesake(call, resource, str(request[resource.name_member])) is not None:
        raise InUse(resource.exists.format_map(request), code=resource.exists_code)
    most = MOST[resource.name]
    if call.count(resource, "") >= most:
        raise over(f"{PLURALS.get(resource.name, resource.name + 's')}PerAccount", most)


def namesake(call: Call, resource: Resource, name: str) -> Record | None:
    """The account's own thing whose name differs from ``name`` at most in case."""
    folded = name.lower()
    asked = Page(resource.kind, scope="", column="name", name_contains=name, limit=SCAN_STEP)
    while True:
        records = call.unit.records(asked)
        for record in records:
            if record.name.lower() == folded:
                return record
        if len(records) < SCAN_STEP:
            return None
        asked = asked._replace(after=(records[-1].name, records[-1].id))


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
    """A path begins and ends with a slash, and is not one that AWS keeps for itself.

    Raises:
        Invalid: ``ValidationError`` in IAM's words.
    """
    if path.startswith(RESERVED_PATHS):
        raise Invalid(
            f"The path {path} is reserved: only AWS makes things under it.", code="ValidationError"
        )
    if not (path.startswith("/") and path.endswith("/")):
        raise Invalid(
            "The specified value for path is invalid. It must begin and end with / and contain "
            "only alphanumeric characters and/or / characters.",
            code="ValidationError",
        )


def refuse_protected(record: Record) -> None:
    """Refuse to change what is linked to a service, whose permissions are AWS's.

    Raises:
        Invalid: ``UnmodifiableEntity`` in IAM's words.
    """
    if is_service_linked(record):
        raise Invalid(
            f"Cannot perform the operation on the protected role '{record.name}' - this role is "
            "only modifiable by AWS",
            code="UnmodifiableEntity",
        )


def is_service_linked(record: Record) -> bool:
    """Whether this is a role that belongs to a service."""
    return record.kind == identity.ROLE and path_of(record).startswith(SERVICE_LINKED_PATH)


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

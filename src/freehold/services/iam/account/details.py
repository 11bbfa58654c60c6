"""GetAccountAuthorizationDetails: all users, groups, roles and policies with their documents.

Auditors and graph tools read it. One page is a run of the whole sequence: users, groups, roles,
the account's policies, AWS's; each kind by name.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.resource import Resource
from freehold.kernel.permission import identity
from freehold.services.iam import policies
from freehold.services.iam.entities import (
    ACCOUNT_OF_AWS,
    GROUP,
    POLICY,
    ROLE,
    USER,
    boundary_of,
    iam,
    limit_of,
    page,
    tags_of,
)
from freehold.services.iam.people import groups, users
from freehold.services.iam.roles import instance_profiles, roles

Show = Callable[[Call, Record], Document]


def _held(call: Call, holder: Record, noun: str) -> Document:
    """Inline policies with their texts, and attached ones by name."""
    inline = holder.document.get(identity.INLINE, {})
    attached = (call.unit.find(arn) for arn in holder.document.get(identity.ATTACHED, ()))
    return {
        f"{noun}PolicyList": [
            {"PolicyName": name, "PolicyDocument": quote(inline[name], safe="")}
            for name in sorted(inline)
        ],
        "AttachedManagedPolicies": [
            {"PolicyName": policy.name, "PolicyArn": policy.arn}
            for policy in attached
            if policy is not None
        ],
    }


def _user(call: Call, user: Record) -> Document:
    shown = {key: value for key, value in users.shown(user).items() if key != "PasswordLastUsed"}
    joined = (call.unit.find(arn) for arn in user.document.get(identity.GROUPS, ()))
    names = {"GroupList": [group.name for group in joined if group is not None]}
    return shown | _held(call, user, "User") | names | boundary_of(user) | tags_of(user)


def _group(call: Call, group: Record) -> Document:
    return groups.shown(group) | _held(call, group, "Group")


def _role(call: Call, role: Record) -> Document:
    members = ("Path", "RoleName", "RoleId", "Arn", "CreateDate", identity.TRUST)
    shown = roles.shown(call, role)
    profiles = instance_profiles.of_role(call, role)
    held = {"InstanceProfileList": [instance_profiles.shown(call, one) for one in profiles]}
    detail = {key: shown[key] for key in members} | held
    return detail | _held(call, role, "Role") | boundary_of(role) | tags_of(role)


def _policy(_call: Call, policy: Record) -> Document:
    document = policy.document
    described = {key: document[key] for key in ("Description",) if key in document}
    versions = [
        policies.version(policy, version_id, is_whole=True)
        for version_id in reversed(document[identity.VERSIONS])
    ]
    return policies.shown(policy) | described | {"PolicyVersionList": versions}


# Filter, kind, scope, member of the answer, how one is shown; in the order of the answer.
PARTS: tuple[tuple[str, Resource, str, str, Show], ...] = (
    ("User", USER, "", "UserDetailList", _user),
    ("Group", GROUP, "", "GroupDetailList", _group),
    ("Role", ROLE, "", "RoleDetailList", _role),
    ("LocalManagedPolicy", POLICY, "", "Policies", _policy),
    ("AWSManagedPolicy", POLICY, ACCOUNT_OF_AWS, "Policies", _policy),
)


@iam.operation("GetAccountAuthorizationDetails", mode="slow")
def get_account_authorization_details(call: Call, request: Document) -> Document:
    """A page of everything that policy depends on; of some kinds only, if asked."""
    wanted = request.get("Filter") or [name for name, *_ in PARTS]
    everything: list[tuple[str, Show, Record]] = []
    for name, resource, scope, member, show in PARTS:
        if name in wanted:
            records = sorted(call.all(resource, scope=scope), key=lambda record: record.name)
            everything += [(member, show, record) for record in records]
    found, marker = lists.page_of(everything, limit_of(request), request.get("Marker"))
    answer: Document = {member: [] for _, _, _, member, _ in PARTS}
    for member, show, record in found:
        answer[member].append(show(call, record))
    return page("_", [], marker) | answer

"""Customer-managed policies and their versions; AWS's own are seeded by ``managed``.

A policy's record keeps every version's text; the default one is what binds.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from freehold.base import ids
from freehold.base.errors import Denied, InUse, Invalid, LimitExceeded, NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import identity
from freehold.services.iam.attachments import BOUNDARY_USES, USES
from freehold.services.iam.entities import (
    ACCOUNT_OF_AWS,
    HOLDERS,
    POLICY,
    check_document,
    check_path,
    check_tags,
    iam,
    limit_of,
    new_arn,
    over,
    page,
    path_of,
    refuse_namesake,
    tags_of,
    under,
)

CHARACTERS_MAX = 6144  # IAM quotas: one version, white space not counted
VERSIONS_MAX = 5
SHOWN = ("PolicyName", "PolicyId", "Arn", "Path", "DefaultVersionId", "CreateDate", "UpdateDate")
COUNTED = (USES, BOUNDARY_USES)


def shown(record: Record) -> Document:
    """A policy as lists give it: without description and tags, as on AWS."""
    document = record.document
    return (
        {key: document[key] for key in SHOWN}
        | {key: document.get(key, 0) for key in COUNTED}
        | {"IsAttachable": True}
    )


def _load(call: Call, request: Document) -> Record:
    arn = request["PolicyArn"]
    if ":policy/" not in arn:
        raise Invalid(f"ARN {arn} is not valid.", code="InvalidInput")
    return call.load_arn(POLICY, arn, request)


def _load_own(call: Call, request: Document) -> Record:
    record = _load(call, request)
    if is_of_aws(record):
        raise Denied(f"Policy {record.arn} is AWS-managed: it is not yours to change.")
    return record


def is_of_aws(record: Record) -> bool:
    """Whether the policy came with the install."""
    return record.arn.split(":")[4] == ACCOUNT_OF_AWS


def _check_size(text: str) -> None:
    if check_document(text, "identity") > CHARACTERS_MAX:
        raise over("PolicySize", CHARACTERS_MAX)


@iam.operation(
    "CreatePolicy",
    on=POLICY,
    mode="write",
    target=new_arn(POLICY),
    is_create=True,
    tag_action="iam:TagPolicy",
)
def create_policy(call: Call, request: Document) -> Document:
    """A managed policy with its first version.

    Raises:
        InUse: The name is taken.
        Invalid: The document is malformed.
        LimitExceeded: It is too long.
    """
    path = request.get("Path") or "/"
    check_path(path)
    check_tags(call.request_tags)
    _check_size(request["PolicyDocument"])
    refuse_namesake(call, POLICY, request)
    document: Document = {
        "Path": path,
        "PolicyName": request["PolicyName"],
        "PolicyId": ids.unique_id("ANPA"),
        "DefaultVersionId": "v1",
        "UpdateDate": call.now,
        identity.VERSIONS: {"v1": {"Document": request["PolicyDocument"], "CreateDate": call.now}},
    }
    if "Description" in request:
        document["Description"] = request["Description"]
    record = call.create(POLICY, document, tags=call.request_tags, uid=document["PolicyId"])
    return {"Policy": shown(record) | tags_of(record)}


@iam.operation("GetPolicy", on=POLICY)
def get_policy(call: Call, request: Document) -> Document:
    """A policy without its text."""
    record = _load(call, request)
    described = {key: record.document[key] for key in ("Description",) if key in record.document}
    return {"Policy": shown(record) | described | tags_of(record)}


@iam.operation("ListPolicies")
def list_policies(call: Call, request: Document) -> Document:
    """Policies by name: AWS's, the account's own (``Local``), or all; only used ones if asked."""
    scope = request.get("Scope") or "All"
    is_below = under(request)
    usage = request.get("PolicyUsageFilter")

    def keep(record: Record) -> bool:
        if scope != "All" and is_of_aws(record) != (scope == "AWS"):
            return False
        if is_below is not None and not is_below(record):
            return False
        if usage == "PermissionsBoundary":
            return bool(record.document.get(BOUNDARY_USES))
        return not request.get("OnlyAttached") or bool(record.document.get(USES))

    found, marker = lists.page_by_name(call, POLICY, limit_of(request), request.get("Marker"), keep)
    return page("Policies", [shown(record) for record in found], marker)


@iam.operation("DeletePolicy", on=POLICY, mode="write")
def delete_policy(call: Call, request: Document) -> None:
    """Delete a policy that nobody uses and that has but one version.

    Raises:
        InUse: ``DeleteConflict``.
    """
    record = _load_own(call, request)
    if any(record.document.get(member) for member in COUNTED):
        raise InUse("Cannot delete a policy attached to entities.", code="DeleteConflict")
    if len(record.document[identity.VERSIONS]) > 1:
        raise InUse(
            "This policy has more than one version. Before you delete a policy, you must delete "
            "the policy's versions. The default version is deleted with the policy.",
            code="DeleteConflict",
        )
    call.remove(record)


@iam.operation("ListEntitiesForPolicy", on=POLICY, mode="slow")
def list_entities_for_policy(call: Call, request: Document) -> Document:
    """Who has the policy attached or is bounded by it, users, roles, then groups."""
    record = _load(call, request)
    wanted, prefix = request.get("EntityFilter"), request.get("PathPrefix") or "/"
    usage = request.get("PolicyUsageFilter")
    entities: list[tuple[str, Record]] = []
    for noun, resource in HOLDERS.items():
        if wanted not in (None, noun):
            continue
        for holder in call.all(resource):
            uses = set()
            if record.arn in holder.document.get(identity.ATTACHED, ()):
                uses.add("PermissionsPolicy")
            if record.arn == holder.document.get(identity.BOUNDARY):
                uses.add("PermissionsBoundary")
            if path_of(holder).startswith(prefix) and (usage in uses if usage else uses):
                entities.append((noun, holder))
    found, marker = lists.page_of(entities, limit_of(request), request.get("Marker"))
    answer: Document = {f"Policy{noun}s": [] for noun in HOLDERS}
    for noun, holder in found:
        names = {f"{noun}Name": holder.name, f"{noun}Id": holder.uid}
        answer[f"Policy{noun}s"].append(names)
    return page("_", [], marker) | answer


# -- versions -------------------------------------------------------------------------------------


def version(record: Record, version_id: str, *, is_whole: bool) -> Document:
    """One version as answers give it; ``is_whole``: with its text, URL-encoded."""
    kept: dict[str, Any] = record.document[identity.VERSIONS][version_id]
    answer: Document = {
        "VersionId": version_id,
        "IsDefaultVersion": version_id == record.document["DefaultVersionId"],
        "CreateDate": kept["CreateDate"],
    }
    return answer | ({"Document": quote(kept["Document"], safe="")} if is_whole else {})


def _check_version(record: Record, version_id: str) -> None:
    if version_id not in record.document[identity.VERSIONS]:
        raise NotFound(
            f"Policy {record.arn} version {version_id} does not exist or is not attachable.",
            code="NoSuchEntity",
        )


def _make_default(call: Call, record: Record, version_id: str) -> None:
    record.document["DefaultVersionId"] = version_id
    record.document["UpdateDate"] = call.now


@iam.operation("CreatePolicyVersion", on=POLICY, mode="write")
def create_policy_version(call: Call, request: Document) -> Document:
    """A further version; numbers are never used twice.

    Raises:
        LimitExceeded: There are five.
    """
    record = _load_own(call, request)
    text = request["PolicyDocument"]
    _check_size(text)
    versions = record.document[identity.VERSIONS]
    if len(versions) >= VERSIONS_MAX:
        raise LimitExceeded(
            f"A managed policy can have up to {VERSIONS_MAX} versions. Before you create a new "
            "version, you must delete an existing version."
        )
    highest = record.document.get("_HighestVersion", 1) + 1
    record.document["_HighestVersion"] = highest
    versions[f"v{highest}"] = {"Document": text, "CreateDate": call.now}
    record.document["UpdateDate"] = call.now
    if request.get("SetAsDefault"):
        _make_default(call, record, f"v{highest}")
    call.update(record)
    return {"PolicyVersion": version(record, f"v{highest}", is_whole=False)}


@iam.operation("GetPolicyVersion", on=POLICY)
def get_policy_version(call: Call, request: Document) -> Document:
    """One version with its text, URL-encoded."""
    record = _load(call, request)
    _check_version(record, request["VersionId"])
    return {"PolicyVersion": version(record, request["VersionId"], is_whole=True)}


@iam.operation("ListPolicyVersions", on=POLICY)
def list_policy_versions(call: Call, request: Document) -> Document:
    """Versions without texts, newest first."""
    record = _load(call, request)
    newest_first = list(reversed(record.document[identity.VERSIONS]))
    found, marker = lists.page_of(newest_first, limit_of(request), request.get("Marker"))
    versions = [version(record, version_id, is_whole=False) for version_id in found]
    return page("Versions", versions, marker)


@iam.operation("SetDefaultPolicyVersion", on=POLICY, mode="write")
def set_default_policy_version(call: Call, request: Document) -> None:
    """Let another version bind, from now on, whoever has the policy."""
    record = _load_own(call, request)
    _check_version(record, request["VersionId"])
    _make_default(call, record, request["VersionId"])
    call.update(record)


@iam.operation("DeletePolicyVersion", on=POLICY, mode="write")
def delete_policy_version(call: Call, request: Document) -> None:
    """Delete a version that is not the default.

    Raises:
        InUse: ``DeleteConflict``: it is the default.
    """
    record = _load_own(call, request)
    version_id = request["VersionId"]
    _check_version(record, version_id)
    if version_id == record.document["DefaultVersionId"]:
        raise InUse("Cannot delete the default version of a policy.", code="DeleteConflict")
    del record.document[identity.VERSIONS][version_id]
    call.update(record)

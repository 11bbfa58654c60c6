"""Access keys of users and of the root: made, listed, switched off and on, deleted.

The secret is answered once, at its making. Without a user name the keys are the caller's own.
"""

from __future__ import annotations

from freehold.base.errors import Invalid, NotFound
from freehold.kernel.call import Call
from freehold.kernel.declare import lists
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import credentials, identity
from freehold.kernel.permission.credentials import AccessKey
from freehold.services.iam.entities import USER, holder, iam, limit_of, over, page

ACCESS_KEYS_MAX = 2  # IAM quotas: a user


def _owner(call: Call, request: Document) -> tuple[str, str]:
    """(ARN, name) of whose keys the request means; the root has no name."""
    if not request.get("UserName") and call.principal.kind == "root":
        return identity.root_arn(call.kernel.settings), ""
    record = holder(call, USER, request)
    return record.arn, record.name


def _key(call: Call, request: Document) -> AccessKey:
    owner, _ = _owner(call, request)
    key = credentials.access_key(call, request["AccessKeyId"])
    if key is None or key.owner != owner:
        raise NotFound(
            f"The Access Key with id {request['AccessKeyId']} cannot be found.",
            code="NoSuchEntity",
        )
    return key


@iam.operation("CreateAccessKey", on=USER, mode="write")
def create_access_key(call: Call, request: Document) -> Document:
    """A new active key and its secret, which is never shown again.

    Raises:
        LimitExceeded: The user has two.
    """
    owner, name = _owner(call, request)
    if len(credentials.access_keys(call, owner)) >= ACCESS_KEYS_MAX:
        raise over("AccessKeysPerUser", ACCESS_KEYS_MAX)
    key = credentials.new_access_key(call, owner)
    return {
        "AccessKey": {
            "UserName": name,
            "AccessKeyId": key.id,
            "Status": key.status,
            "SecretAccessKey": key.secret,
            "CreateDate": key.created,
        }
    }


@iam.operation("ListAccessKeys", on=USER)
def list_access_keys(call: Call, request: Document) -> Document:
    """Keys of a user, oldest first, without secrets."""
    owner, name = _owner(call, request)
    keys = credentials.access_keys(call, owner)
    found, marker = lists.page_of(keys, limit_of(request), request.get("Marker"))
    items = [
        {
            "UserName": name,
            "AccessKeyId": key.id,
            "Status": key.status,
            "CreateDate": key.created,
        }
        for key in found
    ]
    return page("AccessKeyMetadata", items, marker)


@iam.operation("UpdateAccessKey", on=USER, mode="write")
def update_access_key(call: Call, request: Document) -> None:
    """Switch a key off, or on again.

    Raises:
        Invalid: A status that only AWS sets.
    """
    if request["Status"] not in ("Active", "Inactive"):
        raise Invalid("Status must be Active or Inactive.", code="ValidationError")
    key = _key(call, request)
    credentials.put_access_key(call, key._replace(status=request["Status"]))


@iam.operation("DeleteAccessKey", on=USER, mode="write")
def delete_access_key(call: Call, request: Document) -> None:
    """Delete a key for good."""
    credentials.remove_access_key(call, _key(call, request).id)


def _user_of_key(call: Call, request: Document) -> str:
    key = credentials.access_key(call, request["AccessKeyId"])
    return USER.target(call, {"UserName": "*"}) if key is None else key.owner


@iam.operation("GetAccessKeyLastUsed", on=USER, target=_user_of_key)
def get_access_key_last_used(call: Call, request: Document) -> Document:
    """Whose a key is, and when it was used last; ``N/A`` where no use was noted.

    Raises:
        NotFound: There is no such key.
    """
    key = credentials.access_key(call, request["AccessKeyId"])
    if key is None:
        raise NotFound(
            f"The Access Key with id {request['AccessKeyId']} cannot be found.",
            code="NoSuchEntity",
        )
    used: Document = {"ServiceName": "N/A", "Region": "N/A"}
    if key.used is not None:
        used |= {"LastUsedDate": key.used}
    owner = call.unit.find(key.owner)
    return {"UserName": "" if owner is None else owner.name, "AccessKeyLastUsed": used}

"""Settings of buckets, as they truly are here: what is always so is answered, not stored.

There is no website, lifecycle or replication on a bucket; nothing is ever served to the
public; the account owns everything. What would change that is refused by name.
"""

from __future__ import annotations

from freehold.base.errors import NotFound, Unsupported
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.services.s3 import entries
from freehold.services.s3.service import BUCKET, bucket_arn, owner, serves

_VERSIONING = "_Versioning"
_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")

# Operation -> (IAM's action where it is named otherwise, code, sentence) of what is never there.
_ABSENT = {
    "GetBucketCors": (
        "GetBucketCORS",
        "NoSuchCORSConfiguration",
        "The CORS configuration does not exist",
    ),
    "GetBucketWebsite": (
        None,
        "NoSuchWebsiteConfiguration",
        "The specified bucket does not have a website configuration",
    ),
    "GetBucketLifecycleConfiguration": (
        "GetLifecycleConfiguration",
        "NoSuchLifecycleConfiguration",
        "The lifecycle configuration does not exist",
    ),
    "GetBucketReplication": (
        "GetReplicationConfiguration",
        "ReplicationConfigurationNotFoundError",
        "The replication configuration was not found",
    ),
    "GetBucketEncryption": (
        "GetEncryptionConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
        "The server side encryption configuration was not found",
    ),
    "GetObjectLockConfiguration": (
        "GetBucketObjectLockConfiguration",
        "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket",
    ),
}
# Operation -> (IAM's action where it is named otherwise, what is always so).
_FIXED: dict[str, tuple[str | None, Document]] = {
    "GetBucketLogging": (None, {}),
    "GetBucketRequestPayment": (None, {"Payer": "BucketOwner"}),
    "GetBucketAccelerateConfiguration": ("GetAccelerateConfiguration", {}),
    "GetBucketNotificationConfiguration": ("GetBucketNotification", {}),
    "GetBucketOwnershipControls": (
        None,
        {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
    ),
    "GetPublicAccessBlock": (
        "GetBucketPublicAccessBlock",
        {"PublicAccessBlockConfiguration": dict.fromkeys(_BLOCKS, True)},
    ),
}


def _declare_absent(name: str, action: str | None, code: str, sentence: str) -> None:
    @serves(name, on="bucket", mode="read", action=action)
    def absent(_call: Call, _request: Document) -> Document:
        raise NotFound(sentence, code=code)


def _declare_fixed(name: str, action: str | None, answer: Document) -> None:
    @serves(name, on="bucket", mode="read", action=action)
    def fixed(_call: Call, _request: Document) -> Document:
        return answer


for _name, (_action, _code, _sentence) in _ABSENT.items():
    _declare_absent(_name, _action, _code, _sentence)
for _name, (_action, _answer) in _FIXED.items():
    _declare_fixed(_name, _action, _answer)


@serves("PutPublicAccessBlock", on="bucket", mode="read", action="PutBucketPublicAccessBlock")
def put_public_access_block(_call: Call, request: Document) -> Document:
    """All four may be asked for, since all four always hold.

    Raises:
        Unsupported: One is to be lifted.
    """
    asked = request["PublicAccessBlockConfiguration"]
    if not all(asked.get(name) for name in _BLOCKS):
        raise Unsupported("This server never serves objects to the public: all four blocks stay.")
    return {}


@serves("PutBucketOwnershipControls", on="bucket", mode="read")
def put_bucket_ownership_controls(_call: Call, request: Document) -> Document:
    """The bucket's owner owns everything in it: that may be asked for, since it always holds.

    Raises:
        Unsupported: Another ownership.
    """
    rules = request["OwnershipControls"]["Rules"]
    if [rule["ObjectOwnership"] for rule in rules] != ["BucketOwnerEnforced"]:
        raise Unsupported("This server has no ACLs: BucketOwnerEnforced is the one ownership.")
    return {}


@serves("GetBucketVersioning", on="bucket", mode="read")
def get_bucket_versioning(call: Call, request: Document) -> Document:
    """Nothing, or ``Suspended`` where that was asked for."""
    bucket = call.load_arn(BUCKET, bucket_arn(call, request), request)
    status = bucket.document.get(_VERSIONING)
    return {"Status": status} if status else {}


@serves("PutBucketVersioning", on="bucket", mode="write")
def put_bucket_versioning(call: Call, request: Document) -> Document:
    """``Suspended`` is kept, as new objects then are what they are here anyhow.

    Raises:
        Unsupported: ``Enabled``.
    """
    if request["VersioningConfiguration"].get("Status") != "Suspended":
        raise Unsupported("Versions of objects are not supported by this server.")
    bucket = call.load_arn(BUCKET, bucket_arn(call, request), request)
    bucket.document[_VERSIONING] = "Suspended"
    call.update(bucket)
    return {}


@serves("GetBucketAcl", on="bucket", mode="read")
def get_bucket_acl(call: Call, _request: Document) -> Document:
    """The account has full control; nobody else is in an ACL."""
    return _acl(call)


@serves("GetObjectAcl", on="key", mode="read")
def get_object_acl(call: Call, request: Document) -> Document:
    """The same for an object that exists."""
    entries.load(call, request)
    return _acl(call)


def _acl(call: Call) -> Document:
    grantee = owner(call) | {"Type": "CanonicalUser"}
    return {"Owner": owner(call), "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}]}

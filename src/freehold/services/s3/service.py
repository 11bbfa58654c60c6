"""S3: the service, its one resource, and what every operation on a bucket or key asks first.

Operations are declared through :func:`serves`: who may (IAM's action on the bucket or on the
object), then that the bucket exists and belongs to whom the caller expects, then that nothing is
asked which we do not do. Source: S3 API reference; Service Authorization Reference, Amazon S3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Literal

from freehold.base.errors import Denied, Invalid, Unsupported
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document, Mode, Run
from freehold.kernel.declare.service import Service
from freehold.services.s3 import conditions


def _bucket_of(arn: str) -> str | None:
    """The bucket whose policy guards a bucket or an object."""
    return arn.partition("/")[0] if arn != "*" else None


s3 = Service("s3", tag_member="_none", policy_holder=_bucket_of)
Place = Literal["account", "bucket", "key"]

# Members that stand for something that this server does not do, and the reason.
_ENCRYPTION = "this server does not encrypt objects itself: encrypt the disk under its state"
_LOCK = "this server has no object lock"
_REFUSED = {
    "SSEKMSKeyId": _ENCRYPTION,
    "SSECustomerAlgorithm": _ENCRYPTION,
    "SSECustomerKey": _ENCRYPTION,
    "CopySourceSSECustomerAlgorithm": _ENCRYPTION,
    "BucketKeyEnabled": _ENCRYPTION,
    "ObjectLockMode": _LOCK,
    "ObjectLockRetainUntilDate": _LOCK,
    "ObjectLockLegalHoldStatus": _LOCK,
    "ObjectLockEventHold": _LOCK,
    "ObjectLockEnabledForBucket": _LOCK,
    "WriteOffsetBytes": "objects cannot be appended to",
    "MFA": "this server has no MFA delete",
    "IfMatchLastModifiedTime": "only directory buckets have it, and this server has none",
    "IfMatchSize": "only directory buckets have it, and this server has none",
    "IfMatchInitiatedTime": "only directory buckets have it, and this server has none",
}
# Encryption without a key of the caller's is let pass and never answered as done: the SageMaker
# SDK asks for it with every upload of code (fw_utils.py, tar_and_upload_dir).
_MANAGED_KEYS = frozenset({None, "AES256", "aws:kms"})
_ACLS = frozenset({"private", "bucket-owner-full-control", "bucket-owner-read"})
_GRANTS = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")


def bucket_arn(call: Call, request: Document) -> str:
    """The ARN of the bucket that a request names."""
    return f"arn:{call.kernel.settings.partition}:s3:::{request['Bucket']}"


def object_arn(call: Call, request: Document) -> str:
    """The ARN of the object that a request names."""
    return f"{bucket_arn(call, request)}/{request['Key']}"


BUCKET = s3.resource(
    "Bucket",
    arn="{Bucket}",
    name_member="Bucket",
    locate=bucket_arn,
    created="CreationDate",
    modified=None,
    not_found="The specified bucket does not exist",
    not_found_code="NoSuchBucket",
)
_TARGETS: dict[str, Callable[[Call, Document], str]] = {
    "account": lambda _call, _request: "*",
    "bucket": bucket_arn,
    "key": object_arn,
}


def serves(
    name: str,
    *,
    on: Place,
    mode: Mode,
    action: str | None = None,
    ahead: Callable[[Call, Document], None] | None = None,
    is_of_policy: bool = False,
) -> Callable[[Run], Run]:
    """Declare an operation on a bucket or key; ``action`` is IAM's where it is named otherwise."""

    def declare(run: Run) -> Run:
        def guarded(call: Call, request: Document) -> Document | None:
            if on != "account":
                guard(call, request)
            return run(call, request)

        def guarded_ahead(call: Call, request: Document) -> None:
            assert ahead is not None
            guard(call, request)
            ahead(call, request)

        s3.add(
            name,
            guarded,
            mode=mode,
            action=f"s3:{action or name}",
            target=_TARGETS[on],
            resource=BUCKET if on == "bucket" else None,
            keys={"s3:": conditions.facts, "aws:": conditions.tags},
            ahead=None if ahead is None else guarded_ahead,
            is_of_policy=is_of_policy,
        )
        return run

    return declare


def guard(call: Call, request: Document) -> Record:
    """The bucket of a request, once it is clear that nothing else stands against the call.

    Raises:
        NotFound: ``NoSuchBucket``.
        Denied: The bucket's owner is not whom the caller expects.
        Invalid: An ACL beyond the owner's own, or a version that cannot be.
        Unsupported: A member that stands for something that we do not do.
    """
    bucket = call.load_arn(BUCKET, bucket_arn(call, request), request)
    check_owner(call, request.get("ExpectedBucketOwner"))
    check_members(request)
    return bucket


def check_owner(call: Call, expected: str | None) -> None:
    """Every bucket here belongs to the one account."""
    if expected is not None and expected != call.account_id:
        raise Denied("Access Denied: the bucket belongs to another account than expected.")


def check_members(request: Document) -> None:
    """Refuse what we do not do, by name; what would change nothing is let pass."""
    for name, reason in _REFUSED.items():
        if request.get(name) not in (None, False):
            raise Unsupported(f"{name} is not supported: {reason}.")
    if request.get("ServerSideEncryption") not in _MANAGED_KEYS:
        raise Unsupported(f"ServerSideEncryption is not supported: {_ENCRYPTION}.")
    if request.get("StorageClass", "STANDARD") != "STANDARD":
        raise Invalid(
            "The storage class you specified is not valid: this server keeps STANDARD only.",
            code="InvalidStorageClass",
        )
    if request.get("ACL", "private") not in _ACLS or any(name in request for name in _GRANTS):
        raise Invalid(
            "The bucket does not allow ACLs: grant access by IAM policies.",
            code="AccessControlListNotSupported",
        )
    if request.get("VersionId") not in (None, "", "null"):
        raise Invalid("Invalid version id specified", code="InvalidArgument")


def owner(call: Call) -> Document:
    """The canonical user of the account: 64 hex digits, as on AWS."""
    return {"ID": hashlib.sha256(call.account_id.encode()).hexdigest()}


def quoted(etag: str) -> str:
    """An ETag as it stands on the wire."""
    return f'"{etag}"'


def members(**values: Any) -> Document:
    """A document of what is not None."""
    return {name: value for name, value in values.items() if value is not None}

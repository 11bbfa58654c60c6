"""Condition keys of S3: what policies may ask of a call beside who makes it.

Read by ``kernel/permission/access.py`` through each operation's declaration, before anything is
looked up for the answer. Source: Service Authorization Reference, Amazon S3, "Condition keys".
"""

from __future__ import annotations

from freehold.kernel import objects_index, tagging
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.services.s3 import tag_sets

# Condition key (without ``s3:``) by the member that holds its value.
_MEMBERS = {
    "Prefix": "prefix",
    "Delimiter": "delimiter",
    "MaxKeys": "max-keys",
    "ACL": "x-amz-acl",
    "CopySource": "x-amz-copy-source",
    "MetadataDirective": "x-amz-metadata-directive",
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
    "SSECustomerAlgorithm": "x-amz-server-side-encryption-customer-algorithm",
    "StorageClass": "x-amz-storage-class",
    "IfMatch": "if-match",
    "IfNoneMatch": "if-none-match",
    "ObjectOwnership": "x-amz-object-ownership",
    "VersionId": "versionid",
    "GrantRead": "x-amz-grant-read",
    "GrantWrite": "x-amz-grant-write",
    "GrantReadACP": "x-amz-grant-read-acp",
    "GrantWriteACP": "x-amz-grant-write-acp",
    "GrantFullControl": "x-amz-grant-full-control",
}
# Not DeleteObject and PutObject: AWS does not know the key there, and an Allow must not match.
_ABOUT_EXISTING = frozenset(
    {
        "GetObject",
        "HeadObject",
        "GetObjectAcl",
        "GetObjectAttributes",
        "GetObjectTagging",
        "PutObjectTagging",
        "DeleteObjectTagging",
    }
)
_WRITES_TAGS = frozenset({"PutObject", "CopyObject", "CreateMultipartUpload"})
SIGNATURE = "Signature"  # of ``Call.internal``: keys that the edge reads off the signature


def facts(call: Call, request: Document) -> Document:
    """Keys of the prefix ``s3:``. A prefix or delimiter that is empty is a value, too."""
    found: Document = {"ResourceAccount": call.account_id}
    for member, key in _MEMBERS.items():
        if member in request:
            found[key] = str(request[member])
    found |= call.internal.get(SIGNATURE, {})
    name = call.operation.name
    if name in _ABOUT_EXISTING:
        found |= existing(call, request["Bucket"], request["Key"])
    new = None
    if name in _WRITES_TAGS:
        asked = tag_sets.from_header(request.get("Tagging"))
        new = tagging.of_caller(call, asked) | tagging.of_origin(call)
    elif name == "PutObjectTagging":
        new = tag_sets.from_list(request, tag_sets.OBJECT_TAGS_MAX)
    if new:
        found |= {f"RequestObjectTag/{key}": value for key, value in new.items()}
        found["RequestObjectTagKeys"] = tuple(new)
    return found


def existing(call: Call, bucket: str, key: str) -> Document:
    """``ExistingObjectTag/...`` of the object under a key, if there is one."""
    entry = objects_index.find(call.unit, bucket, key)
    if entry is None:
        return {}
    tags = tag_sets.of(entry.document)
    return {f"ExistingObjectTag/{name}": value for name, value in tags.items()}


def existing_keys(call: Call, bucket: str, key: str) -> dict[str, str]:
    """The same, for questions beside a call's own."""
    return {f"s3:{name}": value for name, value in existing(call, bucket, key).items()}


def tags(call: Call, request: Document) -> Document:
    """Keys of the prefix ``aws:`` for the one operation that brings a bucket's tags."""
    if call.operation.name != "PutBucketTagging":
        return {}
    new = tag_sets.from_list(request, tagging.TAGS_MAX)
    return {f"RequestTag/{key}": value for key, value in new.items()} | {"TagKeys": tuple(new)}

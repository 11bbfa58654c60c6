"""Bucket policies: kept, checked, and asked with every call on the bucket and its objects.

Nothing here is ever served to the public, so a policy that would do so is refused, as AWS does
where BlockPublicPolicy holds. Source: S3 API reference, PutBucketPolicy; S3 User Guide, "The
meaning of public".
"""

from __future__ import annotations

from freehold.base.errors import Denied, Invalid, NotFound
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import things
from freehold.policy.document import Policy, Statement
from freehold.services.s3.service import BUCKET, bucket_arn, serves

BYTES_MAX = 20 * 1024
# A condition on one of these with fixed values makes a grant to everyone a grant to some.
_FIXING = frozenset(
    {
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:userid",
        "aws:username",
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)
_FIXING_OPERATORS = ("StringEquals", "StringLike", "ArnEquals", "ArnLike", "IpAddress")


@serves("PutBucketPolicy", on="bucket", mode="write", is_of_policy=True)
def put_bucket_policy(call: Call, request: Document) -> Document:
    """Keep a policy in place of the one before.

    Raises:
        Invalid: ``MalformedPolicy``: it does not parse, speaks of another bucket, or names nobody.
        Denied: It would open the bucket to the public.
    """
    bucket = _bucket(call, request)
    text = str(request["Policy"])
    if len(text.encode()) > BYTES_MAX:
        raise Invalid("Normalized policy document exceeds the maximum allowed size", code=_CODE)
    try:
        policy = things.read(call, text)
    except Invalid as refused:
        raise Invalid(refused.message, code=_CODE) from None
    _check(policy, bucket)
    things.put(call, bucket, text)
    call.update(bucket)
    return {}


_CODE = "MalformedPolicy"


def _check(policy: Policy, bucket: Record) -> None:
    for statement in policy.statements:
        for action in statement.actions:
            if action != "*" and not action.lower().startswith("s3:"):
                raise Invalid("Policy has invalid action", code=_CODE)
        for resource in statement.resources or ():
            if resource.split("/", 1)[0] != bucket.arn:
                raise Invalid("Policy has invalid resource", code=_CODE)
    if any(_is_public(statement) for statement in policy.statements):
        raise Denied(
            "The bucket policy would grant access to the public, which the BlockPublicPolicy "
            "setting of this server forbids."
        )


def _is_public(statement: Statement) -> bool:
    """Whether an Allow to everyone is narrowed by no fixed value."""
    if statement.is_deny or statement.principals is None or not statement.principals.is_everyone:
        return False
    return not any(
        line.operator in _FIXING_OPERATORS
        and line.key.lower() in _FIXING
        and not any("*" in wanted or "${" in wanted for wanted in line.values)
        and not any(wanted in ("0.0.0.0/0", "::/0") for wanted in line.values)
        for line in statement.lines
    )


@serves("GetBucketPolicy", on="bucket", mode="read", is_of_policy=True)
def get_bucket_policy(call: Call, request: Document) -> Document:
    """The text as it was sent.

    Raises:
        NotFound: ``NoSuchBucketPolicy``.
    """
    return {"Policy": _text(_bucket(call, request))}


@serves("GetBucketPolicyStatus", on="bucket", mode="read")
def get_bucket_policy_status(call: Call, request: Document) -> Document:
    """Whether it is public: it never is.

    Raises:
        NotFound: ``NoSuchBucketPolicy``.
    """
    _text(_bucket(call, request))
    return {"PolicyStatus": {"IsPublic": False}}


@serves("DeleteBucketPolicy", on="bucket", mode="write", is_of_policy=True)
def delete_bucket_policy(call: Call, request: Document) -> Document:
    """Take it away; that there was none is no error."""
    bucket = _bucket(call, request)
    things.drop(bucket)
    call.update(bucket)
    return {}


def _bucket(call: Call, request: Document) -> Record:
    return call.load_arn(BUCKET, bucket_arn(call, request), request)


def _text(bucket: Record) -> str:
    found = things.text(bucket)
    if found is None:
        raise NotFound("The bucket policy does not exist", code="NoSuchBucketPolicy")
    return found

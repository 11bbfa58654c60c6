"""What narrows and marks a new session: its tags, its session policies, its length.

Requests of AssumeRole, AssumeRoleWithWebIdentity and GetFederationToken come in, members of the
session's principal and condition keys go out.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

from freehold.auth.principal import Principal
from freehold.base.errors import Invalid, LimitExceeded, Unsupported
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import identity
from freehold.policy import document as policy_document
from freehold.policy.context import tag_context

PLAIN_MAX = 2048  # characters of session policies and ARNs together (IAM and STS quotas)
PACKED_BYTES_MAX = 2048  # of these and the tags, deflated; AWS has such a limit and hides it
POLICY_ARNS_MAX = 10  # STS API, AssumeRole, PolicyArns
SESSION_TAGS_MAX = 50
CHAINED_SECONDS_MAX = 3600  # role chaining (STS API, AssumeRole)


def session_tags(principal: Principal, request: Document) -> dict[str, str]:
    """Tags of the new session: the transitive ones of the calling one, and those asked for.

    Raises:
        Invalid: A key stands twice, is AWS's own, or would replace a transitive one.
    """
    inherited = {
        key: value
        for key, value in principal.session_tags.items()
        if key in principal.transitive_tag_keys
    }
    asked = {tag["Key"]: tag.get("Value", "") for tag in request.get("Tags") or ()}
    folded = [tag["Key"].lower() for tag in request.get("Tags") or ()]
    if len(set(folded)) < len(folded):
        raise Invalid(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            code="InvalidParameterValue",
        )
    if {key.lower() for key in inherited} & set(folded):
        raise Invalid(
            "One of the specified transitive tag keys can't be set because it conflicts with a "
            "transitive tag key from the calling session.",
            code="InvalidParameterValue",
        )
    if any(key.startswith("aws:") for key in folded):
        raise Invalid("Tag keys that begin with aws: are AWS's own.", code="InvalidParameterValue")
    if len(inherited) + len(asked) > SESSION_TAGS_MAX:
        raise Invalid(f"A session may carry {SESSION_TAGS_MAX} tags.", code="ValidationError")
    return inherited | asked


def transitive(principal: Principal, request: Document) -> tuple[str, ...]:
    """Keys of tags that go on to the next role: the inherited ones and those asked for.

    Raises:
        Invalid: A key without its tag in this request.
    """
    asked = tuple(request.get("TransitiveTagKeys") or ())
    if not set(asked) <= {tag["Key"] for tag in request.get("Tags") or ()}:
        raise Invalid(
            "The specified transitive tag key must be included in the requested tags.",
            code="ValidationError",
        )
    return tuple(dict.fromkeys(principal.transitive_tag_keys + asked))


def session_policies(
    call: Call, request: Document, tags: dict[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """(inline texts, managed ARNs, per cent of the packed size) of a session.

    Raises:
        Invalid: A document is malformed, or an ARN names no managed policy.
        LimitExceeded: Together, or packed with the tags, they are too long.
    """
    texts = tuple(text for text in (request.get("Policy"),) if text)
    arns = tuple(item["arn"] for item in request.get("PolicyArns") or () if item.get("arn"))
    if len(arns) > POLICY_ARNS_MAX:
        raise Invalid(
            f"1 validation error detected: Value at 'policyArns' failed to satisfy constraint: "
            f"Member must have length less than or equal to {POLICY_ARNS_MAX}",
            code="ValidationError",
        )
    for text in texts:
        policy_document.parse(text, "session")
    for arn in arns:
        policy = call.unit.find(arn)
        if policy is None or policy.kind != identity.POLICY:
            raise Invalid(
                f"Policy {arn} does not exist or is not attachable.", code="InvalidParameterValue"
            )
    plain = sum(map(len, texts)) + sum(map(len, arns))
    if plain > PLAIN_MAX:
        raise _too_large(_per_cent(plain, PLAIN_MAX))
    if not (texts or arns or tags):
        return (), (), 0
    packed = len(zlib.compress(json.dumps([texts, arns, tags]).encode(), 9, wbits=-15))
    if packed > PACKED_BYTES_MAX:
        raise _too_large(_per_cent(packed, PACKED_BYTES_MAX))
    return texts, arns, _per_cent(packed, PACKED_BYTES_MAX)


def _too_large(per_cent: int) -> LimitExceeded:
    return LimitExceeded(
        f"Packed policy consumes {per_cent}% of allotted space, please use smaller policy.",
        code="PackedPolicyTooLarge",
    )


def _per_cent(size: int, most: int) -> int:
    return -(-size * 100 // most)


def seconds(principal: Principal, role: Record, request: Document) -> float:
    """How long the session lasts.

    Raises:
        Invalid: Longer than the role permits, or than a chain of roles may.
    """
    asked = int(request.get("DurationSeconds") or identity.SESSION_SECONDS_DEFAULT)
    longest = int(role.document.get("MaxSessionDuration") or identity.SESSION_SECONDS_DEFAULT)
    if principal.kind == "session" and asked > CHAINED_SECONDS_MAX:
        raise Invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining.",
            code="ValidationError",
        )
    if asked > longest:
        raise Invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            code="ValidationError",
        )
    return float(asked)


def about(request: Document, role: Record) -> dict[str, Any]:
    """Condition keys of a request for a role's session; absent where it says nothing."""
    keys: dict[str, Any] = {
        "sts:rolesessionname": request["RoleSessionName"],
        "aws:resourceaccount": role.arn.split(":")[4],
    }
    if "ExternalId" in request:
        keys["sts:externalid"] = request["ExternalId"]
    if "SourceIdentity" in request:
        keys["sts:sourceidentity"] = request["SourceIdentity"]
    if request.get("TransitiveTagKeys"):
        keys["sts:transitivetagkeys"] = tuple(request["TransitiveTagKeys"])
    if request.get("Tags"):
        keys["aws:tagkeys"] = tuple(tag["Key"] for tag in request["Tags"])
        keys |= tag_context(
            "aws:RequestTag", ((tag["Key"], tag.get("Value", "")) for tag in request["Tags"])
        )
    keys |= tag_context("aws:ResourceTag", role.tags.items())
    keys |= tag_context("iam:ResourceTag", role.tags.items())
    return keys


def refuse_unserved(request: Document) -> None:
    """Members that we do not serve are refused by name, never passed over.

    Raises:
        Unsupported: One is given.
    """
    for member in ("ProvidedContexts", "ProviderId", "MinimumSessionTokenSize"):
        if request.get(member):
            raise Unsupported(f"{member} is not supported by this server.")

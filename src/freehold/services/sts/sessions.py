"""What narrows and marks a new session: its tags and its session policies.

Requests of AssumeRole and GetFederationToken come in, members of the session's principal go out.
"""

from __future__ import annotations

from freehold.auth.principal import Principal
from freehold.base.errors import Invalid, LimitExceeded
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import identity
from freehold.policy import document as policy_document

PACKED_MAX = 2048  # characters of session policies and ARNs together (IAM and STS quotas)
SESSION_TAGS_MAX = 50


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
    asked = {tag["Key"]: tag["Value"] for tag in request.get("Tags") or ()}
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
    return principal.transitive_tag_keys + asked


def session_policies(
    call: Call, request: Document, tags: dict[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """(inline texts, managed ARNs, per cent of the packed size) of a session.

    Raises:
        Invalid: A document is malformed, or an ARN names no managed policy.
        LimitExceeded: Together they are too long.
    """
    texts = tuple(text for text in (request.get("Policy"),) if text)
    arns = tuple(item["arn"] for item in request.get("PolicyArns") or () if item.get("arn"))
    for text in texts:
        policy_document.parse(text, "session")
    for arn in arns:
        policy = call.unit.find(arn)
        if policy is None or policy.kind != identity.POLICY:
            raise Invalid(
                f"Policy {arn} does not exist or is not attachable.", code="InvalidParameterValue"
            )
    policy_characters = sum(map(len, texts)) + sum(map(len, arns))
    if policy_characters > PACKED_MAX:
        raise LimitExceeded(
            "Packed policy consumes "
            f"{_per_cent(policy_characters)}% of allotted space, please use smaller policy.",
            code="PackedPolicyTooLarge",
        )
    tag_characters = sum(len(key) + len(value) for key, value in tags.items())
    return texts, arns, min(100, _per_cent(policy_characters + tag_characters))


def _per_cent(characters: int) -> int:
    return -(-characters * 100 // PACKED_MAX)

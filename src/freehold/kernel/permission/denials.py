"""A refusal in its service's own words; EC2 seals the reasons into its message.

Called by ``access.py`` with the decision that refused. Who holds ``sts:DecodeAuthorizationMessage``
reads the reasons (``services/sts/messages.py``); to all others the text is closed.
Source: STS API, DecodeAuthorizationMessage; EC2 User Guide, "Troubleshoot permissions".
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from freehold.auth.sealing import NONCE_BYTES, OPENED_BYTES_MAX, Keyring
from freehold.base.errors import Denied
from freehold.policy.decision import Decision

if TYPE_CHECKING:
    from freehold.kernel.call import Call

ENCODING = frozenset({"ec2"})  # services whose refusals carry an encoded message
ENCODED_CHARS_MAX = 10_240  # STS API, DecodeAuthorizationMessage, EncodedMessage
_CONTEXT = b"authorization message"


def denied(call: Call, action: str, arn: str, decision: Decision) -> Denied:
    """The fault to raise for a question that policy said no to."""
    words = decision.message(call.principal.arn, action, arn)
    if call.operation.service.prefix not in ENCODING:
        return Denied(words)
    encoded = encode_authorization_message(call, action, arn, decision)
    return Denied(
        f"You are not authorized to perform this operation. {words}. "
        f"Encoded authorization failure message: {encoded}"
    )


def encode_authorization_message(call: Call, action: str, arn: str, decision: Decision) -> str:
    """The reasons of a refusal, sealed: URL-safe text of at most ENCODED_CHARS_MAX characters.

    Condition keys are left out where they would make it longer.
    """
    context = call.refused_context or {}
    whole = _reasons(call, action, arn, decision, context)
    for reasons in (whole, _reasons(call, action, arn, decision, {})):
        content = json.dumps(reasons, separators=(",", ":")).encode()
        if len(content) <= OPENED_BYTES_MAX:
            sealed = call.kernel.keyring.seal(_CONTEXT, content, os.urandom(NONCE_BYTES))
            if len(sealed) <= ENCODED_CHARS_MAX:
                return sealed
    return ""


def decode_authorization_message(keyring: Keyring, text: str) -> str:
    """The JSON of an encoded message.

    Raises:
        Broken: It is none of ours, or was altered.
    """
    return keyring.open(_CONTEXT, text)[0].decode()


def _reasons(
    call: Call, action: str, arn: str, decision: Decision, context: dict[str, Any]
) -> dict[str, Any]:
    principal = call.principal
    is_explicit = decision.effect == "explicitDeny"
    name = principal.user_name or principal.session_name or principal.kind
    return {
        "allowed": False,
        "explicitDeny": is_explicit,
        "matchedStatements": _items([_statement(call, decision)] if is_explicit else []),
        "failures": _items([]),
        "context": {
            "principal": {"id": principal.userid, "name": name, "arn": principal.arn},
            "action": action,
            "resource": arn,
            "conditions": _items([_condition(*pair) for pair in sorted(context.items())]),
        },
    }


def _statement(call: Call, decision: Decision) -> dict[str, Any]:
    """The statement that denies, by its Sid or place, and the policy that it stands in."""
    return {
        "statementId": decision.statement or "",
        "effect": "DENY",
        "sourcePolicyId": decision.policy or "",
        "principals": _items([{"value": call.principal.unique_id}]),
    }


def _condition(key: str, value: str | tuple[str, ...]) -> dict[str, Any]:
    values = [value] if isinstance(value, str) else list(value)
    return {"key": key, "values": _items([{"value": item} for item in values])}


def _items(items: list[Any]) -> dict[str, Any]:
    return {"items": items}

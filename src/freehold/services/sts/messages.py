"""DecodeAuthorizationMessage: why EC2 refused, read back from the message of the refusal."""

from __future__ import annotations

from freehold.auth.sealing import Broken
from freehold.base.errors import Invalid
from freehold.kernel.call import Call
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import denials
from freehold.services.sts.callers import sts


@sts.operation("DecodeAuthorizationMessage", secrets=("EncodedMessage",))
def decode_authorization_message(call: Call, request: Document) -> Document:
    """The reasons of a refusal as JSON text; nothing is kept, the message carries it all.

    Raises:
        Invalid: ``InvalidAuthorizationMessageException``: none of ours, or altered.
    """
    try:
        text = denials.decode_authorization_message(call.kernel.keyring, request["EncodedMessage"])
    except Broken as broken:
        raise Invalid(
            "Message is not valid",
            code="InvalidAuthorizationMessageException",
            detail=str(broken),
        ) from None
    return {"DecodedMessage": text}

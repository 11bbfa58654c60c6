"""Page tokens: opaque, and good only for the request that they were given to.

Input: a request and where its next page begins. Output: a token, and back. A token holds no
secret and grants nothing: the request that brings it is authorized like any other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from freehold.base.errors import Invalid

_TOKEN_MEMBERS = ("NextPageToken", "NextToken")
NOT_OURS = "Invalid next token. Use the token of the last answer, unchanged."
OTHER_REQUEST = (
    "The request does not match the next token. Repeat the request unchanged, or start anew "
    "without a token."
)


def token(request: Mapping[str, Any], position: list[Any]) -> str:
    """The token for the page of ``request`` that begins at ``position`` (JSON-ready)."""
    body = json.dumps([_print(request), position], separators=(",", ":")).encode()
    check = hashlib.sha256(body).digest()[:6]
    return base64.urlsafe_b64encode(check + body).decode()


def position(request: Mapping[str, Any], text: str | None) -> list[Any] | None:
    """Where the page of ``text`` begins; None without a token.

    Raises:
        Invalid: InvalidNextTokenException for what no server of ours gave, and
            RequestChangedException for a token of another request.
    """
    if not text:
        return None
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
        check, body = raw[:6], raw[6:]
        if hashlib.sha256(body).digest()[:6] != check:
            raise Invalid(NOT_OURS, code="InvalidNextTokenException")
        fingerprint, place = json.loads(body)
    except (binascii.Error, ValueError, TypeError) as error:
        raise Invalid(NOT_OURS, code="InvalidNextTokenException") from error
    if fingerprint != _print(request):
        raise Invalid(OTHER_REQUEST, code="RequestChangedException")
    return list(place)


def _print(request: Mapping[str, Any]) -> str:
    asked = {key: value for key, value in request.items() if key not in _TOKEN_MEMBERS}
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]

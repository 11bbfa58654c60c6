"""``/console/session``: a sign-in for keys that live fifteen minutes; renewed by a cookie, ended.

The only endpoint of the console's own: all else that it does are AWS calls with these keys. A
browser signs its sign-in with the access key (the secret never travels), or sends a user's name
and password. Only our own pages may ask: Origin, Sec-Fetch-Site and a header that no form can set.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import msgspec

from freehold.auth.signature.credential import Credential
from freehold.base import ids
from freehold.base.clock import iso
from freehold.base.errors import Denied, Fault, Invalid, Throttled, Unauthenticated
from freehold.edge.api import Api, Receive, Scope, Send, read_body, request_of
from freehold.kernel.console.sessions import Asked, Given, Sessions
from freehold.kernel.console.tries import Tries
from freehold.kernel.dispatch import Kernel
from freehold.wire import Request

PATH = "/console/session"
RENEW = "/console/session/refresh"
END = "/console/session/end"
SERVICE = "signin"
COOKIE = "freehold-console"
COOKIE_TLS = "__Host-freehold-console"
HEADER = "x-freehold-console"
BODY_BYTES_MAX = 8 * 1024
WAITING_MAX = 16  # sign-ins under way: a password takes a tenth of a second and 16 MiB
STATUS = ((Unauthenticated, 401), (Denied, 403), (Throttled, 429), (Invalid, 400))


class SignIn(msgspec.Struct, rename="pascal"):
    """What a sign-in says. Without a name it is signed with keys."""

    user_name: str = ""
    password: str = ""
    account_id: str = ""
    mfa_code: str = ""
    new_password: str = ""


class Exchange:
    """Answers the three paths. One for each server."""

    def __init__(self, api: Api, kernel: Kernel) -> None:
        self._api = api
        self._kernel = kernel
        self._sessions = Sessions(kernel)
        self._tries = Tries()
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request_id = ids.request_id()
        try:
            only_our_own_page(scope)
            if scope["path"] == PATH:
                given = await self._begin(scope, receive, request_id)
            elif scope["path"] == RENEW:
                given = await asyncio.to_thread(self._sessions.renew, _cookie(scope))
            else:
                await asyncio.to_thread(self._sessions.end, _cookie(scope))
                await _send(send, 200, {"Status": "SignedOut"}, request_id, _forget(scope))
                return
        except Fault as fault:
            status = next((code for kind, code in STATUS if isinstance(fault, kind)), 503)
            code = fault.code or ("AccessDenied" if status == 403 else type(fault).__name__)
            said = {"Code": code, "Message": fault.message}
            is_over = scope["path"] == RENEW and status == 401
            await _send(send, status, said, request_id, _forget(scope) if is_over else None)
            return
        await _send(send, 200, self._told(given), request_id, _remember(scope, given))

    async def _begin(self, scope: Scope, receive: Receive, request_id: str) -> Given:
        """Within the bounds of tries and of work under way."""
        request = request_of(scope)
        body = await read_body(receive, request.headers, BODY_BYTES_MAX)
        said = _said(body)
        credential = self._api.verifier.claim(request)
        address = scope["client"][0] if scope.get("client") else ""
        asked = Asked(
            source_ip=address,
            user_agent=request.headers.get("user-agent", "")[:256],
            is_secure=scope["scheme"] == "https",
            request_id=request_id,
        )
        name = said.user_name if credential is None else credential.access_key_id
        now = self._kernel.clock.now()
        if self._waiting >= WAITING_MAX:
            raise Throttled("Too many people sign in at this moment: try again.")
        self._waiting += 1
        try:
            with self._tries.one(address, name[:128], now):
                request = request._replace(body=body)
                return await self._proven(scope, request, said, credential, asked)
        except (Unauthenticated, Denied) as fault:
            if fault.code not in ("MfaRequired", "PasswordResetRequired"):
                self._tries.wrong(address, name[:128], now)
            raise
        finally:
            self._waiting -= 1

    async def _proven(
        self,
        scope: Scope,
        request: Request,
        said: SignIn,
        credential: Credential | None,
        asked: Asked,
    ) -> Given:
        """Verify, by the signature or by the password."""
        if credential is None:
            return await asyncio.to_thread(
                self._sessions.begin_by_password,
                said.account_id,
                said.user_name,
                said.password,
                said.mfa_code,
                said.new_password,
                asked,
            )
        if credential.service != SERVICE:
            raise Unauthenticated("This request was signed for something else.")
        known = self._api.verifier.known(
            scope,
            request,
            credential,
            hashlib.sha256(request.body).hexdigest(),
            None,
            asked.request_id,
            family="json",
            operation="ConsoleLogin",
        )
        return await asyncio.to_thread(self._sessions.begin, known.principal, said.mfa_code, asked)

    def _told(self, given: Given) -> dict[str, Any]:
        settings, keys, session = self._kernel.settings, given.credentials, given.session
        return {
            "AccessKeyId": keys.access_key_id,
            "SecretAccessKey": keys.secret_access_key,
            "SessionToken": keys.session_token,
            "Expiration": iso(keys.expires_at),
            "SessionExpiration": iso(session.expires_at),
            "ServerTime": iso(self._kernel.clock.now()),
            "Arn": session.principal.arn,
            "Kind": session.principal.kind,
            "AccountId": settings.account_id,
            "Region": settings.region,
            "Origin": None if session.principal.origin is None else session.principal.origin.arn,
        }


def only_our_own_page(scope: Scope) -> None:
    """Refuse what a foreign page, a form or a link could send.

    Raises:
        Denied: No POST of a script on this very origin.
    """
    headers = dict(scope["headers"])
    authority = headers.get(b"host", b"").lower()
    own = (b"https://" if scope["scheme"] == "https" else b"http://") + authority
    site = headers.get(b"sec-fetch-site", b"same-origin")
    is_ours = headers.get(b"origin", b"").lower() == own and site == b"same-origin"
    if scope["method"] != "POST" or not is_ours or HEADER.encode() not in headers:
        raise Denied("Only the console's own pages may ask this.", code="ForeignPage")


def _said(body: bytes) -> SignIn:
    try:
        return msgspec.json.decode(body or b"{}", type=SignIn)
    except (msgspec.DecodeError, RecursionError):  # the latter: nested a thousand deep
        raise Invalid("The sign-in is not a JSON object of texts.") from None


def _name(scope: Scope) -> str:
    return COOKIE_TLS if scope["scheme"] == "https" else COOKIE


def _cookie(scope: Scope) -> str:
    wanted = _name(scope)
    for name, value in scope["headers"]:
        for pair in value.split(b";") if name == b"cookie" else ():
            key, _, content = pair.strip().partition(b"=")
            if key.decode("latin-1") == wanted:
                return str(content.decode("latin-1"))
    return ""


def _set(scope: Scope, value: str, seconds: int) -> bytes:
    is_secure = scope["scheme"] == "https"  # __Host- asks for Secure and for Path=/
    where = "/; Secure" if is_secure else PATH
    return (
        f"{_name(scope)}={value}; Path={where}; HttpOnly; SameSite=Strict; Max-Age={seconds}"
    ).encode()


def _remember(scope: Scope, given: Given) -> bytes | None:
    if not given.cookie:
        return None
    seconds = int(given.session.expires_at - given.session.signed_in_at)
    return _set(scope, given.cookie, seconds)


def _forget(scope: Scope) -> bytes:
    return _set(scope, "", 0)


async def _send(
    send: Send, status: int, answer: dict[str, Any], request_id: str, cookie: bytes | None
) -> None:
    body = msgspec.json.encode(answer)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-amzn-requestid", request_id.encode()),
    ]
    if cookie is not None:
        headers.append((b"set-cookie", cookie))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

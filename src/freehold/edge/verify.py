"""Who sends a request: the signature checked, the principal found, strangers remembered.

Input: a request as it came (``edge/api.py``), with the hash of its body where that was read.
Output: a ``Known``, or the refusal in the words of the protocol that the request speaks.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from freehold import wire
from freehold.auth.principal import Principal
from freehold.auth.refusals import Family, refusal
from freehold.auth.signature import sigv2, sigv4
from freehold.auth.signature.credential import Credential, scope_of
from freehold.auth.signature.signing_keys import SigningKeys
from freehold.base.errors import Unauthenticated
from freehold.edge.listen.connections import LISTENER, Listener
from freehold.kernel.dispatch import Kernel
from freehold.spec import model as spec
from freehold.wire import buckets

SANDBOX = "sandbox/"
# One for the whole partition: signed for its first region or, by clients that were given an
# endpoint and know no better, for their own.
GLOBAL = frozenset({"iam", "ce", "budgets", "sts"})
FIRST_REGION = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
EC2_SCOPE = "ec2"


NO_CREDENTIAL = Credential("", "", "", "", "", "", "", None, False, None, "query", "")


class Known(NamedTuple):
    """A request whose signature holds, or that needs none."""

    principal: Principal
    credential: Credential
    secret: str
    source_ip: str
    is_secure: bool


class Verifier:
    """Checks signatures against the kernel's keys and sessions."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.signing_keys = SigningKeys()

    def claim(self, request: wire.Request) -> Credential | None:
        """What the request says of its signer, unverified; None if it says nothing.

        Raises:
            Unauthenticated: There is a signature, but it cannot be read.
        """
        if "authorization" not in request.headers:
            presigned = sigv2.claim(request.query)
            if presigned is not None:
                return presigned
        return scope_of(request.headers, request.query, family_of(request.headers))

    def known(
        self,
        scope: Any,
        request: wire.Request,
        credential: Credential | None,
        digest: str | None,
        model: spec.Operation | None,
        request_id: str,
        *,
        family: Family | None = None,
        operation: str = "",
    ) -> Known:
        """Verify. ``model`` is None where the operation stands in a body nobody may read yet.

        ``family`` and ``operation`` name the rules and words for what is no call of AWS's.

        Raises:
            Unauthenticated: In the protocol's own words; an audit entry is left, within bounds.
        """
        kernel = self._kernel
        client = scope.get("client")
        source_ip = client[0] if client else ""
        if family is None:
            family = family_of(request.headers) if model is None else _family(model)
            if model is None and credential is not None and credential.service == EC2_SCOPE:
                family = "ec2"
        try:
            if credential is None:
                raise refusal(family, "missing")
            if credential.family != family:
                credential = credential._replace(family=family)
            secret, principal = kernel.identities.look_up(
                kernel.reader, credential, kernel.clock.now(), kernel.access.version
            )
            self._prove(request, digest, model, credential, secret)
            self._same_sandbox(scope, principal, family)
        except Unauthenticated as fault:
            kernel.stranger(
                fault,
                service=(credential.service if credential else "")[:64],
                operation=operation if model is None else model.name,
                access_key="" if credential is None else credential.access_key_id[:128],
                source_ip=source_ip,
                request_id=request_id,
            )
            raise
        return Known(principal, credential, secret, source_ip, scope["scheme"] == "https")

    def _prove(
        self,
        request: wire.Request,
        digest: str | None,
        model: spec.Operation | None,
        credential: Credential,
        secret: str,
    ) -> None:
        now = self._kernel.clock.now()
        if sigv2.is_mine(credential):
            if model is None or model.service.name != "s3":
                raise refusal(credential.family, "incomplete")
            resource = buckets.resource(request)
            query, headers = request.query, request.headers
            sigv2.verify(request.method, resource, query, headers, credential, secret, now)
            return
        sigv4.verify(
            request.method,
            request.path,
            request.query,
            request.headers,
            digest,
            credential,
            secret,
            now,
            self._region(credential),
            None if model is None else (model.service.signing_name,),
            keys=self.signing_keys,
        )

    def _region(self, credential: Credential) -> str:
        """The region that a request must be signed for."""
        settings = self._kernel.settings
        if credential.service not in GLOBAL:
            return settings.region
        first = FIRST_REGION.get(settings.partition, settings.region)
        return settings.region if credential.region == settings.region else first

    def unsigned(self, scope: Any) -> Known:
        """Who makes a call that needs no signature: nobody, but from a sandbox with its origin.

        Raises:
            NotFound: The sandbox's profile or space no longer exists.
        """
        kernel, origin = self._kernel, None
        listener: Listener | None = scope.get("state", {}).get(LISTENER)
        if listener is not None and listener.kind == "sandbox":
            door = kernel.doors.find(listener.id.removeprefix(SANDBOX))
            if door is None:
                raise refusal("query", "missing")
            if door.origin is not None:
                origin = kernel.doors.origin(kernel.reader, door.origin)
        client = scope.get("client")
        source_ip = client[0] if client else ""
        nobody = Principal(
            kind="anonymous",
            arn="anonymous",
            account_id="",
            unique_id="",
            access_key_id="",
            origin=origin,
        )
        return Known(nobody, NO_CREDENTIAL, "", source_ip, scope["scheme"] == "https")

    def _same_sandbox(self, scope: Any, principal: Principal, family: Family) -> None:
        """A sandbox's socket carries only calls of the profile or space that it was opened for."""
        listener: Listener | None = scope.get("state", {}).get(LISTENER)
        if listener is None or listener.kind != "sandbox":
            return
        door = self._kernel.doors.find(listener.id.removeprefix(SANDBOX))
        mine = None if principal.origin is None else principal.origin.arn
        if door is None or mine != door.origin_arn:
            words = "These credentials belong to another place than the sandbox that uses them."
            raise refusal(family, "unknown_key", words)


def same_service(known: Known, model: spec.Operation) -> None:
    """For bodies that name the operation: the signature must be for that operation's service.

    Raises:
        Unauthenticated: It is for another.
    """
    if known.credential.service != model.service.signing_name:
        raise refusal(
            _family(model),
            "scope",
            f"Credential should be scoped to correct service: '{model.service.signing_name}'. ",
        )


def family_of(headers: dict[str, str]) -> Family:
    """The words of a request that is not routed yet."""
    if "x-amz-target" in headers:
        return "json"
    return "query" if is_form(headers) else "s3"


def is_form(headers: dict[str, str]) -> bool:
    """Whether the body holds the operation's name: AWS's query protocol."""
    return "x-amz-target" not in headers and headers.get("content-type", "").startswith(
        "application/x-www-form-urlencoded"
    )


def _family(model: spec.Operation) -> Family:
    protocol = model.service.protocol
    if protocol in ("query", "ec2"):
        return "query" if protocol == "query" else "ec2"
    return "s3" if protocol == "rest-xml" else "json"

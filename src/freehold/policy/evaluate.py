"""The decision: may this principal do this to that? IAM's whole flow over all layers of policy.

The kernel gathers the layers (cached by version) and builds the request; ``decide`` is a pure
function of both, so its answer may be remembered for as long as neither changes. iam-evaluation.md
section 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from freehold.policy.compile import Compiled
from freehold.policy.decision import Decision, Layer
from freehold.policy.document import PolicyKind
from freehold.policy.principals import WITHOUT_IDENTITY, Grant, Request

__all__ = ["Attached", "Layers", "Request", "decide"]

# No policy is asked, and a Deny does not count (STS API, GetCallerIdentity).
_OPEN = frozenset({"sts:getcalleridentity"})
# Needs no Allow; a Deny counts, since AWS does not say that it would not.
_NEEDS_NO_ALLOW = frozenset({"sts:getsessiontoken"})
_TRUST_ACTIONS = frozenset(
    {"sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml"}
)
_SERVICE_LINKED = ":role/aws-service-role/"


class Attached(NamedTuple):
    """One policy where it stands. ``arn`` is None for inline policies."""

    name: str
    arn: str | None
    kind: PolicyKind
    compiled: Compiled


class Layers(NamedTuple):
    """Every policy that has a say.

    Attributes:
        identity: Of the user and its groups, or of the session's role.
        boundary: The permissions boundary of the user or role.
        sessions: Session policies, a union among themselves; None if the session has none. Not the
            same as empty, which allows nothing.
        resource: The resource's own policy; for AssumeRole the role's trust policy.
        service_controls: From the organization's root to the account, each level with its policies;
            None outside an organization and for its management account.
        resource_controls: Likewise for the resource's account.
    """

    identity: tuple[Attached, ...] = ()
    boundary: Attached | None = None
    sessions: tuple[Attached, ...] | None = None
    resource: Attached | None = None
    service_controls: tuple[tuple[Attached, ...], ...] | None = None
    resource_controls: tuple[tuple[Attached, ...], ...] | None = None


class _Allowed(NamedTuple):
    layer: Layer
    policy: str
    statement: str
    grant: Grant


def decide(request: Request, layers: Layers) -> Decision:
    """Decide one request. What is not allowed is refused; an applying Deny anywhere always wins.

    Args:
        request: One action on one resource. A call that touches several is several requests.
        layers: All policies that bind the caller or guard the resource.

    Returns:
        The decision with the statement that made it, or the layers that did not allow.
    """
    action = request.action.lower()
    if action in _OPEN:
        return Decision("allow")
    if denied := _explicit_deny(request, layers):
        return denied
    if refused := _refused_by_controls(request, layers):
        return refused
    if action in _NEEDS_NO_ALLOW:
        return Decision("allow")
    if action in _TRUST_ACTIONS and request.principal_kind == "root":
        return _missing("trust")  # an account root cannot assume a role (STS API, AssumeRole)

    own: Layer = "trust" if _is_trust(action, layers) else "resource"
    granted = _granted_by_resource(request, layers, own)
    grant = granted.grant if granted else Grant.NONE
    if request.principal_kind in WITHOUT_IDENTITY:
        return _allow(granted) if granted else _missing(own)
    is_same_account = request.principal_account == request.resource_account
    if is_same_account and granted and grant is Grant.DIRECT:
        return _allow(granted)
    if is_same_account and granted and grant is Grant.ROLE:
        return _bounded(request, layers, granted, ())
    is_grant_needed = not is_same_account or own == "trust" or action.startswith("kms:")
    lacking: tuple[Layer, ...] = (own,) if is_grant_needed and not granted else ()
    return _bounded(request, layers, _allowed_by_identity(request, layers), lacking)


def _is_trust(action: str, layers: Layers) -> bool:
    has_trust_policy = layers.resource is not None and layers.resource.kind == "trust"
    return has_trust_policy or action in _TRUST_ACTIONS


def _explicit_deny(request: Request, layers: Layers) -> Decision | None:
    action = request.action
    has_boundary = layers.boundary is not None
    for layer, attached in _standing(request, layers):
        for rule in attached.compiled.candidates(action).denies:
            if rule.grant(request, has_boundary=has_boundary):
                return Decision("explicitDeny", layer, attached.arn or attached.name, rule.label)
    return None


def _standing(request: Request, layers: Layers) -> Iterator[tuple[Layer, Attached]]:
    """Every policy that may deny this request, with the layer it stands in."""
    if layers.service_controls and _is_bound_by_service_controls(request):
        for level in layers.service_controls:
            for attached in level:
                yield "service_control", attached
    for level in layers.resource_controls or ():
        for attached in level:
            yield "resource_control", attached
    if layers.resource is not None:
        yield ("trust" if layers.resource.kind == "trust" else "resource"), layers.resource
    if request.principal_kind == "root":
        return
    for attached in layers.identity:
        yield "identity", attached
    if layers.boundary is not None:
        yield "boundary", layers.boundary
    for attached in layers.sessions or ():
        yield "session", attached


def _is_bound_by_service_controls(request: Request) -> bool:
    return (
        request.principal_kind not in WITHOUT_IDENTITY
        and _SERVICE_LINKED not in request.principal_arn
    )


def _refused_by_controls(request: Request, layers: Layers) -> Decision | None:
    """Every level of an organization must allow; a level without policies does not."""
    if layers.service_controls is not None and _is_bound_by_service_controls(request):
        for level in layers.service_controls:
            if not _first_allow(request, level, "service_control"):
                return _missing("service_control")
    for level in layers.resource_controls or ():
        if not _first_allow(request, level, "resource_control"):
            return _missing("resource_control")
    return None


def _granted_by_resource(request: Request, layers: Layers, own: Layer) -> _Allowed | None:
    """The most direct grant of the resource's policy."""
    attached = layers.resource
    best: _Allowed | None = None
    if attached is None:
        return None
    for rule in attached.compiled.candidates(request.action).allows:
        grant = rule.grant(request, has_boundary=layers.boundary is not None)
        if grant and (best is None or grant > best.grant):
            best = _Allowed(own, attached.arn or attached.name, rule.label, grant)
    return best


def _first_allow(request: Request, policies: Iterable[Attached], layer: Layer) -> _Allowed | None:
    action = request.action
    for attached in policies:
        for rule in attached.compiled.candidates(action).allows:
            if rule.applies(request):
                return _Allowed(layer, attached.arn or attached.name, rule.label, Grant.NONE)
    return None


def _allowed_by_identity(request: Request, layers: Layers) -> _Allowed | None:
    if request.principal_kind == "root":
        return _Allowed("identity", "root", "#root", Grant.NONE)
    return _first_allow(request, layers.identity, "identity")


def _bounded(
    request: Request, layers: Layers, allowed: _Allowed | None, lacking: tuple[Layer, ...]
) -> Decision:
    """Let boundary and session policies narrow what was allowed; they never add."""
    if allowed is None:
        lacking += ("identity",)
    if request.principal_kind != "root":
        if layers.boundary and not _first_allow(request, (layers.boundary,), "boundary"):
            lacking += ("boundary",)
        sessions = layers.sessions
        if sessions is None and request.principal_kind == "federated":
            sessions = ()  # a federated user without a session policy may do nothing
        if sessions is not None and not _first_allow(request, sessions, "session"):
            lacking += ("session",)
    return _missing(*lacking) if lacking or allowed is None else _allow(allowed)


def _allow(allowed: _Allowed) -> Decision:
    return Decision("allow", allowed.layer, allowed.policy, allowed.statement)


def _missing(*lacking: Layer) -> Decision:
    return Decision("implicitDeny", lacking[0], missing=lacking)

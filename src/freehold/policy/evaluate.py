"""The decision: may this principal do this to that? IAM's whole flow over all layers of policy.

The kernel gathers the layers (cached by version) and builds the request; ``decide`` is a pure
function of both, so its answer may be remembered for as long as neither changes. iam-evaluation.md
section 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Self

from freehold.policy.compile import ACTIONS_KEPT_MAX, Compiled
from freehold.policy.decision import Decision, Effect, Layer
from freehold.policy.document import PolicyKind
from freehold.policy.finding import tables
from freehold.policy.finding.speaking import Speaking
from freehold.policy.finding.tables import LISTED_MAX, Entry, Index, Marks
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
_SETS_KEPT = 1024
_ASKED_BEFORE_INDEX = 24  # to index costs as much as to ask all so many times
_ARN_COLONS = 5
_ALLOWED = Decision("allow")
_ROOT = Decision("allow", "identity", "root", "#root")


# Statements that deny, statements that allow.
Found = tuple[Index, Index]


class Attached(NamedTuple):
    """One policy where it stands. ``arn`` is None for inline policies."""

    name: str
    arn: str | None
    kind: PolicyKind
    compiled: Compiled


class _Met(NamedTuple):
    """The statements that speak of an action, as long as it was asked for seldom."""

    denies: list[tuple[Entry, Marks]]
    allows: list[tuple[Entry, Marks]]


class PolicySet(tuple[Attached, ...]):
    """Policies that stand in one layer together, found as one. Remembers by action only."""

    def __init__(self, _: Iterable[Attached] = ()) -> None:
        self._places = [
            (attached, place)
            for attached in self
            for place in range(len(attached.compiled.policy.statements))
        ]
        self._speaking: Speaking | None = None
        self._entries: dict[int, tuple[bool, tuple[Entry, Marks]]] = {}
        self._met: dict[str, tuple[int, _Met, Found]] = {}
        self._by_action: dict[str, Found] = {}

    def of(self, action: str) -> Found:
        """The statements that speak of an action: those that deny, those that allow.

        Where one applies, its answer is the decision, with ``identity`` as its layer.
        """
        found = self._by_action.get(action)
        return self._meet(action) if found is None else found

    def _meet(self, action: str) -> Found:
        """Ask all at first; index what is asked for often."""
        asked, met, found = self._met.get(action) or self._first_meet(action)
        if asked < _ASKED_BEFORE_INDEX and max(len(met.denies), len(met.allows)) > LISTED_MAX:
            self._met[action] = (asked + 1, met, found)
            return found
        self._met.pop(action, None)
        if len(self._by_action) >= ACTIONS_KEPT_MAX:
            self._by_action.clear()
        self._by_action[action] = tables.build(met.denies), tables.build(met.allows)
        return self._by_action[action]

    def _first_meet(self, action: str) -> tuple[int, _Met, Found]:
        if self._speaking is None:
            self._speaking = Speaking(
                attached.compiled.policy.statements[place] for attached, place in self._places
            )
        if len(self._met) >= ACTIONS_KEPT_MAX:
            self._met.clear()
        met = _Met([], [])
        for number in self._speaking.of(action):
            is_deny, entry = self._entries.get(number) or self._entry(number)
            (met.denies if is_deny else met.allows).append(entry)
        return 0, met, (tables.listed(met.denies), tables.listed(met.allows))

    def _entry(self, number: int) -> tuple[bool, tuple[Entry, Marks]]:
        attached, place = self._places[number]
        rule = attached.compiled.rule(place)
        effect: Effect = "explicitDeny" if rule.is_deny else "allow"
        answer = Decision(effect, "identity", attached.arn or attached.name, rule.label)
        found = rule.is_deny, ((number, rule.applies, answer), rule.marks)
        self._entries[number] = found
        return found


@lru_cache(maxsize=_SETS_KEPT)
def _policy_set(policies: tuple[Attached, ...]) -> PolicySet:
    return PolicySet(policies)


class _Layers(NamedTuple):
    identity: tuple[Attached, ...] = ()
    boundary: Attached | None = None
    sessions: tuple[Attached, ...] | None = None
    resource: Attached | None = None
    service_controls: tuple[tuple[Attached, ...], ...] | None = None
    resource_controls: tuple[tuple[Attached, ...], ...] | None = None


class Layers(_Layers):
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

    __slots__ = ()

    def __new__(cls, identity: Iterable[Attached] = (), *others: Any, **more: Any) -> Self:
        """Index the identity policies as one, unless the same were seen lately."""
        return super().__new__(cls, _policy_set(tuple(identity)), *others, **more)


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
        return _ALLOWED
    parts = request.resource.split(":", _ARN_COLONS)
    denied = _explicit_deny(request, parts, layers)
    if denied is not None:
        return denied
    refused = _refused_by_controls(request, parts, layers)
    if refused is not None:
        return refused
    if action in _NEEDS_NO_ALLOW:
        return _ALLOWED
    if layers.resource is None and action not in _TRUST_ACTIONS:
        return _without_resource_policy(request, parts, layers, action)
    return _with_resource_policy(request, parts, layers, action)


def _without_resource_policy(
    request: Request, parts: Sequence[str], layers: Layers, action: str
) -> Decision:
    if request.principal_kind in WITHOUT_IDENTITY:
        return _missing("resource")
    is_same_account = request.principal_account == request.resource_account
    if is_same_account and not _is_of_key(action, parts):
        return _bounded(request, parts, layers, _by_identity(request, parts, layers), ())
    allowed = _by_identity(request, parts, layers)
    return _bounded(request, parts, layers, allowed, ("resource",))


def _with_resource_policy(
    request: Request, parts: Sequence[str], layers: Layers, action: str
) -> Decision:
    own: Layer = "trust" if _is_trust(action, layers) else "resource"
    if action in _TRUST_ACTIONS and request.principal_kind == "root":
        return _missing("trust")  # an account root cannot assume a role (STS API, AssumeRole)
    granted, grant = _granted_by_resource(request, parts, layers, own)
    if request.principal_kind in WITHOUT_IDENTITY:
        return granted or _missing(own)
    is_same_account = request.principal_account == request.resource_account
    if is_same_account and granted and grant is Grant.DIRECT:
        return granted
    if is_same_account and granted and grant is Grant.ROLE:
        return _bounded(request, parts, layers, granted, ())
    is_grant_needed = not is_same_account or own == "trust" or _is_of_key(action, parts)
    lacking: tuple[Layer, ...] = (own,) if is_grant_needed and not granted else ()
    return _bounded(request, parts, layers, _by_identity(request, parts, layers), lacking)


def _is_of_key(action: str, parts: Sequence[str]) -> bool:
    """A KMS key's own policy is what lets identity policies count."""
    return action.startswith("kms:") and parts[-1].startswith("key/")


def _is_trust(action: str, layers: Layers) -> bool:
    has_trust_policy = layers.resource is not None and layers.resource.kind == "trust"
    return has_trust_policy or action in _TRUST_ACTIONS


# -- denials ---------------------------------------------------------------------------------------


def _explicit_deny(request: Request, parts: Sequence[str], layers: Layers) -> Decision | None:
    """Every policy that may deny is asked, in the order in which the layers are reported."""
    identity, boundary, sessions, resource, service_controls, resource_controls = layers
    denied: Decision | None = None
    if service_controls and _is_bound_by_service_controls(request):
        denied = _denied_at(request, parts, service_controls, "service_control")
    if denied is None and resource_controls:
        denied = _denied_at(request, parts, resource_controls, "resource_control")
    if denied is None and resource is not None:
        denied = _denied_by_resource(request, parts, resource, boundary)
    if denied is not None or request.principal_kind == "root":
        return denied
    denying, _ = _set_of(identity).of(request.action)
    denied = tables.first(denying, request.resource, parts, request.context)
    if denied is None and boundary is not None:
        denied = _denied_by(request, parts, (boundary,), "boundary")
    if denied is None and sessions:
        denied = _denied_by(request, parts, sessions, "session")
    return denied


def _set_of(identity: tuple[Attached, ...]) -> PolicySet:
    return identity if isinstance(identity, PolicySet) else _policy_set(identity)


def _denied_by(
    request: Request, parts: Sequence[str], policies: tuple[Attached, ...], layer: Layer
) -> Decision | None:
    denying, _ = _set_of(policies).of(request.action)
    denied: Decision | None = tables.first(denying, request.resource, parts, request.context)
    return None if denied is None else denied._replace(layer=layer)


def _denied_at(
    request: Request,
    parts: Sequence[str],
    levels: Iterable[tuple[Attached, ...]],
    layer: Layer,
) -> Decision | None:
    for level in levels:
        denied = _denied_by(request, parts, level, layer)
        if denied is not None:
            return denied
    return None


def _denied_by_resource(
    request: Request, parts: Sequence[str], attached: Attached, boundary: Attached | None
) -> Decision | None:
    layer: Layer = "trust" if attached.kind == "trust" else "resource"
    for rule in attached.compiled.candidates(request.action).denies:
        if rule.grant(request, parts, has_boundary=boundary is not None):
            return Decision("explicitDeny", layer, attached.arn or attached.name, rule.label)
    return None


def _is_bound_by_service_controls(request: Request) -> bool:
    return (
        request.principal_kind not in WITHOUT_IDENTITY
        and _SERVICE_LINKED not in request.principal_arn
    )


# -- allowances ------------------------------------------------------------------------------------


def _refused_by_controls(request: Request, parts: Sequence[str], layers: Layers) -> Decision | None:
    """Every level of an organization must allow; a level without policies does not."""
    if layers.service_controls is not None and _is_bound_by_service_controls(request):
        for level in layers.service_controls:
            if not _is_allowed_by(request, parts, level):
                return _missing("service_control")
    for level in layers.resource_controls or ():
        if not _is_allowed_by(request, parts, level):
            return _missing("resource_control")
    return None


def _is_allowed_by(request: Request, parts: Sequence[str], policies: tuple[Attached, ...]) -> bool:
    _, allowing = _set_of(policies).of(request.action)
    return tables.first(allowing, request.resource, parts, request.context) is not None


def _granted_by_resource(
    request: Request, parts: Sequence[str], layers: Layers, own: Layer
) -> tuple[Decision | None, Grant]:
    """The most direct grant of the resource's policy."""
    attached, best, label = layers.resource, Grant.NONE, ""
    if attached is None:
        return None, best
    for rule in attached.compiled.candidates(request.action).allows:
        grant = rule.grant(request, parts, has_boundary=layers.boundary is not None)
        if grant > best:
            best, label = grant, rule.label
    if best is Grant.NONE:
        return None, best
    return Decision("allow", own, attached.arn or attached.name, label), best


def _by_identity(request: Request, parts: Sequence[str], layers: Layers) -> Decision | None:
    if request.principal_kind == "root":
        return _ROOT
    _, allowing = _set_of(layers.identity).of(request.action)
    found: Decision | None = tables.first(allowing, request.resource, parts, request.context)
    return found


def _bounded(
    request: Request,
    parts: Sequence[str],
    layers: Layers,
    allowed: Decision | None,
    lacking: tuple[Layer, ...],
) -> Decision:
    """Let boundary and session policies narrow what was allowed; they never add."""
    if allowed is None:
        lacking = (*lacking, "identity")
    if request.principal_kind != "root":
        if layers.boundary and not _is_allowed_by(request, parts, (layers.boundary,)):
            lacking = (*lacking, "boundary")
        sessions = layers.sessions
        if sessions is None and request.principal_kind == "federated":
            sessions = ()  # a federated user without a session policy may do nothing
        if sessions is not None and not _is_allowed_by(request, parts, sessions):
            lacking = (*lacking, "session")
    return _missing(*lacking) if lacking or allowed is None else allowed


@lru_cache(maxsize=256)  # there are no more than so many combinations of layers
def _missing(*lacking: Layer) -> Decision:
    return Decision("implicitDeny", lacking[0], missing=lacking)

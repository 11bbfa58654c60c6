"""The verdict on one action and one resource: the decision, what made it, what was not known.

Decided by the engine that decides real calls. Which statements matched is found by asking each of
them by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from freehold.kernel.declare.operation import Document
from freehold.kernel.permission.context import Context
from freehold.policy.compile import Compiled
from freehold.policy.document import Statement
from freehold.policy.evaluate import Attached, Layers, Request, decide
from freehold.policy.grammar.positions import Position
from freehold.policy.principals import PrincipalKind
from freehold.services.iam.simulation.sources import Source

DECISIONS = {"allow": "allowed", "explicitDeny": "explicitDeny", "implicitDeny": "implicitDeny"}
_VARIABLE = re.compile(r"\$\{([^\s,'{}$*?]+)(?:, '[^']*')?\}")


@dataclass(frozen=True, slots=True)
class Scene:
    """Who asks, under which policies, and what is known. ``owner``: of resources without one."""

    caller_arn: str
    caller_kind: PrincipalKind
    account: str
    owner: str
    context: Context
    identity: list[Source]
    boundary: Source | None = None
    resource: Source | None = None
    session_arn: str | None = field(default=None)

    @property
    def layers(self) -> Layers:
        """The policies as the engine takes them."""
        return Layers(
            identity=tuple(source.attached for source in self.identity),
            boundary=None if self.boundary is None else self.boundary.attached,
            resource=None if self.resource is None else self.resource.attached,
        )

    def sources(self) -> list[Source]:
        """All policies that have a say."""
        more = [source for source in (self.boundary, self.resource) if source is not None]
        return [*self.identity, *more]


def result(scene: Scene, action: str, arn: str) -> Document:
    """``EvaluationResult`` of an action on ``*`` or on one resource, without the names."""
    request = _request(scene, action, arn)
    decision = decide(request, scene.layers)
    answer: Document = {
        "EvalDecision": DECISIONS[decision.effect],
        "MatchedStatements": [_shown(*one) for one in _matched(scene, request, decision.effect)],
        "MissingContextValues": _missing(scene, request),
    }
    if scene.boundary is not None:
        allows = decide(_own(request), Layers(identity=(scene.boundary.attached,)))
        answer["PermissionsBoundaryDecisionDetail"] = {
            "AllowedByPermissionsBoundary": allows.is_allowed
        }
    if arn != "*":
        answer["EvalDecisionDetails"] = _details(scene, request)
    return answer


def _request(scene: Scene, action: str, arn: str) -> Request:
    parts = arn.split(":", 5)
    is_owned = len(parts) == 6 and parts[4] not in ("", "aws")
    return Request(
        principal_arn=scene.caller_arn,
        caller_arn=scene.session_arn or scene.caller_arn,
        principal_kind=scene.caller_kind,
        principal_account=scene.account,
        action=action,
        resource=arn,
        resource_account=parts[4] if is_owned else scene.owner,
        context=scene.context,
    )


def _own(request: Request) -> Request:
    """The same on a thing of the caller's own account, where identity policies suffice."""
    return request._replace(resource_account=request.principal_account)


def _details(scene: Scene, request: Request) -> Document:
    """What each kind of policy said of a request across accounts; nothing within one."""
    if request.resource_account == request.principal_account:
        return {}
    own = decide(_own(request), scene.layers._replace(resource=None))
    details = {"IAM Policy": DECISIONS[own.effect]}
    if scene.resource is not None:
        whole = decide(request, scene.layers)
        denied = "resource" in whole.missing or whole.effect == "explicitDeny"
        details["Resource Policy"] = DECISIONS[whole.effect] if denied else "allowed"
    return details


# -- statements -----------------------------------------------------------------------------------


def _matched(scene: Scene, request: Request, effect: str) -> Iterator[tuple[Source, int]]:
    """The statements behind a decision: of an explicit deny only those that deny."""
    wanted = "explicitDeny" if effect == "explicitDeny" else "allow"
    for source in scene.sources():
        if source is scene.boundary and wanted == "allow":
            continue
        for number, part in enumerate(source.parts):
            if _says(scene, request, source, part.whole) == wanted:
                yield source, number


def _says(scene: Scene, request: Request, source: Source, compiled: Compiled) -> str:
    """What one statement alone says of a request."""
    if source is scene.resource:
        alone = Attached(source.id, None, "resource", compiled)
        everything = Layers(identity=_everything(scene), resource=alone)
        own = _own(request)._replace(resource_account="") if request.principal_account else request
        return decide(own, everything).effect
    alone = Attached(source.id, source.arn, "identity", compiled)
    return decide(_own(request), Layers(identity=(alone,))).effect


def _everything(scene: Scene) -> tuple[Attached, ...]:
    return (ALL.attached,) if scene.caller_arn else ()


ALL = Source(
    "all",
    "none",
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
    "identity",
    None,
)


def _shown(source: Source, number: int) -> Document:
    start, end = source.spans[number]
    return {
        "SourcePolicyId": source.id,
        "SourcePolicyType": source.type,
        "StartPosition": _place(start),
        "EndPosition": _place(end),
    }


def _place(position: Position) -> Document:
    return {"Line": position.line, "Column": position.column}


# -- condition keys -------------------------------------------------------------------------------


def keys_of(statement: Statement, *, has_variables: bool) -> Iterator[str]:
    """The condition keys that a statement asks for, as it spells them."""
    for line in statement.lines:
        yield line.key
    if has_variables:
        values = [value for line in statement.lines for value in line.values]
        for text in (*(statement.resources or ()), *values):
            for found in _VARIABLE.finditer(text):
                yield found[1]


def once(keys: Iterable[str]) -> list[str]:
    """Keys in order of the alphabet, each once whatever its case."""
    found: dict[str, str] = {}
    for key in keys:
        found.setdefault(key.lower(), key)
    return [found[key] for key in sorted(found)]


def _missing(scene: Scene, request: Request) -> list[str]:
    """Keys that statements about the action ask for and nobody gave."""
    return once(
        key
        for source in scene.sources()
        for statement, part in zip(source.policy.statements, source.parts, strict=True)
        if _says(scene, request, source, part.action) != "implicitDeny"
        for key in keys_of(statement, has_variables=source.policy.has_variables)
        if key.lower() not in request.context
    )

"""The answer of the engine, and AWS's sentence for a caller who is refused.

Made by ``evaluate.decide``; read by the kernel for the audit log and for the AccessDenied fault.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Effect = Literal["allow", "explicitDeny", "implicitDeny"]
Layer = Literal[
    "identity", "resource", "trust", "boundary", "session", "service_control", "resource_control"
]

WORDS: dict[Layer, str] = {
    "identity": "identity-based policy",
    "resource": "resource-based policy",
    "trust": "role trust policy",
    "boundary": "permissions boundary",
    "session": "session policy",
    "service_control": "service control policy",
    "resource_control": "resource control policy",
}


class Decision(NamedTuple):
    """What was decided, by what, and what was missing.

    Attributes:
        effect: ``allow``, ``explicitDeny`` or ``implicitDeny``.
        layer: Of an allow or explicit deny, where the deciding statement stands; of an implicit
            deny, the first layer that did not allow. None where no policy was asked.
        policy: ARN of the deciding policy, or its name if it is inline.
        statement: Sid of the deciding statement, or ``#`` and its place from 0.
        missing: Of an implicit deny, every layer that would have to allow and did not, in order.
    """

    effect: Effect
    layer: Layer | None = None
    policy: str | None = None
    statement: str | None = None
    missing: tuple[Layer, ...] = ()

    @property
    def is_allowed(self) -> bool:
        """Whether the call may go on."""
        return self.effect == "allow"

    def message(self, caller_arn: str, action: str, resource: str) -> str:
        """AWS's sentence for the refused caller (iam-evaluation.md section 5.1).

        STS gives no reason where a role's trust policy does not allow.
        """
        sentence = (
            f"User: {caller_arn} is not authorized to perform: {action} on resource: {resource}"
        )
        if self.layer is None or (self.layer == "trust" and self.effect == "implicitDeny"):
            return sentence
        words = WORDS[self.layer]
        if self.effect == "implicitDeny":
            return f"{sentence} because no {words} allows the {action} action"
        article = "an" if words[0] in "aeiou" else "a"
        return f"{sentence} with an explicit deny in {article} {words}"


def said(decision: Decision) -> str:
    """One sentence for people: which statement decided, or what was missing."""
    if decision.layer is None:
        return "allowed: this action needs no policy"
    words = WORDS[decision.layer]
    if decision.effect == "implicitDeny":
        others = [WORDS[layer] for layer in decision.missing[1:]]
        more = f", and no {' or '.join(others)} does either" if others else ""
        return f"refused: no {words} allows it{more}"
    verb = "allowed by" if decision.is_allowed else "refused: explicitly denied by"
    return f"{verb} statement {decision.statement} of the {words} {decision.policy}"

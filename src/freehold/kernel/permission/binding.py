"""The policies that bind a principal: its own, its groups', its boundary, its session's.

Read through a unit, compiled once by text, and remembered by a version that any write of an
identity bumps, before and after its COMMIT. ``access.py`` asks it on every call.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from freehold.auth.principal import Principal
from freehold.base.errors import Unauthenticated
from freehold.kernel.permission import context, identity
from freehold.kernel.permission.context import Context
from freehold.kernel.permission.guards import settings
from freehold.policy.compile import Compiled, compile_stored
from freehold.policy.evaluate import Attached, Layers
from freehold.store.records import Record
from freehold.store.unit import Unit, changed

# A write of one of these makes every remembered set of policies stale. A profile, space or domain
# that is only made cannot: no session is of it yet, and the end of an older one counted already.
WATCHED = frozenset(
    {
        identity.USER,
        identity.ROLE,
        identity.GROUP,
        identity.POLICY,
        identity.ACCESS_KEY,
        changed("sagemaker:user-profile"),
        changed("sagemaker:space"),
        changed("sagemaker:domain"),
        settings.KIND,
    }
)
NO_LAYERS = Layers(identity=())
WITHOUT_POLICIES = frozenset({"root", "provider", "anonymous"})
KEPT_MAX = 10_000
RESOURCE_POLICY = (
    "_ResourcePolicy"  # member of a record: the text of the policy on the thing itself
)


class Policies:
    """What binds whom, remembered."""

    def __init__(self) -> None:
        self.version = 0
        self._layers: dict[tuple[str, str], tuple[int, Layers]] = {}
        self._callers: dict[tuple[str, str], Context] = {}
        self._compiled: dict[tuple[str, str], Compiled] = {}

    def touched(self, kinds: set[str]) -> None:
        """Something was written, committed or rolled back."""
        if kinds & WATCHED:
            self.version += 1

    def caller(self, principal: Principal) -> Context | None:
        """The condition keys of a principal whose layers were asked for, if it has any."""
        return self._callers.get((principal.access_key_id, principal.unique_id))

    def layers(self, unit: Unit, principal: Principal) -> Layers:
        """The policies that bind a principal now.

        Raises:
            Unauthenticated: A session whose role or origin is gone or was made anew.
        """
        if principal.kind in WITHOUT_POLICIES:
            return NO_LAYERS
        origin = principal.origin
        key = (principal.access_key_id, principal.unique_id)
        known = self._layers.get(key)
        if known is not None and known[0] == self.version:
            return known[1]
        version = self.version
        holder = unit.find(principal.role_arn or principal.arn)
        if holder is None or holder.uid != principal.unique_id:
            raise _ended("role" if principal.role_arn else "user")
        if origin is not None:
            bound = unit.find(origin.arn)
            if bound is None or identity.generation(bound) != origin.generation:
                raise _ended(origin.kind)
        layers = Layers(
            identity=tuple(self.of(unit, holder)),
            boundary=self.managed(unit, holder.document.get(identity.BOUNDARY), "boundary"),
            sessions=self._session(unit, principal),
        )
        if len(self._layers) > KEPT_MAX:
            self._layers.clear()
            self._callers.clear()
        self._callers[key] = context.of_caller(principal, holder.tags)
        self._layers[key] = (version, layers)
        return layers

    def of(self, unit: Unit, holder: Record) -> Iterator[Attached]:
        """The identity policies of a user, role or group."""
        document = holder.document
        for name, text in document.get(identity.INLINE, {}).items():
            yield Attached(
                name=name, arn=None, kind="identity", compiled=self._text(text, "identity")
            )
        for arn in document.get(identity.ATTACHED, ()):
            policy = self.managed(unit, arn, "identity")
            if policy is not None:
                yield policy
        for group in document.get(identity.GROUPS, ()):
            record = unit.find(group)
            if record is not None:
                yield from self.of(unit, record)

    def managed(self, unit: Unit, arn: str | None, kind: Any) -> Attached | None:
        """A managed policy by its default version; a boundary that is gone allows nothing."""
        if arn is None:
            return None
        record = unit.find(arn)
        if record is None:
            return None if kind == "identity" else Attached(arn, arn, kind, self._text("{}", kind))
        version = record.document[identity.VERSIONS][record.document["DefaultVersionId"]]
        return Attached(
            name=record.name, arn=arn, kind=kind, compiled=self._text(version["Document"], kind)
        )

    def _session(self, unit: Unit, principal: Principal) -> tuple[Attached, ...] | None:
        if not principal.session_policies and not principal.session_policy_arns:
            return None
        found = [
            Attached(f"session-{n}", None, "session", self._text(text, "session"))
            for n, text in enumerate(principal.session_policies)
        ]
        for arn in principal.session_policy_arns:
            policy = self.managed(unit, arn, "session")
            if policy is not None:
                found.append(policy)
        return tuple(found)

    def _text(self, text: str, kind: Any) -> Compiled:
        compiled = self._compiled.get((kind, text))
        if compiled is None:
            if len(self._compiled) > KEPT_MAX:
                self._compiled.clear()
            compiled = self._compiled[kind, text] = compile_stored(text, kind)
        return compiled


def _ended(what: str) -> Unauthenticated:
    return Unauthenticated(
        f"The security token included in the request is invalid: its {what} no longer exists.",
        code="UnrecognizedClientException",
    )

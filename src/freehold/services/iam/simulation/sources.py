"""The policies that a simulation is asked about: those that bind somebody, and those just given.

From records and requests to ``Source`` values: a policy with its text, so that a matched statement
can be pointed at. ``verdict.py`` asks them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from freehold.base.errors import Invalid
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.permission import identity
from freehold.policy.compile import Compiled, compile_policy
from freehold.policy.document import Policy, PolicyKind, parse
from freehold.policy.evaluate import Attached
from freehold.policy.grammar.positions import Span, spans
from freehold.services.iam.entities import ACCOUNT_OF_AWS

NOUNS = {identity.USER: "user", identity.GROUP: "group", identity.ROLE: "role"}


class Part(NamedTuple):
    """One statement by itself: as it stands, and its action alone (any resource, no condition)."""

    whole: Compiled
    action: Compiled


class Source:
    """One policy of a simulation. ``type_`` is AWS's ``SourcePolicyType``."""

    def __init__(self, id_: str, type_: str, text: str, kind: PolicyKind, arn: str | None) -> None:
        self.id = id_
        self.type = type_
        self.text = text
        self.arn = arn
        self.policy: Policy = parse(text, kind)
        self.attached = Attached(id_, arn, kind, compile_policy(self.policy))

    @functools.cached_property
    def parts(self) -> list[Part]:
        """Its statements, each by itself."""
        found: list[Part] = []
        for one in self.policy.statements:
            wide = one._replace(resources=("*",), is_not_resource=False, lines=())
            alone = (self.policy._replace(statements=(it,)) for it in (one, wide))
            found.append(Part(*map(compile_policy, alone)))
        return found

    @functools.cached_property
    def spans(self) -> list[Span]:
        """Where its statements stand."""
        return spans(self.text)


# -- those that bind ------------------------------------------------------------------------------


def of_holder(call: Call, holder: Record) -> Iterator[Source]:
    """The identity policies of a user (with those of its groups), a group or a role."""
    noun = NOUNS[holder.kind]
    for name, text in holder.document.get(identity.INLINE, {}).items():
        yield Source(f"{noun}_{holder.name}_{name}", noun, text, "identity", None)
    for arn in holder.document.get(identity.ATTACHED, ()):
        yield from managed(call, arn, "identity")
    for arn in holder.document.get(identity.GROUPS, ()):
        group = call.unit.find(arn)
        if group is not None:
            yield from of_holder(call, group)


def managed(call: Call, arn: str, kind: PolicyKind) -> Iterator[Source]:
    """A managed policy by its default version, if it exists."""
    record = call.unit.find(arn)
    if record is not None and record.kind == identity.POLICY:
        version = record.document[identity.VERSIONS][record.document["DefaultVersionId"]]
        is_of_aws = arn.split(":")[4] == ACCOUNT_OF_AWS
        type_ = "aws-managed" if is_of_aws else "user-managed"
        yield Source(record.name, type_, version["Document"], kind, arn)


# -- those that are given -------------------------------------------------------------------------


def given(texts: Iterable[str], kind: PolicyKind, member: str = "PolicyInputList") -> list[Source]:
    """Policies of a request.

    Raises:
        Invalid: ``InvalidInput``: one is malformed; says why.
    """
    found: list[Source] = []
    for number, text in enumerate(texts, 1):
        try:
            found.append(Source(f"{member}.{number}", "none", text, kind, None))
        except Invalid as refused:
            raise Invalid(
                f"Invalid policy in {member}.{number}: {refused.message}", code="InvalidInput"
            ) from None
    return found


def without(sources: Iterable[Source], excluded: list[Document]) -> list[Source]:
    """Those that no entry of ``PolicyExclusionList`` takes out: all that it says must fit."""
    return [source for source in sources if not any(_is_meant(source, entry) for entry in excluded)]


def _is_meant(source: Source, entry: Document) -> bool:
    kind = "inline" if source.type in NOUNS.values() else source.type
    if "PolicyType" in entry and entry["PolicyType"] != kind:
        return False
    if "PolicyArn" in entry and entry["PolicyArn"] != source.arn:
        return False
    inline = entry.get("InlinePolicyIdentifier")
    if inline is not None:
        wanted = [inline[part] for part in ("AttachmentType", "AttachmentName", "PolicyName")]
        return source.arn is None and source.id == "_".join(wanted)
    return bool(entry)

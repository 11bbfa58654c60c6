"""A resource as it is declared: where its ARN comes from, which verbs it has, what it bills.

From the declaration the verbs of ``kernel/declare/verbs.py`` are made; a service writes a function
only where something happens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from freehold.kernel.declare import verbs
from freehold.kernel.declare.operation import Document, dig
from freehold.store.records import Record, encode

if TYPE_CHECKING:
    from freehold.kernel.call import Call
    from freehold.kernel.declare.service import Service

_FIELD = re.compile(r"\{([A-Za-z|]+)\}")


@dataclass(frozen=True, slots=True)
class Running:
    """When a resource bills, and by what. Paths lead into the record's document.

    ``started`` and ``ended``: members that hold the times of what really ran, where that is
    not the status itself (jobs); nothing is billed before the one or after the other.
    """

    when: frozenset[str]
    component: str | Callable[[Document], str]
    instance: str | Callable[[Document], str | None]
    count: str | None = None
    started: str | None = None
    ended: str | None = None


class Resource:
    """One kind of thing.

    Args:
        service: Where it is declared.
        name: AWS's noun, such as ``TrainingJob``.
        arn: Pattern of the ARN's last part; ``{A|B}`` takes the first member that is given.
            A callable gets the document and returns the last part.
        scope: Member that holds what it lives in (``DomainId``); part of its identity.
        starts: Status at birth. ``ends``: statuses at rest for good.
        identify: Fills in names that the server gives, before permission is asked.
        not_found: Message for a missing one, with members of the request in braces.
        not_found_code: AWS's code where it is not the service's usual one.
        own_keys: Condition keys that a thing itself has, whoever does what with it.
        references: Members of creates and updates that name other things, and their kinds.
        within: Members carried by the ARN's parents.
        runs: When it bills. ``moved_by``: the loop that moves it.
        global_: The ARN has no region (IAM).
    """

    def __init__(
        self,
        service: Service,
        name: str,
        *,
        arn: str | Callable[[Document], str],
        name_member: str | None = None,
        arn_member: str | None = None,
        status: str | None = None,
        starts: str | None = None,
        ends: frozenset[str] | set[str] = frozenset(),
        scope: str | None = None,
        kind: str | None = None,
        created: str = "CreationTime",
        modified: str | None = "LastModifiedTime",
        identify: Callable[[Call, Document], None] | None = None,
        locate: Callable[[Call, Document], str] | None = None,
        exists: str = "Resource {arn} already exists.",
        exists_code: str | None = None,
        not_found: str = "Resource {arn} does not exist.",
        not_found_code: str | None = None,
        keys: Mapping[str, Any] | None = None,
        own_keys: Callable[[Record], Mapping[str, str]] | None = None,
        passes: tuple[str, ...] = (),
        references: Mapping[str, str] | None = None,
        runs: Running | None = None,
        moved_by: str | None = None,
        global_: bool = False,
        tagged: bool = True,
    ) -> None:
        self.service = service
        self.name = name
        self.kind = kind or f"{service.prefix}:{re.sub(r'(?<!^)(?=[A-Z])', '-', name).lower()}"
        self.name_member = name_member or f"{name}Name"
        self.arn_member = arn_member or f"{name}Arn"
        self.status_member = status
        self.starts = starts
        self.ends = frozenset(ends)
        self.scope_member = scope
        self.created_member = created
        self.modified_member = modified
        self.identify = identify
        self.locate = locate
        self.exists = exists
        self.exists_code = exists_code
        self.not_found = not_found
        self.not_found_code = not_found_code
        self.keys = dict(keys or {})
        self.own_keys = own_keys
        self.passes = passes
        self.references = dict(references or {})
        self.runs = runs
        self.moved_by = moved_by
        self.is_global = global_
        self.is_tagged = tagged
        self.summary_members: tuple[str, ...] = ()
        self.describe_members: tuple[str, ...] = ()
        self._tail = arn if callable(arn) else _filler(arn)

    # -- identity ---------------------------------------------------------------------------

    def tail(self, document: Document) -> str:
        """The ARN's last part for what ``document`` names."""
        return self._tail(document)

    def target(self, call: Call, request: Document) -> str:
        """The ARN that the request is about."""
        if self.locate is not None:
            return self.locate(call, request)
        return call.arn_of(self, request)

    def scope(self, document: Document) -> str:
        """What a thing of this document lives in."""
        return "" if self.scope_member is None else str(document.get(self.scope_member, ""))

    # -- what is kept beside the document -----------------------------------------------------

    def summary(self, document: Document) -> bytes | None:
        """The list item, encoded; None if the resource is not listed."""
        if not self.summary_members:
            return None
        return encode({key: document[key] for key in self.summary_members if key in document})

    def facts(self, record: Record) -> Document | None:
        """What metering must know of a change, or None if this never bills."""
        runs, document = self.runs, record.document
        if runs is None:
            return None
        started = dig(document, runs.started) if runs.started else []
        ended = dig(document, runs.ended) if runs.ended else []
        is_running = record.status in runs.when and not ended
        if runs.started is not None and not started:
            is_running = False
        if not is_running and not started:
            return {"runs": False, **({"ended_at": ended[0]} if ended else {})}
        facts = {"runs": is_running, **self._measure(document)}
        if started:
            facts["started_at"] = started[0]
        if ended:
            facts["ended_at"] = ended[0]
        return facts

    def _measure(self, document: Document) -> Document:
        runs = self.runs
        assert runs is not None
        instance = runs.instance(document) if callable(runs.instance) else None
        if not callable(runs.instance):
            found = dig(document, runs.instance)
            instance = found[0] if found else None
        count = dig(document, runs.count) if runs.count else []
        return {
            "component": runs.component(document) if callable(runs.component) else runs.component,
            "instance_type": instance,
            "count": count[0] if count else 1,
        }

    # -- verbs --------------------------------------------------------------------------------

    def creates(self, name: str, **declaration: Any) -> Callable[[verbs.Fill], verbs.Fill]:
        """``CreateX``: the function checks and fills in the document; the verb keeps it."""

        def declare(fill: verbs.Fill) -> verbs.Fill:
            self._add(
                name,
                verbs.create(self, fill, self._output(name)),
                "write",
                declaration | {"is_create": True},
            )
            return fill

        return declare

    def describes(
        self, name: str, *, beside: verbs.Beside | None = None, **declaration: Any
    ) -> None:
        """``DescribeX``: the record seen through the output shape, and what ``beside`` adds."""
        self.describe_members = self._output(name)
        run = verbs.describe(self, self.describe_members, beside)
        self._add(name, run, "read", declaration)

    def lists(self, name: str, **declaration: Any) -> None:
        """``ListXs``: pages, filters and order read off the model."""
        order = declaration.pop("descending", False)
        plan = verbs.ListPlan.read(self, self.service.model.operations[name], descending=order)
        if not self.summary_members:
            self.summary_members = plan.item_members
        self.service.add(name, verbs.list_(self, plan), mode="read", resource=self, **declaration)

    def updates(self, name: str, **declaration: Any) -> Callable[[verbs.Change], verbs.Change]:
        """``UpdateX``: the function sees record and request, and decides what is kept."""

        def declare(change: verbs.Change) -> verbs.Change:
            self._add(name, verbs.update(self, change, self._output(name)), "write", declaration)
            return change

        return declare

    def deletes(self, name: str, **declaration: Any) -> Callable[[verbs.End], verbs.End]:
        """``DeleteX``: the function refuses or asks for the end; True means: remove it now."""

        def declare(end: verbs.End) -> verbs.End:
            self._add(name, verbs.delete(self, end), "write", {"references": {}} | declaration)
            return end

        return declare

    def _output(self, name: str) -> tuple[str, ...]:
        output = self.service.model.operations[name].output
        return () if output is None else tuple(output.members)

    def _add(self, name: str, run: Any, mode: Any, declaration: dict[str, Any]) -> None:
        settings: dict[str, Any] = {}
        if mode == "write":
            settings = {"keys": self.keys, "passes": self.passes, "references": self.references}
        settings |= declaration
        settings.setdefault("target", self.target)
        self.service.add(name, run, mode=mode, resource=self, **settings)


def _filler(pattern: str) -> Callable[[Document], str]:
    fields = [part.split("|") for part in _FIELD.findall(pattern)]
    plain = _FIELD.split(pattern)[::2]

    def fill(document: Document) -> str:
        text = plain[0]
        for names, rest in zip(fields, plain[1:], strict=True):
            value = next((document[name] for name in names if document.get(name)), "*")
            text += f"{value}{rest}"
        return text

    return fill

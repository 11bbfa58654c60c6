"""An operation as it is declared: its model, its function, and what authorization must know.

Built by ``kernel/declare/service.py`` and ``kernel/declare/resource.py``; read by
``kernel/dispatch.py``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from freehold.kernel.declare import facts
from freehold.spec import model as spec

if TYPE_CHECKING:
    from freehold.kernel.call import Call
    from freehold.kernel.declare.resource import Resource
    from freehold.kernel.declare.service import Service

Document = dict[str, Any]
Run = Callable[["Call", Document], Document | None]
Target = Callable[["Call", Document], str | list[str]]
Source = str | Callable[["Call", Document], Any]
Mode = Literal["read", "write", "slow"]
EVERYTHING = "*"


def on_everything(_call: Call, _request: Document) -> str:
    """The target of operations without resource-level permission."""
    return EVERYTHING


@dataclass
class Operation:
    """One operation that we serve.

    ``mode``: "read" runs inline on a read connection, "slow" on a pool, "write" inside the
    writer's transaction. ``action`` is the IAM action, ``keys`` maps condition keys to paths
    in the request, ``passes`` names members that hold a role handed over, ``references`` maps
    members that name other things to the kinds of those. ``tag_action`` is what a create with tags
    needs besides, where it is not the service's ``AddTags``. ``ahead`` runs
    after authorization and before the transaction of a write: what can be refused before a long
    body is read, and work on bytes that no transaction should wait for. ``is_of_policy``: it reads
    or writes the policy on the thing itself, from which no such policy shuts out the root.
    """

    service: Service
    name: str
    model: spec.Operation
    run: Run
    mode: Mode
    action: str
    target: Target = on_everything
    resource: Resource | None = None
    is_create: bool = False
    needs_no_permission: bool = False
    keys: Mapping[str, Source] = field(default_factory=dict)
    passes: tuple[str, ...] = ()
    references: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    is_taggable: bool = False
    tag_action: str | None = None
    ahead: Callable[[Call, Document], None] | None = None
    is_of_policy: bool = False
    _readers: tuple[tuple[str, Source, bool], ...] | None = None

    def readers(self) -> tuple[tuple[str, Source, bool], ...]:
        """Its condition keys: name in lower case, where the value stands, whether it is a list.

        Of what a resource declares, each operation has the keys that AWS gives its action.
        """
        if self._readers is None:
            listed = facts.keys_of(self.action)
            self._readers = tuple(
                (key.lower(), source, facts.is_list(key.lower()))
                for key, source in self.keys.items()
                if listed is None or _is_open(key) or facts.belongs(key, listed)
            )
        return self._readers

    @property
    def is_unsigned(self) -> bool:
        """Whether AWS takes it without a signature, because its own token says who calls."""
        return self.model.auth_type == "none"

    @property
    def is_list(self) -> bool:
        """Whether it lists what there is: as much work as there are things."""
        return self.name.startswith("List")

    @functools.cached_property
    def makes_its_target(self) -> bool:
        """Whether permission is asked on the new thing itself, and on nothing that is there."""
        return self.is_create and self.resource is not None and self.target == self.resource.target

    @property
    def event_source(self) -> str:
        """CloudTrail's name of the service: ``sagemaker.amazonaws.com``."""
        return f"{self.service.prefix}.amazonaws.com"


def _is_open(key: str) -> bool:
    """Global keys, and families whose names the request completes, are everybody's."""
    return key.startswith("aws:") or key.endswith((":", "/"))


def dig(document: Any, path: str) -> list[Any]:
    """All values at a dotted path; lists on the way are entered, absent members give nothing."""
    return _below(document, _steps(path))


def _below(value: Any, steps: list[str]) -> list[Any]:
    for at, step in enumerate(steps):
        if isinstance(value, list):
            return [leaf for item in value for leaf in _below(item, steps[at:])]
        value = value.get(step) if isinstance(value, dict) else None
        if value is None:
            return []
    return list(value) if isinstance(value, list) else [value]


@functools.cache
def _steps(path: str) -> list[str]:
    """Paths stand in declarations: there are few of them, and each is asked for on every call."""
    return path.split(".")

"""A service: the place where its resources and operations are declared.

``services/<name>.py`` opens with ``budgets = Service("budgets")``; its decorated functions
join it at import. Every name is checked against the model as it is declared: a name that the
model does not have stops the server at start.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from freehold.kernel.declare.operation import Document, Mode, Operation, Run, Target, on_everything
from freehold.kernel.declare.resource import Resource
from freehold.spec import load
from freehold.spec import model as spec
from freehold.spec.project import taggable


class Service:
    """One AWS service as far as we serve it. ``prefix`` is what its IAM actions begin with.

    ``tags_of`` reads the tags off a request where they are not one member of it, ``tag_member``.
    ``policy_holder`` tells, for an ARN, the ARN of the thing whose own policy guards it, if any.
    """

    def __init__(
        self,
        name: str,
        *,
        prefix: str | None = None,
        tag_member: str = "Tags",
        tags_of: Callable[[Document], Any] | None = None,
        policy_holder: Callable[[str], str | None] | None = None,
    ) -> None:
        self.name = name
        self.asked_tags = tags_of or (lambda request: request.get(tag_member))
        self.policy_holder = policy_holder
        self._model: spec.Service | None = None
        self._prefix = prefix
        self.operations: dict[str, Operation] = {}
        self.resources: dict[str, Resource] = {}

    @property
    def model(self) -> spec.Service:
        """The service model, loaded on first use."""
        if self._model is None:
            self._model = load.service(self.name)
        return self._model

    @functools.cached_property
    def prefix(self) -> str:
        """``sagemaker`` of ``sagemaker:CreateApp``."""
        return self._prefix or self.model.signing_name

    def resource(self, name: str, **declaration: Any) -> Resource:
        """Declare a resource; see ``Resource`` for what may be said of it."""
        resource = Resource(self, name, **declaration)
        self.resources[name] = resource
        return resource

    def operation(
        self,
        name: str,
        *,
        on: Resource | None = None,
        mode: Mode = "read",
        target: Target | None = None,
        action: str | None = None,
        **declaration: Any,
    ) -> Callable[[Run], Run]:
        """Declare an operation that is a plain function ``(call, request) -> answer``."""

        def declare(run: Run) -> Run:
            where = target or (on.target if on is not None else on_everything)
            self.add(name, run, mode=mode, target=where, action=action, resource=on, **declaration)
            return run

        return declare

    def add(self, name: str, run: Run, *, action: str | None = None, **declaration: Any) -> None:
        """Register an operation under its model's name.

        Raises:
            LookupError: The model has no such operation, or it was declared twice.
        """
        model = self.model.operations.get(name)
        if model is None or name in self.operations:
            raise LookupError(f"{self.name} has no operation {name}, or it is declared twice")
        self.operations[name] = Operation(
            service=self,
            name=name,
            model=model,
            run=run,
            action=action or f"{self.prefix}:{name}",
            is_taggable=taggable(model),
            **declaration,
        )


class Registry:
    """All services that we serve, by name; unknown names are simply not there."""

    def __init__(self, services: Iterable[Service]) -> None:
        self.services: Mapping[str, Service] = {service.name: service for service in services}
        self._resources = {
            resource.kind: resource
            for service in self.services.values()
            for resource in service.resources.values()
        }

    def find(self, model: spec.Operation) -> Operation | None:
        """Our operation for a model's, or None if we do not serve it."""
        service = self.services.get(model.service.name)
        return None if service is None else service.operations.get(model.name)

    def resource(self, kind: str) -> Resource | None:
        """The declaration behind a record's kind."""
        return self._resources.get(kind)

    def resources(self) -> Iterable[Resource]:
        """Every declared resource."""
        return self._resources.values()

    def operations(self) -> list[Operation]:
        """Every operation that we serve, by service and name."""
        return [
            service.operations[name]
            for _, service in sorted(self.services.items())
            for name in sorted(service.operations)
        ]

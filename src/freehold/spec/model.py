"""What a service can do, read off AWS's own model: services, operations, shapes, members.

Input: the trimmed model that ``spec/load.py`` hands over, each part still packed.
Output: light values that ``wire``, ``kernel`` and the generated documents read.
A part is unpacked when first asked for, and shapes may refer to themselves:
EC2 has 829 operations and 4,390 shapes, of which a server touches a handful.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

Raw = dict[str, Any]

_unpack: Callable[[msgspec.Raw], Raw] = msgspec.msgpack.Decoder(Raw).decode

SCALARS = frozenset(
    {"string", "boolean", "integer", "long", "float", "double", "timestamp", "blob", "bigdecimal"}
)


class Member:
    """A use of a shape: a structure's member, or the item, key or value of a list or map.

    ``location`` is None (the body), ``header``, ``headers``, ``uri``, ``querystring`` or
    ``statusCode``. ``location_name`` is None where the member goes by its own name.
    """

    __slots__ = (
        "_flattened",
        "_namespace",
        "_service",
        "_timestamp_format",
        "is_attribute",
        "is_host_label",
        "is_idempotency_token",
        "is_json_value",
        "is_streaming",
        "location",
        "location_name",
        "name",
        "query_name",
        "target",
    )

    def __init__(self, service: Service, name: str, raw: Raw) -> None:
        self._service = service
        self.name = name
        self.target: str = raw["shape"]
        self.location: str | None = raw.get("location")
        self.location_name: str | None = raw.get("locationName")
        self.query_name: str | None = raw.get("queryName")
        self.is_streaming: bool = raw.get("streaming", False)
        self.is_attribute: bool = raw.get("xmlAttribute", False)
        self.is_json_value: bool = raw.get("jsonvalue", False)
        self.is_host_label: bool = raw.get("hostLabel", False)
        self.is_idempotency_token: bool = raw.get("idempotencyToken", False)
        self._flattened: bool = raw.get("flattened", False)
        self._namespace: Raw | None = raw.get("xmlNamespace")
        self._timestamp_format: str | None = raw.get("timestampFormat")

    def __repr__(self) -> str:
        return f"Member({self.name}: {self.target})"

    @property
    def shape(self) -> Shape:
        """What the member holds."""
        return self._service.shape(self.target)

    @property
    def serialized(self) -> str:
        """The name on the wire (not EC2's requests, which capitalise it)."""
        return self.location_name or self.name

    @property
    def is_flattened(self) -> bool:
        """Whether a list or map stands without a wrapping element."""
        return self._flattened or self.shape.is_flattened

    @property
    def namespace(self) -> Raw | None:
        """``{"uri": .., "prefix": ..}`` of an XML element, if it has one of its own."""
        return self._namespace or self.shape.namespace

    @property
    def timestamp_format(self) -> str | None:
        """``iso8601``, ``rfc822``, ``unixTimestamp``, or None for the protocol's usual one."""
        return self._timestamp_format or self.shape.timestamp_format


class Shape:
    """A type. ``kind`` is the model's: structure, list, map, string, integer, timestamp, ...

    ``min`` and ``max`` bound the value of a number and the length of everything else.
    ``plan`` and ``checker`` hold what other files compile from the shape, once.
    """

    __slots__ = (
        "_service",
        "enum",
        "error_code",
        "error_status",
        "is_event_stream",
        "is_exception",
        "is_flattened",
        "is_sensitive",
        "is_union",
        "item",
        "key",
        "kind",
        "location_name",
        "max",
        "members",
        "min",
        "name",
        "namespace",
        "pattern",
        "payload",
        "plan",
        "required",
        "timestamp_format",
        "type",
        "value",
    )

    def __init__(self, service: Service, name: str, raw: Raw) -> None:
        self._service = service
        self.name = name
        self.kind: str = raw["type"]
        self.members: dict[str, Member] = {
            member: Member(service, member, ref) for member, ref in raw.get("members", {}).items()
        }
        # A streaming body never stands in the document: the edge carries it.
        self.required: tuple[str, ...] = tuple(
            member for member in raw.get("required", ()) if not self.members[member].is_streaming
        )
        self.item: Member | None = self._part("member", raw)
        self.key: Member | None = self._part("key", raw)
        self.value: Member | None = self._part("value", raw)
        self.min: float | None = raw.get("min")
        self.max: float | None = raw.get("max")
        self.pattern: str | None = raw.get("pattern")
        self.enum: tuple[str, ...] | None = tuple(raw["enum"]) if raw.get("enum") else None
        self.payload: str | None = raw.get("payload")
        self.is_flattened: bool = raw.get("flattened", False)
        self.is_sensitive: bool = raw.get("sensitive", False)
        self.is_union: bool = raw.get("union", False)
        self.is_exception: bool = raw.get("exception", False)
        self.is_event_stream: bool = raw.get("eventstream", False)
        self.error_code: str | None = raw.get("error", {}).get("code")
        self.error_status: int | None = raw.get("error", {}).get("httpStatusCode")
        self.location_name: str | None = raw.get("locationName")
        self.namespace: Raw | None = raw.get("xmlNamespace")
        self.timestamp_format: str | None = raw.get("timestampFormat")
        self.type: Any = None
        self.plan: Any = None

    def __repr__(self) -> str:
        return f"Shape({self.name}: {self.kind})"

    def _part(self, name: str, raw: Raw) -> Member | None:
        return Member(self._service, name, raw[name]) if name in raw else None


class Operation:
    """One call of a service.

    ``input_token``, ``output_token`` and ``result_key`` are tuples, empty where the call has
    no pages; ``limit_key`` names the member that bounds a page. ``reader`` and ``plan`` hold
    what other files compile from the operation, once.
    """

    __slots__ = (
        "auth_type",
        "errors",
        "input_name",
        "input_namespace",
        "input_root",
        "input_token",
        "is_deprecated",
        "is_read_only",
        "limit_key",
        "method",
        "more_results",
        "name",
        "output_name",
        "output_token",
        "output_wrapper",
        "plan",
        "reader",
        "result_key",
        "service",
        "status",
        "uri",
    )

    def __init__(self, service: Service, name: str, raw: Raw) -> None:
        self.service = service
        self.name = name
        http, pages = raw.get("http", {}), raw.get("pages", {})
        self.method: str = http.get("method", "POST")
        self.uri: str = http.get("requestUri", "/")
        self.status: int = http.get("responseCode", 200)
        taken, given = raw.get("input", {}), raw.get("output", {})
        self.input_name: str | None = taken.get("shape")
        self.input_root: str | None = taken.get("locationName")
        self.input_namespace: Raw | None = taken.get("xmlNamespace")
        self.output_name: str | None = given.get("shape")
        self.output_wrapper: str | None = given.get("resultWrapper")
        self.errors: tuple[str, ...] = tuple(raw.get("errors", ()))
        self.auth_type: str | None = raw.get("authtype")
        self.is_read_only: bool = raw.get("readonly", False)
        self.is_deprecated: bool = raw.get("deprecated", False)
        self.input_token: tuple[str, ...] = _several(pages.get("input_token"))
        self.output_token: tuple[str, ...] = _several(pages.get("output_token"))
        self.result_key: tuple[str, ...] = _several(pages.get("result_key"))
        self.limit_key: str | None = pages.get("limit_key")
        self.more_results: str | None = pages.get("more_results")
        self.reader: Any = None
        self.plan: Any = None

    def __repr__(self) -> str:
        return f"Operation({self.service.name}.{self.name})"

    @property
    def input(self) -> Shape | None:
        """What the call takes; None where it takes nothing."""
        return self.service.shape(self.input_name) if self.input_name else None

    @property
    def output(self) -> Shape | None:
        """What the call answers; None where it answers nothing."""
        return self.service.shape(self.output_name) if self.output_name else None


def _several(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


class Operations(Mapping[str, Operation]):
    """A service's operations by name, in the model's order; each is built when first asked for."""

    __slots__ = ("_built", "_packed", "_service")

    def __init__(self, service: Service, packed: dict[str, msgspec.Raw]) -> None:
        self._service = service
        self._packed = packed
        self._built: dict[str, Operation] = {}

    def __getitem__(self, name: str) -> Operation:
        found = self._built.get(name)
        if found is None:
            raw = _unpack(self._packed[name])
            found = self._built.setdefault(name, Operation(self._service, name, raw))
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)

    def __contains__(self, name: object) -> bool:
        return name in self._packed


class Service:
    """One AWS service. ``name`` is botocore's; ``signing_name`` is what requests are signed for.

    ``protocol`` is what real clients speak (``spec/patches.py``): json, query, ec2, rest-json
    or rest-xml.
    """

    __slots__ = (
        "_packed",
        "_shapes",
        "api_version",
        "endpoint_prefix",
        "json_version",
        "name",
        "operations",
        "protocol",
        "protocols",
        "service_id",
        "signing_name",
        "target_prefix",
        "uid",
        "xml_namespace",
    )

    def __init__(
        self,
        name: str,
        metadata: Raw,
        operations: dict[str, msgspec.Raw],
        shapes: dict[str, msgspec.Raw],
    ) -> None:
        self.name = name
        self.protocol: str = metadata["protocol"]
        self.protocols: tuple[str, ...] = tuple(metadata.get("protocols", ())) or (self.protocol,)
        self.endpoint_prefix: str = metadata["endpointPrefix"]
        self.signing_name: str = metadata.get("signingName") or self.endpoint_prefix
        self.target_prefix: str | None = metadata.get("targetPrefix")
        self.json_version: str = metadata.get("jsonVersion", "1.1")
        self.xml_namespace: str | None = metadata.get("xmlNamespace")
        self.api_version: str = metadata["apiVersion"]
        self.service_id: str = metadata.get("serviceId", name)
        self.uid: str = metadata.get("uid", name)
        self._packed = shapes
        self._shapes: dict[str, Shape] = {}
        self.operations: Mapping[str, Operation] = Operations(self, operations)

    def __repr__(self) -> str:
        return f"Service({self.name})"

    def shape(self, name: str) -> Shape:
        """The shape of that name. KeyError if the model has none."""
        found = self._shapes.get(name)
        if found is None:
            found = self._shapes.setdefault(name, Shape(self, name, _unpack(self._packed[name])))
        return found

    def shape_names(self) -> Iterator[str]:
        """Every shape of the model, in its order."""
        return iter(self._packed)

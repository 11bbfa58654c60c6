"""Which operation a request asks for: told by what the request is, not by what a model says.

Input: a request and the service name it was signed for. Output: an ``Operation``.
``X-Amz-Target`` means JSON (a dictionary look-up: the hot road); a form with ``Action`` means
query or EC2; all else is REST, told by method and path.
"""

from __future__ import annotations

import functools
import re
from urllib.parse import unquote_plus

from freehold.base.errors import Invalid, Unsupported
from freehold.spec import load
from freehold.spec.model import Operation, Service
from freehold.wire import buckets, rest
from freehold.wire.request import Request

# Services by the name that requests are signed for. SageMaker signs three services alike.
SIGNED: dict[str, tuple[str, ...]] = {
    "sagemaker": ("sagemaker-runtime", "sagemaker-metrics"),
    "elasticfilesystem": ("efs",),
    "iam": ("iam",),
    "sts": ("sts",),
    "ec2": ("ec2",),
    "monitoring": ("cloudwatch",),
    "s3": ("s3",),
    "access-analyzer": ("accessanalyzer",),
}
# Query services by the Version that each form carries: for the few calls that are not signed.
VERSIONS: dict[str, str] = {
    "2010-05-08": "iam",
    "2011-06-15": "sts",
    "2016-11-15": "ec2",
    "2010-08-01": "cloudwatch",
}
_REST = ("efs", "sagemaker-runtime", "sagemaker-metrics", "accessanalyzer")
_FORM = "application/x-www-form-urlencoded"

_ACTION = re.compile(rb"(?:^|&)Action=([^&]*)")
_VERSION = re.compile(rb"(?:^|&)Version=([^&]*)")

_targets: dict[str, Operation] = {}


def route(request: Request, scope: str | None) -> Operation:
    """The operation that a request asks for.

    Args:
        request: Its body is read only where it is a form.
        scope: The service name of the SigV4 credential scope; None for an unsigned request.

    Raises:
        Unsupported: No such operation: ``UnknownOperationException``, ``InvalidAction`` or
            ``MethodNotAllowed``, as its protocol says it.
    """
    target = request.headers.get("x-amz-target")
    if target is not None:
        return _targets.get(target) or _by_target(target)
    if scope == "s3":  # whatever the content type: that is the object's
        return buckets.find(request)
    if _is_form(request):
        return _by_action(request, scope)
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        raise Unsupported("This server does not speak Smithy RPC v2 CBOR; use AWS JSON.")
    return _by_path(request, scope)


def _by_target(target: str) -> Operation:
    prefix, _, name = target.rpartition(".")
    service = _prefixes().get(prefix)
    if service is None or name not in load.service(service).operations:
        raise unknown()
    found = _targets[target] = load.service(service).operations[name]
    return found


@functools.cache
def _prefixes() -> dict[str, str]:
    """Services by the target's prefix: as botocore writes it, and as SDKs made by Smithy do.

    Those send the service's bare name: ``CloudTrail_20131101`` where botocore's model has
    ``com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101``. AWS takes both.
    """
    found: dict[str, str] = {}
    for name in load.SERVICES:
        prefix = load.service(name).target_prefix
        if prefix:
            found[prefix] = name
            found.setdefault(prefix.rpartition(".")[2], name)
    return found


def unknown() -> Unsupported:
    """The fault for an operation that AWS does not have."""
    return Unsupported(
        "The requested operation is not supported in the called region.",
        code="UnknownOperationException",
    )


def _is_form(request: Request) -> bool:
    if request.headers.get("content-type", "").startswith(_FORM):
        return True
    return request.query.startswith("Action=") or "&Action=" in request.query


def _by_action(request: Request, scope: str | None) -> Operation:
    name, version = _first(request, _ACTION), _first(request, _VERSION)
    service = form_service(request, scope)
    if service is None:
        raise _invalid_action(name, version)
    if not name:
        raise Invalid("The request must contain the parameter Action", code="MissingAction")
    if name not in service.operations or version != service.api_version:
        raise _invalid_action(name, version)
    return service.operations[name]


def form_service(request: Request, scope: str | None) -> Service | None:
    """The service that a form is for, by the scope it was signed for, else by its ``Version``.

    Told without believing the request: its refusals, too, are spoken in that service's protocol.
    """
    signed = SIGNED.get(scope or "")
    name = signed[0] if signed else VERSIONS.get(_first(request, _VERSION), "")
    return _spoken(name) if name in VERSIONS.values() else None


def _first(request: Request, pair: re.Pattern[bytes]) -> str:
    """One parameter, found without reading the others: the caller is a stranger yet."""
    found = pair.search(request.body or request.query.encode("latin-1", "replace"))
    return unquote_plus(found[1].decode("latin-1")) if found else ""


def _spoken(name: str) -> Service:
    """The service as forms speak of it."""
    return load.service(name, "ec2" if name == "ec2" else "query")


def _invalid_action(name: str, version: str) -> Unsupported:
    shown = version[:32] or "NO_VERSION_SPECIFIED"
    return Unsupported(
        f"Could not find operation {name[:128]} for version {shown}", code="InvalidAction"
    )


def _by_path(request: Request, scope: str | None) -> Operation:
    """REST-JSON by method and path; what is not signed at all and fits none is S3's."""
    services = _REST if scope is None else SIGNED.get(scope, ())
    for name in services:
        if name in _REST:
            for operation in load.service(name).operations.values():
                is_fitting = operation.method == request.method
                if is_fitting and rest.template(operation.uri).fullmatch(request.path):
                    return operation
    if scope is None:
        return buckets.find(request)
    raise unknown()

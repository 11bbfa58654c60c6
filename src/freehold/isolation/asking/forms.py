"""What there is to ask about each operation: on which kinds of things, and how it reaches them.

Read off the registry, so that an operation that is served tomorrow is asked about tomorrow; what
fits no form is named as unexamined, never passed over. Goes to ``crossing.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from freehold.isolation.account.things import KEYS, LINES, NEW
from freehold.kernel.analysis import kept
from freehold.kernel.declare.operation import EVERYTHING, Operation, on_everything
from freehold.kernel.declare.service import Registry

Shape = Literal["thing", "tag", "untag", "new", "plant", "keys", "listing", "account"]
Severity = Literal["leak", "lists"]

BUCKET = "s3:bucket"
# Say who a domain's people are and what they may do; they hand out nothing of it.
READS_IDENTITY = ("Get", "List", "Simulate", "Generate")
# Calls of STS change who one is, not what is there; ``reach.py`` has them.
ELSEWHERE = frozenset({"sts", "ec2"})
# Asked for each resource through the service's own action on tags, which stands here already.
BY_OTHERS = frozenset({"TagResources", "UntagResources", "DeleteObjects"})
# Tell nothing of the account: what they are given, that there are no trails, the price list,
# metrics of domains that one may describe.
TELL_NOTHING = frozenset(
    {"ValidatePolicy", "CheckAccessNotGranted", "CheckNoNewAccess", "DescribeTrails", "ListTrails"}
    | {"GetTrail", "GetTrailStatus", "GetEventSelectors", "GetProducts", "DescribeServices"}
    | {"ListMetrics", "GetMetricData"}
)
# Refused by the server itself to sessions of another domain, whatever policy says.
STRANGERS_REFUSED = frozenset({"CreateApp", "CreatePresignedDomainUrl"})
_SAGEMAKER = "sagemaker:"
_PAIR = frozenset({"sagemaker:trial-component", "sagemaker:trial"})
_BUCKET_LISTS = frozenset(
    {"s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"}
)
# Targets by the name of the function that finds them: kinds of things that they are about.
_TARGETS: dict[str, frozenset[str]] = {
    "on_group": frozenset({LINES}),
    "on_stream": frozenset({"logs:log-stream"}),
    "on_tags": frozenset({"logs:log-group"}),
    "_both": _PAIR,
    "object_arn": frozenset({KEYS}),
}
_BY_SERVICE = {"sagemaker-metrics": frozenset({"sagemaker:trial-component"})}
_NAMES_ONLY = frozenset({"DescribeLogStreams"})


@dataclass(slots=True, eq=False)
class Form:
    """One action in one shape, with all operations that ask it so.

    Attributes:
        kinds: Of the things it is about; empty with ``is_any_sagemaker`` or account-wide.
        on: What an account-wide action is asked on.
        first: One of the operations; their declarations are alike.
    """

    shape: Shape
    action: str
    severity: Severity
    first: Operation
    kinds: frozenset[str] = frozenset()
    is_any_sagemaker: bool = False
    on: str = EVERYTHING
    names: list[str] = field(default_factory=list)

    @property
    def reads(self) -> bool:
        """Whether nothing is changed by it."""
        return self.first.mode != "write"

    def concerns(self, kind: str) -> bool:
        """Whether it is asked about things of a kind."""
        return kind in self.kinds or (self.is_any_sagemaker and kind.startswith(_SAGEMAKER))


def of(registry: Registry) -> tuple[list[Form], list[str]]:
    """All forms, and the operations that fit none."""
    found: dict[tuple[str, str, frozenset[str], bool, str], Form] = {}
    unexamined: list[str] = []
    for operation in registry.operations():
        made = list(_forms(operation))
        if not made and not _is_elsewhere(operation):
            unexamined.append(f"{operation.service.prefix}:{operation.name}")
        for form in made:
            key = (form.shape, form.action, form.kinds, form.is_any_sagemaker, form.severity)
            found.setdefault(key, form).names.append(operation.name)
    return list(found.values()), unexamined


def _is_elsewhere(operation: Operation) -> bool:
    return (
        operation.service.prefix in ELSEWHERE
        or operation.name in BY_OTHERS | TELL_NOTHING
        or (operation.service.prefix == "iam" and operation.is_create)
        or (operation.is_create and not _is_taggable(operation))
    )


def _is_taggable(operation: Operation) -> bool:
    resource = operation.resource
    return operation.is_taggable and (resource is None or resource.is_tagged)


def _forms(operation: Operation) -> Iterable[Form]:
    prefix, name = operation.service.prefix, operation.name
    if prefix in ELSEWHERE or name in BY_OTHERS | TELL_NOTHING:
        return
    if operation.is_create:
        yield from _creates(operation)
        return
    target = getattr(operation.target, "__name__", "")
    if operation.target is on_everything or (prefix == "s3" and target == "<lambda>"):
        yield Form("account", operation.action, "lists", operation)
    elif target == "on_all_groups":
        yield Form("account", operation.action, "lists", operation, on="log-group::log-stream:")
    elif prefix == "access-analyzer":  # its findings tell of every domain
        yield Form("account", operation.action, "lists", operation, on=f"analyzer/{kept.NAME}")
    elif target == "_about" and prefix == "elasticfilesystem":
        yield Form("account", operation.action, "lists", operation)
        yield _on(operation, frozenset({operation.resource.kind if operation.resource else ""}))
    elif target == "named" and prefix == "sagemaker":
        yield Form(_tagging(operation), operation.action, "leak", operation, is_any_sagemaker=True)
    elif prefix == "s3" and operation.action in _BUCKET_LISTS:
        yield Form("listing", operation.action, "leak", operation, frozenset({KEYS}))
    elif target in _TARGETS:
        yield _on(operation, _TARGETS[target])
    elif operation.service.name in _BY_SERVICE:
        yield _on(operation, _BY_SERVICE[operation.service.name])
    elif operation.resource is not None:
        yield _on(operation, frozenset({operation.resource.kind}))


def _on(operation: Operation, kinds: frozenset[str]) -> Form:
    is_identity = operation.service.prefix == "iam"
    names_only = operation.name in _NAMES_ONLY or (
        is_identity and operation.name.startswith(READS_IDENTITY)
    )
    severity: Severity = "lists" if names_only else "leak"
    shape: Shape = "keys" if KEYS in kinds else _tagging(operation)
    return Form(shape, operation.action, severity, operation, kinds)


def _tagging(operation: Operation) -> Shape:
    """Whether the request brings tags, names tags to take away, or neither."""
    if operation.is_taggable or operation.action == "s3:PutBucketTagging":
        return "tag"
    members = operation.model.input.members if operation.model.input else {}
    return "untag" if "TagKeys" in members or "aws:TagKeys" in operation.keys else "thing"


def _creates(operation: Operation) -> Iterable[Form]:
    resource = operation.resource
    kind = "" if resource is None else resource.kind
    if operation.service.prefix == "iam":
        return
    if kind in ("sagemaker:user-profile", "sagemaker:space", "sagemaker:app"):
        yield Form("new", operation.action, "leak", operation, frozenset({NEW + kind}))
    if kind == "sagemaker:model-package":
        yield Form("new", operation.action, "leak", operation, frozenset({NEW + kind}))
    if _is_taggable(operation):
        yield Form("plant", operation.action, "leak", operation)

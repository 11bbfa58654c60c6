"""Model packages: versions in a group of the registry, or packages of their own.

A version's name is ``GROUP/NUMBER``; numbers are counted by the group and never used again. A
version carries the tags of its group, as AWS has it, and those of the domain that it was
registered from, which AWS leaves out (docs/parity.md).
Facts: jobs-and-sdk.md section 2 (register, approve), domains.md 2.1 and 2.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from freehold.base import arn as arns
from freehold.base.errors import Denied, Invalid
from freehold.kernel import tagging
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document, dig
from freehold.kernel.declare.verbs import ListPlan, list_, pick
from freehold.services.sagemaker.registry.model_groups import (
    MODEL_PACKAGE_GROUP,
    PACKAGE,
    locate_group,
)
from freehold.services.sagemaker.service import sagemaker

SPECIFICATIONS_MAX = 15  # AdditionalInferenceSpecifications of one package
TOKENS_MAX = 20  # client tokens that a group remembers
LAST, TOKENS, TYPE = "_LastVersion", "_Tokens", "_Type"
# What SourceUri may name, and the permission to read it.
SOURCES = {"model": "sagemaker:DescribeModel", "model-package": "sagemaker:DescribeModelPackage"}
CONTAINER_MEMBERS = ("ContainerHostname", "Image", "ModelDataUrl", "ModelDataSource", "Environment")
REFUSED = {
    "SourceAlgorithmSpecification": "there are no algorithm resources",
    "ValidationSpecification": "packages are not validated by batch transforms",
    "SecurityConfig": "this server has no key service",
    "ManagedStorageType": "there is no managed storage",
}


def locate_package(call: Call, request: Document) -> str:
    """The ARN of a package that is named by ``NAME``, ``GROUP/VERSION`` or its ARN."""
    named = str(request.get("ModelPackageArn") or request["ModelPackageName"])
    if named.startswith("arn:"):
        return named
    return call.arn_of(MODEL_PACKAGE, {"ModelPackageName": named})


def _about_new(call: Call, request: Document) -> str:
    """What permission to create is asked on: the number of a version is not told to strangers."""
    group = request.get("ModelPackageGroupName")
    name = f"{_short(group)}/*" if group else request.get("ModelPackageName") or "*"
    return call.arn_of(MODEL_PACKAGE, {"ModelPackageName": name})


def _short(group: str) -> str:
    arn = arns.parse(group)
    return group if arn is None else arn.tail


def _one(path: str) -> Callable[[Call, Document], Any]:
    def read(_call: Call, request: Document) -> Any:
        return next(iter(dig(request, path)), None)

    return read


def _given(_call: Call, request: Document) -> Document:
    """Metadata that the request brings, each under a condition key of its own."""
    return dict(request.get("CustomerMetadataProperties") or {})


def _kept(call: Call, _request: Document) -> Document:
    """Metadata that the package has, likewise."""
    record = call.record
    return {} if record is None else dict(record.document.get("CustomerMetadataProperties") or {})


def _current(path: str) -> Callable[[Call, Document], Any]:
    """What stands in the package that is there, before the call."""

    def read(call: Call, _request: Document) -> Any:
        return None if call.record is None else next(iter(dig(call.record.document, path)), None)

    return read


CURRENT = {
    "sagemaker:CurrentModelLifeCycleStage": _current("ModelLifeCycle.Stage"),
    "sagemaker:CurrentModelLifeCycleStageStatus": _current("ModelLifeCycle.StageStatus"),
    "sagemaker:CurrentCustomerMetadataProperties/": _kept,
}
MODEL_PACKAGE = sagemaker.resource(
    "ModelPackage",
    arn="model-package/{ModelPackageName}",
    kind=PACKAGE,
    status="ModelPackageStatus",
    starts="Completed",
    scope="ModelPackageGroupName",
    locate=locate_package,
    exists="Model Package already exists: {arn}",
    exists_code="ValidationException",
    not_found="ModelPackage {arn} does not exist.",
    not_found_code="ValidationException",
    keys={
        "sagemaker:ModelApprovalStatus": _one("ModelApprovalStatus"),
        "sagemaker:ModelLifeCycle:stage": _one("ModelLifeCycle.Stage"),
        "sagemaker:ModelLifeCycle:stageStatus": _one("ModelLifeCycle.StageStatus"),
        "sagemaker:CustomerMetadataProperties/": _given,
        "sagemaker:CustomerMetadataPropertiesToRemove": "CustomerMetadataPropertiesToRemove",
        **CURRENT,
    },
)


@MODEL_PACKAGE.creates(
    "CreateModelPackage",
    target=_about_new,
    references={"ModelPackageGroupName": MODEL_PACKAGE_GROUP.kind},
)
def create_model_package(call: Call, package: Document) -> Record:
    """The next version of a group, or a package with a name of its own.

    Raises:
        Invalid: Both or neither are named, the group is not there, or a member that we do not
            honour is given.
    """
    name, group_name = package.get("ModelPackageName"), package.get("ModelPackageGroupName")
    if name and group_name:
        raise Invalid(
            "Both ModelPackageName and ModelPackageGroupName are provided in the input. Cannot "
            "determine which one to use."
        )
    if not name and not group_name:
        raise Invalid("Missing ARN.")
    asked = [member for member in REFUSED if package.get(member)]
    if asked:
        raise Invalid("; ".join(f"{one} is not supported: {REFUSED[one]}" for one in asked))
    package.setdefault("CertifyForMarketplace", False)
    if package.get("SourceUri", "").startswith("arn:"):
        _take_over(call, package)
    package["ModelPackageStatusDetails"] = {"ValidationStatuses": [], "ImageScanStatuses": []}
    token = package.pop("ClientToken", None)
    if group_name:
        return _create_version(call, package, token)
    if package.get("ModelApprovalStatus"):
        raise Invalid("ModelApprovalStatus does not apply to unversioned model packages.")
    if not package.get("InferenceSpecification"):
        raise Invalid("InferenceSpecification is required for an unversioned model package.")
    package[TYPE] = "Unversioned"
    call.resource_arn = call.arn_of(MODEL_PACKAGE, package)
    return call.create(MODEL_PACKAGE, package, tags=call.request_tags)


def _take_over(call: Call, package: Document) -> None:
    """What a package or model says that a new package is made from.

    Raises:
        Denied: The caller may not describe it.
        Invalid: It is neither, is not there, or the request says as much itself.
    """
    arn = package["SourceUri"]
    record = call.unit.find(arn)
    kind = "" if (parsed := arns.parse(arn)) is None else parsed.kind
    action = SOURCES.get(kind)
    if action is None:
        raise Invalid(f"SourceUri {arn} is neither the ARN of a model nor of a model package.")
    refusal = call.refusal(action, arn, record)
    if refusal is not None:
        raise Denied(refusal)
    if record is None:
        raise Invalid(f"SourceUri {arn} does not exist.")
    if package.get("InferenceSpecification"):
        raise Invalid("Give a SourceUri or an InferenceSpecification, not both.")
    document = record.document
    if kind == "model":
        containers = document.get("Containers") or [document["PrimaryContainer"]]
        taken = [pick(CONTAINER_MEMBERS, container) for container in containers]
        package["InferenceSpecification"] = {"Containers": taken}
    elif document.get("InferenceSpecification"):
        package["InferenceSpecification"] = document["InferenceSpecification"]


def _create_version(call: Call, package: Document, token: str | None) -> Record:
    if call.request.get("Tags"):
        raise Invalid(
            "Tags cannot be given for a model package that belongs to a model package group: it "
            "uses the tags of the group."
        )
    if package["CertifyForMarketplace"]:
        raise Invalid("CertifyForMarketplace does not apply to versioned model packages.")
    group = call.load_arn(MODEL_PACKAGE_GROUP, locate_group(call, package), package)
    known = dict(group.document.get(TOKENS, ()))
    if token in known:
        again = call.find(MODEL_PACKAGE, {"ModelPackageName": f"{group.name}/{known[token]}"})
        if again is not None:
            return again
    version = group.document.get(LAST, 0) + 1
    group.document[LAST] = version
    if token:
        tokens = [*group.document.get(TOKENS, ()), [token, version]]
        group.document[TOKENS] = tokens[-TOKENS_MAX:]
    call.update(group)
    package.setdefault("ModelApprovalStatus", "PendingManualApproval")
    package |= {
        "ModelPackageName": f"{group.name}/{version}",
        "ModelPackageGroupName": group.name,
        "ModelPackageVersion": version,
        TYPE: "Versioned",
    }
    call.resource_arn = call.arn_of(MODEL_PACKAGE, package)
    return call.create(MODEL_PACKAGE, package, tags=_version_tags(call, group))


def _version_tags(call: Call, group: Record) -> dict[str, str]:
    """The group's tags; whose version it is says the origin alone, where there is one."""
    inherited = group.tags
    if call.principal.origin is not None:
        automatic = tagging.AUTOMATIC
        inherited = {key: value for key, value in inherited.items() if key not in automatic}
    tags = inherited | (call.request_tags or {})
    tagging.check_count(tags)
    return tags


MODEL_PACKAGE.describes("DescribeModelPackage", keys=CURRENT)

_PLAN = ListPlan.read(
    MODEL_PACKAGE, sagemaker.model.operations["ListModelPackages"], descending=False
)
_PLAN.equals["ModelPackageType"] = TYPE
MODEL_PACKAGE.summary_members = _PLAN.item_members
_list = list_(MODEL_PACKAGE, _PLAN)


@sagemaker.operation("ListModelPackages")
def list_model_packages(call: Call, request: Document) -> Document | None:
    """One page of a group's versions, or of packages of a type: unversioned ones by default."""
    asked = dict(request)
    kind, group = asked.pop("ModelPackageType", None), asked.get("ModelPackageGroupName")
    if group:
        asked["ModelPackageGroupName"] = _short(group)
    elif kind in (None, "Unversioned"):
        asked["ModelPackageGroupName"], kind = "", None
    if kind not in (None, "Both"):
        asked["ModelPackageType"] = kind
    return _list(call, asked)


@MODEL_PACKAGE.updates("UpdateModelPackage")
def update_model_package(_call: Call, package: Record, request: Document) -> None:
    """Approval, metadata, life cycle and specifications; metadata is merged by key."""
    document = package.document
    if request.get("ModelApprovalStatus") and not package.scope:
        raise Invalid("ModelApprovalStatus does not apply to unversioned model packages.")
    for member in (
        "ModelApprovalStatus",
        "ApprovalDescription",
        "ModelPackageRegistrationType",
        "InferenceSpecification",
        "SourceUri",
        "ModelCard",
        "ModelLifeCycle",
    ):
        if member in request:
            document[member] = request[member]
    gone = set(request.get("CustomerMetadataPropertiesToRemove", ()))
    metadata = document.get("CustomerMetadataProperties", {})
    metadata |= request.get("CustomerMetadataProperties", {})
    if metadata:
        kept = {key: value for key, value in metadata.items() if key not in gone}
        document["CustomerMetadataProperties"] = kept
    added = request.get("AdditionalInferenceSpecificationsToAdd", ())
    if added:
        _add_specifications(document, added)


def _add_specifications(document: Document, added: list[Document]) -> None:
    every = [*document.get("AdditionalInferenceSpecifications", ()), *added]
    if len({one["Name"] for one in every}) < len(every):
        raise Invalid("Names of AdditionalInferenceSpecifications must be unique in a package.")
    if len(every) > SPECIFICATIONS_MAX:
        raise Invalid(
            f"A package has at most {SPECIFICATIONS_MAX} AdditionalInferenceSpecifications, "
            f"not {len(every)}."
        )
    document["AdditionalInferenceSpecifications"] = every


@MODEL_PACKAGE.deletes("DeleteModelPackage")
def delete_model_package(_call: Call, _package: Record) -> bool:
    """Gone at once; its number is not given again."""
    return True

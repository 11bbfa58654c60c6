"""Domains: a line of business with its own people, files, network settings and money.

Facts: domains.md 1.2, 1.11, 1.12, 1.13. A domain is InService as soon as it is committed;
its file system is a record of EFS, whose directory is made when the first home is.
"""

from __future__ import annotations

from collections.abc import Iterable

from freehold.base import ids
from freehold.base.errors import Conflict, InUse, Invalid
from freehold.kernel.call import Call, Record
from freehold.kernel.declare.operation import Document
from freehold.kernel.declare.verbs import merge
from freehold.kernel.studio import file_systems, quotas
from freehold.kernel.studio.settings import is_private
from freehold.services.sagemaker.service import sagemaker
from freehold.services.sagemaker.studio import attachments, settings_keys, settings_rules

SUBNETS_MAX = 16  # the model's bound on SubnetIds
RUNNING = frozenset({"Pending", "InService", "Deleting"})


def name_domain(_call: Call, request: Document) -> None:
    """Give a domain its id before permission is asked on its ARN."""
    request["DomainId"] = ids.domain_id()


SHARING = "DefaultUserSettings.SharingSettings"
SETTINGS_FOR_UPDATE = "DomainSettingsForUpdate"
RSTUDIO = "RStudioServerProDomainSettings"

DOMAIN = sagemaker.resource(
    "Domain",
    arn="domain/{DomainId}",
    status="Status",
    starts="InService",
    identify=name_domain,
    not_found="Domain [{DomainId}] does not exist.",
    references=settings_keys.REFERENCES,
    passes=(
        "DefaultUserSettings.ExecutionRole",
        "DefaultSpaceSettings.ExecutionRole",
        "DomainSettings.RStudioServerProDomainSettings.DomainExecutionRoleArn",
    ),
    keys={
        "sagemaker:AuthMode": "AuthMode",
        "sagemaker:AppNetworkAccessType": "AppNetworkAccessType",
        "sagemaker:VpcSubnets": "SubnetIds",
        "sagemaker:VpcSecurityGroupIds": settings_keys.GROUPS,
        "sagemaker:VolumeKmsKey": "KmsKeyId",
        "sagemaker:VolumeKmsKeyArn": "KmsKeyId",
        "sagemaker:HomeEfsFileSystemKmsKey": "HomeEfsFileSystemKmsKeyId",
        "sagemaker:DomainSharingOutputKmsKey": f"{SHARING}.S3KmsKeyId",
        "sagemaker:DomainSharingOutputKmsKeyArn": f"{SHARING}.S3KmsKeyId",
    }
    | settings_keys.KEYS,
)


@DOMAIN.creates("CreateDomain")
def create_domain(call: Call, domain: Document) -> None:
    """Check names and network, fill in documented defaults, make the file system."""
    if domain["AuthMode"] == "SSO":
        raise Invalid(
            "AuthMode SSO needs IAM Identity Center, which this server does not have: use IAM."
        )
    if call.unit.named(DOMAIN.kind, domain["DomainName"]) is not None:
        raise InUse(
            f"Domain with name {domain['DomainName']} already exists. Choose a different name."
        )
    quotas.require(call, "domains")
    domain.setdefault("AppNetworkAccessType", "PublicInternetOnly")
    domain.setdefault("TagPropagation", "DISABLED")
    domain.setdefault("HomeEfsFileSystemCreation", "Enabled")
    _refuse_unmade(domain)
    attachments.check_roles(call, domain)
    _check_settings(call, domain, domain)
    _place(call, domain)
    domain["Url"] = f"https://{domain['DomainId']}.studio.{call.region}.sagemaker.aws"
    arn = call.arn_of(DOMAIN, domain)
    if domain["HomeEfsFileSystemCreation"] == "Enabled":
        domain["HomeEfsFileSystemId"] = file_systems.for_domain(call, arn, domain)


def _refuse_unmade(domain: Document) -> None:
    """Refuse settings whose silent loss would change safety."""
    if domain.get("KmsKeyId") or domain.get("HomeEfsFileSystemKmsKeyId"):
        raise Invalid("KmsKeyId is not supported: this server has no key service.")


def _check_settings(call: Call, domain: Document, changed: Document) -> None:
    """Rules on all that the domain would keep; what the request attaches must be there."""
    settings_rules.check_domain_settings(domain.get("DomainSettings", {}))
    settings_rules.check_security_groups(domain)
    settings_rules.check_user_settings_of_domain(domain.get("DefaultUserSettings", {}))
    settings_rules.check_space_settings_of_domain(domain.get("DefaultSpaceSettings", {}))
    for member in ("DefaultUserSettings", "DefaultSpaceSettings"):
        brought = changed.get(member, {})
        settings_rules.check_settings(call, domain.get(member, {}), brought)
        attachments.check_attached(call, brought, images_max=attachments.DOMAIN_IMAGES_MAX)


def _place(call: Call, domain: Document) -> None:
    """Check VPC and subnets; without any, the default VPC (docs/parity.md)."""
    vpc, subnets = domain.get("VpcId"), domain.get("SubnetIds")
    if bool(vpc) != bool(subnets):
        raise Invalid("VpcId and SubnetIds are required together.")
    if not vpc:
        if domain["AppNetworkAccessType"] == "VpcOnly":
            raise Invalid("VpcId and SubnetIds are required for VpcOnly mode.")
        default = next((v for v in call.kind("ec2:vpc") if v.document.get("IsDefault")), None)
        if default is None:
            raise Invalid("There is no default VPC: pass VpcId and SubnetIds.")
        vpc = domain["VpcId"] = default.name
        found = call.kind("ec2:subnet", scope=vpc, limit=SUBNETS_MAX)
        subnets = domain["SubnetIds"] = [subnet.name for subnet in found]
    if call.unit.named("ec2:vpc", vpc) is None:
        raise Invalid(f"The VPC {vpc} does not exist.")
    for subnet in subnets or ():
        if call.unit.named("ec2:subnet", subnet, vpc) is None:
            raise Invalid(f"The subnet {subnet} does not exist in the VPC {vpc}.")
    groups = [
        *domain.get("DefaultUserSettings", {}).get("SecurityGroups", ()),
        *domain.get("DefaultSpaceSettings", {}).get("SecurityGroups", ()),
        *domain.get("DomainSettings", {}).get("SecurityGroupIds", ()),
    ]
    require_groups(call, domain, groups)


def require_groups(call: Call, domain: Document, groups: Iterable[str]) -> None:
    """Refuse security groups that the domain's VPC does not have."""
    vpc = domain["VpcId"]
    for group in groups:
        if call.unit.named("ec2:security-group", group, vpc) is None:
            raise Invalid(f"The security group {group} does not exist in the VPC {vpc}.")


DOMAIN.describes("DescribeDomain")
DOMAIN.lists("ListDomains", descending=True)


@DOMAIN.updates(
    "UpdateDomain",
    passes=(
        "DefaultUserSettings.ExecutionRole",
        "DefaultSpaceSettings.ExecutionRole",
        f"{SETTINGS_FOR_UPDATE}.{RSTUDIO}ForUpdate.DomainExecutionRoleArn",
    ),
)
def update_domain(call: Call, domain: Record, request: Document) -> None:
    """Merge settings structure by structure; refuse what cannot change (domains.md 1.12)."""
    document = domain.document
    _refuse_mode(call, domain, request)
    if request.get("VpcId") not in (None, document.get("VpcId")):
        raise Invalid("VpcId cannot be changed once a domain has one.")
    if (
        request.get("HomeEfsFileSystemCreation") == "Disabled"
        and document.get("HomeEfsFileSystemCreation") == "Enabled"
    ):
        raise Invalid("HomeEfsFileSystemCreation cannot be changed from Enabled to Disabled.")
    known = document.get("SubnetIds") or []
    if set(known) - set(request.get("SubnetIds") or known):
        _refuse_while_apps_run(call, domain, "SubnetIds")
    _refuse_running_roles(call, domain, request)
    changed, known = _named_as_kept(request), attachments.roles_of(document)
    merge(document, changed, without=("DomainId",))
    attachments.check_roles(call, document, known)
    _check_settings(call, document, changed)
    _place(call, document)
    if request.get("SubnetIds") and document.get("HomeEfsFileSystemId"):
        file_systems.move_targets(call, document)
    if document.get("HomeEfsFileSystemCreation") == "Enabled" and not document.get(
        "HomeEfsFileSystemId"
    ):
        document["HomeEfsFileSystemId"] = file_systems.for_domain(call, domain.arn, document)


def _named_as_kept(request: Document) -> Document:
    """An update's members under the names that Describe has for them."""
    changed = dict(request)
    if SETTINGS_FOR_UPDATE in changed:
        settings = dict(changed.pop(SETTINGS_FOR_UPDATE))
        if f"{RSTUDIO}ForUpdate" in settings:
            settings[RSTUDIO] = settings.pop(f"{RSTUDIO}ForUpdate")
        changed["DomainSettings"] = settings
    return changed


def _refuse_mode(call: Call, domain: Record, request: Document) -> None:
    """The network mode changes while no app runs, and never where RStudio is.

    Unchanged, it may be sent again (terraform-provider-aws#45528).
    """
    document = domain.document
    mode = request.get("AppNetworkAccessType", document["AppNetworkAccessType"])
    if mode == document["AppNetworkAccessType"]:
        return
    if mode == "VpcOnly" and not (request.get("VpcId") or document.get("VpcId")):
        raise Invalid("VpcId and Subnet IDs are required for updating domains to VpcOnly mode.")
    if RSTUDIO in document.get("DomainSettings", {}) or f"{RSTUDIO}ForUpdate" in request.get(
        SETTINGS_FOR_UPDATE, {}
    ):
        raise Invalid("AppNetworkAccessType cannot be changed for Rstudio enabled domains.")
    _refuse_while_apps_run(call, domain, "AppNetworkAccessType")


def _refuse_running_roles(call: Call, domain: Record, request: Document) -> None:
    """What apps were started with changes only while none of that kind runs (domains.md 1.12)."""
    document = domain.document
    for member, is_of_spaces in (("DefaultUserSettings", False), ("DefaultSpaceSettings", True)):
        known = document.get(member, {})
        role = request.get(member, {}).get("ExecutionRole")
        if role is not None and known.get("ExecutionRole") not in (None, role):
            _refuse_while_apps_run(call, domain, f"{member}.ExecutionRole", is_of_spaces)
        posix = request.get(member, {}).get("CustomPosixUserConfig")
        is_new = posix is not None and posix != known.get("CustomPosixUserConfig")
        if is_new and call.unit.count("sagemaker:user-profile", document["DomainId"]):
            raise Invalid(
                f"{member}.CustomPosixUserConfig can only be changed while the domain has no "
                "user profiles."
            )
    identity = request.get(SETTINGS_FOR_UPDATE, {}).get("ExecutionRoleIdentityConfig")
    before = document.get("DomainSettings", {}).get("ExecutionRoleIdentityConfig", "DISABLED")
    if identity is not None and identity != before:
        _refuse_while_apps_run(call, domain, "ExecutionRoleIdentityConfig")
    rstudio = request.get(SETTINGS_FOR_UPDATE, {}).get(f"{RSTUDIO}ForUpdate", {})
    held = document.get("DomainSettings", {}).get(RSTUDIO, {})
    if any(held.get(name) != value for name, value in rstudio.items()):
        _refuse_while_apps_run(call, domain, RSTUDIO)


def _is_of_shared_space(call: Call, app: Record, domain_id: str) -> bool:
    space = call.unit.named("sagemaker:space", app.document.get("SpaceName", ""), domain_id)
    return space is not None and not is_private(space.document)


def _refuse_while_apps_run(
    call: Call, domain: Record, member: str, is_of_spaces: bool | None = None
) -> None:
    """``is_of_spaces``: only apps of shared spaces count, or only the others; None: all do."""
    domain_id = domain.document["DomainId"]
    for app in call.every("sagemaker:app", scope=domain_id):
        if is_of_spaces not in (None, _is_of_shared_space(call, app, domain_id)):
            continue
        if app.status in RUNNING:
            said = ""
            if member == RSTUDIO:  # AWS's sentence, which clients know (domains.md 1.12)
                said = (
                    f"Unable to update Domain [{domain.arn}] with InService App. Delete all "
                    "InService apps in the domain including shared Apps for [domain-shared] User "
                    "Profile, and try again. "
                )
            raise Conflict(
                f"{said}{member} of domain [{domain.arn}] cannot be changed while an app runs: "
                f"delete app [{app.arn}] first.",
                code="ValidationException",
            )


@DOMAIN.deletes("DeleteDomain")
def delete_domain(call: Call, domain: Record) -> bool:
    """Refuse while profiles or spaces remain; the volume goes only if asked (domains.md 1.13)."""
    domain_id = domain.document["DomainId"]
    for kind, noun in (("sagemaker:user-profile", "UserProfile"), ("sagemaker:space", "Space")):
        if call.unit.count(kind, domain_id):
            raise InUse(
                f"Unable to delete Domain [{domain.arn}] because {noun}(s) are associated with it."
            )
    policy = call.request.get("RetentionPolicy", {}).get("HomeEfsFileSystem", "Retain")
    if file_system := domain.document.get("HomeEfsFileSystemId"):
        file_systems.let_go(call, file_system, is_deleted=policy == "Delete")
    quotas.forget(call.unit, domain_id)
    return True

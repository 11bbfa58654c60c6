"""What a restored domain needs and does not bring: looked for before anything is made.

Input: the archive's records and AWS clients. Output: names of what is there, mapped where they
differ; lifecycle configurations and image configurations that are missing are made. Roles, VPCs,
subnets, security groups and images must be there, or be mapped by ``--map OLD=NEW``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from freehold.base.errors import Conflict
from freehold.cli.backup import records, rewriting
from freehold.cli.backup.records import Document
from freehold.cli.backup.rewriting import Names
from freehold.cli.domains import asking
from freehold.cli.quick.clients import Clients

Say = Callable[[str], None]


def met(clients: Clients, found: Document, given: Mapping[str, str], say: Say) -> Names:
    """Look for everything that the records name.

    Raises:
        Conflict: Something is missing; all of it is named, and nothing was made.
    """
    names = Names(found["Domain"]["DomainArn"], "", dict(given))
    missing = [
        *_roles(clients("iam"), names.of(_settings(found))),
        *_network(clients("ec2"), names.of(found), found.get("Network", {})),
        *_images(clients("sagemaker"), found.get("Images", ())),
    ]
    if missing:
        listed = "\n  ".join(missing)
        raise Conflict(
            f"this install lacks what the domain needs; nothing was made:\n  {listed}\n"
            "Make it first, or name another with --map OLD=NEW"
        )
    made = _scripts(clients("sagemaker"), found.get("StudioLifecycleConfigs", ()), say)
    _image_configs(clients("sagemaker"), found.get("AppImageConfigs", ()), say)
    return Names(names.old_arn, "", made | dict(given))


def _settings(found: Document) -> list[Any]:
    """Where roles stand: tags may name roles too, and need none."""
    members = ("DefaultUserSettings", "DefaultSpaceSettings", "DomainSettings", "UserSettings")
    things = [found["Domain"], *found["UserProfiles"], *found["Spaces"]]
    return [one[member] for one in things for member in members if member in one]


def _roles(iam: Any, settings: Any) -> list[str]:
    return [
        f"role {arn}"
        for arn in records.roles(settings)
        if _role(iam, arn.rpartition("/")[2]) != arn
    ]


def _role(iam: Any, name: str) -> str | None:
    try:
        return str(iam.get_role(RoleName=name)["Role"]["Arn"])
    except ClientError as error:
        if asking.code_of(error) == "NoSuchEntity":
            return None
        raise


def _network(ec2: Any, found: Document, before: Document) -> list[str]:
    vpc = found["Domain"].get("VpcId")
    if not vpc:
        return []
    here = [{"Name": "vpc-id", "Values": [vpc]}]
    if not ec2.describe_vpcs(Filters=here)["Vpcs"]:
        return [f"VPC {vpc}"]
    subnets = {one["SubnetId"] for one in ec2.describe_subnets(Filters=here)["Subnets"]}
    groups = {
        one["GroupId"] for one in ec2.describe_security_groups(Filters=here)["SecurityGroups"]
    }
    told = {one["GroupId"]: one for one in before.get("SecurityGroups", ())}
    wanted = {text for text in records.strings(_settings(found)) if text.startswith("sg-")}
    return [
        *(f"subnet {one}" for one in found["Domain"].get("SubnetIds", ()) if one not in subnets),
        *(_group(one, told.get(one)) for one in sorted(wanted - groups)),
    ]


def _group(group_id: str, before: Document | None) -> str:
    if before is None:
        return f"security group {group_id}"
    name, description = before.get("GroupName"), before.get("Description")
    return f"security group {group_id} (it was {name}: {description}; its rules are in domain.json)"


def _images(sagemaker: Any, images: Any) -> list[str]:
    return [
        f"image {one['ImageName']}"
        for one in images
        if asking.found(lambda one=one: sagemaker.describe_image(ImageName=one["ImageName"]))  # type: ignore[misc]
        is None
    ]


def _scripts(sagemaker: Any, scripts: Any, say: Say) -> dict[str, str]:
    """Lifecycle configurations of the archive; their ARNs here by their ARNs there."""
    found = {}
    for old in scripts:
        name = old["StudioLifecycleConfigName"]
        known = asking.found(
            lambda name=name: sagemaker.describe_studio_lifecycle_config(  # type: ignore[misc]
                StudioLifecycleConfigName=name
            )
        )
        if known is None:
            takes = ("StudioLifecycleConfigContent", "StudioLifecycleConfigAppType")
            known = sagemaker.create_studio_lifecycle_config(
                StudioLifecycleConfigName=name, **rewriting.picked(old, takes)
            )
            say(f"made lifecycle configuration {name}")
        elif known["StudioLifecycleConfigContent"] != old["StudioLifecycleConfigContent"]:
            say(f"lifecycle configuration {name} is here with another content: it is kept as it is")
        found[old["StudioLifecycleConfigArn"]] = known["StudioLifecycleConfigArn"]
    return found


def _image_configs(sagemaker: Any, configs: Any, say: Say) -> None:
    model = sagemaker.meta.service_model.operation_model("CreateAppImageConfig")
    for old in configs:
        name = old["AppImageConfigName"]
        known = asking.found(
            lambda name=name: sagemaker.describe_app_image_config(AppImageConfigName=name)  # type: ignore[misc]
        )
        if known is None:
            takes = [one for one in model.input_shape.members if one != "Tags"]
            sagemaker.create_app_image_config(**rewriting.picked(old, takes))
            say(f"made app image configuration {name}")

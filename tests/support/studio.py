"""Domains, profiles, spaces and their sessions for tests, made as an administrator makes them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from freehold.compose import House
from freehold.kernel.permission import identity
from tests.support.inprocess import Aws
from tests.support.people import allow, make_role, trusting

SERVICE = trusting({"Service": "sagemaker.amazonaws.com"})
EVERYTHING = allow("*")


def work_role(aws: Aws, name: str, *statements: dict[str, Any]) -> str:
    """A role that SageMaker may assume; without statements it may do everything."""
    return make_role(aws, name, SERVICE, *(statements or (EVERYTHING,)))


def make_domain(aws: Aws, name: str, role: str, **more: Any) -> SimpleNamespace:
    """A domain whose people and shared spaces work as ``role``; its ``id`` and ``arn``."""
    made = aws.client("sagemaker").create_domain(
        DomainName=name,
        AuthMode="IAM",
        **{
            "DefaultUserSettings": {"ExecutionRole": role},
            "DefaultSpaceSettings": {"ExecutionRole": role},
        }
        | more,
    )
    return SimpleNamespace(id=made["DomainId"], arn=made["DomainArn"], role=role)


def make_profile(aws: Aws, domain_id: str, name: str, **more: Any) -> str:
    """A user profile; its ARN."""
    made = aws.client("sagemaker").create_user_profile(
        DomainId=domain_id, UserProfileName=name, **more
    )
    return str(made["UserProfileArn"])


def make_space(
    aws: Aws, domain_id: str, name: str, owner: str | None = None, sharing: str = "Private"
) -> str:
    """A space, ownerless or owned; its ARN."""
    more: dict[str, Any] = {}
    if owner is not None:
        more = {
            "OwnershipSettings": {"OwnerUserProfileName": owner},
            "SpaceSharingSettings": {"SharingType": sharing},
            "SpaceSettings": {"AppType": "JupyterLab"},
        }
    made = aws.client("sagemaker").create_space(DomainId=domain_id, SpaceName=name, **more)
    return str(made["SpaceArn"])


def session_keys(house: House, role: str, origin: str | None) -> dict[str, Any]:
    """What an app or job of ``origin`` gets, in STS's spelling."""
    kernel = house.kernel
    made = identity.mint(kernel.keyring, kernel.doors.session(kernel.own_unit(), role, origin))
    return {
        "AccessKeyId": made.access_key_id,
        "SecretAccessKey": made.secret_access_key,
        "SessionToken": made.session_token,
    }


def tags_of(aws: Aws, arn: str) -> dict[str, str]:
    """A resource's tags as ListTags tells them."""
    tags = aws.client("sagemaker").list_tags(ResourceArn=arn)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in tags}

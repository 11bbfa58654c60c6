"""A domain's records as AWS's API tells them, and what they refer to.

Input: AWS clients. Output: one JSON document. Everything stands in it as Describe gave it, so
that a reader with no program of ours can make the domain again by hand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from freehold.cli.domains import asking
from freehold.cli.quick.clients import Clients

Document = dict[str, Any]
SCRIPT, IMAGE = ":studio-lifecycle-config/", ":image/"
IMAGE_VERSION = ":image-version/"


def of_domain(clients: Clients, domain: Document) -> Document:
    """The domain, its profiles and spaces, and what their settings name. Tags stand with each."""
    sagemaker = clients("sagemaker")
    domain_id = domain["DomainId"]
    asked = {"DomainIdEquals": domain_id}

    def whole(answer: Document, member: str) -> Document:
        return _bare(answer) | {"Tags": asking.tags_of(sagemaker, answer[member])}

    profiles = [
        whole(
            sagemaker.describe_user_profile(
                DomainId=domain_id, UserProfileName=one["UserProfileName"]
            ),
            "UserProfileArn",
        )
        for one in asking.every(sagemaker, "list_user_profiles", "UserProfiles", **asked)
    ]
    spaces = [
        whole(sagemaker.describe_space(DomainId=domain_id, SpaceName=one["SpaceName"]), "SpaceArn")
        for one in asking.every(sagemaker, "list_spaces", "Spaces", **asked)
    ]
    found: Document = {
        "Domain": whole(domain, "DomainArn"),
        "UserProfiles": profiles,
        "Spaces": spaces,
    }
    return found | _attached(sagemaker, found) | {"Network": _network(clients("ec2"), found)}


def _attached(sagemaker: Any, found: Document) -> Document:
    """Lifecycle configurations and image configurations whole; images by what describes them."""
    texts = set(strings(found))
    scripts = sorted(text.rpartition("/")[2] for text in texts if SCRIPT in text)
    images = sorted({one["ImageName"] for one in custom_images(found)})
    configs = sorted({one["AppImageConfigName"] for one in custom_images(found)})
    return {
        "StudioLifecycleConfigs": _each(
            scripts,
            lambda name: sagemaker.describe_studio_lifecycle_config(StudioLifecycleConfigName=name),
        ),
        "AppImageConfigs": _each(
            configs, lambda name: sagemaker.describe_app_image_config(AppImageConfigName=name)
        ),
        "Images": _each(images, lambda name: sagemaker.describe_image(ImageName=name)),
    }


def _each(names: list[str], ask: Callable[[str], Document]) -> list[Document]:
    answers = (asking.found(lambda name=name: ask(name)) for name in names)  # type: ignore[misc]
    return [_bare(answer) for answer in answers if answer is not None]


def _network(ec2: Any, found: Document) -> Document:
    """VPC, subnets and security groups with their rules: for who makes them anew elsewhere."""
    vpc = found["Domain"].get("VpcId")
    if not vpc:
        return {}
    here = [{"Name": "vpc-id", "Values": [vpc]}]
    named = set(strings(found))
    return {
        "Vpcs": ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"],
        "Subnets": [
            one for one in ec2.describe_subnets(Filters=here)["Subnets"] if one["SubnetId"] in named
        ],
        "SecurityGroups": [
            one
            for one in ec2.describe_security_groups(Filters=here)["SecurityGroups"]
            if one["GroupId"] in named
        ],
    }


def strings(value: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from strings(one)


def custom_images(value: Any) -> Iterator[Document]:
    """Every entry of a ``CustomImages`` list."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key == "CustomImages":
                yield from one
            else:
                yield from custom_images(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from custom_images(one)


def roles(value: Any) -> list[str]:
    """ARNs of the IAM roles that a document names."""
    return sorted({text for text in strings(value) if text.startswith("arn:") and ":role/" in text})


def encoded(document: Document) -> bytes:
    """JSON; instants as AWS's REST protocols spell them."""
    return json.dumps(document, indent=1, sort_keys=True, default=_plain).encode()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{value!r} is no part of a record")


def _bare(answer: Document) -> Document:
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}

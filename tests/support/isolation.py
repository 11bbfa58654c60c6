"""The isolation policies that AWS documents, for any domain (domains.md section 3)."""

from __future__ import annotations

from typing import Any

from tests.support.people import allow

TAGGING = allow("sagemaker:AddTags", Condition={"Null": {"sagemaker:TaggingAction": "false"}})
OTHERS = [
    {
        "Sid": "AllowActionsThatDontSupportTagging",
        **allow(
            [
                "SageMaker:DescribeImageVersion",
                "SageMaker:UpdateImageVersion",
                "SageMaker:DeleteImageVersion",
                "SageMaker:DescribeModelCardExportJob",
                "SageMaker:DescribeAction",
            ]
        ),
    }
]


def first_version(domain: Any) -> list[dict[str, Any]]:
    """The announcement's, of December 2022 (3.2)."""
    only = {"ForAllValues:StringEquals": {"aws:TagKeys": ["sagemaker:domain-arn"]}}
    mine = {"StringEquals": {"aws:ResourceTag/sagemaker:domain-arn": domain.arn}}
    return [
        allow(["SageMaker:Create*", "SageMaker:Update*"], Condition=only),
        allow(["SageMaker:Update*", "SageMaker:Delete*", "SageMaker:Describe*"], Condition=mine),
        *OTHERS,
    ]


def of_today(domain: Any) -> list[dict[str, Any]]:
    """The guide's page "Isolate domain resources" (3.1)."""
    places = [f"arn:aws:sagemaker:*:*:{kind}/*" for kind in ("domain", "user-profile", "space")]
    create = allow("sagemaker:Create*")
    del create["Resource"]
    mine = {"StringEquals": {"aws:ResourceTag/sagemaker:domain-arn": domain.arn}}
    return [
        {**create, "NotResource": places},
        allow(["sagemaker:Update*", "sagemaker:Delete*", "sagemaker:Describe*"], Condition=mine),
        allow(
            "sagemaker:DeleteApp",
            f"arn:aws:sagemaker:*:*:app/{domain.id}/*/jupyterserver/default",
        ),
        *OTHERS,
    ]


POLICIES = {"2022": first_version, "today": of_today}


def spaces_policy() -> list[dict[str, Any]]:
    """Of people who use shared spaces and their own private ones (3.4)."""
    domain = "arn:aws:sagemaker:*:*:"
    mine = domain + "user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}"
    apps = ["sagemaker:CreateApp", "sagemaker:DeleteApp"]
    spaces = ["sagemaker:CreateSpace", "sagemaker:UpdateSpace", "sagemaker:DeleteSpace"]
    own_apps = domain + "app/${sagemaker:DomainId}/*/*/*"
    own_spaces = domain + "space/${sagemaker:DomainId}/*"
    owned = {"ArnLike": {"sagemaker:OwnerUserProfileArn": mine}}
    nobodys = {"Null": {"sagemaker:OwnerUserProfileArn": "true"}}

    def sharing(*kinds: str) -> dict[str, Any]:
        return {"StringEquals": {"sagemaker:SpaceSharingType": list(kinds)}}

    return [
        allow(apps, own_apps, Condition=sharing("Shared")),
        allow(apps, own_apps, Condition=owned | sharing("Private")),
        allow(spaces, own_spaces, Condition=nobodys),
        allow(spaces, own_spaces, Condition=owned | sharing("Private", "Shared")),
        allow("sagemaker:CreatePresignedDomainUrl", mine),
        TAGGING,
    ]

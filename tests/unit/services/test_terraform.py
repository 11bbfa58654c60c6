"""Terraform's provider sees no difference: the story of ``tests/support/terraform_story.py``."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support import terraform_story
from tests.support.inprocess import Aws
from tests.support.people import refused
from tests.support.studio import make_domain, make_profile, work_role
from tests.support.terraform import DOMAIN, PROFILE, Managed, Unexpected


def test_terraform_makes_changes_imports_and_destroys_every_kind(aws: Aws) -> None:
    terraform_story.tell(aws.client, work_role(aws, "work"), with_apps=False)
    sm = aws.client("sagemaker")
    assert sm.list_domains()["Domains"] == []
    assert aws.client("efs").describe_file_systems()["FileSystems"][0]["LifeCycleState"] == (
        "deleting"
    )


def test_the_client_does_see_differences(aws: Aws) -> None:
    """A server that invents or drops a member would be found out."""
    role = work_role(aws, "work")
    domain = make_domain(aws, "d", role)
    make_profile(aws, domain.id, "ana", UserSettings={"ExecutionRole": role})
    sm = aws.client("sagemaker")
    profile = Managed(sm, PROFILE, {"DomainId": domain.id, "UserProfileName": "ana"})
    profile.arn = f"{domain.arn.replace(':domain/', ':user-profile/')}/ana"
    with pytest.raises(Unexpected, match="UserSettings"):
        profile.imported()
    profile.config["UserSettings"] = {"ExecutionRole": role, "SharingSettings": {}}
    with pytest.raises(Unexpected, match=r"UserSettings\.SharingSettings"):
        profile.imported()


@pytest.fixture
def sm(aws: Aws) -> Any:
    return aws.client("sagemaker")


def test_app_security_group_management_is_never_echoed_unasked(sm: Any, aws: Aws) -> None:
    """terraform-provider-aws#39923: what is echoed is sent back, and then refused."""
    domain = make_domain(aws, "d", work_role(aws, "work"))
    assert "AppSecurityGroupManagement" not in sm.describe_domain(DomainId=domain.id)
    words = "AppSecurityGroupManagement can only be set for Rstudio enabled domains."
    with refused("ValidationException", words):
        sm.update_domain(DomainId=domain.id, AppSecurityGroupManagement="Customer")


def test_an_empty_block_reads_as_a_block_and_no_block_as_none(sm: Any, aws: Aws) -> None:
    role = work_role(aws, "work")
    config = {"DomainName": "d", "AuthMode": "IAM", "DefaultUserSettings": {"ExecutionRole": role}}
    domain = Managed(sm, DOMAIN, config).apply()
    domain.change(config | {"DefaultSpaceSettings": {}, "DomainSettings": {}})
    found = domain.read()
    assert found is not None
    assert found["DefaultSpaceSettings"] == {}
    assert found["DomainSettings"] == {}

"""Who may do what, who did what, and what belongs to nobody, by clicks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import Page, expect
from tests.browser.conftest import Visit
from tests.browser.test_every_page import faults
from tests.support.people import allow, policy, trusting
from tests.support.server import RunningServer, until

OPEN = policy(allow(["sagemaker:*"]))


@pytest.fixture(scope="module")
def scene(server: RunningServer) -> SimpleNamespace:
    """Two domains that are open to each other, eve who was refused, and experiments of nobody."""
    iam, sagemaker = server.client("iam"), server.client("sagemaker")
    made = SimpleNamespace(domains={})
    for name in ("left", "right"):
        role = iam.create_role(
            RoleName=f"{name}-work",
            AssumeRolePolicyDocument=trusting({"Service": "sagemaker.amazonaws.com"}),
        )["Role"]["Arn"]
        iam.put_role_policy(RoleName=f"{name}-work", PolicyName="wide", PolicyDocument=OPEN)
        arn = sagemaker.create_domain(
            DomainName=name, AuthMode="IAM", DefaultUserSettings={"ExecutionRole": role}
        )["DomainArn"]
        made.domains[name] = arn
        sagemaker.create_user_profile(DomainId=arn.rsplit("/", 1)[1], UserProfileName=f"{name}-ana")
    iam.create_user(UserName="eve")
    only = policy(allow("sagemaker:ListDomains", Sid="Look"))
    iam.put_user_policy(UserName="eve", PolicyName="little", PolicyDocument=only)
    key = iam.create_access_key(UserName="eve")["AccessKey"]
    made.eve = key
    with pytest.raises(ClientError) as refused:
        server.client("sagemaker", made.eve).describe_domain(DomainId="d-000000000001")
    made.request = refused.value.response["ResponseMetadata"]["RequestId"]
    for number in range(45):
        sagemaker.create_experiment(ExperimentName=f"old-{number:02}")
    sagemaker.create_model_package_group(
        ModelPackageGroupName="old-group",
        ModelPackageGroupDescription="x",
    )
    return made


@pytest.fixture
def wide_and_narrow(visit: Callable[..., Visit], admin_state: Any) -> Iterator[Callable[..., None]]:
    """Shows a link wide and light, and narrow and dark; each must be accessible."""
    bad: list[str] = []

    def show(path: str, name: str, text: str) -> None:
        for width, scheme in ((1440, "light"), (390, "dark")):
            one = visit(width, scheme, storage_state=admin_state, reduced_motion="reduce")
            page = one.go(path)
            page.get_by_text(text).first.wait_for()
            one.shot(f"{name}-{width}-{scheme}")
            bad.extend(f"{name}: {fault}" for fault in faults(one))
            if page.evaluate("document.documentElement.scrollWidth") > width:
                bad.append(f"{name}: too wide")

    yield show
    assert not bad, "\n".join(bad)


def test_the_isolation_check_runs_and_shows_every_way_with_its_cure(
    admin: Visit, scene: SimpleNamespace, wide_and_narrow: Callable[..., None]
) -> None:
    page = admin.go("/access")
    page.get_by_role("button", name=re.compile("^Run it")).click()
    expect(page.get_by_text(re.compile(r"\d+ ways? across")).first).to_be_visible(timeout=60_000)
    matrix = page.get_by_role("region", name="Ways from domain to domain")
    expect(matrix.get_by_role("rowheader", name="left")).to_be_visible()
    matrix.get_by_role("link", name=re.compile("ways?$")).first.click()
    page.get_by_role("button", name="left to right").or_(
        page.get_by_role("button", name="right to left")
    ).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The cure")).to_be_visible()
    expect(dialog.get_by_role("link", name="Open the policy")).to_be_visible()
    wide_and_narrow(page.url.split("/console")[1], "access-way", "The cure")
    wide_and_narrow("/access", "access-leaks", "Domain by domain")


def test_a_policy_is_checked_while_typed_and_saved_after_a_look(
    admin: Visit, server: RunningServer, scene: SimpleNamespace
) -> None:
    page = admin.go("/access?tab=policies")
    page.get_by_label("Find policies").fill("little")
    page.get_by_role("link", name="little").click()
    field = page.get_by_role("textbox", name="Policy little")
    text = field.input_value()
    field.fill(text.replace("ListDomains", "ListDomainz"))
    expect(page.get_by_text("INVALID_ACTION")).to_be_visible()
    admin.shot("access-lint")
    field.fill("{")
    expect(page.get_by_text("JSON_SYNTAX_ERROR")).to_be_visible()
    page.reload()  # what was typed is not lost
    expect(field).to_have_value("{")
    field.fill(text.replace("sagemaker:ListDomains", "sagemaker:ListSpaces"))
    expect(page.get_by_text("finds nothing wrong")).to_be_visible()
    page.get_by_role("button", name="Look and save").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="What changes")).to_contain_text("ListSpaces")
    admin.shot("access-diff")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Policy little was saved")).to_be_visible()
    kept = server.client("iam").get_user_policy(UserName="eve", PolicyName="little")
    assert kept["PolicyDocument"]["Statement"][0]["Action"] == "sagemaker:ListSpaces"


def test_who_edits_the_policy_they_live_by_types_its_name(
    visit: Callable[..., Visit], server: RunningServer
) -> None:
    iam = server.client("iam")
    iam.create_user(UserName="ada")
    iam.put_user_policy(UserName="ada", PolicyName="mine", PolicyDocument=policy(allow("*")))
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    one = visit()
    page = one.go("/access?tab=policies&policy=inline:user:ada:mine")
    one.sign_in((key["AccessKeyId"], key["SecretAccessKey"]))
    field = page.get_by_role("textbox", name="Policy mine")
    field.fill(field.input_value().replace('"Allow"', '"Deny"'))
    page.get_by_role("button", name="Look and save").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("You live by this policy")).to_be_visible()
    expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    dialog.get_by_role("textbox").fill("mine")
    expect(dialog.get_by_role("button", name="Save")).to_be_enabled()


def test_a_refusal_is_explained_and_simulated(
    admin: Visit, scene: SimpleNamespace, wide_and_narrow: Callable[..., None]
) -> None:
    page = admin.go("/access?tab=explain")
    page.get_by_label("Request id, error").fill(f"An error occurred (RequestId {scene.request})")
    page.get_by_role("button", name="Explain", exact=True).click()
    expect(page.get_by_text("no identity-based policy allows it").first).to_be_visible()
    expect(page.get_by_text("it would be refused again")).to_be_visible()
    wide_and_narrow(page.url.split("/console")[1], "access-explained", "What would allow it")
    page.get_by_role("link", name="Simulate it").click()
    expect(page.get_by_label("Actions")).to_have_value("sagemaker:DescribeDomain")
    page.get_by_label("Actions").fill("sagemaker:DescribeDomain\nsagemaker:ListSpaces")
    page.get_by_label("Resources").fill("")
    page.get_by_role("button", name="Simulate", exact=True).click()
    expect(page.get_by_text("Not allowed").first).to_be_visible()
    expect(page.get_by_role("cell", name="No statement allows it.").first).to_be_visible()
    admin.shot("access-simulated")


def test_an_encoded_message_is_opened(
    admin: Visit, server: RunningServer, scene: SimpleNamespace
) -> None:
    with pytest.raises(ClientError) as refused:
        server.client("ec2", scene.eve).create_vpc(CidrBlock="10.9.0.0/16")
    page = admin.go("/access?tab=explain")
    page.get_by_label("Request id, error").fill(str(refused.value))
    page.get_by_role("button", name="Explain", exact=True).click()
    expect(page.get_by_text("ec2:CreateVpc").first).to_be_visible()


def test_activity_shows_what_was_asked_for_and_downloads_it(
    admin: Visit, scene: SimpleNamespace, wide_and_narrow: Callable[..., None]
) -> None:
    page = admin.go("/activity")
    page.get_by_role("searchbox", name="Who").fill("eve")
    page.get_by_role("button", name="Any outcome").click()
    page.get_by_role("option", name="Refused only").click()
    page.get_by_role("button", name="DescribeDomain").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(scene.request).first).to_be_visible()
    wide_and_narrow(page.url.split("/console")[1], "activity-event", "The record")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"activity\?outcome=refused&who=eve$"))
    with page.expect_download() as got:
        page.get_by_role("button", name="CSV").click()
    lines = got.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("Time (UTC),Event")
    assert any("DescribeDomain" in line and "eve" in line for line in lines)


def tags_of(server: RunningServer, arn: str) -> dict[str, str]:
    found = server.client("sagemaker").list_tags(ResourceArn=arn)["Tags"]
    return {one["Key"]: one["Value"] for one in found}


def chosen_for(page: Page, domain: str, person: str) -> None:
    """Assign what is chosen on the page to a person's profile."""
    page.get_by_role("button", name="Assign", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile("^Domain")).click()
    page.get_by_role("option", name=re.compile(f"^{domain}")).click()
    dialog.get_by_role("button", name="Profile or space").click()
    page.get_by_role("option", name=f"Profile {person}").click()
    dialog.get_by_role("button", name="Assign", exact=True).click()


def test_old_resources_are_tagged_by_clicks_and_the_run_is_undone(
    admin: Visit, server: RunningServer, scene: SimpleNamespace
) -> None:
    arn = server.client("sagemaker").describe_experiment(ExperimentName="old-07")["ExperimentArn"]
    page = admin.go("/backfill")
    page.get_by_label("Find resources").fill("old-")
    expect(page.get_by_text("46 matches").first).to_be_visible()
    page.get_by_role("button", name="Choose all matches").click()
    chosen_for(page, "left", "left-ana")
    admin.shot("backfill-assigned")
    page.get_by_role("button", name="Dry run").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("45 experiment")).to_be_visible()
    assert tags_of(server, arn) == {}
    admin.shot("backfill-dry-run")
    dialog.get_by_role("button", name=re.compile("^Tag ")).click()
    expect(page.get_by_text("46 tagged, 0 not").first).to_be_visible()
    admin.shot("backfill-tagged")
    assert tags_of(server, arn)["sagemaker:domain-arn"] == scene.domains["left"]
    assert tags_of(server, arn)["sagemaker:user-profile-arn"].endswith("/left-ana")
    page.reload()
    page.get_by_role("button", name="Undo this run").click()
    expect(page.get_by_text("46 untagged, 0 not").first).to_be_visible()
    until(lambda: tags_of(server, arn) == {})


def test_who_may_not_sees_why_for_each_resource(
    visit: Callable[..., Visit], server: RunningServer, scene: SimpleNamespace
) -> None:
    iam = server.client("iam")
    iam.create_user(UserName="rita")
    reads = allow(["sagemaker:List*", "sagemaker:Describe*", "tag:Get*", "tag:TagResources"])
    iam.put_user_policy(UserName="rita", PolicyName="r", PolicyDocument=policy(reads))
    key = iam.create_access_key(UserName="rita")["AccessKey"]
    one = visit()
    page = one.go("/backfill?untagged.q=old-07")
    one.sign_in((key["AccessKeyId"], key["SecretAccessKey"]))
    page.get_by_role("checkbox", name=re.compile("Choose .*old-07")).check()
    chosen_for(page, "right", "right-ana")
    page.get_by_role("button", name="Dry run").click()
    page.get_by_role("dialog").get_by_role("button", name="Tag 1 resource").click()
    expect(page.get_by_text("not authorized to perform: sagemaker:AddTags")).to_be_visible()
    one.allowed.append("403")


def test_a_place_is_suggested_with_its_reason(
    admin: Visit, server: RunningServer, scene: SimpleNamespace
) -> None:
    sagemaker = server.client("sagemaker")
    role = server.client("iam").get_role(RoleName="right-work")["Role"]["Arn"]
    sagemaker.create_model(
        ModelName="by-role",
        ExecutionRoleArn=role,
        PrimaryContainer={"Image": "x.dkr.ecr.eu-central-1.amazonaws.com/y:1"},
    )
    page = admin.go("/backfill?untagged.q=by-role")
    page.get_by_role("checkbox", name=re.compile("Choose .*by-role")).check()
    page.get_by_role("button", name="Suggest places").click()
    expect(page.get_by_text("its role right-work is that domain's")).to_be_visible()
    admin.shot("backfill-suggested")


def test_guards_and_quotas_are_set_by_clicks(admin: Visit, server: RunningServer) -> None:
    page, ssm = admin.go("/settings"), server.client("ssm")

    def value(name: str) -> str:
        found = ssm.get_service_setting(SettingId=f"/freehold/{name}")["ServiceSetting"]
        return str(found["SettingValue"])

    try:
        guard = page.get_by_role("checkbox", name="Roles stay in their domain")
        guard.click()
        expect(page.get_by_text("Roles stay in their domain: on.")).to_be_visible()
        assert value("isolation.pass-role") == "on"
        page.get_by_role("button", name="Edit: Quotas").click()
        page.get_by_label("Spaces of each domain").fill("few")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Enter a whole number.")).to_be_visible()
        page.get_by_label("Spaces of each domain").fill("900")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Quotas: changed.")).to_be_visible()
        assert value("quota.spaces") == "900"
        page.reload()
        expect(guard).to_be_checked()
        guard.click()  # it asks first
        page.get_by_role("button", name="Switch off").click()
        expect(guard).not_to_be_checked()
        assert value("isolation.pass-role") == "off"
    finally:
        for name in ("isolation.pass-role", "quota.spaces"):
            ssm.reset_service_setting(SettingId=f"/freehold/{name}")

"""Inside one domain: network, resources, settings, money, its end, and who may not see it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from fnmatch import fnmatch
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visit
from tests.browser.looks import look_everywhere
from tests.browser.test_domains import lint
from tests.browser.test_every_page import faults
from tests.support.people import policy
from tests.support.server import RunningServer, freehold, until

from freehold.host import runtimes
from freehold.host.sandboxes import probe
from freehold.kernel.permission.tight import OWN_WORK, tight_policy

needs_apps = [
    pytest.mark.skipif(
        runtimes.find("jupyterlab") is None, reason="needs: freehold runtime install jupyterlab"
    ),
    pytest.mark.skipif(bool(probe.bubblewrap().trouble), reason="needs sandboxes"),
]


def make_domain(server: RunningServer, role: str, name: str, **more: Any) -> str:
    """A domain; its id."""
    settings = {"ExecutionRole": role}
    made = server.client("sagemaker").create_domain(
        DomainName=name,
        AuthMode="IAM",
        **{"DefaultUserSettings": settings, "DefaultSpaceSettings": settings} | more,
    )
    return str(made["DomainArn"].rsplit("/", 1)[1])


@pytest.fixture(scope="module")
def wired(server: RunningServer, role: str) -> tuple[str, str]:
    """A domain of VpcOnly with a security group; ids of both."""
    ec2 = server.client("ec2")
    vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])
    group = ec2.create_security_group(
        GroupName="lake", Description="what notebooks reach", VpcId=vpc["VpcId"]
    )["GroupId"]
    domain = make_domain(
        server,
        role,
        "wired",
        AppNetworkAccessType="VpcOnly",
        VpcId=vpc["VpcId"],
        SubnetIds=[one["SubnetId"] for one in subnets["Subnets"]][:2],
        DefaultUserSettings={"ExecutionRole": role, "SecurityGroups": [group]},
    )
    return domain, group


def log_refusals(server: RunningServer, domain: str) -> None:
    """Lines as the server's own loop writes them (docs/operate/networks.md)."""
    logs, group = server.client("logs"), f"/freehold/flow-logs/{domain}"
    stream = f"app/{domain}/ana/jupyterlab/default/eni-5f0-reject"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    now = int(time.time())
    line = f"2 000000000001 eni-5f0 10.0.0.4 {{}} - {{}} 6 3 180 {now - 9} {now - 4} REJECT OK"
    messages = [line.format("203.0.113.10", 443)] * 2 + [line.format("198.51.100.7", 5432)]
    events = [{"timestamp": now * 1000, "message": message} for message in messages]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def test_rules_stand_in_words_and_refusals_in_sentences(
    admin: Visit, server: RunningServer, wired: tuple[str, str]
) -> None:
    domain, group = wired
    admin.allowed.append("400 (Bad Request)")  # there is no flow log before the first refusal
    page = admin.go(f"/domains/{domain}?tab=network")
    expect(page.get_by_text("Nothing was refused")).to_be_visible()
    log_refusals(server, domain)
    page.reload()
    told = page.get_by_role(
        "rowheader", name="JupyterLab of ana was kept from reaching 203.0.113.10, TCP port 443."
    )
    expect(told).to_be_visible()
    row = page.get_by_role("row").filter(has=told)
    expect(row).to_contain_text("6")  # two lines of three packets
    page.get_by_role("button", name="Add rule to lake").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Whom").fill("everywhere")
    dialog.get_by_role("button", name="Add rule").click()
    expect(dialog.get_by_text("A block of addresses, such as")).to_be_visible()
    dialog.get_by_label("Whom").fill("198.51.100.0/24")
    dialog.get_by_label("Ports").fill("5432")
    dialog.get_by_label("What it is for").fill("the warehouse")
    dialog.get_by_role("button", name="Add rule").click()
    expect(dialog).to_be_hidden()
    added = page.get_by_role("row").filter(has_text="the warehouse")
    expect(added).to_contain_text("TCP port 5432")
    admin.shot("network-rules")
    out = server.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    assert any(one.get("FromPort") == 5432 for one in out["IpPermissionsEgress"])
    added.get_by_role("radio").check()
    page.get_by_role("button", name="Revoke rule of lake").click()
    expect(dialog).to_contain_text("TCP port 5432 to 198.51.100.0/24")
    dialog.get_by_role("textbox").fill("revoke")
    dialog.get_by_role("button", name="Revoke").click()
    expect(added).to_have_count(0)


def test_settings_change_where_the_api_lets_them_and_say_why_not(
    admin: Visit, server: RunningServer, wired: tuple[str, str]
) -> None:
    domain, _ = wired
    admin.allowed.append("400 (Bad Request)")
    page = admin.go(f"/domains/{domain}?tab=settings")
    page.get_by_role("button", name="Edit: Defaults of user profiles").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Idle shutdown").click()
    page.get_by_role("option", name="On: stop what nobody uses").click()
    dialog.get_by_label("Minutes without use").fill("120")
    dialog.get_by_label("Lifecycle configuration (ARN)").fill("no-such-thing")
    dialog.get_by_role("button", name="Save").click()
    expect(
        dialog.get_by_role("alert").or_(dialog.get_by_text("ValidationException"))
    ).to_be_visible()
    dialog.get_by_label("Lifecycle configuration (ARN)").fill("")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("After 120 minutes")).to_be_visible()
    found = server.client("sagemaker").describe_domain(DomainId=domain)["DefaultUserSettings"]
    idle = found["JupyterLabAppSettings"]["AppLifecycleManagement"]["IdleSettings"]
    assert idle == {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 120}
    assert found["SecurityGroups"]  # what was not said stays


def test_what_is_chosen_and_the_dialog_that_is_open_stand_in_the_link(
    admin: Visit, finance: str
) -> None:
    page = admin.go(f"/domains/{finance}?tab=users")
    ana = page.get_by_role("radio", name="Choose ana")
    ana.check()
    delete = page.get_by_role("button", name="Delete", exact=True)
    dialog = page.get_by_role("dialog")
    delete.press("Enter")
    expect(dialog.get_by_text("Delete ana?")).to_be_visible()
    link = page.url
    assert not faults(admin)  # also of a chosen row
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(delete).to_be_focused()
    expect(ana).to_be_checked()
    delete.click()
    expect(dialog).to_be_visible()
    page.go_back()
    expect(dialog).to_be_hidden()
    page.goto(link)
    expect(dialog.get_by_text("Delete ana?")).to_be_visible()
    expect(ana).to_be_checked()


def test_resources_tell_who_made_them(admin: Visit, server: RunningServer, finance: str) -> None:
    sagemaker = server.client("sagemaker")
    arn = sagemaker.describe_domain(DomainId=finance)["DomainArn"]
    ana = sagemaker.describe_user_profile(DomainId=finance, UserProfileName="ana")
    tags = {
        "sagemaker:domain-arn": arn,
        "sagemaker:user-profile-arn": ana["UserProfileArn"],
    }
    sagemaker.create_experiment(
        ExperimentName="leaving", Tags=[{"Key": k, "Value": v} for k, v in tags.items()]
    )
    page = admin.go(f"/domains/{finance}?tab=resources&type=Experiment")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="leaving"))
    expect(row.get_by_role("link", name="ana")).to_have_attribute(
        "href", f"/console/domains/{finance}/users/ana"
    )
    expect(page.get_by_role("rowheader")).to_have_count(1)  # the type filter of the link holds


def test_a_domain_goes_in_its_order_and_goes_on_after_a_reload(
    admin: Visit, server: RunningServer, role: str
) -> None:
    admin.allowed.append("400 (Bad Request)")  # it looks until the domain is not there
    sagemaker = server.client("sagemaker")
    domain = make_domain(server, role, "doomed")
    sagemaker.create_user_profile(DomainId=domain, UserProfileName="dora")
    sagemaker.create_space(
        DomainId=domain,
        SpaceName="hers",
        OwnershipSettings={"OwnerUserProfileName": "dora"},
        SpaceSharingSettings={"SharingType": "Private"},
    )
    sagemaker.create_app(DomainId=domain, SpaceName="hers", AppType="JupyterLab", AppName="default")
    system = sagemaker.describe_domain(DomainId=domain)["HomeEfsFileSystemId"]
    page = admin.go(f"/domains/{domain}?tab=settings")
    page.get_by_role("link", name="Delete domain").click()
    expect(page.get_by_text("JupyterLab of hers")).to_be_visible()
    page.get_by_role("radio", name="Delete the file system").check()
    button = page.get_by_role("button", name="Delete all of this")
    expect(button).to_be_disabled()
    page.get_by_label("To confirm, type doomed").fill("doomed")
    button.click()
    expect(page.get_by_text("It is being deleted")).to_be_visible()
    admin.shot("domain-deleting")
    page.reload()
    expect(page.get_by_text("is gone", exact=False).first).to_be_visible(timeout=60_000)
    admin.shot("domain-gone")
    names = {one["DomainId"] for one in sagemaker.list_domains(MaxResults=100)["Domains"]}
    assert domain not in names
    left = {
        one["FileSystemId"] for one in server.client("efs").describe_file_systems()["FileSystems"]
    }
    assert system not in left


@pytest.mark.skipif(
    needs_apps[0].args[0] or needs_apps[1].args[0], reason="needs jupyterlab, sandboxes"
)
def test_an_app_starts_on_an_instance_whose_price_was_said_and_its_cost_is_told(
    admin: Visit, server: RunningServer, finance: str
) -> None:
    page = admin.go(f"/domains/{finance}/spaces/team")
    expect(page.get_by_text("$0.0500 per hour while it runs")).to_be_visible()
    page.get_by_role("button", name="Start on").click()
    page.get_by_role("option", name="ml.t3.large").click()
    expect(page.get_by_text("$0.1000 per hour while it runs")).to_be_visible()
    with admin.context.expect_page() as opened:
        page.get_by_role("link", name="Start and open JupyterLab of team in a new tab").click()
    lab = opened.value
    lab.wait_for_url("**/jupyterlab/default/lab**", timeout=60_000)
    lab.close()
    expect(page.get_by_text("ml.t3.large, $0.1000 per hour")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Ready")).to_be_visible(timeout=20_000)
    admin.shot("space-running")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("dialog").get_by_role("textbox").fill("stop")
    page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Nothing runs.")).to_be_visible(timeout=30_000)
    ce = server.client("ce")
    until(lambda: spent(ce, finance) > 0, 60)
    page = admin.go(f"/domains/{finance}?tab=costs")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="team (space)"))
    expect(row).to_contain_text("$0.00")
    expect(page.get_by_role("application", name="Cost by day")).to_be_visible()
    admin.shot("domain-costs-filled")


def test_what_apps_start_with_is_set_by_clicks(
    admin: Visit, visit: Callable[..., Visit], server: RunningServer, role: str
) -> None:
    sagemaker, iam = server.client("sagemaker"), server.client("iam")
    domain = make_domain(server, role, "kitchen")
    page = admin.go(f"/domains/{domain}?tab=settings")

    page.get_by_role("button", name="Create configuration").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("tools-1")
    dialog.get_by_label("Script").fill("#!/bin/bash\npip install --user grüße\n")
    look_everywhere(admin, "settings-new-script")
    dialog.get_by_role("button", name="Create configuration").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("radio", name="Choose tools-1").check()
    page.get_by_role("button", name="Attach", exact=True).click()
    dialog.get_by_role("button", name="Attach").click()
    expect(page.get_by_text("User profiles (default)")).to_be_visible()
    lab = settings_of(sagemaker, domain)["JupyterLabAppSettings"]
    script = lab["DefaultResourceSpec"]["LifecycleConfigArn"]
    assert lab["LifecycleConfigArns"] == [script]

    page.get_by_role("button", name="Attach repository").click()
    dialog.get_by_label("Address").fill("https://git.example.com/team/models.git")
    dialog.get_by_label("Branch").fill("main")
    dialog.get_by_role("button", name="Attach").click()
    expect(page.get_by_role("rowheader", name="https://git.example.com")).to_be_visible()
    kept = sagemaker.describe_code_repository(CodeRepositoryName="models-main")["GitConfig"]
    assert kept["Branch"] == "main"

    page.get_by_role("button", name="Create image").click()
    dialog.get_by_label("Image name").fill("forecasting")
    dialog.get_by_role("combobox", name="Role").fill(role)
    page.keyboard.press("Escape")  # closes the list of roles, not the dialog
    dialog.get_by_label("Environment variables").fill("TEAM=kitchen")
    dialog.get_by_role("button", name="Create image").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Attach image").click()
    for label in ("Image", "App image configuration"):
        dialog.get_by_role("button", name=re.compile(f"^{label}")).click()
        page.get_by_role("option", name="forecasting").click()
    dialog.get_by_role("button", name="Attach").click()
    expect(page.get_by_role("rowheader", name="forecasting")).to_be_visible()
    lab = settings_of(sagemaker, domain)["JupyterLabAppSettings"]
    assert lab["CustomImages"][0]["ImageName"] == "forecasting"
    assert lab["LifecycleConfigArns"] == [script]  # what was not said stays

    page.get_by_role("radio", name="Choose tools-1").check()
    page.get_by_role("button", name="Detach", exact=True).click()
    expect(page.get_by_text("Not attached")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    dialog.get_by_role("textbox").fill("tools-1")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No lifecycle configuration yet")).to_be_visible()

    page.get_by_role("button", name="Edit: What people see").click()
    for name in ("JupyterLab", "Jobs"):
        dialog.get_by_role("checkbox", name=name).uncheck()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    look_everywhere(admin, "settings-environment")
    see_as_somebody_of(visit, server, domain)
    assert "HiddenMlTools" in settings_of(sagemaker, domain)["StudioWebPortalSettings"]
    make_roles_by_clicks(admin, server, iam, domain)


def settings_of(sagemaker: Any, domain: str) -> Any:
    return sagemaker.describe_domain(DomainId=domain)["DefaultUserSettings"]


def see_as_somebody_of(visit: Callable[..., Visit], server: RunningServer, domain: str) -> None:
    """A person whose domain hides jobs and JupyterLab is offered neither."""
    iam = server.client("iam")
    server.client("sagemaker").create_user_profile(DomainId=domain, UserProfileName="hana")
    iam.create_user(UserName="hana")
    everything = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
    iam.put_user_policy(UserName="hana", PolicyName="p", PolicyDocument=everything)
    key = iam.create_access_key(UserName="hana")["AccessKey"]
    one = visit()
    one.allowed.append("404 (Not Found)")  # whether she has a password: she has none
    one.go("/sign-in")
    page = one.sign_in((key["AccessKeyId"], key["SecretAccessKey"]))
    expect(page.get_by_text("JupyterLab is hidden from your profile.")).to_be_visible()
    expect(page.get_by_role("button", name="Start hana")).to_have_count(0)
    expect(page.get_by_role("link", name="Experiments")).to_be_visible()
    expect(page.get_by_role("link", name="Jobs", exact=True)).to_have_count(0)
    one.shot("home-hidden")
    one.go(f"/domains/{domain}/users/hana")
    expect(page.get_by_text("JupyterLab is hidden by the domain's default")).to_be_visible()


def make_roles_by_clicks(admin: Visit, server: RunningServer, iam: Any, domain: str) -> None:
    """One that is kept to the domain, one that is not; the lint finds nothing in either."""
    page = admin.page
    page.get_by_role("button", name="Edit: Execution roles").click()
    outer = page.get_by_role("dialog", name="Execution roles")
    inner = page.get_by_role("dialog", name="New execution role")
    for whose, name in (("user profiles", "kept"), ("shared spaces", "wide")):
        outer.get_by_role("button", name=f"Create a role for: Role of {whose}").click()
        inner.get_by_label("Role name").fill(name)
        inner.get_by_role("checkbox", name="Search and lists").check()
        if name == "wide":
            inner.get_by_role("checkbox", name="Keep it to this domain").uncheck()
            inner.get_by_role("radio", name="Any bucket").check()
        else:
            look_everywhere(admin, "role-dialog")
        inner.get_by_role("button", name="Create role").click()
        expect(inner).to_be_hidden()
        field = outer.get_by_role("combobox", name=f"Role of {whose}")
        expect(field).to_have_value(re.compile(f":role/{name}$"))
    outer.get_by_role("button", name="Save").click()
    expect(outer).to_be_hidden()
    found = server.client("sagemaker").describe_domain(DomainId=domain)
    assert found["DefaultUserSettings"]["ExecutionRole"].endswith(":role/kept")
    assert found["DefaultSpaceSettings"]["ExecutionRole"].endswith(":role/wide")
    for name, policy_name in (("kept", "freehold-tight"), ("wide", "freehold-activities")):
        made = iam.get_role_policy(RoleName=name, PolicyName=policy_name)["PolicyDocument"]
        assert lint(server, json.dumps(made)) == []
        assert (domain in json.dumps(made)) is (name == "kept")
        work = next(one for one in made["Statement"] if one["Sid"] == "OwnWork")["Action"]
        bound = [f"sagemaker:{action}" for action in OWN_WORK]  # nothing beyond the tight policy
        assert [one for one in work if not any(fnmatch(one, wide) for wide in bound)] == []


def spent(ce: Any, domain: str) -> float:
    month = time.strftime("%Y-%m")
    answer = ce.get_cost_and_usage(
        TimePeriod={
            "Start": f"{month}-01",
            "End": time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86400)),
        },
        Granularity="MONTHLY",
        Metrics=["UnblendedCost"],
        GroupBy=[{"Type": "TAG", "Key": "sagemaker:domain-arn"}],
    )
    groups = answer["ResultsByTime"][0]["Groups"]
    return sum(
        float(one["Metrics"]["UnblendedCost"]["Amount"])
        for one in groups
        if one["Keys"][0].endswith(domain)
    )


def test_a_person_of_another_domain_sees_nothing_of_it_and_is_told_why(
    visit: Callable[..., Visit], server: RunningServer, finance: str, role: str
) -> None:
    name = "sustainability"
    domain = make_domain(server, role, name)
    sagemaker, iam = server.client("sagemaker"), server.client("iam")
    sagemaker.create_user_profile(DomainId=domain, UserProfileName="ben")
    arn = sagemaker.describe_domain(DomainId=domain)["DomainArn"]
    _, _, _, region, account, _ = arn.split(":")
    sagemaker.create_experiment(
        ExperimentName="storms", Tags=[{"Key": "sagemaker:domain-arn", "Value": arn}]
    )
    tight = tight_policy(
        "aws", region, account, arn, domain, role, "bucket-of-sustainability", with_lists=True
    )
    iam.create_user(UserName="ben")
    # The quick setup's own policy is a role's; a user's inline policies hold 2,048 characters.
    made = iam.create_policy(PolicyName="tight-ben", PolicyDocument=json.dumps(tight))["Policy"]
    iam.attach_user_policy(UserName="ben", PolicyArn=made["Arn"])
    key = iam.create_access_key(UserName="ben")["AccessKey"]
    done = freehold("settings", "--state", str(server.state), "set", "isolation=strict")
    assert done.returncode == 0, done.stderr
    one = visit()
    one.allowed += ["400 (Bad Request)", "403 (Forbidden)"]
    try:
        one.go("/sign-in")
        page = one.sign_in((key["AccessKeyId"], key["SecretAccessKey"]))
        expect(page.get_by_role("heading", name="My work")).to_be_visible()
        expect(page.get_by_text("finance")).to_have_count(0)
        one.go("/domains")
        expect(page.get_by_role("link", name=name)).to_be_visible()
        one.shot("another-person-domains")
        expect(page.get_by_text("finance")).to_have_count(0)
        for path in (
            "?tab=users",
            "?tab=files",
            "/users/ana",
            "/spaces/team",
            "/users/add",
            "/delete",
        ):
            one.go(f"/domains/{finance}{path}")
            view = page.locator("[data-view=forbidden]").first
            expect(view).to_contain_text("You may not see")
            expect(view).to_contain_text("not authorized to perform: sagemaker:Describe")
            expect(view).to_contain_text("explain this")
            expect(page.get_by_text("finance")).to_have_count(0)
        one.shot("another-person-forbidden")
        one.go(f"/domains/{domain}?tab=resources")
        expect(page.get_by_role("rowheader")).to_have_text(["storms"])  # what is theirs alone
        one.go(f"/domains/{domain}/users/ben")
        expect(page.get_by_text("$0.0500 per hour while it runs")).to_be_visible()
    finally:
        done = freehold("settings", "--state", str(server.state), "set", "isolation=parity")
        assert done.returncode == 0, done.stderr

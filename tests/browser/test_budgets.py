"""Budgets that warn and act, by clicks: a wizard, a breach, what it means, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import expect
from tests.browser.conftest import SCHEMES, WIDTHS, Keys, Visit
from tests.browser.test_every_page import faults
from tests.support import months
from tests.support.people import allow, policy, trusting
from tests.support.server import RunningServer, until

NAME = "team <b>"
PATH = "/budgets/team%20%3Cb%3E"


@pytest.fixture(scope="module")
def team(server: RunningServer) -> Iterator[str]:
    """A domain with a role of its own that has spent something; its id. Its budget goes again."""
    iam, sagemaker = server.client("iam"), server.client("sagemaker")
    trust = trusting({"Service": "sagemaker.amazonaws.com"})
    arn = iam.create_role(RoleName="team-lab", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName="team-lab", PolicyName="p", PolicyDocument=policy(allow("*")))
    domain = str(
        sagemaker.create_domain(
            DomainName="team",
            AuthMode="IAM",
            DefaultUserSettings={"ExecutionRole": arn},
            DefaultSpaceSettings={"ExecutionRole": arn},
        )["DomainId"]
    )
    sagemaker.create_user_profile(DomainId=domain, UserProfileName="tia")
    account = str(server.client("sts").get_caller_identity()["Account"])
    server.stop()
    months.seed(server.state, [domain], 60, 2, account)
    server.start()
    yield domain
    client = server.client("budgets")
    for found in client.describe_budgets(AccountId=account)["Budgets"]:
        client.delete_budget(AccountId=account, BudgetName=found["BudgetName"])


def status(server: RunningServer, account: str) -> str:
    found = server.client("budgets").describe_budget_actions_for_budget(
        AccountId=account, BudgetName=NAME
    )["Actions"]
    return str(found[0]["Status"]) if found else ""


def test_a_budget_that_warns_and_stops_new_starts_by_clicks(
    admin: Visit, server: RunningServer, team: str
) -> None:
    account = str(server.client("sts").get_caller_identity()["Account"])
    page = admin.go("/budgets/create")
    following = page.get_by_role("button", name="Next", exact=True)
    page.get_by_role("radio", name="Monthly cost").check()
    page.get_by_label("Budget name").fill(NAME)
    page.get_by_label("It begins anew").click()
    page.get_by_role("option", name="Each year").click()
    expect(page.get_by_text("On the average")).to_be_visible()
    page.get_by_label("Amount (USD)").fill("0.5")
    page.get_by_label("Counts from").fill(some_weeks_ago())
    following.click()
    page.get_by_role("radio", name="Domains").check()
    page.get_by_role("button", name="Domains").click()
    page.get_by_role("option", name="team").click()
    page.keyboard.press("Escape")
    following.click()
    expect(page.get_by_label("Alert 3: is over")).to_have_value("100")
    following.click()
    expect(page.get_by_text("At least one e-mail address")).to_be_visible()
    page.get_by_label("Who is told").fill("boss@example.com")
    expect(page.get_by_text("names no mail server").first).to_be_visible()
    following.click()
    page.get_by_role("checkbox", name="Deny new starts").check()
    page.get_by_role("button", name="Add those of team").click()
    following.click()
    expect(page.get_by_text("New starts are denied at 100%")).to_be_visible()
    page.get_by_role("button", name="Create budget").click()
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    until(lambda: status(server, account) == "EXECUTION_SUCCESS", 60)

    keys = work_of(server, account)
    sagemaker = server.client("sagemaker", keys)
    with pytest.raises(ClientError, match="explicit deny"):
        start(sagemaker, team)
    page = admin.go(f"{PATH}?tab=alerts")
    expect(page.get_by_role("row", name="Spent over 85%").get_by_text("Passed")).to_be_visible()
    page.get_by_role("tab", name="Actions").click()
    expect(page.get_by_role("row", name="Spent over 100%")).to_contain_text("New starts denied")
    expect(page.get_by_text("The threshold was passed.").first).to_be_visible()
    home = admin.go(f"/home?DomainId={team}&UserProfileName=tia")
    expect(home.get_by_text("New starts are refused until")).to_be_visible()

    expect(admin.go("/budgets").get_by_text("3 of 3 passed")).to_be_visible()
    admin.shot("budgets-watched-1440-light")
    page = admin.go(f"{PATH}?tab=actions")
    page.get_by_role("button", name="Reverse", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Reverse").click()
    expect(page.get_by_role("row", name="Spent over 100%")).to_contain_text("Reversed")
    assert start(sagemaker, team)
    sagemaker.delete_app(DomainId=team, **APP)


APP = {"UserProfileName": "tia", "AppType": "JupyterServer", "AppName": "default"}


def start(sagemaker: Any, domain: str) -> str:
    return str(sagemaker.create_app(DomainId=domain, **APP)["AppArn"])


def work_of(server: RunningServer, account: str) -> dict[str, Any]:
    """Keys of the team's role."""
    sts, iam = server.client("sts"), server.client("iam")
    trust = trusting({"Service": "sagemaker.amazonaws.com", "AWS": f"arn:aws:iam::{account}:root"})
    iam.update_assume_role_policy(RoleName="team-lab", PolicyDocument=trust)
    role = f"arn:aws:iam::{account}:role/team-lab"
    found: dict[str, Any] = sts.assume_role(RoleArn=role, RoleSessionName="tia")["Credentials"]
    return found


def some_weeks_ago() -> str:
    """A day, as the field takes it."""
    return (datetime.now(UTC) - timedelta(days=40)).strftime("%Y/%m/%d")


PAGES = (  # the others are looked at by test_money
    ("budget-alerts", f"{PATH}?tab=alerts", "Spent over 85%"),
    ("budget-actions", f"{PATH}?tab=actions", "What became of it"),
    ("budget-wizard", "/budgets/create", "What was spent"),
)


@pytest.mark.parametrize(("width", "scheme"), list(zip(WIDTHS, SCHEMES, strict=True)))
def test_budgets_are_accessible_and_fit(
    visit: Callable[..., Visit], root: Keys, team: str, width: int, scheme: str
) -> None:
    one = visit(width, scheme, reduced_motion="reduce")
    one.go("/sign-in")
    one.sign_in(root).wait_for_url("**/domains")
    bad: list[str] = []

    def look(name: str) -> None:
        one.shot(f"{name}-{width}-{scheme}")
        bad.extend(f"{name}: {fault}" for fault in faults(one))
        across = one.page.evaluate("document.documentElement.scrollWidth")
        if across > width:
            bad.append(f"{name}: {across} px across")

    for name, path, text in PAGES:
        one.walk(path, text)
        look(name)
    page = one.page
    page.get_by_role("radio", name="Monthly cost").check()
    page.get_by_label("Budget name").fill("look")
    page.get_by_label("Amount (USD)").fill("10")
    following = page.get_by_role("button", name="Next", exact=True)
    following.click()
    following.click()
    page.get_by_label("Who is told").fill("boss@example.com")
    look("budget-wizard-alerts")
    following.click()
    page.get_by_role("checkbox", name="Deny new starts").check()
    page.get_by_text("Roles that may start nothing new").wait_for()
    look("budget-wizard-actions")
    assert not bad, "\n".join(bad)

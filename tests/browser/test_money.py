"""Costs and budgets: the page says what the API says, to the last digit, and soon."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from botocore import xform_name
from playwright.sync_api import Page, expect
from tests.browser.conftest import SCHEMES, WIDTHS, Keys, Visit
from tests.browser.test_every_page import faults
from tests.support import months
from tests.support.people import allow, policy
from tests.support.server import RunningServer, until

from freehold.host import runtimes
from freehold.host.sandboxes import probe

DOMAIN, SPACE = "sagemaker:domain-arn", "sagemaker:space-arn"
FORMULA = '=HYPERLINK("x"),1'
DAYS = 90
LOADS_MAX = 5  # others may be busy on this machine
READY_SECONDS_MAX = 3.0  # 1.5 s on a quiet machine (docs/operate/costs.md)
ADDED = re.compile(r"^(\d+) rows? adds? up to (.+)$")


def image() -> str | None:
    found = [name for name in ("sklearn", "jupyterlab") if runtimes.find(name) is not None]
    return f"local://venv/{found[0]}" if found else None


def usd(amount: Decimal) -> str:
    """A total as the page rounds it: cents from ten dollars on, finer what is less."""
    digits = 2 if not amount or amount >= 10 else 4 if amount >= Decimal("0.01") else 6
    return f"${amount:,.{digits}f}"


def command(page: Page, title: str = "The same by the aws CLI") -> tuple[str, dict[str, Any]]:
    """The command that the page shows: its method of boto3, and what it is given."""
    page.get_by_role("button", name=title).click()
    shown = page.locator("pre").filter(visible=True)
    words = shlex.split(shown.inner_text().replace("\\\n", " "))
    given: dict[str, Any] = {}
    for word in words[3:]:
        if word.startswith("--"):
            name = "".join(part.capitalize() for part in word[2:].split("-"))
            given[name] = []
        else:
            given[name].append(word)
    for name, values in given.items():
        is_list = name == "Metrics"
        text = values[0]
        given[name] = values if is_list else json.loads(text) if text[0] in "[{" else text
    return xform_name("".join(part.capitalize() for part in words[2].split("-"))), given


def by_group(answer: dict[str, Any]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for result in answer["ResultsByTime"]:
        for group in result["Groups"]:
            key = group["Keys"][0].partition("$")[2] or group["Keys"][0]
            amount = Decimal(group["Metrics"]["UnblendedCost"]["Amount"])
            sums[key] = sums.get(key, Decimal(0)) + amount
    return sums


@pytest.mark.skipif(image() is None, reason="needs: freehold runtime install sklearn")
@pytest.mark.skipif(bool(probe.bubblewrap().trouble), reason="needs sandboxes")
def test_a_job_costs_on_the_page_what_boto3_says(
    admin: Visit, server: RunningServer, role: str, finance: str
) -> None:
    sagemaker, ce = server.client("sagemaker"), server.client("ce")
    arn = sagemaker.describe_domain(DomainId=finance)["DomainArn"]
    sagemaker.create_processing_job(
        ProcessingJobName="priced",
        AppSpecification={"ImageUri": image(), "ContainerEntrypoint": ["python3", "-c", "1"]},
        RoleArn=role,
        ProcessingResources={
            "ClusterConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 5,
            }
        },
        Tags=[{"Key": DOMAIN, "Value": arn}],
    )
    until(
        lambda: (
            sagemaker.describe_processing_job(ProcessingJobName="priced")["ProcessingJobStatus"]
            == "Completed"
        )
    )
    job = sagemaker.describe_processing_job(ProcessingJobName="priced")["ProcessingJobArn"]
    page = admin.go(f"/costs?by=resource&range=7-day&domain={arn}")
    method, asked = command(page)
    assert method == "get_cost_and_usage_with_resources"
    # A minute is the least that is billed, and nothing is when it is there before the ledger is.
    until(lambda: job in by_group(getattr(ce, method)(**asked)))
    told = by_group(getattr(ce, method)(**asked))
    assert told[job] == Decimal("0.00192")
    page.reload()
    row = page.get_by_role("row").filter(has_text="processing-job/priced")
    expect(row).to_contain_text("$0.0019")
    expect(row.locator("[title='0.00192 USD']")).to_be_visible()
    expect(page.get_by_text("SAMPLE DATA.")).to_be_visible()


def test_a_budget_by_clicks(admin: Visit, server: RunningServer, finance: str) -> None:
    client = server.client("budgets")
    account = server.client("sts").get_caller_identity()["Account"]
    page = admin.go("/budgets")
    expect(page.get_by_text("No budgets yet")).to_be_visible()
    page.get_by_role("link", name="Create budget").first.click()
    page.get_by_label("Budget name").wait_for()
    following = page.get_by_role("button", name="Next", exact=True)
    following.click()
    expect(page.get_by_text("1 to 100 characters").first).to_be_visible()
    page.get_by_label("Budget name").fill("fin/2027 <b>")
    page.get_by_label("Amount (USD)").fill("0.00001")
    page.reload()  # nothing that was typed is lost
    expect(page.get_by_label("Amount (USD)")).to_have_value("0.00001")
    following.click()
    page.get_by_role("radio", name="Domains").check()
    page.get_by_role("button", name="Domains").click()
    page.get_by_role("option", name="finance").click()
    page.keyboard.press("Escape")
    following.click()
    following.click()  # no alerts
    following.click()  # no actions
    expect(page.locator("pre")).to_contain_text("aws budgets create-budget")
    page.get_by_role("button", name="Create budget").click()
    expect(page.get_by_role("heading", name="fin/2027 <b>")).to_be_visible()
    expect(page.get_by_text("Each month")).to_be_visible()
    [made] = client.describe_budgets(AccountId=account)["Budgets"]
    assert made["CostFilters"]["TagKeyValue"][0].endswith(finance)
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_label("Budget name")).to_be_disabled()
    page.get_by_label("Amount (USD)").fill("12.50")
    following.click()
    following.click()
    page.get_by_role("button", name="Save budget").click()
    expect(page.get_by_text("of $12.50")).to_be_visible()
    [changed] = client.describe_budgets(AccountId=account)["Budgets"]
    assert changed["CostFilters"] == made["CostFilters"]
    assert changed["BudgetLimit"]["Amount"] == "12.50"
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("fin/2027 <b>")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No budgets yet")).to_be_visible()
    assert client.describe_budgets(AccountId=account)["Budgets"] == []


@pytest.fixture(scope="module")
def quarter(server: RunningServer, finance: str) -> str:
    """Fifty domains and ninety days of them in the ledger; the account's id."""
    account = str(server.client("sts").get_caller_identity()["Account"])
    names = [finance, *(f"d-{number:012d}" for number in range(49))]
    server.stop()
    strays = [months.stray(account, {}), months.stray(account, {SPACE: FORMULA})]
    months.seed(server.state, names, DAYS, 1, account, strays)
    server.start()
    return account


def test_fifty_domains_and_ninety_days_are_soon_there_and_add_up(
    admin: Visit, server: RunningServer, quarter: str
) -> None:
    page = admin.page
    added = page.get_by_text(ADDED)

    def seconds() -> float:
        begun = time.monotonic()
        page.goto(f"{admin.url}/console/costs?range=90-day")
        added.wait_for()
        page.get_by_role("application").first.wait_for()
        return time.monotonic() - begun

    loads = [seconds(), seconds()]
    while min(loads) >= READY_SECONDS_MAX and len(loads) < LOADS_MAX:
        loads.append(seconds())
    told = ", then ".join(f"{load:.2f} s" for load in loads)
    print(f"costs of 50 domains, {DAYS} days: ready in {told}")
    method, asked = command(page)
    answer = getattr(server.client("ce"), method)(**asked)
    sums = by_group(answer)
    assert len(sums) >= 51  # the quarter's, and what other tests spent
    found = ADDED.match(added.inner_text())
    assert found is not None
    assert found.groups() == (str(len(sums)), usd(sum(sums.values(), Decimal(0))))
    page.get_by_label("Find domains").fill("finance")  # names, not ARNs
    expect(page.get_by_role("rowheader", name="finance")).to_be_visible()
    # The chart's own table: what is named, the others, what is untagged make the total of each day.
    page.get_by_role("tab", name="By day").click()
    page.get_by_text("The figures of the chart.").wait_for()
    rows = page.get_by_role("row")
    for index in (1, 9, 20):
        titles = (
            rows.nth(index).locator("[title$=USD]").evaluate_all("all => all.map(e => e.title)")
        )
        total, *parts = (Decimal(title.split()[0]) for title in titles)
        assert len(parts) == 11
        assert total == sum(parts, Decimal(0)) > 0
    assert min(loads) < READY_SECONDS_MAX


def test_a_file_of_the_view_is_exact_and_runs_no_formula(
    admin: Visit, server: RunningServer, quarter: str
) -> None:
    page = admin.go("/costs?range=90-day&by=space&per=month&domain=none")
    page.get_by_text(ADDED).wait_for()
    with page.expect_download() as loading:
        page.get_by_role("button", name="Download CSV").click()
    text = loading.value.path().read_bytes().decode("utf-8-sig")
    assert text.endswith("\r\n")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["Space"] for row in rows} == {f"'{FORMULA}", "Untagged", "Forecast"}
    method, asked = command(page)
    told = by_group(getattr(server.client("ce"), method)(**asked))
    spent = [Decimal(row["Cost"]) for row in rows if row["Kind"] == "Actual"]
    assert sum(spent) == sum(told.values(), Decimal(0))
    [month] = [row for row in rows if row["Kind"] == "Forecast"]  # what is left of today
    assert Decimal(month["Lower (80%)"]) <= Decimal(month["Upper (80%)"])
    page.get_by_role("link", name="which resources").click()
    expect(page.get_by_role("rowheader", name="training-job/stray", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Cost by space and month")).to_be_visible()


def test_what_is_ahead_is_forecast_as_the_api_says(
    admin: Visit, server: RunningServer, quarter: str, finance: str
) -> None:
    ce = server.client("ce")
    arn = server.client("sagemaker").describe_domain(DomainId=finance)["DomainArn"]
    page = admin.go(f"/costs?range=next-1-month&domain={arn}&tab=times&times.sort=-start")
    method, asked = command(page, "The forecast by the aws CLI")
    assert method == "get_cost_forecast"
    asked["PredictionIntervalLevel"] = int(asked["PredictionIntervalLevel"])
    last = ce.get_cost_forecast(**asked)["ForecastResultsByTime"][-1]
    row = page.get_by_role("row").filter(has_text=f"{last['TimePeriod']['Start']} (forecast)")
    expect(row.locator(f"[title='{last['MeanValue']} USD']")).to_be_visible()
    expect(page.get_by_text("With what is forecast")).to_be_visible()
    expect(page.locator("g[aria-label^='Forecast, still']")).to_have_count(1)
    expect(page.locator("g[aria-label^='Forecast, at most']")).to_have_count(1)
    # The same on the domain's own page, for the month, with the way to a budget.
    page = admin.go(f"/domains/{finance}")
    expect(page.get_by_text("80% likely")).to_be_visible()
    expect(page.get_by_role("link", name="None: create one")).to_be_visible()


def test_a_view_is_kept_found_again_and_looked_into(
    admin: Visit, server: RunningServer, quarter: str
) -> None:
    page = admin.go("/costs?range=90-day")
    page.get_by_role("button", name="Lines").click()
    page.get_by_label("Only untagged (no domain)").click()
    page.wait_for_url("**domain=none**")
    assert "style=line" in page.url
    page.get_by_role("button", name="Saved reports").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("Enter a name.")).to_be_visible()
    dialog.get_by_label("Save what is shown as").fill("nobody's <b>")
    dialog.get_by_role("button", name="Save").click()
    admin.go("/costs")
    page.get_by_role("button", name="Saved reports").click()
    page.get_by_role("dialog").get_by_role("link", name="nobody's <b>").click()
    page.wait_for_url("**domain=none**")
    expect(page.get_by_label("Only untagged (no domain)")).to_be_checked()
    page.get_by_role("button", name="Saved reports").click()
    page.get_by_role("button", name="Delete nobody's <b>").click()
    expect(page.get_by_text("No report is saved yet.")).to_be_visible()
    admin.go("/costs?range=90-day&groups.q=finance")
    page.get_by_role("link", name="Spaces of finance").click()
    page.wait_for_url("**by=space**")
    expect(page.get_by_text("Cost by space and day")).to_be_visible()
    find = page.get_by_label("Find spaces")
    expect(find).to_have_value("")
    page.go_back()
    expect(page.get_by_text("Cost by domain and day")).to_be_visible()
    expect(page.get_by_label("Find domains")).to_have_value("finance")
    page.go_forward()  # what it shows is held: the table stays, and does as the address says
    expect(find).to_have_value("")


def test_where_nothing_can_be_copied_the_text_is_selected(admin: Visit) -> None:
    page = admin.go("/costs")
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
        " document.execCommand = () => false"
    )
    page.get_by_role("button", name="The same by the aws CLI").click()
    page.get_by_role("button", name="Copy: The command").click()
    expect(page.get_by_text("The command is selected: copy it by keyboard.")).to_be_attached()
    shown = page.locator("pre").filter(visible=True).inner_text()
    assert page.evaluate("getSelection().toString()") == shown


def test_who_may_not_see_costs_is_told_so(
    visit: Callable[..., Visit], server: RunningServer, quarter: str
) -> None:
    iam = server.client("iam")
    iam.create_user(UserName="poor")
    text = policy(allow(["sagemaker:ListDomains"]))
    iam.put_user_policy(UserName="poor", PolicyName="p", PolicyDocument=text)
    key = iam.create_access_key(UserName="poor")["AccessKey"]
    one = visit()
    one.allowed += ["400 (Bad Request)", "403 (Forbidden)"]
    one.go("/sign-in?to=/costs")
    one.sign_in((key["AccessKeyId"], key["SecretAccessKey"]))
    view = one.page.locator("[data-view=forbidden]")
    expect(view).to_contain_text("You may not see the costs")
    expect(view).to_contain_text("ce:GetCostAndUsage")


PAGES = (
    ("costs", "/costs", "rows add up"),
    ("costs-times", "/costs?range=90-day&by=user&per=month&tab=times", "The figures of the chart"),
    ("costs-hours", "/costs?range=2-day&by=usage-type&per=hour", "rows add up"),
    ("costs-nothing", "/costs?range=2020-01-01_2020-01-31&per=month", "Nothing was spent"),
    ("costs-ahead", "/costs?range=next-1-month&by=service", "With what is forecast"),
    ("costs-months", "/costs?range=next-12-month&per=month&style=bar", "With what is forecast"),
    ("costs-one", "/costs?range=1-day&by=user", "add"),
    ("domain-costs", "/domains/FINANCE?tab=costs", "By user and space"),
    ("budgets", "/budgets", "near"),
    ("budget", "/budgets/near", "Counts from"),
    ("budget-create", "/budgets/create", "It begins anew"),
)


@pytest.mark.parametrize(("width", "scheme"), list(zip(WIDTHS, SCHEMES, strict=True)))
def test_money_is_accessible_and_fits(
    visit: Callable[..., Visit],
    server: RunningServer,
    root: Keys,
    quarter: str,
    finance: str,
    width: int,
    scheme: str,
) -> None:
    budgets(server, quarter)
    one = visit(width, scheme, reduced_motion="reduce")
    one.go("/sign-in")
    one.sign_in(root).wait_for_url("**/domains")
    bad: list[str] = []
    for name, path, text in PAGES:
        one.walk(path.replace("FINANCE", finance), text)
        one.shot(f"{name}-{width}-{scheme}")
        bad.extend(f"{name}: {fault}" for fault in faults(one))
        across = one.page.evaluate("document.documentElement.scrollWidth")
        if across > width:
            bad.append(f"{name}: {across} px across")
    assert not bad, "\n".join(bad)


def budgets(server: RunningServer, account: str) -> None:
    """One that is well, one that is near its limit, one that is over."""
    client = server.client("budgets")
    if client.describe_budgets(AccountId=account).get("Budgets"):
        return
    start = int(time.time()) - 100 * 86_400
    spent = Decimal(0)
    for name, share in (("well", 3), ("near", Decimal("1.1")), ("over", Decimal("0.5"))):
        limit = str((spent * share).quantize(Decimal(1)) or 1)
        client.create_budget(
            AccountId=account,
            Budget={
                "BudgetName": name,
                "BudgetType": "COST",
                "TimeUnit": "MONTHLY",
                "BudgetLimit": {"Amount": limit if spent else "100000", "Unit": "USD"},
                "TimePeriod": {"Start": start},
            },
        )
        if not spent:
            found = client.describe_budget(AccountId=account, BudgetName=name)["Budget"]
            spent = Decimal(found["CalculatedSpend"]["ActualSpend"]["Amount"])

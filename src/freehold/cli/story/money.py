"""The chapters of money: costs by domain and usage, by domain and user, a budget, a picture."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from freehold.cli.story.cast import Line
from freehold.cli.story.shell import Shell
from freehold.cli.story.teller import StoryFailed

VISIBLE_SECONDS_MAX = 10.0
LOOK_SECONDS = 0.3
BUDGET_USD = "20"
DOMAIN, USER = "sagemaker:domain-arn", "sagemaker:user-profile-arn"
NOTEBOOKS, TRAINING = "Studio:JupyterLab", "Train:"
QUERY = (
    "ResultsByTime[].Groups[].[Keys[0], Keys[1], Metrics.UnblendedCost.Amount, "
    "Metrics.UsageQuantity.Amount]"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One group of an answer: its two keys, its cost and its quantity over the whole period."""

    first: str
    second: str
    usd: Decimal
    quantity: Decimal


def rows(text: str) -> list[Row]:
    """Read what `QUERY` printed, summed over its days, in its order.

    A tag group's key ``key$value`` becomes its value; one without a value becomes "".
    """
    sums: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for line in text.splitlines():
        first, second, usd, quantity = line.split("\t")
        keys = (_value(first), _value(second))
        known = sums.get(keys, (Decimal(0), Decimal(0)))
        sums[keys] = (known[0] + Decimal(usd), known[1] + Decimal(quantity))
    return [Row(*keys, *amounts) for keys, amounts in sums.items()]


def _value(key: str) -> str:
    return key.partition("$")[2] if "$" in key else key


def spent(found: list[Row], domain_arn: str, usage: str) -> Decimal:
    """What a domain spent on the usage types that hold ``usage``."""
    return sum(
        (row.usd for row in found if row.first == domain_arn and usage in row.second), Decimal(0)
    )


class Money:
    """The costs of some lines of business, since a moment."""

    def __init__(self, admin: Shell, lines: tuple[Line, ...], since: datetime) -> None:
        self._admin = admin
        self._lines = lines
        self._since = since

    def show_usage(self) -> None:
        """By domain and usage type, once the open hour shows: notebooks apart from training.

        Raises:
            StoryFailed: Something that ran does not show within ten seconds.
        """
        words = self._query(f"Type=TAG,Key={DOMAIN}", "Type=DIMENSION,Key=USAGE_TYPE")
        began = time.monotonic()
        answer = self._admin.aws(*words, shows=False)
        while missing := self._missing(rows(answer)):
            if time.monotonic() - began > VISIBLE_SECONDS_MAX:
                raise StoryFailed(
                    f"after {VISIBLE_SECONDS_MAX:.0f} s Cost Explorer still shows no "
                    f"{', '.join(missing)}"
                )
            time.sleep(LOOK_SECONDS)
            answer = self._admin.quietly(*words)
        self._admin.teller.answer(answer)
        found = rows(answer)
        for line in self._lines:
            notebooks = spent(found, line.domain_arn, NOTEBOOKS)
            training = spent(found, line.domain_arn, TRAINING)
            self._admin.teller.say(
                f"{line.name}: notebooks {notebooks:.6f} USD, training {training:.6f} USD"
            )

    def show_people(self) -> list[Row]:
        """By domain and user profile; shared spaces have no user."""
        words = self._query(f"Type=TAG,Key={DOMAIN}", f"Type=TAG,Key={USER}")
        found = rows(self._admin.aws(*words))
        for line in self._lines:
            person = f":user-profile/{line.domain_id}/{line.people[0]}"
            if not any(row.second.endswith(person) and row.usd > 0 for row in found):
                raise StoryFailed(f"Cost Explorer shows nothing for {line.people[0]}")
        return found

    def set_budget(self, line: Line) -> None:
        """A monthly budget of one domain, and what it has used."""
        account = ("--account-id", line.domain_arn.split(":")[4])
        name = f"{line.name}-monthly"
        budget = {
            "BudgetName": name,
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": BUDGET_USD, "Unit": "USD"},
            "CostFilters": {"TagKeyValue": [f"user:{DOMAIN}${line.domain_arn}"]},
        }
        self._admin.aws("budgets", "create-budget", *account, "--budget", json.dumps(budget))
        described = ("budgets", "describe-budget", *account, "--budget-name", name)
        query = ("--query", "Budget.{Limit: BudgetLimit, CalculatedSpend: CalculatedSpend}")
        began = time.monotonic()
        found = self._admin.ask(*described, *query)
        while Decimal(found["CalculatedSpend"]["ActualSpend"]["Amount"]) <= 0:
            if time.monotonic() - began > VISIBLE_SECONDS_MAX:
                raise StoryFailed(f"the budget {name} shows no spend: {json.dumps(found)}")
            time.sleep(LOOK_SECONDS)
            found = json.loads(self._admin.quietly(*described, *query, "--output", "json"))
        self._admin.teller.answer(json.dumps(found, indent=2))

    def draw(self, found: list[Row], python: str, place: Path) -> None:
        """Draw cost by domain and user with the runtime's matplotlib; a PNG at ``place``."""
        script = Path(__file__).with_name("picture.py")
        names = {line.domain_arn: line.name for line in self._lines}
        bars = [
            {
                "domain": names.get(row.first, "outside of domains"),
                "person": row.second.rpartition("/")[2] or "shared",
                "usd": float(row.usd),
            }
            for row in found
        ]
        figures = place.with_suffix(".json")
        figures.write_text(json.dumps(bars, indent=2))
        self._admin.run(python, str(script), str(figures), str(place))
        if not place.exists() or not place.read_bytes().startswith(b"\x89PNG"):
            raise StoryFailed(f"no picture was drawn at {place}")

    def _missing(self, found: list[Row]) -> list[str]:
        return [
            f"{what} of {line.name}"
            for line in self._lines
            for what, usage in (("notebooks", NOTEBOOKS), ("training", TRAINING))
            if spent(found, line.domain_arn, usage) <= 0
        ]

    def _query(self, *groups: str) -> tuple[str, ...]:
        until = datetime.now(UTC) + timedelta(days=1)
        return (
            *("ce", "get-cost-and-usage", "--granularity", "DAILY"),
            *("--time-period", f"Start={self._since:%Y-%m-%d},End={until:%Y-%m-%d}"),
            *("--metrics", "UnblendedCost", "UsageQuantity", "--group-by", *groups),
            *("--query", QUERY, "--output", "text"),
        )

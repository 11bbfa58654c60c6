"""What the table of domains shows, asked in the fewest calls: each list once over all domains.

Input: AWS clients. Output: one ``Overview`` a domain, sorted by name. Only two things must be
asked domain by domain: DescribeDomain, since no list tells the network mode, and the flow log of
those domains that have one. Those run a few at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from freehold.cli.domains import asking
from freehold.cli.quick.clients import Clients
from freehold.kernel.tagging import DOMAIN_TAG

AT_ONCE = 8  # calls in flight; a connection pool of botocore holds ten
FLOW_LOGS = "/freehold/flow-logs/"
LATELY = timedelta(hours=24)
FLOW_PAGES_MAX = 20  # 10,000 lines each; beyond it the count is "at least"
ACTION, PACKETS = 12, 8  # fields of a flow log's line, version 2
RUNNING = frozenset({"Pending", "InService"})
METRIC = "UnblendedCost"

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Money:
    """Cost of this calendar month by the value of one tag; what has none cost nothing."""

    by_value: dict[str, Decimal]
    currency: str

    def of(self, value: str) -> Decimal:
        """One value's cost."""
        return self.by_value.get(value, Decimal(0))


@dataclass(frozen=True, slots=True)
class Overview:
    """One line of the table. ``is_at_least``: the flow log was longer than we read."""

    described: dict[str, Any]
    users: int
    spaces: int
    running: int
    storage_bytes: int | None
    refused: int
    is_at_least: bool
    cost: Decimal
    currency: str

    @property
    def name(self) -> str:
        """The domain's."""
        return str(self.described["DomainName"])


def overviews(clients: Clients, now: datetime, tell: Tell) -> list[Overview]:
    """All domains. Raises what botocore raises."""
    sagemaker = clients("sagemaker")
    made = {name: clients(name) for name in ("efs", "ce", "logs")}
    tell("listing domains")
    domains = asking.every(sagemaker, "list_domains", "Domains")
    if not domains:
        return []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        users = pool.submit(_by_domain, sagemaker, "list_user_profiles", "UserProfiles")
        spaces = pool.submit(_by_domain, sagemaker, "list_spaces", "Spaces")
        apps = pool.submit(_by_domain, sagemaker, "list_apps", "Apps", RUNNING)
        sizes = pool.submit(file_system_sizes, made["efs"])
        spent = pool.submit(month_cost, made["ce"], DOMAIN_TAG, now)
        logged = pool.submit(flow_log_groups, made["logs"])

        def describe(one: dict[str, Any]) -> dict[str, Any] | None:
            return asking.found(lambda: sagemaker.describe_domain(DomainId=one["DomainId"]))

        described = []
        for place, answer in enumerate(pool.map(describe, domains), 1):
            tell(f"{place} of {len(domains)} domains described")
            if answer is not None:  # else it went while we asked
                described.append(answer)
        groups = logged.result()
        watched = [d["DomainId"] for d in described if FLOW_LOGS + d["DomainId"] in groups]
        counted = pool.map(lambda one: refused(made["logs"], one, now), watched)
        refusals = dict(zip(watched, counted, strict=True))
        tell("counting users, spaces, apps and money")
        return _joined(
            *(described, users.result(), spaces.result(), apps.result()),
            *(sizes.result(), refusals, spent.result()),
        )


def _joined(
    described: Iterable[dict[str, Any]],
    users: Counter[str],
    spaces: Counter[str],
    apps: Counter[str],
    sizes: dict[str, int],
    refusals: dict[str, tuple[int, bool]],
    spent: Money,
) -> list[Overview]:
    found = []
    for one in described:
        key, volume = one["DomainId"], one.get("HomeEfsFileSystemId")
        refusal = refusals.get(key, (0, False))
        found.append(
            Overview(
                described=one,
                users=users[key],
                spaces=spaces[key],
                running=apps[key],
                storage_bytes=sizes.get(volume) if volume else 0,
                refused=refusal[0],
                is_at_least=refusal[1],
                cost=spent.of(one["DomainArn"]),
                currency=spent.currency,
            )
        )
    return sorted(found, key=lambda one: (one.name.lower(), one.name))


def _by_domain(
    sagemaker: Any, operation: str, member: str, states: frozenset[str] | None = None
) -> Counter[str]:
    items = asking.every(sagemaker, operation, member)
    return Counter(one["DomainId"] for one in items if states is None or one["Status"] in states)


def file_system_sizes(efs: Any) -> dict[str, int]:
    """Bytes by file system id, as last measured."""
    systems = asking.every(efs, "describe_file_systems", "FileSystems")
    return {one["FileSystemId"]: int(one["SizeInBytes"]["Value"]) for one in systems}


def month_cost(ce: Any, tag: str, now: datetime, only: dict[str, Any] | None = None) -> Money:
    """Cost since the first of the month (UTC) by the values of ``tag``; ``only`` is a Filter."""
    first = now.astimezone(UTC).replace(day=1)
    asked: dict[str, Any] = {
        "TimePeriod": {
            "Start": f"{first:%Y-%m-%d}",
            "End": f"{now.astimezone(UTC) + timedelta(days=1):%Y-%m-%d}",
        },
        "Granularity": "MONTHLY",
        "Metrics": [METRIC],
        "GroupBy": [{"Type": "TAG", "Key": tag}],
    }
    if only is not None:
        asked["Filter"] = only
    found: dict[str, Decimal] = {}
    currency = "USD"
    while True:
        answer = ce.get_cost_and_usage(**asked)
        for span in answer["ResultsByTime"]:
            for group in span.get("Groups", ()):
                value = group["Keys"][0].partition("$")[2]
                spent = group["Metrics"][METRIC]
                found[value] = found.get(value, Decimal(0)) + Decimal(spent["Amount"])
                currency = spent["Unit"]
        if not answer.get("NextPageToken"):
            return Money(found, currency)
        asked["NextPageToken"] = answer["NextPageToken"]


def flow_log_groups(logs: Any) -> set[str]:
    """Names of the log groups that hold refused connections, one a domain."""
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=FLOW_LOGS)
    return {group["logGroupName"] for page in pages for group in page["logGroups"]}


def refused(logs: Any, domain_id: str, now: datetime) -> tuple[int, bool]:
    """Packets that were refused to a domain lately, and whether there may be more.

    A refused connection is a packet or a few: its opening, tried again. No log means none.
    """
    asked: dict[str, Any] = {
        "logGroupName": FLOW_LOGS + domain_id,
        "startTime": int((now - LATELY).timestamp() * 1000),
        "filterPattern": "REJECT",
    }
    total = 0
    for _page in range(FLOW_PAGES_MAX):
        answer = asking.found(lambda: logs.filter_log_events(**asked))
        if answer is None:
            return total, False
        total += sum(_packets(event["message"]) for event in answer["events"])
        if not answer.get("nextToken"):
            return total, False
        asked["nextToken"] = answer["nextToken"]
    return total, True


def _packets(line: str) -> int:
    fields = line.split()
    if len(fields) <= ACTION or fields[ACTION] != "REJECT":
        return 0
    return int(fields[PACKETS]) if fields[PACKETS].isdigit() else 1

"""``freehold domains``: what the table says, how few calls it takes, and how it fits."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.support.inprocess import Aws
from tests.support.studio import make_domain, make_profile, make_space, work_role

from freehold.cli.domains import gather, overview, wording
from freehold.cli.domains.gather import Overview
from freehold.cli.main import main


def counted(aws: Aws, calls: Counter[str]) -> Any:
    """Clients that note every operation they send."""

    def client(service: str) -> Any:
        made = aws.client(service)
        made.meta.events.register(
            "before-call", lambda model, **_kwargs: calls.update([model.name])
        )
        return made

    return client


def ask(aws: Aws, calls: Counter[str] | None = None) -> list[Overview]:
    calls = Counter() if calls is None else calls
    return gather.overviews(counted(aws, calls), datetime.now(UTC), lambda _line: None)


def one(**more: Any) -> Overview:
    described = {
        "DomainName": "finance",
        "DomainId": "d-aaaaaaaaaaaa",
        "DomainArn": "arn:aws:sagemaker:us-east-1:111122223333:domain/d-aaaaaaaaaaaa",
        "Status": "InService",
        "AppNetworkAccessType": "VpcOnly",
        "VpcId": "vpc-0123456789abcdef0",
    } | more.pop("described", {})
    facts: dict[str, Any] = {
        "users": 20,
        "spaces": 3,
        "running": 2,
        "storage_bytes": 3 << 30,
        "refused": 17,
        "is_at_least": False,
        "cost": Decimal("12.345"),
        "currency": "USD",
    }
    return Overview(described=described, **(facts | more))


def test_no_domains_say_how_to_make_one(aws: Aws) -> None:
    assert ask(aws) == []
    assert "freehold quick-setup" in overview.text([], 80)[0]


def test_users_spaces_and_the_network_stand_in_order_of_names(aws: Aws) -> None:
    role = work_role(aws, "work")
    zoo, finance = (make_domain(aws, name, role) for name in ("zoo", "Finance"))
    make_profile(aws, zoo.id, "ana")
    make_profile(aws, zoo.id, "bob")
    make_space(aws, finance.id, "team")
    found = ask(aws)
    assert [(d.name, d.users, d.spaces, d.running) for d in found] == [
        ("Finance", 0, 1, 0),
        ("zoo", 2, 0, 0),
    ]
    assert all(d.described["AppNetworkAccessType"] == "PublicInternetOnly" for d in found)
    assert all(d.storage_bytes == 0 and d.cost == 0 for d in found)


def test_a_list_is_asked_once_however_many_domains_there_are(aws: Aws) -> None:
    role = work_role(aws, "work")
    for number in range(7):
        domain = make_domain(aws, f"d{number}", role)
        make_profile(aws, domain.id, "ana")
    calls: Counter[str] = Counter()
    ask(aws, calls)
    assert calls.pop("DescribeDomain") == 7
    assert set(calls.values()) == {1}
    assert set(calls) == {
        *("ListDomains", "ListUserProfiles", "ListSpaces", "ListApps"),
        *("DescribeFileSystems", "GetCostAndUsage", "DescribeLogGroups"),
    }


def put_flow_log(aws: Aws, domain_id: str, *lines: str, hours_ago: float = 0) -> None:
    logs = aws.client("logs")
    group = gather.FLOW_LOGS + domain_id
    known = {g["logGroupName"] for g in logs.describe_log_groups()["logGroups"]}
    if group not in known:
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="eni-1")
    at = int((datetime.now(UTC).timestamp() - hours_ago * 3600) * 1000)
    logs.put_log_events(
        logGroupName=group,
        logStreamName="eni-1",
        logEvents=[{"timestamp": at, "message": line} for line in lines],
    )


def test_refused_packets_of_the_last_day_are_summed(aws: Aws) -> None:
    role = work_role(aws, "work")
    domain = make_domain(aws, "finance", role)
    make_domain(aws, "other", role)
    head = "2 111122223333 eni-1 10.0.0.4 10.9.9.9 41234 443 6"
    tail = "1763900000 1763900060"
    put_flow_log(
        aws,
        domain.id,
        f"{head} 3 180 {tail} REJECT OK",
        f"{head} 1 60 {tail} REJECT OK",
        f"{head} 9 540 {tail} ACCEPT OK",
        "REJECT is a word in a line that is none",
    )
    put_flow_log(aws, domain.id, f"{head} 50 60 {tail} REJECT OK", hours_ago=25)
    assert {d.name: d.refused for d in ask(aws)} == {"finance": 4, "other": 0}


def test_programs_get_awss_names_for_awss_things() -> None:
    told = json.loads(json.dumps(overview.document(one())))
    assert told["DomainName"] == "finance"
    assert (told["storage_bytes"], told["month_cost"]) == (3 << 30, "12.345")


def test_numbers_stand_under_each_other_and_names_are_whole_in_a_pipe() -> None:
    long = one(described={"DomainName": "x" * 63})
    lines = overview.text([one(), long], None)
    assert "x" * 63 in lines[2]
    assert len({line.index("InService") for line in lines[1:3]}) == 1
    assert lines[1].endswith("12.35 USD") or lines[1].endswith("12.34 USD")
    assert lines[-1].startswith("2 domains, 4 running apps, 24.69 USD")


def test_long_names_are_shortened_in_the_middle_before_a_terminal_is_too_narrow() -> None:
    name = "research-" + "x" * 45 + "-berlin"
    lines = overview.text([one(described={"DomainName": name})], 140)
    assert max(map(len, lines)) <= 140
    assert lines[1].startswith("research-")
    assert "-berlin " in lines[1]
    assert "…" in lines[1]


def test_the_vpc_and_then_the_id_give_way_first() -> None:
    wide = overview.text([one()], 130)
    assert "vpc-0123456789abcdef0" in wide[1]
    narrow = overview.text([one()], 100)
    assert "vpc-" not in narrow[1]
    assert "d-aaaaaaaaaaaa" in narrow[1]
    assert "d-aaaaaaaaaaaa" not in overview.text([one()], 90)[1]


def test_a_terminal_too_narrow_for_a_table_gets_blocks_that_lose_nothing() -> None:
    lines = overview.text([one(), one(described={"DomainName": "hr"})], 60)
    assert max(map(len, lines)) <= 60
    assert "name    finance" in lines
    assert "vpc     vpc-0123456789abcdef0" in lines
    assert "" in lines


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        ((1 << 20) - 1, "1.0 MiB"),
        (5 << 30, "5.0 GiB"),
        (1 << 63, "8.0 EiB"),
        (None, "?"),
    ],
)
def test_sizes_read_as_people_say_them(count: int | None, text: str) -> None:
    assert wording.size(count) == text


def test_less_than_a_cent_is_not_nothing() -> None:
    assert wording.money(Decimal("0.0004")) == "<0.01"
    assert wording.money(Decimal(0), "USD") == "0.00 USD"


def test_a_server_that_is_away_is_one_line(
    tmp_path: Path, house: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = house.settings
    facts = {n: getattr(settings, n) for n in ("host", "tls_port", "account_id", "region")}
    settings.server_file.write_text(json.dumps(facts | {"port": 1}))
    assert main(["domains", "--state", str(settings.state)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "the server does not answer (http://127.0.0.1:1/)" in told.err

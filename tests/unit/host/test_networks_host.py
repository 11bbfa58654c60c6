"""The host's part of networks: its table's text, its addresses, names, and readings of refusals."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from freehold.host.networks import names, readings, uplinks
from freehold.host.networks.names import Names
from freehold.host.networks.readings import Refused
from freehold.kernel.network import rules

TABLE = uplinks.table(Names("abc123"), ["198.18.0.1"], is_only_ours=False)


def test_what_no_sandbox_reaches_is_the_same_on_the_host() -> None:
    line = next(line for line in TABLE.splitlines() if "ip daddr {" in line)
    found = set(re.findall(r"[\d.]+/\d+", line))
    wanted = {str(one) for one in (*rules.NEVER, *rules.PRIVATE) if one.version == 4}
    assert found == wanted


def test_the_host_judges_our_packets_alone() -> None:
    judging = [line for line in TABLE.splitlines() if line.startswith("add rule")]
    assert all("fhuabc123*" in line or "@links" in line for line in judging)


def test_a_host_that_forwarded_nothing_still_forwards_nothing_else() -> None:
    text = uplinks.table(Names("abc123"), [], is_only_ours=True)
    assert 'iifname != "fhu*" oifname != "fhu*" drop' in text


def test_the_hosts_addresses_are_read_off_its_table_of_routes() -> None:
    text = """Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 192.0.2.0
        /24 link UNICAST
     |-- 192.0.2.2
        /32 host LOCAL
Local:
     |-- 192.0.2.2
        /32 host LOCAL
     |-- 192.0.2.255
        /32 link BROADCAST
"""
    assert uplinks.own_addresses(text) == ("192.0.2.2",)


def test_two_installs_have_no_name_in_common(tmp_path: Path) -> None:
    one, other = Names.of(tmp_path / "a"), Names.of(tmp_path / "b")
    assert one == Names.of(tmp_path / "b" / ".." / "a")
    assert {one.table, one.stand("x"), one.router("y")}.isdisjoint(
        {other.table, other.stand("x"), other.router("y")}
    )
    assert len(one.uplink(uplinks.LINKS_MAX - 1)) <= 15


@pytest.mark.parametrize("id", ["a/b", "..", "", "a b"])
def test_no_name_leads_out_of_its_directory(id: str) -> None:
    with pytest.raises(AssertionError):
        Names("abc123").stand(id)


def test_a_line_is_known_by_its_number() -> None:
    assert names.number(names.veth(12)) == 12
    assert names.number("uplink") is None
    assert names.number("v1x") is None


def element(*values: object, packets: int = 2) -> dict[str, object]:
    counter = {"packets": packets, "bytes": 60 * packets}
    return {"elem": {"val": {"concat": list(values)}, "counter": counter}}


def test_refusals_are_read_with_who_refused() -> None:
    shown = [
        {"metainfo": {"version": "1"}},
        {"set": {"name": "r_3", "elem": [element("10.0.0.4", "192.0.2.1", 6, 443)]}},
        {"set": {"name": "r_4"}},
        {"set": {"name": "strange", "elem": [element("v5", "10.0.0.6", "192.0.2.1", 1)]}},
        {"set": {"name": "senders", "elem": ["10.0.0.4"]}},
    ]
    assert readings.parse(json.dumps({"nftables": shown})) == [
        Refused(3, "10.0.0.4", "192.0.2.1", 6, 443, 2, 120),
        Refused(5, "10.0.0.6", "192.0.2.1", 1, 0, 2, 120),
    ]

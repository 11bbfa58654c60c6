"""Routers and namespaces on this machine, as root: half-made things, and several installs."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from freehold.host.networks import commands, probe, uplinks
from freehold.host.networks.names import Names, path
from freehold.host.networks.namespaces import Line, Namespaces
from freehold.host.networks.ruleset import Hole, Member, Rules, changes, whole

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
    pytest.mark.skipif(
        probe.examine().mode != "namespaces", reason=f"no networks here: {probe.examine().reason}"
    ),
]
LINE = Line("app-one-1", 1, "100.64.0.4")
GATEWAY = "100.64.0.1"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[str], Namespaces]]:
    made: list[Namespaces] = []

    def begin(name: str) -> Namespaces:
        made.append(Namespaces(tmp_path / name))
        return made[-1]

    yield begin
    for one in made:
        one.clear()
        assert remains(one.names) == []


def remains(names: Names) -> list[str]:
    found = [one for one in os.listdir("/run/netns") if names.tag in one]
    found += [one for one in os.listdir("/sys/class/net") if names.tag in one]
    return found + [
        one for one in commands.run("nft", "list", "tables").split() if names.tag in one
    ]


def test_a_line_is_found_again_by_the_next_server(make: Callable[[str], Namespaces]) -> None:
    make("one").open_router("public")
    make("one").join("public", LINE, GATEWAY)
    assert make("one").found() == {"public": [LINE]}
    assert make("other").found() == {}


def test_what_a_crash_left_half_made_is_removed(make: Callable[[str], Namespaces]) -> None:
    one = make("one")
    one.open_router("public")
    one.join("public", LINE, GATEWAY)
    names, router = one.names, one.names.router("public")
    commands.ip(  # killed before the last step, before the second, and after the first
        [
            f"netns add {names.stand('half')}",
            f"link add v2 netns {router} type veth peer name eth0 netns {names.stand('half')}",
            f"netns add {names.stand('bare')}",
            f"netns add {names.router('vpc-1')}",
        ]
    )
    later = make("one")
    assert later.found() == {"public": [LINE]}
    left = [one for one in os.listdir("/run/netns") if names.tag in one]
    assert sorted(left) == sorted([router, names.stand(LINE.id)])
    assert [two["ifname"] for two in commands.ask("link", "show", namespace=router)] == [
        "lo",
        "uplink",
        "v1",
    ]


def test_a_router_that_lost_its_uplink_is_made_anew(make: Callable[[str], Namespaces]) -> None:
    one = make("one")
    one.open_router("vpc-1")
    commands.ip(["link del uplink"], one.names.router("vpc-1"))
    assert make("one").found() == {}
    make("one").open_router("vpc-1")
    assert make("one").found() == {"vpc-1": []}


def test_a_line_that_is_cut_is_cut_for_who_still_lives_there(
    make: Callable[[str], Namespaces],
) -> None:
    one = make("one")
    one.open_router("public")
    one.join("public", LINE, GATEWAY)
    inside = [commands.found("nsenter") or "nsenter", f"--net={path(one.names.stand(LINE.id))}"]
    with subprocess.Popen([*inside, "cat"], stdin=subprocess.PIPE) as lives:
        assert lives.stdin is not None
        one.leave("public", [LINE])
        shown = Path(f"/proc/{lives.pid}/net/dev").read_text()
        lives.stdin.close()
    assert "eth0" not in shown


def test_links_of_two_installs_are_two(make: Callable[[str], Namespaces]) -> None:
    for name in ("one", "other"):
        make(name).open_router("public")
    one, other = make("one"), make("other")
    ends = [end for end in os.listdir("/sys/class/net") if end.startswith("fhu")]
    assert len({end[-5:] for end in ends}) == len(ends)
    one.clear()
    assert other.found() == {"public": []}


def test_the_kernel_takes_what_the_rules_say(make: Callable[[str], Namespaces]) -> None:
    one = make("one")
    one.open_router("vpc-1")
    holes = (
        Hole("tcp", 1, 2, ("10.0.0.0/8", "192.0.2.0/24")),
        Hole("udp", 5, 5, group="sg-1"),
        Hole("icmp", 8, 0, ("0.0.0.0/0",)),
        Hole("50", networks=("192.0.2.0/24",)),
        Hole("-1", group="sg-2"),
    )
    rules = Rules()
    for count in (1, 2, 1, 0):
        members = {
            number: Member(number, f"10.0.0.{number}", holes[:number], holes, ("sg-1",))
            for number in range(1, count + 1)
        }
        new = Rules(members, ("10.0.0.0/16",), uplinks.own_addresses())
        one.apply("vpc-1", changes(rules, new))
        rules = new
    one.apply("vpc-1", whole(rules))
    assert one.counts("vpc-1") == {}
    assert one.refused("vpc-1") == []

"""Rules of a router as text: what a change leaves is what a fresh table would hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.support.nft import Table

from freehold.host.networks.ruleset import ANY, Hole, Member, Rules, changes, whole

NETWORKS = st.lists(
    st.sampled_from(["0.0.0.0/0", "10.0.0.0/8", "192.0.2.0/24"]), min_size=1, unique=True
).map(tuple)
GROUPS = st.sampled_from(["sg-1", "sg-2", "sg-3"])
PROTOCOLS = st.sampled_from(["-1", "tcp", "icmp", "50"])
HOLES = st.one_of(
    st.tuples(PROTOCOLS, NETWORKS).map(lambda pair: Hole(pair[0], 8, 9, pair[1])),
    GROUPS.map(lambda group: Hole("udp", group=group)),
)


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    members = {}
    for number in draw(st.sets(st.integers(1, 5))):
        members[number] = Member(
            number,
            f"10.0.0.{number}",
            tuple(draw(st.lists(HOLES, max_size=3))),
            tuple(draw(st.lists(HOLES, max_size=3))),
            tuple(draw(st.sets(GROUPS))),
        )
    local = draw(st.sampled_from([(), ("10.0.0.0/16",)]))
    host = draw(st.sampled_from([(), ("192.0.2.2",)]))
    return Rules(members, local, host)


@given(rules(), rules())
def test_a_change_leaves_what_a_fresh_table_would_hold(old: Rules, new: Rules) -> None:
    changed = Table().run(whole(old)).run(changes(old, new))
    assert changed == Table().run(whole(new))


@given(rules())
def test_nothing_is_said_where_nothing_changed(one: Rules) -> None:
    assert changes(one, one) == ""


def held(member: Member, *others: Member) -> Table:
    return Table().run(whole(Rules({one.number: one for one in (member, *others)})))


def test_everything_is_refused_that_no_hole_lets_pass() -> None:
    table = held(Member(1, "10.0.0.4"))
    assert table.chains["e_1"] == ["ct original ip daddr @host goto x_1", "goto x_1"]
    assert table.chains["i_1"] == ["goto x_1"]
    assert table.chains["forward"][-1] == "ct original ip saddr vmap @senders"


def test_a_hole_outwards_leads_to_whoever_lets_in() -> None:
    hole = Hole("tcp", 80, 90, ("10.0.0.0/24", "192.0.2.0/24"))
    table = held(Member(1, "10.0.0.4", egress=(hole,)))
    assert table.chains["e_1"][1] == (
        "ct original ip daddr { 10.0.0.0/24, 192.0.2.0/24 } meta l4proto tcp "
        "ct original proto-dst 80-90 goto passed"
    )
    assert table.chains["passed"][0] == "ct original ip daddr vmap @receivers"


def test_a_hole_inwards_asks_who_sends() -> None:
    hole = Hole("udp", group="sg-1")
    table = held(
        Member(1, "10.0.0.4", ingress=(hole,)), Member(2, "10.0.0.5", groups=("sg-1", "sg-2"))
    )
    assert table.chains["i_1"][0] == "ct original ip saddr @g_sg_1 meta l4proto udp accept"
    assert table.sets["g_sg_1"] == {"10.0.0.5"}


def test_icmp_passes_by_type_and_code() -> None:
    holes = (
        Hole("icmp", 8, 0, ("0.0.0.0/0",)),
        Hole("icmp", 3, ANY, ("0.0.0.0/0",)),
        Hole("icmp", ANY, ANY, ("0.0.0.0/0",)),
    )
    table = held(Member(1, "10.0.0.4", egress=holes))
    assert table.chains["e_1"][1:-1] == [
        "meta l4proto icmp icmp type 8 icmp code 0 goto passed",
        "meta l4proto icmp icmp type 3 goto passed",
        "meta l4proto icmp goto passed",
    ]


def test_what_only_ipv6_could_use_opens_nothing() -> None:
    holes = (Hole("icmpv6", networks=("0.0.0.0/0",)), Hole("tcp", 1, 2))
    assert len(held(Member(1, "10.0.0.4", egress=holes)).chains["e_1"]) == 2


def test_nobody_speaks_with_another_address_than_its_own() -> None:
    table = held(Member(7, "10.0.0.4"))
    assert table.sets["stands"] == {'"v7" . 10.0.0.4'}
    assert table.chains["prerouting"][-1] == "iifname . ip saddr @stands accept"

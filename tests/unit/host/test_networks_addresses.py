"""Addresses of sandboxes and links: never two alike, never a reserved one, round and round."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from freehold.host.networks import addresses

SMALL = IPv4Network("10.0.0.16/28")
USABLE = [SMALL[number] for number in range(4, 15)]


def test_the_first_four_and_the_last_are_reserved() -> None:
    taken: set[IPv4Address] = set()
    while (address := addresses.free(SMALL, taken, None)) is not None:
        taken.add(address)
    assert sorted(taken) == USABLE
    assert addresses.gateway(SMALL) == IPv4Address("10.0.0.17")


@given(st.sets(st.sampled_from(USABLE)), st.none() | st.sampled_from(list(SMALL)))
def test_a_free_address_is_found_if_there_is_one(
    taken: set[IPv4Address], after: IPv4Address | None
) -> None:
    found = addresses.free(SMALL, taken, after)
    if len(taken) == len(USABLE):
        assert found is None
    else:
        assert found in set(USABLE) - taken


def test_an_address_rests_before_it_is_given_again() -> None:
    first = addresses.free(SMALL, (), None)
    second = addresses.free(SMALL, (), first)
    assert (first, second) == (USABLE[0], USABLE[1])
    assert addresses.free(SMALL, (), USABLE[-1]) == USABLE[0]


def test_a_subnet_of_nothing_but_reserved_addresses_is_full() -> None:
    assert addresses.free(IPv4Network("10.0.0.0/30"), (), None) is None


def test_links_are_two_addresses_each_and_known_by_either() -> None:
    assert [str(one) for one in addresses.link(1)] == ["198.18.0.2", "198.18.0.3"]
    assert {addresses.link_number(one) for one in addresses.link(1)} == {1}


def test_the_smallest_free_number_is_taken() -> None:
    assert addresses.first_free([]) == 1
    assert addresses.first_free([0, 1, 3], 0) == 2

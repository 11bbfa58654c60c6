"""DNS on the wire: one question in, a short answer out, and nothing that a stranger can trip."""

from __future__ import annotations

import ipaddress
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.edge.dns import messages as dns

ONE = ipaddress.IPv4Address("203.0.113.10")


def query(name="www.example.com", kind=dns.A, cls=dns.IN, flags=0x0100, number=7, questions=1):
    labels = b"".join(
        bytes([len(label)]) + label.encode("latin-1") for label in name.split(".") if label
    )
    head = struct.pack(">HHHHHH", number, flags, questions, 0, 0, 0)
    return head + labels + b"\0" + struct.pack(">HH", kind, cls)


def test_a_question_is_read_and_its_spelling_kept():
    asked = dns.question(query("WwW.ExAmple.com"))
    assert (asked.id, asked.name, asked.kind, asked.cls) == (7, "www.example.com", dns.A, dns.IN)
    assert b"WwW" in asked.raw


def test_an_additional_record_of_edns_does_no_harm():
    with_edns = query()[:10] + b"\0\1" + query()[12:] + b"\0\0\x29\x10\0\0\0\0\0\0\0"
    assert dns.question(with_edns).name == "www.example.com"


def test_an_answer_repeats_the_question_and_points_its_addresses_to_it():
    asked = dns.question(query())
    said = dns.answer(asked, dns.NOERROR, [ONE], 5)
    assert struct.unpack(">HHHHHH", said[:12]) == (7, 0x8180, 1, 1, 0, 0)
    assert said[12 : 12 + len(asked.raw)] == asked.raw
    assert said[12 + len(asked.raw) :] == b"\xc0\x0c\0\1\0\1\0\0\0\5\0\4" + ONE.packed


def test_a_refusal_says_so_and_nothing_else():
    said = dns.answer(dns.question(query(flags=0)), dns.REFUSED)
    assert struct.unpack(">HHHHHH", said[:12]) == (7, 0x8085, 1, 0, 0, 0)


def test_answers_stay_below_what_udp_carries():
    asked = dns.question(query(".".join(["a" * 63] * 3 + ["b" * 61])))
    assert len(dns.answer(asked, dns.NOERROR, [ONE] * 100, 5)) <= 12 + 259 + 16 * 16


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"", None),
        (b"\0" * 11, None),
        (query() + b"x" * 600, None),
        (query(flags=0x8100), None),  # an answer
        (query(flags=0x2800), dns.NOTIMP),  # an update
        (query(questions=0), dns.FORMERR),
        (query(questions=2), dns.FORMERR),
        (query()[:-1], dns.FORMERR),
        (query()[:-4], dns.FORMERR),
        (query()[:20], dns.FORMERR),
        (query()[:12] + b"\xc0\x0c\0\1\0\1", dns.FORMERR),  # a pointer to itself
        (query()[:12] + b"\x40" + b"a" * 64 + b"\0\0\1\0\1", dns.FORMERR),
        (query()[:12] + b"\3a.b\0\0\1\0\1", dns.FORMERR),  # a dot inside of a label
        (query(".".join(["a" * 63] * 5)), dns.FORMERR),
    ],
)
def test_what_is_no_question_is_refused_or_not_answered(message, code):
    with pytest.raises(dns.Malformed) as raised:
        dns.question(message)
    said = raised.value.answer
    assert (None if said is None else struct.unpack(">H", said[2:4])[0] & 15) == code
    if said is not None:
        assert (said[:2], len(said)) == (message[:2], 12)


@given(st.binary(max_size=600))
def test_no_bytes_at_all_do_more_than_be_refused(message):
    try:
        asked = dns.question(message)
    except dns.Malformed:
        return
    assert dns.answer(asked, dns.NOERROR, [ONE], 5)

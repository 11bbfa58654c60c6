"""Refused connections are counted, and a flood of them takes no memory."""

from __future__ import annotations

from freehold.kernel.network.refusals import KINDS_MAX, UNKNOWN, Refusals

APP = "arn:aws:sagemaker:us-east-1:111122223333:app/d-1/ana/JupyterLab/default"


def test_what_repeats_is_counted_once_with_its_first_and_last_time():
    refusals = Refusals()
    refusals.refused("d-1", APP, "203.0.113.10", "tcp", 443, at=5.0)
    refusals.refused("d-1", APP, "203.0.113.10", "tcp", 443, at=9.0, count=3)
    refusals.refused("d-1", APP, "203.0.113.10", "tcp", 80, at=6.0)
    first, second = refusals.drain()
    assert (first.count, first.first_at, first.last_at, first.port) == (4, 5.0, 9.0, 443)
    assert (second.count, second.domain_id, second.source_arn) == (1, "d-1", APP)


def test_draining_forgets():
    refusals = Refusals()
    refusals.refused(None, APP, UNKNOWN, "tcp", 443, at=5.0)
    assert len(refusals.drain()) == 1
    assert refusals.drain() == []


def test_a_port_scan_is_bounded_and_still_counted():
    refusals = Refusals()
    for port in range(1, 65536):
        refusals.refused("d-1", APP, "203.0.113.10", "tcp", port, at=1.0)
    refusals.refused("d-2", APP + "2", "203.0.113.10", "tcp", 1, at=2.0)
    found = refusals.drain()
    assert len(found) == KINDS_MAX + 2
    assert sum(one.count for one in found) == 65536
    assert {one.domain_id for one in found} == {"d-1", "d-2"}


def test_a_flood_of_sources_ends_somewhere():
    refusals = Refusals()
    for number in range(3 * KINDS_MAX):
        refusals.refused("d-1", f"{APP}{number}", "203.0.113.10", "tcp", 1, at=1.0)
    assert len(refusals.drain()) == 2 * KINDS_MAX

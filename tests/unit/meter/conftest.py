"""Factories for the meter's values."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import freehold.meter
from freehold.meter.intervals import Change
from freehold.meter.prices import PriceBook
from freehold.meter.query.rows import Row

SAMPLE = Path(freehold.meter.__file__).parent / "sample_prices.json"


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.fixture(scope="session")
def book() -> PriceBook:
    return PriceBook.from_mapping(json.loads(SAMPLE.read_text()))


@pytest.fixture(scope="session")
def instant():
    return at


@pytest.fixture(scope="session")
def change():
    def make(seq, when, status="InService", arn="arn:app", kind="App", tags=None, **facts):
        if kind == "App":
            facts = {"component": "JupyterLab", "instance_type": "ml.t3.medium", **facts}
        return Change(seq, when, arn, kind, status, facts, tags or {})

    return make


@pytest.fixture(scope="session")
def row():
    def make(hour="2026-11-23T10:00", cost="1", quantity="2", tags=None, **more):
        values = {
            "service": "Amazon SageMaker",
            "usage_type": "USE1-Train:ml.m5.xlarge",
            "operation": "RunInstance",
            "instance_type": "ml.m5.xlarge",
            "region": "us-east-1",
            "record_type": "Usage",
            "account": "000000000001",
            "unit": "Hrs",
            **more,
        }
        hour = int(at(hour)) if isinstance(hour, str) else hour
        return Row(
            hour=hour, tags=tags or {}, cost=Decimal(cost), quantity=Decimal(quantity), **values
        )

    return make

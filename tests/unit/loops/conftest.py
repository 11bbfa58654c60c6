"""The stage that tests of the metering loop play on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.metering import TEN, Stage

from freehold.base.clock import FakeClock
from freehold.base.settings import Settings
from freehold.compose import open_house


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    clock = FakeClock(TEN)
    house = open_house(Settings(state=tmp_path / "state", account_id="111122223333"), clock)
    made = Stage(house, clock)
    yield made
    made.restart()
    house.close()

"""Fixtures that every kind of test shares: a house in a temporary state, and clients of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from freehold.base.clock import FakeClock, SystemClock
from freehold.base.settings import Settings
from freehold.compose import House, open_house
from freehold.kernel.permission import identity
from freehold.store import keys
from tests.support.inprocess import Aws

# Laws are about answers, never about how long a loaded machine takes to give them.
hypothesis.settings.register_profile("freehold", deadline=None)
hypothesis.settings.load_profile("freehold")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state=tmp_path / "state", account_id="111122223333")


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    """A house whose clock is the machine's: signatures are dated by the client."""
    opened = open_house(settings, SystemClock())
    yield opened
    opened.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def root_keys(house: House) -> tuple[str, str]:
    key = keys.of_owner(house.kernel.reader.connection, identity.root_arn(house.settings))[0]
    return key.id, key.secret


@pytest.fixture
def aws(house: House) -> Iterator[Aws]:
    made = Aws(house.api, house.settings.region, root_keys(house))
    yield made
    made.close()

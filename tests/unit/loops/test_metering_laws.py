"""Every second that ran is in the ledger once, with its tags: by any order of events."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.metering import APP, APP_ARN, TEN, Stage

from freehold.base.clock import FakeClock
from freehold.base.settings import Settings
from freehold.compose import open_house

STEPS = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 5400)),
    st.tuples(st.sampled_from(["start", "stop", "tag", "pass", "die"]), st.integers(0, 1)),
)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(STEPS, max_size=40))
def test_every_second_is_in_the_ledger_once_with_its_tags(steps: list[tuple[str, int]]) -> None:
    """Whatever happens in whatever order, and whenever the meter looks or dies."""
    clock = FakeClock(TEN)
    with tempfile.TemporaryDirectory() as place:
        house = open_house(Settings(state=Path(place) / "s", account_id="111122223333"), clock)
        stage = Stage(house, clock)
        seconds: dict[str, float] = {}
        began: dict[int, float] = {}
        team = ["t0", "t0"]

        def flow(app: int, tag: str, amount: float) -> None:
            seconds[tag] = seconds.get(tag, 0) + amount

        def tell(app: int) -> None:
            facts = {"runs": True, **APP} if app in began else {"runs": False}
            status = "InService" if app in began else "Deleted"
            stage.tell(f"{APP_ARN}-{app}", status, facts, {"team": team[app]})

        for step, (word, number) in enumerate(steps):
            if word == "wait":
                clock.advance(number)
                for app in began:
                    flow(app, team[app], number)
            elif word == "start" and number not in began:
                began[number] = clock.now()
                tell(number)
            elif word == "stop" and number in began:
                lasted = clock.now() - began.pop(number)
                flow(number, team[number], max(0.0, 60 - lasted))
                tell(number)
            elif word == "tag":
                team[number] = f"t{step}"
                tell(number)
            elif word == "pass":
                stage.turn()
            elif word == "die":
                stage.restart()
        stage.turn()
        clock.advance(4)  # what runs is looked at again before it is priced
        for app in began:
            flow(app, team[app], 4)
        stage.turn()
        found: dict[str, Decimal] = {}
        for row in stage.rows():
            tag = row.tags["team"]
            found[tag] = found.get(tag, Decimal(0)) + row.quantity * 3600
        stage.restart()
        house.close()
    for tag in seconds.keys() | found.keys():
        assert abs(float(found.get(tag, 0)) - seconds.get(tag, 0)) < 1e-4, tag

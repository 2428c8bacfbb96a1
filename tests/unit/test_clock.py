"""The clocks."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.clock import ScaledClock, SteppedClock, clock_from, due_until, utc_now

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_stepped_clock_never_goes_back() -> None:
    clock = SteppedClock(NINE)
    clock.move_to(NINE - HOUR)
    assert clock() == NINE


def test_in_the_first_half_of_a_step_nothing_new_is_due() -> None:
    clock = SteppedClock(NINE)
    clock.move_to(NINE + HOUR)
    assert (clock(), due_until(clock)) == (NINE + HOUR, NINE)
    clock.act()
    assert due_until(clock) == NINE + HOUR


def test_the_first_half_ends_only_with_the_second() -> None:
    clock = SteppedClock(NINE)
    clock.move_to(NINE + HOUR)
    clock.act()
    clock.move_to(NINE + 2 * HOUR)
    assert due_until(clock) == NINE + HOUR


def test_a_scaled_clock_runs_faster_than_the_wall() -> None:
    clock = ScaledClock(NINE, 3600, utc_now() - timedelta(seconds=2))
    assert NINE + 2 * HOUR <= clock() < NINE + 12 * HOUR


def test_clocks_are_named_by_a_setting() -> None:
    assert clock_from("wall") is utc_now
    named = clock_from("scaled:2026-11-23T09:00:00@60@2026-11-24T00:00:00+00:00")
    assert isinstance(named, ScaledClock)
    assert named.factor == 60


@pytest.mark.parametrize("text", ["", "sundial", "scaled:now", "scaled:a@b@c"])
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="is not a clock"):
        clock_from(text)

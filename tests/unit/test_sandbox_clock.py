"""The sandbox's own clock."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox import __main__ as sandbox

BEGAN = datetime(2026, 11, 24, tzinfo=UTC)


def test_a_scaled_clock_runs_faster_from_its_start(monkeypatch) -> None:
    monkeypatch.setattr(sandbox, "wall", lambda: BEGAN + timedelta(seconds=9))
    now = sandbox.clock(f"scaled:2026-01-01T00:00:00+00:00@400@{BEGAN.isoformat()}")
    assert now() == datetime(2026, 1, 1, 1, tzinfo=UTC)


def test_the_wall_is_the_wall() -> None:
    before = datetime.now(UTC)  # noqa: TID251  the wall itself is what is looked at
    assert before <= sandbox.clock("wall")() <= datetime.now(UTC)  # noqa: TID251  as above


@pytest.mark.parametrize("text", ["noon", "scaled:2026-01-01", "scaled:a@b@c"])
def test_words_that_name_no_clock_are_refused(text) -> None:
    with pytest.raises(ValueError, match=r"unpack|Invalid"):
        sandbox.clock(text)

"""How long an open call is waited for: by the wall, or by the clock that stands still."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.channels import calls as module
from services.channels.calls import CALL_SECONDS_MAX, Calls
from shared.clock import SteppedClock

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TOUCH = UUID(int=1)


async def hang(calls):
    """A call that is never answered, begun."""

    async def call():
        async with calls.limited(TOUCH):
            await asyncio.Event().wait()

    calls.add(TOUCH)
    task = asyncio.create_task(call())
    await asyncio.sleep(0)
    return task


async def ended(task):
    async with asyncio.timeout(20):
        with pytest.raises(TimeoutError):
            await task


async def test_on_a_clock_that_runs_the_wall_ends_it(monkeypatch):
    monkeypatch.setattr(module, "CALL_SECONDS_MAX", 0.05)
    calls = Calls(lambda: NOW)
    task = await hang(calls)
    calls.give_up_overdue()
    assert calls.waited_for == len(calls) == 1
    await ended(task)


async def test_where_the_clock_stands_still_its_deadline_ends_it(monkeypatch):
    monkeypatch.setattr(asyncio, "timeout", only_without_limit(asyncio.timeout))
    clock = SteppedClock(NOW)
    calls = Calls(clock)
    task = await hang(calls)
    deadline = NOW + timedelta(seconds=CALL_SECONDS_MAX)
    assert clock.calls == {TOUCH: deadline}
    assert calls.waited_for == 1, "nobody has said that it hangs"
    clock.hanging = {TOUCH}
    assert calls.waited_for == 0
    clock.move_to(deadline)
    calls.give_up_overdue()
    assert calls.waited_for == 0, "in the first half of a step nothing of ours is due"
    clock.act()
    assert calls.waited_for == 1, "it is to be given up now"
    calls.give_up_overdue()
    calls.give_up_overdue()
    with pytest.raises(TimeoutError):
        await task
    assert clock.calls == {}


def only_without_limit(real):
    def timeout(delay):
        assert delay is None, "the wall has no say here"
        return real(delay)

    return timeout


async def test_one_that_is_answered_leaves_no_deadline():
    clock = SteppedClock(NOW)
    calls = Calls(clock)
    calls.add(TOUCH)
    async with calls.limited(TOUCH):
        assert TOUCH in clock.calls
    calls.remove(TOUCH)
    assert (len(calls), clock.calls) == (0, {})

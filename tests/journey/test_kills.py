"""A campaign of sixty people goes on while every service process is killed once with -9."""

import asyncio
from pathlib import Path

import pytest

from rekindle.auditing import audit
from rekindle.engines import Engines, clear
from shared.words import Result
from tests.journey.campaign import CAMPAIGN, FACTOR, START, Settled, some_people
from tests.journey.processes import Processes, until

KILL_EVERY_TICKS, TICK_SECONDS = 12, 0.1
# In this order everybody is hit in the midst of work.
VICTIMS = ("orchestrator", "channels", "agent", "triage", "channels", "booking", "crm_sync",
           "console", "orchestrator", "agent")  # fmt: skip
SETTLED_SECONDS_MAX = 240  # a night, should all be slow enough to fall into one


async def play(world: Processes) -> Settled:
    """Go live, kill one after the other, and let it come to an end."""
    await world.go_live(CAMPAIGN, "autumn")
    for victim in VICTIMS:
        for _ in range(KILL_EVERY_TICKS):
            await world.tick()
            await asyncio.sleep(TICK_SECONDS)
        world.kill(victim)
        world.begin(victim)
    settled = Settled(world)
    await until(settled, SETTLED_SECONDS_MAX)
    return settled


@pytest.mark.timeout(400)
def test_every_promise_holds_though_every_process_is_killed_once(tmp_path: Path) -> None:
    with Engines(tmp_path / "engines") as engines:
        world = Processes(tmp_path, engines, START, FACTOR)
        with world.sandbox:
            end = asyncio.run(whole(world, tmp_path))
    clear(tmp_path / "engines")
    recorded = end.recorded
    found = audit(recorded, at=recorded.events[-1].time, ledger=end.ledger)
    assert [(one.invariant, one.sentence) for one in found.broken] == []
    assert sum(sent.result is Result.ACCEPTED for sent in recorded.sent) > len(recorded.pool) / 2


async def whole(world: Processes, folder: Path) -> Settled:
    try:
        await world.start()
        await world.bring_in(some_people(folder, 60))
        return await play(world)
    finally:
        await world.stop()

"""Told to stop in the middle of everything, a process leaves in time and takes nothing along."""

import asyncio
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from rekindle.auditing import audit
from rekindle.engines import Engines, clear
from shared.words import Result
from tests.journey.campaign import CAMPAIGN, FACTOR, START, Settled, some_people
from tests.journey.processes import Processes, Role, until

LEAVE_SECONDS_MAX = 5
LATE_SECONDS_MAX = 30
ANSWER_SECONDS = 3.0  # longer than a gateway that leaves waits for a provider
LOOK_SECONDS = 0.05
TICKS, TICK_SECONDS = 12, 0.1
SETTLED_SECONDS_MAX = 240
PEOPLE = 60
TWO = ("orchestrator-1", "orchestrator-2")
# Each of the seven in the midst of work; the orchestrators take turns, so that one is always there.
LEAVERS = ("orchestrator-1", "channels", "orchestrator-2", "agent", "triage", "orchestrator-1",
           "channels", "booking", "orchestrator-2", "crm_sync", "console", "channels")  # fmt: skip


class Stoppable(Processes):
    """The journey's processes with two orchestrators, and a provider that takes its time."""

    def __init__(self, folder: Path, engines: Engines) -> None:
        super().__init__(folder, engines, START, FACTOR)
        self.sandbox.answer_seconds = ANSWER_SECONDS
        del self.roles["orchestrator"]
        self.roles |= {name: Role("orchestrator") for name in TWO}

    async def restart(self, name: str) -> float:
        """Ask it to leave, see that it does, and begin it anew; how many seconds it took."""
        process = self.running.pop(name)
        assert process.poll() is None, self.log(name)
        told_at = time.monotonic()
        process.send_signal(signal.SIGTERM)
        while process.poll() is None and time.monotonic() < told_at + LATE_SECONDS_MAX:  # noqa: ASYNC110  another process
            await asyncio.sleep(LOOK_SECONDS)
        took = time.monotonic() - told_at
        assert process.poll() == 0, (process.poll(), self.log(name))
        self.begin(name)
        return took

    async def is_calling(self) -> bool:
        """Whether a provider is about to answer a gateway."""
        await self.tick()
        with self.root.connect() as tx:
            calls = sa.text("select exists (select from channels.touch where state = 'reserved')")
            return bool(tx.scalar(calls))

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()[-3000:]


async def play(world: Stoppable, folder: Path) -> tuple[Settled, dict[str, float]]:
    """A campaign during which each process is told to stop, and begun anew."""
    try:
        await world.start()
        await world.bring_in(some_people(folder, PEOPLE))
        await world.go_live(CAMPAIGN, "autumn")
        slowest = dict.fromkeys(LEAVERS, 0.0)
        for leaver in LEAVERS:
            for _ in range(TICKS):
                await world.tick()
                await asyncio.sleep(TICK_SECONDS)
            if leaver == "channels":
                await until(world.is_calling, SETTLED_SECONDS_MAX)
            slowest[leaver] = max(slowest[leaver], await world.restart(leaver))
        settled = Settled(world)
        await until(settled, SETTLED_SECONDS_MAX)
        return settled, slowest
    finally:
        await world.stop()


@pytest.mark.timeout(800)
def test_each_process_leaves_in_time_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    with Engines(tmp_path / "engines") as engines:
        world = Stoppable(tmp_path, engines)
        with world.sandbox:
            end, slowest = asyncio.run(play(world, tmp_path))
    clear(tmp_path / "engines")
    recorded = end.recorded
    found = audit(recorded, at=recorded.events[-1].time, ledger=end.ledger)
    assert [(one.invariant, one.sentence) for one in found.broken] == []
    assert {name: its for name, its in slowest.items() if its >= LEAVE_SECONDS_MAX} == {}, slowest
    # Calls were cut short, or nothing was seen of what is told here.
    told = Counter(sent.touch_id for sent in recorded.sent)
    assert any(sent.result is Result.UNKNOWN or told[sent.touch_id] > 1 for sent in recorded.sent)

"""A campaign of sixty people goes on while every service process is killed once with -9."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from rekindle.auditing import audit
from rekindle.case import Case
from rekindle.engines import Engines, clear
from rekindle.ledger import every_provider_call_is_one_touch
from rekindle.stream import read_stream
from sandbox.exports import Export, as_csv
from shared.events import ReplyUnderstood
from shared.words import Result
from tests.journey.processes import Processes, until

CAMPAIGN = (Path(__file__).parent.parent.parent / "examples" / "campaign.toml").read_bytes()
START = datetime(2026, 11, 23, 14, tzinfo=UTC)  # decent hours from Vilnius to Chicago
FACTOR = 400.0  # nine seconds an hour
KILL_EVERY_TICKS, TICK_SECONDS = 12, 0.1
# In this order everybody is hit in the midst of work.
VICTIMS = ("orchestrator", "channels", "agent", "triage", "channels", "booking", "crm_sync",
           "console", "orchestrator", "agent")  # fmt: skip
SETTLED_SECONDS_MAX = 90


def sixty_people(folder: Path) -> Path:
    rows = [row for row in Export(3).make() if row["_purpose"] in ("single_module", "solo_seat")]
    file = folder / "sixty.csv"
    file.write_bytes(as_csv(rows[:60]))
    return file


async def play(world: Processes) -> "Settled":
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


class Settled:
    """Most of the pool was written to, the others wait, and every reply was understood."""

    __name__ = "settled"

    def __init__(self, world: Processes) -> None:
        self.world = world

    async def __call__(self) -> bool:
        await self.world.tick()
        self.ledger = await self.world.people.ledger()
        self.recorded = recorded = await read_stream(self.world.settings.kafka_url)
        written = {sent.subject for sent in recorded.sent}
        read = {its.reply_id for its in recorded.of(ReplyUnderstood)}
        replies = {reply.id for its in recorded.replies.values() for reply in its}
        case = Case(recorded, recorded.events[-1].time, self.ledger)
        # A call may be under way, or was cut and is not unknown yet.
        loose = [one.sentence for one in every_provider_call_is_one_touch(case)]
        self.__name__ = (
            f"{len(recorded.pool)} in the pool, {len(written)} written to, "
            f"{len(read)} of {len(replies)} replies read, loose: {loose}"
        )
        half = len(recorded.pool) / 2
        return not loose and half > 15 and len(written) > half and bool(replies) and replies <= read


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
        await world.bring_in(sixty_people(folder))
        return await play(world)
    finally:
        await world.stop()

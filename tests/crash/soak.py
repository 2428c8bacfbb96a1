"""A campaign of five hundred while everything dies, then in peace, then before the judge."""

import asyncio
import math
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from rekindle.engines import Engines
from sandbox.exports import Export, as_csv
from tests.crash.chaos import Attack, Struck
from tests.crash.evidence import Evidence
from tests.crash.fleet import Fleet
from tests.crash.judge import FULL_SECONDS, TOUCHES_MIN
from tests.crash.witness import Database, gather, unread

# A Monday on which the day begins in Vilnius, and later in Chicago: who may be written to when is
# spread over the attack.
START = datetime(2026, 11, 23, 7, tzinfo=UTC)
FACTOR = 1000.0  # 3.6 seconds an hour; a channel's patience of 20 hours is 72 seconds
ADMITTED = ("single_module", "solo_seat", "dormant", "churned_lately", "renews_soon")
ROWS_OF_EACH, HOUSEHOLDS = 130, 12
EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "campaign.toml"
# At this pace an outage of a few seconds is hours long: it is to be survived, not handed over.
PATIENCE = "[policy]\noverdue_hours = 48\nreading_patience_hours = 48\n"
# Calls that Twilio took, never answered and never spoke of again: only a look-up finds them.
LIES = {"vanish": 0.02}
TICK_SECONDS, LOOK_SECONDS, TELL_SECONDS = 0.2, 0.5, 10.0
# Seconds since the start until which each phase may last when everything is killed for 90 s.
BEGUN_BY, HEALED_BY, AT_REST_BY = 130.0, 390.0, 510.0


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def people(folder: Path) -> Path:
    """Enough of whom triage admits, some of them behind one number."""
    export = Export(3)
    rows = [export.row(purpose) for purpose in ADMITTED for _ in range(ROWS_OF_EACH)]
    rows += [export.household(row) for row in export.rng.sample(rows, HOUSEHOLDS)]
    file = folder / "people.csv"
    file.write_bytes(as_csv(rows))
    return file


def campaign() -> bytes:
    """The example's, for five hundred."""
    text = EXAMPLE.read_text("utf-8").replace("size = 1000", "size = 500")
    return text.replace("[policy]\n", PATIENCE).encode()


class Soak:
    """One run on fresh engines."""

    def __init__(self, folder: Path, engines: Engines, seconds: int, seed: int) -> None:
        self.seconds, self.seed = seconds, seed
        self.folder, self.engines = folder, engines
        self.fleet = Fleet(folder, engines, START, FACTOR)
        self.database = Database(engines.database_url)
        self.began, self.peace = time.monotonic(), START
        self.longer = max(0, seconds - FULL_SECONDS)
        self.faults: list[str] = []

    async def run(self) -> tuple[Struck, Evidence]:
        """What was done, and what the judge is to see; `faults` says what did not come to rest."""
        async with AsyncExitStack() as stack:
            stack.enter_context(self.fleet.sandbox)
            stack.push_async_callback(self.fleet.stop)
            await self.fleet.open_doors(stack)
            await self.fleet.start()
            await self.fleet.people.lie(LIES)
            await self.fleet.bring_in(people(self.folder))
            await self.fleet.go_live(campaign(), "autumn")
            async with self._world_goes_on():
                await self._until(self._begun, BEGUN_BY)
                self._tell("the first messages leave; killing begins")
                struck = await Attack(self.fleet, self.engines, self.seconds, self.seed).run()
                self._tell(f"{struck.kills.total()} kills; from now on in peace")
                await self.fleet.people.lie({})
                self.peace = self.fleet.clock()
                await self._until(self._healed, HEALED_BY + self.longer)
            return struck, await self._rest()

    @asynccontextmanager
    async def _world_goes_on(self) -> AsyncIterator[None]:
        """People read, think and write inside; nobody waits for somebody else's webhook."""

        async def tick() -> None:
            async with asyncio.TaskGroup() as ticks:
                while True:
                    ticks.create_task(self.fleet.tick())
                    await asyncio.sleep(TICK_SECONDS)

        ticking = asyncio.create_task(tick())
        try:
            yield
        finally:
            ticking.cancel()
            with suppress(asyncio.CancelledError):
                await ticking

    async def _rest(self) -> Evidence:
        """Everybody leaves in order and comes back with a slow clock; what was begun is ended.

        What people had to say by then they say; after that they are silent.
        """
        self._tell(f"everybody left within {await self.fleet.leave():.1f} s")
        self.fleet.slow_down()
        for name in self.fleet.roles:
            self.fleet.begin(name)
        await self.fleet.tick()
        if left := await self._until(self._at_rest, AT_REST_BY + self.longer):
            self.faults.append(f"it did not come to rest: {left}")
        rows = self.database.seen(self.fleet.clock())
        self._tell("the judge reads")
        return await gather(rows, await self.fleet.people.ledger(), self.engines.kafka_url)

    async def _begun(self) -> str:
        """Empty once the providers have work."""
        return "" if await self._calls() else "nothing was said yet"

    async def _healed(self) -> str:
        """What the attack has left; empty once the campaign has gone far enough."""
        calls, cut = await self._calls(), self.database.cut_before(self.peace)
        if calls < TOUCHES_MIN or cut:
            return f"{calls} touches; {cut} that were cut are yet to be cleared up"
        return ""

    async def _calls(self) -> int:
        return sum(one["kind"] == "accepted" for one in await self.fleet.people.ledger())

    async def _at_rest(self) -> str:
        """What is still under way, by two looks: what the first one passed, the second one sees."""
        return await self._under_way() or await self._under_way()

    async def _under_way(self) -> str:
        left = list(self.database.under_way(self.fleet.clock()))
        behind = await unread(self.engines.kafka_url, self.database.positions())
        return ", ".join([*left, *([f"{behind} records to read"] if behind else [])])

    async def _until(self, look: Callable[[], Awaitable[str]], latest: float) -> str:
        """Go on when nothing is left, or when it is too late; what is left then."""
        told = -math.inf
        while left := await look():
            if self._elapsed - told > TELL_SECONDS:
                self._tell(left)
                told = self._elapsed
            if self._elapsed > latest:
                break
            await asyncio.sleep(LOOK_SECONDS)
        return left

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self.began

    def _tell(self, words: str) -> None:
        say(f"{self._elapsed:6.1f} s  {words}")

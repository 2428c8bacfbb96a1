"""A consumer group's share in this process: the shell around lanes, timers and outbox.

The database says where a lane is (`position`); this process knows from where it has read. A batch
counts only if the two meet; otherwise the place is read again from the database's position. So no
seek, commit or acknowledgement of Kafka's has to succeed for the promises to hold.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage

from shared.bus.arrivals import Place, Record, Run
from shared.bus.bus import Bus
from shared.bus.database import Database
from shared.bus.ear import listen
from shared.bus.faults import BusChangedError, StoppingError, Trouble, described
from shared.bus.freshness import Goals
from shared.bus.idleness import WorkLeft
from shared.bus.insistence import Insistence
from shared.bus.lanes import Lanes
from shared.bus.outbox import channel
from shared.bus.positions import Reading, check, find, settle
from shared.bus.relay import Relay, make_producer
from shared.bus.timers import next_due
from shared.clock import due_until, elapsed_seconds
from shared.crash import point
from shared.ids import LANES
from shared.telemetry.metrics import APPLIED, BATCH, FIRED

log = logging.getLogger(__name__)
T = TypeVar("T")

BATCH_MAX = 500  # events
EMPTY_POLL_MS = 5
TICK_SECONDS = 1.0
VIEW_SECONDS = 5.0
INBOX_KEEP_DAYS = 30


@dataclass(eq=False)
class Member(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """One member of one group. It owns lanes, and does for them all that is to be done.

    A member whose handler hears no topic owns every lane: it only publishes and fires timers,
    where several owners do no harm.
    """

    lanes: Lanes
    engine: sa.Engine
    bus_url: str
    session_seconds: float = 10.0  # until the lanes of a dead member move on
    owned: set[int] = field(default_factory=set)
    bus: Bus = field(init=False)
    _done: int = 0
    _done_when_asked: int = 0
    _goals: Goals = field(default_factory=Goals)
    _reading: Reading = field(default_factory=Reading)
    _armed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._subscriber: Any = None
        self._insist = Insistence(self.lanes.group)
        self._database = Database(self.engine)
        self._left = WorkLeft(self.lanes)
        self.relay = Relay(
            self.lanes.group,
            self.lanes.tables,
            self.engine,
            lambda: make_producer(self.bus_url),
            lambda: tuple(self.owned),
        )

    # -- what a driver asks

    def nudge(self) -> None:
        """Look at timers and outbox now: the clock moved, or somebody wrote."""
        self.relay.wake.set()
        self._armed.set()

    async def busy(self) -> str:
        """What is left to do, or that something was done since the last time this was asked.

        So when all members of a system say '' twice in a row, nothing moved in between: it is idle.
        """
        done, before = self._done + self.relay.published, self._done_when_asked
        self._done_when_asked = done
        if done != before or self._database.at_work:
            return "at work"
        try:
            ends = await self.bus.ends(self.lanes.topics, range(LANES))
            left = await self._database.read(lambda tx: self._left(tx, ends))
        except (KafkaError, OSError, sa.exc.DBAPIError) as error:
            return f"cannot look: {described(error)}"
        return left or ("at work" if done != self._done + self.relay.published else "")

    async def next_due(self) -> datetime | None:
        """When the group's earliest timer comes due."""
        due = await self._database.read(lambda tx: self._next_due(tx, range(LANES)))
        return min((at for _, at in due), default=None)

    @property
    def troubles(self) -> list[Trouble]:
        """What it cannot do at the moment; it goes on trying, and nothing is lost."""
        found = [*self._insist.troubles.values(), *filter(None, [self.relay.trouble])]
        if seconds := self._database.slow_seconds:
            sentence = f"{self.lanes.group} waits for the database, {seconds:.0f} s so far"
            found.append(Trouble("database", sentence))
        return found

    # -- coming and going

    async def start(self, bus: Bus) -> None:
        """Wait for bus, topics and database.

        Raises BusChangedError, a sentence, on another bus than the one our positions mean.
        """
        self.bus = bus

        async def check() -> None:
            cluster_id = await bus.identify(self.lanes.topics)
            await self._database.transaction(lambda tx: settle(tx, self.lanes, cluster_id))

        await self._insist.on(check, "looking for bus and database")

    def subscribe(self, broker: KafkaBroker) -> None:
        """One subscriber for all topics: only so is a lane the same process's in every topic."""
        if not self.lanes.topics:
            self.owned = set(range(LANES))
            return
        self._subscriber = broker.subscriber(
            *self.lanes.topics,
            group_id=self.lanes.group,
            batch=True,
            max_records=BATCH_MAX,
            batch_timeout_ms=EMPTY_POLL_MS,
            parser=self._parse,
            decoder=_leave_closed,
            ack_policy=AckPolicy.NACK_ON_ERROR,
            auto_offset_reset="earliest",
            partition_assignment_strategy=(RangePartitionAssignor,),
            session_timeout_ms=int(self.session_seconds * 1000),
            heartbeat_interval_ms=int(self.session_seconds * 300),
            listener=self,
        )

        @self._subscriber  # type: ignore[untyped-decorator]  # of whichever subscriber it is
        async def on_batch(records: Any) -> None:  # noqa: ANN401  FastStream would validate it
            await self._take(records)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Relay, timers and the ear for the edge run inside; they are stopped on leaving."""
        ear = listen(self.engine, channel(self.lanes.tables), self.lanes.group, self.nudge)
        jobs = [self.relay.run(), self._fire_timers(), self._tend(), ear]
        tasks = [asyncio.create_task(job) for job in jobs]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.relay.stop()

    def leave(self) -> None:
        """No new attempt from now on; what is running may finish."""
        self._insist.stop()

    def on_fatal(self, tell: Callable[[Exception], None]) -> None:
        """Whom to tell, from now on, of an error after which this member cannot go on."""
        self._insist.fatal = tell

    # -- the assignment

    async def on_partitions_revoked(self, _: Collection[TopicPartition]) -> None:
        self.owned.clear()
        self._reading.forget()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self.owned = {place.partition for place in assigned}
        places = [Place(place.topic, place.partition) for place in assigned]
        # Whoever is to know of these errors knows; the client would print them once more.
        with suppress(BusChangedError, StoppingError):
            await self._insist.on(self._ask_ends, "asking for the ends of the bus")
            await self._insist.on(lambda: self._seek(places), "finding its place")
        self.nudge()

    async def _seek(self, places: Sequence[Place]) -> None:
        """Read on from the database's positions, after making sure that the bus still has them."""
        mine = [place for place in places if place.lane in self.owned]
        if not mine:
            return
        held = await self.bus.extent(mine)
        at = await self._database.transaction(lambda tx: self._find(tx, held))
        check(self.lanes.group, at, await self.bus.extent(mine))
        for place in mine:
            self._reading.seek(self._subscriber.consumer, place, at[place])

    def _find(self, tx: sa.Connection, held: dict[Place, tuple[int, int]]) -> dict[Place, int]:
        at = find(tx, self.lanes, held)
        self._goals.note(tx, self.lanes, {place.lane for place in held})
        return at

    # -- the work

    async def _parse(self, records: Any) -> KafkaAckableMessage:  # noqa: ANN401  FastStream's name
        """Touch nothing.

        FastStream's own parser drops a whole batch when one header is not UTF-8, and answers to a
        header `reply_to`, whoever wrote it.
        """
        consumer = self._subscriber.consumer
        return KafkaAckableMessage(raw_message=records, body=b"", consumer=consumer)

    async def _take(self, records: Sequence[Record]) -> None:
        """Returns when the batch is committed or no longer ours; the order is kept by waiting."""
        runs, astray = self._reading.cut(records)

        async def attempt() -> list[Place]:
            mine = [run for run in runs if run.place.lane in self.owned]
            if not mine:
                return []
            again = await self._work(lambda tx: self._apply(tx, mine))
            point("offset.after")
            APPLIED.labels(self.lanes.group).inc(sum(len(run.records) for run in mine))
            return again

        lost = await self._insist.on(attempt, "applying a batch")
        if again := [*astray, *lost]:
            log.info("%s reads %d places again", self.lanes.group, len(again))
            await self._insist.on(lambda: self._seek(again), "finding its place")

    def _apply(self, tx: sa.Connection, runs: Sequence[Run]) -> list[Place]:
        again = self.lanes.take(tx, runs)
        self._goals.note(tx, self.lanes, {run.place.lane for run in runs})
        return again

    async def _fire_timers(self) -> None:
        """Fire the timers of our lanes as they come due."""
        while True:
            self._armed.clear()
            seconds = await self._insist.on(self._fire, "firing timers")
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._armed.wait()

    async def _fire(self) -> float:
        """Fire what is due; seconds until somebody should look again."""
        now = due_until(self.lanes.clock)
        look = (self.lanes.tables, self.lanes.group, tuple(self.owned))
        due = await self._database.read(lambda tx: next_due(tx, *look)) if self.owned else []
        ripe = {lane for lane, at in due if at <= now}
        if ripe:
            fired = await self._work(lambda tx: self.lanes.wake(tx, ripe))
            point("timer.after", fired)
            FIRED.labels(self.lanes.group).inc(fired)
            return 0.0
        soonest = min((at for _, at in due), default=now + timedelta(seconds=TICK_SECONDS))
        return min(TICK_SECONDS, (soonest - now).total_seconds())

    def _next_due(self, tx: sa.Connection, lanes: Collection[int]) -> list[tuple[int, datetime]]:
        return next_due(tx, self.lanes.tables, self.lanes.group, lanes)

    async def _tend(self) -> None:
        """Write down how fresh our view is, and forget ids so old that positions guard them."""
        while True:
            await self._insist.on(self._ask_ends, "asking for the ends of the bus")
            await asyncio.sleep(TICK_SECONDS)
            await self._insist.on(self._tidy, "noting how fresh its view is")
            await asyncio.sleep(VIEW_SECONDS - TICK_SECONDS)

    async def _ask_ends(self) -> None:
        asked_at = elapsed_seconds()
        self._goals.set(await self.bus.ends(self.lanes.topics, self.owned), asked_at)

    async def _tidy(self) -> None:
        def note(tx: sa.Connection) -> None:
            self._goals.note(tx, self.lanes, range(LANES))
            self.lanes.prune(tx, self.lanes.clock() - timedelta(days=INBOX_KEEP_DAYS))

        await self._database.transaction(note)

    async def _work(self, work: Callable[[sa.Connection], T]) -> T:
        """A transaction after which others have something to look at."""
        began = elapsed_seconds()
        result = await self._database.transaction(work)
        BATCH.labels(self.lanes.group).observe(elapsed_seconds() - began)
        self._done += 1
        self.nudge()
        return result


async def _leave_closed(message: Any) -> Sequence[Record]:  # noqa: ANN401  FastStream's own
    """Decoding is the lane's business: one bad event must not refuse the whole batch."""
    records: Sequence[Record] = message.raw_message
    return records

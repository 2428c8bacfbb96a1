"""From the outbox to the bus.

Promises: nothing is said that was not committed; nothing committed stays unsaid; the records of one
subject in one topic appear for the first time in the order of their rows.

The order needs no exclusive relay. Whoever publishes a place starts at its oldest row and has one
batch on the way at a time, so a second relay (a stopped process that comes back, say) can only
repeat records, never overtake one; readers know the repeated ones by their ids.
"""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from aiokafka import AIOKafkaProducer
from sqlalchemy.dialects import postgresql as pg

from shared.bus.arrivals import Place
from shared.bus.envelope import headers_of
from shared.bus.faults import Trouble, trouble
from shared.bus.tables import Tables
from shared.bus.traces import sent
from shared.clock import wall_ns
from shared.crash import point
from shared.telemetry.metrics import PUBLISHED, RETRIED
from shared.telemetry.spans import samples, traceparent

log = logging.getLogger(__name__)

ROWS_MAX = 1000  # read at once
BATCH_BYTES_MAX = 900_000  # a broker refuses more than 1 MB
POLL_SECONDS = 1.0
PAUSE_SECONDS_MAX = 10.0
GOODBYE_SECONDS_MAX = 1.0


def make_producer(bus_url: str) -> AIOKafkaProducer:
    """One that is told of success only when every replica has the batch, and repeats none."""
    return AIOKafkaProducer(
        bootstrap_servers=bus_url,
        acks="all",
        enable_idempotence=True,
        max_batch_size=BATCH_BYTES_MAX,
        request_timeout_ms=10_000,
    )


@dataclass
class Relay:
    """Publishes the rows of this process's lanes, oldest first; deletes what arrived."""

    group: str
    tables: Tables
    engine: sa.Engine
    producer: Callable[[], AIOKafkaProducer]
    lanes: Callable[[], Collection[int]]
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    published: int = 0
    trouble: Trouble | None = None
    _producer: AIOKafkaProducer | None = None

    async def run(self) -> None:
        """Until cancelled. A failure costs a pause, never a row."""
        pause = POLL_SECONDS
        while True:
            self.wake.clear()
            try:
                while await self.publish():
                    pause = POLL_SECONDS
            except Exception as error:  # noqa: BLE001  whatever it is, the rows must go out
                self.trouble = trouble(self.group, "publishing", error)
                log.warning("%s", self.trouble.sentence)
                RETRIED.labels(self.group, self.trouble.source).inc()
                await self.stop()
                await asyncio.sleep(pause)
                pause = min(pause * 2, PAUSE_SECONDS_MAX)
                continue
            self.trouble = None
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self.wake.wait()

    async def publish(self) -> int:
        """One round: at most one batch per place, all acknowledged before the next round."""
        rows = await asyncio.to_thread(self._oldest)
        if not rows:
            return 0
        producer, began = await self._started(), wall_ns()
        handed = [await self._send(producer, place, its) for place, its in by_place(rows).items()]
        point("acknowledgement.before")
        results = await asyncio.gather(*(ack for ack, _ in handed), return_exceptions=True)
        outcomes = list(zip(results, (ids for _, ids in handed), strict=True))
        failed = [result for result, _ in outcomes if isinstance(result, BaseException)]
        arrived = [n for got, ids in outcomes if not isinstance(got, BaseException) for n in ids]
        point("acknowledgement.after", len(arrived))
        await asyncio.to_thread(self._forget, arrived)
        self.published += len(arrived)
        sent(self.group, rows, arrived, began)
        self._count(rows, set(arrived))
        if failed:
            raise failed[0]
        return len(arrived)

    async def stop(self) -> None:
        """A producer that failed once may hold a hole in its sequence: it is never used again."""
        producer, self._producer = self._producer, None
        if producer is not None:
            stopping = asyncio.create_task(producer.stop())
            await asyncio.wait([stopping], timeout=GOODBYE_SECONDS_MAX)

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = self.producer()
            await producer.start()
            self._producer = producer
        return self._producer

    async def _send(
        self, producer: AIOKafkaProducer, place: Place, rows: Sequence[sa.Row[Any]]
    ) -> tuple["asyncio.Future[Any]", list[int]]:
        """Hand over one batch; its acknowledgement to come, and the rows that fitted into it."""
        batch = producer.create_batch()
        ids: list[int] = []
        for row in rows:
            key = str(row.subject).encode()
            headers = [(name, text.encode()) for name, text in _headers(row).items()]
            if batch.append(key=key, value=row.body, timestamp=None, headers=headers) is None:
                break  # full: the rest goes with the next round
            ids.append(row.id)
        batch.close()
        point("publish.before", len(ids))
        acknowledged = await producer.send_batch(batch, place.topic, partition=place.lane)
        point("publish.after", len(ids))
        return acknowledged, ids

    def _count(self, rows: Sequence[sa.Row[Any]], arrived: Collection[int]) -> None:
        for topic, count in Counter(row.topic for row in rows if row.id in arrived).items():
            PUBLISHED.labels(self.group, topic).inc(count)

    def _oldest(self) -> Sequence[sa.Row[Any]]:
        if not self.lanes():
            return []
        c = self.tables.outbox.c
        mine = sa.any_(sa.bindparam("lanes", list(self.lanes()), pg.ARRAY(sa.SmallInteger)))
        rows = sa.select(self.tables.outbox).where(c.grp == self.group, c.lane == mine)
        # One statement needs no transaction around it, which would be two more round trips.
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
            return tx.execute(rows.order_by(c.id).limit(ROWS_MAX)).all()

    def _forget(self, ids: list[int]) -> None:
        c = self.tables.outbox.c
        gone = sa.any_(sa.bindparam("ids", ids, pg.ARRAY(sa.BigInteger)))
        with self.engine.begin() as tx:
            tx.execute(sa.delete(self.tables.outbox).where(c.id == gone))
            point("delete.before", len(ids))
        point("delete.after", len(ids))


def by_place(rows: Sequence[sa.Row[Any]]) -> dict[Place, list[sa.Row[Any]]]:
    """The rows of each place, in their order."""
    places: dict[Place, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows:
        places[Place(row.topic, row.lane)].append(row)
    return places


def _headers(row: sa.Row[Any]) -> dict[str, str]:
    headers = headers_of(
        topic=row.topic,
        id=row.event_id,
        source=row.source,
        time=row.said_at,
        subject=row.subject,
        workspace_id=row.workspace_id,
        campaign_id=row.campaign_id,
        cause_id=row.cause_id,
        version=row.version,
    )
    if samples(row.subject):  # for whoever else reads: we know it from the ids
        headers["traceparent"] = traceparent(row.subject, row.event_id)
    return headers

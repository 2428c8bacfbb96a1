"""A service small enough to see through: it writes down what it hears and answers as it is told."""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID, uuid5

import sqlalchemy as sa
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.bus import Lanes, append_rows, make_tables
from shared.bus.arrivals import Place, Run
from shared.bus.envelope import headers_of
from shared.bus.positions import find, settle
from shared.events.base import Answer, Event, Woke
from shared.ids import LANES, lane_of, named

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WORKSPACE = named("workspace", "test")
DEADLINE_SECONDS = 20
LARGE_BYTES = 4_000_000  # more than the bus takes from anybody, unless a topic is told to


class Heard(Event, topic="test.heard"):
    number: int
    text: str = ""
    marks: dict[str, int] = Field(default={})


class AlsoHeard(Heard, topic="test.also"):
    """The same in another topic."""


class OfWorkspace(Event, topic="test.workspace", about="workspace"):
    number: int


class Said(Event, topic="test.said"):
    number: int


class DiaryRow(SQLModel, registry=registry(metadata=sa.MetaData(schema="diary"))):
    """The service's base."""


class NoteRow(DiaryRow, table=True):
    """Nothing here is unique on purpose: what happens twice is seen twice."""

    __tablename__ = "note"

    id: int | None = Field(default=None, primary_key=True)
    subject: UUID
    topic: str
    number: int


NOTE: sa.Table = NoteRow.__table__
METADATA = DiaryRow.metadata
TABLES = make_tables(METADATA)


def no_answer(tx: sa.Connection, event: Event) -> Sequence:
    return []


@dataclass
class Diary:
    """Writes down what it hears, in order; `answer` may refuse, dwell or say something."""

    answer: Callable[[sa.Connection, Event], Sequence] = no_answer
    hears: Collection[type[Event]] = (Heard, AlsoHeard, OfWorkspace, Woke)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], now: datetime) -> list[Answer]:
        answers = [(event, self.answer(tx, event)) for event in inputs]
        rows = [
            {
                "subject": event.subject,
                "topic": event.topic,
                "number": event.plan if isinstance(event, Woke) else event.number,
            }
            for event in inputs
        ]
        append_rows(tx, NOTE, rows)
        return answers


def contact(n: int, lane: int | None = None) -> UUID:
    """The nth contact, of a lane when one is named."""
    while True:
        who = named("contact", n)
        if lane is None or lane_of(who) == lane:
            return who
        n += 1000


def heard(who: UUID, number: int, kind: type[Event] = Heard, **more: object) -> Event:
    """An event as it comes from the bus: its id follows from who, what and its number."""
    id_ = uuid5(who, f"{kind.topic}/{number}")
    return kind(
        subject=who, workspace_id=WORKSPACE, id=id_, cause_id=who, time=NOON, number=number, **more
    )


def record(event: Event, offset: int, **changed: object) -> SimpleNamespace:
    """The event as the Kafka client hands it over, or with something wrong."""
    given = {
        "topic": event.topic,
        "partition": lane_of(event.subject),
        "offset": offset,
        "key": str(event.subject).encode(),
        "value": event.body(),
        "headers": [(name, text.encode()) for name, text in headers(event).items()],
    }
    return SimpleNamespace(**(given | changed))


def headers(event: Event, **changed: str) -> dict[str, str]:
    given = headers_of(
        topic=event.topic,
        id=event.id,
        source="test",
        time=event.time,
        subject=event.subject,
        workspace_id=event.workspace_id,
        campaign_id=event.campaign_id,
        cause_id=event.cause_id,
        version=event.version,
    )
    return given | changed


def runs(*records: SimpleNamespace) -> list[Run]:
    """Cut records by place, as they were read from the bus without a hole."""
    places: dict[Place, list] = {}
    for one in records:
        places.setdefault(Place(one.topic, one.partition), []).append(one)
    return [Run(place, its[0].offset, its) for place, its in places.items()]


def prepared(engine: sa.Engine, lanes: Lanes, records_max: int = 1000) -> Lanes:
    """The group as it is after it found its place on a bus that is not there."""
    held = {Place(topic, n): (0, records_max) for topic in lanes.topics for n in range(LANES)}
    with engine.begin() as tx:
        settle(tx, lanes, "the bus")
        find(tx, lanes, held)
    return lanes


def take(engine: sa.Engine, lanes: Lanes, *records: SimpleNamespace) -> list[Place]:
    with engine.begin() as tx:
        return lanes.take(tx, runs(*records))


def notes(engine: sa.Engine, who: UUID | None = None) -> list[tuple[str, int]]:
    """What was written down: topic and number, in order."""
    ask = sa.select(NOTE.c.topic, NOTE.c.number).order_by(NOTE.c.id)
    if who:
        ask = ask.where(NOTE.c.subject == who)
    with engine.connect() as tx:
        return [tuple(row) for row in tx.execute(ask)]


def rows(engine: sa.Engine, table: sa.Table) -> list[sa.Row]:
    with engine.connect() as tx:
        return list(tx.execute(sa.select(table)))


def waits_for_a_lock(engine: sa.Engine) -> bool:
    """Whether somebody of this engine's role stands still before somebody else's lock."""
    ask = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
    with engine.connect() as tx:
        return tx.scalar(sa.text(ask)) > 0


async def until(condition: Callable[[], object], what: str, seconds: float = DEADLINE_SECONDS):
    """Wait until the condition holds, and return what it gave."""
    deadline = time.monotonic() + seconds
    while not (found := await asyncio.to_thread(condition)):
        assert time.monotonic() < deadline, f"not in {seconds} s: {what}"
        await asyncio.sleep(0.02)
    return found


async def publish(kafka_url: str, *records: SimpleNamespace) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka_url, max_request_size=LARGE_BYTES)
    async with producer:
        for one in records:
            await producer.send_and_wait(
                one.topic, one.value, key=one.key, partition=one.partition, headers=one.headers
            )


async def on_the_bus(kafka_url: str, topic: str) -> list:
    """Every record of the topic, lane by lane."""
    places = [TopicPartition(topic, n) for n in range(LANES)]
    async with AIOKafkaConsumer(bootstrap_servers=kafka_url) as consumer:
        consumer.assign(places)
        await consumer.seek_to_beginning()
        left, found = sum((await consumer.end_offsets(places)).values()), []
        while len(found) < left:
            got = await consumer.getmany(timeout_ms=1000)
            found += [one for its in got.values() for one in its]
    return found

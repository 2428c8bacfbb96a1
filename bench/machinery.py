"""What the event machinery costs, beside a bare loop of the same statements and nothing else.

`python -m bench.machinery` starts engines of its own and prints one JSON object. Each input is
decoded, its contact's state loaded and saved; it says two events and sets a timer, all durable and
on the bus at the end. Rates are per second of this process's CPU: the engines' share is not ours.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import psycopg
import sqlalchemy as sa
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from psycopg.types.array import ListBinaryDumper
from sqlalchemy.dialects import postgresql as pg

from rekindle.engines import Engines
from rekindle.topics import make_topics
from shared.bus import Lanes, Member, Steps, insert_rows, make_engine, make_tables, running
from shared.bus.envelope import headers_of
from shared.bus.relay import make_producer
from shared.clock import utc_now
from shared.events.base import Event, Output, WakeAt
from shared.ids import LANES, child_id, lane_of, named, timer_id

EVENTS, CONTACTS, ROUNDS = 20_000, 2_000, 3
HOUR = timedelta(hours=1)
WORKSPACE = named("workspace", "bench")


class Heard(Event, topic="bench.one"):
    number: int
    text: str


class AlsoHeard(Heard, topic="bench.two"):
    pass


class HeardToo(Heard, topic="bench.three"):
    pass


class Decided(Event, topic="bench.decided"):
    step: int
    topic_heard: str
    number: int


class Requested(Event, topic="bench.requested"):
    step: int
    plan: int


KINDS: dict[str, type[Heard]] = {kind.topic: kind for kind in (Heard, AlsoHeard, HeardToo)}
METADATA = sa.MetaData(schema="bench")
TABLES = make_tables(METADATA)
STATE = sa.Table(
    "state",
    METADATA,
    sa.Column("contact_id", sa.Uuid, primary_key=True),
    sa.Column("step", sa.Integer, nullable=False),
)
PLACES = [TopicPartition(topic, lane) for topic in KINDS for lane in range(LANES)]


def on_heard(step: int, event: Heard, now: datetime) -> tuple[int, list[Output]]:
    who, n = event.subject, step + 1
    of = {"subject": who, "workspace_id": event.workspace_id}
    return n, [
        Decided(**of, step=n, topic_heard=event.topic, number=event.number),
        Requested(**of, step=n, plan=n),
        WakeAt(who, event.workspace_id, n, now + HOUR),
    ]


def load(tx: sa.Connection, events: Sequence[Event]) -> dict[UUID, int]:
    whom = list({event.subject for event in events})
    these = sa.any_(sa.bindparam("whom", whom, pg.ARRAY(sa.Uuid)))
    rows = tx.execute(sa.select(STATE).where(STATE.c.contact_id == these))
    return {row.contact_id: row.step for row in rows}


def save(tx: sa.Connection, states: Mapping[UUID, int]) -> None:
    insert = insert_rows(STATE, [{"contact_id": who, "step": n} for who, n in states.items()])
    new = {"step": insert.excluded.step}
    tx.execute(insert.on_conflict_do_update(index_elements=("contact_id",), set_=new))


# -- the machinery


async def machinery(kafka_url: str, engine: sa.Engine) -> None:
    """Until every event is applied and every answer is on the bus."""
    handler = Steps(dict.fromkeys(KINDS.values(), on_heard), load, save, new=lambda _: 0)
    member = Member(Lanes("machinery", TABLES, handler, utc_now), engine, kafka_url)
    async with running(kafka_url, [member]):
        while await member.busy():  # noqa: ASYNC110  idle is asked, nobody tells it
            await asyncio.sleep(0.1)


# -- the bare loop


async def bare(kafka_url: str, engine: sa.Engine) -> None:
    """By hand: no dispatch, no recovery, no parking, no care for other processes."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    consumer = AIOKafkaConsumer(
        auto_offset_reset="earliest", bootstrap_servers=kafka_url, group_id=None
    )
    async with consumer, make_producer(kafka_url) as producer:
        consumer.assign(PLACES)
        done = 0
        with psycopg.connect(url) as db:
            db.adapters.register_dumper(list, ListBinaryDumper)
            while done < EVENTS:
                got = await consumer.getmany(timeout_ms=200, max_records=500)
                records = [record for its in got.values() for record in its]
                if records:
                    said = await asyncio.to_thread(bare_batch, db, records)
                    await bare_publish(producer, said)
                    await asyncio.to_thread(bare_forget, db)
                    done += len(records)


@dataclass
class Batch:
    """What one batch leaves behind."""

    states: dict[UUID, int]
    said: list[tuple[Any, ...]]
    armed: list[tuple[Any, ...]]


def bare_batch(db: psycopg.Connection, records: Sequence[ConsumerRecord]) -> list[tuple[Any, ...]]:
    now, tx = utc_now(), db.cursor()
    lanes = sorted({record.partition for record in records})
    tx.execute(
        "select lane from bench.lane where grp = 'bare' and lane = any(%s) for update", [lanes]
    )
    tx.execute(
        "select topic, lane, next from bench.position where grp = 'bare' and lane = any(%s)",
        [lanes],
    )
    events = [bare_event(record) for record in records]
    tx.execute(
        "insert into bench.inbox select 'bare', unnest(%s::uuid[]), %s on conflict do nothing"
        " returning event_id",
        [[event.id for event in events], now],
    )
    whom = list({event.subject for event in events})
    tx.execute("select subject from bench.parked where grp = 'bare' and subject = any(%s)", [whom])
    tx.execute("savepoint handler")
    tx.execute("select contact_id, step from bench.state where contact_id = any(%s)", [whom])
    batch = Batch(dict(tx.fetchall()), [], [])
    for event in events:
        bare_step(batch, event, now)
    bare_write(tx, batch)
    ends = {(record.topic, record.partition): record.offset + 1 for record in records}
    tx.execute(
        "insert into bench.position select 'bare', unnest(%s::int2[]), unnest(%s::text[]),"
        " unnest(%s::int8[]) on conflict (grp, lane, topic) do update set next = excluded.next",
        [[lane for _, lane in ends], [topic for topic, _ in ends], list(ends.values())],
    )
    db.commit()
    return batch.said


def bare_event(record: ConsumerRecord) -> Heard:
    headers = dict(record.headers)
    envelope = {
        "id": UUID(headers["ce_id"].decode()),
        "cause_id": UUID(headers["ce_causeid"].decode()),
        "subject": UUID(record.key.decode()),
        "workspace_id": UUID(headers["ce_workspaceid"].decode()),
        "time": datetime.fromisoformat(headers["ce_time"].decode()),
    }
    return KINDS[record.topic].from_bus(record.value, envelope)


def bare_step(batch: Batch, event: Heard, now: datetime) -> None:
    who = event.subject
    batch.states[who], (*said, wake) = on_heard(batch.states.get(who, 0), event, now)
    for its in said:
        id_ = child_id(event.id, its.topic, 0)
        batch.said.append(
            (lane_of(who), its.topic, who, WORKSPACE, id_, event.id, now, 1, "bench", its.body())
        )
    id_ = timer_id(event.id, who, wake.plan)
    batch.armed.append((who, wake.plan, WORKSPACE, id_, event.id, lane_of(who), wake.at))


def bare_write(tx: psycopg.Cursor, batch: Batch) -> None:
    tx.execute(
        "insert into bench.state select unnest(%s::uuid[]), unnest(%s::int[])"
        " on conflict (contact_id) do update set step = excluded.step",
        [list(batch.states), list(batch.states.values())],
    )
    columns = "grp, lane, topic, subject, workspace_id, event_id, cause_id, said_at, version"
    with tx.copy(f"copy bench.outbox ({columns}, source, body) from stdin (format binary)") as copy:
        kinds = ["text", "int2", "text", "uuid", "uuid", "uuid", "uuid", "timestamptz", "int2"]
        copy.set_types([*kinds, "text", "bytea"])
        for row in batch.said:
            copy.write_row(("bare", *row))
    tx.execute(
        "insert into bench.timer select 'bare', unnest(%s::uuid[]), unnest(%s::int8[]),"
        " unnest(%s::uuid[]), unnest(%s::uuid[]), unnest(%s::uuid[]), unnest(%s::int2[]),"
        " unnest(%s::timestamptz[]) on conflict (grp, contact_id, plan) do update"
        " set due_at = excluded.due_at, event_id = excluded.event_id",
        [list(column) for column in zip(*batch.armed, strict=True)],
    )
    tx.execute("release handler")


async def bare_publish(producer: AIOKafkaProducer, said: Sequence[tuple[Any, ...]]) -> None:
    batches: dict[tuple[str, int], Any] = {}
    for lane, topic, who, workspace, id_, cause, now, version, source, body in said:
        batch = batches.setdefault((topic, lane), producer.create_batch())
        headers = [
            ("ce_specversion", b"1.0"),
            ("ce_id", str(id_).encode()),
            ("ce_source", source.encode()),
            ("ce_type", topic.encode()),
            ("ce_time", now.isoformat().encode()),
            ("ce_subject", str(who).encode()),
            ("ce_workspaceid", str(workspace).encode()),
            ("ce_causeid", str(cause).encode()),
            ("ce_version", str(version).encode()),
            ("content-type", b"application/json"),
        ]
        batch.append(key=str(who).encode(), value=body, timestamp=None, headers=headers)
    sent = [await producer.send_batch(b, topic, partition=n) for (topic, n), b in batches.items()]
    await asyncio.gather(*sent)


def bare_forget(db: psycopg.Connection) -> None:
    db.execute("delete from bench.outbox where grp = 'bare'")
    db.commit()


# -- the measurement


async def fill(kafka_url: str) -> None:
    """The three topics, full."""
    async with AIOKafkaProducer(bootstrap_servers=kafka_url, linger_ms=5) as producer:
        kinds, sent = list(KINDS.values()), []
        for n in range(EVENTS):
            who = named("contact", n % CONTACTS)
            event = kinds[n % 3](subject=who, workspace_id=WORKSPACE, number=n, text="x" * 400)
            headers = headers_of(
                topic=event.topic,
                id=uuid4(),
                source="bench",
                time=utc_now(),
                subject=who,
                workspace_id=WORKSPACE,
                campaign_id=None,
                cause_id=uuid4(),
                version=1,
            )
            sent.append(
                await producer.send(
                    event.topic,
                    event.body(),
                    key=str(who).encode(),
                    partition=lane_of(who),
                    headers=[(name, text.encode()) for name, text in headers.items()],
                )
            )
        await asyncio.gather(*sent)


def measure(work: Callable[[str, sa.Engine], Awaitable[None]], engines: Engines) -> dict[str, int]:
    """Events a second of this process's CPU, and of the wall."""
    engine = make_engine(engines.database_url)
    with engine.begin() as tx:
        METADATA.drop_all(tx)
        METADATA.create_all(tx)
    wall, cpu = time.monotonic(), time.process_time()
    asyncio.run(work(engines.kafka_url, engine))
    seconds = {"cpu": time.process_time() - cpu, "wall": time.monotonic() - wall}
    engine.dispose()
    return {name: round(EVENTS / its) for name, its in seconds.items()}


def best(found: Sequence[dict[str, int]]) -> dict[str, int]:
    """The round that other work on the machine disturbed least."""
    return max(found, key=lambda its: its["cpu"])


def temporary() -> AbstractContextManager[str]:
    return TemporaryDirectory(prefix="bench-")


def figures() -> dict[str, float]:
    """Rates of the machinery and of the bare loop, the best of some rounds in turn."""
    with temporary() as folder, Engines(Path(folder) / "engines") as engines:
        asyncio.run(make_topics(engines.kafka_url, [*KINDS, Decided.topic, Requested.topic]))
        asyncio.run(fill(engines.kafka_url))
        with sa.create_engine(engines.database_url).begin() as tx:
            tx.execute(sa.schema.CreateSchema("bench"))
        found: dict[str, list[dict[str, int]]] = {"machinery": [], "bare": []}
        for _ in range(ROUNDS):
            found["machinery"].append(measure(machinery, engines))
            found["bare"].append(measure(bare, engines))
    its, ceiling = best(found["machinery"]), best(found["bare"])
    return {
        "events": EVENTS,
        "machinery_events_per_cpu_second": its["cpu"],
        "bare_events_per_cpu_second": ceiling["cpu"],
        "ratio": round(its["cpu"] / ceiling["cpu"], 2),
        "machinery_events_per_second": its["wall"],
        "bare_events_per_second": ceiling["wall"],
    }


if __name__ == "__main__":
    print(json.dumps(figures()))

"""What the judge gets to see, read without any code of the product's: plain clients, plain SQL."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from tests.crash.evidence import Evidence, Record

POLL_MILLISECONDS = 500
SCHEMAS = ("crm_sync", "triage", "orchestrator", "channels", "agent", "booking", "console")
POOL = "select contact_id::text from orchestrator.sequence where campaign_id is not null"
# A timer of an older plan does nothing; one of plan 0 always looks again.
TIMERS = """
select t.contact_id::text, max(t.due_at)
from orchestrator.timer t join orchestrator.sequence s using (contact_id)
where t.plan in (0, coalesce((s.state::json ->> 'plan')::bigint, 0))
group by 1
"""
# What is under way: each row a count and what it is of. A timer that is due is work to do.
UNDER_WAY = """
select count(*), 'requests to send' from channels.request
union all select count(*), 'touches in the air' from channels.touch where state = 'reserved'
union all select count(*), 'replies to read' from agent.waiting
union all select count(*), 'templates to make' from channels.template where state = 'pending'
"""
TO_LOOK_UP = "state = 'unknown' and looked_up = 0 and channel in ('sms', 'whatsapp')"


@dataclass(frozen=True, slots=True)
class Rows:
    """The part of the evidence that stands in the database."""

    at: datetime
    pool: frozenset[str]
    timers: dict[str, datetime]
    parked: int
    outbox: int


class Database:
    """Questions to the product's database, as its superuser, in plain SQL."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("+psycopg", "")

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._url) as tx:
            return tx.execute(question).fetchall()

    def count(self, table: str) -> int:
        """The rows of a table that every service has."""
        every = " union all ".join(f"select count(*) as n from {one}.{table}" for one in SCHEMAS)
        return int(self.rows(f"select sum(n) from ({every})")[0][0])

    def cut_before(self, moment: datetime) -> int:
        """Touches whose call began before that moment and about which more is yet to be learned."""
        question = f"select count(*) from channels.touch where reserved_at < '{moment.isoformat()}'"
        return int(self.rows(f"{question} and (state = 'reserved' or {TO_LOOK_UP})")[0][0])

    def under_way(self, now: datetime) -> Iterator[str]:
        """What somebody still has to do; nothing when all is done that was due by now."""
        yield from (f"{count} {what}" for count, what in self.rows(UNDER_WAY) if count)
        if count := self.count("outbox"):
            yield f"{count} events to publish"
        if count := self.rows(f"select count(*) from channels.touch where {TO_LOOK_UP}")[0][0]:
            yield f"{count} touches to look up"
        for schema in SCHEMAS:
            due = f"select count(*) from {schema}.timer where due_at <= '{now.isoformat()}'"
            if count := self.rows(due)[0][0]:
                yield f"{count} timers of {schema} to fire"

    def seen(self, at: datetime) -> Rows:
        """What the judge asks of it, at this moment."""
        return Rows(
            at=at,
            pool=frozenset(contact for (contact,) in self.rows(POOL)),
            timers=dict(self.rows(TIMERS)),
            parked=self.count("parked"),
            outbox=self.count("outbox"),
        )

    def positions(self) -> dict[tuple[str, str, int], int]:
        """Up to where each group has applied each place: (group, topic, partition) → offset."""
        every = " union all ".join(f"select * from {one}.position" for one in SCHEMAS)
        rows = self.rows(f"select grp, topic, lane, next from ({every})")
        return {(group, topic, lane): following for group, topic, lane, following in rows}


async def gather(rows: Rows, ledger: list[dict[str, Any]], bus: str) -> Evidence:
    """Everything that the judge gets to see."""
    return Evidence(ledger=ledger, records=await read_bus(bus), **asdict(rows))


async def read_bus(url: str) -> list[Record]:
    """Every record of every topic, up to where each ends now."""
    records: list[Record] = []
    places = await _places(url)
    async with AIOKafkaConsumer(bootstrap_servers=url, auto_offset_reset="earliest") as consumer:
        ends = await consumer.end_offsets(places)
        consumer.assign(places)
        while [place for place, end in ends.items() if await consumer.position(place) < end]:
            for batch in (await consumer.getmany(timeout_ms=POLL_MILLISECONDS)).values():
                records += map(_record, batch)
    return records


async def unread(url: str, positions: dict[tuple[str, str, int], int]) -> int:
    """How many records lie beyond where their groups are."""
    places = [TopicPartition(topic, lane) for _, topic, lane in positions]
    async with AIOKafkaConsumer(bootstrap_servers=url) as consumer:
        ends = await consumer.end_offsets(places)
    return sum(ends[place] for place in places) - sum(positions.values())


async def _places(url: str) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=url)
    await admin.start()
    try:
        topics = await admin.describe_topics()
    finally:
        await admin.close()
    return [
        TopicPartition(topic["topic"], part["partition"])
        for topic in topics
        if not topic["is_internal"]
        for part in topic["partitions"]
    ]


def _record(record: Any) -> Record:
    headers = {name: value.decode() for name, value in record.headers}
    return Record(
        topic=record.topic,
        id=headers["ce_id"],
        subject=headers["ce_subject"],
        time=datetime.fromisoformat(headers["ce_time"]),
        body=json.loads(record.value),
    )

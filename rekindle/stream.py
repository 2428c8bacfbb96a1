"""Reads everything that was ever said: every topic, from its beginning to its present end.

It joins no group and commits nothing, so that reading leaves no trace.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from rekindle.engines import EngineError
from rekindle.recorded import Recorded, Unreadable
from shared.bus.arrivals import from_record, opened
from shared.clock import elapsed_seconds
from shared.events import Event
from shared.ids import LANES
from shared.topics import TOPICS

SILENT_SECONDS_MAX = 30.0
POLL_MILLISECONDS = 500
KINDS = {topic.name: topic.event for topic in TOPICS}
FLOW = {topic.name: n for n, topic in enumerate(TOPICS)}


@dataclass
class _Reading:
    """What was read so far, with the place of each event."""

    events: dict[UUID, tuple[datetime, tuple[int, int, int], Event]] = field(default_factory=dict)
    bodies: dict[UUID, bytes] = field(default_factory=dict)
    unreadable: list[Unreadable] = field(default_factory=list)
    latest: dict[TopicPartition, datetime] = field(default_factory=dict)

    def take(self, record: ConsumerRecord[bytes, bytes]) -> None:
        """An event that comes again is the same one: a relay may repeat."""
        arrival = opened(from_record(record), KINDS)
        place = (FLOW[record.topic], record.partition, record.offset)
        if arrival.event is None:
            self.unreadable.append(Unreadable(record.topic, *place[1:], arrival.fault))
        elif arrival.id not in self.events:
            lane = TopicPartition(record.topic, record.partition)
            moment = max(arrival.event.time, self.latest.get(lane, arrival.event.time))
            self.latest[lane] = moment
            self.events[arrival.id] = (moment, place, arrival.event)
            self.bodies[arrival.id] = arrival.body

    def recorded(self) -> Recorded:
        """By time; what happened at one moment in the order of the flow.

        Clocks of several writers may differ: a topic keeps its own order within a lane.
        """
        ordered = sorted(self.events.values(), key=lambda its: its[:2])
        return Recorded(tuple(its[2] for its in ordered), self.bodies, tuple(self.unreadable))


async def read_stream(kafka_url: str) -> Recorded:
    """All events on this bus. Records that are none are told in `unreadable`.

    Raises EngineError when the bus does not answer.
    """
    reading = _Reading()
    # Seeking to the beginning would race with the client's own first position.
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka_url, auto_offset_reset="earliest", enable_auto_commit=False
    )
    try:
        await consumer.start()
        async for record in _all_records(consumer):
            reading.take(record)
    except (KafkaError, OSError, TimeoutError) as error:
        sentence = (
            f"Kafka at {kafka_url} cannot be read ({type(error).__name__}): see that it runs and "
            "is reachable."
        )
        raise EngineError(sentence) from error
    finally:
        await consumer.stop()
    return reading.recorded()


async def _all_records(consumer: AIOKafkaConsumer) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
    """Up to where the topics end now: what is written meanwhile belongs to the next reading."""
    topics = sorted(KINDS.keys() & await consumer.topics())
    places = [TopicPartition(topic, lane) for topic in topics for lane in range(LANES)]
    if not places:
        return
    consumer.assign(places)
    ends = await consumer.end_offsets(places)
    silent_since = elapsed_seconds()
    while [place for place in places if await consumer.position(place) < ends[place]]:
        batches = await consumer.getmany(timeout_ms=POLL_MILLISECONDS)
        if batches:
            silent_since = elapsed_seconds()
        elif elapsed_seconds() - silent_since > SILENT_SECONDS_MAX:
            raise TimeoutError
        for place, records in batches.items():
            for record in records:
                if record.offset < ends[place]:
                    yield record

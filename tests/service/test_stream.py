"""`read_stream` gives all that was said, once, in order, and tells what it could not read."""

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from rekindle.auditing import audit
from rekindle.engines import EngineError, Kafka, default_cache
from rekindle.engines.folder import free_ports
from rekindle.stream import read_stream
from rekindle.topics import make_topics
from shared.bus.envelope import headers_of
from shared.events import MessageSent
from shared.ids import NOBODY, lane_of
from shared.topics import TOPICS
from tests.unit.small_stream import END, small_stream

NAMES = [topic.name for topic in TOPICS]
SENT = MessageSent.topic
SAID = small_stream()
FIRST_SENT = SAID.of(MessageSent)[0]


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """What was read of a bus without topics, with one of them, and with everything on it."""
    broker = Kafka(tmp_path_factory.mktemp("kafka"), default_cache()).start()
    try:
        yield asyncio.run(readings(broker.url))
    finally:
        broker.stop()


async def readings(kafka_url):
    nothing = await read_stream(kafka_url)
    await make_topics(kafka_url, [SENT])
    await publish(kafka_url, [FIRST_SENT])
    one = await read_stream(kafka_url)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    await admin.start()
    there, groups = await admin.list_topics(), await admin.list_consumer_groups()
    await admin.close()
    await make_topics(kafka_url, NAMES)
    await publish_rubbish(kafka_url)
    await publish(kafka_url, [*SAID.events, *SAID.events[::-1]])
    everything = await read_stream(kafka_url)
    return SimpleNamespace(
        nothing=nothing, one=one, there=set(there), groups=groups, everything=everything
    )


def headers(event):
    envelope = headers_of(
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
    return [(name, value.encode()) for name, value in envelope.items()]


async def publish(kafka_url, events):
    records = [(its.topic, its.body(), its.subject, headers(its)) for its in events]
    await produce(kafka_url, records)


async def publish_rubbish(kafka_url):
    """A record that is nothing at all, and one that only looks like an event."""
    like_an_event = (SENT, b"{}", FIRST_SENT.subject, headers(FIRST_SENT))
    await produce(kafka_url, [(SENT, b"\xff\x00", NOBODY, []), like_an_event])


async def produce(kafka_url, records):
    """Every record is acknowledged when this returns."""
    async with AIOKafkaProducer(bootstrap_servers=kafka_url) as producer:
        await asyncio.gather(
            *[
                await producer.send(
                    topic,
                    body,
                    key=str(subject).encode(),
                    partition=lane_of(subject),
                    headers=headers,
                )
                for topic, body, subject, headers in records
            ]
        )


def test_everything_comes_back_as_it_was_said(read):
    recorded = read.everything
    assert {event.id: event for event in recorded.events} == {its.id: its for its in SAID.events}
    assert recorded.bodies == SAID.bodies
    assert audit(recorded, at=END).broken == ()


def test_events_are_in_order_of_time_and_then_of_the_flow(read):
    order = [(event.time, NAMES.index(event.topic)) for event in read.everything.events]
    assert order == sorted(order)


def test_an_event_that_a_relay_repeated_is_there_once(read):
    assert len(read.everything.events) == len(SAID.events)


def test_what_is_no_event_is_told_with_its_place_and_stops_nothing(read):
    unreadable = read.everything.unreadable
    places = {(its.topic, its.partition) for its in unreadable}
    assert places == {(SENT, lane_of(NOBODY)), (SENT, lane_of(FIRST_SENT.subject))}
    assert all(its.fault for its in unreadable)


def test_topics_that_are_not_there_have_said_nothing_and_are_not_made(read):
    assert [event.id for event in read.one.events] == [FIRST_SENT.id]
    assert read.there & set(NAMES) == {SENT}


def test_reading_leaves_no_group_behind(read):
    assert read.groups == []


def test_a_bus_without_our_topics_is_empty(read):
    assert (read.nothing.events, read.nothing.unreadable) == ((), ())


async def test_a_bus_that_does_not_answer_is_named():
    url = f"127.0.0.1:{free_ports(1)[0]}"
    with pytest.raises(EngineError, match=f"Kafka at {url} cannot be read"):
        await read_stream(url)

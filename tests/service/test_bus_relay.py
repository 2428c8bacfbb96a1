"""What is committed reaches the bus, in order, whatever fails on the way."""

import asyncio
import json

import pytest
from aiokafka.errors import KafkaTimeoutError

from shared.bus import Lanes, make_engine, tell
from shared.bus.envelope import NAMES
from shared.bus.relay import Relay, make_producer
from shared.ids import LANES, lane_of
from tests.service.bus_world import (
    METADATA,
    NOON,
    TABLES,
    WORKSPACE,
    Diary,
    Heard,
    contact,
    notes,
    on_the_bus,
    prepared,
    rows,
    take,
    until,
)

ANN, BOB = contact(1, lane=1), contact(2, lane=4)


@pytest.fixture
async def engine(database, topics):
    await topics("test.heard", "test.also", "test.workspace", "test.said")
    its = make_engine(database("diary", METADATA))
    yield its
    its.dispose()


@pytest.fixture
async def make_relay(engine, engines):
    """`make_relay(kind, producer, lanes)`: stopped after the test."""
    made = []

    def make(kind=Relay, producer=None, lanes=range(LANES)):
        producer = producer or (lambda: make_producer(engines.kafka_url))
        made.append(kind("diary", TABLES, engine, producer, lambda: lanes))
        return made[-1]

    yield make
    for relay in made:
        await relay.stop()


def say(engine, *numbers, who=ANN, text=""):
    for number in numbers:
        event = Heard(subject=who, workspace_id=WORKSPACE, number=number, text=text)
        with engine.begin() as tx:
            tell(tx, TABLES, "diary", contact(number), [event], NOON, source="a pen")


async def drain(relay):
    while await relay.publish():
        pass


def numbers(records, who=ANN):
    return [json.loads(one.value)["number"] for one in records if one.key == str(who).encode()]


async def test_an_event_travels_as_a_cloud_event(engine, engines, make_relay):
    event = Heard(subject=ANN, workspace_id=WORKSPACE, campaign_id=BOB, number=7, text="hi")
    with engine.begin() as tx:
        tell(tx, TABLES, "diary", contact(5), [event], NOON)
    [row] = rows(engine, TABLES.outbox)
    await drain(make_relay())
    [record] = await on_the_bus(engines.kafka_url, "test.heard")
    assert (record.key, record.partition) == (str(ANN).encode(), lane_of(ANN))
    assert json.loads(record.value) == {"number": 7, "text": "hi", "marks": {}}
    found = {name: value.decode() for name, value in record.headers}
    assert found == {
        "ce_specversion": "1.0",
        "ce_id": str(row.event_id),
        "ce_source": "diary",
        "ce_type": "test.heard",
        "ce_time": "2026-03-02T12:00:00+00:00",
        "ce_subject": str(ANN),
        "ce_workspaceid": str(WORKSPACE),
        "ce_campaignid": str(BOB),
        "ce_causeid": str(contact(5)),
        "ce_version": "1",
        "content-type": "application/json",
    }
    assert found.keys() == NAMES


async def test_what_a_crash_left_is_published_in_order_and_repeats_are_dropped(
    engine, engines, make_relay
):
    """The first relay dies after the bus has the records and before their rows are deleted."""

    class Dying(Relay):
        def _forget(self, ids):
            raise ConnectionResetError

    lanes = prepared(engine, Lanes("diary", TABLES, Diary(), lambda: NOON))
    say(engine, *range(5))
    with pytest.raises(ConnectionResetError):
        await make_relay(Dying).publish()
    say(engine, 5)
    await drain(make_relay())
    records = await on_the_bus(engines.kafka_url, "test.heard")
    assert numbers(records) == [*range(5), *range(6)]
    assert rows(engine, TABLES.outbox) == []
    take(engine, lanes, *records)
    assert [number for _, number in notes(engine)] == list(range(6))


async def test_two_relays_at_once_can_only_repeat(engine, engines, make_relay):
    say(engine, *range(50))
    await asyncio.gather(*(drain(make_relay()) for _ in range(2)))
    first_times = list(dict.fromkeys(numbers(await on_the_bus(engines.kafka_url, "test.heard"))))
    assert first_times == list(range(50))


class Faulty:
    """A producer that breaks at its first batch for one lane."""

    def __init__(self, real, lane):
        self.real, self.lane, self.stopped = real, lane, False

    async def start(self):
        await self.real.start()

    def create_batch(self):
        return self.real.create_batch()

    async def send_batch(self, batch, topic, partition):
        if partition == self.lane:
            failed = asyncio.get_running_loop().create_future()
            failed.set_exception(KafkaTimeoutError())
            return failed
        return await self.real.send_batch(batch, topic, partition=partition)

    async def stop(self):
        self.stopped = True
        await self.real.stop()


async def test_a_producer_that_failed_is_thrown_away(engine, engines, make_relay, monkeypatch):
    monkeypatch.setattr("shared.bus.relay.POLL_SECONDS", 0.01)
    used = []

    def producer():
        real = make_producer(engines.kafka_url)
        used.append(real if used else Faulty(real, lane_of(ANN)))
        return used[-1]

    say(engine, 1, 2, who=ANN)
    say(engine, 1, 2, who=BOB)
    relay = make_relay(producer=producer)
    running = asyncio.create_task(relay.run())
    await until(lambda: not rows(engine, TABLES.outbox), "the outbox is empty")
    running.cancel()
    assert used[0].stopped
    assert len(used) == 2
    records = await on_the_bus(engines.kafka_url, "test.heard")
    assert numbers(records, ANN) == numbers(records, BOB) == [1, 2]


async def test_the_rows_of_a_place_that_failed_stay(engine, engines, make_relay):
    say(engine, 1, who=ANN)
    say(engine, 2, who=BOB)
    relay = make_relay(producer=lambda: Faulty(make_producer(engines.kafka_url), lane_of(ANN)))
    with pytest.raises(KafkaTimeoutError):
        await relay.publish()
    assert [row.subject for row in rows(engine, TABLES.outbox)] == [ANN]


async def test_what_does_not_fit_into_one_batch_follows_in_order(engine, engines, make_relay):
    say(engine, *range(5), text="x" * 400_000)
    await drain(make_relay())
    assert numbers(await on_the_bus(engines.kafka_url, "test.heard")) == list(range(5))


async def test_a_relay_publishes_its_own_lanes_and_group_only(engine, make_relay):
    say(engine, 1, who=ANN)
    say(engine, 2, who=BOB)
    with engine.begin() as tx:
        event = Heard(subject=ANN, workspace_id=WORKSPACE, number=3)
        tell(tx, TABLES, "other", contact(3), [event], NOON)
    await drain(make_relay(lanes=[lane_of(ANN)]))
    assert {(row.grp, row.subject) for row in rows(engine, TABLES.outbox)} == {
        ("diary", BOB),
        ("other", ANN),
    }


async def test_a_rolled_back_edge_says_nothing(engine, engines, make_relay):
    with engine.connect() as tx:
        event = Heard(subject=ANN, workspace_id=WORKSPACE, number=1)
        tell(tx, TABLES, "diary", contact(1), [event], NOON)
        tx.rollback()
    await drain(make_relay())
    assert await on_the_bus(engines.kafka_url, "test.heard") == []


async def test_a_row_that_was_written_meanwhile_is_published_when_the_relay_is_woken(
    engine, engines, make_relay, monkeypatch
):
    monkeypatch.setattr("shared.bus.relay.POLL_SECONDS", 60)
    relay = make_relay()
    running = asyncio.create_task(relay.run())
    for number in (1, 2):
        say(engine, number)
        relay.wake.set()
        await until(lambda: not rows(engine, TABLES.outbox), f"row {number} is out")
    running.cancel()

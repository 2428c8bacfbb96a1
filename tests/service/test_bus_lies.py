"""The bus that lies: what comes twice, late, broken or from tomorrow acts once, or is parked.

Each lie is told on a real bus to a member at work, between two good events of a contact of its own;
a bystander shares every batch with all of them.
"""

import asyncio
import json
from dataclasses import dataclass, field, replace
from typing import Annotated

import pytest
from aiokafka.errors import KafkaTimeoutError, MessageSizeTooLargeError
from pydantic import BeforeValidator

from rekindle.topics import make_topics
from shared.bus import (
    Lanes,
    Member,
    make_engine,
    parked_drop,
    parked_list,
    parked_retry,
    running,
    tell,
)
from shared.bus.parked import BEHIND
from shared.bus.relay import Relay, make_producer
from shared.events.base import Event
from shared.ids import LANES, NOBODY
from shared.process import given_back
from tests.service.bus_world import (
    LARGE_BYTES,
    METADATA,
    NOON,
    TABLES,
    WORKSPACE,
    Diary,
    Heard,
    contact,
    headers,
    heard,
    notes,
    on_the_bus,
    publish,
    record,
    rows,
    until,
)

NAMES = ("test.heard", "test.also", "test.workspace", "test.said")
HONEST = "an honest event"


def told(event, **changed):
    """With these headers instead of its own; a value may be bytes that are no text."""
    its = {name: text.encode() for name, text in headers(event).items()}
    return {"headers": list((its | changed).items())}


@dataclass(frozen=True)
class Lie:
    """What is wrong with the second of a contact's three events, and what becomes of it."""

    changed: dict = field(default_factory=dict)
    headers: dict = field(default_factory=dict)
    cause: str = HONEST  # or a part of the cause with which it is parked
    of_nobody: bool = False

    def of(self, who):
        event = heard(who, 2)
        return record(event, 0, **{**told(event, **self.headers), **self.changed})


NEWER = {"ce_version": b"2"}
LIES = {
    "raw bytes": Lie({"value": b"\xff\x00\xfe raw"}, cause="it is no test.heard: ValueError"),
    "a large value": Lie({"value": b"x" * 2_000_000}, cause="it is no test.heard: ValueError"),
    "a large event": Lie({"value": b'{"number": 2, "text": "%s"}' % (b"x" * 2_000_000)}),
    "a deep value": Lie({"value": b"[" * 100_000}, cause="it is no test.heard: ValueError"),
    "a key of theirs": Lie(
        {"value": b'{"number": 2, "marks": {"Ann Example": "x", "+37060000001\\u0000": "x"}}'},
        cause="it is no test.heard: marks.…: int_parsing; marks.…: int_parsing",
    ),
    "a zero in a text": Lie({"value": b'{"number": 2, "text": "\\u0000"}'}),
    "a number without end": Lie(
        {"value": b'{"number": %s}' % (b"9" * 30)}, cause="OverflowError in "
    ),
    "no value": Lie({"value": None}, cause="it is no test.heard: ValueError"),
    "no headers": Lie({"headers": []}, cause="ce_id is missing or no UUID"),
    "a foreign header": Lie(headers={"trace": b"\xff\xfe", "reply_to": b"me"}),
    "a header that is no text": Lie(headers={"ce_type": b"\xff\xfe"}, cause="ce_type is not the"),
    "a header with a zero": Lie(headers={"ce_type": b"a\x00b"}, cause="ce_type is not the topic"),
    "an id with a zero": Lie(headers={"ce_id": b"\x00"}, cause="ce_id is missing or no UUID"),
    "a key that is no id": Lie({"key": b"Ann"}, cause="the key is no UUID", of_nobody=True),
    "somebody else's key": Lie(
        headers={"ce_subject": str(contact(999)).encode()}, cause="name different subjects"
    ),
    "a later version": Lie({"value": b'{"number": 2, "mood": {"good": 1}}'}, NEWER),
    "a version that changed": Lie(
        {"value": b'{"number": "two"}'},
        NEWER,
        cause="it was released by a newer version (2, here 1 is known): number: int_parsing; "
        "bring this service up to date, then retry",
    ),
    "a version without end": Lie(
        headers={"ce_version": b"9" * 5000}, cause="ce_version is no number"
    ),
}
WHO = {name: contact(n) for n, name in enumerate(LIES, start=1)}
BYSTANDER = contact(100)


@pytest.fixture
async def engine(database, engines, topics):
    """Its topics take more than the bus does from anybody."""
    await make_topics(engines.kafka_url, NAMES, config={"max.message.bytes": str(LARGE_BYTES)})
    await topics(*NAMES)
    its = make_engine(database("diary", METADATA))
    yield its
    await given_back([its])


@pytest.fixture
def at_work(engine, engines):
    """`async with at_work()`: a member that reads the bus; its lanes."""

    class AtWork:
        def __init__(self):
            self.lanes = Lanes("diary", TABLES, Diary(), lambda: NOON)
            member = Member(self.lanes, engine, engines.kafka_url, session_seconds=6)
            self.running = running(engines.kafka_url, [member])

        async def __aenter__(self):
            await self.running.__aenter__()
            return self.lanes

        async def __aexit__(self, *error):
            return await self.running.__aexit__(*error)

    return AtWork


async def test_every_lie_costs_one_contact_at_most_and_is_repaired(engine, engines, at_work):
    for number, (name, lie) in enumerate(LIES.items()):
        who = WHO[name]
        its = [record(heard(who, 1), 0), lie.of(who), record(heard(who, 3), 0)]
        await publish(engines.kafka_url, *its, record(heard(BYSTANDER, number), 0))
    parked_names = [name for name, lie in LIES.items() if lie.cause is not HONEST]

    async with at_work() as lanes:

        def all_heard():
            with engine.connect() as tx:
                known = lanes.positions(tx, range(LANES))
            return sum(known.values()) == 4 * len(LIES)

        await until(all_heard, "every record was read", 60)

    assert [number for _, number in notes(engine, BYSTANDER)] == list(range(len(LIES)))
    with engine.connect() as tx:
        parked = parked_list(tx, lanes)
    for name, lie in LIES.items():
        who = NOBODY if lie.of_nobody else WHO[name]
        causes = [row.cause for row in parked if row.subject == who]
        heard_of = [number for _, number in notes(engine, WHO[name])]
        if name not in parked_names:
            assert (causes, heard_of) == ([], [1, 2, 3]), name
        elif lie.of_nobody:
            assert (causes, heard_of) == ([lie.cause], [1, 3]), name
        else:
            assert lie.cause in causes[0], name
            assert (causes[1:], heard_of) == ([BEHIND], [1]), name
    assert "Ann" not in str(parked)
    assert "+370" not in str(parked)

    bad = [row for row in parked if row.cause != BEHIND]
    assert len(bad) == len(parked_names)
    for row in bad:
        with engine.begin() as tx:
            assert [one.event_id for one in parked_retry(tx, lanes, row.subject) if one.cause]
        with engine.begin() as tx:
            assert parked_drop(tx, lanes, row.event_id)
            assert all(not one.cause for one in parked_retry(tx, lanes, row.subject))
    assert rows(engine, TABLES.parked) == []
    for name in parked_names:
        assert [number for _, number in notes(engine, WHO[name])] == [1, 3], name


async def test_the_bus_takes_nothing_large_from_anybody_unless_it_is_told_to(engines, topics):
    await topics("test.heard")
    lie = LIES["a large value"].of(BYSTANDER)
    with pytest.raises(MessageSizeTooLargeError):
        await publish(engines.kafka_url, lie)


class Lying:
    """A producer whose first batch arrives while its acknowledgement is lost on the way back."""

    def __init__(self, real):
        self.real = real

    async def start(self):
        await self.real.start()

    def create_batch(self):
        return self.real.create_batch()

    async def send_batch(self, batch, topic, partition):
        arrived = await self.real.send_batch(batch, topic, partition=partition)
        await arrived
        lost = asyncio.get_running_loop().create_future()
        lost.set_exception(KafkaTimeoutError())
        return lost

    async def stop(self):
        await self.real.stop()


async def test_what_is_published_twice_for_a_lost_acknowledgement_acts_once(
    engine, engines, at_work, monkeypatch
):
    monkeypatch.setattr("shared.bus.relay.POLL_SECONDS", 0.01)
    used = []

    def producer():
        real = make_producer(engines.kafka_url)
        used.append(real if used else Lying(real))
        return used[-1]

    for number in range(5):
        with engine.begin() as tx:
            said = Heard(subject=BYSTANDER, workspace_id=WORKSPACE, number=number)
            tell(tx, TABLES, "a pen", contact(number), [said], NOON)
    relay = Relay("a pen", TABLES, engine, producer, lambda: range(LANES))
    publishing = asyncio.create_task(relay.run())
    await until(lambda: not rows(engine, TABLES.outbox), "everything was acknowledged at last")
    publishing.cancel()
    await relay.stop()
    twice = await on_the_bus(engines.kafka_url, "test.heard")
    assert [json.loads(one.value)["number"] for one in twice] == [*range(5), *range(5)]
    async with at_work():
        await until(lambda: len(notes(engine)) >= 5, "all were applied")
        await publish(engines.kafka_url, record(heard(BYSTANDER, 5), 0))
        await until(lambda: notes(engine)[-1] == ("test.heard", 5), "one more was applied")
    assert [number for _, number in notes(engine)] == list(range(6))


class HeardOfLater(Event, topic="test.heard", version=2):
    """What the topic carries after the next release: numbers may be words."""

    number: Annotated[int, BeforeValidator(lambda its: {"two": 2}.get(its, its))]


async def test_what_a_newer_version_said_is_applied_by_the_service_brought_up_to_date(
    engine, engines, at_work
):
    who = WHO["a version that changed"]
    await publish(engines.kafka_url, LIES["a version that changed"].of(who))
    await publish(engines.kafka_url, record(heard(who, 3), 0))
    async with at_work() as lanes:
        await until(lambda: len(rows(engine, TABLES.parked)) == 2, "both are parked")
    later = replace(lanes, handler=Diary(hears=(HeardOfLater,)))
    with engine.begin() as tx:
        assert [one.cause for one in parked_retry(tx, later, who)] == ["", ""]
    assert [number for _, number in notes(engine)] == [2, 3]

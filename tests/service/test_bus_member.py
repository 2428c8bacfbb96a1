"""Members on a real bus find their place, work, and say truly whether they are idle."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from aiokafka.errors import KafkaConnectionError
from faststream.kafka import KafkaBroker

from shared.bus import (
    BusChangedError,
    Lanes,
    Member,
    Several,
    Temporary,
    arm,
    lane_ages_seconds,
    make_engine,
    running,
    tell,
)
from shared.bus.bus import Bus
from shared.clock import SteppedClock
from shared.events.base import WakeAt, Woke
from shared.ids import LANES, lane_of
from tests.service.bus_world import (
    METADATA,
    NOON,
    TABLES,
    WORKSPACE,
    Diary,
    Heard,
    Said,
    contact,
    heard,
    notes,
    on_the_bus,
    publish,
    record,
    rows,
    until,
)

ANN, BOB = contact(1, lane=1), contact(2, lane=4)
HOUR = timedelta(hours=1)
TOPICS = ("test.heard", "test.also", "test.workspace", "test.said")


@pytest.fixture
def engine(database):
    its = make_engine(database("diary", METADATA))
    yield its
    its.dispose()


@pytest.fixture
async def make(engine, engines, topics):
    """`make(handler)`: a member of the group that is not running yet."""
    await topics(*TOPICS)

    def member(handler=None, clock=lambda: NOON, **more):
        lanes = Lanes("diary", TABLES, handler or Diary(), clock, **more)
        return Member(lanes, engine, engines.kafka_url, session_seconds=2)

    return member


@pytest.fixture
def alive(engines):
    """`async with alive(*members)`."""

    @asynccontextmanager
    async def inside(*members):
        async with running(engines.kafka_url, members):
            yield

    return inside


async def until_idle(*members):
    """Idle is what all say twice in a row."""

    async def all_idle():
        return not any(await asyncio.gather(*(member.busy() for member in members)))

    async with asyncio.timeout(20):
        while not (await all_idle() and await all_idle()):
            pass


async def until_it_says(member, words):
    """Who reads on may be at work for a moment before."""
    async with asyncio.timeout(20):
        while not (await member.busy()).startswith(words):  # noqa: ASYNC110  no member tells
            await asyncio.sleep(0.01)


def answer_once(tx, event):
    if isinstance(event, Heard):
        return [Said(subject=event.subject, workspace_id=WORKSPACE, number=event.number)]
    return []


def say(engine, number, who=ANN):
    event = Heard(subject=who, workspace_id=WORKSPACE, number=number)
    with engine.begin() as tx:
        tell(tx, TABLES, "diary", contact(number), [event], NOON)


async def test_what_an_edge_says_is_heard_and_answered(engine, engines, make, alive):
    member = make(Diary(answer_once))
    async with alive(member):
        for n in range(20):
            say(engine, n, who=contact(n))
        await until_idle(member)
    assert len(notes(engine)) == 20
    assert len(await on_the_bus(engines.kafka_url, "test.said")) == 20
    assert rows(engine, TABLES.outbox) == []


async def test_a_member_that_comes_back_goes_on_where_the_database_stands(
    engine, engines, make, alive
):
    for number in (1, 2):
        await publish(engines.kafka_url, record(heard(ANN, number), 0))
        member = make()
        async with alive(member):
            await until_idle(member)
    assert notes(engine) == [("test.heard", 1), ("test.heard", 2)]


async def test_two_members_share_the_lanes_and_each_lane_has_one_owner(
    engine, engines, make, alive
):
    """A lane is the same member's in every topic."""
    one, two = make(), make()
    async with alive(one, two):
        await until(lambda: len(one.owned) == len(two.owned) == LANES // 2, "they share")
        assert one.owned.isdisjoint(two.owned)
        events = [heard(contact(n), 1, kind) for n in range(20) for kind in (Heard,)]
        await publish(engines.kafka_url, *[record(event, 0) for event in events])
        await until_idle(one, two)
    assert len(notes(engine)) == 20


async def test_the_lanes_of_a_member_that_left_move_on(engine, engines, make, alive):
    stays, leaves = make(), make()
    async with alive(stays):
        async with alive(leaves):
            await until(lambda: len(stays.owned) == LANES // 2, "they share")
        await until(lambda: len(stays.owned) == LANES, "all lanes moved on")


async def test_a_place_is_read_again_from_where_the_database_says(engine, engines, make, alive):
    """As after a stopped process came back: it read on, but nothing of it was committed."""
    member = make()
    async with alive(member):
        await publish(engines.kafka_url, record(heard(ANN, 1), 0))
        await until_idle(member)
        with engine.begin() as tx:
            tx.execute(sa.update(TABLES.position).values(next=0))
            for table in ("inbox", "note"):
                tx.execute(sa.text(f"truncate diary.{table}"))
        await publish(engines.kafka_url, record(heard(ANN, 2), 1))
        await until(lambda: len(notes(engine)) == 2, "both were read")
        assert notes(engine) == [("test.heard", 1), ("test.heard", 2)]


async def test_what_fails_for_a_while_is_tried_again(engine, engines, make, alive):
    tries = []

    def answer(tx, event):
        tries.append(event)
        if len(tries) < 3:
            raise Temporary
        return []

    member = make(Diary(answer))
    async with alive(member):
        await publish(engines.kafka_url, record(heard(ANN, 1), 0))
        await until_idle(member)
    assert len(tries) == 3
    assert notes(engine) == [("test.heard", 1)]


async def test_a_member_waits_for_topics_that_are_not_there_yet(engine, engines, topics, database):
    lanes = Lanes("diary", TABLES, Diary(), lambda: NOON)
    member = Member(lanes, engine, engines.kafka_url)

    async def live():
        async with running(engines.kafka_url, [member]):
            await until_idle(member)

    living = asyncio.create_task(live())
    await asyncio.wait([living], timeout=0.5)
    assert not living.done()
    await topics(*TOPICS)
    await living


async def test_readers_start_again_when_the_bus_goes_away_meanwhile(
    engine, make, alive, monkeypatch
):
    start, failures = KafkaBroker.start, iter(("at first", "and once more"))

    async def start_and_fail(broker):
        await start(broker)
        if next(failures, None):
            raise KafkaConnectionError

    monkeypatch.setattr(KafkaBroker, "start", start_and_fail)
    member = make(Diary(answer_once))
    async with alive(member):
        say(engine, 1)
        await until_idle(member)
    assert len(notes(engine)) == 1


async def test_a_group_that_hears_nothing_still_speaks(engine, engines, make, alive):
    member = make(Several())
    async with alive(member):
        say(engine, 1)
        await until_idle(member)
    assert len(await on_the_bus(engines.kafka_url, "test.heard")) == 1


async def test_another_bus_is_refused_with_a_sentence(engine, make, alive):
    async with alive(make()):
        pass
    with engine.begin() as tx:
        tx.execute(sa.update(TABLES.lane).values(cluster_id="the old one"))
    with pytest.raises(BusChangedError, match="diary has read from the bus the old one; this one"):
        async with alive(make()):
            pytest.fail("it works on another bus")


async def test_a_bus_that_lost_events_is_refused_with_a_sentence(engine, make, alive):
    """It may come up with fewer records than were read from it."""
    async with alive(make()):
        pass
    with engine.begin() as tx:
        tx.execute(sa.update(TABLES.position).values(next=7))
    with pytest.raises(BusChangedError, match="but the bus holds 0 to 0: events are missing"):
        async with alive(make()):
            await asyncio.sleep(20)


async def test_a_bus_that_grew_while_the_position_was_read_is_no_other_bus(
    engine, engines, make, alive, monkeypatch
):
    """The former owner of a lane applied one more event between our two questions."""
    await publish(engines.kafka_url, record(heard(ANN, 1), 0))
    async with alive(make()):
        await until(lambda: len(notes(engine)) == 1, "it is written down")
    extent, early = Bus.extent, iter(("as it was a moment ago",))

    async def asked(bus, places):
        held = await extent(bus, places)
        return dict.fromkeys(held, (0, 0)) if next(early, None) else held

    monkeypatch.setattr(Bus, "extent", asked)
    async with alive(make()):
        await publish(engines.kafka_url, record(heard(ANN, 2), 1))
        await until(lambda: len(notes(engine)) == 2, "it goes on")


async def test_a_timer_fires_when_the_clock_was_moved_and_the_member_nudged(
    engine, engines, make, alive, monkeypatch
):
    monkeypatch.setattr("shared.bus.member.TICK_SECONDS", 60)
    clock = SteppedClock(NOON)
    member = make(clock=clock)
    async with alive(member):
        with engine.begin() as tx:
            arm(tx, TABLES, "diary", [(BOB, WakeAt(ANN, WORKSPACE, 1, NOON + HOUR))])
        await until_idle(member)
        assert await member.next_due() == NOON + HOUR
        clock.move_to(NOON + HOUR)
        await until_idle(member)
        clock.act()
        await until_it_says(member, "timers to fire")
        member.nudge()
        await until_idle(member)
        assert await member.next_due() is None
    assert notes(engine) == [("woke", 1)]


async def test_a_timer_that_an_edge_arms_fires_at_once(engine, make, alive, monkeypatch):
    monkeypatch.setattr("shared.bus.member.TICK_SECONDS", 60)
    async with alive(make()):
        with engine.begin() as tx:
            arm(tx, TABLES, "diary", [(BOB, WakeAt(ANN, WORKSPACE, 0, NOON))])
        await until(lambda: notes(engine), "it fired")


async def test_a_parked_contact_is_no_work(engine, engines, make, alive):
    member = make()
    async with alive(member):
        await publish(engines.kafka_url, record(heard(ANN, 1), 0, value=b"?"))
        await until(lambda: rows(engine, TABLES.parked), "it is parked")
        await until_idle(member)


async def test_a_member_says_what_is_left_to_do(engine, engines, make, alive):
    def refuse(tx, event):
        raise Temporary

    member = make(Diary(refuse))
    async with alive(member):
        await publish(engines.kafka_url, record(heard(ANN, 1), 0), record(heard(ANN, 2), 1))
        said = set()
        async with asyncio.timeout(10):
            while "2 events to apply" not in said:
                said.add(await member.busy())
        assert said <= {"at work", "1 events to apply", "2 events to apply"}


async def test_a_row_that_waits_for_the_relay_is_work(engine, make, alive, monkeypatch):
    member = make()

    async def stuck(self):
        await asyncio.sleep(60)

    monkeypatch.setattr("shared.bus.relay.Relay.run", stuck)
    async with alive(member):
        await until_idle(member)
        say(engine, 1)
        await until_it_says(member, "events to publish")


async def test_what_was_done_between_two_questions_is_told(engine, engines, make, alive):
    """So two idle answers of everybody mean that nothing moved between them."""
    member = make()
    async with alive(member):
        await until_idle(member)
        await publish(engines.kafka_url, record(heard(ANN, 1), 0))
        await until(lambda: notes(engine), "it was applied")
        assert await member.busy() == "at work"
        await until_idle(member)


async def test_a_member_that_cannot_look_is_not_idle(engine, make, alive):
    member = make()
    async with alive(member):
        await until_idle(member)
        with engine.begin() as tx:
            tx.execute(sa.text("alter table diary.outbox rename to hidden"))
        await until_it_says(member, "cannot look: UndefinedTable")
        with engine.begin() as tx:
            tx.execute(sa.text("alter table diary.hidden rename to outbox"))


async def test_the_age_of_the_view_is_written_down(engine, make, alive, monkeypatch):
    monkeypatch.setattr("shared.bus.member.VIEW_SECONDS", 0.2)
    monkeypatch.setattr("shared.bus.member.TICK_SECONDS", 0.1)

    def age():
        with engine.connect() as tx:
            return lane_ages_seconds(tx, TABLES, "diary")[lane_of(ANN)]

    async with alive(make()):
        await until(lambda: age() < 10, "the view is fresh")


async def test_the_view_is_fresh_with_the_batch_that_reaches_the_end(
    engine, engines, make, alive, monkeypatch
):
    monkeypatch.setattr("shared.bus.member.TICK_SECONDS", 60)
    await publish(engines.kafka_url, record(heard(ANN, 1), 0))

    def is_fresh():
        with engine.connect() as tx:
            return max(lane_ages_seconds(tx, TABLES, "diary").values()) < 60

    async with alive(make()):
        await until(lambda: notes(engine), "it was applied")
        await until(is_fresh, "the view is fresh")


async def test_a_timer_of_another_lane_s_contact_fires_too(engine, engines, make, alive):
    """A claim of one contact wakes another, which may have another owner."""

    def answer(tx, event):
        if isinstance(event, Woke):
            return []
        arm(tx, TABLES, "diary", [(event.id, WakeAt(BOB, WORKSPACE, 0, NOON))])
        return []

    one, two = make(Diary(answer)), make(Diary(answer))
    assert lane_of(ANN) != lane_of(BOB)
    async with alive(one, two):
        await publish(engines.kafka_url, record(heard(ANN, 1), 0))
        await until(lambda: notes(engine, BOB) == [("woke", 0)], "the other was woken")

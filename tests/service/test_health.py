"""What a service says of itself when something is wrong, on real engines."""

import asyncio
import re
import socket
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest
import sqlalchemy as sa
from aiokafka.errors import KafkaConnectionError

from services.channels.ailing import ailing
from services.channels.reserving import VIEW_SECONDS_MAX as OLDEST_VIEW_TO_SEND_BY
from shared.bus import HandlerBrokenError, Lanes, Member, Place, arm, ends_of, make_engine, tell
from shared.bus.faults import TopicsMissingError, trouble
from shared.events.base import WakeAt
from shared.health import VIEW_SECONDS_MAX, Health
from shared.ids import LANES
from shared.service import Service
from tests.channels_world import ANN
from tests.service.bus_world import (
    DEADLINE_SECONDS,
    METADATA,
    NOON,
    TABLES,
    WORKSPACE,
    Diary,
    Said,
    contact,
    heard,
    prepared,
    publish,
    record,
    take,
)

pytest_plugins = ("tests.channels_fixtures",)


def a_service(engine, handler=None, clock=lambda: NOON, **more):
    lanes = Lanes("diary", TABLES, handler or Diary(), clock)
    return Service("diary", METADATA, [Member(lanes, engine, "")], engines=[engine], **more)


@pytest.fixture
def engine(database):
    engine = make_engine(database("diary", METADATA))
    yield engine
    engine.dispose()


@pytest.fixture
def service(engine):
    """One that has nothing to complain of."""
    service = a_service(engine)
    prepared(engine, service.members[0].lanes)
    seen(engine, 0)
    return service


def seen(engine, seconds_ago):
    """The group knows all that was said until then."""
    at = sa.func.clock_timestamp() - timedelta(seconds=seconds_ago)
    with engine.begin() as tx:
        tx.execute(sa.update(TABLES.lane).values(caught_up_at=at))


async def complaints(service):
    return {one.name: one.sentence for one in await Health(service).complaints()}


async def test_a_service_with_which_nothing_is_wrong_does_not_complain(service):
    assert await complaints(service) == {}


@pytest.fixture
def an_old_view(engine, monkeypatch):
    """Any age is old here: a view from before the server's start would have none at all."""
    monkeypatch.setattr("shared.health.VIEW_SECONDS_MAX", -1.0)
    seen(engine, 0)


async def test_an_old_view_is_told_with_what_follows_from_it(service, an_old_view):
    service.behind = {"diary": "nobody writes"}
    told = (await complaints(service))["view"]
    assert re.fullmatch("view of diary [0-9]+ s behind: nobody writes", told)


async def test_a_view_that_was_never_complete_is_told(service, engine):
    with engine.begin() as tx:
        tx.execute(sa.update(TABLES.lane).values(caught_up_at=None).where(TABLES.lane.c.lane == 3))
    assert "has yet to hear" in (await complaints(service))["view"]


async def test_what_is_yet_to_be_heard_is_counted_by_topic(
    service, engine, monkeypatch, an_old_view
):
    known = {Place("test.heard", 3): 7, Place("test.also", 0): 1}
    with engine.begin() as tx:
        service.members[0].lanes.move(tx, known)
    ends = {Place("test.heard", 3): 9, Place("test.heard", 4): 5, Place("test.also", 0): 1}
    monkeypatch.setattr("shared.health.ends_of", lambda *_: at_once(ends))
    report = await Health(service).look()
    lag = {"test.also": 0, "test.heard": 7, "test.workspace": 0}
    assert report.figures.lag == {"diary": lag}
    assert report.figures.view_seconds["diary"] >= 0
    [told] = report.complaints
    assert "behind, 7 test.heard: what was said since waits" in told.sentence


async def at_once(found):
    return found


async def test_the_ends_are_asked_of_the_bus(engines, topics):
    await topics("test.heard")
    await publish(engines.kafka_url, record(heard(contact(1, lane=2), 1), 0))
    ends = await ends_of(engines.kafka_url, ["test.heard"])
    assert ends == {Place("test.heard", lane): int(lane == 2) for lane in range(LANES)}


async def test_a_bus_that_is_away_leaves_the_lag_out_and_the_rest_in(service):
    report = await Health(service).look()
    assert (report.figures.lag, report.ready) == ({}, True)
    assert report.figures.view_seconds["diary"] is not None


def test_health_complains_as_soon_as_gateways_refuse():
    assert VIEW_SECONDS_MAX <= OLDEST_VIEW_TO_SEND_BY


async def test_parked_contacts_are_counted(service, engine):
    broken = a_service(engine, Diary(answer=lambda tx, event: 1 / 0)).members[0].lanes
    take(engine, broken, *(record(heard(contact(n, 1), n), n) for n in range(2)))
    [told] = await Health(service).complaints()
    assert (told.name, told.waiting) == ("parked", 2)
    assert told.sentence.startswith("2 parked in diary")


async def test_what_nobody_publishes_is_told_by_its_age(service, engine):
    said = Said(subject=contact(1), workspace_id=WORKSPACE, number=1)
    with engine.begin() as tx:
        tell(tx, TABLES, "diary", contact(2), [said], NOON - timedelta(seconds=61))
    report = await Health(service).look()
    assert report.figures.unpublished_seconds == 61.0
    assert [one.sentence[:20] for one in report.complaints] == ["unpublished for 61 s"]


async def test_what_stands_in_queues_is_counted(service, engine):
    times = [NOON + timedelta(hours=n - 1) for n in range(3)]
    wakes = [(contact(9), WakeAt(contact(n), WORKSPACE, 1, at)) for n, at in enumerate(times)]
    said = [Said(subject=contact(n), workspace_id=WORKSPACE, number=1) for n in range(4)]
    with engine.begin() as tx:
        arm(tx, TABLES, "diary", wakes)
        tell(tx, TABLES, "diary", contact(9), said, NOON)
    service.queues = lambda tx: {"own": 5}
    found = (await Health(service).look()).figures.queues
    assert found == {"outbox": 4, "timers_due": 2, "own": 5}


async def test_a_server_that_is_not_there_is_told_and_stops_everything():
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    service = a_service(make_engine(f"postgresql+psycopg://diary@127.0.0.1:{port}/postgres"))
    [complaint] = await Health(service).complaints()
    assert (complaint.name, complaint.stops) == ("database", True)
    assert "refused" in complaint.sentence


async def test_a_server_that_does_not_answer_is_told_in_time():
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        service = a_service(make_engine(f"postgresql+psycopg://diary@127.0.0.1:{port}/postgres"))
        async with asyncio.timeout(DEADLINE_SECONDS):
            [complaint] = await Health(service).complaints()
    assert complaint.name == "database"


async def test_a_transaction_that_waits_for_a_lock_is_told(service, engine, monkeypatch):
    monkeypatch.setattr("shared.bus.database.SLOW_SECONDS", 0.1)
    member, lock = service.members[0], sa.text("lock table diary.note")
    with engine.begin() as tx:
        tx.execute(lock)
        waiting = asyncio.create_task(member._work(lambda tx: tx.execute(lock)))
        told = await until_it_complains(service, "database")
        assert told.startswith("diary waits for the database")
    await waiting
    assert await complaints(service) == {}


async def test_what_a_member_tries_in_vain_is_told_until_it_works(service):
    told = []

    async def attempt():
        if not told:
            raise OSError("no room left")

    trying = asyncio.create_task(service.members[0]._insist.on(attempt, "applying a batch"))
    told.append(await until_it_complains(service, "work"))
    assert told[0].startswith("diary waits, applying a batch: OSError: no room left")
    await trying
    assert await complaints(service) == {}


async def until_it_complains(service, name):
    async with asyncio.timeout(DEADLINE_SECONDS):
        while name not in (found := await complaints(service)):  # noqa: ASYNC110  it is asked
            await asyncio.sleep(0.02)
    return found[name]


@pytest.mark.parametrize(
    ("error", "source"),
    [
        (KafkaConnectionError("away"), "bus"),
        (TopicsMissingError("no topics"), "bus"),
        (psycopg.errors.DiskFull("no room"), "database"),
        (sa.exc.TimeoutError("pool"), "database"),
        (HandlerBrokenError("too many parked"), "work"),
    ],
)
def test_a_trouble_is_told_by_where_it_lies(error, source):
    assert trouble("diary", "publishing", error).source == source


async def test_touches_that_are_unknown_are_counted(world):
    world.ask(ANN)
    world.reserve()
    world.fire(world.edge.now() + timedelta(minutes=1))
    with world.edge.engine.connect() as tx:
        [complaint] = ailing(tx)
    assert (complaint.name, complaint.waiting) == ("unknown", 1)
    assert complaint.sentence.startswith("unknown touches: 1;")

"""What chance seldom shows, forced: two of us at one moment, or one that wakes too late.

Each race is run as it is, and once more with its guard taken out: then the promise must break.
"""

import asyncio
import json
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from threading import Event as Signal

import pytest
import sqlalchemy as sa

from shared.bus import Lanes, Steps, arm, make_engine, tell
from shared.bus.faults import is_temporary
from shared.bus.relay import Relay, make_producer
from shared.events.base import WakeAt, Woke
from shared.ids import LANES
from tests.service.bus_world import (
    METADATA,
    NOON,
    NOTE,
    TABLES,
    WORKSPACE,
    AlsoHeard,
    Diary,
    Heard,
    contact,
    heard,
    notes,
    on_the_bus,
    prepared,
    record,
    rows,
    take,
    waits_for_a_lock,
)

ANN = contact(1)
DEADLINE_SECONDS = 20
FROZEN_SECONDS_MAX = 1  # in these tests
HOLDS, BREAKS = nullcontext, partial(pytest.raises, AssertionError)


@pytest.fixture
def engine(database):
    its = make_engine(database("diary", METADATA))
    yield its
    its.dispose()


# -- two owners of a lane


class NoLock(Lanes):
    def lock(self, tx, lanes):
        """The guard taken out."""


def counting(engine: sa.Engine) -> Steps:
    """Counts a contact's events. The first reader of the count goes on when the second has come."""
    readers = []

    def load(tx, events):
        known = tx.scalars(sa.select(NOTE.c.number).where(NOTE.c.subject == ANN)).all()
        readers.append(tx)
        end = time.monotonic() + DEADLINE_SECONDS
        while len(readers) < 2 and not waits_for_a_lock(engine):
            assert time.monotonic() < end, "nobody else came"
            time.sleep(0.005)
        return {ANN: max(known)} if known else {}

    def save(tx, states):
        tx.execute(sa.insert(NOTE), [{"subject": ANN, "topic": "", "number": states[ANN]}])

    def count(state, event, now):
        return state + 1, []

    return Steps(dict.fromkeys((Heard, AlsoHeard, Woke), count), load, save, new=lambda event: 0)


def hear(engine: sa.Engine, lanes: Lanes, kind: type[Heard]) -> None:
    take(engine, lanes, record(heard(ANN, 1, kind), 0))


def fire(engine: sa.Engine, lanes: Lanes) -> None:
    with engine.begin() as tx:
        assert lanes.wake(tx, range(LANES)) == 1


@pytest.mark.parametrize(
    ("kind", "promise"),
    [pytest.param(Lanes, HOLDS, id="locked"), pytest.param(NoLock, BREAKS, id="unlocked")],
)
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (partial(hear, kind=Heard), partial(hear, kind=AlsoHeard)),
        (partial(hear, kind=Heard), fire),
    ],
    ids=["two events", "an event and a timer"],
)
def test_two_owners_of_a_lane_at_one_moment_take_turns(engine, kind, promise, one, other):
    """They meet in one contact's state; without the lock the second overwrites the first."""
    lanes = prepared(engine, kind("diary", TABLES, counting(engine), lambda: NOON))
    with engine.begin() as tx:
        arm(tx, TABLES, "diary", [(ANN, WakeAt(ANN, WORKSPACE, 1, NOON))])
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(work, engine, lanes) for work in (one, other)]
    assert [work.result() for work in both] == [None, None]
    with promise():
        assert max(number for _, number in notes(engine)) == 2


# -- a relay that wakes after its lane has moved


@dataclass
class Frozen(Relay):
    """Stands still between reading its rows and publishing them."""

    has_read: asyncio.Event = field(default_factory=asyncio.Event)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def _started(self):
        self.has_read.set()
        await self.woken.wait()
        return await super()._started()


class OnlyNew(Relay):
    """The guard taken out: it does not start at the oldest row, but leaves three to the other."""

    def _oldest(self):
        return super()._oldest()[3:]


class NoInbox(Lanes):
    """The guard taken out: it does not ask whether an event was seen before."""

    def _first_time(self, tx, arrivals):
        return arrivals


@pytest.mark.parametrize(
    ("next_owner", "reader", "promise"),
    [
        pytest.param(Relay, Lanes, HOLDS, id="oldest row first, an inbox"),
        pytest.param(OnlyNew, Lanes, BREAKS, id="new rows first"),
        pytest.param(Relay, NoInbox, BREAKS, id="no inbox"),
    ],
)
async def test_a_relay_that_publishes_after_its_lane_has_moved_overtakes_and_doubles_nothing(
    engine, engines, topics, next_owner, reader, promise
):
    await topics("test.heard", "test.also", "test.workspace", "test.said")
    lanes = prepared(engine, reader("diary", TABLES, Diary(), lambda: NOON))
    old, new = (
        kind(
            "diary", TABLES, engine, lambda: make_producer(engines.kafka_url), lambda: range(LANES)
        )
        for kind in (Frozen, next_owner)
    )
    say(engine, 1, 2, 3)
    publishing = asyncio.create_task(old.publish())
    await old.has_read.wait()
    say(engine, 4, 5)
    while await new.publish():
        pass
    old.woken.set()
    await publishing
    await asyncio.gather(old.stop(), new.stop())
    assert rows(engine, TABLES.outbox) == []
    records = await on_the_bus(engines.kafka_url, "test.heard")
    assert len(records) > 5 or next_owner is OnlyNew, "the old relay has published, too"
    with promise():
        numbers = [json.loads(one.value)["number"] for one in records]
        assert list(dict.fromkeys(numbers)) == [1, 2, 3, 4, 5]
        take(engine, lanes, *records)
        assert [number for _, number in notes(engine)] == [1, 2, 3, 4, 5]


def say(engine: sa.Engine, *numbers: int) -> None:
    for number in numbers:
        event = Heard(subject=ANN, workspace_id=WORKSPACE, number=number)
        with engine.begin() as tx:
            tell(tx, TABLES, "diary", contact(number), [event], NOON)


# -- a process that wakes inside its transaction


@dataclass
class Freezing:
    """A lane's owner that stands still in the midst of its transaction, until it is woken."""

    engine: sa.Engine
    inside: Signal = field(default_factory=Signal)
    woken: Signal = field(default_factory=Signal)

    def __post_init__(self) -> None:
        self.lanes = Lanes("diary", TABLES, Diary(self._stand_still), lambda: NOON)

    def _stand_still(self, tx, event):
        self.inside.set()
        assert self.woken.wait(2 * DEADLINE_SECONDS)
        return []


@pytest.mark.parametrize(
    ("seconds", "promise"),
    [
        pytest.param(FROZEN_SECONDS_MAX, HOLDS, id="a limit"),
        pytest.param(0, BREAKS, id="no limit"),
    ],
)
def test_a_process_that_freezes_inside_its_transaction_loses_its_lane(
    database, monkeypatch, seconds, promise
):
    """The database ends its session. Without that limit (0) the next owner would wait for ever."""
    monkeypatch.setattr("shared.bus.database.FROZEN_SECONDS_MAX", seconds)
    engine = make_engine(database("diary", METADATA))
    frozen, event = Freezing(engine), record(heard(ANN, 1), 0)
    lanes = prepared(engine, Lanes("diary", TABLES, Diary(), lambda: NOON))
    with ThreadPoolExecutor(2) as pool:
        asleep = pool.submit(take, engine, frozen.lanes, event)
        assert frozen.inside.wait(DEADLINE_SECONDS)
        awake = pool.submit(take, engine, lanes, event)
        with promise():
            assert is_done(awake, within=DEADLINE_SECONDS if seconds else 3 * FROZEN_SECONDS_MAX)
        frozen.woken.set()
        assert is_done(asleep, within=DEADLINE_SECONDS)
        assert is_done(awake, within=DEADLINE_SECONDS)
    assert seconds == 0 or is_temporary(asleep.exception()), "it starts anew"
    take(engine, frozen.lanes, event)
    assert notes(engine) == [("test.heard", 1)], "what it had begun was done once, by the other"
    engine.dispose()


def is_done(work: Future, within: float) -> bool:
    return bool(wait([work], timeout=within).done)

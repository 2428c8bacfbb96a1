"""One batch, one transaction, on a real database; the bus is records made by hand."""

import math
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event as Signal

import pytest

from shared.bus import (
    BusChangedError,
    Lanes,
    Temporary,
    forget,
    lane_ages_seconds,
    make_engine,
)
from shared.bus.arrivals import Place, Run
from shared.bus.freshness import Goals
from shared.bus.outbox import say
from shared.clock import elapsed_seconds
from shared.events.base import WakeAt
from shared.ids import LANES, lane_of, said_id
from tests.service.bus_world import (
    METADATA,
    NOON,
    TABLES,
    WORKSPACE,
    Diary,
    Heard,
    OfWorkspace,
    Said,
    contact,
    heard,
    notes,
    prepared,
    record,
    rows,
    take,
)

ANN = contact(1)


@pytest.fixture
def engine(database):
    its = make_engine(database("diary", METADATA))
    yield its
    its.dispose()


@pytest.fixture
def lanes(engine):
    return prepared(engine, Lanes("diary", TABLES, Diary(), lambda: NOON))


def answering(answer):
    return Lanes("diary", TABLES, Diary(answer), lambda: NOON)


def test_a_batch_that_is_delivered_again_acts_once(engine, lanes):
    batch = [record(heard(ANN, n), n) for n in range(3)]
    for _ in range(2):
        assert take(engine, lanes, *batch) == []
    assert notes(engine) == [("test.heard", 0), ("test.heard", 1), ("test.heard", 2)]


def test_an_event_that_lies_on_the_bus_three_times_acts_once(engine, lanes):
    take(engine, lanes, record(heard(ANN, 1), 0), record(heard(ANN, 1), 1))
    take(engine, lanes, record(heard(ANN, 1), 2))
    assert notes(engine) == [("test.heard", 1)]


def test_an_event_is_told_with_its_envelope(engine):
    seen = []
    lanes = prepared(engine, answering(lambda _, event: seen.append(event) or []))
    event = heard(ANN, 1, text="hello").model_copy(update={"campaign_id": contact(9)})
    take(engine, lanes, record(event, 0))
    assert seen == [event]


def test_a_batch_that_starts_beyond_the_position_is_read_again(engine, lanes):
    place = Place("test.heard", lane_of(ANN))
    assert take(engine, lanes, record(heard(ANN, 5), 5)) == [place]
    assert notes(engine) == []
    with engine.connect() as tx:
        assert lanes.positions(tx, [place.lane])[place] == 0


def test_a_hole_in_the_log_is_no_reason_to_read_again(engine, lanes):
    place = Place("test.heard", lane_of(ANN))
    with engine.begin() as tx:
        assert lanes.take(tx, [Run(place, 0, [record(heard(ANN, 5), 5)])]) == []
    with engine.connect() as tx:
        assert lanes.positions(tx, [place.lane])[place] == 6


def test_an_old_batch_moves_no_position_back(engine, lanes):
    take(engine, lanes, *[record(heard(ANN, n), n) for n in range(3)])
    take(engine, lanes, record(heard(ANN, 0), 0))
    with engine.connect() as tx:
        assert lanes.positions(tx, range(LANES))["test.heard", lane_of(ANN)] == 3


def test_what_fails_for_a_while_leaves_no_trace(engine):
    def refuse(tx, event):
        raise Temporary

    lanes = prepared(engine, answering(refuse))
    with pytest.raises(Temporary):
        take(engine, lanes, record(heard(ANN, 1), 0))
    assert rows(engine, TABLES.inbox) == rows(engine, TABLES.parked) == notes(engine) == []
    whole = prepared(engine, answering(lambda tx, event: []))
    take(engine, whole, record(heard(ANN, 1), 0))
    assert notes(engine) == [("test.heard", 1)]


@pytest.mark.parametrize(("kind", "waits"), [(OfWorkspace, True), (Heard, False)])
def test_what_is_not_said_of_a_contact_waits_for_every_lane(engine, kind, waits):
    """Its handler may touch contacts of all lanes."""
    lanes = prepared(engine, Lanes("diary", TABLES, Diary(), lambda: NOON))
    far, done = contact(2, lane=(lane_of(ANN) + 1) % LANES), Signal()

    def take_it():
        take(engine, lanes, record(heard(ANN, 1, kind), 0))
        done.set()

    with ThreadPoolExecutor(1) as pool, engine.begin() as owner:
        lanes.lock(owner, [lane_of(far)])
        pool.submit(take_it)
        assert done.wait(0.5 if waits else 10) is not waits
        owner.rollback()
        assert done.wait(10)


def test_two_groups_of_one_schema_hear_everything_each(engine):
    for group in ("diary", "diary.copy"):
        lanes = prepared(engine, Lanes(group, TABLES, Diary(), lambda: NOON))
        take(engine, lanes, record(heard(ANN, 1), 0))
    assert notes(engine) == [("test.heard", 1)] * 2


def test_two_who_say_the_same_kind_of_thing_because_of_one_event_say_two_things(engine):
    def answer(tx, event):
        return [Said(subject=ANN, workspace_id=WORKSPACE, number=1)]

    for group in ("diary", "diary.copy"):
        lanes = prepared(engine, Lanes(group, TABLES, Diary(answer), lambda: NOON))
        take(engine, lanes, record(heard(ANN, 1), 0))
    said = rows(engine, TABLES.outbox)
    assert [row.cause_id for row in said] == [heard(ANN, 1).id] * 2
    assert len({row.event_id for row in said}) == 2


def test_the_answers_are_in_the_outbox_under_ids_that_follow_from_their_cause(engine):
    def answer(tx, event):
        one = Said(subject=ANN, workspace_id=WORKSPACE, campaign_id=contact(7), number=1)
        return [one, one.model_copy(update={"number": 2}), WakeAt(ANN, WORKSPACE, 3, NOON)]

    its = prepared(engine, Lanes("diary", TABLES, Diary(answer), lambda: NOON, source="a pen"))
    cause = heard(ANN, 1)
    take(engine, its, record(cause, 0))
    first, second = rows(engine, TABLES.outbox)
    ids = [said_id(cause.id, "a pen", "test.said", n) for n in (0, 1)]
    assert [first.event_id, second.event_id] == ids
    assert first.cause_id == cause.id
    assert (first.subject, first.workspace_id, first.campaign_id) == (ANN, WORKSPACE, contact(7))
    assert (first.lane, first.source, first.said_at) == (lane_of(ANN), "a pen", NOON)
    [timer] = rows(engine, TABLES.timer)
    assert (timer.contact_id, timer.plan, timer.due_at) == (ANN, 3, NOON)


def test_an_event_that_is_too_large_for_the_bus_is_refused_when_it_is_said(engine):
    large = heard(ANN, 1, text="x" * 900_000)
    with engine.begin() as tx, pytest.raises(ValueError, match="larger than the bus takes"):
        say(tx, TABLES, "diary", [(ANN, large)], NOON, source="")


def test_ids_are_forgotten_after_their_time_and_no_new_bus_is_read_then(engine, lanes):
    take(engine, lanes, record(heard(ANN, 1), 0))
    with engine.begin() as tx:
        assert lanes.prune(tx, NOON) == 0
        assert lanes.prune(tx, NOON + timedelta(seconds=1)) == 1
    with engine.begin() as tx, pytest.raises(BusChangedError, match="could apply them twice"):
        forget(tx, lanes)


def test_what_was_applied_stays_applied_when_its_id_is_forgotten(engine, lanes):
    batch = [record(heard(ANN, n), n) for n in range(3)]
    take(engine, lanes, *batch)
    with engine.begin() as tx:
        assert lanes.prune(tx, NOON + timedelta(seconds=1)) == 3
    take(engine, lanes, *batch)
    assert len(notes(engine)) == 3


def test_the_age_of_the_view_is_counted_from_the_question_that_was_caught_up_with(engine, lanes):
    places = [Place("test.heard", n) for n in range(LANES)]
    goals, mine = Goals(), Place("test.heard", lane_of(ANN))
    asked_at = elapsed_seconds() - 1  # the server has run for longer
    goals.set({place: int(place == mine) for place in places}, asked_at)

    def age():
        with engine.begin() as tx:
            goals.note(tx, lanes, range(LANES))
            return lane_ages_seconds(tx, TABLES, "diary")[lane_of(ANN)]

    assert age() == math.inf
    take(engine, lanes, record(heard(ANN, 1), 0))
    assert 1 <= age() < 20

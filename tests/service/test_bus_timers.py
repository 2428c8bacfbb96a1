"""Timers fire once, at their moment, as events; the newest moment of a plan counts."""

from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest
import sqlalchemy as sa

from shared.bus import Lanes, arm, arm_from, disarm, make_engine, tell
from shared.bus.timers import next_due, sql_lane_of
from shared.clock import SteppedClock
from shared.events.base import WakeAt, Woke
from shared.ids import LANES, lane_of, timer_id
from tests.service.bus_world import (
    METADATA,
    NOON,
    NOTE,
    TABLES,
    WORKSPACE,
    Diary,
    contact,
    heard,
    notes,
    prepared,
    record,
    rows,
    take,
)

ANN, BOB = contact(1), contact(2)
HOUR = timedelta(hours=1)


@dataclass
class Group:
    """One group on its stepped clock, with what it heard."""

    engine: sa.Engine
    clock: SteppedClock
    lanes: Lanes
    woken: list

    def arm(self, cause, *wakes):
        with self.engine.begin() as tx:
            arm(tx, TABLES, "diary", [(cause, its) for its in wakes])

    def pass_time(self, moment):
        self.clock.move_to(moment)
        self.clock.act()

    def fire(self):
        with self.engine.begin() as tx:
            return self.lanes.wake(tx, range(LANES))


@pytest.fixture
def group(database):
    engine, clock, woken = make_engine(database("diary", METADATA)), SteppedClock(NOON), []
    diary = Diary(lambda tx, event: woken.append(event) or [])
    yield Group(engine, clock, prepared(engine, Lanes("diary", TABLES, diary, clock)), woken)
    engine.dispose()


def wake(who, plan, at):
    return WakeAt(who, WORKSPACE, plan, at)


def test_a_timer_fires_once_and_says_when_it_was_due(group):
    group.arm(BOB, wake(ANN, 3, NOON + HOUR))
    assert group.fire() == 0
    group.pass_time(NOON + 5 * HOUR)
    assert [group.fire(), group.fire()] == [1, 0]
    [woke] = group.woken
    assert woke == Woke(
        subject=ANN,
        workspace_id=WORKSPACE,
        id=timer_id(BOB, ANN, 3),
        cause_id=BOB,
        time=NOON + HOUR,
        plan=3,
    )


def test_while_the_world_speaks_no_timer_of_the_new_step_fires(group):
    group.arm(BOB, wake(ANN, 1, NOON), wake(ANN, 2, NOON + HOUR))
    group.clock.move_to(NOON + HOUR)
    assert group.fire() == 1
    group.clock.act()
    assert group.fire() == 1


def test_timers_fire_in_the_order_of_their_moments(group):
    group.arm(BOB, *[wake(contact(n), n, NOON + n * HOUR) for n in (5, 1, 3, 2, 4)])
    group.pass_time(NOON + 4 * HOUR)
    assert group.fire() == 4
    assert [woke.plan for woke in group.woken] == [1, 2, 3, 4]


def test_a_stale_plan_still_wakes_and_is_the_handler_s_business(group):
    group.arm(BOB, wake(ANN, 1, NOON), wake(ANN, 2, NOON), wake(ANN, 0, NOON))
    assert group.fire() == 3
    assert sorted(woke.plan for woke in group.woken) == [0, 1, 2]


def test_arming_a_plan_again_moves_its_timer_and_makes_it_another_event(group):
    group.arm(ANN, wake(ANN, 1, NOON))
    group.arm(BOB, wake(ANN, 1, NOON + HOUR))
    assert group.fire() == 0
    group.pass_time(NOON + HOUR)
    group.fire()
    assert [woke.id for woke in group.woken] == [timer_id(BOB, ANN, 1)]


def test_a_plan_that_was_armed_and_fired_twice_is_two_events(group):
    for cause in (ANN, BOB):
        group.arm(cause, wake(ANN, 1, NOON))
        assert group.fire() == 1
    assert len({woke.id for woke in group.woken}) == 2


def test_of_two_wakes_for_one_plan_the_last_one_counts(group):
    group.arm(BOB, wake(ANN, 1, NOON + HOUR), wake(ANN, 1, NOON))
    assert group.fire() == 1


def test_a_disarmed_timer_never_fires(group):
    group.arm(BOB, wake(ANN, 1, NOON), wake(ANN, 2, NOON))
    with group.engine.begin() as tx:
        disarm(tx, TABLES, "diary", [(ANN, 1), (BOB, 2)])
        disarm(tx, TABLES, "diary", [])
    group.fire()
    assert [woke.plan for woke in group.woken] == [2]


def test_a_timer_that_cannot_be_handled_now_is_still_there(group):
    group.arm(BOB, wake(ANN, 1, NOON))
    with group.engine.begin() as tx:
        group.lanes.wake(tx, range(LANES))
        tx.rollback()
    assert group.fire() == 1


def test_more_timers_than_fit_into_one_look_fire_one_look_later(group):
    many = [who for n in range(3000) if lane_of(who := contact(n)) == 4][:130]
    group.arm(BOB, *[wake(who, 1, NOON) for who in many])
    assert [group.fire(), group.fire(), group.fire()] == [100, 30, 0]
    assert {woke.subject for woke in group.woken} == set(many)


def test_the_next_moment_of_each_lane_is_known(group):
    group.arm(BOB, wake(ANN, 1, NOON + 2 * HOUR), wake(ANN, 2, NOON + HOUR))
    with group.engine.connect() as tx:
        due = next_due(tx, TABLES, "diary", range(LANES))
    assert due == [(lane_of(ANN), NOON + HOUR)]


def test_one_statement_arms_a_timer_for_every_contact_of_a_select(group):
    """As arming them one by one would: same lanes, same ids."""
    many = [contact(n) for n in range(100)]
    with group.engine.begin() as tx:
        rows_ = [{"subject": who, "topic": "", "number": 0} for who in many]
        tx.execute(sa.insert(NOTE), rows_)
        pool = sa.select(NOTE.c.subject, sa.literal(WORKSPACE, sa.Uuid))
        assert arm_from(tx, TABLES, "diary", BOB, pool, plan=7, at=NOON) == 100
    armed = {row.contact_id: row for row in rows(group.engine, TABLES.timer)}
    for who in many:
        row = armed[who]
        assert (row.lane, row.event_id) == (lane_of(who), timer_id(BOB, who, 7))
        assert (row.workspace_id, row.cause_id, row.due_at) == (WORKSPACE, BOB, NOON)
    assert group.fire() == 100


def test_arming_from_a_select_moves_the_timers_that_are_there(group):
    group.arm(ANN, wake(ANN, 0, NOON + HOUR))
    with group.engine.begin() as tx:
        pool = sa.select(sa.literal(ANN, sa.Uuid), sa.literal(WORKSPACE, sa.Uuid))
        assert arm_from(tx, TABLES, "diary", BOB, pool, plan=0, at=NOON) == 1
    assert group.fire() == 1


def test_the_database_computes_the_same_lane(group):
    many = [contact(n) for n in range(2000)]
    listed = sa.func.unnest(sa.literal(many, sa.ARRAY(sa.Uuid)))
    ids = listed.table_valued(sa.column("id", sa.Uuid)).render_derived()
    with group.engine.connect() as tx:
        found = dict(tx.execute(sa.select(ids.c.id, sql_lane_of(ids.c.id))).all())
    assert found == {who: lane_of(who) for who in many}
    assert set(found.values()) == set(range(LANES))


def test_what_a_batch_and_an_edge_arm_is_told_to_the_members(group):
    """The edge's NOTIFY comes with its commit, not before."""
    url = group.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as ear:
        ear.execute('listen "diary_outbox"')
        with group.engine.begin() as tx:
            tell(tx, TABLES, "diary", BOB, [heard(ANN, 1)], NOON)
            assert list(ear.notifies(timeout=0)) == []
        assert len(list(ear.notifies(timeout=10, stop_after=1))) == 1
        group.arm(BOB, wake(ANN, 1, NOON))
        assert len(list(ear.notifies(timeout=10, stop_after=1))) == 1


def test_timers_that_a_handler_sets_are_moved_with_its_events(group):
    def answer(tx, event):
        return [wake(ANN, 1, NOON), wake(ANN, 1, NOON + event.number * HOUR)]

    lanes = prepared(group.engine, Lanes("diary", TABLES, Diary(answer), group.clock))
    take(group.engine, lanes, record(heard(ANN, 1), 0), record(heard(ANN, 2), 1))
    [timer] = rows(group.engine, TABLES.timer)
    assert (timer.due_at, timer.cause_id) == (NOON + 2 * HOUR, heard(ANN, 2).id)
    assert len(notes(group.engine)) == 2

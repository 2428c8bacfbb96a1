"""Timers are rows. The owner of a lane takes the due ones in the lane's transaction.

Both looks go lane by lane (`lateral`): over several lanes at once the database would sort all
that is due, and a million waiting timers would make each look expensive.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.sql.dml import ReturningDelete
from sqlalchemy.sql.selectable import LateralFromClause

from shared.bus.outbox import notify
from shared.bus.tables import Row, Tables, insert_rows
from shared.events.base import WakeAt
from shared.ids import LANES, lane_of, timer_id

TIMERS_PER_LANE_MAX = 100  # taken at once


def arm(
    tx: sa.Connection, tables: Tables, group: str, wakes: Iterable[tuple[UUID, WakeAt]]
) -> None:
    """Set timers, each with its cause, also for contacts of other lanes.

    Arming a plan again moves its timer.
    """
    set_timers(tx, tables, group, wakes)
    notify(tx, tables, group)


def set_timers(
    tx: sa.Connection, tables: Tables, group: str, wakes: Iterable[tuple[UUID, WakeAt]]
) -> None:
    """Write the timers that each cause sets; of one contact and plan the last one counts."""
    last = {(wake.contact_id, wake.plan): (cause_id, wake) for cause_id, wake in wakes}
    if not last:
        return
    # In one order everywhere, so that two batches that arm the same contacts do not wait in a ring.
    rows = [_row(cause_id, wake) for _, (cause_id, wake) in sorted(last.items(), key=_key)]
    tx.execute(_moving(tables, insert_rows(tables.timer, rows, grp=group)))


def arm_from(
    tx: sa.Connection,
    tables: Tables,
    group: str,
    cause_id: UUID,
    contacts: sa.Select[tuple[UUID, UUID]],
    *,
    plan: int,
    at: datetime,
) -> int:
    """Set a timer for each row (contact_id, workspace_id) of a select; how many there were.

    One statement, however many contacts a campaign has. The select names each contact once.
    """
    rows = contacts.subquery("contacts")
    contact_id, workspace_id = rows.c
    text = sa.func.concat(str(cause_id), "/", contact_id, "/", str(plan))
    its = {
        "grp": sa.literal(group, sa.Text),
        "contact_id": contact_id,
        "plan": sa.literal(plan, sa.BigInteger),
        "workspace_id": workspace_id,
        "event_id": sa.cast(sa.func.md5(text), sa.Uuid),
        "cause_id": sa.literal(cause_id, sa.Uuid),
        "lane": sql_lane_of(contact_id),
        "due_at": sa.literal(at, sa.DateTime(timezone=True)),
    }
    ordered = sa.select(*its.values()).order_by(contact_id)
    insert = pg.insert(tables.timer).from_select(list(its), ordered)
    moving = _moving(tables, insert).execution_options(preserve_rowcount=True)
    count = tx.execute(moving).rowcount
    notify(tx, tables, group)
    return count


def disarm(
    tx: sa.Connection, tables: Tables, group: str, timers: Collection[tuple[UUID, int]]
) -> None:
    """Remove the timers of these (contact, plan), where there are any."""
    if not timers:
        return
    c = tables.timer.c
    these = sa.tuple_(c.contact_id, c.plan).in_(timers)
    tx.execute(sa.delete(tables.timer).where(c.grp == group, these))


def sql_lane_of(subject: sa.ColumnElement[UUID]) -> sa.ColumnElement[int]:
    """`shared.ids.lane_of` in the database."""
    return sa.cast(sa.func.crc32(sa.func.uuid_send(subject)) % LANES, sa.SmallInteger)


def next_due(
    tx: sa.Connection, tables: Tables, group: str, lanes: Collection[int]
) -> list[tuple[int, datetime]]:
    """When the first timer of each lane comes due; lanes without timers are left out."""
    rows = tx.execute(_next_due(tables), {"lanes": sorted(lanes), "grp": group})
    return [(row.lane, row.due_at) for row in rows]


def take_due(
    tx: sa.Connection, tables: Tables, group: str, lanes: Collection[int], now: datetime
) -> Sequence[sa.Row[Any]]:
    """Remove what is due and return it in the order of time. The lanes must be locked."""
    gone = tx.execute(_take_due(tables), {"lanes": sorted(lanes), "grp": group, "until": now})
    return sorted(gone, key=lambda row: (row.due_at, row.contact_id, row.plan))


# Members look thousands of times, so each statement is built once.


@cache
def _next_due(tables: Tables) -> sa.Select[Any]:
    first, lane = _first(tables, sa.true(), limit=1)
    return sa.select(lane.c.lane, first.c.due_at).select_from(lane.join(first, sa.true()))


@cache
def _take_due(tables: Tables) -> ReturningDelete[Any]:
    timer = tables.timer
    until = sa.bindparam("until", type_=sa.DateTime(timezone=True))
    first, lane = _first(tables, sa.column("due_at") <= until, limit=TIMERS_PER_LANE_MAX)
    chosen = sa.select(first.c.contact_id, first.c.plan).select_from(lane.join(first, sa.true()))
    these = sa.tuple_(timer.c.contact_id, timer.c.plan).in_(chosen)
    return sa.delete(timer).where(timer.c.grp == _GROUP, these).returning(timer)


_GROUP = sa.bindparam("grp", type_=sa.Text)


def _first(
    tables: Tables, ripe: sa.ColumnElement[bool], *, limit: int
) -> tuple[LateralFromClause, sa.TableValuedAlias]:
    """The first timers of each lane, for a join with the lanes."""
    these = sa.bindparam("lanes", type_=pg.ARRAY(sa.SmallInteger))
    lane = sa.func.unnest(these).table_valued(sa.column("lane", sa.SmallInteger)).render_derived()
    timer = tables.timer.alias("first_timer")
    rows = sa.select(timer).where(timer.c.grp == _GROUP, timer.c.lane == lane.c.lane, ripe)
    return rows.order_by(timer.c.due_at).limit(limit).lateral(), lane


def _row(cause_id: UUID, wake: WakeAt) -> Row:
    return {
        "contact_id": wake.contact_id,
        "plan": wake.plan,
        "workspace_id": wake.workspace_id,
        "event_id": timer_id(cause_id, wake.contact_id, wake.plan),
        "cause_id": cause_id,
        "lane": lane_of(wake.contact_id),
        "due_at": wake.at,
    }


def _key(item: tuple[tuple[UUID, int], object]) -> tuple[UUID, int]:
    return item[0]


def _moving(tables: Tables, insert: pg.Insert) -> pg.Insert:
    moved = {name: insert.excluded[name] for name in ("due_at", "event_id", "cause_id")}
    return insert.on_conflict_do_update(constraint=tables.timer.primary_key, set_=moved)

"""What an operator does about parked events: look, apply them again, or give one up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.bus.arrivals import Arrival, opened
from shared.bus.lanes import Lanes
from shared.bus.outbox import notify
from shared.ids import lane_of


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked event; nothing in it is anyone's data."""

    event_id: UUID
    subject: UUID
    topic: str
    cause: str
    parked_at: datetime


def parked_list(tx: sa.Connection, lanes: Lanes) -> list[Parked]:
    """The group's parked events, in the order in which they will be applied."""
    c = lanes.tables.parked.c
    columns = (c.event_id, c.subject, c.topic, c.cause, c.parked_at)
    rows = tx.execute(sa.select(*columns).where(c.grp == lanes.group).order_by(c.id))
    return [Parked(*row) for row in rows]


def parked_retry(tx: sa.Connection, lanes: Lanes, subject: UUID) -> int:
    """Apply a subject's parked events in order, up to the next that fails; how many went."""
    lanes.lock(tx, lanes.reach({row.topic for row in _rows(tx, lanes, subject)}, lane_of(subject)))
    # Read again, under the lock: the lanes may have parked or applied more.
    parked, applied = lanes.tables.parked, 0
    for row in _rows(tx, lanes, subject):
        arrival = Arrival(row.event_id, row.subject, row.lane, row.topic, row.headers, row.body)
        if fault := lanes.attempt(tx, [opened(arrival, lanes.kinds)], lanes.clock()):
            tx.execute(sa.update(parked).where(parked.c.id == row.id).values(cause=fault))
            break
        tx.execute(sa.delete(parked).where(parked.c.id == row.id))
        applied += 1
    notify(tx, lanes.tables, lanes.group)
    return applied


def parked_drop(tx: sa.Connection, lanes: Lanes, event_id: UUID) -> bool:
    """Give up one parked event for ever; whether it was there. The others still wait for retry."""
    parked = lanes.tables.parked
    its = (parked.c.grp == lanes.group, parked.c.event_id == event_id)
    return tx.execute(sa.delete(parked).where(*its)).rowcount > 0


def _rows(tx: sa.Connection, lanes: Lanes, subject: UUID) -> Sequence[sa.Row[Any]]:
    parked = lanes.tables.parked
    its = sa.select(parked).where(parked.c.grp == lanes.group, parked.c.subject == subject)
    return tx.execute(its.order_by(parked.c.id)).all()

"""What an operator does about parked events: look, apply them again, or give one up."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.bus.arrivals import Arrival, opened
from shared.bus.lanes import Lanes
from shared.bus.outbox import notify
from shared.bus.parked import BEHIND
from shared.bus.steps import Handler
from shared.events.base import Answer, Event
from shared.ids import lane_of


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked event; nothing in it is anyone's data."""

    group: str
    event_id: UUID
    subject: UUID
    topic: str
    cause: str
    parked_at: datetime


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of one parked event: applied, and what it says by topic; or why not."""

    group: str
    event_id: UUID
    subject: UUID
    topic: str
    cause: str = ""
    says: Mapping[str, int] = field(default_factory=dict)


def parked_list(tx: sa.Connection, lanes: Lanes) -> list[Parked]:
    """The group's parked events, in the order in which they will be applied."""
    c = lanes.tables.parked.c
    columns = (c.grp, c.event_id, c.subject, c.topic, c.cause, c.parked_at)
    rows = tx.execute(sa.select(*columns).where(c.grp == lanes.group).order_by(c.id))
    return [Parked(*row) for row in rows]


def parked_retry(tx: sa.Connection, lanes: Lanes, subject: UUID) -> list[Retried]:
    """Apply a subject's parked events in order, up to the next that fails; what became of each.

    Rolled back afterwards, it is a dry run: handlers do nothing that their transaction does not.
    """
    lanes.lock(tx, lanes.reach({row.topic for row in _rows(tx, lanes, subject)}, lane_of(subject)))
    # Read again, under the lock: the lanes may have parked or applied more.
    rows, results = _rows(tx, lanes, subject), list[Retried]()
    for row in rows:
        its = (lanes.group, row.event_id, row.subject, row.topic)
        if results and results[-1].cause:
            results.append(Retried(*its, cause=BEHIND))
            continue
        overheard = Overheard(lanes.handler)
        fault = _apply(tx, replace(lanes, handler=overheard), row)
        results.append(Retried(*its, cause=fault, says={} if fault else overheard.said))
    notify(tx, lanes.tables, lanes.group)
    return results


def parked_drop(tx: sa.Connection, lanes: Lanes, event_id: UUID) -> bool:
    """Give up one parked event for ever; whether it was there. The others still wait for retry."""
    parked = lanes.tables.parked
    its = (parked.c.grp == lanes.group, parked.c.event_id == event_id)
    if (row := tx.execute(sa.select(parked.c.subject, parked.c.topic).where(*its)).first()) is None:
        return False
    lanes.lock(tx, lanes.reach({row.topic}, lane_of(row.subject)))
    return tx.execute(sa.delete(parked).where(*its)).rowcount > 0


@dataclass(frozen=True, slots=True)
class Overheard:
    """A handler, and a count by topic of what it says."""

    handler: Handler
    said: Counter[str] = field(default_factory=Counter)

    @property
    def hears(self) -> Collection[type[Event]]:
        return self.handler.hears

    def __call__(
        self, tx: sa.Connection, inputs: Sequence[Event], now: datetime
    ) -> Sequence[Answer]:
        answers = self.handler(tx, inputs, now)
        outputs = [output for _, its in answers for output in its]
        self.said.update(output.topic for output in outputs if isinstance(output, Event))
        return answers


def _apply(tx: sa.Connection, lanes: Lanes, row: sa.Row[Any]) -> str:
    """Apply one parked event; the fault, if it still has one."""
    its = lanes.tables.parked.c.id == row.id
    arrival = Arrival(row.event_id, row.subject, row.lane, row.topic, row.headers, row.body)
    if fault := lanes.attempt(tx, [opened(arrival, lanes.kinds)], lanes.clock()):
        tx.execute(sa.update(lanes.tables.parked).where(its).values(cause=fault))
    else:
        tx.execute(sa.delete(lanes.tables.parked).where(its))
    return fault


def _rows(tx: sa.Connection, lanes: Lanes, subject: UUID) -> Sequence[sa.Row[Any]]:
    parked = lanes.tables.parked
    its = sa.select(parked).where(parked.c.grp == lanes.group, parked.c.subject == subject)
    return tx.execute(its.order_by(parked.c.id)).all()

"""Whether a group has anything left to do: asked of the database and the bus, never guessed."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from shared.bus.arrivals import Place
from shared.bus.lanes import Lanes
from shared.clock import due_until


class WorkLeft:
    """One statement about one group, built once: a driver asks it thousands of times."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        timer, outbox = lanes.tables.timer.c, lanes.tables.outbox.c
        now = sa.bindparam("now", type_=sa.DateTime(timezone=True))
        due = sa.exists().where(timer.grp == lanes.group, timer.due_at <= now)
        unsaid = sa.exists().where(outbox.grp == lanes.group)
        self._statement: sa.Select[Any] = sa.select(due, unsaid, _applied(lanes))

    def __call__(self, tx: sa.Connection, ends: Mapping[Place, int]) -> str:
        """The first kind of work that is left, '' for none.

        `ends` are those of every place that the group hears, asked before this. Parked events are
        not work: they wait for a person.
        """
        asked = tx.execute(self._statement, {"now": due_until(self._lanes.clock)})
        is_due, is_unsaid, applied = asked.one()
        # No position is ever beyond its end, so the sums are equal only if each place is.
        if behind := sum(ends.values()) - int(applied):
            return f"{behind} events to apply"
        if is_unsaid:
            return "events to publish"
        return "timers to fire" if is_due else ""


def _applied(lanes: Lanes) -> sa.ScalarSelect[Any]:
    """The sum of the group's positions in what it hears."""
    c = lanes.tables.position.c
    heard = sa.any_(sa.bindparam("topics", lanes.topics, pg.ARRAY(sa.Text)))
    total = sa.select(sa.func.coalesce(sa.func.sum(c.next), 0))
    return total.where(c.grp == lanes.group, c.topic == heard).scalar_subquery()

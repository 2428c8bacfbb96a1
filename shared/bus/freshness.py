"""How old a group's view of the world is.

At some moment we ask the bus for its ends; once every place of a lane has been applied up to there,
all that was said before that moment is known. The database's clock measures the age on both sides,
so the clocks of several machines need not agree.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from shared.bus.arrivals import Place
from shared.bus.lanes import Lanes
from shared.bus.tables import Tables
from shared.clock import elapsed_seconds
from shared.ids import LANES


def lane_ages_seconds(tx: sa.Connection, tables: Tables, group: str) -> dict[int, float]:
    """By lane: everything said of its subjects at least so long ago has been applied; wall time.

    Infinity for a lane of which that was never so since the database's server started, which may
    have been started on a backup.
    """
    c = tables.lane.c
    rows = tx.execute(sa.select(c.lane, _age(c.caught_up_at)).where(c.grp == group))
    known = {lane: float(seconds) for lane, seconds in rows if seconds is not None}
    return {lane: known.get(lane, math.inf) for lane in range(LANES)}


def view_ages_seconds(tx: sa.Connection, tables: Tables) -> dict[str, float]:
    """How old the oldest part of each group's view is; infinity for a part never known."""
    c = tables.lane.c
    age = _age(c.caught_up_at)
    oldest = sa.case((sa.func.bool_or(age.is_(None)), None), else_=sa.func.max(age))
    rows = tx.execute(sa.select(c.grp, oldest).group_by(c.grp))
    return {group: math.inf if seconds is None else float(seconds) for group, seconds in rows}


def lags(tx: sa.Connection, lanes: Lanes, ends: Mapping[Place, int]) -> dict[str, int]:
    """By topic: how many events the group has yet to hear. `ends` are those of the bus."""
    known, found = lanes.positions(tx, range(LANES)), dict.fromkeys(lanes.topics, 0)
    for place, end in ends.items():
        if place.topic in found:
            found[place.topic] += max(0, end - known.get(place, 0))
    return found


def _age(caught_up_at: sa.ColumnElement[datetime]) -> sa.ColumnElement[float]:
    """In seconds; null where it was not caught up since the server started."""
    age = sa.func.extract("epoch", sa.func.clock_timestamp() - caught_up_at)
    return sa.case((caught_up_at >= sa.func.pg_postmaster_start_time(), age))


@dataclass
class Goals:
    """For each lane the ends of the bus at some moment, until they are reached."""

    _by_lane: dict[int, tuple[float, dict[Place, int]]] = field(default_factory=dict)

    def set(self, ends: Mapping[Place, int], asked_at: float) -> None:
        """New goals for the lanes that reached theirs. `asked_at` is before the ends were read."""
        lanes = {place.lane for place in ends} - self._by_lane.keys()
        for lane in lanes:
            its = {place: end for place, end in ends.items() if place.lane == lane}
            self._by_lane[lane] = (asked_at, its)

    def note(self, tx: sa.Connection, lanes: Lanes, numbers: Collection[int]) -> None:
        """Write down which of these lanes have caught up, and with what."""
        mine = self._by_lane.keys() & set(numbers)
        if not mine:
            return
        known = lanes.positions(tx, mine)
        reached: dict[float, list[int]] = defaultdict(list)
        for number in mine:
            asked_at, ends = self._by_lane[number]
            if all(known.get(place, 0) >= end for place, end in ends.items()):
                reached[asked_at].append(number)
        lane = lanes.tables.lane
        for asked_at, its_lanes in reached.items():
            since = timedelta(seconds=elapsed_seconds() - asked_at)
            its = sa.update(lane).where(lane.c.grp == lanes.group, lane.c.lane.in_(its_lanes))
            tx.execute(its.values(caught_up_at=sa.func.clock_timestamp() - since))
            for number in its_lanes:
                del self._by_lane[number]

"""One batch, one transaction: the heart.

Promises, whatever is killed and whenever:
* an event has its effect exactly once: state, timers and answers commit together or not at all;
* the events of one contact are applied one after another, whichever topic or timer they come from;
* within a topic they are applied in the order of the topic.

How: the row `lane` is locked first. It keeps out a second owner, a stopped process that comes back,
and the timers of this very process. All else happens under that lock.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

import sqlalchemy as sa

from shared.bus.arrivals import Arrival, Place, Run, from_record, from_timer, opened
from shared.bus.faults import HandlerBrokenError, described, is_temporary
from shared.bus.outbox import say
from shared.bus.parked import BEHIND, among_parked, count_parked, park
from shared.bus.steps import Handler
from shared.bus.tables import Row, Tables, insert_rows
from shared.bus.timers import set_timers, take_due
from shared.bus.traces import heard, told
from shared.clock import Clock, due_until, wall_ns
from shared.crash import point
from shared.events.base import Answer, Event, WakeAt, Woke
from shared.ids import LANES

log = logging.getLogger(__name__)

PARKED_MAX = 50  # subjects of one group


@dataclass(frozen=True)
class Lanes:
    """The work of one group on its lanes. Every method runs in the caller's transaction."""

    group: str
    tables: Tables
    handler: Handler
    clock: Clock
    source: str = ""  # who says what the handler answers; the group when empty
    parked_max: int = PARKED_MAX

    @cached_property
    def kinds(self) -> dict[str, type[Event]]:
        """What is heard, by topic."""
        return {kind.topic: kind for kind in self.handler.hears}

    @property
    def topics(self) -> list[str]:
        return sorted(topic for topic in self.kinds if topic != Woke.topic)

    def take(self, tx: sa.Connection, runs: Sequence[Run]) -> list[Place]:
        """Apply what is new in these runs. The places returned must be read again from `next`."""
        lanes = {run.place.lane for run in runs}
        self.lock(tx, self.reach({run.place.topic for run in runs}, *lanes))
        # A statement of its own: it must see what the lock's last holder has committed.
        known = self.positions(tx, lanes)
        sound = [run for run in runs if run.start <= known.get(run.place, -1)]
        fresh = [r for run in sound for r in run.records if r.offset >= known[run.place]]
        self._apply(tx, self._first_time(tx, [from_record(record) for record in fresh]))
        self.move(tx, {run.place: max(run.end, known[run.place]) for run in sound})
        point("offset.before", len(sound))
        return [run.place for run in runs if run not in sound]

    def wake(self, tx: sa.Connection, lanes: Collection[int]) -> int:
        """Fire what is due, as if it were events; how many there were."""
        self.lock(tx, lanes)
        fired = take_due(tx, self.tables, self.group, lanes, due_until(self.clock))
        point("timer.before", len(fired))
        self._apply(tx, [from_timer(row, self.group) for row in fired])
        return len(fired)

    def attempt(self, tx: sa.Connection, arrivals: Sequence[Arrival], now: datetime) -> str:
        """Run the handler inside a savepoint; the fault, if it is one that will not pass."""
        if faults := [arrival.fault for arrival in arrivals if arrival.fault]:
            return faults[0]
        inputs, began = [arrival.event for arrival in arrivals if arrival.event], wall_ns()
        try:
            with tx.begin_nested():
                answers = self.handler(tx, inputs, now)
                said = self._answer(tx, answers, now)
        except Exception as error:
            if is_temporary(error):
                raise
            return described(error)
        heard(tx, self.group, inputs, answers, began)
        told(tx, self.group, self._source, said)
        return ""

    def prune(self, tx: sa.Connection, before: datetime) -> int:
        """Forget ids seen before then, so long ago that only positions guard what lies there."""
        c, lane = self.tables.inbox.c, self.tables.lane
        old = sa.delete(self.tables.inbox).where(c.grp == self.group, c.seen_at < before)
        if count := tx.execute(old).rowcount:
            tx.execute(sa.update(lane).where(lane.c.grp == self.group).values(pruned_to=before))
        return count

    def lock(self, tx: sa.Connection, lanes: Collection[int]) -> None:
        """Always in the same order, so that two owners cannot wait for each other."""
        lane = self.tables.lane
        rows = sa.select(lane.c.lane).where(lane.c.grp == self.group, lane.c.lane.in_(lanes))
        tx.execute(rows.order_by(lane.c.lane).with_for_update())

    def reach(self, topics: Collection[str], *lanes: int) -> Collection[int]:
        """The lanes that events of these topics and lanes may touch.

        What is said of a campaign or a workspace may touch contacts of every lane.
        """
        heard = (self.kinds.get(topic) for topic in topics)
        if any(kind.about != "contact" for kind in heard if kind):
            return range(LANES)
        return lanes

    def positions(self, tx: sa.Connection, lanes: Collection[int]) -> dict[Place, int]:
        """The next offset of each place that was ever read."""
        c = self.tables.position.c
        rows = sa.select(c.topic, c.lane, c.next).where(c.grp == self.group, c.lane.in_(lanes))
        return {Place(topic, lane): following for topic, lane, following in tx.execute(rows)}

    def move(self, tx: sa.Connection, ends: Mapping[Place, int]) -> None:
        """Set positions."""
        if not ends:
            return
        rows = [
            {"lane": place.lane, "topic": place.topic, "next": end} for place, end in ends.items()
        ]
        insert = insert_rows(self.tables.position, rows, grp=self.group)
        key, new = self.tables.position.primary_key, {"next": insert.excluded.next}
        tx.execute(insert.on_conflict_do_update(constraint=key, set_=new))

    def _first_time(self, tx: sa.Connection, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """Those whose id was never applied, each once, in the order of arrival."""
        by_id: dict[UUID, Arrival] = {}
        for arrival in arrivals:
            by_id.setdefault(arrival.id, arrival)
        if not by_id:
            return []
        inbox, rows = self.tables.inbox, [{"event_id": id_} for id_ in by_id]
        insert = insert_rows(inbox, rows, grp=self.group, seen_at=self.clock())
        new = set(tx.scalars(insert.on_conflict_do_nothing().returning(inbox.c.event_id)))
        return [arrival for id_, arrival in by_id.items() if id_ in new]

    def _apply(self, tx: sa.Connection, arrivals: Sequence[Arrival]) -> None:
        """Run the handler on all of them; park what fails, and what follows it for its subject."""
        if not arrivals:
            return
        now = self.clock()
        subjects = {arrival.subject for arrival in arrivals}
        waiting = among_parked(tx, self.tables, self.group, subjects)
        parked = [_behind(arrival) for arrival in arrivals if arrival.subject in waiting]
        ready = [opened(a, self.kinds) for a in arrivals if a.subject not in waiting]
        parked += self._sift(tx, ready, now)
        if parked:
            self._park(tx, parked, now)

    def _sift(self, tx: sa.Connection, arrivals: Sequence[Arrival], now: datetime) -> list[Arrival]:
        """Apply what can be; on a fault halve the subjects until the culprit is alone."""
        if not arrivals or not self.attempt(tx, arrivals, now):
            return []
        subjects = list(dict.fromkeys(arrival.subject for arrival in arrivals))
        if len(subjects) > 1:
            half = set(subjects[: len(subjects) // 2])
            first = self._sift(tx, [a for a in arrivals if a.subject in half], now)
            return first + self._sift(tx, [a for a in arrivals if a.subject not in half], now)
        for n, arrival in enumerate(arrivals):
            if fault := self.attempt(tx, [arrival], now):
                return [arrival._replace(fault=fault), *map(_behind, arrivals[n + 1 :])]
        return []

    def _park(self, tx: sa.Connection, parked: Sequence[Arrival], now: datetime) -> None:
        park(tx, self.tables, self.group, parked, now)
        if count_parked(tx, self.tables, self.group) > self.parked_max:
            sentence = f"more than {self.parked_max} contacts would be parked: {parked[0].fault}"
            raise HandlerBrokenError(sentence)
        for arrival in parked:
            if arrival.fault == BEHIND:
                continue
            ids = {"topic": arrival.topic, "subject": arrival.subject, "event_id": arrival.id}
            log.warning("parked: %s", arrival.fault, extra={"group": self.group, **ids})

    @property
    def _source(self) -> str:
        return self.source or self.group

    def _answer(self, tx: sa.Connection, answers: Sequence[Answer], now: datetime) -> list[Row]:
        said, armed = [], []
        for event, outputs in answers:
            for output in outputs:
                if isinstance(output, WakeAt):
                    armed.append((event.id, output))
                else:
                    said.append((event.id, output))
        rows = say(tx, self.tables, self.group, said, now, source=self._source)
        set_timers(tx, self.tables, self.group, armed)
        return rows


def _behind(arrival: Arrival) -> Arrival:
    return arrival._replace(fault=arrival.fault or BEHIND)

"""The bus: topics of twelve lanes, in which what was appended stays in its order.

Between two places there is no order at all, each reader sees a record when its lag lets it, and a
relay may append a record more than once.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from shared.bus.arrivals import Place
from shared.events import Event, MessageRequested
from shared.ids import lane_of
from tests.simulation.database import Database, Group
from tests.simulation.process import Loop, Rest
from tests.simulation.world import World


class Bus:
    def __init__(self, world: World) -> None:
        self.world = world
        self.logs: dict[Place, list[Event]] = {}
        self.appended: dict[UUID, datetime] = {}  # the first time of each
        self._readers: dict[str, list[Group]] = {}
        # Who is told of requests on their way, because something may cross them.
        self.overheard_by: Sequence[Callable[[MessageRequested], None]] = ()

    def let_read(self, group: Group) -> None:
        for topic in group.topics:
            self._readers.setdefault(topic, []).append(group)

    def append(self, event: Event) -> None:
        place = Place(event.topic, lane_of(event.subject))
        log = self.logs.setdefault(place, [])
        log.append(event)
        self.appended.setdefault(event.id, self.world.now)
        for group in self._readers.get(event.topic, ()):
            group.announce(place, log)
        if isinstance(event, MessageRequested):
            for cross in self.overheard_by:
                cross(event)


def relaying(database: Database, bus: Bus) -> Loop:
    """Publish what a service said, the oldest first; forget what has arrived.

    Each place has one batch on the way at a time and starts at its oldest row.
    """
    fate = database.world.fate
    while True:
        rows = sorted(database.outbox)[: fate.some(40)]
        if not rows:
            yield Rest(database.bell)
            continue
        batch = [(row, database.outbox[row]) for row in rows]
        yield "outbox read"
        for _, event in batch:
            bus.append(event)
            if fate.happens(fate.repeats):
                yield "published in part"
                bus.append(event)
        yield "published"
        if fate.happens(fate.repeats):  # the acknowledgement was lost
            continue
        for row, _ in batch:
            database.outbox.pop(row, None)
        yield "outbox shortened"


def reading(group: Group) -> Loop:
    """Take what can be seen of the group's topics, batch by batch."""
    while True:
        run = group.fetch()
        if run is None:
            yield Rest(group.news)
            continue
        yield "batch fetched"
        group.take(run)
        yield "batch applied"


def waking(group: Group) -> Loop:
    """Fire the group's timers when they are due."""
    while True:
        due = group.next_due
        if due is None or due > group.world.now:
            yield Rest(group.alarm, due)
            continue
        yield "timers seen"
        group.wake()
        yield "timers fired"

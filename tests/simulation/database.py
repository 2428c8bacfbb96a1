"""What a service keeps for ever: its tables, what it has yet to say, and its groups' positions.

The rules of one batch and one transaction stand here without a database: what is known is dropped,
the handler is asked, and its answers, its timers and the position are written with its tables.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from shared.bus.arrivals import Place
from shared.bus.steps import Handler
from shared.events import Event, Woke
from shared.events.base import Answer, WakeAt
from shared.ids import LANES, said_id, timer_id
from tests.simulation.process import Bell
from tests.simulation.world import World


class Run(NamedTuple):
    """Records of one place without a hole, the first of which stands at `start`."""

    place: Place
    start: int
    records: Sequence[Event]


class Timer(NamedTuple):
    due_at: datetime
    contact_id: UUID
    plan: int
    workspace_id: UUID
    event_id: UUID
    cause_id: UUID


class Database:
    """One service's. `tables` are the service's own; `said` is all that it ever had to say."""

    def __init__(self, world: World, name: str, tables: Any) -> None:
        self.world, self.name, self.tables = world, name, tables
        self.outbox: dict[int, Event] = {}
        self.said: list[Event] = []
        self.bell = Bell(world)

    def tell(self, cause_id: UUID, events: Iterable[Event]) -> None:
        """From the edge: the events' ids follow from their cause."""
        self.say((cause_id, event) for event in events)

    def say(self, said: Iterable[tuple[UUID, Event]]) -> None:
        """Put it where the relays find it."""
        ordinals: Counter[tuple[UUID, str]] = Counter()
        for cause_id, event in said:
            nth = (cause_id, event.topic)
            id_ = said_id(cause_id, self.name, event.topic, ordinals[nth])
            ordinals[nth] += 1
            its = {"id": id_, "cause_id": cause_id, "time": self.world.now}
            spoken = event.model_copy(update=its)
            self.said.append(spoken)
            self.outbox[len(self.said)] = spoken
            self.world.note("says", self.name, spoken)
        self.bell.ring()


class Group:
    """A consumer group of a service, and what it keeps in the service's database."""

    def __init__(self, name: str, database: Database, handler: Handler) -> None:
        self.name, self.database, self.handler = name, database, handler
        self.world = database.world
        self.topics = sorted(kind.topic for kind in handler.hears if kind is not Woke)
        self.news, self.alarm = Bell(self.world), Bell(self.world)
        self.inbox: set[UUID] = set()
        self.positions: dict[Place, int] = defaultdict(int)
        self.timers: dict[tuple[UUID, int], Timer] = {}
        # What the bus holds for this group, and from when on it sees each record.
        self.logs: dict[Place, list[Event]] = {}
        self._seen_from: dict[Place, list[datetime]] = defaultdict(list)
        self.unread: dict[Place, None] = {}
        self._behind_since: dict[int, datetime] = {}

    # -- reading

    def announce(self, place: Place, log: list[Event]) -> None:
        """The bus has one more record there. Within a place none is seen before an earlier one."""
        self.logs[place] = log
        seen_from = self._seen_from[place]
        lag = self.world.fate.lag(self.name, place.topic)
        seen_from.append(max([self.world.now + lag, *seen_from[-1:]]))
        self.unread[place] = None
        self._behind_since.setdefault(place.lane, self.world.now)
        self.world.at(seen_from[-1], self.news.ring)

    def fetch(self) -> Run | None:
        """Some of what can be seen, from one place; None when nothing new can be seen."""
        now, fate = self.world.now, self.world.fate
        ready = [one for one in self.unread if self._seen_from[one][self.positions[one]] <= now]
        if not ready:
            return None
        place = fate.one_of(ready)
        start, seen_from = self.positions[place], self._seen_from[place]
        end = min(start + fate.some(8), len(seen_from))
        end = next((n for n in range(start, end) if seen_from[n] > now), end)
        return Run(place, start, self.logs[place][start:end])

    def take(self, run: Run) -> None:
        """One batch, one transaction."""
        place, at = run.place, self.positions[run.place]
        fresh = run.records[max(0, at - run.start) :]
        self._apply([event for event in fresh if self._is_new(event)])
        self.positions[place] = max(at, run.start + len(run.records))
        if self.positions[place] == len(self.logs[place]):
            self.unread.pop(place, None)
            if not any(other.lane == place.lane for other in self.unread):
                self._behind_since.pop(place.lane, None)

    def lane_ages_seconds(self) -> dict[int, float]:
        """By lane: all that was on the bus so long ago has been applied."""
        since, now = self._behind_since, self.world.now
        return {lane: (now - since.get(lane, now)).total_seconds() for lane in range(LANES)}

    # -- timers

    def arm(self, cause_id: UUID, wakes: Iterable[WakeAt]) -> None:
        """Set timers. Arming a plan again moves its timer."""
        for wake in wakes:
            key = (wake.contact_id, wake.plan)
            id_ = timer_id(cause_id, *key)
            self.timers[key] = Timer(wake.at, *key, wake.workspace_id, id_, cause_id)
        self.alarm.ring()

    def disarm(self, contact_id: UUID, plan: int) -> None:
        self.timers.pop((contact_id, plan), None)

    @property
    def next_due(self) -> datetime | None:
        return min((timer.due_at for timer in self.timers.values()), default=None)

    def wake(self) -> None:
        """Fire what is due, as if it were events."""
        due = sorted(one for one in self.timers.values() if one.due_at <= self.world.now)
        for timer in due:
            self.disarm(timer.contact_id, timer.plan)
        self._apply([_woke(timer) for timer in due])

    # -- the transaction

    def _is_new(self, event: Event) -> bool:
        if event.id in self.inbox:
            return False
        self.inbox.add(event.id)
        return True

    def _apply(self, inputs: Sequence[Event]) -> None:
        if not inputs:
            return
        for event in inputs:
            self.world.note("hears", self.name, event)
        answers: Sequence[Answer] = self.handler(self.database.tables, inputs, self.world.now)
        outputs = [(event.id, output) for event, its in answers for output in its]
        self.database.say((cause, one) for cause, one in outputs if isinstance(one, Event))
        for cause, one in outputs:
            if isinstance(one, WakeAt):
                self.arm(cause, [one])


def _woke(timer: Timer) -> Woke:
    return Woke(
        subject=timer.contact_id,
        workspace_id=timer.workspace_id,
        id=timer.event_id,
        cause_id=timer.cause_id,
        time=timer.due_at,
        plan=timer.plan,
    )

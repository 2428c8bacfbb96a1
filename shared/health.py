"""What a service does and what is wrong with it, each thing with its consequence in words.

It is asked on connections of its own and in a bounded time, so that it answers when the service
itself cannot: when its connections are taken, its transactions wait, or a server is full or away.
"""

import asyncio
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from aiokafka.errors import KafkaError
from sqlalchemy.pool import NullPool

from shared.bus import Member, Place, Tables, described, ends_of, lags, view_ages_seconds
from shared.clock import Clock, due_until, speed_of
from shared.service import Complaint, Service
from shared.telemetry.metrics import COMPLAINTS, LAG, QUEUE, READY, UNPUBLISHED, VIEW, WAITING

ANSWER_SECONDS_MAX = 3
VIEW_SECONDS_MAX = 15.0  # as old as a gateway's knowledge may be
OUTBOX_SECONDS_MAX = 15.0

GOES_ON = {
    "bus": "nothing is heard or published meanwhile; what was said is kept",
    "database": "nothing is lost, and it goes on by itself",
    "work": "nothing is lost; it tries again and again, but this one may need a person",
}


@dataclass
class Figures:
    """How far a service is. What could not be asked for is missing.

    `lag` counts, by group and topic, the events that lie on the bus and are yet to be heard;
    `view_seconds` is the age of each group's view (None before it was ever whole), and
    `unpublished_seconds` that of the oldest event that the bus has yet to take. `queues` counts
    what stands in each queue of the database.
    """

    lag: dict[str, dict[str, int]] = field(default_factory=dict)
    view_seconds: dict[str, float | None] = field(default_factory=dict)
    unpublished_seconds: float = 0.0
    queues: dict[str, int] = field(default_factory=dict)


@dataclass
class Report:
    """What was found by looking once."""

    figures: Figures = field(default_factory=Figures)
    complaints: list[Complaint] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        return not any(one.stops for one in self.complaints)


@dataclass
class Health:
    """Looks at one service. Questions of one moment share an answer."""

    service: Service
    _asking: "asyncio.Task[Report] | None" = field(default=None, init=False)

    async def look(self) -> Report:
        """Everything there is to tell. Never raises; takes at most a few seconds."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        try:
            async with asyncio.timeout(3 * ANSWER_SECONDS_MAX):
                found = await asyncio.shield(self._asking)
        except TimeoutError:
            found = Report(complaints=[_away(f"no answer within {3 * ANSWER_SECONDS_MAX} s")])
        return Report(found.figures, [*found.complaints, *self._troubles()])

    async def complaints(self) -> list[Complaint]:
        """Everything that is wrong; empty for nothing."""
        return (await self.look()).complaints

    def _troubles(self) -> list[Complaint]:
        """What the members try in vain, each sentence once."""
        found = dict.fromkeys(one for member in self.service.members for one in member.troubles)
        return [Complaint(one.source, f"{one.sentence}: {GOES_ON[one.source]}") for one in found]

    async def _ask(self) -> Report:
        """First the bus for its ends, then the database how far it is."""
        ends = await self._ends()
        return await asyncio.to_thread(self._look, ends)

    async def _ends(self) -> Mapping[Place, int]:
        """Empty where the bus does not answer: of that the members complain."""
        topics = sorted({topic for group in self.service.groups for topic in group.topics})
        try:
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                return await ends_of(self.service.members[0].bus_url, topics)
        except (KafkaError, OSError):  # a TimeoutError is one
            return {}

    def _look(self, ends: Mapping[Place, int]) -> Report:
        """What the database knows."""
        report = Report()
        try:
            for engine in self.service.engines:
                self._look_into(engine, ends, report)
        except Exception as error:  # noqa: BLE001  whatever it is, it is what is to be told
            report.complaints.append(_away(described(error)))
        return report

    def _look_into(self, engine: sa.Engine, ends: Mapping[Place, int], report: Report) -> None:
        """A server that does not answer at all, such as the vault's, is a complaint of itself."""
        members = [member for member in self.service.members if member.engine is engine]
        own = sa.create_engine(
            engine.url, poolclass=NullPool, hide_parameters=True, connect_args=_IN_TIME
        )
        with own.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
            if not members:
                tx.execute(sa.select(1))
                return
            report.figures = self._figures(tx, members, ends)
            found = [*_parked(tx, members), *_unsaid(report.figures), *self._behind(report.figures)]
            report.complaints += [*found, *self.service.ailing(tx)]

    def _figures(
        self, tx: sa.Connection, members: Sequence[Member], ends: Mapping[Place, int]
    ) -> Figures:
        tables = members[0].lanes.tables
        ages = view_ages_seconds(tx, tables)
        hearing = sorted({member.lanes.group for member in members if member.lanes.topics})
        views = {group: ages.get(group, math.inf) for group in hearing}
        return Figures(
            {group.group: lags(tx, group, ends) for group in self.service.groups if ends},
            {group: None if age == math.inf else round(age, 1) for group, age in views.items()},
            _unpublished_seconds(tx, tables, members[0].lanes.clock),
            _queues(tx, tables, members[0].lanes.clock) | self.service.queues(tx),
        )

    def _behind(self, figures: Figures) -> list[Complaint]:
        found = []
        for group, age in figures.view_seconds.items():
            if age is not None and age <= VIEW_SECONDS_MAX:
                continue
            since = "has yet to hear all that was said" if age is None else f"{age:.0f} s behind"
            waiting = {topic: count for topic, count in figures.lag.get(group, {}).items() if count}
            events = "".join(f", {count:,} {topic}" for topic, count in waiting.items())
            then = self.service.behind.get(group, "what was said since waits")
            found.append(Complaint("view", f"view of {group} {since}{events}: {then}"))
        return found


def levels(reports: Mapping[str, Report]) -> dict[str, dict[tuple[str, ...], float]]:
    """What was found, by service, as figures by metric and labels. What is not known is missing."""
    found: dict[str, dict[tuple[str, ...], float]] = defaultdict(lambda: defaultdict(float))
    for service, report in reports.items():
        figures = report.figures
        found[READY.name][service,] = int(report.ready)
        for group, topics in figures.lag.items():
            for topic, lag in topics.items():
                found[LAG.name][service, group, topic] = lag
        for group, age in figures.view_seconds.items():
            found[VIEW.name][service, group] = math.inf if age is None else age
        if figures.queues:  # the database has answered
            found[UNPUBLISHED.name][service,] = figures.unpublished_seconds
        for queue, count in figures.queues.items():
            found[QUEUE.name][service, queue] = count
        for one in report.complaints:
            found[COMPLAINTS.name][service, one.name] += 1
            if one.waiting:
                found[WAITING.name][service, one.name] += one.waiting
    return found


def _away(why: str) -> Complaint:
    sentence = f"the database does not answer: {why}: nothing is heard, decided or sent meanwhile"
    return Complaint("database", " ".join(sentence.split()), stops=True)


def _parked(tx: sa.Connection, members: Sequence[Member]) -> list[Complaint]:
    c = members[0].lanes.tables.parked.c
    ask = sa.select(c.grp, sa.func.count(c.subject.distinct())).group_by(c.grp).order_by(c.grp)
    return [
        Complaint(
            "parked",
            f"{count} parked in {group}: nothing happens to them until a person looks",
            waiting=count,
        )
        for group, count in tx.execute(ask)
    ]


def _unpublished_seconds(tx: sa.Connection, tables: Tables, clock: Clock) -> float:
    """Ages are those of the service's own clock, turned into the wall's."""
    c = tables.outbox.c
    if (since := tx.scalar(sa.select(c.said_at).order_by(c.id).limit(1))) is None:
        return 0.0
    seconds: float = (clock() - since).total_seconds() / speed_of(clock)
    return max(0.0, round(seconds, 1))


def _queues(tx: sa.Connection, tables: Tables, clock: Clock) -> dict[str, int]:
    """What every service has: events to publish, and timers that are due."""
    unsaid = sa.select(sa.func.count()).select_from(tables.outbox)
    due = sa.select(sa.func.count()).where(tables.timer.c.due_at <= due_until(clock))
    return {"outbox": tx.scalar(unsaid) or 0, "timers_due": tx.scalar(due) or 0}


def _unsaid(figures: Figures) -> list[Complaint]:
    if (age := figures.unpublished_seconds) <= OUTBOX_SECONDS_MAX:
        return []
    sentence = f"unpublished for {age:.0f} s: other services have yet to hear what was decided"
    return [Complaint("outbox", sentence)]


_IN_TIME = {
    "connect_timeout": ANSWER_SECONDS_MAX,
    "options": f"-c statement_timeout={ANSWER_SECONDS_MAX}s -c timezone=UTC",
}

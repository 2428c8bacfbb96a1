"""What is wrong with a service, each thing with its consequence in words.

It is asked on a connection of its own and in a bounded time, so that it answers when the service
itself cannot: when its connections are taken, its transactions wait, or the server is full or away.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from shared.bus import Member, described, view_ages_seconds
from shared.clock import speed_of
from shared.service import Complaint, Service

ANSWER_SECONDS_MAX = 3
VIEW_SECONDS_MAX = 15.0  # as old as a gateway's knowledge may be
OUTBOX_SECONDS_MAX = 15.0

GOES_ON = {
    "bus": "nothing is heard or published meanwhile; what was said is kept",
    "database": "nothing is lost, and it goes on by itself",
    "work": "nothing is lost; it tries again and again, but this one may need a person",
}


@dataclass
class Health:
    """Looks at one service. Questions of one moment share an answer."""

    service: Service
    _asking: "asyncio.Task[list[Complaint]] | None" = field(default=None, init=False)

    async def complaints(self) -> list[Complaint]:
        """Everything that is wrong; empty for nothing. Never raises; at most a few seconds."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(asyncio.to_thread(self._look))
        try:
            async with asyncio.timeout(2 * ANSWER_SECONDS_MAX):
                found = await asyncio.shield(self._asking)
        except TimeoutError:
            found = [_away(f"no answer within {2 * ANSWER_SECONDS_MAX} s")]
        return [*found, *self._troubles()]

    def _troubles(self) -> list[Complaint]:
        """What the members try in vain, each sentence once."""
        found = dict.fromkeys(one for member in self.service.members for one in member.troubles)
        return [Complaint(one.source, f"{one.sentence}: {GOES_ON[one.source]}") for one in found]

    def _look(self) -> list[Complaint]:
        """What the database knows."""
        found: list[Complaint] = []
        try:
            for engine in self.service.engines:
                found += self._look_into(engine)
        except Exception as error:  # noqa: BLE001  whatever it is, it is what is to be told
            found.append(_away(described(error)))
        return found

    def _look_into(self, engine: sa.Engine) -> list[Complaint]:
        """A server that does not answer at all, such as the vault's, is a complaint of itself."""
        members = [member for member in self.service.members if member.engine is engine]
        own = sa.create_engine(
            engine.url, poolclass=NullPool, hide_parameters=True, connect_args=_IN_TIME
        )
        with own.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
            if not members:
                tx.execute(sa.select(1))
                return []
            found = [*_parked(tx, members), *_unsaid(tx, members), *self._behind(tx, members)]
            return [*found, *self.service.ailing(tx)]

    def _behind(self, tx: sa.Connection, members: Sequence[Member]) -> list[Complaint]:
        found = []
        ages = view_ages_seconds(tx, members[0].lanes.tables)
        for group in sorted({member.lanes.group for member in members if member.lanes.topics}):
            if (age := ages.get(group, math.inf)) <= VIEW_SECONDS_MAX:
                continue
            since = (
                "has yet to hear all that was said" if age == math.inf else f"{age:.0f} s behind"
            )
            then = self.service.behind.get(group, "what was said since waits")
            found.append(Complaint("view", f"view of {group} {since}: {then}"))
        return found


def _away(why: str) -> Complaint:
    sentence = f"the database does not answer: {why}: nothing is heard, decided or sent meanwhile"
    return Complaint("database", " ".join(sentence.split()), stops=True)


def _parked(tx: sa.Connection, members: Sequence[Member]) -> list[Complaint]:
    c = members[0].lanes.tables.parked.c
    ask = sa.select(c.grp, sa.func.count(c.subject.distinct())).group_by(c.grp).order_by(c.grp)
    return [
        Complaint(
            "parked", f"{count} parked in {group}: nothing happens to them until a person looks"
        )
        for group, count in tx.execute(ask)
    ]


def _unsaid(tx: sa.Connection, members: Sequence[Member]) -> list[Complaint]:
    """Ages are those of the service's own clock, turned into the wall's."""
    c = members[0].lanes.tables.outbox.c
    clock = members[0].lanes.clock
    if (since := tx.scalar(sa.select(c.said_at).order_by(c.id).limit(1))) is None:
        return []
    age = (clock() - since).total_seconds() / speed_of(clock)
    if age <= OUTBOX_SECONDS_MAX:
        return []
    sentence = f"unpublished for {age:.0f} s: other services have yet to hear what was decided"
    return [Complaint("outbox", sentence)]


_IN_TIME = {
    "connect_timeout": ANSWER_SECONDS_MAX,
    "options": f"-c statement_timeout={ANSWER_SECONDS_MAX}s -c timezone=UTC",
}

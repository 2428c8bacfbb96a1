"""Unknown touches, looked up: the provider is asked what it took for the number.

Three times, ever later, and as messages are sent: a row that is due, a call, and what it found is
written down; a look that a crash cuts off is made again. A message is recognised by recipient,
sender, moment and its exact words; where another touch could be meant as well, nothing is decided.
What the list does not show may have been accepted all the same: after the last look it is a
person's to find out.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from services.channels import saying
from services.channels.adapters.base import CALL_SECONDS_MAX, Accepted, Lister, Taken
from services.channels.edges import Edge
from services.channels.locks import lock_touches
from services.channels.settling import overhear
from services.channels.store import (
    CONTACT,
    GROUP,
    TABLES,
    TOUCH,
    Row,
    any_of,
    known_workspaces,
)
from services.channels.touching import State
from shared.bus import tell
from shared.bus.faults import described, is_temporary
from shared.ids import named
from shared.privacy.sealed import ContactKey, Sealed, unseal
from shared.words import Channel

log = logging.getLogger(__name__)

# After a touch became unknown; of the service's clock where it is stepped, else of the wall.
LOOKS_AFTER = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
LOOKS_AT_ONCE = 20
AROUND = timedelta(hours=1)  # clocks differ, and a paced touch is stamped ahead of its call
PAUSE_SECONDS, AWAY_SECONDS = 1.0, 30.0


@dataclass(frozen=True, slots=True)
class Question:
    """One touch that is looked up, and the number that it went to."""

    touch_id: UUID
    channel: Channel
    looked_up: int  # how often before
    to: str = field(repr=False)  # empty when it was forgotten, or is another by now


@dataclass(eq=False)
class Reconciler:
    """Looks up the unknown touches of these channels."""

    edge: Edge
    channels: Collection[Channel]
    lister: Lister
    _turning: asyncio.Lock = field(default_factory=asyncio.Lock)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                self._woken.clear()
                pause = await self._turn()
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._woken.wait()
        finally:
            await self.lister.close()

    async def _turn(self) -> float:
        """Look up what is due; how long to wait before the next turn."""
        try:
            async with self._turning:
                await self.look_up_due()
        except Exception as error:
            if not is_temporary(error):
                raise
            log.warning("look-ups wait: %s", described(error))
            return AWAY_SECONDS
        return PAUSE_SECONDS

    async def look_up_due(self) -> None:
        """Look up what is due now. Raises ConnectionError when the provider cannot be asked."""
        while questions := await asyncio.to_thread(self._due):
            for question in questions:
                await self._look_up(question)

    def nudge(self) -> None:
        self._woken.set()

    async def busy(self) -> str:
        async with self._turning:
            due = await self.next_due()
        return "touches to look up" if due and due <= self.edge.due_until() else ""

    async def next_due(self) -> datetime | None:
        return await asyncio.to_thread(self._first_due)

    def _first_due(self) -> datetime | None:
        its = (TOUCH.c.state == State.UNKNOWN, self._ours())
        ask = sa.select(TOUCH.c.looked_up, sa.func.min(TOUCH.c.settled_at)).where(*its)
        with self.edge.engine.connect() as tx:
            rows = tx.execute(ask.group_by(TOUCH.c.looked_up)).all()
        dues = [since + self._wait(n) for n, since in rows if since and n < len(LOOKS_AFTER)]
        return min(dues, default=None)

    def _wait(self, looked_up: int) -> timedelta:
        return LOOKS_AFTER[looked_up] * self.edge.speed

    def _ours(self) -> sa.ColumnElement[bool]:
        return TOUCH.c.channel.in_(self.channels)

    async def _look_up(self, question: Question) -> None:
        taken: Sequence[Taken] = ()
        if question.to:
            async with asyncio.timeout(CALL_SECONDS_MAX):
                taken = await self.lister.taken(question.channel, question.to)
        await asyncio.to_thread(self._settle, question, taken)

    def _due(self) -> list[Question]:
        """What is to be looked up now."""
        c, now = TOUCH.c, self.edge.due_until()
        due = [
            sa.and_(c.looked_up == n, c.settled_at <= now - self._wait(n))
            for n in range(len(LOOKS_AFTER))
        ]
        ask = sa.select(TOUCH).where(c.state == State.UNKNOWN, self._ours(), sa.or_(*due))
        with self.edge.engine.connect() as tx:
            rows = tx.execute(ask.order_by(c.settled_at, c.id).limit(LOOKS_AT_ONCE)).all()
            contacts = _contacts(tx, {row.contact_id for row in rows})
        keys = self.edge.vault.keys(contacts, fresh=True)
        return [
            Question(
                touch_id=row.id,
                channel=Channel(row.channel),
                looked_up=row.looked_up,
                to=_number(row, contacts.get(row.contact_id), keys.get(row.contact_id)),
            )
            for row in rows
        ]

    def _settle(self, question: Question, taken: Sequence[Taken]) -> None:
        """Write down what was found. Two that looked at the same time count as one."""

        def work(tx: sa.Connection) -> None:
            touch = lock_touches(tx, [question.touch_id])[question.touch_id]
            looks = max(touch.looked_up, question.looked_up + 1)
            tx.execute(sa.update(TOUCH).where(TOUCH.c.id == touch.id).values(looked_up=looks))
            if found := self._recognise(tx, touch, question, taken):
                now = self.edge.now()
                said = overhear(tx, touch, Accepted(found.provider_id), now)
                tell(tx, TABLES, GROUP, named("look-up", touch.id), said, now, under=touch.id)

        self.edge.transact(work)

    def _recognise(
        self, tx: sa.Connection, touch: Row, question: Question, taken: Sequence[Taken]
    ) -> Taken | None:
        """The one message that is this touch's, if no other touch could be meant by it."""
        settled = _named(tx, [one.provider_id for one in taken])
        around = AROUND * self.edge.speed
        free = [
            one
            for one in taken
            if one.provider_id not in settled
            and abs(one.at - touch.reserved_at) <= around
            and self._says(touch, one)
        ]
        if len(free) != 1:
            return None
        hashes = [self.edge.hasher(one).phone(question.to) for one in known_workspaces(tx)]
        rivals = _open_at(tx, hashes, question.channel)
        meant = [rival.id for rival in rivals if self._says(rival, free[0])]
        return free[0] if meant == [touch.id] else None

    def _says(self, touch: Row, taken: Taken) -> bool:
        """Whether these are the words of this touch, of which only a keyed hash is kept."""
        hasher = self.edge.hasher(touch.workspace_id)
        return hasher.content(taken.text) == saying.told_of(touch).text_digest


def _contacts(tx: sa.Connection, contacts: Collection[UUID]) -> dict[UUID, Row]:
    these = CONTACT.c.contact_id == any_of("contacts", contacts, sa.Uuid)
    return {row.contact_id: row for row in tx.execute(sa.select(CONTACT).where(these))}


def _number(touch: Row, contact: Row | None, key: ContactKey | None) -> str:
    """The number that a touch went to, if it is still the contact's."""
    if contact is None or key is None or contact.phone_hash != touch.address_hash:
        return ""
    return unseal(Sealed[str](contact.phone), str, key)


def _named(tx: sa.Connection, provider_ids: Collection[str]) -> set[str]:
    """Those of these names that some touch has."""
    these = TOUCH.c.provider_id == any_of("names", provider_ids, sa.Text)
    return set(tx.scalars(sa.select(TOUCH.c.provider_id).where(these)))


def _open_at(tx: sa.Connection, hashes: Collection[str], channel: Channel) -> Sequence[Row]:
    """Touches to these addresses of which it is not known whether they were accepted."""
    c = TOUCH.c
    there = (c.address_hash == any_of("hashes", hashes, sa.Text), c.channel == channel)
    waiting = c.state.in_((State.RESERVED, State.UNKNOWN))
    return tx.execute(sa.select(TOUCH).where(*there, waiting)).all()

"""The reserving transaction: which requests are due, and what becomes of each of them.

A touch is written as reserved, with a timer that makes it unknown, before its provider is called.
Whatever happens then, there is never a second call for the same plan.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.channels import saying
from services.channels.adapters.base import Outgoing
from services.channels.composing import compose
from services.channels.edges import Edge
from services.channels.looking import Desk, look, touch_of
from services.channels.pacing import Limit, kept, send_times
from services.channels.queueing import not_in_hand
from services.channels.rendering import TooLongError, UnfilledError
from services.channels.reserving import Go, Lose, Refuse, Wait, may_send
from services.channels.store import (
    GROUP,
    PACE,
    REQUEST,
    TABLES,
    TEMPLATE,
    TOUCH,
    Making,
    Row,
    TouchRow,
)
from services.channels.touching import State
from services.channels.view import View
from shared.bus import arm, insert_rows, lane_ages_seconds, tell
from shared.bus.faults import described
from shared.clock import elapsed_seconds, utc_now
from shared.events import MessageSent, Person, WakeAt
from shared.ids import LANES, touch_id_of
from shared.privacy.sealed import ContactKey, Sealed, unseal
from shared.telemetry.metrics import REFUSED
from shared.words import Channel, Refusal

log = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(milliseconds=200)  # of the wall, when our knowledge is behind
UNKNOWN_AFTER = timedelta(seconds=30)  # longer than any provider call lasts


@dataclass(frozen=True, slots=True)
class Reserved:
    """A touch whose call is to be made now."""

    outgoing: Outgoing
    request_id: UUID
    contact_id: UUID
    plan: int


@dataclass(frozen=True, slots=True)
class Ready:
    """A request that may go, with the words that leave."""

    view: View
    go: Go
    outgoing: Outgoing


@dataclass(frozen=True, slots=True)
class Taking:
    """Takes due requests of one channel. `limit` is the sender's."""

    edge: Edge
    channel: Channel
    limit: Limit
    began: float = field(default_factory=elapsed_seconds)

    def reserve(self, tx: sa.Connection, free: int) -> list[Reserved]:
        """Judge up to `free` due requests; those that go are reserved and returned.

        None until all that was said before this process began has been heard, our own words too:
        on a restored database a request that was dealt with already would be dealt with again.
        """
        now, wall = self.edge.now(), utc_now()
        if not self._due(tx, wall, 1):
            return []
        since_the_beginning = elapsed_seconds() - self.began
        ages = self._ages(tx)
        if max(ages.values()) > since_the_beginning:
            return []
        past = self._lock_pace(tx)
        times = send_times(past, now, self.limit, free)
        if not self.edge.stepped:  # there a step is one moment, and its times lie within it
            times = [time for time in times if time <= now]
        rows = self._due(tx, wall, len(times))
        if not rows:
            return []
        desk = look(tx, rows, self.channel, ages, self.edge.due_until())
        keys = self.edge.vault.keys({row.contact_id for row in rows}, fresh=True)
        going: list[Reserved] = []
        touches: list[TouchRow] = []
        for row in rows:
            view = desk.view(row, wall)
            match self._judged(view, desk, keys, now):
                case Wait():
                    self._wait(tx, row, wall)
                case Refuse() as verdict:
                    self._refuse(tx, row, view, verdict, now)
                case Lose() as verdict:
                    self._lose(tx, row, view, verdict, now)
                case Ready() as ready:
                    touch = self._touch(ready, times[len(going)])
                    desk.touches.append(touch_of(touch))
                    touches.append(touch)
                    going.append(Reserved(ready.outgoing, row.id, row.contact_id, row.plan))
        self._write_touches(tx, touches, now)
        self._keep_pace(tx, [*past, *times[: len(going)]])
        return going

    def _ages(self, tx: sa.Connection) -> dict[int, float]:
        """In seconds, by lane. On the stepped clock all is heard before anything is due."""
        if self.edge.stepped:
            return dict.fromkeys(range(LANES), 0.0)
        return lane_ages_seconds(tx, TABLES, GROUP)

    def _due(self, tx: sa.Connection, wall: datetime, limit: int) -> Sequence[Row]:
        """First come, first served. A request that has a touch is in hand."""
        c = REQUEST.c
        due = (c.channel == self.channel, c.due_at <= self.edge.due_until())
        looked = sa.or_(c.look_at.is_(None), c.look_at <= wall)
        ask = sa.select(REQUEST).where(*due, looked, not_in_hand(), self._has_templates())
        return tx.execute(ask.order_by(c.asked_at, c.contact_id, c.plan).limit(limit)).all()

    def _has_templates(self) -> sa.ColumnElement[bool]:
        """On WhatsApp nothing leaves while templates of its workspace are being made."""
        if self.channel is not Channel.WHATSAPP:
            return sa.true()
        pending = TEMPLATE.c.state == Making.PENDING
        return ~sa.exists().where(TEMPLATE.c.workspace_id == REQUEST.c.workspace_id, pending)

    def _judged(
        self, view: View, desk: Desk, keys: Mapping[UUID, ContactKey], now: datetime
    ) -> Ready | Refuse | Wait | Lose:
        try:
            verdict = may_send(view, now)
            if not isinstance(verdict, Go):
                return verdict
            key = keys.get(view.request.subject)
            if key is None:
                return Refuse(Refusal.UNKNOWN_CONTACT, "the contact was forgotten")
            return Ready(view, verdict, self._composed(view, verdict, desk, key))
        except UnfilledError as error:
            return Refuse(Refusal.NOT_SIGNED, f"nothing fills the place {error}")
        except TooLongError:
            return Refuse(Refusal.NOT_SIGNED, "longer than the channel carries")
        except (ValueError, LookupError) as error:  # such as a zone that does not exist
            log.warning("%s: a request cannot be judged: %s", self.channel, described(error))
            return Refuse(Refusal.NOT_PERMITTED, f"cannot be judged: {described(error)}")

    def _composed(self, view: View, go: Go, desk: Desk, key: ContactKey) -> Outgoing:
        request = view.request
        contact = desk.contacts[request.subject]
        sealed = contact.mailbox if self.channel is Channel.EMAIL else contact.phone
        mails = [touch.id for touch in view.touches if touch.channel is Channel.EMAIL]
        campaign = desk.campaigns[request.campaign_id] if request.campaign_id else None
        return compose(
            view,
            go,
            touch_id=touch_id_of(request.id),
            to=unseal(Sealed[str](sealed), str, key),
            person=unseal(Sealed[Person](contact.person), Person, key),
            brief=campaign.brief if campaign else {},
            follows=mails[-1] if mails and self.channel is Channel.EMAIL else None,
        )

    def _wait(self, tx: sa.Connection, row: Row, wall: datetime) -> None:
        new = {"look_at": wall + LOOK_AGAIN, "waits_since": row.waits_since or wall}
        tx.execute(sa.update(REQUEST).where(REQUEST.c.id == row.id).values(new))

    def _refuse(
        self, tx: sa.Connection, row: Row, view: View, verdict: Refuse, now: datetime
    ) -> None:
        tx.execute(sa.delete(REQUEST).where(REQUEST.c.id == row.id))
        tell(tx, TABLES, GROUP, row.id, saying.refused(view, verdict, now), now, under=row.id)
        REFUSED.labels(self.channel, verdict.refusal).inc()

    def _lose(self, tx: sa.Connection, row: Row, view: View, verdict: Lose, now: datetime) -> None:
        said = saying.lost(view, verdict, now)
        tx.execute(sa.delete(REQUEST).where(REQUEST.c.id == row.id))
        touch = touch_row(said[0], row.id, State.UNKNOWN).model_dump()
        tx.execute(sa.insert(TOUCH).values(touch | {"settled_at": now}))
        tell(tx, TABLES, GROUP, row.id, said, now, under=row.id)

    def _touch(self, ready: Ready, reserved_at: datetime) -> TouchRow:
        digest = self.edge.hasher(ready.view.request.workspace_id).content(ready.outgoing.text)
        sent = saying.reserved(ready.view, ready.go, digest, reserved_at)
        return touch_row(sent, ready.view.request.id, State.RESERVED)

    def _write_touches(self, tx: sa.Connection, touches: Sequence[TouchRow], now: datetime) -> None:
        """Reserve them, and see to it that none stays reserved for ever."""
        if not touches:
            return
        tx.execute(insert_rows(TOUCH, [touch.model_dump() for touch in touches]))
        at = now + UNKNOWN_AFTER * self.edge.speed
        arm(
            tx,
            TABLES,
            GROUP,
            [
                (one.request_id, WakeAt(one.contact_id, one.workspace_id, one.plan, at))
                for one in touches
            ],
        )

    def _lock_pace(self, tx: sa.Connection) -> list[datetime]:
        """One at a time reserves for a sender."""
        its = {"sender": self.channel, "times": []}
        tx.execute(pg.insert(PACE).values(its).on_conflict_do_nothing())
        ask = sa.select(PACE.c.times).where(PACE.c.sender == self.channel)
        return list(tx.scalars(ask.with_for_update()).one())

    def _keep_pace(self, tx: sa.Connection, times: Sequence[datetime]) -> None:
        its = sa.update(PACE).where(PACE.c.sender == self.channel)
        tx.execute(its.values(times=kept(times, self.limit)))


def touch_row(sent: MessageSent, request_id: UUID, state: State) -> TouchRow:
    """A touch as it is kept."""
    return TouchRow(
        id=sent.touch_id,
        request_id=request_id,
        workspace_id=sent.workspace_id,
        campaign_id=sent.campaign_id,
        contact_id=sent.subject,
        plan=sent.plan,
        channel=sent.channel,
        purpose=sent.purpose,
        language=sent.language,
        slots=len(sent.slots),
        is_answer=sent.is_answer,
        address_hash=sent.address_hash,
        state=state,
        reserved_at=sent.reserved_at or sent.time,
        answer_until=sent.answer_until,
        provider_id=sent.provider_id,
        sent=sent.body(),
    )

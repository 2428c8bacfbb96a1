"""What is to be said on one channel: each request becomes a row with the moment it is due.

Where several contacts share the address, it is due a little later, so that of those who ask at the
same time the first in order goes, in whatever order they arrive.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.channels.store import CONTACT, REQUEST, TOUCH, RequestRow, any_of
from shared.events import REQUESTED, Answer, Event, MessageRequested
from shared.words import Channel

CONTEST = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Requests:
    """Hears the requests of one channel. `expect` is told that there will be something to send."""

    channel: Channel
    expect: Callable[[], None]

    @property
    def hears(self) -> Collection[type[Event]]:
        return (REQUESTED[self.channel],)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], _: datetime) -> list[Answer]:
        requests = [event for event in inputs if isinstance(event, MessageRequested)]
        sharing = _sharing(tx, self.channel, {event.subject for event in requests})
        spoken = _spoken(tx, requests)
        rows = [
            _row(event, CONTEST if event.subject in sharing else timedelta())
            for event in requests
            if (event.subject, event.plan) not in spoken
        ]
        if rows:
            tx.execute(pg.insert(REQUEST).on_conflict_do_nothing(), rows)
            self.expect()
        return []


def _row(event: MessageRequested, contest: timedelta) -> dict[str, object]:
    return RequestRow(
        id=event.id,
        cause_id=event.cause_id,
        workspace_id=event.workspace_id,
        campaign_id=event.campaign_id,
        contact_id=event.subject,
        plan=event.plan,
        channel=event.channel,
        asked_at=event.time,
        due_at=event.time + contest,
        body=event.body(),
    ).model_dump()


def _sharing(tx: sa.Connection, channel: Channel, contacts: Collection[UUID]) -> set[UUID]:
    """Those whose address somebody else has too."""
    column = "mailbox_hash" if channel is Channel.EMAIL else "phone_hash"
    own, other = CONTACT.alias("own"), CONTACT.alias("other")
    shared = sa.and_(own.c[column] == other.c[column], own.c.contact_id != other.c.contact_id)
    ask = sa.select(own.c.contact_id).join(other, shared)
    return set(tx.scalars(ask.where(own.c.contact_id == any_of("ours", contacts, sa.Uuid))))


def _spoken(tx: sa.Connection, requests: Sequence[MessageRequested]) -> set[tuple[UUID, int]]:
    """The plans for which there is a touch already: they are never asked for again."""
    plans = [(event.subject, event.plan) for event in requests]
    ask = sa.select(TOUCH.c.contact_id, TOUCH.c.plan)
    rows = tx.execute(ask.where(sa.tuple_(TOUCH.c.contact_id, TOUCH.c.plan).in_(plans)))
    return {(row.contact_id, row.plan) for row in rows}

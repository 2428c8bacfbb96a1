"""What the gateways themselves said, heard again: a restored database learns what it once knew.

After a restore from a backup the log knows touches, replies and opt-outs that the database does
not. From the gateways' own words they are rebuilt, and nothing is sent until all of these are
heard. What was asked for before the restore was noticed and not told of may have been sent by a
process that is gone: it is lost, which is to say unknown. Any other database knows all this.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.channels.adapters.base import Accepted, Refused, Unknown
from services.channels.inbound import close_touches, remember
from services.channels.locks import lock_holders, lock_touches
from services.channels.settling import learn_of
from services.channels.store import (
    CONTACT,
    INBOUND,
    REQUEST,
    RESTORE,
    TOUCH,
    ContactRow,
    any_of,
)
from services.channels.suppressing import Silence, suppress
from services.channels.taking import touch_row
from services.channels.touching import Fact, State
from shared.events import Answer, ContactSuppressed, Event, MessageSent, ReplyReceived
from shared.words import Channel, Result

STATES = {
    Result.ACCEPTED: State.ACCEPTED,
    Result.UNKNOWN: State.UNKNOWN,
    Result.REFUSED: State.REFUSED,
}
UNSETTLED = (State.RESERVED, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class OwnTouches:
    """A plan that was told of has a touch, and is never asked for again."""

    hears: Collection[type[Event]] = (MessageSent,)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], now: datetime) -> list[Answer]:
        told = [event for event in inputs if isinstance(event, MessageSent)]
        if not told:
            return []
        new = _remember_touches(tx, told)
        answers, settled = _learn_results(tx, told, now)
        # What is refused before its call leaves no touch, so that it proves nothing.
        forgotten = any(event.touch_id in new for event in told if event.result != Result.REFUSED)
        if forgotten or settled:
            tx.execute(pg.insert(RESTORE).values(noticed_at=now).on_conflict_do_nothing())
        return answers


def _remember_touches(tx: sa.Connection, told: Sequence[MessageSent]) -> set[UUID]:
    """Which of them were not known, as they were first told of; their requests are done with."""
    first = {event.touch_id: event for event in reversed(told)}
    rows = [
        touch_row(event, event.cause_id, STATES[event.result]).model_dump()
        | {"settled_at": event.time}
        for event in first.values()
    ]
    insert = pg.insert(TOUCH).values(rows).on_conflict_do_nothing().returning(TOUCH.c.id)
    new = set(tx.scalars(insert))
    plans = sa.tuple_(REQUEST.c.contact_id, REQUEST.c.plan)
    done = [(event.subject, event.plan) for event in told]
    tx.execute(sa.delete(REQUEST).where(plans.in_(done)))
    return new


def _learn_results(
    tx: sa.Connection, told: Sequence[MessageSent], now: datetime
) -> tuple[list[Answer], bool]:
    """Settle what was told as settled; whether a touch was still reserved here.

    One that is unknown here may have been told as such since, so what it was is told once more.
    """
    its = TOUCH.c.id == any_of("touches", {event.touch_id for event in told}, sa.Uuid)
    unsettled = set(tx.scalars(sa.select(TOUCH.c.id).where(its, TOUCH.c.state.in_(UNSETTLED))))
    answers: list[Answer] = []
    was_reserved = False
    for event in told:
        if event.touch_id in unsettled:
            [touch] = lock_touches(tx, [event.touch_id]).values()
            was_reserved |= touch.state == State.RESERVED
            said = learn_of(tx, touch, _fact(event), now)
            answers += [(event, said)] if touch.state == State.UNKNOWN else []
    return answers, was_reserved


def _fact(event: MessageSent) -> Fact:
    match event.result:
        case Result.ACCEPTED:
            return Accepted(event.provider_id)
        case Result.UNKNOWN:
            return Unknown("so it was told")
        case Result.REFUSED:
            return Refused(event.code)


@dataclass(frozen=True, slots=True)
class OwnReplies:
    """A reply that was told of keeps its number, closes what it answered and is not heard twice."""

    hears: Collection[type[Event]] = (ReplyReceived,)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], _: datetime) -> list[Answer]:
        replies = [event for event in inputs if isinstance(event, ReplyReceived)]
        names = any_of("names", {event.provider_id for event in replies}, sa.Text)
        known = set(
            tx.scalars(sa.select(INBOUND.c.provider_id).where(INBOUND.c.provider_id == names))
        )
        for event in replies:
            if event.provider_id not in known:
                _remember_reply(tx, event)
        return []


def _remember_reply(tx: sa.Connection, event: ReplyReceived) -> None:
    """A writer whom no import knows is made anew: known by the address, never written to."""
    kind = "mailbox_hash" if event.channel is Channel.EMAIL else "phone_hash"
    writer = ContactRow(contact_id=event.subject, workspace_id=event.workspace_id).model_dump()
    its = writer | {kind: event.address_hash}
    tx.execute(pg.insert(CONTACT).values(its).on_conflict_do_nothing())
    lock_holders(tx, {event.address_hash: event.workspace_id}, also=[event.subject])
    remember(tx, event, event.time)
    close_touches(tx, event, event.time, TOUCH.c.reserved_at <= event.time)


@dataclass(frozen=True, slots=True)
class OwnList:
    """Whoever was told of as suppressed is on the list."""

    hears: Collection[type[Event]] = (ContactSuppressed,)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], _: datetime) -> list[Answer]:
        for event in [event for event in inputs if isinstance(event, ContactSuppressed)]:
            workspace_of = dict.fromkeys(event.address_hashes, event.workspace_id)
            contacts = lock_holders(tx, workspace_of, also=[event.subject])
            whole = set(event.channels) == set(Channel) and event.subject in contacts
            bound = [contacts[event.subject]] if whole else []
            silence = Silence(event.everything, event.source, event.since)
            suppress(tx, bound, silence, also=event.address_hashes)
        return []

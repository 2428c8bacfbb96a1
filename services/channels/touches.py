"""Touches that end, or are found, without a call: by their timer, or in the log."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from services.channels.adapters.base import Unknown
from services.channels.locks import lock_touches
from services.channels.settling import overhear
from services.channels.store import REQUEST, TOUCH
from services.channels.taking import touch_row
from services.channels.touching import State
from shared.events import Answer, Event, MessageSent, Woke
from shared.words import Result

NEVER_SAID = Unknown("its call was never told of")


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What the gateways themselves said, so that it is not said again.

    After a restore from a backup the log knows touches that the database does not.
    """

    hears: Collection[type[Event]] = (MessageSent,)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], _: datetime) -> list[Answer]:
        states = {Result.ACCEPTED: State.ACCEPTED, Result.UNKNOWN: State.UNKNOWN}
        said = [
            event
            for event in [event for event in inputs if isinstance(event, MessageSent)]
            if event.result in states
        ]
        if said:
            rows = [
                touch_row(event, event.cause_id, states[event.result]) | {"settled_at": event.time}
                for event in said
            ]
            tx.execute(pg.insert(TOUCH).on_conflict_do_nothing(), rows)
            plans = [(event.subject, event.plan) for event in said]
            these = sa.tuple_(REQUEST.c.contact_id, REQUEST.c.plan).in_(plans)
            tx.execute(sa.delete(REQUEST).where(these))
        return []


@dataclass(frozen=True, slots=True)
class Deadlines:
    """A touch that is still reserved when its timer fires: nobody knows what came of its call."""

    hears: Collection[type[Event]] = (Woke,)

    def __call__(self, tx: sa.Connection, inputs: Sequence[Event], now: datetime) -> list[Answer]:
        answers: list[Answer] = []
        for event in [event for event in inputs if isinstance(event, Woke)]:
            its = (TOUCH.c.contact_id == event.subject, TOUCH.c.plan == event.plan)
            touches = lock_touches(tx, tx.scalars(sa.select(TOUCH.c.id).where(*its)).all())
            answers += [(event, overhear(tx, one, NEVER_SAID, now)) for one in touches.values()]
        return answers

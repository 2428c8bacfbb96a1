"""Touches that end without a call having been told of: by their timer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from services.channels.adapters.base import Unknown
from services.channels.locks import lock_touches
from services.channels.settling import overhear
from services.channels.store import TOUCH
from shared.events import Answer, Event, Woke

NEVER_SAID = Unknown("its call was never told of")


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
